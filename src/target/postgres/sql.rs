//! The statements on one column of a table. Names of tables and columns are quoted; everything
//! else is bound. A key goes in and out as text, and is cast to its type on the server, so that
//! the index of the key is used and its order is the server's.

use crate::target::table::{Column, Form, RowKey, Table};

/// What a key column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyKind {
    /// `smallint`, `integer` or `bigint`, by its name.
    Integer(&'static str),
    Text,
    Uuid,
    Bytes,
}

impl KeyKind {
    /// The kind of a column of this type; `None` for any other type.
    pub(super) fn of_type(name: &str) -> Option<Self> {
        Some(match name {
            "int2" => Self::Integer("int2"),
            "int4" => Self::Integer("int4"),
            "int8" => Self::Integer("int8"),
            "text" | "varchar" => Self::Text,
            "uuid" => Self::Uuid,
            "bytea" => Self::Bytes,
            _ => return None,
        })
    }

    /// A key from its text.
    pub(super) fn key(self, text: String) -> RowKey {
        match self {
            Self::Integer(_) => text
                .parse()
                .map_or_else(|_| RowKey::Text(text), RowKey::Integer),
            Self::Text => RowKey::Text(text),
            Self::Uuid => RowKey::Uuid(text),
            Self::Bytes => match data_encoding::HEXLOWER.decode(text.as_bytes()) {
                Ok(bytes) => RowKey::Bytes(bytes),
                Err(_) => RowKey::Text(text),
            },
        }
    }

    /// An expression of the text of a key.
    fn text_of(self, key: &str) -> String {
        match self {
            Self::Bytes => format!("encode({key}, 'hex')"),
            Self::Integer(_) | Self::Text | Self::Uuid => format!("{key}::text"),
        }
    }

    /// An expression of the key of a text.
    fn key_of(self, text: &str) -> String {
        match self {
            Self::Integer(name) => format!("{text}::text::{name}"),
            Self::Text => format!("{text}::text"),
            Self::Uuid => format!("{text}::text::uuid"),
            Self::Bytes => format!("decode({text}::text, 'hex')"),
        }
    }
}

/// The statements on one column.
pub(super) struct Statements {
    table: String,
    key: String,
    column: String,
    values: ValueKind,
    pub(super) kind: KeyKind,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValueKind {
    Text,
    Bytes,
}

impl Statements {
    pub(super) fn new(table: &Table, column: &Column, kind: KeyKind) -> Self {
        Self {
            table: table.quoted(),
            key: format!("r.{}", table.key.quoted()),
            column: column.name.quoted(),
            values: match column.form {
                Form::EmbapiBlob => ValueKind::Bytes,
                Form::LlmProxy | Form::Bound | Form::Digest => ValueKind::Text,
            },
            kind,
        }
    }

    /// What every statement that reads begins with: the text of the key, and the value.
    fn select(&self) -> String {
        let text = self.kind.text_of(&self.key);
        format!("SELECT {text}, r.{} FROM {} AS r", self.column, self.table)
    }

    /// `$1`: how many rows.
    pub(super) fn first_page(&self) -> String {
        format!("{} ORDER BY {} LIMIT $1", self.select(), self.key)
    }

    /// `$1`: the key before the page; `$2`: how many rows.
    pub(super) fn page_after(&self) -> String {
        format!(
            "{} WHERE {key} > {after} ORDER BY {key} LIMIT $2",
            self.select(),
            key = self.key,
            after = self.kind.key_of("$1")
        )
    }

    /// `$1`: the keys.
    pub(super) fn by_keys(&self) -> String {
        let wanted = self.kind.key_of("k");
        format!(
            "{} WHERE {} IN (SELECT {wanted} FROM unnest($1::text[]) AS k)",
            self.select(),
            self.key,
        )
    }

    /// `$1`, `$2`: the first and the last key.
    pub(super) fn range(&self) -> String {
        format!("{} WHERE {}", self.select(), self.within("$1", "$2"))
    }

    /// `$1`, `$2`, `$3`: keys, old and new values; `$4`, `$5`: the first and the last key. Values
    /// are compared byte by byte, whatever the column's collation takes for equal.
    pub(super) fn replace(&self) -> String {
        let (array, collation) = match self.values {
            ValueKind::Text => ("text[]", " COLLATE \"C\""),
            ValueKind::Bytes => ("bytea[]", ""),
        };
        format!(
            "UPDATE {table} AS r SET {column} = e.new \
             FROM unnest($1::text[], $2::{array}, $3::{array}) AS e(k, old, new) \
             WHERE {within} AND {key} = {edited} AND r.{column}{collation} = e.old \
             RETURNING {text}",
            table = self.table,
            column = self.column,
            key = self.key,
            within = self.within("$4", "$5"),
            edited = self.kind.key_of("e.k"),
            text = self.kind.text_of(&self.key),
        )
    }

    fn within(&self, first: &str, last: &str) -> String {
        let (first, last) = (self.kind.key_of(first), self.kind.key_of(last));
        format!("{} BETWEEN {first} AND {last}", self.key)
    }
}
