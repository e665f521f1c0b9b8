//! Reads the query of a URL.

use super::report::{Place, Report};
use super::value;
use crate::domain::page::Page;
use crate::http::operation::Parameter;
use crate::http::schema::Kind;
use serde_json::Value;
use std::collections::BTreeMap;

/// The parameters of a query, checked, with defaults filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query(BTreeMap<&'static str, Value>);

impl Query {
    /// A whole number, by name.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64()
    }

    /// A number, by name.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// A text, by name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The page that `limit` and `offset` ask for; everything on a route that has neither.
    #[must_use]
    pub fn page(&self) -> Page {
        let number = |name| self.integer(name);
        Page {
            limit: number("limit")
                .and_then(|limit| u32::try_from(limit).ok())
                .unwrap_or(Page::ALL.limit),
            offset: number("offset")
                .and_then(|offset| u64::try_from(offset).ok())
                .unwrap_or(Page::ALL.offset),
        }
    }
}

pub(super) fn check(parameters: &[Parameter], raw: &str, report: &mut Report) -> Query {
    let mut given = Vec::new();
    for pair in raw.split('&') {
        match decode_pair(pair) {
            Some(pair) => given.push(pair),
            None => report.add(&Place::Root("query"), "invalid percent-encoding"),
        }
    }
    let mut query = Query::default();
    for parameter in parameters {
        let text = given
            .iter()
            .find(|(name, _)| name == parameter.name)
            .map(|(_, text)| text.as_str())
            .filter(|text| !text.is_empty());
        let value = match text {
            Some(text) => check_parameter(parameter, text, report),
            None => parameter.schema.default.clone(),
        };
        if let Some(value) = value {
            query.0.insert(parameter.name, value);
        }
    }
    query
}

fn check_parameter(parameter: &Parameter, text: &str, report: &mut Report) -> Option<Value> {
    let root = Place::Root("query");
    let place = Place::Property(&root, parameter.name);
    let (value, message) = match &parameter.schema.kind {
        Kind::Integer(_) => (text.parse::<i64>().ok().map(Value::from), "invalid integer"),
        Kind::Number(_) => (parse_finite(text).map(Value::from), "invalid float"),
        _ => (Some(Value::from(text)), ""),
    };
    let Some(value) = value else {
        report.add_with(&place, message, &Value::from(text));
        return None;
    };
    Some(value::check(&parameter.schema, value, &place, report))
}

fn parse_finite(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// One `name=value` of a form-encoded query. Upstream leaves one out that cannot be decoded; here
/// that is an error, since a filter that is silently dropped shows more than was asked for.
fn decode_pair(pair: &str) -> Option<(String, String)> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    Some((decode(name)?, decode(value)?))
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}
