//! Every type that goes in or out, with its [`Schema`] beside it.
//!
//! The order of fields is the order on the wire, which clients compare byte by byte. What is
//! left out when empty is left out as upstream leaves it out. No rule of the domain lives here.

pub mod admin;
pub mod api_standards;
pub mod definitions;
pub mod embeddings;
pub mod health;
pub mod instances;
pub mod manifest;
pub mod policy;
pub mod projects;
pub mod shares;
pub mod users;

use super::schema::{Schema, text_of};
use crate::domain::limits::{HANDLE_MAX_CHARS, HANDLE_MIN_CHARS};

/// Which of the two dialects of the protocol a server speaks; they differ in two places only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// The newest: `embapi_key`, users listed as objects.
    #[default]
    Embapi,
    /// The one before: `vdb_key`, users listed as handles.
    Vdb,
}

/// Whether answers of a type name their schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaLink {
    /// `"$schema"` comes first, and a `Link` header points to the same place.
    Given,
    /// Neither: types that are a request body too do without, as upstream has it.
    Omitted,
}

/// A type on the wire.
pub trait Wire {
    /// The name under which it is documented: `/schemas/{NAME}.json`.
    const NAME: &'static str;
    /// Whether answers of this type name their schema.
    const LINK: SchemaLink = SchemaLink::Given;

    /// What it looks like.
    fn schema() -> &'static Schema;
}

/// Implements [`Wire`]: `wire!(Type, "Name", |object| object.required(…))`, with a last argument
/// `Omitted` for types that do without a link.
macro_rules! wire {
    ($type:ty, $name:literal, $build:expr $(, $link:ident)?) => {
        impl $crate::http::wire::Wire for $type {
            const NAME: &'static str = $name;
            $(const LINK: $crate::http::wire::SchemaLink = $crate::http::wire::SchemaLink::$link;)?

            fn schema() -> &'static $crate::http::schema::Schema {
                static SCHEMA: std::sync::LazyLock<$crate::http::schema::Schema> =
                    std::sync::LazyLock::new(|| {
                        let build: fn($crate::http::schema::Schema) -> $crate::http::schema::Schema =
                            $build;
                        build($crate::http::schema::object($name))
                    });
                &SCHEMA
            }
        }
    };
}
pub(crate) use wire;

/// The schema of a handle: of a user, project, definition, instance or API standard.
#[must_use]
pub fn handle() -> Schema {
    text_of(HANDLE_MIN_CHARS, HANDLE_MAX_CHARS)
}

/// The schema of a type, to be nested in another one.
#[must_use]
pub fn nested<T: Wire>() -> Schema {
    T::schema().clone()
}

/// What upstream, written in Go, takes for "not set": an empty text is left out.
fn unless_empty(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

/// The same for numbers: zero is left out.
fn unless_zero(number: Option<u32>) -> Option<u32> {
    number.filter(|number| *number != 0)
}

#[cfg(test)]
mod tests;
