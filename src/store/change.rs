//! What a verb changed, as it is told to the witness. The same on every engine.

use crate::domain::audit::{Action, Change, Details};
use crate::domain::ids::ProjectId;

/// What a verb changed, with these facts.
pub(super) fn change<const N: usize>(
    action: Action,
    project_id: Option<ProjectId>,
    details: [(&str, serde_json::Value); N],
) -> Change {
    Change {
        action,
        project_id,
        details: details
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value))
            .collect::<Details>(),
    }
}
