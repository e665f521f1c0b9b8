//! The operating system: time, randomness, files that hold secrets, locks, owners, users, room on
//! disks and in memory.
//!
//! The only code that asks the system for any of these, so that tests can freeze them. Nothing
//! here knows what embsec is about.

pub mod account;
pub mod clock;
pub mod core_file;
pub mod fs;
pub mod handed;
pub mod lock;
pub mod memory;
pub mod owner;
pub mod rng;
pub mod space;
