//! A schema in words.

use super::html::Html;
use crate::http::schema::{Integer, IntegerFormat, Kind, Number, NumberFormat, Schema, Text};
use std::fmt::Display;

/// The anchor of a type on the page.
pub(super) fn type_anchor(name: &str) -> String {
    format!("type-{name}")
}

/// What values it admits.
pub(super) fn kind(page: &mut Html, schema: &Schema) {
    match &schema.kind {
        Kind::Text(text) => text_kind(page, text),
        Kind::Integer(integer) => page.text(&integer_kind(*integer)),
        Kind::Number(number) => page.text(&number_kind(*number)),
        Kind::Boolean => page.text("true or false"),
        Kind::Array(items) => {
            page.text("list of ");
            kind(page, items);
        }
        Kind::Object(object) => page.link(&format!("#{}", type_anchor(object.name)), object.name),
        Kind::Map => page.text("object"),
        Kind::Any => page.text("any value"),
    }
}

/// What it means, and what holds when it is left out.
pub(super) fn about(page: &mut Html, schema: &Schema) {
    if let Some(about) = schema.about {
        page.text(" ");
        page.text(about);
    }
    if let Some(default) = &schema.default {
        page.text(" Default: ");
        page.element("code", &[], |page| page.text(&default.to_string()));
    }
}

fn text_kind(page: &mut Html, text: &Text) {
    if text.one_of.is_empty() {
        page.text("text");
        page.text(&range(text.min_chars, text.max_chars, " characters"));
        return;
    }
    for (index, word) in text.one_of.iter().enumerate() {
        if index > 0 {
            page.text(", ");
        }
        page.element("code", &[], |page| page.text(word));
    }
}

fn integer_kind(integer: Integer) -> String {
    let width = match integer.format {
        IntegerFormat::Int32 => "integer of 32 bits",
        IntegerFormat::Int64 => "integer of 64 bits",
    };
    format!("{width}{}", range(integer.min, integer.max, ""))
}

fn number_kind(number: Number) -> String {
    let width = match number.format {
        NumberFormat::Float => "number of 32 bits",
        NumberFormat::Double => "number of 64 bits",
    };
    format!("{width}{}", range(number.min, number.max, ""))
}

fn range<T: Display + PartialEq>(min: Option<T>, max: Option<T>, unit: &str) -> String {
    match (min, max) {
        (Some(min), Some(max)) if min == max => format!(", {min}{unit}"),
        (Some(min), Some(max)) => format!(", {min} to {max}{unit}"),
        (Some(min), None) => format!(", at least {min}{unit}"),
        (None, Some(max)) => format!(", at most {max}{unit}"),
        (None, None) => String::new(),
    }
}
