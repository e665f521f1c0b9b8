//! Rows that only this engine can hold, because a text of theirs has U+0000.

use super::SourceRules;
use super::hidden::Hidden;
use crate::crypto::content;
use crate::domain::embedding::{ContentColumn, ContentRow};
use crate::domain::findings::{Finding, FindingKind, Findings};
use crate::domain::ids::{InstanceId, ProjectId};
use crate::domain::record::Table;
use crate::store::transfer::{OpenKeys, TransferResult};
use crate::store::{StoreError, Unreadable};
use futures_util::TryStreamExt as _;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::BTreeSet;

/// Texts with U+0000, which only this engine holds.
const UNUSABLE: [(Table, &str); 5] = [
    (
        Table::Users,
        "SELECT handle FROM users \
         WHERE instr(CAST(handle || coalesce(name, '') || email AS BLOB), x'00') > 0",
    ),
    (
        Table::ApiStandards,
        "SELECT handle FROM api_standards \
         WHERE instr(CAST(handle || description || key_field AS BLOB), x'00') > 0",
    ),
    (
        Table::Definitions,
        "SELECT CAST(definition_id AS TEXT) FROM definitions \
         WHERE instr(CAST(handle || coalesce(endpoint, '') || coalesce(description, '') || \
            coalesce(model, '') AS BLOB), x'00') > 0",
    ),
    (
        Table::Instances,
        "SELECT CAST(instance_id AS TEXT) FROM instances \
         WHERE instance_id NOT IN (SELECT value FROM json_each($1)) \
            AND instr(CAST(handle || coalesce(endpoint, '') || coalesce(description, '') || \
                coalesce(model, '') AS BLOB), x'00') > 0",
    ),
    (
        Table::Projects,
        "SELECT CAST(project_id AS TEXT) FROM projects \
         WHERE project_id NOT IN (SELECT value FROM json_each($1)) \
            AND instr(CAST(handle || coalesce(description, '') || \
                coalesce(metadata_scheme, '') AS BLOB), x'00') > 0",
    ),
];

/// Embeddings that have such a text in clear, or a text that must be opened to know.
const EMBEDDINGS: &str = "\
    SELECT embedding_id, project_id, instance_id, text_id, text FROM embeddings \
    WHERE project_id NOT IN (SELECT value FROM json_each($1)) \
        AND (instr(CAST(text_id AS BLOB), x'00') > 0 OR instr(CAST(text AS BLOB), x'00') > 0 \
            OR text GLOB 'enc:v2:*')";

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) findings: Findings,
    /// Ids of the embeddings among them.
    pub(super) left_out: BTreeSet<i64>,
}

impl Found {
    fn add(&mut self, table: Table, row: String, settled: bool) {
        self.findings.add(Finding {
            kind: FindingKind::Unusable,
            table,
            row,
            what: "a text of it holds U+0000".to_owned(),
            settled,
            rows: 1,
        });
    }
}

/// Looks at every row that travels.
pub(super) async fn survey(
    connection: &mut SqliteConnection,
    rules: SourceRules,
    hidden: &Hidden,
    keys: &OpenKeys,
) -> TransferResult<Found> {
    let mut found = Found::default();
    for (table, sql) in UNUSABLE {
        let mut query = sqlx::query(sql);
        if let Some(ids) = hidden.of(table) {
            query = query.bind(ids);
        }
        let mut rows = query.fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            found.add(table, row.try_get(0)?, false);
        }
    }
    let mut rows = sqlx::query(EMBEDDINGS)
        .bind(hidden.of(Table::Embeddings))
        .fetch(&mut *connection);
    while let Some(row) = rows.try_next().await? {
        if has_zero_byte(&row, keys)? {
            let id: i64 = row.try_get(0)?;
            found.add(Table::Embeddings, id.to_string(), rules.skip_unusable);
            found.left_out.insert(id);
        }
    }
    Ok(found)
}

fn has_zero_byte(row: &SqliteRow, keys: &OpenKeys) -> TransferResult<bool> {
    let text_id: &str = row.try_get(3)?;
    let Some(stored) = row.try_get::<Option<&str>, _>(4)? else {
        return Ok(text_id.contains('\0'));
    };
    let place = ContentRow {
        project: ProjectId(row.try_get(1)?),
        instance: InstanceId(row.try_get(2)?),
        text_id,
    };
    let column = ContentColumn::Text;
    let text = content::open(stored, place, column, |id| keys.get(id)).map_err(|source| {
        StoreError::from(Unreadable {
            text_id: text_id.to_owned(),
            column,
            source,
        })
    })?;
    Ok(text_id.contains('\0') || text.contains('\0'))
}
