//! What is out of service and does not travel: deleted projects, and instances that only they need.

use super::super::engine::{self, Connection, Ids};
use crate::domain::record::Table;
use crate::store::StoreResult;

/// The version of the schema that knows of deleted projects.
const KNOWS: i64 = 4;

const VERSION: &str = "SELECT version FROM embsec_schema";

const PROJECTS: &str = "\
    SELECT project_id FROM projects WHERE deleted_at IS NOT NULL ORDER BY project_id";

const INSTANCES: &str = "\
    SELECT instance_id FROM instances WHERE deleted_at IS NOT NULL ORDER BY instance_id";

/// The ids of rows that are left out.
#[derive(Debug)]
pub(super) struct Hidden {
    projects: Ids,
    instances: Ids,
    knows_policies: bool,
}

impl Hidden {
    /// Nothing is left out: a destination has no deleted projects.
    pub(super) fn nothing() -> Self {
        Self {
            knows_policies: true,
            projects: engine::ids([]),
            instances: engine::ids([]),
        }
    }

    /// What is out of service in this state of a database, whatever its version.
    pub(super) async fn read(connection: &mut Connection) -> StoreResult<Self> {
        let version: i64 = sqlx::query_scalar(VERSION)
            .fetch_one(&mut *connection)
            .await?;
        if version < KNOWS {
            return Ok(Self {
                knows_policies: false,
                ..Self::nothing()
            });
        }
        Ok(Self {
            knows_policies: true,
            projects: ids(connection, PROJECTS).await?,
            instances: ids(connection, INSTANCES).await?,
        })
    }

    /// Whether projects say what of them is sealed.
    pub(super) const fn knows_policies(&self) -> bool {
        self.knows_policies
    }

    /// The ids to leave out of a page of this table; `None` where all rows travel.
    pub(super) fn of(&self, table: Table) -> Option<&Ids> {
        match table {
            Table::Projects | Table::ProjectShares | Table::Embeddings => Some(&self.projects),
            Table::Instances => Some(&self.instances),
            _ => None,
        }
    }
}

async fn ids(connection: &mut Connection, sql: &'static str) -> StoreResult<Ids> {
    let ids: Vec<i64> = sqlx::query_scalar(sql).fetch_all(connection).await?;
    Ok(engine::ids(ids))
}
