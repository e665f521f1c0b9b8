//! A page of a list.

/// Which rows of a list are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Most rows to return, 1..=[`super::limits::PAGE_MAX_ROWS`] on the wire.
    pub limit: u32,
    /// Rows to skip.
    pub offset: u64,
}

impl Page {
    /// Everything, for callers that bound the list by other means.
    pub const ALL: Self = Self {
        limit: u32::MAX,
        offset: 0,
    };
}
