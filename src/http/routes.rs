//! One function per operation, grouped by resource; a thin turn from the wire to a use-case and
//! back. Who may call one is in the table of operations and was checked before.

pub mod admin;
pub mod api_standards;
pub mod documents;
pub mod embeddings;
pub mod health;
pub mod llm_definitions;
pub mod llm_instances;
pub mod patch;
pub mod policy;
pub mod projects;
pub mod similars;
pub mod users;
