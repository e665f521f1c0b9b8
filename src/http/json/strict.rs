//! The strict reader: UTF-8, no duplicate property names, bounded depth, finite numbers.

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Most levels of lists and objects within each other.
pub const MAX_DEPTH: usize = 64;

/// Most elements that a list is given room for before they are seen.
const CAPACITY_MAX: usize = 4096;

/// Why a body cannot be read. The texts say where, and never repeat what was there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The bytes are no UTF-8.
    #[error("the body is not valid UTF-8 from byte {0} on")]
    NotUtf8(usize),
    /// The text is no JSON, repeats a property name, nests too deeply, or has a number that no
    /// 64-bit float holds.
    #[error("{reason} at line {line} column {column}")]
    Syntax {
        /// What is wrong.
        reason: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1.
        column: usize,
    },
}

impl From<serde_json::Error> for ParseError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let suffix = format!(" at line {} column {}", error.line(), error.column());
        Self::Syntax {
            reason: text.strip_suffix(&suffix).unwrap_or(&text).to_owned(),
            line: error.line(),
            column: error.column(),
        }
    }
}

/// Reads one JSON document and nothing after it.
///
/// # Errors
///
/// [`ParseError`].
pub fn parse(bytes: &[u8]) -> Result<Value, ParseError> {
    let text = std::str::from_utf8(bytes).map_err(|e| ParseError::NotUtf8(e.valid_up_to()))?;
    let mut input = serde_json::Deserializer::from_str(text);
    let value = StrictValue { depth: 0 }.deserialize(&mut input)?;
    input.end()?;
    Ok(value)
}

/// Reads any value; `depth` is how many lists and objects it stands within.
#[derive(Clone, Copy)]
pub(super) struct StrictValue {
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for StrictValue {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Value, D::Error> {
        input.deserialize_any(self)
    }
}

impl StrictValue {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!(
                "lists and objects within each other beyond {MAX_DEPTH} levels"
            )));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> Visitor<'de> for StrictValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut input: A) -> Result<Value, A::Error> {
        let items = self.deeper()?;
        let mut list = Vec::with_capacity(input.size_hint().unwrap_or(0).min(CAPACITY_MAX));
        while let Some(item) = input.next_element_seed(items)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<Value, A::Error> {
        let values = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = input.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom("a property name that is there twice"));
            }
            let value = input.next_value_seed(values)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// Reads an object of any properties, as strictly; for typed readers that have one inside.
#[derive(Clone, Copy)]
pub struct StrictMap {
    /// How many lists and objects it stands within.
    pub depth: usize,
}

impl<'de> DeserializeSeed<'de> for StrictMap {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<Self::Value, D::Error> {
        match input.deserialize_any(StrictValue { depth: self.depth })? {
            Value::Object(object) => Ok(object),
            _ => Err(D::Error::custom("expected object")),
        }
    }
}
