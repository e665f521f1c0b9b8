//! The programs whose databases embsec knows, and where each keeps what is under its key.

use super::table::{Column, Form, Identifier, Table};

/// A program with a key of its own, `ENCRYPTION_KEY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Keeps provider keys of instances.
    Embapi,
    /// Keeps API keys of projects.
    LlmProxy,
}

impl Service {
    /// The name of its profile.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embapi => "embapi",
            Self::LlmProxy => "llm-proxy",
        }
    }

    /// The table with the one column that is under the key.
    #[must_use]
    pub fn keyed_table(self) -> Table {
        let (name, key, column, form) = match self {
            Self::Embapi => (
                "instances",
                "instance_id",
                "api_key_encrypted",
                Form::EmbapiBlob,
            ),
            Self::LlmProxy => ("projects", "id", "api_key", Form::LlmProxy),
        };
        Table {
            schema: None,
            name: Identifier::known(name),
            key: Identifier::known(key),
            columns: vec![Column {
                name: Identifier::known(column),
                form,
            }],
        }
    }
}
