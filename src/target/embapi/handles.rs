//! Definitions, instances, projects and API standards whose handles embsec cannot hold, with
//! everything that depends on them.

use super::sql;
use crate::domain::record::{Record, Table};
use sqlx::postgres::PgConnection;
use std::collections::BTreeSet;

/// One thing with such a handle, or that depends on one.
pub(super) struct Short {
    /// Its table.
    pub(super) table: Table,
    /// Its handle.
    pub(super) handle: String,
    /// Its id, where it has one.
    pub(super) id: i64,
    /// Embeddings that go with it.
    pub(super) embeddings: i64,
}

/// What is left out with such a handle. Nearly always empty.
#[derive(Default)]
pub(super) struct ShortHandles {
    /// Everything.
    pub(super) all: Vec<Short>,
    ids: BTreeSet<(Table, i64)>,
}

impl ShortHandles {
    /// Reads them.
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let rows: Vec<(i32, String, i64, i64)> = sqlx::query_as(sql::SHORT_HANDLES)
            .fetch_all(connection)
            .await?;
        let all: Vec<Short> = rows
            .into_iter()
            .map(|(kind, handle, id, embeddings)| Short {
                table: match kind {
                    1 => Table::ApiStandards,
                    2 => Table::Definitions,
                    3 => Table::Instances,
                    _ => Table::Projects,
                },
                handle,
                id,
                embeddings,
            })
            .collect();
        let ids = all.iter().map(|short| (short.table, short.id)).collect();
        Ok(Self { all, ids })
    }

    fn has(&self, table: Table, id: i64) -> bool {
        self.ids.contains(&(table, id))
    }

    /// Takes what is left out away from a row; `false` when the row itself is left out.
    pub(super) fn keeps(&self, record: &mut Record) -> bool {
        if self.ids.is_empty() {
            return true;
        }
        match record {
            Record::User(_) | Record::UserKey(_) | Record::AdminKey(_) | Record::ApiStandard(_) => {
                true
            }
            Record::Definition(row) => !self.has(Table::Definitions, row.id.0),
            Record::DefinitionShare(row) => !self.has(Table::Definitions, row.definition.0),
            Record::Instance(row) => {
                row.definition = row
                    .definition
                    .filter(|definition| !self.has(Table::Definitions, definition.0));
                !self.has(Table::Instances, row.id.0)
            }
            Record::InstanceShare(row) => !self.has(Table::Instances, row.instance.0),
            Record::Project(row) => !self.has(Table::Projects, row.id.0),
            Record::ProjectShare(row) => !self.has(Table::Projects, row.project.0),
            Record::Embedding(row) => {
                !self.has(Table::Projects, row.project.0)
                    && !self.has(Table::Instances, row.instance.0)
            }
        }
    }
}
