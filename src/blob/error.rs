//! What can go wrong with a destination. No message holds a key, a signature or a signed address.

use crate::sys::fs::FsError;
use std::io;
use std::path::PathBuf;

/// Why a destination did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// A text that is no name of an object.
    #[error("\"{name}\" is no name of a file of a backup")]
    Name {
        /// The text, with everything odd in it escaped.
        name: String,
    },
    /// Nothing has the name.
    #[error("there is no \"{name}\" in {place}")]
    NotFound {
        /// The destination.
        place: String,
        /// The name.
        name: String,
    },
    /// The name was to be new and is taken; what has it was left as it is.
    #[error("\"{name}\" exists already in {place}")]
    AlreadyExists {
        /// The destination.
        place: String,
        /// The name.
        name: String,
    },
    /// Somebody else replaced or removed it.
    #[error("\"{name}\" in {place} was changed by somebody else")]
    Changed {
        /// The destination.
        place: String,
        /// The name.
        name: String,
    },
    /// More bytes than such an object can have.
    #[error("\"{name}\" in {place} is larger than {max_bytes} bytes")]
    TooLarge {
        /// The destination.
        place: String,
        /// The name.
        name: String,
        /// The limit.
        max_bytes: u64,
    },
    /// The destination does not let us: wrong keys, or rights that are missing.
    #[error("{place} does not allow it: {why}")]
    Denied {
        /// The destination, or a path in it.
        place: String,
        /// What it said, in a few words.
        why: String,
    },
    /// There is no such folder or bucket.
    #[error("{place} does not exist")]
    NoPlace {
        /// The destination.
        place: String,
    },
    /// The settings name no destination that could be used.
    #[error("{why}")]
    Options {
        /// What is wrong with them.
        why: String,
    },
    /// The store can't do what keeps two processes from overwriting each other.
    #[error("{place} can't be used for backups: {why}")]
    Unsupported {
        /// The destination.
        place: String,
        /// What it lacks.
        why: String,
    },
    /// The store refused for another reason.
    #[error("{place} refused to {action}: status {status}{}", in_brackets(.code))]
    Refused {
        /// The destination.
        place: String,
        /// What was tried.
        action: &'static str,
        /// The status of HTTP.
        status: u16,
        /// The store's own word for it.
        code: Option<String>,
    },
    /// The store did not answer, or not well, for as long as was waited. Trying again helps.
    #[error("cannot {action} in {place}: {why}")]
    Unavailable {
        /// The destination.
        place: String,
        /// What was tried.
        action: &'static str,
        /// The last thing that went wrong.
        why: String,
    },
    /// The bytes are not those that were written.
    #[error("\"{name}\" in {place} is damaged: {why}")]
    Damaged {
        /// The destination, or "this machine".
        place: String,
        /// The name, or the path of a local file.
        name: String,
        /// How it is seen.
        why: String,
    },
    /// Another process uses the destination.
    #[error("{place} is in use: {holder}")]
    Locked {
        /// The destination.
        place: String,
        /// The other process and its work.
        holder: String,
    },
    /// Another process took the destination over, or it could not be kept.
    #[error("{place} is no longer this process's own: {why}")]
    Lost {
        /// The destination.
        place: String,
        /// What happened.
        why: String,
    },
    /// The disk is full, or a quota is used up.
    #[error("there is no room left for \"{}\"", path.display())]
    Full {
        /// What was written.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system refused.
    #[error("cannot {action} \"{}\"", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The process is ending.
    #[error("the work was interrupted")]
    Interrupted,
}

impl BlobError {
    /// Whether the name is free.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether the name was to be new and is taken.
    #[must_use]
    pub const fn already_exists(&self) -> bool {
        matches!(self, Self::AlreadyExists { .. })
    }

    /// Whether the same may work a little later without anybody doing anything.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Locked { .. })
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Denied { why, .. } if why.contains("RequestTimeTooSkewed") => {
                "Set the clock of this machine: the store allows a few minutes."
            }
            Self::Denied { why, .. } if why.contains("status") => {
                "Check the access key, its secret, and that it may list, read, write and delete \
                 in this bucket."
            }
            Self::Denied { .. } => "Check who owns the folder and who may write to the disk.",
            Self::Refused {
                status: 301 | 307 | 400,
                ..
            } => "Check the region and the endpoint.",
            Self::Full { .. } => "Make room, or prune old backups; what was there is whole.",
            Self::Unavailable { .. } => "Run the same command again; it goes on where it stopped.",
            Self::NoPlace { .. } => {
                "Create it, or check that the disk is mounted and the name is right."
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }

    /// Turns what a file call said into the error of a destination; `name` is what was asked for.
    pub(super) fn of_file(error: FsError, place: &str, name: &str) -> Self {
        let (place, name) = (place.to_owned(), name.to_owned());
        match error {
            FsError::AlreadyExists { .. } => Self::AlreadyExists { place, name },
            FsError::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Self::NotFound { place, name }
            }
            FsError::Io {
                action,
                path,
                source,
            } => Self::of_io(action, path, source),
            FsError::TooLarge { max_bytes, .. } => Self::TooLarge {
                place,
                name,
                max_bytes,
            },
            other @ (FsError::OpenToOthers { .. }
            | FsError::NotAFile { .. }
            | FsError::ForeignLink { .. }) => Self::Damaged {
                place,
                name,
                why: other.to_string(),
            },
        }
    }

    /// Turns what the system said into the error of a destination.
    pub(super) fn of_io(action: &'static str, path: PathBuf, source: io::Error) -> Self {
        use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        match source.kind() {
            StorageFull | QuotaExceeded => Self::Full { path, source },
            PermissionDenied | ReadOnlyFilesystem => Self::Denied {
                place: format!("\"{}\"", path.display()),
                why: source.to_string(),
            },
            _ => Self::Io {
                action,
                path,
                source,
            },
        }
    }
}

fn in_brackets(code: &Option<String>) -> String {
    code.as_ref()
        .map_or_else(String::new, |code| format!(" ({code})"))
}
