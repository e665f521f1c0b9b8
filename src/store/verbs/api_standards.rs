//! API standards.

use super::engine::{Database, Engine, Row};
use super::rows;
use crate::domain::audit::Action;
use crate::domain::ids::Handle;
use crate::domain::llm::ApiStandard;
use crate::domain::page::Page;
use crate::store::bound;
use crate::store::change::change;
use crate::store::driver::Malformed;
use crate::store::{ApiStandardStore, Conflict, Missing, Put, StoreResult, Witness};
use async_trait::async_trait;
use jiff::Timestamp;
use sqlx::Row as _;

const LIST: &str = "\
    SELECT handle, description, key_method, key_field FROM api_standards \
    ORDER BY substr(handle, 1, 1) = '_', handle LIMIT $1 OFFSET $2";

const ONE: &str =
    "SELECT handle, description, key_method, key_field FROM api_standards WHERE handle = $1";

const UPDATE: &str = "\
    UPDATE api_standards SET description = $2, key_method = $3, key_field = $4, updated_at = $5 \
    WHERE handle = $1";

const INSERT: &str = "\
    INSERT INTO api_standards (handle, description, key_method, key_field, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $5)";

const USED_BY: &str = "\
    SELECT 'definition', o.handle, d.handle \
    FROM definitions AS d JOIN users AS o ON o.user_id = d.owner_id \
    WHERE d.api_standard = $1 \
    UNION ALL \
    SELECT 'instance', o.handle, i.handle \
    FROM instances AS i JOIN users AS o ON o.user_id = i.owner_id \
    WHERE i.api_standard = $1 AND i.deleted_at IS NULL \
    LIMIT 1";

/// An instance that only deleted projects use does not hold its standard.
const LET_GO: &str = "\
    UPDATE instances SET api_standard = NULL \
    WHERE api_standard = $1 AND deleted_at IS NOT NULL";

const DELETE: &str = "DELETE FROM api_standards WHERE handle = $1";

#[async_trait]
impl ApiStandardStore for Engine {
    async fn list_api_standards(&self, page: Page) -> StoreResult<Vec<ApiStandard>> {
        let mut reader = self.reader().await?;
        sqlx::query(LIST)
            .bind(bound::limit(page))
            .bind(bound::offset(page))
            .fetch_all(&mut *reader)
            .await?
            .iter()
            .map(standard)
            .collect()
    }

    async fn api_standard(&self, handle: &Handle) -> StoreResult<Option<ApiStandard>> {
        let mut reader = self.reader().await?;
        sqlx::query(ONE)
            .bind(handle.as_str())
            .fetch_optional(&mut *reader)
            .await?
            .as_ref()
            .map(standard)
            .transpose()
    }

    async fn put_api_standard(
        &self,
        standard: &ApiStandard,
        now: Timestamp,
        witness: &dyn Witness,
    ) -> StoreResult<Put> {
        let mut write = self.write().await?;
        let bound = |sql: &'static str| {
            sqlx::query::<Database>(sql)
                .bind(standard.handle.as_str())
                .bind(&standard.description)
                .bind(standard.key_method.as_str())
                .bind(&standard.key_field)
                .bind(now.as_millisecond())
        };
        let updated = bound(UPDATE).execute(write.connection()).await?;
        let (put, action) = if updated.rows_affected() > 0 {
            (Put::Updated, Action::ApiStandardUpdate)
        } else {
            bound(INSERT).execute(write.connection()).await?;
            (Put::Created, Action::ApiStandardCreate)
        };
        let change = change(
            action,
            None,
            [("api_standard_handle", standard.handle.as_str().into())],
        );
        write.finish(witness, Some(change)).await?;
        Ok(put)
    }

    async fn delete_api_standard(&self, handle: &Handle, witness: &dyn Witness) -> StoreResult<()> {
        let mut write = self.write().await?;
        let used = sqlx::query(USED_BY)
            .bind(handle.as_str())
            .fetch_optional(write.connection())
            .await?;
        if let Some(row) = used {
            let kind: &str = row.try_get(0)?;
            let path = rows::path(&row, 1)?;
            return Err(Conflict::InUse(format!("{kind} {path}")).into());
        }
        sqlx::query(LET_GO)
            .bind(handle.as_str())
            .execute(write.connection())
            .await?;
        let deleted = sqlx::query(DELETE)
            .bind(handle.as_str())
            .execute(write.connection())
            .await?;
        if deleted.rows_affected() == 0 {
            return Err(Missing::ApiStandard(handle.clone()).into());
        }
        let change = change(
            Action::ApiStandardDelete,
            None,
            [("api_standard_handle", handle.as_str().into())],
        );
        write.finish(witness, Some(change)).await
    }
}

fn standard(row: &Row) -> StoreResult<ApiStandard> {
    Ok(ApiStandard {
        handle: rows::handle(row, 0)?,
        description: row.try_get(1)?,
        key_method: row
            .try_get::<&str, _>(2)?
            .parse()
            .map_err(|_| Malformed("key method"))?,
        key_field: row.try_get(3)?,
    })
}
