//! The numbers that bound input. Each is stated once, here, and used by the domain constructors,
//! by the HTTP schemas and by the documentation.

/// Fewest characters of a handle (user, project, definition, instance, API standard).
pub const HANDLE_MIN_CHARS: usize = 3;
/// Most characters of a handle.
pub const HANDLE_MAX_CHARS: usize = 20;
/// Most characters of a user's display name.
pub const NAME_MAX_CHARS: usize = 50;
/// Fewest characters of an e-mail address.
pub const EMAIL_MIN_CHARS: usize = 5;
/// Most characters of an e-mail address.
pub const EMAIL_MAX_CHARS: usize = 100;
/// Most characters of a project's description.
pub const DESCRIPTION_MAX_CHARS: usize = 255;
/// Most characters of an API standard's `key_field`.
pub const KEY_FIELD_MAX_CHARS: usize = 20;
/// Fewest characters of a `text_id` in a path.
pub const TEXT_ID_MIN_CHARS: usize = 3;
/// Most characters of a `text_id`.
pub const TEXT_ID_MAX_CHARS: usize = 300;
/// Most components of a vector, the limit of pgvector's `halfvec`.
pub const VECTOR_MAX_DIM: usize = 16_000;
/// Most rows of one page.
pub const PAGE_MAX_ROWS: u32 = 200;
/// Most people that one object can be shared with and listed in one answer.
pub const SHARED_WITH_MAX_ROWS: u32 = 1_000;
