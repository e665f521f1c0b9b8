//! What can be wrong with a configuration. Every fault knows which setting it is about, where
//! the value came from, and what to do.

use super::value::Origin;
use crate::crypto::sealed_file::RecipientError;
use crate::crypto::token::WeakKey;
use crate::domain::postgres_url::PostgresUrlError;
use std::fmt;
use std::io;
use std::path::PathBuf;

/// No configuration could be made.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file that was named does not exist.
    #[error("there is no file \"{path}\", which {named_by} names", path = .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The flag or variable that names it.
        named_by: &'static str,
    },
    /// The file could not be read.
    #[error("cannot read \"{path}\"", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file that was found rather than named, and that somebody else could have written.
    #[error("\"{path}\" was found by search and is not trusted: {reason}", path = .path.display())]
    Untrusted {
        /// The file.
        path: PathBuf,
        /// What makes it so.
        reason: String,
    },
    /// The file is no TOML.
    #[error("\"{path}\" line {line} is no TOML: {message}", path = .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// Settings that are unknown, unfit, or unfit together.
    #[error("the configuration has {} problems", .0.len())]
    Problems(Vec<Problem>),
}

/// One thing that is wrong with one setting.
#[derive(Debug)]
pub struct Problem {
    /// The key, or what stands in its place.
    pub key: String,
    /// Where the value came from.
    pub origin: Origin,
    /// What is wrong.
    pub fault: Fault,
}

impl Problem {
    pub(super) fn new(key: String, origin: Origin, fault: Fault) -> Self {
        Self { key, origin, fault }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Environment(name) if *name == self.key => {
                write!(f, "`{}` in the environment: {}", self.key, self.fault)
            }
            origin => write!(f, "`{}` ({origin}): {}", self.key, self.fault),
        }
    }
}

/// What is wrong with a setting.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A destination of backups that is none.
    #[error(transparent)]
    Destination(#[from] crate::domain::destination::DestinationError),
    /// No such key.
    #[error("there is no such setting")]
    Unknown {
        /// A known one that looks like it.
        similar: Option<String>,
    },
    /// A variable that container platforms set by themselves and that looks like one of embsec's.
    #[error("there is no such setting")]
    ServiceLink,
    /// A value where a section belongs, or the other way round.
    #[error("a section of settings belongs here")]
    NotASection,
    /// A value of another type.
    #[error("expects {expected}, not {found}")]
    WrongType {
        /// What belongs here.
        expected: String,
        /// What was found.
        found: &'static str,
    },
    /// A value of the right type that is none of those allowed.
    #[error("expects {expected}, not \"{found}\"")]
    Unexpected {
        /// What belongs here.
        expected: String,
        /// What was found. Never a secret.
        found: String,
    },
    /// A value that may be a secret, where a reference to one belongs.
    #[error("expects {0}")]
    NoReference(&'static str),
    /// Bytes that are no text.
    #[error("the value is not UTF-8")]
    NotText,
    /// An address that others reach, without TLS.
    #[error(
        "{address} can be reached by other machines, and API keys would cross the network in clear"
    )]
    Plaintext {
        /// The address.
        address: String,
    },
    /// Two listeners on one address.
    #[error("the API listens on the same address and port")]
    SameAddress,
    /// `*` beside other origins.
    #[error("`*` already stands for every origin, so it must stand alone")]
    WildcardNotAlone,
    /// A URL of PostgreSQL that is none, or that says what cannot be obeyed.
    #[error("{0}")]
    PostgresUrl(#[from] PostgresUrlError),
    /// A file where a server is needed.
    #[error("expects the URL of a PostgreSQL database")]
    NotAServer,
    /// A search by an index where there is none.
    #[error("SQLite has no index of vectors; `approximate` needs PostgreSQL")]
    NoIndex,
    /// A secret that could not be fetched.
    #[error("{0}")]
    Secret(#[from] super::secret::SecretError),
    /// A secret written into a file that others can read.
    #[error("the secret stands in a file that other users can read")]
    ExposedSecret,
    /// An administrator's key that could be guessed.
    #[error("the administrator's key is too weak: {0}")]
    WeakAdminKey(#[from] WeakKey),
    /// Somebody for whom nothing can be sealed. What was written is not repeated.
    #[error("the recipient {number} cannot be used: {source}")]
    Recipient {
        /// Which of the list, from 1.
        number: usize,
        /// Why.
        source: RecipientError,
    },
    /// A policy that lets every backup go.
    #[error("a policy of no days, weeks, months and years keeps no backup at all")]
    KeepsNothing,
    /// A URL that cannot be called. It may be a secret, so it is not repeated.
    #[error("expects a URL that begins with https:// or http://")]
    NotAWebUrl,
    /// One of two settings that belong together.
    #[error("needs `{0}` beside it")]
    HalfAPair(&'static str),
}

impl Fault {
    /// A value that is none of those allowed.
    pub(super) fn unexpected(expected: &str, found: &str) -> Self {
        Self::Unexpected {
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { similar } => Some(similar.as_ref().map_or_else(
                || "`embsec config show` lists every setting.".to_owned(),
                |similar| format!("Did you mean `{similar}`?"),
            )),
            Self::ServiceLink => Some(
                "Kubernetes sets such variables in the pods of a service named `embsec`: set \
                 `enableServiceLinks: false`."
                    .to_owned(),
            ),
            Self::NotASection => Some("Write `[section]`, then `name = value`.".to_owned()),
            Self::Plaintext { .. } => Some(
                "Listen on 127.0.0.1 behind a proxy that does TLS, or set \
                 `serve.allow_plaintext = true`."
                    .to_owned(),
            ),
            Self::SameAddress => Some("Give the metrics a port of their own.".to_owned()),
            Self::WildcardNotAlone => {
                Some("Write `[\"*\"]`, or list the origins without it.".to_owned())
            }
            Self::PostgresUrl(_) | Self::NotAServer => Some(
                "An example: postgres://embsec@db.example.org:5432/embsec?sslmode=verify-full"
                    .to_owned(),
            ),
            Self::NoIndex => Some("Set `search.mode` to auto or exact.".to_owned()),
            Self::Secret(error) => error.hint(),
            Self::ExposedSecret => {
                Some("Run `chmod 600` on the file, or write a reference instead.".to_owned())
            }
            Self::WeakAdminKey(_) => Some(
                "Make one with `openssl rand -hex 32`, or leave the setting out to use the key \
                 that `embsec init` made."
                    .to_owned(),
            ),
            Self::Recipient { .. } => Some(
                "`age-keygen -y FILE` prints the recipient of an identity; copy it whole."
                    .to_owned(),
            ),
            Self::KeepsNothing => Some("Leave one of them above 0.".to_owned()),
            Self::Destination(_)
            | Self::NotAWebUrl
            | Self::HalfAPair(_)
            | Self::WrongType { .. }
            | Self::Unexpected { .. }
            | Self::NoReference(_)
            | Self::NotText => None,
        }
    }
}
