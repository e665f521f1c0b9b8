//! embsec: the security page of an embeddings store, made runnable.
//!
//! The map, and who may use whom (a test reads the `crate::` paths and holds it):
//!
//! - [`domain`]: ids, people, projects, embeddings, events, limits. Uses nothing.
//! - [`sys`]: time, randomness, secret files, locks. Uses nothing.
//! - [`crypto`]: sealed fields, keys, the keyring, API keys. Uses `domain`, `sys`.
//! - [`vector`]: half-precision vectors and the exact search over them. Uses `domain`.
//! - [`store`]: what is kept, as verbs. Uses `domain`, `crypto` types, `sys`.
//! - [`target`]: databases of other programs. Uses `domain`, `crypto`, the traits of `store`, `sys`.
//! - [`blob`]: where backups are kept. Uses `domain`, `sys`.
//! - [`backup`]: backups as bytes. Uses `domain`, `crypto`, `blob`, `sys`.
//! - [`audit`]: the audit log. Uses `domain`, `crypto` types, `sys`.
//! - [`config`]: the settings, layered. Uses `domain`, `crypto`, `sys`.
//! - [`app`]: the use-cases. Uses all of the above but `config`, by trait.
//! - [`http`]: the network edge. Uses `app`, `domain`; never `cli` or a concrete store.
//! - [`deployment`]: the composition root, which joins the concrete parts.
//! - [`cli`]: the terminal edge. Uses `app`, `config`, `deployment`, `domain`, and `http` only to
//!   serve it.

pub mod app;
pub mod audit;
pub mod backup;
pub mod blob;
pub mod cli;
pub mod config;
pub mod crypto;
pub mod deployment;
pub mod domain;
pub mod http;
pub mod store;
pub mod sys;
pub mod target;
pub mod vector;
