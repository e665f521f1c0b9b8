//! What embsec talks about: identifiers, people, projects, embeddings, keys, audit events, limits.
//!
//! Pure values and the rules that hold for them. No I/O, no async, no clock, no SQL, no JSON of
//! any one protocol: the wire shapes live in `http::wire`, the rows in `store`.

pub mod access;
pub mod audit;
pub mod backup;
pub mod count;
pub mod deletion;
pub mod destination;
pub mod drill;
pub mod embedding;
pub mod findings;
pub mod ids;
pub mod key;
pub mod limits;
pub mod llm;
pub mod page;
pub mod postgres_url;
pub mod project;
pub mod record;
pub mod rotation;
pub mod user;
