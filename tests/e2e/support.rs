//! What the tests share: a deployment in a temporary folder, a server on a free port, a client,
//! and chance that can be repeated. No assertion about the product lives here.

pub(crate) mod backups;
mod cluster;
#[path = "../support/engine.rs"]
mod engine;
mod http;
mod keyring;
mod kills;
mod link;
#[path = "../support/llm_proxy.rs"]
pub(crate) mod llm_proxy;
pub(crate) mod load;
#[path = "../support/moto.rs"]
mod moto;
#[path = "../support/postgres.rs"]
mod postgres;
mod process;
mod random;
pub(crate) mod reader;
mod world;

pub(crate) use cluster::{Cluster, Stop};
pub(crate) use engine::Engine;
pub(crate) use http::{Client, Reply};
pub(crate) use keyring::{key_of, keys_of, without_signing_key};
pub(crate) use kills::{Kills, once_free};
pub(crate) use link::Link;
pub(crate) use moto::Moto;
pub(crate) use postgres::{Database, Server as Postgres, in_database, psql, required};
pub(crate) use process::{
    Deployment, Server, Started, as_another_user, embsec, embsec_command, find_address, python,
    variable,
};
pub(crate) use random::{Random, many_rows, rounds};
pub(crate) use world::{World, item, vector};

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The permissions of a file.
pub(crate) fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Ends the threads of a load when the value goes: a failed assertion must not leave them running
/// for ever.
pub(crate) struct StopAtEnd<'a>(pub(crate) &'a AtomicBool);

impl Drop for StopAtEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks again until the answer is yes or the time is over; says whether it became yes.
pub(crate) fn within(time: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if begin.elapsed() > time {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
