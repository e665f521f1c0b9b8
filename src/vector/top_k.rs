//! Collects the k most similar rows of any number of blocks.
//!
//! What a result means, who may see it and how it is paged is not decided here.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use half::slice::HalfFloatSliceExt as _;

use super::Block;
use super::HalfVector;
use super::VectorError;
use super::block::inverse_norm;
use super::bound::error_bound;
use super::reference::Sums;
use super::simd::Kernel;
use super::simd::LANES;
use super::simd::QueryLine;
use crate::domain::ids::EmbeddingId;

/// Rows whose dot products are computed before they are looked at: enough to make the call into
/// the kernel free, few enough that a row that has to be scored again is still in the cache.
const BATCH_ROWS: usize = 64;

/// A row that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Row id, as it was pushed.
    pub id: EmbeddingId,
    /// Text id of the row.
    pub text_id: Box<str>,
    /// Reference similarity to the query.
    pub similarity: f64,
}

/// The `k` most similar rows seen so far, at or above a threshold, by the reference similarity:
/// descending, equal ones by text id in byte order, then by row id.
///
/// Blocks may be offered in any number and order; the outcome depends only on the set of their
/// rows. For each row the kernel computes an approximate cosine. Only a row that could enter the
/// result, given [`error_bound`], is scored again by the reference, and only that score counts.
#[derive(Debug)]
pub struct TopK {
    query: Query,
    k: usize,
    threshold: f64,
    kernel: Kernel,
    /// The worst kept row is on top.
    kept: BinaryHeap<Ranked>,
}

impl TopK {
    /// Returns a collector of the `k` rows most similar to `query` whose similarity is at least
    /// `threshold`. A threshold of NaN, like a `k` of 0, finds nothing.
    #[must_use]
    pub fn new(query: &HalfVector, k: usize, threshold: f64) -> Self {
        let (query, kernel) = (Query::new(query), Kernel::best());
        Self {
            query,
            k,
            threshold,
            kernel,
            kept: BinaryHeap::new(),
        }
    }

    /// Uses `kernel` instead of the fastest one. The outcome is the same; for tests and benches.
    #[must_use]
    pub fn with_kernel(mut self, kernel: Kernel) -> Self {
        self.kernel = kernel;
        self
    }

    /// Considers every row of `block` except those whose row id `excluded` accepts. It is asked only
    /// about rows that would otherwise be scored.
    ///
    /// # Errors
    ///
    /// [`VectorError::DimensionMismatch`] if the block is of another dimension than the query.
    pub fn offer_block(
        &mut self,
        block: &Block,
        excluded: impl Fn(EmbeddingId) -> bool,
    ) -> Result<(), VectorError> {
        if block.dim() != self.query.dim {
            return Err(VectorError::DimensionMismatch {
                expected: self.query.dim,
                actual: block.dim(),
            });
        }
        if self.k == 0 {
            return Ok(());
        }
        let mut dots = [0.0; BATCH_ROWS];
        let mut cut = self.cut();
        let batches = block.matrix().chunks(BATCH_ROWS * block.lines_per_row());
        let norms = block.inverse_norms().chunks(BATCH_ROWS);
        for (batch, (lines, inverse_norms)) in batches.zip(norms).enumerate() {
            let dots = &mut dots[..inverse_norms.len()];
            self.kernel.dot_rows(&self.query.lines, lines, dots);
            for (place, (dot, inverse_norm)) in dots.iter().zip(inverse_norms).enumerate() {
                if self.query.approximate(*dot, *inverse_norm) >= cut {
                    self.offer_row(block, batch * BATCH_ROWS + place, &excluded);
                    cut = self.cut();
                }
            }
        }
        Ok(())
    }

    /// Returns what was found, the most similar first.
    #[must_use]
    pub fn into_sorted(self) -> Vec<Hit> {
        self.kept
            .into_sorted_vec()
            .into_iter()
            .map(|ranked| ranked.0)
            .collect()
    }

    /// Returns the least approximate similarity that a row must have to matter. It is NaN, which
    /// no row reaches, if the threshold is.
    fn cut(&self) -> f64 {
        let least = match self.kept.peek() {
            Some(worst) if self.kept.len() == self.k => self.threshold.max(worst.0.similarity),
            _ => self.threshold,
        };
        least - self.query.error_bound
    }

    /// Scores one row by the reference and keeps it if it is good enough.
    fn offer_row(&mut self, block: &Block, row: usize, excluded: impl Fn(EmbeddingId) -> bool) {
        let (Some(id), Some(text_id)) = (block.id(row), block.text_id(row)) else {
            return;
        };
        if excluded(id) {
            return;
        }
        let similarity = self.query.reference(block, row);
        if similarity < self.threshold {
            return;
        }
        if self.kept.len() < self.k {
            self.kept.push(Ranked(Hit {
                id,
                text_id: text_id.into(),
                similarity,
            }));
        } else if let Some(mut worst) = self.kept.peek_mut()
            && rank((similarity, text_id, id), worst.place()).is_lt()
        {
            *worst = Ranked(Hit {
                id,
                text_id: text_id.into(),
                similarity,
            });
        }
    }
}

/// The query in the forms that the two passes need.
#[derive(Debug)]
struct Query {
    dim: usize,
    lines: Vec<QueryLine>,
    norm: f64,
    inverse_norm: f32,
    error_bound: f64,
}

impl Query {
    fn new(vector: &HalfVector) -> Self {
        let lines = vector.halves().chunks(LANES).map(|piece| {
            let mut line = QueryLine([0.0; LANES]);
            piece.convert_to_f32_slice(&mut line.0[..piece.len()]);
            line
        });
        Self {
            dim: vector.dim(),
            lines: lines.collect(),
            norm: vector.norm(),
            inverse_norm: inverse_norm(vector),
            error_bound: error_bound(vector.dim()),
        }
    }

    /// Returns the cosine in single precision, which [`error_bound`] is about.
    fn approximate(&self, dot: f32, inverse_norm: f32) -> f64 {
        f64::from(dot * inverse_norm * self.inverse_norm)
    }

    /// Returns the reference similarity of a row. The padding is summed too; zeros change nothing.
    fn reference(&self, block: &Block, row: usize) -> f64 {
        let mut sums = Sums::new();
        for (query, row) in self
            .lines
            .iter()
            .zip(block.row_lines(row).unwrap_or_default())
        {
            sums.add(&query.0, &row.0);
        }
        sums.similarity(self.norm)
    }
}

/// A hit in the order of the result: the better is the lesser.
#[derive(Debug)]
struct Ranked(Hit);

impl Ranked {
    fn place(&self) -> (f64, &str, EmbeddingId) {
        (self.0.similarity, &self.0.text_id, self.0.id)
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        rank(self.place(), other.place())
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}

/// Orders by similarity descending, text id in byte order, row id. The reference returns neither NaN
/// nor `-0.0`, so that the total order of `f64` is the usual one.
fn rank(a: (f64, &str, EmbeddingId), b: (f64, &str, EmbeddingId)) -> Ordering {
    b.0.total_cmp(&a.0)
        .then_with(|| a.1.cmp(b.1))
        .then_with(|| a.2.cmp(&b.2))
}
