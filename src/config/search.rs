//! How similar embeddings are found.

use super::read::Reader;
use super::settings::SEARCH_MEMORY_MB;

/// The settings of `[search]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchConfig {
    /// How much memory holds vectors, in bytes.
    pub memory_bytes: u64,
}

impl SearchConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        Self {
            memory_bytes: reader.int(&SEARCH_MEMORY_MB).saturating_mul(1024 * 1024),
        }
    }
}
