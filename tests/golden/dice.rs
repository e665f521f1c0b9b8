//! Repeatable chance.

use embsec::sys::rng::{Rng as _, SeededRng};

/// Throws the same numbers for the same seed.
pub(crate) struct Dice(SeededRng);

impl Dice {
    pub(crate) fn of(seed: u64) -> Self {
        Self(SeededRng::new(seed))
    }

    /// Below `sides`.
    pub(crate) fn below(&self, sides: usize) -> usize {
        let mut bytes = [0_u8; 4];
        self.0.fill(&mut bytes).unwrap();
        usize::try_from(u32::from_le_bytes(bytes)).unwrap() % sides
    }

    /// One of these.
    pub(crate) fn one<T: Copy>(&self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Once in so many times.
    pub(crate) fn once_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }
}
