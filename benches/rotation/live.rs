//! A server under load by the clock, while a data key is rotated beside it and while none is.

use crate::Scale;
use crate::client::{Connection, request};
use crate::command::embsec;
use crate::deployment::{Deployment, OWNER, PROJECT};
use crate::report::{Goal, print_figure, print_ratio};
use crate::rows::{BATCH_ROWS, Rows, text_id, upload_body};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;

/// Clients of each kind.
const READERS: usize = 8;
const WRITERS: usize = 2;
/// Rows of a write.
const ROWS_WRITTEN: usize = 10;
/// A latency that this many of a hundred do not exceed.
const PERCENTILE: usize = 99;

/// What the clients of one turn saw, in seconds.
#[derive(Default)]
struct Latencies {
    reads: Vec<f64>,
    writes: Vec<f64>,
}

/// Requests a second of each kind.
#[derive(Clone, Copy)]
struct Rate {
    reads: f64,
    writes: f64,
}

/// The requests that the clients send in turn.
struct Requests {
    reads: Vec<Vec<u8>>,
    writes: Vec<Vec<u8>>,
}

pub(crate) async fn measure(deployment: &Deployment, rows: &Rows, scale: &Scale) {
    fill(deployment, rows, 0..scale.batches).await;
    let requests = Rc::new(requests(deployment, rows, scale));
    let highest = highest_rate(deployment, &requests, scale.rate_time).await;
    let half = Rate {
        reads: highest.reads / 2.0,
        writes: highest.writes / 2.0,
    };
    let (mut reads, mut writes) = (Vec::new(), Vec::new());
    let (mut reads_quiet, mut writes_quiet) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let time = scale.quiet_time;
        let quiet = load(deployment, &requests, half, tokio::time::sleep(time)).await;
        let busy = load(deployment, &requests, half, rotate(deployment)).await;
        reads.push(percentile(&busy.reads) / percentile(&quiet.reads));
        writes.push(percentile(&busy.writes) / percentile(&quiet.writes));
        reads_quiet.push(percentile(&quiet.reads));
        writes_quiet.push(percentile(&quiet.writes));
    }
    print_figure("half of the highest rate, reads", half.reads, "requests/s");
    print_figure(
        "half of the highest rate, writes",
        half.writes,
        "requests/s",
    );
    print_figure("p99 of reads, no rotation", 1e3 * median(reads_quiet), "ms");
    print_figure(
        "p99 of writes, no rotation",
        1e3 * median(writes_quiet),
        "ms",
    );
    let goal = Goal::AtMost(1.5);
    print_ratio("p99 of reads, rotating / not", median(reads), goal);
    print_ratio("p99 of writes, rotating / not", median(writes), goal);
}

/// Uploads batches of rows, one after the other.
pub(crate) async fn fill(deployment: &Deployment, rows: &Rows, batches: std::ops::Range<usize>) {
    let path = format!("/v1/embeddings/{OWNER}/{PROJECT}");
    let mut connection = Connection::open(deployment.address).await;
    for batch in batches {
        let body = upload_body(&rows.batch(batch * BATCH_ROWS));
        let bytes = request("POST", &path, &deployment.key, &body);
        connection.send(&bytes, 201).await;
    }
}

fn requests(deployment: &Deployment, rows: &Rows, scale: &Scale) -> Requests {
    let project = format!("/v1/embeddings/{OWNER}/{PROJECT}");
    let stored = scale.batches * BATCH_ROWS;
    let read = |n: usize| {
        let path = format!("{project}/{}", text_id(n * stored / 100));
        request("GET", &path, &deployment.key, b"")
    };
    // Rows that are there are written again: the project does not grow while it is measured.
    let write = |n: usize| {
        let first = n * stored / 20;
        let batch: Vec<_> = (first..first + ROWS_WRITTEN)
            .map(|row| rows.row(row))
            .collect();
        request("POST", &project, &deployment.key, &upload_body(&batch))
    };
    Requests {
        reads: (0..100).map(read).collect(),
        writes: (0..20).map(write).collect(),
    }
}

/// Every client sends when the request before was answered.
async fn highest_rate(deployment: &Deployment, requests: &Rc<Requests>, time: Duration) -> Rate {
    let unpaced = Rate {
        reads: f64::INFINITY,
        writes: f64::INFINITY,
    };
    let begin = Instant::now();
    let seen = load(deployment, requests, unpaced, tokio::time::sleep(time)).await;
    let seconds = begin.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a few hundred thousand")]
    let rate = |latencies: &[f64]| latencies.len() as f64 / seconds;
    Rate {
        reads: rate(&seen.reads),
        writes: rate(&seen.writes),
    }
}

/// Sends requests at this rate as long as `work` runs.
async fn load(
    deployment: &Deployment,
    requests: &Rc<Requests>,
    rate: Rate,
    work: impl Future<Output = ()>,
) -> Latencies {
    let seen = Rc::new(RefCell::new(Latencies::default()));
    let running = Rc::new(RefCell::new(true));
    let local = LocalSet::new();
    let mut clients = Vec::new();
    for client in 0..READERS + WRITERS {
        let connection = Connection::open(deployment.address).await;
        clients.push(local.spawn_local(run_client(
            connection,
            client,
            rate,
            Rc::clone(requests),
            Rc::clone(&seen),
            Rc::clone(&running),
        )));
    }
    local
        .run_until(async {
            work.await;
            *running.borrow_mut() = false;
            for client in clients {
                client.await.unwrap();
            }
        })
        .await;
    seen.take()
}

async fn run_client(
    mut connection: Connection,
    client: usize,
    rate: Rate,
    requests: Rc<Requests>,
    seen: Rc<RefCell<Latencies>>,
    running: Rc<RefCell<bool>>,
) {
    let reads = client < READERS;
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let (mine, status, interval) = if reads {
        (&requests.reads, 200, READERS as f64 / rate.reads)
    } else {
        (&requests.writes, 201, WRITERS as f64 / rate.writes)
    };
    let interval = Duration::from_secs_f64(interval);
    // Clients begin one after the other within one interval, so that they do not come together.
    let shift = interval / u32::try_from(READERS + WRITERS).unwrap();
    let mut due = Instant::now() + shift * u32::try_from(client).unwrap();
    for bytes in mine.iter().cycle().skip(client * 7) {
        if !*running.borrow() {
            return;
        }
        if interval.is_zero() {
            due = Instant::now();
        } else {
            tokio::time::sleep_until(due.into()).await;
        }
        connection.send(bytes, status).await;
        let latency = due.elapsed().as_secs_f64();
        let mut seen = seen.borrow_mut();
        let latencies = if reads {
            &mut seen.reads
        } else {
            &mut seen.writes
        };
        latencies.push(latency);
        due += interval;
    }
}

async fn rotate(deployment: &Deployment) {
    let scope = format!("project:{OWNER}/{PROJECT}");
    let arguments = ["keys", "rotate", "data", "--scope", &scope, "--yes"];
    embsec(deployment, &arguments).await;
}

fn percentile(latencies: &[f64]) -> f64 {
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted[(sorted.len() * PERCENTILE / 100).min(sorted.len() - 1)]
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}
