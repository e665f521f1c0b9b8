//! Metadata against the JSON Schema of its project.
//!
//! The schema comes from a user, so it may make the server neither fetch anything nor spend
//! exponential time: references are resolved within the schema only, what a check can cost is
//! bounded beforehand, and patterns run on an engine whose time is linear in the input.

mod bounds;

use super::error::{AppError, AppResult};
use crate::domain::embedding::Metadata;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::Value;

/// Longest list of violations that is told of one embedding.
const VIOLATIONS_TOLD: usize = 20;

/// Most steps that checking the metadata of one request can take: about a second.
pub const MAX_WORK: u64 = 50_000_000;

/// A compiled metadata schema.
pub struct Scheme {
    validator: Validator,
    /// The most steps that one value of the metadata can take.
    steps: u64,
}

impl Scheme {
    /// Compiles a JSON Schema. Drafts 4, 6 and 7 are recognised by `$schema`; draft 7 without one.
    ///
    /// # Errors
    ///
    /// When the text is no JSON, no schema, refers to something outside itself, or could make a
    /// check take too long.
    pub fn compile(text: &str) -> AppResult<Self> {
        let invalid = |why: String| AppError::field("body.metadataScheme", why);
        let schema: Value = serde_json::from_str(text)
            .map_err(|error| invalid(format!("the metadata schema is no JSON: {error}")))?;
        // First, because compiling follows references as deep as they go.
        let draft = draft_of(&schema);
        let steps = bounds::judge(&schema, id_keyword(draft))
            .map_err(|error| invalid(error.to_string()))?;
        let validator = jsonschema::options()
            .with_draft(draft)
            .offline()
            .with_pattern_options(PatternOptions::regex().size_limit(bounds::PATTERN_MAX_BYTES))
            .build(&schema)
            .map_err(|error| invalid(refusal(&error)))?;
        Ok(Self { validator, steps })
    }

    /// The most steps that a check of this metadata can take; see [`MAX_WORK`].
    #[must_use]
    pub fn work(&self, metadata: &Metadata) -> u64 {
        bounds::map_size(metadata).saturating_mul(self.steps)
    }

    /// Checks one metadata object.
    ///
    /// # Errors
    ///
    /// The violations, each as `path: what`, in upstream's words where it has some.
    pub fn check(&self, metadata: &Metadata) -> Result<(), Vec<String>> {
        // The validator wants a whole value; building one around a borrowed map is not possible.
        let value = Value::Object(metadata.clone());
        let violations: Vec<String> = self
            .validator
            .iter_errors(&value)
            .take(VIOLATIONS_TOLD)
            .map(|error| tell(&error))
            .collect();
        if violations.is_empty() {
            Ok(())
        } else {
            Err(violations)
        }
    }
}

fn draft_of(schema: &Value) -> Draft {
    match schema.get("$schema").and_then(Value::as_str) {
        Some(uri) if uri.contains("draft-04") => Draft::Draft4,
        Some(uri) if uri.contains("draft-06") => Draft::Draft6,
        _ => Draft::Draft7,
    }
}

/// The keyword by which a draft names a schema.
fn id_keyword(draft: Draft) -> &'static str {
    match draft {
        Draft::Draft4 => "id",
        _ => "$id",
    }
}

fn refusal(error: &ValidationError<'_>) -> String {
    if matches!(error.kind(), ValidationErrorKind::Referencing(_)) {
        return "the metadata schema refers to something outside itself, which is not fetched"
            .to_owned();
    }
    let place = error.instance_path().to_string();
    format!(
        "the metadata schema is no JSON Schema: at `{place}`, keyword `{}`",
        error.kind().keyword()
    )
}

fn tell(error: &ValidationError<'_>) -> String {
    let path = error.instance_path().to_string();
    let path = path.trim_start_matches('/').replace('/', ".");
    let path = if path.is_empty() {
        "(root)".to_owned()
    } else {
        path
    };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            format!(
                "{path}: {} is required",
                property.as_str().unwrap_or_default()
            )
        }
        ValidationErrorKind::Type { kind } => {
            format!(
                "{path}: Invalid type. Expected: {}, given: {}",
                expected(kind),
                given(error)
            )
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            format!(
                "{path}: Additional property {} is not allowed",
                unexpected.join(", ")
            )
        }
        ValidationErrorKind::MinLength { limit } => {
            format!("{path}: String length must be greater than or equal to {limit}")
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("{path}: String length must be less than or equal to {limit}")
        }
        ValidationErrorKind::Minimum { limit } => {
            format!("{path}: Must be greater than or equal to {limit}")
        }
        ValidationErrorKind::Maximum { limit } => {
            format!("{path}: Must be less than or equal to {limit}")
        }
        ValidationErrorKind::Pattern { pattern } => {
            format!("{path}: Does not match pattern '{pattern}'")
        }
        ValidationErrorKind::Format { format } => {
            format!("{path}: Does not match format '{format}'")
        }
        ValidationErrorKind::Enum { options } => {
            format!(
                "{path}: {path} must be one of the following: {}",
                options_text(options)
            )
        }
        // The value itself is never part of the text: it may be what must not be echoed.
        other => format!("{path}: does not satisfy `{}`", other.keyword()),
    }
}

fn options_text(options: &Value) -> String {
    let Value::Array(options) = options else {
        return options.to_string();
    };
    options
        .iter()
        .map(Value::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn expected(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(one) => one.to_string(),
        TypeKind::Multiple(some) => some
            .iter()
            .map(|one| one.to_string())
            .collect::<Vec<_>>()
            .join("/"),
    }
}

fn given(error: &ValidationError<'_>) -> &'static str {
    match error.instance().as_ref() {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Metadata {
        match value {
            Value::Object(map) => map,
            other => panic!("not an object: {other}"),
        }
    }

    #[test]
    fn violations_are_told_in_upstreams_words() {
        let scheme = Scheme::compile(
            r#"{"type":"object","required":["author"],"properties":{"year":{"type":"integer"}}}"#,
        )
        .unwrap();
        let told = scheme.check(&object(json!({"year": "1900"}))).unwrap_err();
        assert!(
            told.contains(&"(root): author is required".to_owned()),
            "{told:?}"
        );
        let wrong = "year: Invalid type. Expected: integer, given: string".to_owned();
        assert!(told.contains(&wrong), "{told:?}");
        assert!(
            scheme
                .check(&object(json!({"author": "x", "year": 1900})))
                .is_ok()
        );
    }

    #[test]
    fn a_reference_to_elsewhere_is_refused_and_not_fetched() {
        for uri in [
            "http://127.0.0.1:1/x.json",
            "file:///etc/passwd",
            "other.json",
        ] {
            let text = json!({"properties": {"a": {"$ref": uri}}}).to_string();
            let Err(AppError::Fields(errors)) = Scheme::compile(&text) else {
                panic!("{uri} was accepted")
            };
            assert!(errors[0].message.contains("outside itself"), "{errors:?}");
        }
        let inside = json!({
            "definitions": {"name": {"type": "string"}},
            "properties": {"a": {"$ref": "#/definitions/name"}}
        });
        assert!(Scheme::compile(&inside.to_string()).is_ok());
    }

    #[test]
    fn a_pattern_that_explodes_elsewhere_takes_linear_time() {
        let text = json!({"properties": {"a": {"pattern": "^(a+)+$"}}}).to_string();
        let scheme = Scheme::compile(&text).unwrap();
        let hostile = "a".repeat(50_000) + "b";
        assert!(scheme.check(&object(json!({"a": hostile}))).is_err());
    }

    /// What stands on the stack of a worker thread at most: 2 MiB, in a build without
    /// optimisation.
    #[test]
    fn a_schema_at_the_bounds_is_compiled_and_checked_without_ending_the_stack() {
        let deep = (0..60).fold(json!({}), |inner, _| json!({"a": inner}));
        let rungs: [fn(Value) -> Value; 5] = [
            |rung| json!({"not": rung}),
            |rung| json!({"allOf": [rung]}),
            |rung| json!({"properties": {"a": rung}}),
            |rung| json!({"if": rung}),
            |rung| json!({"dependencies": {"a": rung}}),
        ];
        for rung in rungs {
            let mut definitions = serde_json::Map::new();
            definitions.insert("d0".to_owned(), json!({"type": "object"}));
            for number in 1..490 {
                let before = json!({"$ref": format!("#/definitions/d{}", number - 1)});
                definitions.insert(format!("d{number}"), rung(before));
            }
            let schema = json!({"definitions": definitions, "$ref": "#/definitions/d489"});
            let scheme = Scheme::compile(&schema.to_string()).unwrap();
            let checked = scheme.check(&object(json!({"a": deep.clone()})));
            drop(checked);
        }
        let level = (0..7).fold(
            json!({"properties": {"a": {"$ref": "#"}}}),
            |inner, _| json!({"allOf": [inner]}),
        );
        let scheme = Scheme::compile(&level.to_string()).unwrap();
        assert!(scheme.check(&object(json!({"a": deep}))).is_ok());
    }

    #[test]
    fn the_work_of_a_check_grows_with_the_metadata_and_the_schema() {
        let scheme = Scheme::compile(r#"{"additionalProperties": {"enum": [1, 2, 3]}}"#).unwrap();
        let small = scheme.work(&object(json!({"a": 1})));
        let large = scheme.work(&object(json!({"a": vec![1; 1000]})));
        assert!(small < 100 && large > 300 * small, "{small} {large}");
    }

    #[test]
    fn what_is_no_schema_is_refused_when_it_is_set() {
        for text in ["", "{", "[1]", r#"{"type": 5}"#] {
            assert!(Scheme::compile(text).is_err(), "{text}");
        }
    }
}
