//! Secrets as types and everything that is computed with them: sealed fields, wrapped data keys,
//! the keyring, API keys, signatures.
//!
//! Byte formats are those of `docs/formats.md`, which a reader can follow without embsec. What
//! is sealed, and when, is decided in the use-cases; nothing here knows a database. Outside of
//! this module no code sees the bytes of a key.

mod aead;
pub mod backup_identity;
pub mod content;
pub mod embapi_blob;
pub mod field;
pub mod key_id;
pub mod keyring;
pub mod llm_proxy;
pub mod mask;
pub mod provider_key;
pub mod row_hash;
pub mod sealed_file;
pub mod secret;
pub mod shares;
pub mod signing;
pub mod token;
pub mod wrap;

#[cfg(test)]
mod testing;

pub use aead::SealError;
