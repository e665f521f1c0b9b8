//! Verbs of drills: what was proven of the recovery of keys, and when.

use super::{StoreResult, Witness};
use crate::domain::drill::Drill;
use async_trait::async_trait;

/// Drills.
#[async_trait]
pub trait DrillStore: Send + Sync {
    /// Notes how a drill ended.
    async fn add_drill(&self, drill: &Drill, witness: &dyn Witness) -> StoreResult<()>;

    /// The last drill that passed.
    async fn last_passed_drill(&self) -> StoreResult<Option<Drill>>;
}
