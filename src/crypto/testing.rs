//! What the tests of this layer share: fixed bytes where the system would give random ones, and
//! the documented vectors.

use crate::sys::rng::{Rng, RngError};
use std::sync::atomic::{AtomicU8, Ordering};

/// Gives the bytes that count up from a start, so that a vector can be computed elsewhere.
pub(super) struct CountingRng(AtomicU8);

impl CountingRng {
    pub(super) fn from(start: u8) -> Self {
        Self(AtomicU8::new(start))
    }
}

impl Rng for CountingRng {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RngError> {
        for byte in buffer {
            *byte = self.0.fetch_add(1, Ordering::SeqCst);
        }
        Ok(())
    }
}

/// A system without randomness.
pub(super) struct BrokenRng;

impl Rng for BrokenRng {
    fn fill(&self, _buffer: &mut [u8]) -> Result<(), RngError> {
        Err(RngError)
    }
}

/// Holds a vector to `docs/formats.md`, where readers without embsec find it.
pub(super) fn assert_documented(vector: &str) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/formats.md");
    let document = std::fs::read_to_string(path).unwrap();
    assert!(
        document.contains(vector),
        "not in docs/formats.md: {vector}"
    );
}
