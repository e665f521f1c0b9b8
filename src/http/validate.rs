//! Checks what a client sent against its schema: body, query and path.
//!
//! Messages, their order and their places are upstream's. Two things are not, on purpose: an
//! object is never repeated in an error (upstream sends the request back, keys included), and at
//! most [`MAX_ERRORS`] errors are told. Rules that need the data are the application's.

mod query;
mod report;
mod value;

pub use query::Query;
pub use report::MAX_ERRORS;
pub(super) use value::narrow;

use super::json;
use super::operation::Parameter;
use super::problem::{ErrorDetail, Problem};
use super::schema::Schema;
use super::wire::Wire;
use report::{Place, Report};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a body of a known type.
///
/// # Errors
///
/// 400 for what is no JSON, 422 for what does not fit.
pub fn read<T: Wire + DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    read_as(T::schema(), bytes)
}

/// Reads a body of a type whose schema depends on the dialect.
///
/// # Errors
///
/// As [`read`].
pub fn read_as<T: DeserializeOwned>(schema: &Schema, bytes: &[u8]) -> Result<T, Problem> {
    let value = checked_body(schema, parse(bytes)?).map_err(Problem::unprocessable)?;
    typed(value)
}

/// Reads a body that is JSON of any kind, such as a patch.
///
/// # Errors
///
/// 400 when there is none, or it is no JSON.
pub fn parse(bytes: &[u8]) -> Result<Value, Problem> {
    if bytes.is_empty() {
        return Err(Problem::bad_request("request body is required"));
    }
    json::parse(bytes).map_err(|error| Problem::unreadable_body(error.to_string()))
}

/// Checks a body that is parsed already and returns what is left of it: properties under their
/// proper names, without `null`, without `$schema` and without what only answers carry.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn checked_body(schema: &Schema, body: Value) -> Result<Value, Vec<ErrorDetail>> {
    let mut report = Report::default();
    let checked = value::check(schema, body, &Place::Root("body"), &mut report);
    report.finish(checked)
}

/// Makes a checked body a typed one.
///
/// # Errors
///
/// 422 when the type and its schema disagree, which a test rules out for every type.
pub fn typed<T: DeserializeOwned>(checked: Value) -> Result<T, Problem> {
    serde_json::from_value(checked).map_err(|_| {
        Problem::unprocessable(vec![ErrorDetail {
            message: "unexpected value".to_owned(),
            location: "body".to_owned(),
            value: None,
        }])
    })
}

/// Reads the query. Parameters that the route does not have are ignored; of one that is there
/// twice the first counts; an empty one counts as left out; one that cannot be decoded is wrong.
///
/// # Errors
///
/// Everything that is wrong with it.
pub fn query(parameters: &[Parameter], raw: Option<&str>) -> Result<Query, Vec<ErrorDetail>> {
    let mut report = Report::default();
    let query = query::check(parameters, raw.unwrap_or_default(), &mut report);
    report.finish(query)
}

/// Checks the parameters of a path, decoded.
///
/// # Errors
///
/// Everything that is wrong with them.
pub fn path<'a>(
    parameters: &[Parameter],
    given: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<(), Vec<ErrorDetail>> {
    let mut report = Report::default();
    for (name, text) in given {
        let Some(parameter) = parameters.iter().find(|p| p.name == name) else {
            continue;
        };
        let place = Place::Property(&Place::Root("path"), name);
        let text = Value::String(text.to_owned());
        value::check(&parameter.schema, text, &place, &mut report);
    }
    report.finish(())
}

#[cfg(test)]
mod tests;
