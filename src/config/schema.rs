//! The JSON Schema (draft 7) of `embsec.toml`, for editors.

use super::settings::{Kind, Preset, SECTIONS, SETTINGS, Setting};
use serde_json::{Map, Value, json};

/// The schema, drawn from the table of settings.
#[must_use]
pub fn json_schema() -> Value {
    let sections: Map<String, Value> = SECTIONS
        .iter()
        .map(|(section, meaning)| {
            let settings: Map<String, Value> = SETTINGS
                .iter()
                .filter(|setting| setting.section() == *section)
                .map(|setting| (setting.name().to_owned(), of_setting(setting)))
                .collect();
            let table = json!({
                "type": "object",
                "description": meaning,
                "additionalProperties": false,
                "properties": settings,
            });
            ((*section).to_owned(), table)
        })
        .collect();
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "embsec.toml",
        "description": "The configuration of embsec.",
        "type": "object",
        "additionalProperties": false,
        "properties": sections,
    })
}

fn of_setting(setting: &Setting) -> Value {
    let mut schema = match setting.kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int { min, max } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
        Kind::Text(_) | Kind::Secret => json!({ "type": "string" }),
        Kind::List(_) => json!({ "type": "array", "items": { "type": "string" } }),
    };
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".to_owned(), setting.doc.into());
        let (name, value) = match setting.preset {
            Preset::Bool(yes) => ("default", yes.into()),
            Preset::Int(number) => ("default", number.into()),
            Preset::Text(text) => ("default", text.into()),
            Preset::EmptyList => ("default", json!([])),
            Preset::Absent(example) => ("examples", json!([example])),
        };
        schema.insert(name.to_owned(), value);
    }
    schema
}
