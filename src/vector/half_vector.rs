//! One vector in IEEE 754 binary16, valid by construction.
//!
//! The wire format (decimal text) and the column it is stored in do not belong here.

use std::fmt;

use half::f16;
use half::slice::HalfFloatSliceExt as _;

use super::VectorError;
use super::reference::square_sum;
use crate::domain::limits::VECTOR_MAX_DIM;

/// A vector of binary16 values: between 1 and [`VECTOR_MAX_DIM`] of them, all finite, not all zero.
///
/// Equality is equality of values, so `-0.0` equals `0.0`. `Debug` shows the dimension only: text
/// can be recovered from an embedding, so that its values must not reach a log.
#[derive(Clone, PartialEq)]
pub struct HalfVector {
    halves: Box<[f16]>,
    norm: f64,
}

impl HalfVector {
    /// Rounds `values` to binary16, to nearest and ties to even.
    ///
    /// # Errors
    ///
    /// [`VectorError::Dimension`], [`VectorError::NotFinite`], [`VectorError::OutOfRange`] for a
    /// value that rounds to infinity, and [`VectorError::ZeroNorm`] if every value rounds to zero.
    pub fn from_f32(values: &[f32]) -> Result<Self, VectorError> {
        check_dimension(values.len())?;
        let mut halves = vec![f16::ZERO; values.len()].into_boxed_slice();
        halves.convert_from_f32_slice(values);
        Self::new(halves).map_err(|error| match error {
            VectorError::NotFinite { index }
                if values.get(index).is_some_and(|v| v.is_finite()) =>
            {
                VectorError::OutOfRange { index }
            }
            other => other,
        })
    }

    /// Reads the stored form: two bytes per value, little endian.
    ///
    /// # Errors
    ///
    /// [`VectorError::OddLength`], [`VectorError::Dimension`], [`VectorError::NotFinite`] and
    /// [`VectorError::ZeroNorm`]. None of them occurs for bytes that
    /// [`to_le_bytes`](Self::to_le_bytes) wrote.
    pub fn from_le_bytes(bytes: &[u8]) -> Result<Self, VectorError> {
        let (pairs, rest) = bytes.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(VectorError::OddLength {
                len_bytes: bytes.len(),
            });
        }
        check_dimension(pairs.len())?;
        Self::new(pairs.iter().map(|pair| f16::from_le_bytes(*pair)).collect())
    }

    /// Takes values that already are binary16 and whose number was checked.
    pub(super) fn new(halves: Box<[f16]>) -> Result<Self, VectorError> {
        if let Some(index) = halves.iter().position(|half| !half.is_finite()) {
            return Err(VectorError::NotFinite { index });
        }
        let squares = square_sum(&halves);
        // The smallest square is 2^-48, so that only a vector of zeros sums to zero.
        if squares == 0.0 {
            return Err(VectorError::ZeroNorm);
        }
        Ok(Self {
            halves,
            norm: squares.sqrt(),
        })
    }

    /// Returns the stored form: two bytes per value, little endian, `2 * dim()` bytes.
    #[must_use]
    pub fn to_le_bytes(&self) -> Vec<u8> {
        self.halves
            .iter()
            .flat_map(|half| half.to_le_bytes())
            .collect()
    }

    /// Returns the values as `f32`, which is exact.
    #[must_use]
    pub fn to_f32(&self) -> Vec<f32> {
        self.halves.to_f32_vec()
    }

    /// Returns the number of values.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.halves.len()
    }

    /// Returns the Euclidean norm as the reference computes it: the square root of the `f64` sum
    /// of squares from left to right. It is never zero.
    #[must_use]
    pub fn norm(&self) -> f64 {
        self.norm
    }

    /// Returns the values.
    pub(super) fn halves(&self) -> &[f16] {
        &self.halves
    }
}

impl fmt::Debug for HalfVector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HalfVector")
            .field("dim", &self.dim())
            .finish_non_exhaustive()
    }
}

fn check_dimension(dim: usize) -> Result<(), VectorError> {
    if (1..=VECTOR_MAX_DIM).contains(&dim) {
        Ok(())
    } else {
        Err(VectorError::Dimension { dim })
    }
}
