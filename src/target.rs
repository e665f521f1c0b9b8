//! Databases of other programs: what they look like, and how their rows become embsec's and back.
//!
//! A foreign database is known here and nowhere else. What a move compares, what is protected and
//! when it is done is decided in `app`; embsec's own databases are in `store`.

pub mod cipher;
pub mod declared;
pub mod embapi;
pub mod error;
pub mod lease;
pub mod llm_proxy;
pub mod postgres;
pub mod reseal;
pub mod rows;
pub mod scratch;
pub mod scrub;
pub mod service;
pub mod sqlite;
pub mod table;

#[cfg(test)]
mod contract;
