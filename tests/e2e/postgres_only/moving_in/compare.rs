//! Compares JSON by value: numbers as numbers, similarities as near as two ways to add allow.

use serde_json::Value;

/// How far apart two similarities may be: one side adds up in single precision.
const NEAR: f64 = 1e-5;

/// Fails unless both are the same. Items that are equally similar may come in any order.
#[track_caller]
pub(super) fn assert_same(found: &Value, expected: &Value, place: &str) {
    let (found, expected) = (in_one_order(found), in_one_order(expected));
    if let Some(where_to) = difference(&found, &expected, "") {
        panic!("{place}: {where_to}\nfound    {found:.400}\nexpected {expected:.400}");
    }
}

/// Similar items, of which some may be as similar as others, in one order.
fn in_one_order(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(Value::Array(results)) = answer.get_mut("results") {
        let similarity = |item: &Value| item["similarity"].as_f64().unwrap();
        assert!(
            results.is_sorted_by(|one, other| similarity(one) + NEAR >= similarity(other)),
            "not the most similar first: {results:?}"
        );
        results.sort_by_key(|item| item["id"].as_str().unwrap().to_owned());
    }
    answer
}

fn difference(found: &Value, expected: &Value, path: &str) -> Option<String> {
    match (found, expected) {
        (Value::Number(one), Value::Number(other)) => {
            let (one, other) = (one.as_f64()?, other.as_f64()?);
            let near = if path.ends_with("/similarity") {
                (one - other).abs() <= NEAR
            } else {
                one.to_bits() == other.to_bits() || one == other
            };
            (!near).then(|| format!("{path}: {one} is not {other}"))
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(n, (one, other))| difference(one, other, &format!("{path}/{n}")))
        }
        (Value::Object(one), Value::Object(other)) => {
            let names = one.keys().chain(other.keys());
            let mut pairs = names.map(|name| (name, one.get(name), other.get(name)));
            pairs.find_map(|(name, one, other)| {
                let path = format!("{path}/{name}");
                match (one, other) {
                    (Some(one), Some(other)) => difference(one, other, &path),
                    (one, other) => Some(format!("{path}: {one:?} is not {other:?}")),
                }
            })
        }
        (one, other) => (one != other).then(|| format!("{path}: {one:.200} is not {other:.200}")),
    }
}
