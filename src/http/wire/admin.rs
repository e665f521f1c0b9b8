//! What only the administrator asks for.

use super::wire;
use crate::http::schema::{array, enumeration, long, text};
use serde::Serialize;

/// How a sanity check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SanityStatus {
    /// Nothing found.
    Passed,
    /// Warnings only.
    Warning,
    /// Issues.
    Failed,
}

/// The answer of the sanity check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SanityCheckResponse {
    /// How it ended.
    pub status: SanityStatus,
    /// Projects looked at.
    pub total_projects: u64,
    /// How many issues.
    pub issues_count: u64,
    /// How many warnings.
    pub warnings_count: u64,
    /// What is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<String>,
    /// What looks unintended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

wire!(SanityCheckResponse, "SanityCheckResponseBody", |object| {
    object
        .required("status", enumeration(&["PASSED", "WARNING", "FAILED"]))
        .required("total_projects", long())
        .required("issues_count", long())
        .required("warnings_count", long())
        .optional("issues", array(text()))
        .optional("warnings", array(text()))
});

impl SanityCheckResponse {
    /// Draws the conclusion from what was found.
    #[must_use]
    pub fn new(total_projects: u64, issues: Vec<String>, warnings: Vec<String>) -> Self {
        let status = match (issues.is_empty(), warnings.is_empty()) {
            (false, _) => SanityStatus::Failed,
            (true, false) => SanityStatus::Warning,
            (true, true) => SanityStatus::Passed,
        };
        Self {
            status,
            total_projects,
            issues_count: u64::try_from(issues.len()).unwrap_or(u64::MAX),
            warnings_count: u64::try_from(warnings.len()).unwrap_or(u64::MAX),
            issues,
            warnings,
        }
    }
}
