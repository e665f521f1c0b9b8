//! Many rows changed by one statement, each only where it still holds what was read.

use crate::domain::ids::ProjectId;
use crate::domain::rotation::{RowChange, SealedColumn};
use crate::store::StoreResult;
use crate::store::rotation::Rewrap;
use sqlx::postgres::PgConnection;

const REWRAP: &str = "\
    UPDATE data_keys AS k SET wrapped = r.new, master_id = r.master_id \
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS r (key_id, old, new, master_id) \
    WHERE k.key_id = r.key_id AND k.wrapped = r.old";

const CHANGE_PROVIDER_KEYS: &str = "\
    UPDATE instances AS i SET api_key = r.new \
    FROM unnest($1::bigint[], $2::text[], $3::text[]) AS r (row_id, old, new) \
    WHERE i.instance_id = r.row_id AND i.api_key = r.old";

const CHANGE_EMBEDDINGS: &str = "\
    UPDATE embeddings AS e SET text = coalesce(r.new_text, e.text), \
        metadata = coalesce(r.new_metadata, e.metadata) \
    FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[]) \
        AS r (row_id, old_text, new_text, old_metadata, new_metadata) \
    WHERE e.embedding_id = r.row_id \
        AND (r.old_text IS NULL OR e.text = r.old_text) \
        AND (r.old_metadata IS NULL OR e.metadata = r.old_metadata) \
        AND e.project_id = $1";

/// Replaces the wrapping of data keys; returns of how many.
pub(super) async fn rewrap(connection: &mut PgConnection, rewraps: &[Rewrap]) -> StoreResult<u64> {
    let column = |read: fn(&Rewrap) -> &str| rewraps.iter().map(read).collect::<Vec<_>>();
    let done = sqlx::query(REWRAP)
        .bind(column(|rewrap| &rewrap.old.id.0))
        .bind(column(|rewrap| &rewrap.old.wrapped))
        .bind(column(|rewrap| &rewrap.new.wrapped))
        .bind(column(|rewrap| &rewrap.new.master_id.0))
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Replaces keys of providers; returns how many.
pub(super) async fn change_provider_keys(
    connection: &mut PgConnection,
    rows: &[RowChange],
) -> StoreResult<u64> {
    let (old, new) = columns(rows, SealedColumn::ApiKey);
    let done = sqlx::query(CHANGE_PROVIDER_KEYS)
        .bind(row_ids(rows))
        .bind(old)
        .bind(new)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Replaces texts and metadata of a project; returns of how many rows.
pub(super) async fn change_embeddings(
    connection: &mut PgConnection,
    project: ProjectId,
    rows: &[RowChange],
) -> StoreResult<u64> {
    let (old_texts, new_texts) = columns(rows, SealedColumn::Text);
    let (old_metadata, new_metadata) = columns(rows, SealedColumn::Metadata);
    let done = sqlx::query(CHANGE_EMBEDDINGS)
        .bind(project.0)
        .bind(row_ids(rows))
        .bind(old_texts)
        .bind(new_texts)
        .bind(old_metadata)
        .bind(new_metadata)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

fn row_ids(rows: &[RowChange]) -> Vec<i64> {
    rows.iter().map(|row| row.row_id).collect()
}

/// The old and the new values of a column; nothing where it does not change.
type Columns<'r> = (Vec<Option<&'r str>>, Vec<Option<&'r str>>);

fn columns(rows: &[RowChange], column: SealedColumn) -> Columns<'_> {
    rows.iter().map(|row| row.of(column).unzip()).unzip()
}
