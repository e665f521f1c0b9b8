//! JSON in and out: bytes, not meaning.
//!
//! In: stricter than usual, because a document that two readers understand differently is how
//! checks are evaded. Out: byte for byte as upstream's encoder (Go's `encoding/json` without
//! HTML escaping) writes it, because clients compare.

mod go;
mod half;
mod strict;

pub use strict::{MAX_DEPTH, ParseError, StrictMap, parse};

use super::base_url::BaseUrl;
use super::wire::{SchemaLink, Wire};
use go::GoFormatter;
use serde::Serialize;
use serde_json::Serializer;

/// Room for most answers: one embedding of 384 components with its text.
const ANSWER_CAPACITY: usize = 8 * 1024;

/// Writes a value: compact, with a newline at the end.
///
/// Values of this crate always encode: their keys are strings and their numbers finite.
/// Should one not, an empty body is returned rather than half of one.
#[must_use]
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(ANSWER_CAPACITY);
    let mut serializer = Serializer::with_formatter(&mut bytes, GoFormatter);
    if value.serialize(&mut serializer).is_err() {
        return Vec::new();
    }
    bytes.push(b'\n');
    bytes
}

/// Writes an object whose first key is `$schema`, the URL of the schema of the named type.
#[must_use]
pub fn encode_with_schema<T: Serialize + ?Sized>(
    value: &T,
    type_name: &str,
    base: &BaseUrl,
) -> Vec<u8> {
    encode_with_schema_url(value, &base.schema_url(type_name))
}

/// Writes an answer of a known type, with `$schema` where its type has one.
#[must_use]
pub fn encode_answer<T: Serialize + Wire>(value: &T, base: &BaseUrl) -> Vec<u8> {
    match T::LINK {
        SchemaLink::Given => encode_with_schema(value, T::NAME, base),
        SchemaLink::Omitted => encode(value),
    }
}

/// Writes an object whose first key is `$schema` with this value.
pub(super) fn encode_with_schema_url<T: Serialize + ?Sized>(value: &T, url: &str) -> Vec<u8> {
    let plain = encode(value);
    let Some(rest) = plain.strip_prefix(b"{") else {
        return plain;
    };
    let mut bytes = Vec::with_capacity(plain.len() + url.len() + 16);
    bytes.extend_from_slice(b"{\"$schema\":");
    let encoded_url = encode(url);
    bytes.extend_from_slice(encoded_url.trim_ascii_end());
    if !rest.starts_with(b"}") {
        bytes.push(b',');
    }
    bytes.extend_from_slice(rest);
    bytes
}

#[cfg(test)]
mod tests;
