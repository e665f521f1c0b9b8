//! The tables of a llm-proxy database that hold secrets.

use super::table::{Column, Form, Identifier, IdentifierError, Table};

/// What tells a database of llm-proxy from others: tables with these columns.
pub const MARKS: [(&str, &[&str]); 2] = [
    ("projects", &["id", "name", "api_key", "is_active"]),
    ("tokens", &["id", "token", "project_id", "expires_at"]),
];

/// What llm-proxy seals and hashes once it has a key.
///
/// # Errors
///
/// Never: the names are ours.
pub fn tables() -> Result<Vec<Table>, IdentifierError> {
    let table = |name, column, form| {
        Ok(Table {
            schema: None,
            name: Identifier::parse(name)?,
            key: Identifier::parse("id")?,
            columns: vec![Column {
                name: Identifier::parse(column)?,
                form,
            }],
        })
    };
    Ok(vec![
        table("projects", "api_key", Form::LlmProxy)?,
        table("tokens", "token", Form::Digest)?,
    ])
}
