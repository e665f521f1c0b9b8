//! What long work has in common: it tells how far it came, and ends early when it is asked to.
//!
//! How progress looks and what a Ctrl-C is are the terminal's affair.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Hears how far long work came.
pub trait Progress: Send + Sync {
    /// A part begins; `total` is about how many units it has, where that is known.
    fn begin(&self, part: &str, total: Option<u64>);

    /// So many units of the part are done.
    fn done(&self, units: u64);

    /// The part has ended.
    fn end(&self);
}

/// Nobody listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unheard;

impl Progress for Unheard {
    fn begin(&self, _part: &str, _total: Option<u64>) {}

    fn done(&self, _units: u64) {}

    fn end(&self) {}
}

/// Asks long work to stop at the end of its batch. Clones ask the same work.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Asks.
    pub fn ask(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
