//! Operations as the paths of an OpenAPI document.

use super::schemas::{Direction, Style, inline};
use crate::http::operation::{Answer, JSON, ObjectKind, Operation, Parameter, Who};
use crate::http::problem::{PROBLEM_JSON, Problem};
use crate::http::schema::Schema;
use crate::http::wire::Wire as _;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

pub(super) fn paths(operations: &[Operation], style: &Style<'_>) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let methods = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        let method = operation.method.as_str().to_ascii_lowercase();
        methods[method] = operation_object(operation, style);
    }
    paths.into()
}

fn operation_object(operation: &Operation, style: &Style<'_>) -> Value {
    let mut written = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "description": format!("For {}.", who_may(operation)),
        "tags": [operation.tag],
        "responses": responses(operation, style),
    });
    let parameters = parameters(operation, style);
    if !parameters.is_empty() {
        written["parameters"] = parameters.into();
    }
    if let Some(body) = &operation.body {
        let content: Map<String, Value> = body
            .content
            .iter()
            .map(|(media_type, schema)| {
                let schema = inline(schema, Direction::Request, style);
                ((*media_type).to_owned(), json!({"schema": schema}))
            })
            .collect();
        written["requestBody"] = json!({"required": true, "content": content});
    }
    if !operation.access.admits(Who::Anyone) {
        let schemes = operation.access.who.iter().map(|who| security(*who));
        written["security"] = schemes.collect();
    }
    written
}

/// Who may use an operation, in words, as in "the administrator, the owner of the project".
pub(in crate::http) fn who_may(operation: &Operation) -> String {
    let object = match operation.access.object {
        ObjectKind::None => "",
        ObjectKind::Project => " of the project",
        ObjectKind::Definition => " of the definition",
        ObjectKind::Instance => " of the instance",
    };
    let words: Vec<String> = operation
        .access
        .who
        .iter()
        .map(|who| match who {
            Who::Admin => "the administrator".to_owned(),
            Who::Owner if object.is_empty() => "the user in the path".to_owned(),
            Who::Owner => format!("the owner{object}"),
            Who::Editor => format!("editors{object}"),
            Who::Reader => format!("everyone who has a share{object}"),
            Who::PublicRead => "anybody where the project is public".to_owned(),
            Who::Anyone => "anybody".to_owned(),
        })
        .collect();
    words.join(", ")
}

fn security(who: Who) -> Value {
    match who {
        Who::Admin => json!({"adminAuth": []}),
        Who::Owner => json!({"ownerAuth": []}),
        Who::Editor => json!({"editorAuth": []}),
        Who::Reader => json!({"readerAuth": []}),
        Who::PublicRead | Who::Anyone => json!({}),
    }
}

fn parameters(operation: &Operation, style: &Style<'_>) -> Vec<Value> {
    let write = |parameter: &Parameter, place: &str| {
        let bare = Schema {
            about: None,
            ..parameter.schema.clone()
        };
        let mut written = json!({
            "name": parameter.name,
            "in": place,
            "schema": inline(&bare, Direction::Request, style),
        });
        if place == "path" {
            written["required"] = json!(true);
        }
        if let Some(about) = parameter.schema.about {
            written["description"] = json!(about);
        }
        written
    };
    let path = operation.path_parameters();
    let in_path = path.iter().map(|parameter| write(parameter, "path"));
    let in_query = operation
        .query
        .iter()
        .map(|parameter| write(parameter, "query"));
    in_path.chain(in_query).collect()
}

fn responses(operation: &Operation, style: &Style<'_>) -> Value {
    let mut responses = Map::new();
    responses.insert(operation.success.to_string(), success(operation, style));
    for status in operation.also {
        let written = if *status == StatusCode::NOT_MODIFIED.as_u16() {
            json!({"description": reason(*status)})
        } else {
            let mut same = success(operation, style);
            same["description"] = json!(reason(*status));
            same
        };
        responses.insert(status.to_string(), written);
    }
    for status in operation.error_statuses() {
        let reference = json!({"$ref": format!("#/components/responses/{}", name_of(status))});
        responses.insert(status.to_string(), reference);
    }
    let other = json!({"$ref": "#/components/responses/OtherProblem"});
    responses.insert("default".to_owned(), other);
    responses.into()
}

fn success(operation: &Operation, style: &Style<'_>) -> Value {
    let mut written = json!({"description": reason(operation.success)});
    let content = |media_type: &str, schema: Value| {
        let media_type = media_type.split(';').next().unwrap_or(media_type);
        json!({media_type: {"schema": schema}})
    };
    match &operation.answer {
        Answer::Nothing => {}
        Answer::Linked(schema) => {
            written["content"] = content(JSON, inline(schema, Direction::Answer, style));
            written["headers"] = json!({"Link": {
                "description": "Points to the JSON Schema of the answer.",
                "schema": {"type": "string"},
            }});
        }
        Answer::Plain(schema) => {
            written["content"] = content(JSON, inline(schema, Direction::Answer, style));
        }
        Answer::List(schema) => {
            let items = inline(schema, Direction::Answer, style);
            written["content"] = content(JSON, json!({"type": "array", "items": items}));
        }
        Answer::Document(media_type) => {
            // What reads a document decides whether it is a text or what the text says.
            let schema = match media_type {
                _ if media_type.ends_with("json") => json!({"type": "object"}),
                _ if media_type.ends_with("yaml") => json!({}),
                _ => json!({"type": "string"}),
            };
            written["content"] = content(media_type, schema);
        }
    }
    written
}

/// One response for every error status that occurs, and one for any other.
pub(super) fn problem_responses(operations: &[Operation]) -> Value {
    let statuses: BTreeSet<u16> = operations
        .iter()
        .flat_map(Operation::error_statuses)
        .collect();
    let problem = |description: &str| {
        let schema = json!({"$ref": format!("#/components/schemas/{}", Problem::NAME)});
        json!({"description": description, "content": {PROBLEM_JSON: {"schema": schema}}})
    };
    let known = statuses
        .into_iter()
        .map(|status| (name_of(status), problem(reason(status))));
    let other = ("OtherProblem".to_owned(), problem("Any other error"));
    known
        .chain(std::iter::once(other))
        .collect::<Map<_, _>>()
        .into()
}

fn reason(status: u16) -> &'static str {
    StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Answer")
}

/// `NotFound` for 404.
fn name_of(status: u16) -> String {
    reason(status).replace(' ', "")
}
