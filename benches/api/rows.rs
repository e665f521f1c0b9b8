//! The rows that are uploaded: real texts and metadata of the fixture, under new ids, with random
//! vectors, because a hundred thousand copies of a few real ones would make a search of ties.

use serde_json::{Value, json};

use crate::deployment::{INSTANCE, OWNER, PROJECT};

/// Components of a vector.
pub(crate) const DIM: usize = 384;

/// Rows of a batch.
pub(crate) const BATCH_ROWS: usize = 100;

const PASSAGES: &str = include_str!("../../tests/fixtures/passages/passages.jsonl");

/// Makes rows by number.
pub(crate) struct Rows {
    passages: Vec<(String, Value)>,
}

/// One row.
pub(crate) struct Row {
    pub(crate) text_id: String,
    pub(crate) text: String,
    pub(crate) metadata: Value,
    pub(crate) vector: Vec<f32>,
}

impl Rows {
    pub(crate) fn new() -> Self {
        let passage = |line: &str| {
            let mut passage: Value = serde_json::from_str(line).unwrap();
            let text = passage["text"].as_str().unwrap().to_owned();
            (text, passage["metadata"].take())
        };
        Self {
            passages: PASSAGES.lines().map(passage).collect(),
        }
    }

    /// The same row on every run.
    pub(crate) fn row(&self, number: usize) -> Row {
        let (text, metadata) = &self.passages[number % self.passages.len()];
        Row {
            text_id: text_id(number),
            text: text.clone(),
            metadata: metadata.clone(),
            vector: vector(number),
        }
    }

    /// Some rows, in order.
    pub(crate) fn batch(&self, first: usize) -> Vec<Row> {
        (first..first + BATCH_ROWS).map(|n| self.row(n)).collect()
    }
}

/// The id of a row.
pub(crate) fn text_id(number: usize) -> String {
    format!("passage-{number:06}")
}

/// The vector of a row; those of numbers beyond all rows serve as queries.
pub(crate) fn vector(number: usize) -> Vec<f32> {
    let mut state = u64::try_from(number).unwrap();
    (0..DIM).map(|_| next_value(&mut state)).collect()
}

/// A number between -0.1 and 0.1, about as large as the components of a real vector of length 1,
/// with as many digits (`SplitMix64`).
fn next_value(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let [_, _, _, _, _, b0, b1, b2] = (z ^ (z >> 31)).to_be_bytes();
    // 24 bits, as many as a binary32 holds.
    let bits = u32::from_be_bytes([0, b0, b1, b2]);
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    let unit = bits as f32 / 16_777_216.0;
    unit.mul_add(0.2, -0.1)
}

/// A batch as a client sends it.
pub(crate) fn upload_body(batch: &[Row]) -> Vec<u8> {
    let items: Vec<Value> = batch.iter().map(item).collect();
    serde_json::to_vec(&json!({ "embeddings": items })).unwrap()
}

fn item(row: &Row) -> Value {
    json!({
        "text_id": row.text_id,
        "user_handle": OWNER,
        "project_handle": PROJECT,
        "instance_handle": INSTANCE,
        "text": row.text,
        "vector": decimals(&row.vector),
        "vector_dim": DIM,
        "metadata": row.metadata,
    })
}

/// The shortest decimals that read back as the same binary32, as clients write them.
pub(crate) fn decimals(vector: &[f32]) -> Vec<Value> {
    let decimal = |value: &f32| serde_json::from_str(&value.to_string()).unwrap();
    vector.iter().map(decimal).collect()
}
