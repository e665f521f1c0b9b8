//! How a use-case that did not end well looks to a client.
//!
//! The one place where an [`AppError`] becomes a [`Problem`]. Nothing of a database's own text
//! and nothing secret passes here: causes go to the log, under the request's id.

use super::problem::{ErrorDetail, Problem};
use crate::app::error::AppError;
use crate::store::{Conflict, Missing};
use axum::http::StatusCode;

/// Seconds after which a client is asked to try again when a part is unavailable.
const RETRY_AFTER_SECS: u64 = 1;

/// Seconds after which a client is asked to try again when the database takes no changes: what
/// keeps it read-only is an operator's work of minutes.
const READ_ONLY_RETRY_AFTER_SECS: u64 = 30;

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Missing(missing) => Self::not_found(missing_text(&missing)),
            AppError::Empty(text) => Self::not_found(text),
            AppError::MissingTarget(_) | AppError::Invalid(_) => {
                Self::bad_request(error.to_string())
            }
            AppError::Conflict(conflict) => conflict_problem(&conflict),
            AppError::Fields(errors) => Self::unprocessable(
                errors
                    .into_iter()
                    .map(|error| ErrorDetail {
                        message: error.message,
                        location: error.location,
                        value: None,
                    })
                    .collect(),
            ),
            AppError::Forbidden(what) => Self::forbidden(what),
            AppError::ReadOnly(_) => Self::read_only(error.to_string(), READ_ONLY_RETRY_AFTER_SECS),
            AppError::Unavailable { what, source } => {
                tracing::error!(cause = &*source, "{what} is unavailable");
                Self::unavailable(RETRY_AFTER_SECS)
            }
            AppError::Key(error) => {
                tracing::error!(cause = &error as &dyn std::error::Error, "a key is missing");
                Self::internal("")
            }
            AppError::Unreadable(content) => {
                tracing::error!(project_id = %content.project, %content, "stored content cannot be read");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, content.to_string())
            }
            AppError::Internal(source) => {
                tracing::error!(cause = &*source, "internal fault");
                Self::internal("")
            }
        }
    }
}

fn missing_text(missing: &Missing) -> String {
    match missing {
        Missing::Project(path) => format!("{}'s project {} not found", path.owner, path.handle),
        Missing::Instance(path) => {
            format!(
                "llm service {} for user {} not found",
                path.handle, path.owner
            )
        }
        other => other.to_string(),
    }
}

fn conflict_problem(conflict: &Conflict) -> Problem {
    match conflict {
        Conflict::UnknownApiStandard(_) | Conflict::MetadataRequired(_) => {
            Problem::bad_request(conflict.to_string())
        }
        Conflict::UserExists(_)
        | Conflict::EmailTaken
        | Conflict::PathTaken(_)
        | Conflict::InUse(_)
        | Conflict::SettingsChanged
        | Conflict::KeyChanged => Problem::conflict(conflict.to_string()),
    }
}
