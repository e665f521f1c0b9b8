//! Uploading batches beside inserting the same rows without a server.

use crate::Scale;
use crate::client::{Connection, request};
use crate::deployment::{Deployment, INSTANCE, OWNER, PROJECT};
use crate::report::{Goal, Pairs, print_figure, print_ratio, time};
use crate::rows::{BATCH_ROWS, Row, Rows, upload_body};
use embsec::vector::HalfVector;
use rusqlite::{Connection as Sqlite, params};
use std::path::Path;
use std::rc::Rc;
use tokio::task::LocalSet;

/// Clients that upload at once, each one batch after the other.
const CONNECTIONS: usize = 4;

const SCHEMA: &str = include_str!("../../migrations/sqlite/0001_first_schema.sql");

const INSERT: &str = "\
    INSERT INTO embeddings (project_id, instance_id, data_revision, created_at, updated_at, \
        text_id, vector_dim, vector, text, metadata) \
    VALUES (1, 1, 1, ?1, ?1, ?2, ?3, ?4, ?5, ?6)";

/// Components of a vector as SQLite takes it.
const DIM_STORED: u32 = 384;

/// Any time will do, in milliseconds.
const CREATED_AT: i64 = 1_700_000_000_000;

pub(crate) async fn measure(deployment: &Deployment, rows: &Rows, scale: &Scale) {
    let sqlite = open(&deployment.other_database());
    let batches_per_round = scale.rows_per_round / BATCH_ROWS;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let rows_per_round = scale.rows_per_round as f64;
    let mut pairs = Pairs::default();
    for round in 0..scale.upload_rounds {
        let first = round * batches_per_round;
        let batches: Vec<Vec<Row>> = (first..first + batches_per_round)
            .map(|batch| rows.batch(batch * BATCH_ROWS))
            .collect();
        let path = format!("/v1/embeddings/{OWNER}/{PROJECT}");
        let body = |batch: &Vec<Row>| request("POST", &path, &deployment.key, &upload_body(batch));
        let requests: Vec<Vec<u8>> = batches.iter().map(body).collect();
        let api = time(upload(deployment, requests)).await;

        // What an upload makes of the values before it stores them is not the database's work.
        let batches: Vec<Vec<Stored>> = batches
            .into_iter()
            .map(|batch| batch.into_iter().map(Stored::from).collect())
            .collect();
        let other = time(async { insert(&sqlite, &batches) }).await;
        pairs.push(
            rows_per_round / api.as_secs_f64(),
            rows_per_round / other.as_secs_f64(),
        );
    }
    print_figure("upload through the API", pairs.api(), "rows/s");
    print_figure("insert without a server", pairs.other(), "rows/s");
    print_ratio(
        "upload speed / insert speed",
        pairs.ratio(),
        Goal::AtLeast(0.3),
    );
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

/// A row as the database holds it.
struct Stored {
    text_id: String,
    vector: Vec<u8>,
    text: String,
    metadata: String,
}

impl From<Row> for Stored {
    fn from(row: Row) -> Self {
        Self {
            text_id: row.text_id,
            vector: HalfVector::from_f32(&row.vector).unwrap().to_le_bytes(),
            text: row.text,
            metadata: row.metadata.to_string(),
        }
    }
}

/// A new database with embsec's schema, as durable as embsec's.
fn open(path: &Path) -> Sqlite {
    let sqlite = Sqlite::open(path).unwrap();
    sqlite.pragma_update(None, "journal_mode", "WAL").unwrap();
    sqlite.pragma_update(None, "synchronous", "FULL").unwrap();
    sqlite.pragma_update(None, "foreign_keys", "ON").unwrap();
    sqlite.execute_batch(SCHEMA).unwrap();
    let made = "INSERT INTO instances (owner_id, handle, dimensions, created_at, updated_at) \
                VALUES (1, ?1, ?2, 0, 0)";
    sqlite.execute(made, params![INSTANCE, DIM_STORED]).unwrap();
    let made = "INSERT INTO projects (owner_id, handle, public_read, instance_id, created_at, \
                updated_at) VALUES (1, ?1, 0, 1, 0, 0)";
    sqlite.execute(made, params![PROJECT]).unwrap();
    sqlite
}

fn insert(sqlite: &Sqlite, batches: &[Vec<Stored>]) {
    let mut statement = sqlite.prepare(INSERT).unwrap();
    for batch in batches {
        let transaction = sqlite.unchecked_transaction().unwrap();
        for row in batch {
            let Stored {
                text_id,
                vector,
                text,
                metadata,
            } = row;
            let values = params![CREATED_AT, text_id, DIM_STORED, vector, text, metadata];
            statement.execute(values).unwrap();
        }
        transaction.commit().unwrap();
    }
}
