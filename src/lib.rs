//! embsec: the security page of an embeddings store, made runnable.
//!
//! The map, and who may use whom (a test reads the `use crate::` lines and holds it):
//!
//! - [`domain`]: ids, people, projects, embeddings, events, limits. Uses nothing.
//! - [`sys`]: time, randomness, secret files, locks. Uses nothing.
//! - [`vector`]: half-precision vectors and the exact search over them. Uses `domain`.
//! - [`crypto`]: secrets as types, sealed fields, the keyring, API keys. Uses `domain`, `sys`.
//! - [`store`]: what is kept, as verbs. Uses `domain`, `crypto` types, `sys`.
//! - [`audit`]: the audit log. Uses `domain`, `crypto` types, `sys`.
//! - [`config`]: settings, and secrets by reference. Uses `domain`, `crypto`, `sys`.
//! - [`cli`]: the terminal edge. Uses `app`, `domain`, `config`, and `sys` for time and owners.
//! - [`http`]: the network edge. Uses `app`, `domain`, `config`.

pub mod audit;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod domain;
pub mod http;
pub mod store;
pub mod sys;
pub mod vector;
