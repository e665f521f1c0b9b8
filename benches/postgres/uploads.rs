//! Uploading through the API beside a binary COPY of the same rows.

use crate::Scale;
use crate::client::{Connection, request};
use crate::copy::{self, CopyRow};
use crate::deployment::{Deployment, OWNER, PROJECT};
use crate::passages::Passages;
use crate::report::{Goal, Pairs, print_figure, print_ratio, time};
use crate::rows::{BATCH_ROWS, Row, upload_body};
use crate::server::{Server, connect, execute};
use embsec::domain::postgres_url::PostgresUrl;
use embsec::store::postgres::schema;
use serde_json::json;
use std::rc::Rc;
use std::time::Duration;
use tokio::task::LocalSet;

/// Clients that upload at once, each one batch after the other.
const CONNECTIONS: usize = 4;

const TEXT: &str = "And he spake many things unto them in parables, saying, Behold, a sower went \
    forth to sow; And when he sowed, some seeds fell by the way side.";

pub(crate) async fn measure(
    deployment: &Deployment,
    server: &Server,
    url: &str,
    passages: &Passages,
    scale: &Scale,
) {
    let beside = server.database("beside", "vector").await;
    let mut connection = prepare(&beside).await;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let rows_per_round = scale.rows_per_round as f64;
    let mut pairs = Pairs::default();
    for round in 0..scale.upload_rounds {
        let first = round * scale.rows_per_round;
        let rows: Vec<Row> = (first..first + scale.rows_per_round)
            .map(|number| row(passages, number))
            .collect();
        let file = server.file("upload");
        let copies: Vec<CopyRow<'_>> = rows.iter().map(copied).collect();
        copy::write(&file, &copies);
        let path = format!("/v1/embeddings/{OWNER}/{PROJECT}");
        let requests = rows
            .chunks(BATCH_ROWS)
            .map(|batch| request("POST", &path, &deployment.key, &upload_body(batch)))
            .collect();
        let api = time(upload(deployment, requests)).await;
        let copy = time(copy::copy_in(&mut connection, &file)).await;
        pairs.push(
            rows_per_round / api.as_secs_f64(),
            rows_per_round / copy.as_secs_f64(),
        );
    }
    // What is searched afterwards is brought in anew.
    let mut served = connect(url).await;
    execute(&mut served, "TRUNCATE embeddings").await;
    print_figure(
        "upload to PostgreSQL through the API",
        pairs.api(),
        "rows/s",
    );
    print_figure("binary COPY, indexes kept", pairs.other(), "rows/s");
    print_ratio(
        "upload speed / COPY speed",
        pairs.ratio(),
        Goal::AtLeast(0.8),
    );
}

/// A database of embsec's schema with the same project in it.
async fn prepare(url: &str) -> sqlx::PgConnection {
    let parsed = PostgresUrl::parse(url).unwrap();
    let timeout = Duration::from_secs(5);
    schema::migrate(&parsed, timeout, None).await.unwrap();
    let mut connection = connect(url).await;
    for sql in [
        "INSERT INTO instances (owner_id, handle, dimensions, created_at, updated_at) \
         VALUES (1, 'minilm', 384, 0, 0)",
        "INSERT INTO projects (owner_id, handle, public_read, instance_id, created_at, \
         updated_at) VALUES (1, 'passages', false, 1, 0, 0)",
    ] {
        execute(&mut connection, sql).await;
    }
    connection
}

fn row(passages: &Passages, number: usize) -> Row {
    Row {
        text_id: format!("passage-{number:06}"),
        text: TEXT.to_owned(),
        metadata: json!({"author": "Matthew", "number": number}),
        vector: passages.vector(number),
    }
}

fn copied(row: &Row) -> CopyRow<'_> {
    CopyRow {
        project_id: 1,
        text_id: row.text_id.clone(),
        vector: &row.vector,
        text: &row.text,
        metadata: r#"{"author":"Matthew","number":100000}"#,
    }
}

async fn upload(deployment: &Deployment, requests: Vec<Vec<u8>>) {
    let local = LocalSet::new();
    let requests = Rc::new(requests);
    for client in 0..CONNECTIONS {
        let mut connection = Connection::open(deployment.address).await;
        let requests = Rc::clone(&requests);
        local.spawn_local(async move {
            for request in requests.iter().skip(client).step_by(CONNECTIONS) {
                connection.send(request, 201).await;
            }
        });
    }
    local.await;
}
