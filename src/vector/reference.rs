//! The normative similarity: plain `f64` from left to right.
//!
//! Nothing here may be reordered, vectorised across the sum or otherwise improved: these sums are
//! the definition that the search is held to.

use half::f16;
use half::slice::HalfFloatSliceExt as _;

use super::HalfVector;
use super::VectorError;

/// Number of values that are converted at a time. The conversion is exact, so that the size of a
/// piece changes nothing but speed.
pub(super) const PIECE: usize = 32;

/// Returns the reference similarity of two vectors: `dot / (|a| * |b|)`, or exactly 1 if they are
/// equal as values.
///
/// The quotient is not clamped: rounding may carry nearly parallel vectors past 1 by an ulp.
///
/// # Errors
///
/// [`VectorError::DimensionMismatch`] if the dimensions differ.
pub fn similarity(a: &HalfVector, b: &HalfVector) -> Result<f64, VectorError> {
    if a.dim() != b.dim() {
        return Err(VectorError::DimensionMismatch {
            expected: a.dim(),
            actual: b.dim(),
        });
    }
    let mut sums = Sums::new();
    for (a, b) in a.halves().chunks(PIECE).zip(b.halves().chunks(PIECE)) {
        let mut values = [0.0; PIECE];
        sums.add(to_f32(a, &mut values), b);
    }
    Ok(sums.similarity(a.norm()))
}

/// Returns the sum of squares from left to right.
pub(super) fn square_sum(halves: &[f16]) -> f64 {
    let mut sum = 0.0;
    for piece in halves.chunks(PIECE) {
        let mut values = [0.0; PIECE];
        for value in to_f32(piece, &mut values) {
            let value = f64::from(*value);
            sum += value * value;
        }
    }
    sum
}

/// The running sums of one comparison.
///
/// Zeros appended to both vectors leave all of them as they are: the sums start at `+0.0` and are
/// never `-0.0`, so that adding a zero returns the same value.
#[derive(Debug)]
pub(super) struct Sums {
    dot: f64,
    row_squares: f64,
    equal: bool,
}

impl Sums {
    /// Starts at zero.
    pub(super) fn new() -> Self {
        Self {
            dot: 0.0,
            row_squares: 0.0,
            equal: true,
        }
    }

    /// Adds the next values of both vectors, at most [`PIECE`] of them.
    pub(super) fn add(&mut self, query: &[f32], row: &[f16]) {
        let mut values = [0.0; PIECE];
        let row = to_f32(row, &mut values);
        // Products of binary16 values have 22 significant bits and are exact in `f64`.
        for (query, row) in query.iter().zip(row) {
            self.dot += f64::from(*query) * f64::from(*row);
            self.row_squares += f64::from(*row) * f64::from(*row);
        }
        self.equal = self.equal && query == row;
    }

    /// Returns the similarity, given the norm of the query.
    pub(super) fn similarity(&self, query_norm: f64) -> f64 {
        if self.equal {
            1.0
        } else {
            self.dot / (query_norm * self.row_squares.sqrt())
        }
    }
}

/// Converts at most [`PIECE`] values into `buffer` and returns the part of it that was written.
fn to_f32<'a>(halves: &[f16], buffer: &'a mut [f32; PIECE]) -> &'a [f32] {
    let values = &mut buffer[..halves.len()];
    halves.convert_to_f32_slice(values);
    values
}
