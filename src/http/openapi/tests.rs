use super::*;
use crate::http::operations;
use crate::http::wire::Profile;

fn operations() -> Vec<Operation> {
    operations::all(Profile::Embapi)
}

/// The version of the package is in the document, and a release must not change a snapshot.
fn without_version(text: &str) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "[version]")
}

#[test]
fn the_document_in_edition_3_1() {
    let text = serde_json::to_string_pretty(&document(&operations(), Edition::V31)).unwrap();
    insta::assert_snapshot!(without_version(&text));
}

#[test]
fn the_document_in_edition_3_0() {
    let text = yaml::to_yaml(&document(&operations(), Edition::V30));
    insta::assert_snapshot!(without_version(&text));
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(target)) = object.get("$ref") {
                found.push(target.clone());
            }
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(list) => list.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for edition in [Edition::V31, Edition::V30] {
        let document = document(&operations(), edition);
        let mut targets = Vec::new();
        references(&document, &mut targets);
        assert!(targets.len() > 100);
        for target in targets {
            let pointer = target.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
    }
    let schemas = json_schemas(&operations());
    for schema in schemas.values() {
        let mut targets = Vec::new();
        references(schema, &mut targets);
        for target in targets {
            let name = target
                .strip_prefix("/schemas/")
                .unwrap()
                .strip_suffix(".json")
                .unwrap();
            assert!(schemas.contains_key(name), "{target}");
        }
    }
}

#[test]
fn edition_3_0_has_nothing_that_it_does_not_know() {
    let text = document(&operations(), Edition::V30).to_string();
    assert!(text.contains(r#""nullable":true"#));
    for unknown in [r#""type":["#, r#""const""#, r#""exclusiveMinimum""#] {
        assert!(!text.contains(unknown), "{unknown}");
    }
}

#[test]
fn the_schemas_of_the_wire_are_all_given_out() {
    let schemas = Documents::render(&operations()).schemas;
    for name in [
        "ErrorModel",
        "UserResponse",
        "ProjectBrief",
        "ProjectFull",
        "GetProjectsResponseBody",
        "ShareProjectResponseBody",
        "GetProjectSharedUsersResponseBody",
        "TransferProjectOwnershipResponseBody",
        "UploadProjEmbeddingsResponseBody",
        "GetProjEmbeddingsResponseBody",
        "Embeddings",
        "SimilarResponseBody",
        "UploadAPIStandardResponseBody",
        "GetAPIStandardsResponseBody",
        "UploadInstanceResponseBody",
        "GetUserInstancesResponseBody",
        "InstanceFull",
        "ShareInstanceResponseBody",
        "GetInstanceSharedUsersResponseBody",
        "ShareDefinitionResponseBody",
        "DefinitionBrief",
        "DefinitionsResponse",
        "SanityCheckResponseBody",
        "ServiceManifest",
    ] {
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[test]
fn what_the_documents_say_of_a_type_is_valid_json_schema_and_means_the_same() {
    let schemas = json_schemas(&operations());
    let validator = jsonschema::validator_for(&schemas["ShareInputBody"]).unwrap();
    assert!(validator.is_valid(&json!({"share_with_handle": "bob", "role": "reader"})));
    assert!(!validator.is_valid(&json!({"share_with_handle": "bob", "role": "owner"})));
    assert!(!validator.is_valid(&json!({"share_with_handle": "bo", "role": "reader"})));
    assert!(!validator.is_valid(&json!({"role": "reader"})));
    let standard = jsonschema::validator_for(&schemas["APIStandard"]).unwrap();
    let body = |more: Value| {
        let mut body = json!({"api_standard_handle": "abc", "description": "",
            "key_method": "auth_bearer", "key_field": "x", "$schema": "http://a/b"});
        body["key_field"] = more;
        body
    };
    assert!(standard.is_valid(&body(json!("x"))));
    assert!(!standard.is_valid(&body(json!("x".repeat(21)))));
}
