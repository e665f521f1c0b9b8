//! What only a server of PostgreSQL has: TLS, a network in between, outages, other processes,
//! databases of embapi.
//!
//! These tests choose their databases themselves, so they run once, whatever engine the rest of
//! the suite runs on.

mod connection;
mod moving_in;
mod outage;
mod pgbouncer;
mod processes;
mod rotation;
mod settings;
