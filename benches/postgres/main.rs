//! Speed on PostgreSQL beside what PostgreSQL does by itself, on the same data in one run.
//!
//! `cargo bench --bench postgres` starts a server of its own (from the programs that
//! `scripts/postgres` provides), with fsync on, serves a deployment on it by `embsec serve`, and
//! prints these ratios:
//!
//! - upload of 384-dimension embeddings through the API, in rows per second, beside a binary COPY
//!   of the same rows, both into a table with all its indexes;
//! - the exact scan that upstream's query does, beside a whole similarity request, in time, over
//!   200,000 rows of one project;
//! - how much longer a request takes over 200,000 rows than over 20,000;
//! - `embsec migrate import` of an embapi database, in rows per second, beside COPY out and COPY in
//!   of the same tables into another database of that schema, indexes included;
//! - recall@10 of those requests, and of requests to a project that has one row in a hundred.
//!
//! Vectors are made of those of real passages: two of them mixed, with noise. Both sides of a ratio
//! take turns where that is possible. Without `--bench`, as `cargo test --benches` runs it,
//! everything is small and shows only that it works.

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
#[expect(dead_code, reason = "this bench needs only a part of the client")]
mod client;
#[path = "../api/deployment.rs"]
#[expect(
    dead_code,
    reason = "the deployment keeps no database in its folder here"
)]
mod deployment;
#[path = "../api/report.rs"]
mod report;
#[path = "../api/rows.rs"]
#[expect(dead_code, reason = "the vectors of this bench are others")]
mod rows;

mod copy;
mod imports;
mod passages;
mod searches;
mod server;
mod uploads;

use deployment::Deployment;
use passages::Passages;
use server::Server;

/// The server has the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
struct Scale {
    /// Rows of a turn of uploading.
    rows_per_round: usize,
    /// Turns of uploading.
    upload_rounds: usize,
    /// Rows of the smaller and of the larger table that is searched.
    searched: [usize; 2],
    /// Searches of each kind.
    searches: usize,
    /// Exact scans: they take long.
    scans: usize,
    /// Rows that are moved in.
    imported: usize,
    /// How often.
    import_rounds: usize,
}

const FULL: Scale = Scale {
    rows_per_round: 2_000,
    upload_rounds: 5,
    searched: [20_000, 200_000],
    searches: 200,
    scans: 21,
    imported: 20_000,
    import_rounds: 3,
};

const SAMPLE: Scale = Scale {
    rows_per_round: 200,
    upload_rounds: 1,
    searched: [400, 800],
    searches: 3,
    scans: 1,
    imported: 300,
    import_rounds: 1,
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
    let passages = Passages::new();
    let server = Server::start("EMBSEC_TEST_POSTGRES_BIN_18");
    let url = server.database("served", "vector").await;
    let deployment = Deployment::start(&["--database", &url]).await;
    uploads::measure(&deployment, &server, &url, &passages, scale).await;
    searches::measure(&deployment, &server, &url, &passages, scale).await;
    imports::measure(&server, scale).await;
}
