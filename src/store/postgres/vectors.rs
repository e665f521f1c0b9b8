//! Vectors as the domain keeps them and as the extension does.

use crate::store::StoreResult;
use crate::store::driver::Malformed;
use half::f16;
use pgvector::HalfVector;
use sqlx::Row as _;
use sqlx::postgres::PgRow;

/// IEEE 754 binary16, little endian, as the domain keeps a vector.
pub(super) fn vector_half(row: &PgRow, column: usize) -> StoreResult<Vec<u8>> {
    let vector: HalfVector = row.try_get(column)?;
    let components = vector.as_slice().iter();
    Ok(components.flat_map(|half| half.to_le_bytes()).collect())
}

/// The other way: a vector as the extension takes it.
pub(super) fn half_vector(vector_dim: u32, vector_half: &[u8]) -> StoreResult<HalfVector> {
    let (components, rest) = vector_half.as_chunks::<2>();
    if !rest.is_empty() || u32::try_from(components.len()) != Ok(vector_dim) {
        return Err(Malformed("vector").into());
    }
    let components = components.iter().map(|bytes| f16::from_le_bytes(*bytes));
    Ok(HalfVector::from(components.collect::<Vec<_>>()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[test]
    fn a_vector_keeps_its_values() {
        let vector = half_vector(2, &[0x00, 0x3c, 0x00, 0xc0]).unwrap();
        assert_eq!(vector.as_slice(), [f16::ONE, f16::from_f32(-2.0)]);
    }

    #[test]
    fn a_vector_whose_bytes_are_not_those_of_its_dimension_is_refused() {
        for (dim, bytes) in [(1, 1), (1, 3), (1, 4), (2, 2), (0, 2)] {
            let refused = half_vector(dim, &vec![0; bytes]);
            assert!(
                matches!(refused, Err(StoreError::Fault(_))),
                "{dim} {bytes}"
            );
        }
    }
}
