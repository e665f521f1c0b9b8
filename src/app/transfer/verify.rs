//! Proves that the destination is equal to the source: every table over the opened values of its
//! rows, and a sample of searches.

use super::RunError;
use super::report::Difference;
use super::sync::{PAGE_ROWS, Synced};
use crate::app::job::{Progress, Stop};
use crate::crypto::row_hash::{self, RowHash, TableHash};
use crate::domain::ids::{EmbeddingId, ProjectId};
use crate::domain::record::{EmbeddingRecord, Record, Table};
use crate::store::transfer::{Neighbour, RecordReader, RecordWriter, TransferResult};
use std::collections::BTreeMap;

/// How many stored vectors are searched for.
const SEARCHES: usize = 20;
/// How many of the nearest are compared.
const NEAREST: u32 = 10;
/// How far apart two computations of one similarity may be: an engine may add up in single
/// precision.
const TOLERANCE: f64 = 1e-3;

/// What was proved.
#[derive(Debug, Default)]
pub(super) struct Verified {
    pub(super) checksums: BTreeMap<Table, String>,
    pub(super) searches: u64,
}

/// A few embeddings, always the same ones of the same source: those with the lowest hashes.
#[derive(Debug, Default)]
pub(super) struct Sample(BTreeMap<RowHash, Query>);

#[derive(Debug)]
struct Query {
    embedding: EmbeddingId,
    project: ProjectId,
    vector_half: Vec<u8>,
}

impl Sample {
    /// Takes a row in if it is one of the sample so far.
    pub(super) fn offer(&mut self, hash: RowHash, row: &Record) {
        let Record::Embedding(row) = row else { return };
        let full = self.0.len() >= SEARCHES;
        if full
            && self
                .0
                .last_key_value()
                .is_some_and(|(highest, _)| hash > *highest)
        {
            return;
        }
        self.0.insert(hash, Query::of(row));
        if self.0.len() > SEARCHES {
            self.0.pop_last();
        }
    }
}

impl Query {
    fn of(row: &EmbeddingRecord) -> Self {
        Self {
            embedding: row.id,
            project: row.project,
            vector_half: row.vector_half.clone(),
        }
    }
}

pub(super) async fn verify(
    source: &mut dyn RecordReader,
    destination: &mut dyn RecordWriter,
    synced: &Synced,
    progress: &dyn Progress,
    stop: &Stop,
) -> Result<Verified, RunError> {
    let mut verified = Verified::default();
    let rows = synced.tables.iter().map(|(_, done)| done.source.rows());
    progress.begin("verifying", Some(rows.sum()));
    let mut read = 0;
    for (table, done) in &synced.tables {
        if done.skipped {
            continue;
        }
        let found = hash(destination, *table, &mut read, progress).await?;
        compare(*table, done.source, found)?;
        if stop.is_asked() {
            return Err(synced.interrupted());
        }
        verified.checksums.insert(*table, found.to_string());
    }
    progress.end();
    progress.begin("comparing searches", None);
    for query in synced.sample.0.values() {
        let here = source.nearest(query.project, &query.vector_half, NEAREST);
        let there = destination.nearest(query.project, &query.vector_half, NEAREST);
        let (here, there) = tokio::join!(here, there);
        if !agree(&here?, &there?) {
            return Err(RunError::Differs(Difference::Search {
                embedding: query.embedding.0,
                project: query.project.0,
            }));
        }
        verified.searches += 1;
    }
    progress.end();
    Ok(verified)
}

async fn hash(
    destination: &mut dyn RecordWriter,
    table: Table,
    read: &mut u64,
    progress: &dyn Progress,
) -> TransferResult<TableHash> {
    let mut hash = TableHash::default();
    let mut after = None;
    loop {
        let page = destination.page(table, after.as_ref(), PAGE_ROWS).await?;
        let Some(last) = page.last() else {
            return Ok(hash);
        };
        after = Some(last.key());
        for row in &page {
            hash.add(row_hash::of(row));
            *read += 1;
        }
        progress.done(*read);
    }
}

fn compare(table: Table, source: TableHash, destination: TableHash) -> Result<(), RunError> {
    if source == destination {
        return Ok(());
    }
    let difference = if source.rows() == destination.rows() {
        Difference::Checksum(table)
    } else {
        Difference::Rows {
            table,
            source: source.rows(),
            destination: destination.rows(),
        }
    };
    Err(RunError::Differs(difference))
}

/// Whether two searches found the same: the same rows with the same similarities, but for rows
/// that are as near as the last one of either.
fn agree(here: &[Neighbour], there: &[Neighbour]) -> bool {
    here.len() == there.len() && are_found_or_last(here, there) && are_found_or_last(there, here)
}

fn are_found_or_last(found: &[Neighbour], other: &[Neighbour]) -> bool {
    let lowest = other.last().map_or(f64::INFINITY, |last| last.similarity);
    found.iter().all(|neighbour| {
        let same = other.iter().find(|other| other.id == neighbour.id);
        match same {
            Some(same) => (same.similarity - neighbour.similarity).abs() <= TOLERANCE,
            None => (neighbour.similarity - lowest).abs() <= TOLERANCE,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pairs: &[(i64, f64)]) -> Vec<Neighbour> {
        pairs
            .iter()
            .map(|(id, similarity)| Neighbour {
                id: EmbeddingId(*id),
                similarity: *similarity,
            })
            .collect()
    }

    #[test]
    fn searches_agree_up_to_rounding_and_ties_at_the_end() {
        let one = found(&[(1, 1.0), (2, 0.9), (3, 0.5)]);
        assert!(agree(&one, &one));
        assert!(agree(&one, &found(&[(1, 1.0), (2, 0.9005), (3, 0.4995)])));
        assert!(agree(&one, &found(&[(2, 0.9), (1, 1.0), (7, 0.5)])));
        for other in [
            found(&[(1, 1.0), (2, 0.9)]),
            found(&[(1, 1.0), (2, 0.8), (3, 0.5)]),
            found(&[(1, 1.0), (7, 0.9), (3, 0.5)]),
            found(&[(1, 1.0), (2, 0.9), (7, 0.4)]),
        ] {
            assert!(!agree(&one, &other), "{other:?}");
        }
        assert!(agree(&[], &[]));
    }
}
