//! What only a server of PostgreSQL has: TLS, a network in between, outages, other processes.
//!
//! These tests choose their databases themselves, so they run once, whatever engine the rest of
//! the suite runs on.

mod connection;
mod outage;
mod pgbouncer;
mod processes;
mod settings;
