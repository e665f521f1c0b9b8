//! A whole similarity request beside the kernel alone.

use crate::Scale;
use crate::client::{Connection, request};
use crate::deployment::{Deployment, OWNER, PROJECT};
use crate::report::{Goal, Pairs, print_figure, print_ratio, time};
use crate::rows::{DIM, Rows, decimals, text_id, vector};
use embsec::domain::ids::EmbeddingId;
use embsec::vector::{Block, HalfVector, Hit, TopK};
use serde_json::{Value, json};
use std::time::Duration;

const K: usize = 10;

/// Random vectors have little in common: the default would leave nothing to answer.
const THRESHOLD: f64 = 0.0;

pub(crate) async fn measure(deployment: &Deployment, rows: &Rows, scale: &Scale) {
    let stored = scale.rows_per_round * scale.upload_rounds;
    let block = block(rows, stored);
    let mut connection = Connection::open(deployment.address).await;
    let path = format!("/v1/similars/{OWNER}/{PROJECT}");
    let question = format!("limit={K}&threshold={THRESHOLD}");

    let (mut by_vector, mut by_id) = (Pairs::default(), Pairs::default());
    // The first turn brings the matrix into memory and is not counted.
    for round in 0..=scale.search_rounds {
        let query = vector(stored + round);
        let body = json!({ "vector": decimals(&query) }).to_string();
        let post = format!("{path}?{question}");
        let post = request("POST", &post, &deployment.key, body.as_bytes());
        let query = HalfVector::from_f32(&query).unwrap();
        let api = time(connection.send(&post, 200)).await;
        let kernel = time(async { search(&block, &query, None) }).await;
        let expected = search(&block, &query, None);
        assert_same(connection.send(&post, 200).await, &expected);

        let row = round * 97 % stored;
        let get = format!("{path}/{}?{question}", text_id(row));
        let get = request("GET", &get, &deployment.key, b"");
        let query = HalfVector::from_f32(&vector(row)).unwrap();
        let id = Some(EmbeddingId(i64::try_from(row).unwrap()));
        let api_by_id = time(connection.send(&get, 200)).await;
        let kernel_by_id = time(async { search(&block, &query, id) }).await;
        if round > 0 {
            by_vector.push(millis(api), millis(kernel));
            by_id.push(millis(api_by_id), millis(kernel_by_id));
        }
    }
    print_figure("similars of a vector", by_vector.api(), "ms");
    print_figure("similars of a text", by_id.api(), "ms");
    print_figure("kernel alone", by_vector.other(), "ms");
    let goal = Goal::AtMost(2.0);
    print_ratio(
        "similars of a vector, time / kernel time",
        by_vector.ratio(),
        goal,
    );
    print_ratio(
        "similars of a text, time / kernel time",
        by_id.ratio(),
        goal,
    );
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// The rows as the server holds them.
fn block(rows: &Rows, stored: usize) -> Block {
    let mut block = Block::with_capacity(DIM, stored);
    for number in 0..stored {
        let row = rows.row(number);
        let vector = HalfVector::from_f32(&row.vector).unwrap();
        let id = EmbeddingId(i64::try_from(number).unwrap());
        block.push(id, &row.text_id, &vector).unwrap();
    }
    block
}

fn search(block: &Block, query: &HalfVector, excluded: Option<EmbeddingId>) -> Vec<Hit> {
    let mut top = TopK::new(query, K, THRESHOLD);
    top.offer_block(block, |id| excluded == Some(id)).unwrap();
    top.into_sorted()
}

/// Both sides must have done the same work.
fn assert_same(body: &[u8], expected: &[Hit]) {
    let answer: Value = serde_json::from_slice(body).unwrap();
    let ids = answer["results"].as_array().unwrap().iter();
    let ids = ids.map(|result| result["id"].as_str().unwrap());
    assert!(ids.eq(expected.iter().map(|hit| &*hit.text_id)));
}
