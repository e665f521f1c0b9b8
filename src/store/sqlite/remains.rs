//! What is left of deleted content in the files.

use super::connect::SqliteStore;
use crate::store::{Remains, StoreResult};
use sqlx::Row as _;

const CHECKPOINT: &str = "PRAGMA wal_checkpoint(TRUNCATE)";

impl SqliteStore {
    /// Deleted content is overwritten as it is deleted; what is left is the write-ahead log, and
    /// the pages of the file that it stands for.
    pub(super) async fn remains(&self) -> StoreResult<Remains> {
        let row = sqlx::query(CHECKPOINT).fetch_one(self.writer()).await?;
        let is_held: i64 = row.try_get(0)?;
        Ok(if is_held != 0 {
            Remains::InTheLog
        } else {
            Remains::Gone
        })
    }
}
