//! Searches that are made when embsec's own database is backed up, and again when it was restored:
//! the same rows must be found in the same order.
//!
//! Not the search of the API. It is computed from what is stored by the plainest rule there is, in
//! double precision from left to right, so that it is the same on every machine.

use crate::domain::backup::RecordedSearch;
use half::f16;
use rusqlite::{Connection, OptionalExtension as _};

/// What is searched.
pub(in crate::target) const SCHEMA: &str = "main";
/// The table.
pub(in crate::target) const TABLE: &str = "embeddings";
/// What names a row.
pub(in crate::target) const KEY_COLUMN: &str = "embedding_id";
/// What is compared.
pub(in crate::target) const VECTOR_COLUMN: &str = "vector";

/// In how many projects is searched.
const PROJECTS: i64 = 3;
/// How many rows of a project are looked at.
const ROWS: u64 = 2_000;
/// How many are found.
const NEAREST: usize = 10;

/// The first embedding of each of the first projects.
const FIRST: &str = "\
    SELECT min(embedding_id) FROM embeddings GROUP BY project_id ORDER BY 1 LIMIT $1";

/// The rows that are compared with one: those of its project and dimension, the first ones.
const CANDIDATES: &str = "\
    SELECT e.embedding_id, e.vector FROM embeddings AS q \
    JOIN embeddings AS e ON e.project_id = q.project_id AND e.vector_dim = q.vector_dim \
    WHERE q.embedding_id = $1 ORDER BY e.embedding_id LIMIT $2";

const VECTOR: &str = "SELECT vector FROM embeddings WHERE embedding_id = $1";

/// What a search found.
pub(in crate::target) struct Found {
    /// How many rows were looked at, the one itself among them.
    pub(in crate::target) looked_at: u64,
    /// The nearest rows, by their keys.
    pub(in crate::target) nearest: Vec<String>,
}

/// Searches in some projects.
pub(super) fn record(connection: &Connection) -> rusqlite::Result<Vec<RecordedSearch>> {
    let mut statement = connection.prepare(FIRST)?;
    let keys = statement.query_map([PROJECTS], |row| row.get::<_, i64>(0))?;
    let mut searches = Vec::new();
    for key in keys {
        let key = key?;
        let Some(found) = nearest(connection, key, ROWS)? else {
            continue;
        };
        searches.push(RecordedSearch {
            schema: SCHEMA.to_owned(),
            table: TABLE.to_owned(),
            key_column: KEY_COLUMN.to_owned(),
            vector_column: VECTOR_COLUMN.to_owned(),
            looked_at: found.looked_at,
            key: key.to_string(),
            nearest: found.nearest,
        });
    }
    Ok(searches)
}

/// The rows nearest to one by the cosine of their vectors, of equal ones those with the lower key
/// first. `None` where there is no such row, or it has no direction.
pub(in crate::target) fn nearest(
    connection: &Connection,
    key: i64,
    rows: u64,
) -> rusqlite::Result<Option<Found>> {
    let query: Option<Vec<u8>> = connection
        .query_row(VECTOR, [key], |row| row.get(0))
        .optional()?;
    let Some(query) = query.and_then(|bytes| Direction::of(&bytes)) else {
        return Ok(None);
    };
    let mut looked_at = 0;
    let mut ranked: Vec<(f64, i64)> = Vec::new();
    let limit = i64::try_from(rows).unwrap_or(i64::MAX);
    let mut statement = connection.prepare(CANDIDATES)?;
    let mut candidates = statement.query([key, limit])?;
    while let Some(row) = candidates.next()? {
        looked_at += 1;
        let other: i64 = row.get(0)?;
        let vector = Direction::of(row.get_ref(1)?.as_blob().unwrap_or_default());
        if let Some(vector) = vector.filter(|_| other != key) {
            ranked.push((query.cosine(&vector), other));
        }
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranked.truncate(NEAREST);
    Ok(Some(Found {
        looked_at,
        nearest: ranked.iter().map(|(_, key)| key.to_string()).collect(),
    }))
}

/// A vector of IEEE 754 binary16, little endian, that is not zero.
struct Direction {
    values: Vec<f64>,
    norm: f64,
}

impl Direction {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let values: Vec<f64> = pairs
            .iter()
            .map(|pair| f16::from_le_bytes(*pair).to_f64())
            .collect();
        let norm = dot(&values, &values).sqrt();
        (rest.is_empty() && norm.is_finite() && norm > 0.0).then_some(Self { values, norm })
    }

    fn cosine(&self, other: &Self) -> f64 {
        dot(&self.values, &other.values) / (self.norm * other.norm)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
}
