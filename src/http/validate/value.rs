//! Checks one JSON value against its schema.

use super::report::{Place, Report};
use crate::http::schema::{
    Integer, Kind, Number, NumberFormat, Object, Presence, Property, Schema, Text,
};
use serde_json::{Map, Value};

/// Checks `value` and returns it in its normal form; what it returns beside an error is of no
/// use.
pub(super) fn check(
    schema: &Schema,
    value: Value,
    place: &Place<'_>,
    report: &mut Report,
) -> Value {
    match &schema.kind {
        Kind::Text(text) => check_text(text, value, place, report),
        Kind::Integer(integer) => check_integer(integer, value, place, report),
        Kind::Number(number) => check_number(number, value, place, report),
        Kind::Boolean => {
            if !value.is_boolean() {
                report.add_with(place, "expected boolean", &value);
            }
            value
        }
        Kind::Array(items) => check_array(items, value, place, report),
        Kind::Object(object) => check_object(object, value, place, report),
        Kind::Map => {
            if !value.is_object() {
                report.add(place, "expected object");
            }
            value
        }
        Kind::Any => value,
    }
}

/// Besides what the schema says, a text holds no U+0000, because PostgreSQL cannot. Texts within
/// metadata may: those are kept as JSON, where it is escaped.
fn check_text(text: &Text, value: Value, place: &Place<'_>, report: &mut Report) -> Value {
    let mut add = |message: String| {
        if text.secret {
            report.add(place, message);
        } else {
            report.add_with(place, message, &value);
        }
    };
    let Value::String(given) = &value else {
        add("expected string".to_owned());
        return value;
    };
    if given.contains('\0') {
        add("expected no U+0000 character".to_owned());
    }
    let chars = given.chars().count();
    if let Some(min) = text.min_chars.filter(|min| chars < *min) {
        add(format!("expected length >= {min}"));
    }
    if let Some(max) = text.max_chars.filter(|max| chars > *max) {
        add(format!("expected length <= {max}"));
    }
    if !text.one_of.is_empty() && !text.one_of.contains(&given.as_str()) {
        let words = text.one_of.join(", ");
        add(format!("expected value to be one of \"{words}\""));
    }
    value
}

fn check_integer(integer: &Integer, value: Value, place: &Place<'_>, report: &mut Report) -> Value {
    let (least, greatest) = (integer.least(), integer.greatest());
    match whole(&value) {
        Whole::Number(number) if number < least => {
            report.add_with(place, format!("expected number >= {least}"), &value);
        }
        Whole::Number(number) if number > greatest => {
            report.add_with(place, format!("expected number <= {greatest}"), &value);
        }
        Whole::Number(number) => return Value::from(number),
        Whole::TooSmall => {
            report.add_with(place, format!("expected number >= {least}"), &value);
        }
        Whole::TooLarge => {
            report.add_with(place, format!("expected number <= {greatest}"), &value);
        }
        Whole::Not => report.add_with(place, "expected integer", &value),
    }
    value
}

/// A JSON number as a whole one; `1.0` and `1e2` are whole, as JSON Schema has it.
enum Whole {
    Number(i64),
    TooSmall,
    TooLarge,
    Not,
}

fn whole(value: &Value) -> Whole {
    if let Some(number) = value.as_i64() {
        return Whole::Number(number);
    }
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 => {
            // The decimal text of a whole float is exact, and reading it checks the range.
            match format!("{number:.0}").parse() {
                Ok(number) => Whole::Number(number),
                Err(_) if number < 0.0 => Whole::TooSmall,
                Err(_) => Whole::TooLarge,
            }
        }
        _ => Whole::Not,
    }
}

fn check_number(number: &Number, value: Value, place: &Place<'_>, report: &mut Report) -> Value {
    let Some(given) = value.as_f64() else {
        report.add_with(place, "expected number", &value);
        return value;
    };
    if number.format == NumberFormat::Float && !narrow(given).is_finite() {
        report.add_with(place, "expected number of 32 bits", &value);
    }
    if let Some(min) = number.min.filter(|min| given < *min) {
        report.add_with(place, format!("expected number >= {min}"), &value);
    }
    if let Some(max) = number.max.filter(|max| given > *max) {
        report.add_with(place, format!("expected number <= {max}"), &value);
    }
    Value::from(given)
}

/// Rounds to binary32, to infinity beyond its range.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding to nearest even is what is asked for"
)]
pub(in crate::http) fn narrow(number: f64) -> f32 {
    number as f32
}

fn check_array(items: &Schema, value: Value, place: &Place<'_>, report: &mut Report) -> Value {
    let Value::Array(list) = value else {
        report.add(place, "expected array");
        return value;
    };
    list.into_iter()
        .enumerate()
        .map(|(index, item)| check(items, item, &Place::Item(place, index), report))
        .collect()
}

fn check_object(object: &Object, value: Value, place: &Place<'_>, report: &mut Report) -> Value {
    let Value::Object(mut given) = value else {
        report.add(place, "expected object");
        return value;
    };
    let mut kept = Map::new();
    for property in in_report_order(object) {
        check_property(property, &mut given, &mut kept, place, report);
    }
    for (name, value) in given {
        let here = Place::Property(place, &name);
        match (name.as_str(), place) {
            ("$schema", Place::Root(_)) if value.is_string() => {}
            ("$schema", Place::Root(_)) => report.add_with(&here, "expected string", &value),
            _ => report.add(&here, "unexpected property"),
        }
    }
    Value::Object(kept)
}

/// Upstream reports properties in alphabetical order.
fn in_report_order(object: &Object) -> Vec<&Property> {
    let mut properties: Vec<_> = object.properties.iter().collect();
    properties.sort_unstable_by_key(|property| property.name);
    properties
}

fn check_property(
    property: &Property,
    given: &mut Map<String, Value>,
    kept: &mut Map<String, Value>,
    place: &Place<'_>,
    report: &mut Report,
) {
    let name = property.name;
    let required = property.presence == Presence::Required;
    match take(given, name) {
        None if required => report.add(
            place,
            format_args!("expected required property {name} to be present"),
        ),
        None => {}
        Some(Value::Null) if !required => {}
        Some(value) => {
            let here = Place::Property(place, name);
            let checked = check(&property.schema, value, &here, report);
            if property.presence != Presence::ReadOnly {
                kept.insert(name.to_owned(), checked);
            }
        }
    }
}

/// Takes a property out, by its exact name first, then without regard to case. A second spelling
/// stays behind and is an unexpected property.
fn take(given: &mut Map<String, Value>, name: &str) -> Option<Value> {
    if let Some(value) = given.remove(name) {
        return Some(value);
    }
    let other_spelling = given
        .keys()
        .find(|key| key.eq_ignore_ascii_case(name))?
        .clone();
    given.remove(&other_spelling)
}
