//! Why there is no place to try a restore on.

use crate::domain::postgres_url::PostgresUrlError;
use crate::sys::fs::FsError;
use crate::sys::rng::RngError;
use crate::target::error::OpenError;
use std::io;
use std::path::PathBuf;

/// Why there is no place to try a restore on. Nothing is said about the backup by any of them: a
/// restore test that meets one has found out nothing.
#[derive(Debug, thiserror::Error)]
pub enum ScratchError {
    /// No PostgreSQL server is installed where it was looked for, or none that runs.
    #[error(
        "no PostgreSQL server that runs as the user {user} was found{}; \
         install one, or name the folder of its programs in restore_test.pg_bindir",
        only(found)
    )]
    NoServer {
        /// Who was to run it.
        user: String,
        /// Programs that do not run.
        found: Vec<String>,
    },
    /// All servers that were found are older than that of the backup.
    #[error(
        "the backup needs PostgreSQL {needed} or newer, and there is none{}; \
         install one, or name the folder of its programs in restore_test.pg_bindir",
        only(found)
    )]
    OldServer {
        /// The major version of the server of the backup.
        needed: u32,
        /// What there is, with its version.
        found: Vec<String>,
    },
    /// The server does not have an extension that the backup needs.
    #[error(
        "the backup needs the extension `{name}` ({version}), which is not installed for {place}; \
         install its package there, or use another server"
    )]
    NoExtension {
        /// The extension.
        name: String,
        /// Its version in the backup.
        version: String,
        /// Where it was looked for.
        place: String,
    },
    /// The server has an older version of an extension than the backup.
    #[error(
        "the backup needs version {version} or newer of the extension `{name}`, and {found} is \
         installed for {place}; install a newer package there, or use another server"
    )]
    OldExtension {
        /// The extension.
        name: String,
        /// Its version in the backup.
        version: String,
        /// Its version there.
        found: String,
        /// Where it was looked for.
        place: String,
    },
    /// There is no user of this name.
    #[error(
        "there is no user `{0}` to run a scratch server; make one, or set restore_test.user to \
         another"
    )]
    NoSuchUser(String),
    /// PostgreSQL refuses to run as root.
    #[error("a scratch server cannot run as root; set restore_test.user to another user")]
    Root,
    /// This process runs with a number that no user has, which PostgreSQL refuses.
    #[error("the user number {0} has no name on this machine, and PostgreSQL needs one")]
    Nameless(u32),
    /// The disk is too full.
    #[error(
        "a scratch server needs {needed} bytes in \"{}\", where {free} are free; make room, or \
         choose another folder for temporary files",
        folder.display()
    )]
    NoSpace {
        /// Where.
        folder: PathBuf,
        /// How many bytes are needed.
        needed: u64,
        /// How many there are.
        free: u64,
    },
    /// A server cannot live in this folder.
    #[error(
        "a scratch server cannot live in \"{}\": {why}; choose another folder for temporary files",
        folder.display()
    )]
    UnfitFolder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        why: String,
    },
    /// A folder or file could not be made or removed.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// A program does not start.
    #[error("cannot run {program}")]
    Run {
        /// Which.
        program: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A program failed.
    #[error("{program} of the scratch server failed: {said}")]
    Failed {
        /// Which.
        program: &'static str,
        /// The last that it said.
        said: String,
    },
    /// A program took too long.
    #[error("{program} of the scratch server took longer than {seconds} seconds: {said}")]
    Slow {
        /// Which.
        program: &'static str,
        /// How long it was waited for.
        seconds: u64,
        /// The last that it said.
        said: String,
    },
    /// It was asked to stop.
    #[error("it was stopped")]
    Stopped,
    /// The URL of a given server names a database that is none of embsec's restore tests.
    #[error(
        "the database `{0}` exists and may be in use; name the server by the database `postgres`, \
         or by a name that begins with {guard}",
        guard = super::given::GUARD
    )]
    NotGuarded(String),
    /// The role may not make databases.
    #[error("the role may not create a database on the given server; it needs CREATEDB")]
    NoRight(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The server, or the way to it, failed.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// A name makes no URL.
    #[error(transparent)]
    Url(#[from] PostgresUrlError),
    /// There are no names by chance.
    #[error(transparent)]
    Rng(#[from] RngError),
}

impl From<sqlx::Error> for ScratchError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

fn only(found: &[String]) -> String {
    if found.is_empty() {
        return String::new();
    }
    format!(" (only {})", found.join(", "))
}
