use super::*;
use crate::http::schema::any as anything;
use crate::http::schema::{array, boolean, double, enumeration, float, integer, long, map};
use crate::http::schema::{object, secret, text, text_of};
use axum::http::StatusCode;
use proptest::prelude::*;
use serde_json::json;

/// Every kind of property that there is.
fn everything() -> Schema {
    let inner = object("Inner").required("name", text_of(3, 20));
    object("Everything")
        .required("zone", text())
        .required("handle", text_of(3, 20))
        .optional("role", enumeration(&["reader", "editor"]))
        .optional("count", integer().at_least(1).at_most(200))
        .optional("id", long())
        .optional("vector", array(float()))
        .optional("ratio", double().within(0.0, 1.0))
        .optional("open", boolean())
        .optional("metadata", map())
        .optional("inner", array(inner))
        .optional("other", anything())
        .read_only("key", secret(Some(64), Some(64)))
        .write_only("api_key", secret(None, None))
}

/// What is wrong with a body that has the required properties and these.
fn told(properties: &Value) -> Vec<(String, String, Option<Value>)> {
    let mut body = json!({"zone": "z", "handle": "abc"});
    for (name, value) in properties.as_object().unwrap() {
        body[name] = value.clone();
    }
    checked_body(&everything(), body)
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(|error| (error.location, error.message, error.value))
        .collect()
}

fn one(location: &str, message: &str, value: Value) -> Vec<(String, String, Option<Value>)> {
    let value = (!value.is_null()).then_some(value);
    vec![(location.to_owned(), message.to_owned(), value)]
}

#[test]
fn every_message_is_upstreams() {
    let long_name = "a".repeat(21);
    for (given, location, message, value) in [
        (
            json!({"handle": "ab"}),
            "handle",
            "expected length >= 3",
            json!("ab"),
        ),
        (
            json!({"handle": long_name}),
            "handle",
            "expected length <= 20",
            json!(long_name),
        ),
        (json!({"handle": 7}), "handle", "expected string", json!(7)),
        (
            json!({"handle": null}),
            "handle",
            "expected string",
            json!(null),
        ),
        (
            json!({"role": "owner"}),
            "role",
            "expected value to be one of \"reader, editor\"",
            json!("owner"),
        ),
        (
            json!({"count": 0}),
            "count",
            "expected number >= 1",
            json!(0),
        ),
        (
            json!({"count": 201}),
            "count",
            "expected number <= 200",
            json!(201),
        ),
        (
            json!({"count": 1.5}),
            "count",
            "expected integer",
            json!(1.5),
        ),
        (
            json!({"count": "1"}),
            "count",
            "expected integer",
            json!("1"),
        ),
        (
            json!({"id": 9_223_372_036_854_775_808_u64}),
            "id",
            "expected number <= 9223372036854775807",
            json!(9_223_372_036_854_775_808_u64),
        ),
        (
            json!({"id": -1e300}),
            "id",
            "expected number >= -9223372036854775808",
            json!(-1e300),
        ),
        (
            json!({"ratio": "x"}),
            "ratio",
            "expected number",
            json!("x"),
        ),
        (
            json!({"ratio": 1.5}),
            "ratio",
            "expected number <= 1",
            json!(1.5),
        ),
        (
            json!({"open": "true"}),
            "open",
            "expected boolean",
            json!("true"),
        ),
        (
            json!({"vector": 1}),
            "vector",
            "expected array",
            json!(null),
        ),
        (
            json!({"vector": [1, "2"]}),
            "vector[1]",
            "expected number",
            json!("2"),
        ),
        (
            json!({"vector": [1e39]}),
            "vector[0]",
            "expected number of 32 bits",
            json!(1e39),
        ),
        (
            json!({"metadata": [1]}),
            "metadata",
            "expected object",
            json!(null),
        ),
        (
            json!({"inner": [{"name": "ab"}]}),
            "inner[0].name",
            "expected length >= 3",
            json!("ab"),
        ),
        (
            json!({"inner": ["x"]}),
            "inner[0]",
            "expected object",
            json!(null),
        ),
        (json!({"foo": 1}), "foo", "unexpected property", json!(null)),
        (
            json!({"inner": [{"name": "abc", "$schema": "x"}]}),
            "inner[0].$schema",
            "unexpected property",
            json!(null),
        ),
    ] {
        assert_eq!(
            told(&given),
            one(&format!("body.{location}"), message, value)
        );
    }
}

#[test]
fn a_missing_property_is_told_of_its_object_without_repeating_it() {
    assert_eq!(
        told(&json!({"inner": [{}]})),
        one(
            "body.inner[0]",
            "expected required property name to be present",
            Value::Null
        )
    );
}

#[test]
fn errors_come_in_alphabetical_order_and_unexpected_properties_last() {
    let errors = checked_body(&everything(), json!({"beta": 1, "open": 1, "Alpha": 1}));
    let told: Vec<_> = errors
        .unwrap_err()
        .into_iter()
        .map(|error| format!("{}: {}", error.location, error.message))
        .collect();
    assert_eq!(
        told,
        [
            "body: expected required property handle to be present",
            "body.open: expected boolean",
            "body: expected required property zone to be present",
            "body.Alpha: unexpected property",
            "body.beta: unexpected property",
        ]
    );
}

#[test]
fn a_body_is_returned_in_its_normal_form() {
    let body = json!({
        "$schema": "https://example.org/x", "ZONE": "z", "Handle": "abc", "role": null,
        "count": 2.0, "vector": [1, 0.5], "key": "k".repeat(64), "api_key": "s",
    });
    assert_eq!(
        checked_body(&everything(), body).unwrap(),
        json!({"zone": "z", "handle": "abc", "count": 2, "vector": [1.0, 0.5], "api_key": "s"})
    );
}

#[test]
fn a_second_spelling_of_a_property_is_unexpected() {
    assert_eq!(
        told(&json!({"role": "reader", "Role": "editor"})),
        one("body.Role", "unexpected property", Value::Null)
    );
}

#[test]
fn what_only_answers_carry_is_checked_all_the_same() {
    assert_eq!(
        told(&json!({"key": "short"})),
        one("body.key", "expected length >= 64", Value::Null)
    );
}

#[test]
fn nothing_that_may_be_a_secret_is_repeated() {
    let provider_key = "sk-proj-0123456789abcdef";
    let word = "0123456789abcdef0123456789abcdef";
    for given in [
        json!({"api_key": 7}),
        json!({"key": word}),
        json!({"handle": provider_key}),
        json!({"handle": word}),
        json!({"role": "Bearer abc"}),
        json!({provider_key: 1}),
        json!({word: 1}),
        json!({"vector": {"a": provider_key}}),
        json!({"api_key": provider_key, "foo": 1}),
    ] {
        let told = told(&given);
        assert_eq!(told.len(), 1, "{told:?}");
        let text = format!("{told:?}");
        for part in ["proj", "0123456789", "Bearer", "Number(7)"] {
            assert!(!text.contains(part), "{text}");
        }
    }
}

#[test]
fn a_batch_of_garbage_is_answered_briefly() {
    let items: Vec<_> = std::iter::repeat_n(json!({}), 10_000).collect();
    assert_eq!(told(&json!({"inner": items})).len(), MAX_ERRORS);
}

#[test]
fn a_body_that_cannot_be_read_is_a_400() {
    let problem = read_as::<Value>(&everything(), b"").unwrap_err();
    assert_eq!(problem.detail(), "request body is required");
    for body in [&b"{"[..], b"\xff", b"{\"a\":1,\"a\":2}"] {
        let problem = read_as::<Value>(&everything(), body).unwrap_err();
        assert_eq!(problem.status(), StatusCode::BAD_REQUEST);
        assert_eq!(problem.detail(), "validation failed");
        assert_eq!(problem.errors()[0].location, "body");
    }
}

fn parameters() -> Vec<Parameter> {
    let parameter = |name, schema| Parameter { name, schema };
    vec![
        parameter("limit", long().at_least(1).at_most(200).default_value(10)),
        parameter("offset", long().at_least(0).default_value(0)),
        parameter("threshold", double().within(0.0, 1.0).default_value(0.5)),
        parameter("metadata_path", text()),
    ]
}

#[test]
fn a_query_is_read_with_its_defaults() {
    let read = |raw| query(&parameters(), Some(raw)).unwrap();
    let plain = read("");
    assert_eq!((plain.page().limit, plain.page().offset), (10, 0));
    assert_eq!(plain.number("threshold"), Some(0.5));
    assert_eq!(plain.text("metadata_path"), None);
    let full = read("limit=5&limit=x&offset=%37&threshold=1&metadata_path=a%20b+c&x=y&limit");
    assert_eq!((full.page().limit, full.page().offset), (5, 7));
    assert_eq!(full.number("threshold"), Some(1.0));
    assert_eq!(full.text("metadata_path"), Some("a b c"));
    assert_eq!(read("limit=&offset=1").page().limit, 10);
}

#[test]
fn a_query_that_cannot_be_decoded_is_wrong_and_not_left_out() {
    for raw in [
        "metadata_path=%zz",
        "limit=5&metadata_path=%ff",
        "%f=1",
        "a=%",
    ] {
        let errors = query(&parameters(), Some(raw)).unwrap_err();
        assert_eq!(errors[0].location, "query", "{raw}");
        assert_eq!(errors[0].message, "invalid percent-encoding", "{raw}");
        assert_eq!(errors[0].value, None, "{raw}");
    }
}

#[test]
fn what_is_wrong_with_a_query_is_told_as_upstream_tells_it() {
    for (raw, location, message, value) in [
        ("limit=0", "query.limit", "expected number >= 1", json!(0)),
        (
            "limit=201",
            "query.limit",
            "expected number <= 200",
            json!(201),
        ),
        ("limit=1.5", "query.limit", "invalid integer", json!("1.5")),
        (
            "limit=99999999999999999999",
            "query.limit",
            "invalid integer",
            json!("99999999999999999999"),
        ),
        (
            "offset=-1",
            "query.offset",
            "expected number >= 0",
            json!(-1),
        ),
        (
            "threshold=high",
            "query.threshold",
            "invalid float",
            json!("high"),
        ),
        (
            "threshold=NaN",
            "query.threshold",
            "invalid float",
            json!("NaN"),
        ),
        (
            "threshold=2",
            "query.threshold",
            "expected number <= 1",
            json!(2.0),
        ),
    ] {
        let errors = query(&parameters(), Some(raw)).unwrap_err();
        let told: Vec<_> = errors
            .into_iter()
            .map(|error| (error.location, error.message, error.value))
            .collect();
        assert_eq!(told, one(location, message, value), "{raw}");
    }
}

#[test]
fn a_text_holds_no_zero_character_anywhere_but_in_metadata() {
    let message = "expected no U+0000 character";
    let value = json!("a\0c");
    let told_of = told(&json!({"handle": value}));
    assert_eq!(told_of, one("body.handle", message, value.clone()));
    let told_of = told(&json!({"inner": [{"name": value}]}));
    assert_eq!(told_of, one("body.inner[0].name", message, value.clone()));
    // A secret is refused, too, and not repeated.
    let told_of = told(&json!({"key": format!("{}\0", "s".repeat(63))}));
    assert_eq!(told_of, one("body.key", message, Value::Null));
    assert_eq!(told(&json!({"metadata": {"k\0": value}})), []);

    let parameters = [Parameter {
        name: "text",
        schema: text(),
    }];
    let errors = query(&parameters, Some("text=a%00c")).unwrap_err();
    assert_eq!(errors[0].location, "query.text");
    assert_eq!(errors[0].message, message);
    let errors = path(&parameters, [("text", "a\0c")]).unwrap_err();
    assert_eq!(errors[0].location, "path.text");
    assert_eq!(errors[0].message, message);
}

#[test]
fn the_parameters_of_a_path_have_a_length() {
    let parameters = [Parameter {
        name: "text_id",
        schema: text_of(3, 300),
    }];
    assert!(path(&parameters, [("text_id", "abc"), ("else", "x")]).is_ok());
    let errors = path(&parameters, [("text_id", "ab")]).unwrap_err();
    assert_eq!(errors[0].location, "path.text_id");
    assert_eq!(errors[0].message, "expected length >= 3");
}

fn any_body() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("zone".to_owned()),
        Just("HANDLE".to_owned()),
        Just("vector".to_owned()),
        Just("inner".to_owned()),
        Just("name".to_owned()),
        Just("count".to_owned()),
        any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_makes_the_check_panic_and_what_passes_passes_again(body in any_body()) {
        if let Ok(normal) = checked_body(&everything(), body) {
            prop_assert_eq!(checked_body(&everything(), normal.clone()), Ok(normal));
        }
    }

    #[test]
    fn no_query_makes_the_reader_panic(raw in "[a-z=&%+0-9.é]{0,40}|limit=.{0,9}") {
        drop(query(&parameters(), Some(&raw)));
    }
}
