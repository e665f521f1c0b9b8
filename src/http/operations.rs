//! Every route of the API, as a list to read from top to bottom.

mod admin;
mod llm;
mod projects;
mod service;
mod users;

pub use service::{HTML, OPENAPI_JSON, OPENAPI_YAML};

use super::operation::{JSON, JSON_PATCH_JSON, MERGE_PATCH_JSON, Operation};
use super::schema::{Schema, any, array, long, map, object, text};
use super::wire::Profile;
use crate::domain::limits::PAGE_MAX_ROWS;
use axum::http::Method;

/// Every route, in the order of the documentation.
#[must_use]
pub fn all(profile: Profile) -> Vec<Operation> {
    [
        users::operations(profile),
        projects::operations(),
        projects::embeddings(),
        projects::similars(),
        llm::definitions(),
        llm::instances(),
        llm::api_standards(),
        admin::operations(),
        service::operations(),
    ]
    .concat()
}

fn get(path: &'static str, id: &'static str) -> Operation {
    Operation::new(Method::GET, path, id)
}

fn post(path: &'static str, id: &'static str) -> Operation {
    Operation::new(Method::POST, path, id)
}

fn put(path: &'static str, id: &'static str) -> Operation {
    Operation::new(Method::PUT, path, id)
}

fn delete(path: &'static str, id: &'static str) -> Operation {
    Operation::new(Method::DELETE, path, id)
}

/// A patch of what the same path reads: 201 with the answer of a put, 304 without a change.
fn patch(path: &'static str, id: &'static str) -> Operation {
    Operation::new(Method::PATCH, path, id)
        .reads_as(MERGE_PATCH_JSON, merge_patch())
        .reads_as(JSON, merge_patch())
        .reads_as(JSON_PATCH_JSON, json_patch())
        .or_status(&[304])
}

fn merge_patch() -> Schema {
    map().about("What is to change (RFC 7396): `null` removes a property.")
}

fn json_patch() -> Schema {
    let operation = object("JsonPatchOperation")
        .required("op", text())
        .required("path", text())
        .optional("from", text())
        .optional("value", any());
    array(operation).about("Operations on the object (RFC 6902).")
}

/// Adds the parameters of a page.
fn paged(operation: Operation, default_limit: u32) -> Operation {
    operation
        .query("limit", page_rows().default_value(default_limit))
        .query(
            "offset",
            long().at_least(0).about("Rows to skip.").default_value(0),
        )
}

fn page_rows() -> Schema {
    long()
        .at_least(1)
        .at_most(i64::from(PAGE_MAX_ROWS))
        .about("Most rows of the answer.")
}

#[cfg(test)]
mod tests;
