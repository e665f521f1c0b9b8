use super::*;
use crate::http::operation::{Answer, ObjectKind, Who};
use std::collections::{BTreeMap, BTreeSet};

fn rows() -> Vec<String> {
    all(Profile::Embapi)
        .iter()
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect()
}

#[test]
fn every_route_is_there_once_and_has_a_name_of_its_own() {
    let operations = all(Profile::Embapi);
    let paths: BTreeSet<_> = rows().into_iter().collect();
    let ids: BTreeSet<_> = operations.iter().map(|operation| operation.id).collect();
    assert_eq!(paths.len(), operations.len());
    assert_eq!(ids.len(), operations.len());
}

#[test]
fn the_table_of_routes_and_of_who_may_use_them() {
    let table: Vec<String> = all(Profile::Embapi)
        .iter()
        .map(|operation| {
            let who: Vec<_> = operation
                .access
                .who
                .iter()
                .map(|who| letter(*who))
                .collect();
            format!(
                "{:<6} {:<75} {:<4} {} {:?}",
                operation.method.as_str(),
                operation.path,
                who.concat(),
                operation.success,
                operation.error_statuses()
            )
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

const fn letter(who: Who) -> &'static str {
    match who {
        Who::Admin => "A",
        Who::Owner => "O",
        Who::Editor => "E",
        Who::Reader => "R",
        Who::PublicRead => "P",
        Who::Anyone => "*",
    }
}

#[test]
fn every_resource_that_is_read_and_put_can_be_patched() {
    let rows = rows();
    let puts: Vec<_> = rows
        .iter()
        .filter_map(|row| row.strip_prefix("PUT "))
        .collect();
    assert_eq!(puts.len(), 5);
    for path in puts {
        assert!(rows.contains(&format!("GET {path}")), "{path}");
        assert!(rows.contains(&format!("PATCH {path}")), "{path}");
    }
}

#[test]
fn a_role_on_an_object_is_asked_for_only_where_the_path_names_one() {
    for operation in all(Profile::Embapi) {
        let path = operation.path;
        let has = |name: &str| path.contains(&format!("{{{name}}}"));
        if operation.access.admits(Who::Owner) {
            assert!(has("user_handle"), "{path}");
        }
        let named = match operation.access.object {
            ObjectKind::None => true,
            ObjectKind::Project => has("project_handle"),
            ObjectKind::Definition => has("definition_handle"),
            ObjectKind::Instance => has("instance_handle"),
        };
        assert!(named, "{path}");
    }
}

#[test]
fn one_name_stands_for_one_type() {
    for profile in [Profile::Embapi, Profile::Vdb] {
        let operations = all(profile);
        let mut by_name = BTreeMap::new();
        for schema in operations.iter().flat_map(schemas) {
            schema.visit_objects(&mut |_, object| {
                let before = by_name.insert(object.name, object.clone());
                assert!(
                    before.is_none_or(|before| before == *object),
                    "{}",
                    object.name
                );
            });
        }
        assert!(by_name.contains_key("ProjectFull"));
    }
}

fn schemas(operation: &Operation) -> Vec<&Schema> {
    let body = operation.body.iter().flat_map(|body| &body.content);
    let answer = match &operation.answer {
        Answer::Linked(schema) | Answer::Plain(schema) | Answer::List(schema) => Some(*schema),
        Answer::Nothing | Answer::Document(_) => None,
    };
    body.map(|(_, schema)| schema).chain(answer).collect()
}

#[test]
fn types_that_are_a_request_body_too_are_answered_without_a_link() {
    let linked = |id: &str| {
        let operations = all(Profile::Embapi);
        let operation = operations
            .iter()
            .find(|operation| operation.id == id)
            .unwrap();
        matches!(operation.answer, Answer::Linked(_))
    };
    for id in [
        "get-user",
        "get-api-standard",
        "get-definition",
        "get-users",
    ] {
        assert!(!linked(id), "{id}");
    }
    for id in [
        "get-project",
        "post-user",
        "put-definition",
        "get-instance",
        "get-manifest",
    ] {
        assert!(linked(id), "{id}");
    }
}
