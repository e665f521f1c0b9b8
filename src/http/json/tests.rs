use super::*;
use crate::http::base_url::Transport;
use proptest::prelude::*;
use serde_json::{Value, json};

fn text<T: Serialize + ?Sized>(value: &T) -> String {
    String::from_utf8(encode(value))
        .unwrap()
        .trim_end()
        .to_owned()
}

#[test]
fn floats_are_written_as_go_writes_them() {
    let doubles: [(f64, &str); 12] = [
        (0.0, "0"),
        (-0.0, "-0"),
        (1.0, "1"),
        (0.5, "0.5"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-9, "1.5e-9"),
        (1e-10, "1e-10"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.25e300, "1.25e+300"),
        (123_456_789.125, "123456789.125"),
    ];
    for (value, expected) in doubles {
        assert_eq!(text(&value), expected);
        assert_eq!(text(&json!(value)), expected);
    }
}

#[test]
fn a_binary32_is_written_by_its_own_shortest_digits() {
    let floats: [(f32, &str); 6] = [
        (0.1, "0.1"),
        (-0.020_843_506, "-0.020843506"),
        (0.020_004_272, "0.020004272"),
        (65504.0, "65504"),
        (5.960_464_5e-8, "5.9604645e-8"),
        (1e-6, "0.000001"),
    ];
    for (value, expected) in floats {
        assert_eq!(text(&value), expected);
    }
}

#[test]
fn line_separators_are_escaped_and_html_is_not() {
    assert_eq!(
        text("<a&b>\u{2028}ü\u{2029}\u{2028}\u{7}\n"),
        "\"<a&b>\\u2028ü\\u2029\\u2028\\u0007\\n\""
    );
    assert_eq!(text(&json!({"\u{2029}": 1})), "{\"\\u2029\":1}");
}

#[test]
fn an_answer_ends_with_a_newline_and_metadata_keys_are_sorted() {
    assert_eq!(encode(&json!({"b": 1, "a": [2]})), b"{\"a\":[2],\"b\":1}\n");
}

#[test]
fn the_schema_comes_first() {
    let base = BaseUrl::from_host(Some("localhost:8880"), Transport::Plain);
    assert_eq!(
        encode_with_schema(&json!({"a": 1}), "T", &base),
        b"{\"$schema\":\"http://localhost:8880/schemas/T.json\",\"a\":1}\n"
    );
    assert_eq!(
        encode_with_schema(&json!({}), "T", &base),
        b"{\"$schema\":\"http://localhost:8880/schemas/T.json\"}\n"
    );
}

fn reason(body: &[u8]) -> String {
    parse(body).unwrap_err().to_string()
}

#[test]
fn a_body_that_two_readers_could_understand_differently_is_refused() {
    assert_eq!(
        reason(br#"{"a":{"b":1,"b":2}}"#),
        "a property name that is there twice at line 1 column 15"
    );
    assert_eq!(
        reason(b"{\"a\":\"\xff\"}"),
        "the body is not valid UTF-8 from byte 6 on"
    );
    assert!(reason(b"{} {}").starts_with("trailing characters"));
    for bad in [
        "",
        "{",
        "nan",
        "NaN",
        "Infinity",
        "[1,]",
        "1e999",
        "\"\\ud800\"",
        "\u{feff}{}",
    ] {
        assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels: usize| [b"[".repeat(levels), b"]".repeat(levels)].concat();
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert!(reason(&nested(MAX_DEPTH + 1)).contains("beyond 64 levels"));
    assert!(parse(&nested(500_000)).is_err());
}

#[test]
fn the_reason_never_repeats_the_body() {
    for body in [
        r#"{"api_key":"hunter2hunter2","api_key":1}"#,
        r#"{"api_key":hunter2hunter2}"#,
        r#"{"hunter2":1,"hunter2":2}"#,
        r#"{"api_key":"hunter2"#,
    ] {
        assert!(!reason(body.as_bytes()).contains("hunter2"), "{body}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Go's text of a whole float reads back as an integer, which is the same number.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || left.as_f64() == right.as_f64()
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|((k, l), (m, r))| k == m && same(l, r))
        }
        _ => left == right,
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(value in any_json()) {
        let bytes = encode(&value);
        prop_assert!(same(&parse(&bytes).unwrap(), &value), "{value}");
    }

    #[test]
    fn every_binary32_reads_back_the_same(bits in any::<u32>()) {
        let value = f32::from_bits(bits);
        prop_assume!(value.is_finite());
        prop_assert_eq!(text(&value).parse::<f32>().unwrap().to_bits(), bits);
    }

    #[test]
    fn a_whole_double_within_reach_has_neither_point_nor_exponent(value in -1e15..1e15_f64) {
        let written = text(&value.trunc());
        prop_assert!(written.bytes().all(|b| b.is_ascii_digit() || b == b'-'), "{}", written);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        drop(parse(&bytes));
    }

    #[test]
    fn no_json_like_text_makes_the_reader_panic(text in "[\\[\\]{}:,\"\\\\a0-9.eE+\\- utfn]{0,64}") {
        drop(parse(text.as_bytes()));
    }
}
