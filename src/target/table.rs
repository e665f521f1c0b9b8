//! What is to be protected in a database of another program: tables, their key columns, and the
//! columns with the form that each is kept in.
//!
//! Pure description. Where it comes from (a profile, or a file that declares a table) and how the
//! engines read and write such a table is in the modules beside this one.

use std::fmt;
use std::fmt::Write as _;

/// The name of a table or column. It may hold any character but NUL, so it is never put into a
/// statement as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier(String);

/// The longest name that PostgreSQL keeps (its `NAMEDATALEN` less one), in bytes. A longer one
/// would be cut off there and so mean another table.
const IDENTIFIER_MAX_BYTES: usize = 63;

/// Why a text is no name of a table or column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 63 bytes and no NUL")]
pub struct IdentifierError;

impl Identifier {
    /// Takes a name as it is, upper and lower case kept.
    ///
    /// # Errors
    ///
    /// [`IdentifierError`] for an empty or too long one, and one with NUL.
    pub fn parse(name: &str) -> Result<Self, IdentifierError> {
        if name.is_empty() || name.len() > IDENTIFIER_MAX_BYTES || name.contains('\0') {
            return Err(IdentifierError);
        }
        Ok(Self(name.to_owned()))
    }

    /// A name that is written in this program.
    pub(super) fn known(name: &'static str) -> Self {
        Self(name.to_owned())
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for a statement: between double quotes, with those inside doubled (SQL:1992
    /// `<delimited identifier>`), as SQLite and PostgreSQL both read it.
    #[must_use]
    pub fn quoted(&self) -> String {
        let mut quoted = String::with_capacity(self.0.len() + 2);
        quoted.push('"');
        for c in self.0.chars() {
            if c == '"' {
                quoted.push('"');
            }
            quoted.push(c);
        }
        quoted.push('"');
        quoted
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A table with columns to protect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The schema on PostgreSQL; `None` is the one that the search path finds. SQLite has none.
    pub schema: Option<Identifier>,
    /// Its name.
    pub name: Identifier,
    /// The column that names a row. It is unique, never NULL and never changed, since a sealed
    /// value may be bound to it.
    pub key: Identifier,
    /// What is to be protected.
    pub columns: Vec<Column>,
}

impl Table {
    /// The table for a statement.
    #[must_use]
    pub fn quoted(&self) -> String {
        match &self.schema {
            Some(schema) => format!("{}.{}", schema.quoted(), self.name.quoted()),
            None => self.name.quoted(),
        }
    }
}

impl fmt::Display for Table {
    /// Writes `schema.table`, or `table` where no schema was declared. A value of the form
    /// [`Form::Bound`] is bound to this text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            f.write_str(schema.as_str())?;
            f.write_char('.')?;
        }
        f.write_str(self.name.as_str())
    }
}

/// A column to protect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Identifier,
    /// How its values are kept once they are protected.
    pub form: Form,
}

/// How the protected values of a column look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `enc:v1:` as llm-proxy reads it: bound to nothing.
    LlmProxy,
    /// The bytes that embapi reads: bound to nothing, and never in clear.
    EmbapiBlob,
    /// `enc:v2:`, bound to table, column and row. Only for a table that no other program reads
    /// values of, since none would understand them.
    Bound,
    /// Lower-case hex SHA-256, as llm-proxy looks its tokens up. There is no way back.
    Digest,
}

/// Whether a column can be brought back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Sealed: whoever has the key reads it.
    Encrypt,
    /// Hashed: nobody reads it.
    Hash,
}

impl Mode {
    /// The word in reports and in files that declare a table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Encrypt => "encrypt",
            Self::Hash => "hash",
        }
    }
}

impl Form {
    /// Whether values of this form can be brought back.
    #[must_use]
    pub const fn mode(self) -> Mode {
        match self {
            Self::LlmProxy | Self::EmbapiBlob | Self::Bound => Mode::Encrypt,
            Self::Digest => Mode::Hash,
        }
    }
}

/// The key of a row, as the database has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowKey {
    /// An integer.
    Integer(i64),
    /// A text.
    Text(String),
    /// A UUID in its canonical text: lower case, hyphenated.
    Uuid(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl fmt::Display for RowKey {
    /// Writes the text form, which a value of the form [`Form::Bound`] is bound to: integers in
    /// decimal, bytes in lower-case hex.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(key) => write!(f, "{key}"),
            Self::Text(key) | Self::Uuid(key) => f.write_str(key),
            Self::Bytes(key) => f.write_str(&data_encoding::HEXLOWER.encode(key)),
        }
    }
}

/// The name of one value for people: `table.column:key`.
#[must_use]
pub fn value_name(table: &Table, column: &Column, key: &RowKey) -> String {
    format!("{table}.{}:{key}", column.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_cannot_end_its_quotes() {
        let name = Identifier::parse(r#"a"; DROP TABLE users; --"#).unwrap();
        assert_eq!(name.quoted(), r#""a""; DROP TABLE users; --""#);
    }

    #[test]
    fn names_that_an_engine_would_take_for_others_are_refused() {
        for wrong in ["", "a\0b", &"x".repeat(64), &"é".repeat(32)] {
            assert_eq!(Identifier::parse(wrong), Err(IdentifierError), "{wrong:?}");
        }
        assert!(Identifier::parse(&"x".repeat(63)).is_ok());
    }

    #[test]
    fn row_keys_have_the_documented_text() {
        for (key, text) in [
            (RowKey::Integer(-7), "-7"),
            (RowKey::Text("p/1 x".to_owned()), "p/1 x"),
            (RowKey::Bytes(vec![0, 0xab]), "00ab"),
        ] {
            assert_eq!(key.to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn a_quoted_name_reads_back_as_itself(name in "[^\\x00]{1,15}") {
            let quoted = Identifier::parse(&name).unwrap().quoted();
            let inner = &quoted[1..quoted.len() - 1];
            prop_assert_eq!(inner.replace("\"\"", "\""), name);
            prop_assert!(!inner.replace("\"\"", "").contains('"'));
        }
    }
}
