//! The master key over many data keys: its cost does not grow with the rows.

use crate::Scale;
use crate::client::{Connection, request};
use crate::command::embsec;
use crate::deployment::{Deployment, INSTANCE, OWNER};
use crate::live::fill;
use crate::report::{Goal, print_figure, print_ratio};
use crate::rows::{Rows, upload_body};
use serde_json::json;
use std::time::{Duration, Instant};

/// How long a rotation over a thousand data keys may take, besides opening, in milliseconds.
const MOST_MS: f64 = 200.0;
/// How long a server counts as running after it was last seen, and a little more.
const SERVER_FORGOTTEN: Duration = Duration::from_secs(17);
/// How much longer it may take with a hundred times the rows: noise, and nothing else.
const MOST_GROWTH: f64 = 1.5;

pub(crate) async fn measure(deployment: &mut Deployment, rows: &Rows, scale: &Scale) {
    projects_with_a_key(deployment, rows, scale.projects).await;
    let few = besides_opening_ms(deployment, scale.master_rounds).await;
    let filled = scale.batches..scale.batches + scale.further_batches;
    fill(deployment, rows, filled).await;
    let many = besides_opening_ms(deployment, scale.master_rounds).await;
    // Beside a server, most of it is the time until the server has read the new keyring.
    print_figure("rotation of the master key beside a server", few, "ms");
    // Both are differences of times, which can be near zero.
    let growth = many.max(1.0) / few.max(1.0);
    print_ratio(
        "the same with more rows / with fewer",
        growth,
        Goal::AtMost(MOST_GROWTH),
    );
    deployment.stop();
    // A server that was killed counts as one that runs until it was not seen for a while.
    tokio::time::sleep(SERVER_FORGOTTEN).await;
    let alone = besides_opening_ms(deployment, scale.master_rounds).await;
    print_ratio(
        "rotation of the master key, ms",
        alone,
        Goal::AtMost(MOST_MS),
    );
}

/// Makes projects and uploads a row into each, which makes its key.
async fn projects_with_a_key(deployment: &Deployment, rows: &Rows, projects: usize) {
    let mut connection = Connection::open(deployment.address).await;
    for number in 0..projects {
        let handle = format!("project-{number}");
        let project = json!({
            "project_handle": handle, "instance_owner": OWNER, "instance_handle": INSTANCE
        });
        let path = format!("/v1/projects/{OWNER}");
        let body = project.to_string();
        let bytes = request("POST", &path, &deployment.key, body.as_bytes());
        connection.send(&bytes, 201).await;
        let body = String::from_utf8(upload_body(&[rows.row(number)])).unwrap();
        let body = body.replace(crate::deployment::PROJECT, &handle);
        let path = format!("/v1/embeddings/{OWNER}/{handle}");
        let bytes = request("POST", &path, &deployment.key, body.as_bytes());
        connection.send(&bytes, 201).await;
    }
}

/// The median of what a rotation takes, less what a command takes that opens the same and rotates
/// nothing.
async fn besides_opening_ms(deployment: &Deployment, rounds: usize) -> f64 {
    let mut differences = Vec::new();
    for _ in 0..rounds {
        let begin = Instant::now();
        embsec(deployment, &["keys", "rotate", "master", "--dry-run"]).await;
        let opening = begin.elapsed().as_secs_f64();
        let begin = Instant::now();
        embsec(deployment, &["keys", "rotate", "master", "--yes"]).await;
        differences.push(1e3 * (begin.elapsed().as_secs_f64() - opening));
    }
    differences.sort_unstable_by(f64::total_cmp);
    differences[differences.len() / 2]
}
