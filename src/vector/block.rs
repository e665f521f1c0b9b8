//! The vectors of one dimension, side by side in memory, with the ids of their rows.
//!
//! Loading a block, evicting it and locking it are the callers' affair.

use half::f16;

use super::HalfVector;
use super::VectorError;
use super::id_index::IdIndex;
use super::simd::LANES;
use super::simd::RowLine;
use crate::domain::ids::EmbeddingId;

/// Bytes by which an allocator is taken to round an id up.
const ID_GRAIN_BYTES: usize = 16;

/// Rows of one dimension: a binary16 matrix, the row id and the text id of each.
///
/// Rows are numbered from 0; a number is good until the next [`remove`](Self::remove) or
/// [`clear`](Self::clear). Text ids need not be unique (a
/// project that changed its instance may hold one twice), row ids should be.
#[derive(Debug, Clone)]
pub struct Block {
    dim: usize,
    /// The rows one after the other, each padded with zeros to whole lines.
    lines: Vec<RowLine>,
    inverse_norms: Vec<f32>,
    ids: Vec<EmbeddingId>,
    text_ids: Vec<Box<str>>,
    text_ids_size_bytes: usize,
    index: IdIndex,
}

impl Block {
    /// Returns an empty block for vectors of `dim` values.
    #[must_use]
    pub fn new(dim: usize) -> Self {
        Self {
            dim,
            lines: Vec::new(),
            inverse_norms: Vec::new(),
            ids: Vec::new(),
            text_ids: Vec::new(),
            text_ids_size_bytes: 0,
            index: IdIndex::default(),
        }
    }

    /// Returns an empty block with room for `rows` rows, so that a load of known size neither
    /// copies nor overshoots.
    #[must_use]
    pub fn with_capacity(dim: usize, rows: usize) -> Self {
        let mut block = Self::new(dim);
        block.reserve(rows);
        block
    }

    /// Makes room for `rows` more rows.
    pub fn reserve(&mut self, rows: usize) {
        let width = self.lines_per_row();
        reserve(&mut self.lines, rows * width);
        reserve(&mut self.inverse_norms, rows);
        reserve(&mut self.ids, rows);
        reserve(&mut self.text_ids, rows);
    }

    /// Appends a row and returns its number.
    ///
    /// # Errors
    ///
    /// [`VectorError::DimensionMismatch`] and [`VectorError::Full`]; the block is unchanged then.
    pub fn push(
        &mut self,
        id: EmbeddingId,
        text_id: &str,
        vector: &HalfVector,
    ) -> Result<usize, VectorError> {
        self.check_dimension(vector)?;
        let row = self.len();
        self.reserve(1);
        self.text_ids.push(text_id.into());
        if !self.index.insert(&self.text_ids, row) {
            self.text_ids.pop();
            return Err(VectorError::Full);
        }
        self.text_ids_size_bytes += id_size_bytes(text_id);
        self.ids.push(id);
        self.inverse_norms.push(inverse_norm(vector));
        self.lines.extend(lines(vector));
        Ok(row)
    }

    /// Gives `row` another vector. A row that does not exist is left alone.
    ///
    /// # Errors
    ///
    /// [`VectorError::DimensionMismatch`]; the block is unchanged then.
    pub fn replace(&mut self, row: usize, vector: &HalfVector) -> Result<(), VectorError> {
        self.check_dimension(vector)?;
        if let Some(place) = self.inverse_norms.get_mut(row) {
            *place = inverse_norm(vector);
            let width = self.lines_per_row();
            for (place, line) in self.lines[row * width..].iter_mut().zip(lines(vector)) {
                *place = line;
            }
        }
        Ok(())
    }

    /// Replaces the row of this row id and text id, or appends one. Returns its number.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn upsert(
        &mut self,
        id: EmbeddingId,
        text_id: &str,
        vector: &HalfVector,
    ) -> Result<usize, VectorError> {
        match self.find_row(id, text_id) {
            Some(row) => self.replace(row, vector).map(|()| row),
            None => self.push(id, text_id, vector),
        }
    }

    /// Removes `row`; the last row takes its number. A row that does not exist is left alone.
    pub fn remove(&mut self, row: usize) {
        if row >= self.len() {
            return;
        }
        let last = self.len() - 1;
        self.index.remove(&self.text_ids, row);
        if row != last {
            self.index.renumber(&self.text_ids, last, row);
        }
        self.text_ids_size_bytes -= id_size_bytes(&self.text_ids.swap_remove(row));
        self.ids.swap_remove(row);
        self.inverse_norms.swap_remove(row);
        let width = self.lines_per_row();
        self.lines.copy_within(last * width.., row * width);
        self.lines.truncate(last * width);
    }

    /// Removes every row and keeps the memory, for the next part of a project that is scanned
    /// from the file.
    pub fn clear(&mut self) {
        self.lines.clear();
        self.inverse_norms.clear();
        self.ids.clear();
        self.text_ids.clear();
        self.text_ids_size_bytes = 0;
        self.index.clear();
    }

    /// Returns the row of `text_id`; if several rows bear it, the one with the smallest row id.
    #[must_use]
    pub fn find(&self, text_id: &str) -> Option<usize> {
        self.index
            .rows(&self.text_ids, text_id)
            .min_by_key(|row| self.ids[*row])
    }

    /// Returns the row of this row id and text id.
    #[must_use]
    pub fn find_row(&self, id: EmbeddingId, text_id: &str) -> Option<usize> {
        self.index
            .rows(&self.text_ids, text_id)
            .find(|row| self.ids[*row] == id)
    }

    /// Returns the row id of `row`.
    #[must_use]
    pub fn id(&self, row: usize) -> Option<EmbeddingId> {
        self.ids.get(row).copied()
    }

    /// Returns the text id of `row`.
    #[must_use]
    pub fn text_id(&self, row: usize) -> Option<&str> {
        self.text_ids.get(row).map(|id| &**id)
    }

    /// Returns the vector of `row`, bit for bit as it was pushed.
    #[must_use]
    pub fn vector(&self, row: usize) -> Option<HalfVector> {
        let halves = self
            .row_lines(row)?
            .iter()
            .flat_map(|line| line.0)
            .take(self.dim)
            .collect();
        // The values were valid when they were pushed, so that this cannot fail.
        HalfVector::new(halves).ok()
    }

    /// Returns the number of values of each row.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns the matrix: the lines of row 0, then those of row 1, and so on.
    #[must_use]
    pub fn matrix(&self) -> &[RowLine] {
        &self.lines
    }

    /// Returns the memory that the block takes, in bytes: what is reserved, not only what is used,
    /// with the ids and the index.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        size_of::<Self>()
            + self.lines.capacity() * size_of::<RowLine>()
            + self.inverse_norms.capacity() * size_of::<f32>()
            + self.ids.capacity() * size_of::<EmbeddingId>()
            + self.text_ids.capacity() * size_of::<Box<str>>()
            + self.text_ids_size_bytes
            + self.index.size_bytes()
    }

    /// Returns how many lines a row takes.
    pub(super) fn lines_per_row(&self) -> usize {
        self.dim.div_ceil(LANES)
    }

    /// Returns the lines of `row`.
    pub(super) fn row_lines(&self, row: usize) -> Option<&[RowLine]> {
        let width = self.lines_per_row();
        let start = row.checked_mul(width)?;
        self.lines.get(start..start.checked_add(width)?)
    }

    /// Returns the inverse norm of each row.
    pub(super) fn inverse_norms(&self) -> &[f32] {
        &self.inverse_norms
    }

    fn check_dimension(&self, vector: &HalfVector) -> Result<(), VectorError> {
        if vector.dim() == self.dim {
            Ok(())
        } else {
            Err(VectorError::DimensionMismatch {
                expected: self.dim,
                actual: vector.dim(),
            })
        }
    }
}

/// Returns `1 / |vector|`, rounded once from `f64`.
pub(super) fn inverse_norm(vector: &HalfVector) -> f32 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the rounding is part of the error bound"
    )]
    let inverse = (1.0 / vector.norm()) as f32;
    inverse
}

fn lines(vector: &HalfVector) -> impl Iterator<Item = RowLine> + '_ {
    vector.halves().chunks(LANES).map(|piece| {
        let mut line = RowLine([f16::ZERO; LANES]);
        line.0[..piece.len()].copy_from_slice(piece);
        line
    })
}

/// Makes room for `more` items. Grows by an eighth instead of doubling: a matrix of some hundred
/// megabytes must not hold a second one in reserve.
fn reserve<T>(items: &mut Vec<T>, more: usize) {
    if items.capacity() - items.len() < more {
        items.reserve_exact(more.max(items.len() / 8));
    }
}

fn id_size_bytes(text_id: &str) -> usize {
    text_id.len().next_multiple_of(ID_GRAIN_BYTES)
}
