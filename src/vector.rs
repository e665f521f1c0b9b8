//! Half-precision vectors and the exact search over them.
//!
//! Here live the binary16 vector type, the reference similarity, the matrix of one project and
//! the collector of its k nearest rows. Everything is pure computation: no I/O, no async, no SQL,
//! no metadata, no notion of users or projects. Who loads a matrix, how long it is kept and who
//! may see a result is decided by the callers.
//!
//! The reference is plain and normative: `f64`, from left to right over the binary16 values,
//! `dot / (|a| * |b|)`, exactly 1 for vectors that are equal as values. The single-precision pass
//! in [`TopK`] only decides which rows cannot matter; every id, order and number that leaves this
//! module is the reference's.

mod block;
mod bound;
mod half_vector;
mod id_index;
mod reference;
mod simd;
mod top_k;

#[cfg(test)]
mod tests;

pub use block::Block;
pub use bound::error_bound;
pub use half_vector::HalfVector;
pub use reference::similarity;
pub use simd::Kernel;
pub use simd::RowLine;
pub use top_k::Hit;
pub use top_k::TopK;

use crate::domain::limits::VECTOR_MAX_DIM;

/// Why a vector, or a block of them, was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VectorError {
    /// The vector has no values, or more than [`VECTOR_MAX_DIM`].
    #[error("vector has {dim} values, expected 1 to {VECTOR_MAX_DIM}")]
    Dimension {
        /// Number of values that were given.
        dim: usize,
    },
    /// A value is NaN or infinite.
    #[error("value {index} of the vector is not finite")]
    NotFinite {
        /// Position of the first such value, counted from 0.
        index: usize,
    },
    /// A finite value is too large for binary16: 65520 and more round to infinity.
    #[error("value {index} of the vector is outside the half-precision range of 65504")]
    OutOfRange {
        /// Position of the first such value, counted from 0.
        index: usize,
    },
    /// Every value is zero after rounding, so the vector has no direction.
    #[error("vector is zero in half precision")]
    ZeroNorm,
    /// A stored vector has an odd number of bytes.
    #[error("stored vector has {len_bytes} bytes, expected two per value")]
    OddLength {
        /// Number of bytes that were given.
        len_bytes: usize,
    },
    /// Two vectors that have to be compared or stored together differ in dimension.
    #[error("vector has {actual} values, expected {expected}")]
    DimensionMismatch {
        /// Dimension that was asked for.
        expected: usize,
        /// Dimension that was found.
        actual: usize,
    },
    /// A block holds as many rows as its index can number, which is 2^32 - 1.
    #[error("block is full")]
    Full,
}
