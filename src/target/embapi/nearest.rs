//! The exact search over embapi's rows, to compare answers after a move.

use super::error::failed;
use super::rows::{Rows, decode};
use super::sql;
use crate::domain::ids::ProjectId;
use crate::domain::record::{Record, Table};
use crate::store::transfer::{Neighbour, TransferResult};
use futures_util::TryStreamExt as _;
use half::f16;
use pgvector::HalfVector;
use sqlx::Row as _;

impl Rows {
    /// As [`crate::store::transfer::RecordReader::nearest`].
    pub(super) async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
    ) -> TransferResult<Vec<Neighbour>> {
        let (pairs, _) = vector_half.as_chunks::<2>();
        let query: Vec<f16> = pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect();
        let dim = i32::try_from(query.len()).unwrap_or(i32::MAX);
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found = Vec::new();
        let mut rows = sqlx::query(sql::NEAREST)
            .bind(project.0)
            .bind(HalfVector::from(query))
            .bind(dim)
            .fetch(&mut self.connection);
        while found.len() < limit {
            let Some(row) = rows.try_next().await.map_err(failed)? else {
                break;
            };
            let similarity = row.try_get(10).map_err(failed)?;
            // Left out like everywhere else.
            if let Ok(mut record) = decode(&self.decoder, Table::Embeddings, &row)?.row
                && self.short.keeps(&mut record)
                && let Record::Embedding(row) = record
            {
                found.push(Neighbour {
                    id: row.id,
                    similarity,
                });
            }
        }
        Ok(found)
    }
}
