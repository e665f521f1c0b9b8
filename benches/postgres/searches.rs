//! Searching by the index beside the exact scan, and what the index misses.

use crate::Scale;
use crate::client::{Connection, request};
use crate::copy::{self, CopyRow};
use crate::deployment::{Deployment, OWNER, PROJECT};
use crate::passages::Passages;
use crate::report::{Goal, Pairs, print_figure, print_ratio, time};
use crate::rows::decimals;
use crate::server::{Server, connect, execute};
use embsec::vector::HalfVector;
use pgvector::HalfVector as PgVector;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use std::collections::HashSet;
use std::time::Duration;

const K: usize = 10;

/// The project of one row in a hundred.
const FEW: &str = "few";

/// As upstream asks: neither a cast nor a number of components that an index could be matched to.
const UPSTREAM: &str = "\
    SELECT text_id, 1 - (vector <=> $1) AS similarity FROM embeddings \
    WHERE project_id = $2 AND vector_dim = vector_dim AND 1 - (vector <=> $1) >= 0 \
    ORDER BY vector <=> $1 LIMIT 10";

pub(crate) async fn measure(
    deployment: &Deployment,
    server: &Server,
    url: &str,
    passages: &Passages,
    scale: &Scale,
) {
    let mut database = connect(url).await;
    let few = make_project(deployment).await;
    let mut medians = Vec::new();
    for rows in scale.searched {
        fill(&mut database, server, passages, rows, few).await;
        let turns = search(deployment, &mut database, passages, scale, rows).await;
        print_figure(&format!("similars over {rows} rows"), turns.api(), "ms");
        medians.push(turns.api());
        if rows == scale.searched[1] {
            print_figure("upstream's exact scan of them", turns.other(), "ms");
            let speedup = 1.0 / turns.ratio();
            print_ratio(
                "exact scan time / similars time",
                speedup,
                Goal::AtLeast(20.0),
            );
            let goal = Goal::AtLeast(0.95);
            let recall = recall(deployment, &mut database, passages, scale, PROJECT, 1).await;
            print_ratio("recall@10, all rows in one project", recall, goal);
            let recall = recall_of_few(deployment, &mut database, passages, scale, few).await;
            print_ratio("recall@10, 1% of the rows in the project", recall, goal);
        }
    }
    print_ratio(
        "similars time, tenfold rows / rows",
        medians[1] / medians[0],
        Goal::AtMost(2.0),
    );
}

async fn make_project(deployment: &Deployment) -> i64 {
    let mut connection = Connection::open(deployment.address).await;
    let body = json!({
        "project_handle": FEW, "instance_owner": OWNER, "instance_handle": "minilm"
    });
    let path = format!("/v1/projects/{OWNER}");
    let bytes = request("POST", &path, &deployment.key, body.to_string().as_bytes());
    let made: Value = serde_json::from_slice(connection.send(&bytes, 201).await).unwrap();
    made["project_id"].as_i64().unwrap()
}

/// Fills the table with so many rows, one in a hundred in the other project, and builds the index.
async fn fill(
    database: &mut PgConnection,
    server: &Server,
    passages: &Passages,
    rows: usize,
    few: i64,
) {
    let file = server.file("searched");
    let vectors: Vec<Vec<f32>> = (0..rows).map(|number| passages.vector(number)).collect();
    let copied = vectors.iter().enumerate().map(|(number, vector)| CopyRow {
        project_id: if number % 100 == 0 { few } else { 1 },
        text_id: format!("passage-{number:06}"),
        vector,
        text: "",
        metadata: "{}",
    });
    copy::write(&file, &copied.collect::<Vec<_>>());
    let index: String =
        sqlx::query_scalar("SELECT pg_get_indexdef('embeddings_nearest_384'::regclass)")
            .fetch_one(&mut *database)
            .await
            .unwrap();
    execute(database, "TRUNCATE embeddings").await;
    execute(database, "DROP INDEX embeddings_nearest_384").await;
    copy::copy_in(database, &file).await;
    execute(database, &index).await;
    execute(database, "VACUUM ANALYZE embeddings").await;
    execute(database, "UPDATE projects SET data_revision = data_revision + 1, removal_revision = data_revision + 1").await;
}

/// Requests through the API, and now and then the exact scan of the same query.
async fn search(
    deployment: &Deployment,
    database: &mut PgConnection,
    passages: &Passages,
    scale: &Scale,
    rows: usize,
) -> Pairs {
    let mut connection = Connection::open(deployment.address).await;
    let mut pairs = Pairs::default();
    let every = (scale.searches / scale.scans).max(1);
    for round in 0..=scale.searches {
        let query = passages.vector(rows + round);
        let ask = similars(deployment, PROJECT, &query);
        let api = time(connection.send(&ask, 200)).await;
        // The first turn brings pages into memory and is not counted.
        if round > 0 && round % every == 0 {
            let scan = time(scan(database, &query)).await;
            pairs.push(millis(api), millis(scan));
        }
    }
    pairs
}

async fn scan(database: &mut PgConnection, query: &[f32]) {
    sqlx::query(UPSTREAM)
        .bind(half(query))
        .bind(1_i64)
        .fetch_all(database)
        .await
        .unwrap();
}

async fn recall_of_few(
    deployment: &Deployment,
    database: &mut PgConnection,
    passages: &Passages,
    scale: &Scale,
    few: i64,
) -> f64 {
    recall(deployment, database, passages, scale, FEW, few).await
}

/// The share of the nearest ten that the API returns.
async fn recall(
    deployment: &Deployment,
    database: &mut PgConnection,
    passages: &Passages,
    scale: &Scale,
    project: &str,
    project_id: i64,
) -> f64 {
    const EXACT: &str = "\
        SELECT text_id FROM embeddings WHERE project_id = $2 ORDER BY vector <=> $1 LIMIT 10";
    let mut connection = Connection::open(deployment.address).await;
    let (mut found, mut sought) = (0_u32, 0_u32);
    for round in 0..scale.searches {
        let query = passages.vector(1_000_000 + round);
        let ask = similars(deployment, project, &query);
        let answer: Value = serde_json::from_slice(connection.send(&ask, 200).await).unwrap();
        let answered: HashSet<&str> = answer["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["id"].as_str().unwrap())
            .collect();
        let nearest: Vec<String> = sqlx::query_scalar(EXACT)
            .bind(half(&query))
            .bind(project_id)
            .fetch_all(&mut *database)
            .await
            .unwrap();
        for id in &nearest {
            sought += 1;
            found += u32::from(answered.contains(&**id));
        }
    }
    f64::from(found) / f64::from(sought)
}

fn similars(deployment: &Deployment, project: &str, query: &[f32]) -> Vec<u8> {
    let path = format!("/v1/similars/{OWNER}/{project}?limit={K}&count={K}&threshold=0");
    let body = json!({ "vector": decimals(query) }).to_string();
    request("POST", &path, &deployment.key, body.as_bytes())
}

/// Rounded to binary16 as the API does it.
fn half(query: &[f32]) -> PgVector {
    let bytes = HalfVector::from_f32(query).unwrap().to_le_bytes();
    let halves = bytes.chunks_exact(2);
    PgVector::from(
        halves
            .map(|half| half::f16::from_le_bytes([half[0], half[1]]))
            .collect::<Vec<_>>(),
    )
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
