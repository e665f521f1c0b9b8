//! The network edge: what the API looks like on the wire.
//!
//! One description of every type ([`schema`], [`wire`]) and of every route ([`operation`],
//! [`operations`]) feeds validation, both OpenAPI documents, `/schemas/*` and `/docs`. What the
//! API does is `app`; no SQL and no database type is known here.

pub mod access;
pub mod base_url;
pub mod body;
pub mod docs;
mod error;
pub mod json;
pub mod metrics;
pub mod observe;
pub mod openapi;
pub mod operation;
pub mod operations;
pub mod pipeline;
pub mod probe;
pub mod problem;
pub mod reply;
pub mod request;
pub mod router;
pub mod routes;
pub mod schema;
pub mod server;
pub mod state;
pub mod text_id;
pub mod upload;
pub mod validate;
pub mod wire;
