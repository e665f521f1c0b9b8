//! PATCH, the same for every resource: what a PUT would have to say now, patched, put.
//!
//! Both JSON Merge Patch (RFC 7396) and JSON Patch (RFC 6902) apply to the shape of the PUT body,
//! not to that of the GET answer, so that a patch works wherever a PUT does.

mod bounded;

use crate::domain::llm::LlmSettings;
use crate::http::problem::{ErrorDetail, Problem};
use crate::http::request::ApiRequest;
use crate::http::schema::Schema;
use crate::http::validate;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a patch leads to.
pub enum Patched {
    /// Nothing changes.
    Unchanged,
    /// This is to be put.
    Changed(Value),
}

/// Applies the request's patch to what a PUT would say now, and validates the outcome.
///
/// # Errors
///
/// 400 for a body that is no JSON, 415 for another kind of patch, 422 for a patch that does not
/// apply or leads to what the schema refuses.
pub fn patched(request: &ApiRequest, now: &Value, schema: &Schema) -> Result<Patched, Problem> {
    let mut value = now.clone();
    let patch = validate::parse(request.body())?;
    match request.content_type() {
        None | Some("application/json" | "application/merge-patch+json") => {
            json_patch::merge(&mut value, &patch);
        }
        Some("application/json-patch+json") => {
            let patch: json_patch::Patch =
                serde_json::from_value(patch).map_err(|_| refused("the body is no JSON Patch"))?;
            bounded::apply(&mut value, &patch, request.settings().max_body_bytes)
                .map_err(|error| refused(&error.to_string()))?;
        }
        Some(_) => return Err(Problem::unsupported_media_type()),
    }
    let value = validate::checked_body(schema, value).map_err(Problem::unprocessable)?;
    // The outcome is compared in validated form, where names have their own spelling and an
    // explicit null is the same as nothing.
    let before = validate::checked_body(schema, now.clone()).map_err(Problem::unprocessable)?;
    Ok(if value == before {
        Patched::Unchanged
    } else {
        Patched::Changed(value)
    })
}

/// Reads the input of a PUT out of a validated value.
///
/// # Errors
///
/// 422 when the value is not of the type, which the schema should have found.
pub fn input<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    validate::typed(value)
}

/// Sets a property that is there.
pub fn set<T: Serialize>(object: &mut Value, name: &str, value: Option<T>) {
    if let (Value::Object(map), Some(value)) = (object, value)
        && let Ok(value) = serde_json::to_value(value)
    {
        map.insert(name.to_owned(), value);
    }
}

/// Sets what definitions and instances have in common.
pub fn set_llm_settings(object: &mut Value, settings: LlmSettings) {
    set(object, "endpoint", settings.endpoint);
    set(object, "description", settings.description);
    set(object, "api_standard", settings.api_standard);
    set(object, "model", settings.model);
    set(object, "dimensions", settings.dimensions);
    set(object, "context_limit", settings.context_limit);
}

fn refused(why: &str) -> Problem {
    Problem::unprocessable(vec![ErrorDetail {
        message: why.to_owned(),
        location: "body".to_owned(),
        value: None,
    }])
}
