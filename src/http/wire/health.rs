//! Whether the server is well: for load balancers and supervisors, without a key.

use super::{nested, wire};
use crate::http::schema::enumeration;
use serde::Serialize;

/// The state of one part, or of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PartStatus {
    /// Well.
    Ok,
    /// Not.
    Failing,
}

const STATUS: &[&str] = &["ok", "failing"];

/// The process answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Always `ok`: whoever reads it got an answer.
    pub status: PartStatus,
}

wire!(Health, "Health", |object| object
    .required("status", enumeration(STATUS)));

/// What the server needs in order to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ReadinessParts {
    /// The database answers.
    pub database: PartStatus,
    /// The audit log takes events.
    pub audit: PartStatus,
    /// The master key is at hand.
    pub keyring: PartStatus,
}

wire!(ReadinessParts, "ReadinessParts", |object| object
    .required("database", enumeration(STATUS))
    .required("audit", enumeration(STATUS))
    .required("keyring", enumeration(STATUS)));

/// Whether the server can do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The whole.
    pub status: PartStatus,
    /// Part by part.
    pub parts: ReadinessParts,
}

wire!(Readiness, "Readiness", |object| object
    .required("status", enumeration(STATUS))
    .required("parts", nested::<ReadinessParts>()));

impl From<ReadinessParts> for Readiness {
    fn from(parts: ReadinessParts) -> Self {
        let well = [parts.database, parts.audit, parts.keyring]
            .into_iter()
            .all(|part| part == PartStatus::Ok);
        let status = if well {
            PartStatus::Ok
        } else {
            PartStatus::Failing
        };
        Self { status, parts }
    }
}
