//! JSON Patch (RFC 6902) within bounds.
//!
//! A patch is small and what it makes need not be: `copy` can double a document, in size or in
//! depth, with every operation. Twenty operations would take all memory, or nest values so deeply
//! that the stack of the thread that drops them ends, and the process with it.

use crate::http::json::MAX_DEPTH;
use json_patch::jsonptr::Pointer;
use json_patch::{Patch, PatchOperation};
use serde_json::Value;

/// Most operations of one patch; what is patched here has a dozen properties.
const MAX_OPERATIONS: usize = 200;

/// Why a patch was not applied. The document may be half-patched then and is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatchError {
    /// Too many operations.
    #[error("the JSON Patch has more than {MAX_OPERATIONS} operations")]
    TooLong,
    /// What it copies and moves is too much.
    #[error("the JSON Patch copies and moves more than a body may hold")]
    TooLarge,
    /// A value would stand too deep.
    #[error(
        "the JSON Patch leads to lists and objects within each other beyond {MAX_DEPTH} levels"
    )]
    TooDeep,
    /// A path that leads nowhere, or a test that fails.
    #[error("the JSON Patch does not apply")]
    Inapplicable,
}

/// Applies a patch. Everything that it copies and moves takes at most `max_bytes` together.
pub(super) fn apply(
    document: &mut Value,
    patch: &Patch,
    max_bytes: usize,
) -> Result<(), PatchError> {
    if patch.0.len() > MAX_OPERATIONS {
        return Err(PatchError::TooLong);
    }
    let mut bytes_left = max_bytes;
    for operation in &patch.0 {
        check(document, operation, &mut bytes_left)?;
        json_patch::patch(document, std::slice::from_ref(operation))
            .map_err(|_| PatchError::Inapplicable)?;
    }
    Ok(())
}

/// Whether an operation may be carried out on this document, whose depth is within bounds.
fn check(
    document: &Value,
    operation: &PatchOperation,
    bytes_left: &mut usize,
) -> Result<(), PatchError> {
    let (path, value, is_given) = match operation {
        PatchOperation::Add(add) => (&add.path, &add.value, true),
        PatchOperation::Replace(replace) => (&replace.path, &replace.value, true),
        PatchOperation::Copy(copy) => (&copy.path, found(document, &copy.from)?, false),
        PatchOperation::Move(moved) => (&moved.path, found(document, &moved.from)?, false),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => return Ok(()),
    };
    let measure = Measure::of(value);
    if path.count() + measure.depth > MAX_DEPTH {
        return Err(PatchError::TooDeep);
    }
    // What the patch itself brings along was within the limit of the body.
    if !is_given {
        *bytes_left = bytes_left
            .checked_sub(measure.size_bytes)
            .ok_or(PatchError::TooLarge)?;
    }
    Ok(())
}

fn found<'d>(document: &'d Value, path: &Pointer) -> Result<&'d Value, PatchError> {
    document
        .pointer(path.as_str())
        .ok_or(PatchError::Inapplicable)
}

/// How much a value is.
struct Measure {
    /// Lists and objects within each other; 0 for anything else.
    depth: usize,
    /// About what its text takes.
    size_bytes: usize,
}

impl Measure {
    fn of(value: &Value) -> Self {
        let mut whole = Self {
            depth: 0,
            size_bytes: 2,
        };
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => whole.size_bytes += text.len(),
            Value::Array(items) => {
                whole.depth = 1;
                items.iter().for_each(|item| whole.add(0, item));
            }
            Value::Object(properties) => {
                whole.depth = 1;
                properties
                    .iter()
                    .for_each(|(name, value)| whole.add(name.len(), value));
            }
        }
        whole
    }

    fn add(&mut self, name_bytes: usize, part: &Value) {
        let part = Self::of(part);
        self.depth = self.depth.max(part.depth + 1);
        self.size_bytes += name_bytes + part.size_bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const MAX_BYTES: usize = 1024 * 1024;

    fn patched(operations: Value) -> Result<Value, PatchError> {
        let mut document = json!({"a": {}, "text": "x"});
        let patch: Patch = serde_json::from_value(operations).unwrap();
        apply(&mut document, &patch, MAX_BYTES).map(|()| document)
    }

    #[test]
    fn operations_are_carried_out_in_order() {
        let result = patched(json!([
            {"op": "add", "path": "/b", "value": [1]},
            {"op": "copy", "from": "/b", "path": "/c"},
            {"op": "move", "from": "/c", "path": "/d"},
            {"op": "test", "path": "/d/0", "value": 1},
            {"op": "remove", "path": "/text"},
            {"op": "replace", "path": "/a", "value": null},
        ]));
        assert_eq!(result, Ok(json!({"a": null, "b": [1], "d": [1]})));
    }

    #[test]
    fn copies_that_double_the_size_are_refused() {
        let mut operations = vec![json!({"op": "add", "path": "/a", "value": ["x".repeat(1000)]})];
        let double = json!({"op": "copy", "from": "/a", "path": "/a/-"});
        operations.extend(std::iter::repeat_n(double, 60));
        assert_eq!(patched(Value::from(operations)), Err(PatchError::TooLarge));
    }

    #[test]
    fn copies_and_moves_that_nest_beyond_the_bound_are_refused() {
        let deeper = |op: &str, depth: usize| json!({"op": op, "from": "/a", "path": format!("/b{}", "/a".repeat(depth))});
        let mut operations = vec![json!({"op": "copy", "from": "/a", "path": "/b"})];
        let depths = std::iter::successors(Some(1), |depth| Some(depth * 2));
        for depth in depths.take(14) {
            operations.push(deeper("copy", depth));
            operations.push(json!({"op": "copy", "from": "/b", "path": "/a"}));
        }
        assert_eq!(patched(Value::from(operations)), Err(PatchError::TooDeep));
        let chain = |depth: usize| (0..depth).fold(json!({}), |inner, _| json!({"a": inner}));
        let moved = |depth: usize| {
            patched(json!([
                {"op": "add", "path": "/b", "value": chain(30)},
                {"op": "add", "path": "/a", "value": chain(depth)},
                deeper("move", 30),
            ]))
        };
        assert!(moved(20).is_ok());
        assert_eq!(moved(40).unwrap_err(), PatchError::TooDeep);
    }

    #[test]
    fn too_many_operations_and_paths_that_lead_nowhere_are_refused() {
        let test = json!({"op": "test", "path": "/text", "value": "x"});
        assert!(patched(vec![test.clone(); MAX_OPERATIONS].into()).is_ok());
        assert_eq!(
            patched(vec![test; MAX_OPERATIONS + 1].into()),
            Err(PatchError::TooLong)
        );
        for operation in [
            json!({"op": "copy", "from": "/none", "path": "/b"}),
            json!({"op": "remove", "path": "/none"}),
            json!({"op": "test", "path": "/text", "value": "y"}),
            json!({"op": "move", "from": "/a", "path": "/a/b"}),
        ] {
            assert_eq!(patched(json!([operation])), Err(PatchError::Inapplicable));
        }
    }
}
