use super::*;
use axum::http::StatusCode;
use proptest::prelude::*;
use serde_json::{Value, json};

fn item() -> Value {
    json!({
        "text_id": "a", "user_handle": "alice", "project_handle": "proj",
        "instance_handle": "inst", "text": "x", "vector": [1, -0.5, 1e-7],
        "vector_dim": 3, "metadata": {"author": {"id": 7}},
    })
}

fn body(items: &[Value]) -> Vec<u8> {
    json!({"embeddings": items}).to_string().into_bytes()
}

fn generally(bytes: &[u8]) -> Result<Vec<EmbeddingsInput>, Problem> {
    validate::read::<UploadInput>(bytes).map(|input| input.embeddings)
}

#[test]
fn an_ordinary_batch_is_read_the_quick_way() {
    let bytes = body(&[item(), item()]);
    let items = decode_quickly(&bytes).unwrap();
    assert_eq!(items.len(), 2);
    assert_eq!(items[0].vector, [1.0, -0.5, 1e-7]);
    assert_eq!(items[0].metadata.as_ref().unwrap()["author"]["id"], 7);
    assert_eq!(items, generally(&bytes).unwrap());
}

#[test]
fn an_unusual_batch_is_read_the_general_way() {
    let mut unusual = item();
    unusual["TEXT_ID"] = unusual["text_id"].take();
    unusual.as_object_mut().unwrap().remove("text_id");
    unusual["vector_dim"] = json!(3.0);
    unusual["metadata"] = Value::Null;
    let bytes = body(&[unusual]);
    assert!(decode_quickly(&bytes).is_none());
    let items = decode_upload(&bytes).unwrap();
    assert_eq!((items[0].text_id.as_str(), items[0].vector_dim), ("a", 3));
    assert_eq!(items[0].metadata, None);
}

#[test]
fn a_component_that_no_binary32_holds_is_refused() {
    let mut large = item();
    large["vector"] = json!([0.5, 1e39]);
    let problem = decode_upload(&body(&[large])).unwrap_err();
    assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem.errors()[0].location, "body.embeddings[0].vector[1]");
    for bad in ["NaN", "Infinity", "-Infinity", "1e999", "nan"] {
        let text = String::from_utf8(body(&[item()])).unwrap();
        let bytes = text.replace("-0.5", bad).into_bytes();
        let problem = decode_upload(&bytes).unwrap_err();
        assert_eq!(problem.status(), StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[test]
fn what_is_wrong_is_told_by_the_general_way() {
    let mut wrong = item();
    wrong["user_handle"] = json!("al");
    wrong["metadata"] = json!([1]);
    wrong["extra"] = json!("sk-verysecret");
    wrong.as_object_mut().unwrap().remove("vector_dim");
    let problem = decode_upload(&body(&[item(), wrong])).unwrap_err();
    let told: Vec<_> = problem
        .errors()
        .iter()
        .map(|error| (error.location.as_str(), error.message.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("body.embeddings[1].metadata", "expected object"),
            ("body.embeddings[1].user_handle", "expected length >= 3"),
            (
                "body.embeddings[1]",
                "expected required property vector_dim to be present"
            ),
            ("body.embeddings[1].extra", "unexpected property"),
        ]
    );
    assert!(!format!("{problem:?}").contains("verysecret"));
}

#[test]
fn structures_that_look_like_lists_of_properties_are_refused() {
    for bad in [
        r#"[[]]"#,
        r#"{"embeddings":[["a","alice"]]}"#,
        "[]",
        "null",
        "7",
    ] {
        assert!(decode_quickly(bad.as_bytes()).is_none(), "{bad}");
        let problem = decode_upload(bad.as_bytes()).unwrap_err();
        assert_eq!(problem.status(), StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
}

#[test]
fn a_property_that_is_there_twice_is_refused() {
    let text = String::from_utf8(body(&[item()])).unwrap();
    for (from, to) in [
        (r#""text":"x""#, r#""text":"x","text":"x""#),
        (r#""id":7"#, r#""id":7,"id":7"#),
        (r#"{"embeddings""#, r#"{"embeddings":[],"embeddings""#),
    ] {
        let bytes = text.replace(from, to);
        assert!(decode_quickly(bytes.as_bytes()).is_none(), "{bytes}");
        let problem = decode_upload(bytes.as_bytes()).unwrap_err();
        assert_eq!(problem.status(), StatusCode::BAD_REQUEST);
    }
}

/// A piece of JSON text that may stand for a property: right, unusual or wrong.
fn property() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("text_id"),
        Just("user_handle"),
        Just("project_id"),
        Just("text"),
        Just("vector"),
        Just("vector_dim"),
        Just("metadata"),
        Just("Metadata"),
        Just("more"),
    ];
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("3.0".to_owned()),
        Just("-0".to_owned()),
        Just("9223372036854775808".to_owned()),
        Just("\"\\ud83d\\ude00 \\u0000\"".to_owned()),
        Just("{\"a\":{\"b\":[1,2.5,null]}}".to_owned()),
        Just("{\"a\":1,\"a\":1}".to_owned()),
        Just(format!("{{\"a\":{}1{}}}", "[".repeat(59), "]".repeat(59))),
        Just(format!("{{\"a\":{}1{}}}", "[".repeat(60), "]".repeat(60))),
        Just(format!("{{\"a\":{}1{}}}", "[".repeat(61), "]".repeat(61))),
        "[a-z]{0,22}".prop_map(|text| format!("\"{text}\"")),
        any::<i64>().prop_map(|number| number.to_string()),
        prop::collection::vec(component(), 0..4).prop_map(|list| format!("[{}]", list.join(","))),
    ];
    (name, value).prop_map(|(name, value)| format!("\"{name}\":{value}"))
}

fn component() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<f32>().prop_map(|number| format!("{number:e}")),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        any::<u64>().prop_map(|number| number.to_string()),
        Just("16777217".to_owned()),
        Just("1.00000005960464477540".to_owned()),
        Just("1e39".to_owned()),
    ]
}

fn bits(items: &[EmbeddingsInput]) -> Vec<Vec<u32>> {
    let of = |item: &EmbeddingsInput| item.vector.iter().map(|c| c.to_bits()).collect();
    items.iter().map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_the_quick_way_accepts_the_general_way_reads_alike(
        own in prop::collection::vec(property(), 0..3),
        vector in prop::collection::vec(component(), 0..4),
    ) {
        let base = [
            r#""text_id":"a""#.to_owned(),
            r#""user_handle":"alice""#.to_owned(),
            r#""project_handle":"proj""#.to_owned(),
            r#""instance_handle":"i""#.to_owned(),
            format!("\"vector\":[{}]", vector.join(",")),
            r#""vector_dim":3"#.to_owned(),
        ];
        let name_of = |property: &str| property.split(':').next().map(str::to_owned);
        let kept = base
            .iter()
            .filter(|property| own.iter().all(|other| name_of(other) != name_of(property)));
        let properties: Vec<_> = kept.cloned().chain(own.iter().cloned()).collect();
        let text = format!("{{\"embeddings\":[{{{}}}]}}", properties.join(","));
        if let Some(quick) = decode_quickly(text.as_bytes()) {
            let general = generally(text.as_bytes());
            prop_assert_eq!(bits(&quick), bits(general.as_ref().unwrap()), "{}", text);
            prop_assert_eq!(Ok(quick), general, "{}", text);
        }
    }
}
