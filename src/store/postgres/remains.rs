//! What is left of deleted content on the server.

use super::connect::PostgresStore;
use crate::store::{Remains, StoreResult};

impl PostgresStore {
    /// The server overwrites nothing by itself.
    #[expect(
        clippy::unused_async,
        reason = "an engine that can look has to wait for it"
    )]
    pub(super) async fn remains(&self) -> StoreResult<Remains> {
        Ok(Remains::WithTheServer)
    }
}
