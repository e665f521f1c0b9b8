//! Vectors like those of real texts: two passages of the fixture mixed, with noise.

use crate::rows::DIM;
use serde_json::Value;

const PASSAGES: &str = include_str!("../../tests/fixtures/passages/passages.jsonl");

/// How much noise each component gets at most, beside components of about 0.05.
const NOISE: f32 = 0.03;

/// The vectors of the fixture.
pub(crate) struct Passages(Vec<Vec<f32>>);

impl Passages {
    pub(crate) fn new() -> Self {
        let vector = |line: &str| {
            let passage: Value = serde_json::from_str(line).unwrap();
            let components = passage["vector"].as_array().unwrap().iter();
            components.map(component).collect()
        };
        Self(PASSAGES.lines().map(vector).collect())
    }

    /// The same vector on every run; those of numbers beyond all rows serve as queries.
    pub(crate) fn vector(&self, number: usize) -> Vec<f32> {
        let mut state = u64::try_from(number).unwrap();
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let mut pick = || usize::try_from(next() >> 40).unwrap() % self.0.len();
        let (one, other) = (&self.0[pick()], &self.0[pick()]);
        let mix = |at: usize| one[at].mul_add(0.6, other[at] * 0.4);
        (0..DIM)
            .map(|at| unit(next()).mul_add(NOISE, mix(at)))
            .collect()
    }
}

#[expect(clippy::cast_possible_truncation, reason = "it was written from one")]
fn component(value: &Value) -> f32 {
    value.as_f64().unwrap() as f32
}

/// A number between -1 and 1 of 24 random bits.
fn unit(random: u64) -> f32 {
    let [_, _, _, _, _, b0, b1, b2] = random.to_be_bytes();
    #[expect(clippy::cast_precision_loss, reason = "24 bits fit")]
    let unit = u32::from_be_bytes([0, b0, b1, b2]) as f32 / 16_777_216.0;
    unit.mul_add(2.0, -1.0)
}
