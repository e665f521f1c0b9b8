//! The OpenAPI documents and the JSON Schemas of all types, drawn from the operations table.
//!
//! Built once when the server starts. What a document says is what `http::validate` enforces:
//! both read the same schemas.

mod paths;
mod schemas;
mod yaml;

pub(super) use paths::who_may;

use super::operation::{Answer, Operation};
use super::problem::Problem;
use super::schema::{Object, Schema};
use super::wire::Wire as _;
use schemas::{References, Style};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Which edition of the specification a document follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// OpenAPI 3.1.0: schemas are JSON Schema 2020-12.
    V31,
    /// OpenAPI 3.0.3: a dialect of its own, for older tools.
    V30,
}

impl Edition {
    const fn number(self) -> &'static str {
        match self {
            Self::V31 => "3.1.0",
            Self::V30 => "3.0.3",
        }
    }
}

/// The names of the security schemes and whose key each takes, as upstream names them.
pub const SECURITY_SCHEMES: [(&str, &str); 4] = [
    ("adminAuth", "The administrator's key."),
    ("ownerAuth", "The key of the user in the path."),
    (
        "editorAuth",
        "The key of a user who may change what is in the object.",
    ),
    (
        "readerAuth",
        "The key of a user that the object is shared with.",
    ),
];

/// Everything that the server gives out about its own API.
#[derive(Clone, Debug)]
pub struct Documents {
    /// `/openapi.json`.
    pub v31_json: String,
    /// `/openapi.yaml`.
    pub v31_yaml: String,
    /// `/openapi-3.0.json`.
    pub v30_json: String,
    /// `/openapi-3.0.yaml`.
    pub v30_yaml: String,
    /// `/schemas/{name}.json`, by name.
    pub schemas: BTreeMap<&'static str, String>,
}

impl Documents {
    /// Renders all of them.
    #[must_use]
    pub fn render(operations: &[Operation]) -> Self {
        let v31 = document(operations, Edition::V31);
        let v30 = document(operations, Edition::V30);
        Self {
            v31_json: format!("{v31}\n"),
            v31_yaml: yaml::to_yaml(&v31),
            v30_json: format!("{v30}\n"),
            v30_yaml: yaml::to_yaml(&v30),
            schemas: json_schemas(operations)
                .into_iter()
                .map(|(name, schema)| (name, format!("{schema}\n")))
                .collect(),
        }
    }
}

/// The OpenAPI document.
#[must_use]
pub fn document(operations: &[Operation], edition: Edition) -> Value {
    let types = Types::of(operations);
    let style = Style {
        edition,
        references: References::Components,
        types: &types,
    };
    let components: Map<String, Value> = types
        .objects
        .iter()
        .map(|(name, (schema, _))| ((*name).to_owned(), schemas::definition(schema, &style)))
        .collect();
    json!({
        "openapi": edition.number(),
        "info": {
            "title": "embsec",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A hardened embeddings API.",
            "license": {"name": env!("CARGO_PKG_LICENSE")},
        },
        "tags": tags(operations),
        "paths": paths::paths(operations, &style),
        "components": {
            "schemas": components,
            "responses": paths::problem_responses(operations),
            "securitySchemes": security_schemes(),
        },
    })
}

/// The JSON Schemas (2020-12) of all types, by name.
#[must_use]
pub fn json_schemas(operations: &[Operation]) -> BTreeMap<&'static str, Value> {
    let types = Types::of(operations);
    let style = Style {
        edition: Edition::V31,
        references: References::Files,
        types: &types,
    };
    types
        .objects
        .iter()
        .map(|(name, (schema, _))| {
            let mut definition = schemas::definition(schema, &style);
            definition["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
            (*name, definition)
        })
        .collect()
}

fn tags(operations: &[Operation]) -> Value {
    let mut names: Vec<&str> = operations.iter().map(|operation| operation.tag).collect();
    names.dedup();
    names.iter().map(|name| json!({"name": name})).collect()
}

fn security_schemes() -> Value {
    SECURITY_SCHEMES
        .into_iter()
        .map(|(name, about)| {
            let scheme = json!({"type": "http", "scheme": "bearer", "description": about});
            (name.to_owned(), scheme)
        })
        .collect::<Map<_, _>>()
        .into()
}

/// Every named type that the operations mention.
pub(super) struct Types<'a> {
    /// By name.
    pub(super) objects: BTreeMap<&'static str, (&'a Schema, &'a Object)>,
    /// Names of those that come in.
    requests: BTreeSet<&'static str>,
    /// Names of those that are a whole body, in or out, and so may have `$schema`.
    bodies: BTreeSet<&'static str>,
}

impl<'a> Types<'a> {
    pub(super) fn of(operations: &'a [Operation]) -> Self {
        let mut types = Self {
            objects: BTreeMap::new(),
            requests: BTreeSet::new(),
            bodies: BTreeSet::new(),
        };
        types.add_body(Problem::schema());
        for operation in operations {
            for (_, schema) in operation.body.iter().flat_map(|body| &body.content) {
                types.add_body(schema);
                schema.visit_objects(&mut |_, object| {
                    types.requests.insert(object.name);
                });
            }
            match &operation.answer {
                Answer::Linked(schema) | Answer::Plain(schema) => types.add_body(schema),
                Answer::List(schema) => types.add(schema),
                Answer::Nothing | Answer::Document(_) => {}
            }
        }
        types
    }

    fn add(&mut self, schema: &'a Schema) {
        schema.visit_objects(&mut |schema, object| {
            self.objects.insert(object.name, (schema, object));
        });
    }

    fn add_body(&mut self, schema: &'a Schema) {
        self.add(schema);
        if let Some(object) = schema.as_object() {
            self.bodies.insert(object.name);
        }
    }

    fn is_request(&self, name: &str) -> bool {
        self.requests.contains(name)
    }

    fn is_body(&self, name: &str) -> bool {
        self.bodies.contains(name)
    }
}

#[cfg(test)]
mod tests;
