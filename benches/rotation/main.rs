//! What rotating keys costs: a live server while a data key is rotated, and the master key alone.
//!
//! `cargo bench --bench rotation` starts `embsec serve` on a new deployment and prints:
//!
//! - the 99th percentile of reads and of writes at half of the highest rate of the server, while
//!   `embsec keys rotate data` runs beside it, beside the same without;
//! - how long `embsec keys rotate master` takes over a thousand data keys, besides what opening the
//!   deployment takes, with few rows and with many.
//!
//! Requests are sent by the clock and not when the one before was answered, and a latency counts
//! from when the request was due: a server that stalls cannot hide it. Without `--bench`, as
//! `cargo test --benches` runs it, everything is small and shows only that it works.

#![expect(
    clippy::print_stdout,
    reason = "the ratios are the result of this program"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench that cannot go on has to stop"
)]

#[path = "../api/client.rs"]
#[expect(dead_code, reason = "the load of this bench has a rate")]
mod client;
#[path = "../api/deployment.rs"]
#[expect(dead_code, reason = "no other database stands beside the deployment")]
mod deployment;
#[path = "../api/report.rs"]
#[expect(dead_code, reason = "the sides of these ratios are not timed alike")]
mod report;
#[path = "../api/rows.rs"]
mod rows;

mod command;
mod live;
mod master;

use deployment::Deployment;
use rows::Rows;
use std::time::Duration;

/// The server has the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
struct Scale {
    /// Batches of rows in the project whose key is rotated.
    batches: usize,
    /// How long the highest rate is sought.
    rate_time: Duration,
    /// How long a turn without a rotation lasts.
    quiet_time: Duration,
    /// Turns.
    rounds: usize,
    /// Projects with a data key each.
    projects: usize,
    /// Rotations of the master key with few rows, and with many.
    master_rounds: usize,
    /// Batches of rows added for the second series.
    further_batches: usize,
}

const FULL: Scale = Scale {
    batches: 200,
    rate_time: Duration::from_secs(4),
    quiet_time: Duration::from_secs(10),
    rounds: 3,
    projects: 1_000,
    master_rounds: 5,
    further_batches: 1_800,
};

const SAMPLE: Scale = Scale {
    batches: 3,
    rate_time: Duration::from_millis(100),
    quiet_time: Duration::from_millis(100),
    rounds: 1,
    projects: 3,
    master_rounds: 1,
    further_batches: 2,
};

fn main() {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    if has("--list") {
        return;
    }
    let scale = if has("--bench") { FULL } else { SAMPLE };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(measure(&scale));
}

async fn measure(scale: &Scale) {
    let rows = Rows::new();
    let mut deployment = Deployment::start(&[]).await;
    live::measure(&deployment, &rows, scale).await;
    master::measure(&mut deployment, &rows, scale).await;
}
