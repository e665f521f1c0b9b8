//! What checking metadata against a schema can cost at most, before either is done.
//!
//! A schema comes from a user. Forty short definitions, each of which refers twice to the one
//! before, make a check of one value take centuries, and some thousand that refer to each other
//! in a row end the stack, and the process with it. A schema is therefore judged by its text
//! alone: how many parts it has, which of them look at the same value, and how often.

use serde_json::{Map, Value};
use std::collections::HashMap;

/// Most subschemas of one schema.
const MAX_PARTS: usize = 1_000;
/// Most regular expressions of one schema; each can take [`PATTERN_MAX_BYTES`].
const MAX_PATTERNS: usize = 200;
/// Most memory of one compiled regular expression.
pub(super) const PATTERN_MAX_BYTES: usize = 512 * 1024;
/// Levels of lists and objects that metadata have at most, by the reader of bodies.
const MAX_LEVELS: usize = 64;
/// Most steps for one value of the metadata.
const MAX_STEPS: u64 = 100_000;
/// Most subschemas that are looked at within each other, each of which takes some stack.
const MAX_NESTING: u64 = 1_000;

/// Why a schema is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BoundsError {
    /// Too many parts.
    #[error("the metadata schema has more than {MAX_PARTS} subschemas")]
    TooManyParts,
    /// Too many regular expressions.
    #[error("the metadata schema has more than {MAX_PATTERNS} patterns")]
    TooManyPatterns,
    /// A reference that leads out of the schema.
    #[error("the metadata schema refers to something outside itself, which is not fetched")]
    Outside,
    /// A reference to a part that is not there, or by another name than its place.
    #[error("the metadata schema refers to a part of itself that `#/...` does not lead to")]
    NoSuchPart,
    /// A name that gives `#` another meaning within a part.
    #[error("a part of the metadata schema has an id of its own beside references")]
    NestedId,
    /// A part that leads back to itself for the same value.
    #[error("a part of the metadata schema refers to itself without end")]
    Endless,
    /// One value could take too many steps, or too much stack.
    #[error("the metadata schema can take too many steps for one value")]
    TooCostly,
}

/// Judges a schema. Returns the most steps that one value of the metadata can take. `id_keyword`
/// is the keyword by which its draft names a schema.
pub(super) fn judge(schema: &Value, id_keyword: &str) -> Result<u64, BoundsError> {
    if has_references(schema) && has_nested_id(schema, id_keyword, true) {
        return Err(BoundsError::NestedId);
    }
    let parts = Collector::collect(schema, id_keyword)?;
    let order = order(&parts).ok_or(BoundsError::Endless)?;
    steps(&parts, &order).ok_or(BoundsError::TooCostly)
}

/// How much there is to check: values and names, long texts counting as several.
pub(super) fn size(value: &Value) -> u64 {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 1,
        Value::String(text) => text_size(text),
        Value::Array(items) => items.iter().map(size).sum::<u64>() + 1,
        Value::Object(map) => map_size(map),
    }
}

/// As [`size`], of an object.
pub(super) fn map_size(map: &Map<String, Value>) -> u64 {
    let sizes = map
        .iter()
        .map(|(name, value)| text_size(name) + size(value));
    sizes.sum::<u64>() + 1
}

fn text_size(text: &str) -> u64 {
    const BYTES_OF_A_STEP: usize = 64;
    u64::try_from(text.len() / BYTES_OF_A_STEP).unwrap_or(u64::MAX) + 1
}

fn has_references(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.get("$ref").is_some_and(Value::is_string) || map.values().any(has_references)
        }
        Value::Array(items) => items.iter().any(has_references),
        _ => false,
    }
}

fn has_nested_id(value: &Value, id_keyword: &str, is_root: bool) -> bool {
    let within = |value| has_nested_id(value, id_keyword, false);
    match value {
        Value::Object(map) => {
            let is_named = map.get(id_keyword).is_some_and(Value::is_string);
            (is_named && !is_root) || map.values().any(within)
        }
        Value::Array(items) => items.iter().any(within),
        _ => false,
    }
}

/// One subschema; the numbers are places in the list of all.
#[derive(Default)]
struct Part {
    /// Steps of its own.
    own: u64,
    /// Parts that look at the same value.
    here: Vec<usize>,
    /// Parts that look at one value below: every list holds those that can meet on one.
    below: Vec<Vec<usize>>,
}

/// Gathers the parts that can be reached.
struct Collector<'s> {
    root: &'s Value,
    /// What the schema calls itself, with which references to its own parts may begin.
    root_id: &'s str,
    places: HashMap<*const Value, usize>,
    found: Vec<&'s Value>,
    patterns: usize,
}

impl<'s> Collector<'s> {
    fn collect(root: &'s Value, id_keyword: &str) -> Result<Vec<Part>, BoundsError> {
        let id = root.get(id_keyword).and_then(Value::as_str);
        let id = id.unwrap_or_default();
        let mut collector = Self {
            root,
            root_id: id.trim_end_matches('#'),
            places: HashMap::new(),
            found: Vec::new(),
            patterns: 0,
        };
        collector.place(root);
        let mut parts = Vec::new();
        while let Some(schema) = collector.found.get(parts.len()).copied() {
            parts.push(collector.part(schema)?);
            if collector.found.len() > MAX_PARTS {
                return Err(BoundsError::TooManyParts);
            }
            if collector.patterns > MAX_PATTERNS {
                return Err(BoundsError::TooManyPatterns);
            }
        }
        Ok(parts)
    }

    /// The number of a subschema, a new one for one that was not met before.
    fn place(&mut self, schema: &'s Value) -> usize {
        *self
            .places
            .entry(std::ptr::from_ref(schema))
            .or_insert_with(|| {
                self.found.push(schema);
                self.found.len() - 1
            })
    }

    fn places(&mut self, schemas: impl IntoIterator<Item = &'s Value>) -> Vec<usize> {
        schemas
            .into_iter()
            .map(|schema| self.place(schema))
            .collect()
    }

    fn part(&mut self, schema: &'s Value) -> Result<Part, BoundsError> {
        let Value::Object(keywords) = schema else {
            return Ok(Part::default());
        };
        let mut part = Part {
            own: keywords.values().map(length).sum::<u64>() + 1,
            ..Part::default()
        };
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                    part.here.extend(self.places(schemas));
                }
                ("not" | "if" | "then" | "else", schema) => part.here.push(self.place(schema)),
                ("dependencies", Value::Object(schemas)) => {
                    part.here.extend(self.places(schemas.values()));
                }
                ("$ref", Value::String(reference)) => {
                    let schema = self.target(reference)?;
                    part.here.push(self.place(schema));
                }
                ("pattern", _) => self.patterns += 1,
                ("propertyNames", schema) => part.below.push(vec![self.place(schema)]),
                _ => {}
            }
        }
        self.properties(keywords, &mut part);
        self.items(keywords, &mut part);
        Ok(part)
    }

    /// What can meet on one property: what its name has, and every pattern that fits the name;
    /// or what is for all others.
    fn properties(&mut self, keywords: &'s Map<String, Value>, part: &mut Part) {
        let schemas = |name| keywords.get(name).and_then(Value::as_object);
        let by_pattern = schemas("patternProperties")
            .into_iter()
            .flat_map(Map::values);
        let by_pattern = self.places(by_pattern);
        self.patterns += by_pattern.len();
        for schema in schemas("properties").into_iter().flat_map(Map::values) {
            let mut group = by_pattern.clone();
            group.push(self.place(schema));
            part.below.push(group);
        }
        part.below.push(by_pattern);
        let others = keywords.get("additionalProperties");
        part.below.push(self.places(others));
    }

    /// What can meet on one element of a list: what is for its index, and `contains`.
    fn items(&mut self, keywords: &'s Map<String, Value>, part: &mut Part) {
        let contains = self.places(keywords.get("contains"));
        let by_index: Vec<&Value> = match keywords.get("items") {
            Some(Value::Array(schemas)) => schemas.iter().collect(),
            other => other.into_iter().collect(),
        };
        for schema in by_index.into_iter().chain(keywords.get("additionalItems")) {
            let mut group = contains.clone();
            group.push(self.place(schema));
            part.below.push(group);
        }
        part.below.push(contains);
    }

    /// What a reference leads to.
    fn target(&self, reference: &str) -> Result<&'s Value, BoundsError> {
        let is_own = |rest: &&str| rest.is_empty() || rest.starts_with('#');
        let fragment = reference.strip_prefix(self.root_id).filter(is_own);
        let fragment = fragment.unwrap_or(reference);
        if fragment.is_empty() {
            return Ok(self.root);
        }
        let pointer = fragment.strip_prefix('#').ok_or(BoundsError::Outside)?;
        percent_encoding::percent_decode_str(pointer)
            .decode_utf8()
            .ok()
            .and_then(|pointer| self.root.pointer(&pointer))
            .ok_or(BoundsError::NoSuchPart)
    }
}

/// How many elements a keyword brings along.
fn length(value: &Value) -> u64 {
    let length = match value {
        Value::Array(items) => items.len(),
        Value::Object(properties) => properties.len(),
        _ => 0,
    };
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The parts in an order in which everything that a part has look at the same value comes before
/// it; `None` when there is none, because a part leads back to itself.
fn order(parts: &[Part]) -> Option<Vec<usize>> {
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); parts.len()];
    let mut waiting_for: Vec<usize> = Vec::with_capacity(parts.len());
    for (place, part) in parts.iter().enumerate() {
        waiting_for.push(part.here.len());
        for used in &part.here {
            users.get_mut(*used)?.push(place);
        }
    }
    let is_free = |place: &usize| waiting_for.get(*place) == Some(&0);
    let mut order: Vec<usize> = (0..parts.len()).filter(is_free).collect();
    let mut next = 0;
    while let Some(done) = order.get(next) {
        for user in users.get(*done)? {
            let left = waiting_for.get_mut(*user)?;
            *left -= 1;
            if *left == 0 {
                order.push(*user);
            }
        }
        next += 1;
    }
    (order.len() == parts.len()).then_some(order)
}

/// What looking at one value with one part, and with it at values below, can take.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Bound {
    /// Steps on the way down to any one value.
    steps: u64,
    /// Parts within each other.
    nesting: u64,
}

/// The most steps of the whole schema for one value; `None` beyond the bounds. Level by level:
/// what one level more can take follows from the level before.
fn steps(parts: &[Part], order: &[usize]) -> Option<u64> {
    let mut below = vec![Bound::default(); parts.len()];
    for _ in 0..=MAX_LEVELS {
        let mut here = vec![Bound::default(); parts.len()];
        for place in order {
            let part = parts.get(*place)?;
            let same = together(&part.here, &here);
            let deeper = part.below.iter().map(|group| together(group, &below));
            let deeper: Vec<Bound> = deeper.collect();
            let steps = deeper.iter().map(|bound| bound.steps).max().unwrap_or(0);
            let nesting = deeper.iter().map(|bound| bound.nesting).max().unwrap_or(0);
            *here.get_mut(*place)? = Bound {
                steps: part.own.saturating_add(same.steps).saturating_add(steps),
                nesting: same.nesting.max(nesting) + 1,
            };
        }
        let whole = here.first()?;
        if whole.steps > MAX_STEPS || whole.nesting > MAX_NESTING {
            return None;
        }
        if here == below {
            break;
        }
        below = here;
    }
    below.first().map(|whole| whole.steps)
}

/// What several parts take that look at one value.
fn together(places: &[usize], bounds: &[Bound]) -> Bound {
    let bounds = places.iter().filter_map(|place| bounds.get(*place));
    bounds.fold(Bound::default(), |sum, bound| Bound {
        steps: sum.steps.saturating_add(bound.steps),
        nesting: sum.nesting.max(bound.nesting),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn judge(schema: &Value) -> Result<u64, BoundsError> {
        super::judge(schema, "$id")
    }

    /// Definitions `d0` to `d<count - 1>`, each made from a reference to the one before.
    fn ladder(count: usize, rung: impl Fn(Value) -> Value) -> Value {
        let definitions: Map<String, Value> = (0..count)
            .map(|number| {
                let before = number.checked_sub(1);
                let rung = before.map_or(json!({}), |before| {
                    rung(json!({"$ref": format!("#/definitions/d{before}")}))
                });
                (format!("d{number}"), rung)
            })
            .collect();
        json!({"definitions": definitions, "$ref": format!("#/definitions/d{}", count - 1)})
    }

    #[test]
    fn a_ladder_that_doubles_with_every_rung_is_refused() {
        let twice = |rung: Value| json!({"allOf": [rung, rung]});
        assert!(judge(&ladder(5, twice)).is_ok());
        assert_eq!(judge(&ladder(40, twice)), Err(BoundsError::TooCostly));
        let below = |rung: Value| json!({"patternProperties": {"^a": rung, "a$": rung}});
        assert_eq!(judge(&ladder(40, below)), Err(BoundsError::TooCostly));
    }

    #[test]
    fn a_tree_may_refer_to_itself_once_per_value_and_not_twice() {
        let tree = json!({
            "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "all": {"type": "array"}},
            "additionalProperties": {"$ref": "#"},
            "items": {"$ref": "#"}
        });
        assert!(judge(&tree).unwrap() < 2_000);
        let twice = json!({"allOf": [
            {"properties": {"next": {"$ref": "#"}}},
            {"properties": {"next": {"$ref": "#"}}}
        ]});
        assert_eq!(judge(&twice), Err(BoundsError::TooCostly));
    }

    #[test]
    fn what_leads_back_to_itself_for_the_same_value_is_refused() {
        for endless in [
            json!({"$ref": "#"}),
            json!({"anyOf": [{"not": {"$ref": "#/anyOf/0"}}]}),
        ] {
            assert_eq!(judge(&endless), Err(BoundsError::Endless), "{endless}");
        }
    }

    #[test]
    fn references_lead_to_places_within_the_schema_only() {
        let with = |reference: &str| {
            judge(&json!({
                "$id": "https://example.org/scheme",
                "definitions": {"a/b c": {"type": "string"}},
                "properties": {"a": {"$ref": reference}}
            }))
        };
        for inside in [
            "#",
            "#/definitions/a~1b%20c",
            "https://example.org/scheme#/definitions/a~1b%20c",
            "https://example.org/scheme",
        ] {
            assert!(with(inside).is_ok(), "{inside}");
        }
        for outside in [
            "other.json",
            "file:///etc/passwd",
            "https://example.org/schemes",
        ] {
            assert_eq!(with(outside), Err(BoundsError::Outside), "{outside}");
        }
        for nowhere in ["#name", "#/definitions/none"] {
            assert_eq!(with(nowhere), Err(BoundsError::NoSuchPart), "{nowhere}");
        }
        let renamed = json!({
            "definitions": {"a": {"$id": "x", "definitions": {"b": {}}}},
            "$ref": "#/definitions/a"
        });
        assert_eq!(judge(&renamed), Err(BoundsError::NestedId));
        let data = json!({"properties": {"id": {"type": "string"}, "x": {"$ref": "#/properties/id"}},
            "examples": [{"id": "x"}]});
        assert!(judge(&data).is_ok());
    }

    #[test]
    fn too_many_parts_and_patterns_are_refused() {
        let properties = |count: usize, schema: Value| {
            let properties: Map<String, Value> = (0..count)
                .map(|number| (format!("p{number}"), schema.clone()))
                .collect();
            json!({"properties": properties})
        };
        let text = json!({"type": "string"});
        assert!(judge(&properties(MAX_PARTS - 1, text.clone())).is_ok());
        let parts = judge(&properties(MAX_PARTS, text));
        assert_eq!(parts, Err(BoundsError::TooManyParts));
        let pattern = json!({"pattern": "a"});
        assert!(judge(&properties(MAX_PATTERNS, pattern.clone())).is_ok());
        let patterns = judge(&properties(MAX_PATTERNS + 1, pattern));
        assert_eq!(patterns, Err(BoundsError::TooManyPatterns));
    }
}
