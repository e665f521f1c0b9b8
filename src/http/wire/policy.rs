//! What of a project is sealed: a type of embsec's own, beside those of the contract.

use super::wire;
use crate::domain::project::ContentPolicy;
use crate::http::schema::boolean;
use serde::{Deserialize, Serialize};

/// What of a project is sealed when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectPolicy {
    /// Texts.
    pub encrypt_text: bool,
    /// Metadata.
    pub encrypt_metadata: bool,
}

wire!(
    ProjectPolicy,
    "ProjectPolicy",
    |object| object
        .required(
            "encrypt_text",
            boolean().about("Whether texts are sealed when they are written.")
        )
        .required(
            "encrypt_metadata",
            boolean().about("Whether metadata are sealed when they are written.")
        ),
    Omitted
);

impl From<ContentPolicy> for ProjectPolicy {
    fn from(policy: ContentPolicy) -> Self {
        Self {
            encrypt_text: policy.encrypt_text,
            encrypt_metadata: policy.encrypt_metadata,
        }
    }
}

impl From<ProjectPolicy> for ContentPolicy {
    fn from(policy: ProjectPolicy) -> Self {
        Self {
            encrypt_text: policy.encrypt_text,
            encrypt_metadata: policy.encrypt_metadata,
        }
    }
}
