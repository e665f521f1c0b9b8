//! Malformed uploads and searches.

use super::{CANARY, Case, ROWS, post};
use crate::support::{Client, item};
use serde_json::{Value, json};

const SEARCH: &str = "/v1/similars/alice/books";

pub(super) fn uploads(alice: &Client) -> Vec<Case> {
    let raw = |name, vector: &str, expected| {
        let mut row = item("alice", "books", "mallory", 1);
        row["text"] = CANARY.into();
        let text = json!({ "embeddings": [row] }).to_string();
        let known = serde_json::to_string(&row["vector"]).unwrap();
        let text = text.replace(&known, vector);
        Case {
            name,
            request: post(alice, ROWS, text.as_bytes()),
            expected,
        }
    };
    let changed = |name, field: &str, value: Value, expected| {
        let mut row = item("alice", "books", "mallory", 1);
        row["text"] = CANARY.into();
        row[field] = value;
        let body = json!({ "embeddings": [item("alice", "books", "mallory-0", 2), row] });
        Case {
            name,
            request: post(alice, ROWS, body.to_string().as_bytes()),
            expected,
        }
    };
    let nested = (0..200).fold(json!(1), |value, _| json!({ "a": value }));
    vec![
        raw("NaN", "[NaN,0,0,0,0,0,0,1]", &[400, 422]),
        raw("Infinity", "[Infinity,0,0,0,0,0,0,1]", &[400, 422]),
        raw("minus Infinity", "[-Infinity,0,0,0,0,0,0,1]", &[400, 422]),
        raw(
            "a number beyond binary64",
            "[1e999,0,0,0,0,0,0,1]",
            &[400, 422],
        ),
        raw(
            "a number beyond binary32",
            "[1e300,0,0,0,0,0,0,1]",
            &[400, 422],
        ),
        raw("a number beyond binary16", "[70000,0,0,0,0,0,0,1]", &[422]),
        raw("a vector of zeros", "[0,0,0,0,0,0,0,0]", &[422]),
        raw(
            "a vector that rounds to zeros",
            "[1e-30,0,0,0,0,0,0,0]",
            &[422],
        ),
        raw("a vector of texts", "[\"1\",0,0,0,0,0,0,1]", &[422]),
        raw("a vector with null", "[null,0,0,0,0,0,0,1]", &[422]),
        raw("a vector of vectors", "[[1],0,0,0,0,0,0,1]", &[422]),
        raw("too few components", "[1,2]", &[400, 422]),
        raw("too many components", "[1,2,3,4,5,6,7,8,9]", &[400, 422]),
        raw("no components", "[]", &[400, 422]),
        raw("no vector", "null", &[422]),
        changed(
            "a dimension that is wrong",
            "vector_dim",
            9.into(),
            &[400, 422],
        ),
        changed(
            "a dimension that is negative",
            "vector_dim",
            (-8).into(),
            &[400, 422],
        ),
        changed(
            "a dimension that is huge",
            "vector_dim",
            json!(1e30),
            &[400, 422],
        ),
        changed(
            "a dimension that is broken",
            "vector_dim",
            json!(8.5),
            &[422],
        ),
        changed("an empty id", "text_id", "".into(), &[400, 422]),
        changed(
            "an id that is too long",
            "text_id",
            "i".repeat(301).into(),
            &[422],
        ),
        changed(
            "another project",
            "project_handle",
            "elsewhere".into(),
            &[422],
        ),
        changed("another user", "user_handle", "bob".into(), &[422]),
        changed(
            "another instance",
            "instance_handle",
            "elsewhere".into(),
            &[400],
        ),
        changed("metadata that is a text", "metadata", CANARY.into(), &[422]),
        changed(
            "metadata that is a list",
            "metadata",
            json!([CANARY]),
            &[422],
        ),
        changed("metadata that is deep", "metadata", nested, &[400, 422]),
        changed(
            "an unknown field of an item",
            "api_key",
            CANARY.into(),
            &[422],
        ),
    ]
}

pub(super) fn searches(alice: &Client) -> Vec<Case> {
    let vector = |name, vector: &str, expected| {
        let body = format!("{{\"vector\":{vector}}}");
        Case {
            name,
            request: post(alice, SEARCH, body.as_bytes()),
            expected,
        }
    };
    let query = |name, query: &str, expected| {
        let path = format!("{SEARCH}/text-one?{query}");
        Case {
            name,
            request: alice.request("GET", &path, &[], None),
            expected,
        }
    };
    vec![
        vector("a search for NaN", "[NaN,0,0,0,0,0,0,1]", &[400, 422]),
        vector("a search for zeros", "[0,0,0,0,0,0,0,0]", &[422]),
        vector("a search beyond binary16", "[70000,0,0,0,0,0,0,0]", &[422]),
        vector("a search of another dimension", "[1,2,3]", &[400]),
        vector("a search for nothing", "[]", &[400, 422]),
        query("a threshold above 1", "threshold=2", &[422]),
        query("a threshold below 0", "threshold=-0.1", &[422]),
        query("a threshold of NaN", "threshold=NaN", &[422]),
        query("a count of 0", "count=0", &[422]),
        query("a path without a value", "metadata_path=author", &[400]),
        query("a value without a path", "metadata_value=nobody", &[400]),
    ]
}
