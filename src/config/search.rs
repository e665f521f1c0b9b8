//! How similar embeddings are found.

use super::read::{Reader, Rejected};
use super::settings::{SEARCH_MEMORY_MB, SEARCH_MODE};

/// The settings of `[search]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchConfig {
    /// Where a search looks.
    pub mode: SearchMode,
    /// How much memory holds vectors, in bytes.
    pub memory_bytes: u64,
}

/// Where a search looks for what is similar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchMode {
    /// In an index, where the project is large and there is one; else at every vector.
    Auto,
    /// At every vector.
    Exact,
    /// In an index, where there is one.
    Approximate,
}

impl SearchConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let expects = "auto, exact or approximate";
        let mode = reader.parsed(&SEARCH_MODE, expects, |word| match word {
            "auto" => Some(SearchMode::Auto),
            "exact" => Some(SearchMode::Exact),
            "approximate" => Some(SearchMode::Approximate),
            _ => None,
        });
        Ok(Self {
            mode: mode?,
            memory_bytes: reader.int(&SEARCH_MEMORY_MB).saturating_mul(1024 * 1024),
        })
    }
}
