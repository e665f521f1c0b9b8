//! The network edge: what the API looks like on the wire.
//!
//! One description of every type ([`schema`], [`wire`]) and of every route ([`operation`],
//! [`operations`]) feeds validation, both OpenAPI documents, `/schemas/*` and `/docs`. What the
//! API does is `app`; no SQL and no database type is known here.

pub mod base_url;
pub mod docs;
pub mod json;
pub mod openapi;
pub mod operation;
pub mod operations;
pub mod problem;
pub mod schema;
pub mod upload;
pub mod validate;
pub mod wire;
