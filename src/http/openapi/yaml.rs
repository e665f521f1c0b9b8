//! Writes a JSON value as YAML 1.2, in block style, for people who read it.
//!
//! Every JSON string is a double-quoted YAML scalar, so text is quoted as JSON quotes it, and
//! nothing can be mistaken for a number, a boolean or a date. That makes a writer of forty lines
//! enough, and a YAML library unnecessary.

use serde_json::Value;
use std::fmt::Write as _;

/// Words that some YAML reader takes for something else than text.
const NOT_PLAIN: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];

/// Writes a document.
pub(super) fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    write_value(&mut text, value, 0);
    text
}

/// Writes a value up to the end of its last line. The cursor stands at the start of a line, or
/// behind `- `.
fn write_value(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (index, (key, value)) in object.iter().enumerate() {
                if index > 0 {
                    pad(text, indent);
                }
                write_key(text, key);
                write_after_key(text, value, indent);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    pad(text, indent);
                }
                text.push_str("- ");
                write_value(text, item, indent + 2);
            }
        }
        scalar => write_scalar(text, scalar),
    }
}

fn write_after_key(text: &mut String, value: &Value, indent: usize) {
    let is_block = match value {
        Value::Object(object) => !object.is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => false,
    };
    if is_block {
        text.push('\n');
        pad(text, indent + 2);
        write_value(text, value, indent + 2);
    } else {
        text.push(' ');
        write_scalar(text, value);
    }
}

/// Scalars, and empty lists and objects, are the same in JSON and in YAML.
fn write_scalar(text: &mut String, value: &Value) {
    // Writing to a string cannot fail.
    let _written = writeln!(text, "{value}");
}

fn write_key(text: &mut String, key: &str) {
    if is_plain(key) {
        text.push_str(key);
    } else {
        let _written = write!(text, "{}", Value::from(key));
    }
    text.push(':');
}

fn is_plain(key: &str) -> bool {
    let begins_plainly =
        key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/' || first == '$');
    begins_plainly
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/{}_-.$+".contains(c))
        && !NOT_PLAIN.contains(&key.to_ascii_lowercase().as_str())
}

fn pad(text: &mut String, indent: usize) {
    text.extend(std::iter::repeat_n(' ', indent));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_lists_and_objects_are_blocks() {
        let value = json!({
            "/v1/{x}": {"get": [1, {"a": "b", "c": []}, [true, null]]},
            "200": {},
        });
        let expected = concat!(
            "/v1/{x}:\n",
            "  get:\n",
            "    - 1\n",
            "    - a: \"b\"\n",
            "      c: []\n",
            "    - - true\n",
            "      - null\n",
            "\"200\": {}\n",
        );
        assert_eq!(to_yaml(&value), expected);
    }

    #[test]
    fn what_could_be_mistaken_is_quoted() {
        let value = json!({"no": "no", "a: b": "1.0\n\"#", "Null": "é\u{7}"});
        assert_eq!(
            to_yaml(&value),
            "\"Null\": \"é\\u0007\"\n\"a: b\": \"1.0\\n\\\"#\"\n\"no\": \"no\"\n"
        );
    }
}
