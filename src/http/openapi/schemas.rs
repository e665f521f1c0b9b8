//! A [`Schema`] as JSON Schema 2020-12, or in the dialect of OpenAPI 3.0.

use super::{Edition, Types};
use crate::http::schema::{
    Integer, IntegerFormat, Kind, Number, NumberFormat, Object, Presence, Property, Schema, Text,
};
use serde_json::{Map, Value, json};

/// How one type points to another.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum References {
    /// `#/components/schemas/{name}`.
    Components,
    /// `/schemas/{name}.json`.
    Files,
}

/// How schemas are written.
pub(super) struct Style<'a> {
    /// For which edition.
    pub(super) edition: Edition,
    /// How they point to each other.
    pub(super) references: References,
    /// What is known of the types.
    pub(super) types: &'a Types<'a>,
}

/// Whether values come in or go out. What comes in is described with every limit, and with the
/// `null` that an optional property may be; what goes out has neither.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// In.
    Request,
    /// Out.
    Answer,
}

/// The definition of a named type; of any other schema, the schema itself.
pub(super) fn definition(schema: &Schema, style: &Style<'_>) -> Value {
    match &schema.kind {
        Kind::Object(object) => described(object_definition(object, style), schema),
        _ => inline(schema, Direction::Answer, style),
    }
}

/// A schema where it is used: a reference, if it is a named type.
pub(super) fn inline(schema: &Schema, direction: Direction, style: &Style<'_>) -> Value {
    let written = match &schema.kind {
        Kind::Text(text) => text_schema(text),
        Kind::Integer(integer) => integer_schema(*integer, direction),
        Kind::Number(number) => number_schema(*number, direction),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Array(items) => {
            json!({"type": "array", "items": inline(items, direction, style)})
        }
        Kind::Object(object) => return reference(object, schema, style),
        Kind::Map => json!({"type": "object", "additionalProperties": true}),
        Kind::Any => json!({}),
    };
    described(written, schema)
}

fn described(mut written: Value, schema: &Schema) -> Value {
    if let Some(about) = schema.about {
        written["description"] = json!(about);
    }
    if let Some(default) = &schema.default {
        written["default"] = default.clone();
    }
    written
}

/// Beside a reference OpenAPI 3.0 allows nothing, so it goes into an `allOf` there.
fn reference(object: &Object, schema: &Schema, style: &Style<'_>) -> Value {
    let target = match style.references {
        References::Components => format!("#/components/schemas/{}", object.name),
        References::Files => format!("/schemas/{}.json", object.name),
    };
    let plain = json!({"$ref": target});
    match (schema.about, style.edition) {
        (None, _) => plain,
        (Some(_), Edition::V31) => described(plain, schema),
        (Some(_), Edition::V30) => described(json!({"allOf": [plain]}), schema),
    }
}

fn text_schema(text: &Text) -> Value {
    let mut written = json!({"type": "string"});
    if let Some(min) = text.min_chars {
        written["minLength"] = json!(min);
    }
    if let Some(max) = text.max_chars {
        written["maxLength"] = json!(max);
    }
    if let Some(format) = text.format {
        written["format"] = json!(format);
    }
    if !text.one_of.is_empty() {
        written["enum"] = json!(text.one_of);
    }
    written
}

fn integer_schema(integer: Integer, direction: Direction) -> Value {
    let format = match integer.format {
        IntegerFormat::Int32 => "int32",
        IntegerFormat::Int64 => "int64",
    };
    let mut written = json!({"type": "integer", "format": format});
    if integer.min.is_some() || direction == Direction::Request {
        written["minimum"] = json!(integer.least());
    }
    if integer.max.is_some() || direction == Direction::Request {
        written["maximum"] = json!(integer.greatest());
    }
    written
}

fn number_schema(number: Number, direction: Direction) -> Value {
    let (format, widest) = match number.format {
        NumberFormat::Float => ("float", f64::from(f32::MAX)),
        NumberFormat::Double => ("double", f64::MAX),
    };
    let told = |limit: Option<f64>, width: f64| match direction {
        Direction::Request => Some(limit.unwrap_or(width)),
        Direction::Answer => limit,
    };
    let mut written = json!({"type": "number", "format": format});
    if let Some(min) = told(number.min, -widest) {
        written["minimum"] = json!(min);
    }
    if let Some(max) = told(number.max, widest) {
        written["maximum"] = json!(max);
    }
    written
}

fn object_definition(object: &Object, style: &Style<'_>) -> Value {
    let mut properties = Map::new();
    if style.types.is_body(object.name) {
        properties.insert("$schema".to_owned(), schema_property());
    }
    for property in &object.properties {
        let written = property_schema(property, object, style);
        properties.insert(property.name.to_owned(), written);
    }
    let required: Vec<&str> = object
        .properties
        .iter()
        .filter(|property| property.presence == Presence::Required)
        .map(|property| property.name)
        .collect();
    let mut written = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if !required.is_empty() {
        written["required"] = json!(required);
    }
    written
}

fn schema_property() -> Value {
    json!({
        "type": "string",
        "format": "uri",
        "readOnly": true,
        "description": "The URL of the JSON Schema of this object.",
    })
}

fn property_schema(property: &Property, object: &Object, style: &Style<'_>) -> Value {
    let direction = if style.types.is_request(object.name) {
        Direction::Request
    } else {
        Direction::Answer
    };
    let mut written = inline(&property.schema, direction, style);
    if direction == Direction::Request && property.presence != Presence::Required {
        written = nullable(written, style.edition);
    }
    match property.presence {
        Presence::ReadOnly => written["readOnly"] = json!(true),
        Presence::WriteOnly => written["writeOnly"] = json!(true),
        Presence::Required | Presence::Optional => {}
    }
    written
}

/// The same, or `null`.
fn nullable(mut written: Value, edition: Edition) -> Value {
    let Some(kind) = written.get("type").cloned() else {
        return written;
    };
    match edition {
        Edition::V31 => written["type"] = json!([kind, "null"]),
        Edition::V30 => written["nullable"] = json!(true),
    }
    if let Some(words) = written.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    written
}
