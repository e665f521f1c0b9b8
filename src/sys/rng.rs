//! Randomness, injected.

use rand::TryRng as _;
use std::sync::Mutex;

/// The system gave no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct RngError;

/// Gives random bytes fit for keys.
pub trait Rng: Send + Sync {
    /// Fills the buffer.
    ///
    /// # Errors
    ///
    /// [`RngError`] when the system has none to give; nothing may be made from the buffer then.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RngError>;
}

/// The system's generator (getrandom(2)).
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RngError> {
        rand::rngs::SysRng
            .try_fill_bytes(buffer)
            .map_err(|_| RngError)
    }
}

/// A predictable generator, for tests: a counter, run through SHA-256 with a seed.
#[derive(Debug)]
pub struct SeededRng {
    seed: u64,
    counter: Mutex<u64>,
}

impl SeededRng {
    /// Starts the sequence of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            counter: Mutex::new(0),
        }
    }
}

impl Rng for SeededRng {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RngError> {
        use sha2::{Digest as _, Sha256};
        let mut counter = self.counter.lock().map_err(|_| RngError)?;
        for chunk in buffer.chunks_mut(32) {
            let mut hasher = Sha256::new();
            hasher.update(self.seed.to_be_bytes());
            hasher.update(counter.to_be_bytes());
            *counter += 1;
            let block = hasher.finalize();
            for (to, from) in chunk.iter_mut().zip(block.iter()) {
                *to = *from;
            }
        }
        Ok(())
    }
}
