//! Tables that an operator declares in a TOML file, so that columns of any database can be
//! protected.
//!
//! Here the file is read; the engines below look whether the database has such tables and whether
//! a sealed value can be bound to their keys. What is done with them is decided in `app`.

pub mod postgres;
pub mod sqlite;

use super::table::{Column, Form, Identifier, Table};
use crate::domain::key::TargetName;
use crate::store::StoreError;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use toml::Spanned;

/// No declaration is near this size; a file beyond it is something else.
const MAX_BYTES: u64 = 1 << 20;

/// What a file declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// The operator's name for the database. Its key in the keyring has the purpose
    /// `target:<name>`.
    pub name: TargetName,
    /// At least one, each with at least one column.
    pub tables: Vec<Table>,
}

/// Why a file declares nothing that can be used.
#[derive(Debug, thiserror::Error)]
pub enum DeclarationError {
    /// It cannot be read.
    #[error("cannot read \"{}\"", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is not TOML, has keys that no declaration has, or lacks some that every one has.
    #[error("\"{}\", line {line}: {problem}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong, with the key that it is wrong with.
        problem: String,
    },
}

/// Why a database does not have a table that sealed values can be bound to. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum UnfitError {
    /// There is no such table.
    #[error("the database has no table {table}")]
    NoTable {
        /// Its name.
        table: String,
    },
    /// It is a view, or rows of another place.
    #[error("{table} is no ordinary table")]
    NotATable {
        /// Its name.
        table: String,
    },
    /// The table lacks a column.
    #[error("the table {table} has no column {column}")]
    NoColumn {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The key column cannot name rows for good; the reason says why.
    #[error("the column {column} cannot be the key of {table}: {reason}")]
    Key {
        /// The table.
        table: String,
        /// The key column.
        column: String,
        /// Why.
        reason: &'static str,
    },
    /// A column cannot hold what it would be given; the reason says why.
    #[error("the column {column} of {table} cannot be protected: {reason}")]
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Why.
        reason: &'static str,
    },
    /// The database could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reasons, which both engines give in the same words.
mod reason {
    pub(super) const NULLABLE: &str =
        "it may be NULL, and a row without a key has no name that a value could be bound to";
    pub(super) const NOT_UNIQUE: &str =
        "no unique index over it alone keeps two rows from having the same key";
    pub(super) const KEY_TYPE: &str = "keys are integers, text, UUIDs or bytes";
    pub(super) const GENERATED: &str = "the database computes it";
    pub(super) const NOT_TEXT: &str = "its type holds no text, and protected values are text";
    pub(super) const TOO_NARROW: &str =
        "its length is limited, and protected values are longer: make it text first";
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    name: Spanned<String>,
    tables: Spanned<Vec<Spanned<RawTable>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    table: Spanned<String>,
    schema: Option<Spanned<String>>,
    key_column: Spanned<String>,
    #[serde(default)]
    encrypt: Vec<Spanned<String>>,
    #[serde(default)]
    hash: Vec<Spanned<String>>,
}

/// Reads a declaration from its file.
///
/// # Errors
///
/// Any [`DeclarationError`].
pub fn load(path: &Path) -> Result<Declared, DeclarationError> {
    let unreadable = |source| DeclarationError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(unreadable(io::ErrorKind::FileTooLarge.into()));
    }
    parse(path, &text)
}

/// Reads the text of a declaration; the path is for messages only.
///
/// # Errors
///
/// [`DeclarationError::Wrong`].
pub fn parse(path: &Path, text: &str) -> Result<Declared, DeclarationError> {
    declared(text).map_err(|(offset, problem)| {
        let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
        DeclarationError::Wrong {
            path: path.to_owned(),
            line: before.split(|byte| *byte == b'\n').count(),
            problem,
        }
    })
}

/// Where something is wrong, in bytes from the start, and what.
type Problem = (usize, String);

fn declared(text: &str) -> Result<Declared, Problem> {
    let raw: RawFile = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        (offset, error.message().to_owned())
    })?;
    let name = TargetName::parse(raw.name.get_ref()).ok_or_else(|| {
        let rule = "`name` has 1 to 64 characters of a-z 0-9 . _ -, the first a letter or a digit";
        (raw.name.span().start, rule.to_owned())
    })?;
    let at = raw.tables.span().start;
    let mut tables: Vec<Table> = Vec::new();
    for raw in raw.tables.into_inner() {
        let at = raw.span().start;
        let table = table(raw)?;
        let is_same = |other: &Table| other.schema == table.schema && other.name == table.name;
        if tables.iter().any(is_same) {
            return Err((at, format!("the table {table} is declared twice")));
        }
        tables.push(table);
    }
    if tables.is_empty() {
        return Err((at, "`tables` is empty".to_owned()));
    }
    Ok(Declared { name, tables })
}

fn table(raw: Spanned<RawTable>) -> Result<Table, Problem> {
    let at = raw.span().start;
    let raw = raw.into_inner();
    let name = identifier("table", &raw.table)?;
    let key = identifier("key_column", &raw.key_column)?;
    let schema = raw.schema.map(|schema| identifier("schema", &schema));
    let mut columns: Vec<Column> = Vec::new();
    for (setting, form, names) in [
        ("encrypt", Form::Bound, raw.encrypt),
        ("hash", Form::Digest, raw.hash),
    ] {
        for spanned in names {
            let column = identifier(setting, &spanned)?;
            let at = spanned.span().start;
            if column == key {
                let problem = format!("`{setting}` names the key column {key}, which must stay");
                return Err((at, problem));
            }
            if columns.iter().any(|other| other.name == column) {
                return Err((at, format!("`{setting}` names the column {column} again")));
            }
            columns.push(Column { name: column, form });
        }
    }
    if columns.is_empty() {
        let problem = format!("the table {name} has neither `encrypt` nor `hash`");
        return Err((at, problem));
    }
    Ok(Table {
        schema: schema.transpose()?,
        name,
        key,
        columns,
    })
}

fn identifier(setting: &str, name: &Spanned<String>) -> Result<Identifier, Problem> {
    Identifier::parse(name.get_ref())
        .map_err(|error| (name.span().start, format!("`{setting}`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WHOLE: &str = r#"
name = "billing"

[[tables]]
table = "customers"
schema = "public"
key_column = "customer_id"
encrypt = ["email", "notes"]
hash = ["token"]

[[tables]]
table = "Other Table"
key_column = "id"
hash = ["pin"]
"#;

    fn named(name: &str) -> Identifier {
        Identifier::parse(name).unwrap()
    }

    fn problem(text: &str) -> String {
        parse(Path::new("t.toml"), text).unwrap_err().to_string()
    }

    #[test]
    fn a_declaration_names_tables_their_keys_and_what_becomes_of_their_columns() {
        let declared = parse(Path::new("t.toml"), WHOLE).unwrap();
        assert_eq!(declared.name.as_str(), "billing");
        let [customers, other] = &declared.tables[..] else {
            panic!("{declared:?}");
        };
        assert_eq!(customers.to_string(), "public.customers");
        assert_eq!(customers.key, named("customer_id"));
        let columns: Vec<_> = customers.columns.iter().collect();
        let expected = [
            ("email", Form::Bound),
            ("notes", Form::Bound),
            ("token", Form::Digest),
        ];
        assert_eq!(columns.len(), expected.len());
        for (column, (name, form)) in columns.iter().zip(expected) {
            assert_eq!((&column.name, column.form), (&named(name), form));
        }
        assert_eq!(other.quoted(), "\"Other Table\"");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_key_its_file_and_its_line() {
        for (from, to, expected) in [
            (
                "hash = [\"token\"]",
                "hashed = [\"token\"]",
                (9, "unknown field `hashed`"),
            ),
            (
                "name = \"billing\"",
                "nam = \"billing\"",
                (2, "unknown field `nam`"),
            ),
            (
                "name = \"billing\"",
                "name = \"Billing\"",
                (2, "`name` has"),
            ),
            (
                "table = \"customers\"",
                "table = \"\"",
                (5, "`table`: a name"),
            ),
            (
                "key_column = \"customer_id\"",
                "",
                (4, "missing field `key_column`"),
            ),
            (
                "\"notes\"]",
                "\"email\"]",
                (8, "`encrypt` names the column email again"),
            ),
            (
                "hash = [\"token\"]",
                "hash = [\"email\"]",
                (9, "`hash` names the column email again"),
            ),
            (
                "hash = [\"token\"]",
                "hash = [\"customer_id\"]",
                (9, "`hash` names the key column"),
            ),
            ("hash = [\"pin\"]", "", (11, "neither `encrypt` nor `hash`")),
            (
                "hash = [\"pin\"]",
                "hash = \"pin\"",
                (14, "invalid type: string"),
            ),
            (
                "hash = [\"pin\"]",
                "hash = [\"pin\"",
                (14, "unclosed array"),
            ),
            (
                "\"Other Table\"",
                "\"customers\"\nschema = \"public\"",
                (11, "declared twice"),
            ),
        ] {
            let text = WHOLE.replacen(from, to, 1);
            assert_ne!(text, WHOLE, "{from}");
            let problem = problem(&text);
            let (line, words) = expected;
            assert!(
                problem.starts_with(&format!("\"t.toml\", line {line}: ")),
                "{problem}"
            );
            assert!(problem.contains(words), "{problem}");
        }
        assert!(problem("name = \"a\"\ntables = []").contains("`tables` is empty"));
        assert!(problem("name = \"a\"").contains("missing field `tables`"));
    }

    #[test]
    fn a_file_that_is_not_there_or_far_too_large_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.toml");
        let error = load(&path).unwrap_err();
        assert!(error.to_string().contains("t.toml"), "{error}");
        std::fs::write(&path, vec![b'#'; 1 << 21]).unwrap();
        let error = load(&path).unwrap_err();
        assert!(
            matches!(error, DeclarationError::Unreadable { .. }),
            "{error}"
        );
        std::fs::write(&path, WHOLE).unwrap();
        assert_eq!(load(&path).unwrap().tables.len(), 2);
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC{0,80}", cut in 0..WHOLE.len()) {
            drop(parse(Path::new("t.toml"), &text));
            drop(parse(Path::new("t.toml"), &WHOLE[..cut]));
        }
    }
}
