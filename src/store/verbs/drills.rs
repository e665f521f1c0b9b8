//! Drills of the recovery of keys.

use super::engine::Engine;
use super::rows;
use crate::domain::audit::Action;
use crate::domain::drill::{Drill, DrillKind};
use crate::domain::key::KeyId;
use crate::store::change::change;
use crate::store::drills::DrillStore;
use crate::store::driver::Malformed;
use crate::store::{StoreResult, Witness};
use async_trait::async_trait;
use sqlx::Row as _;

const INSERT: &str = "\
    INSERT INTO drills (kind, drilled_at, master_id, passed) VALUES ($1, $2, $3, $4)";

const LAST_PASSED: &str = "\
    SELECT kind, drilled_at, master_id FROM drills WHERE passed = TRUE \
    ORDER BY drilled_at DESC, drill_id DESC LIMIT 1";

#[async_trait]
impl DrillStore for Engine {
    async fn add_drill(&self, drill: &Drill, witness: &dyn Witness) -> StoreResult<()> {
        let mut write = self.write().await?;
        sqlx::query(INSERT)
            .bind(drill.kind.as_str())
            .bind(drill.at.as_millisecond())
            .bind(&drill.master_id.0)
            .bind(drill.passed)
            .execute(write.connection())
            .await?;
        let details = [
            ("kind", drill.kind.as_str().into()),
            ("master_id", drill.master_id.0.as_str().into()),
            ("passed", drill.passed.into()),
        ];
        let change = change(Action::KeyringDrill, None, details);
        write.finish(witness, Some(change)).await
    }

    async fn last_passed_drill(&self) -> StoreResult<Option<Drill>> {
        let mut reader = self.reader().await?;
        let row = sqlx::query(LAST_PASSED)
            .fetch_optional(&mut *reader)
            .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(Drill {
            kind: DrillKind::from_word(row.try_get(0)?).ok_or(Malformed("kind of a drill"))?,
            at: rows::time(&row, 1)?,
            master_id: KeyId(row.try_get(2)?),
            passed: true,
        }))
    }
}
