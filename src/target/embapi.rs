//! The PostgreSQL database of upstream embapi (formerly dhamps-vdb), as the source or the
//! destination of a move.
//!
//! As a source it is only read, in one snapshot. As a destination it is made anew, in the form of
//! upstream's newest schema, so that upstream can be started on it afterwards.

mod connect;
mod decode;
mod destination;
mod error;
mod fitted;
mod handles;
mod nearest;
mod rows;
mod source;
mod sql;
mod survey;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use connect::connect;
pub use connect::is_embapi;
pub use destination::EmbapiDestination;
pub use error::OpenError;
pub use fitted::Fitted;
pub use source::EmbapiSource;

use super::table::{Column, Form, Identifier, IdentifierError, Table};

/// What embapi keeps sealed: its provider keys, always.
///
/// # Errors
///
/// Never: the names are ours.
pub fn sealed_tables() -> Result<Vec<Table>, IdentifierError> {
    Ok(vec![Table {
        schema: None,
        name: Identifier::parse("instances")?,
        key: Identifier::parse("instance_id")?,
        columns: vec![Column {
            name: Identifier::parse("api_key_encrypted")?,
            form: Form::EmbapiBlob,
        }],
    }])
}
