//! Embeddings, many in one statement.

use super::moment;
use crate::domain::record::EmbeddingRecord;
use crate::store::transfer::TransferResult;
use crate::target::embapi::error::failed;
use half::f16;
use pgvector::HalfVector;
use sqlx::postgres::PgConnection;

/// A row that still has the text id of another stays without one until its own edit comes.
const MOVE_ASIDE: &str = "\
    UPDATE embeddings AS e SET text_id = NULL \
    FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[]) \
        AS v (id, text_id, project_id, instance_id) \
    WHERE e.text_id = v.text_id AND e.project_id = v.project_id \
      AND e.instance_id = v.instance_id AND e.embeddings_id <> v.id";

const PUT: &str = concat!(
    "INSERT INTO embeddings (embeddings_id, text_id, owner, project_id, instance_id, text, \
     vector, vector_dim, metadata, created_at, updated_at) \
     SELECT v.id::int4, v.text_id, p.owner, p.project_id, v.instance_id::int4, v.text, v.vector, \
     vector_dims(v.vector), v.metadata::jsonb, ",
    moment!("v.created_at"),
    ", ",
    moment!("v.updated_at"),
    " FROM unnest($1::int8[], $2::text[], $3::int8[], $4::int8[], $5::text[], $6::halfvec[], \
                 $7::text[], $8::int8[], $9::int8[]) \
        AS v (id, text_id, project_id, instance_id, text, vector, metadata, created_at, \
              updated_at) \
     JOIN projects AS p ON p.project_id = v.project_id \
     ON CONFLICT (embeddings_id) DO UPDATE SET text_id = excluded.text_id, \
     owner = excluded.owner, project_id = excluded.project_id, \
     instance_id = excluded.instance_id, text = excluded.text, vector = excluded.vector, \
     vector_dim = excluded.vector_dim, metadata = excluded.metadata, \
     created_at = excluded.created_at, updated_at = excluded.updated_at"
);

/// The rows, column by column.
#[derive(Default)]
struct Columns {
    ids: Vec<i64>,
    text_ids: Vec<String>,
    projects: Vec<i64>,
    instances: Vec<i64>,
    texts: Vec<Option<String>>,
    vectors: Vec<HalfVector>,
    metadata: Vec<Option<String>>,
    created_at: Vec<i64>,
    updated_at: Vec<i64>,
}

impl Columns {
    fn of(rows: Vec<EmbeddingRecord>) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.ids.push(row.id.0);
            columns.text_ids.push(row.text_id);
            columns.projects.push(row.project.0);
            columns.instances.push(row.instance.0);
            columns.texts.push(row.text);
            columns.vectors.push(half_vector(&row.vector_half));
            columns.metadata.push(row.metadata);
            columns.created_at.push(row.created_at);
            columns.updated_at.push(row.updated_at);
        }
        columns
    }
}

/// Puts embeddings in, each with the owner of its project.
pub(super) async fn put(
    connection: &mut PgConnection,
    rows: Vec<EmbeddingRecord>,
) -> TransferResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(rows);
    sqlx::query(MOVE_ASIDE)
        .bind(&columns.ids)
        .bind(&columns.text_ids)
        .bind(&columns.projects)
        .bind(&columns.instances)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    sqlx::query(PUT)
        .bind(columns.ids)
        .bind(columns.text_ids)
        .bind(columns.projects)
        .bind(columns.instances)
        .bind(columns.texts)
        .bind(columns.vectors)
        .bind(columns.metadata)
        .bind(columns.created_at)
        .bind(columns.updated_at)
        .execute(connection)
        .await
        .map(drop)
        .map_err(failed)
}

fn half_vector(little_endian: &[u8]) -> HalfVector {
    let (pairs, _) = little_endian.as_chunks::<2>();
    let halves: Vec<f16> = pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect();
    HalfVector::from(halves)
}
