//! Why a database was not restored.

use super::super::SourceError;
use super::swap::Holder;
use crate::target::dump::postgres::{ReadError, ServerError};
use std::fmt;

/// Why a database is not one to restore into. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// It holds something already.
    #[error("the database is not empty: it holds {0}")]
    NotEmpty(String),
    /// The restore of another backup into it is not finished.
    #[error("the restore of the backup {0} into this database is not finished")]
    OtherRestore(String),
    /// The server is older than that of the backup.
    #[error("the server has version {found}, the backup was made of version {needed}")]
    OlderServer {
        /// The version of the server.
        found: String,
        /// That of the backup.
        needed: String,
    },
    /// The database keeps texts in another encoding.
    #[error("the database has the encoding {found}, the backup {needed}")]
    Encoding {
        /// That of the database.
        found: String,
        /// That of the backup.
        needed: String,
    },
    /// Extensions are missing or too old.
    #[error("the server lacks extensions: {}", listed(.0))]
    Extensions(Vec<LackingExtension>),
    /// The role lacks a right.
    #[error("the role lacks a right: {0}")]
    NoRight(String),
    /// The backup was made by a newer embsec.
    #[error("the backup has schema version {found}, this embsec knows up to {known}")]
    NewerSchema {
        /// The version of the backup.
        found: i64,
        /// The newest that this binary knows.
        known: i64,
    },
}

impl Refusal {
    /// Whether the database is refused for what it holds, rather than for what it lacks.
    #[must_use]
    pub const fn is_occupied(&self) -> bool {
        matches!(self, Self::NotEmpty(_) | Self::OtherRestore(_))
    }
}

/// An extension that the backup needs and the server has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LackingExtension {
    /// Its name.
    pub name: String,
    /// The version that the backup was made with.
    pub needed: String,
    /// The version that the server has or would make; none, when it has none at all.
    pub found: Option<String>,
}

impl fmt::Display for LackingExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.name, self.needed)?;
        match &self.found {
            Some(found) => write!(f, " (there is {found})"),
            None => f.write_str(" (there is none)"),
        }
    }
}

fn listed(extensions: &[LackingExtension]) -> String {
    let each = extensions.iter().map(ToString::to_string);
    each.collect::<Vec<_>>().join(", ")
}

/// Why a database was not restored. Until the rows are committed nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The database is not one to restore into.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The server or the way to it.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// A table was not read to its end.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The rows of the backup could not be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The server refuses one of the statements that make the schema.
    #[error("statement {number} of the schema of the backup failed")]
    Schema {
        /// Which, counted from 1.
        number: usize,
        /// What the server said.
        #[source]
        source: ServerError,
    },
    /// The server does not take the rows of a table.
    #[error("the server does not take the rows of {table}")]
    Rows {
        /// Which table.
        table: String,
        /// What the server said.
        #[source]
        source: ServerError,
    },
    /// The server took another number of rows than it was given.
    #[error("{table} was given {given} rows and took {taken}")]
    RowCount {
        /// Which table.
        table: String,
        /// How many the backup has.
        given: u64,
        /// How many the server counted.
        taken: u64,
    },
    /// A step behind the rows failed. Everything before it stands; the same restore goes on there.
    #[error("the rows are restored, and making {what} failed")]
    Step {
        /// What of the database.
        what: &'static str,
        /// What the server said.
        #[source]
        source: ServerError,
    },
    /// There is no restore in the database that could go on.
    #[error("the database holds no restore that was begun")]
    NotBegun,
    /// Databases with sessions are not renamed.
    #[error("the database is in use by {}", held(.0))]
    InUse(Vec<Holder>),
    /// A restore that is not finished is not put in the place of anything.
    #[error("the restore into the database {0} is not finished")]
    Unfinished(String),
    /// There is no such database.
    #[error("no such database: {0}")]
    NoSuchDatabase(String),
    /// The name that the former database would get is taken, or too long for the server.
    #[error("the former database cannot be renamed to {0}")]
    Name(String),
}

fn held(holders: &[Holder]) -> String {
    let each = holders.iter().map(ToString::to_string);
    each.collect::<Vec<_>>().join(", ")
}

impl From<sqlx::Error> for LoadError {
    fn from(error: sqlx::Error) -> Self {
        Self::Server(error.into())
    }
}
