//! Speed of the API beside what stands below it: the bare server, SQLite, the search kernel.
//!
//! `cargo bench --bench api` starts `embsec serve` on a new deployment in a temporary folder, as
//! its own process with its default settings, and prints three ratios:
//!
//! - authenticated `GET` of one embedding, in requests per second, beside an empty handler on the
//!   same server code, in a process of its own too, and, without a goal, beside an empty answer of
//!   `embsec serve` and over one connection;
//! - upload of 384-dimension embeddings in batches of 100, in rows per second, beside the same rows
//!   inserted into the same schema by prepared statements in transactions of 100;
//! - a whole similarity request over 100,000 rows, matrix warm, in time, beside the kernel alone.
//!
//! Both sides of a ratio take turns, and a ratio is the median of the ratios of the turns, so that
//! other load on the machine meets both alike. `cargo bench --bench api -- reads` measures the
//! first ratio alone. The client has one thread and shares the machine
//! with the server. Without `--bench`, as `cargo test --benches` runs it, everything is small and
//! shows only that it works.

#![expect(
    clippy::print_stdout,
    reason = "the ratios are the result of this program"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench that cannot go on has to stop"
)]

mod bare_server;
mod client;
#[expect(dead_code, reason = "only the bench of rotations stops its server")]
mod deployment;
mod reads;
mod report;
mod rows;
mod similars;
mod uploads;

use deployment::Deployment;
use rows::Rows;
use std::time::Duration;

/// The server has the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
struct Scale {
    /// Rows of a turn of uploading.
    rows_per_round: usize,
    /// Turns of uploading; what they bring is what is read and searched afterwards.
    upload_rounds: usize,
    /// How long a turn of reading lasts.
    read_time: Duration,
    /// Turns of reading.
    read_rounds: usize,
    /// Turns of searching.
    search_rounds: usize,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    All,
    /// Reads, and the uploads that bring what is read.
    Reads,
}

const FULL: Scale = Scale {
    rows_per_round: 10_000,
    upload_rounds: 10,
    read_time: Duration::from_secs(1),
    read_rounds: 9,
    search_rounds: 101,
};

const SAMPLE: Scale = Scale {
    rows_per_round: 500,
    upload_rounds: 1,
    read_time: Duration::from_millis(50),
    read_rounds: 1,
    search_rounds: 3,
};

fn main() {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    if has("--list") {
        return;
    }
    if has(bare_server::ARGUMENT) {
        bare_server::run();
        return;
    }
    let mut scale = if has("--bench") { FULL } else { SAMPLE };
    if has("reads") {
        // What is read need not be much, so most of the uploads can be left out.
        scale.upload_rounds = 1;
    }
    let parts = if has("reads") {
        Parts::Reads
    } else {
        Parts::All
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure(&scale, parts));
}

async fn measure(scale: &Scale, parts: Parts) {
    let rows = Rows::new();
    let deployment = Deployment::start(&[]).await;
    uploads::measure(&deployment, &rows, scale).await;
    reads::measure(&deployment, scale).await;
    if parts == Parts::All {
        similars::measure(&deployment, &rows, scale).await;
    }
}
