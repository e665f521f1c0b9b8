//! The search held against a reference that is written out once more, without sharing code.

use half::f16;
use proptest::prelude::*;

use super::*;
use crate::domain::ids::EmbeddingId;
use crate::vector::simd::LANES;

mod properties;

/// The reference, from its definition.
fn naive_similarity(a: &[f16], b: &[f16]) -> f64 {
    if a == b {
        return 1.0;
    }
    let (mut dot, mut squares_a, mut squares_b) = (0.0_f64, 0.0_f64, 0.0_f64);
    for i in 0..a.len() {
        dot += a[i].to_f64() * b[i].to_f64();
        squares_a += a[i].to_f64() * a[i].to_f64();
        squares_b += b[i].to_f64() * b[i].to_f64();
    }
    dot / (squares_a.sqrt() * squares_b.sqrt())
}

fn naive_top_k(rows: &[Row], query: &HalfVector, k: usize, threshold: f64) -> Vec<Hit> {
    let mut hits: Vec<Hit> = rows
        .iter()
        .map(|(key, text_id, vector)| Hit {
            id: EmbeddingId(*key),
            text_id: text_id.as_str().into(),
            similarity: naive_similarity(query.halves(), vector.halves()),
        })
        .filter(|hit| hit.similarity >= threshold)
        .collect();
    hits.sort_by(|a, b| {
        b.similarity
            .partial_cmp(&a.similarity)
            .unwrap()
            .then(a.text_id.as_bytes().cmp(b.text_id.as_bytes()))
            .then(a.id.cmp(&b.id))
    });
    hits.truncate(k);
    hits
}

/// Row id, text id, vector.
type Row = (i64, String, HalfVector);

fn vector(values: &[f32]) -> HalfVector {
    HalfVector::from_f32(values).unwrap()
}

fn block(rows: &[Row]) -> Block {
    let mut block = Block::new(rows[0].2.dim());
    for (key, text_id, vector) in rows {
        block.push(EmbeddingId(*key), text_id, vector).unwrap();
    }
    block
}

fn search(rows: &[Row], query: &HalfVector, k: usize, threshold: f64) -> Vec<Hit> {
    let mut top = TopK::new(query, k, threshold);
    top.offer_block(&block(rows), |_| false).unwrap();
    top.into_sorted()
}

fn ids(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| &*hit.text_id).collect()
}

#[test]
fn rounding_matches_the_values_seen_upstream() {
    let vector = vector(&[-0.02085085, 0.01852216, 0.05327, 0.07138438, 0.02000308]);
    let printed: Vec<String> = vector.to_f32().iter().map(f32::to_string).collect();
    let expected = [
        "-0.020843506",
        "0.01852417",
        "0.05328369",
        "0.07141113",
        "0.020004272",
    ];
    assert_eq!(printed, expected);
    let bytes = [0x56, 0xa5, 0xbe, 0x24, 0xd2, 0x2a, 0x92, 0x2c, 0x1f, 0x25];
    assert_eq!(vector.to_le_bytes(), bytes);
    assert_eq!(HalfVector::from_le_bytes(&bytes), Ok(vector));
}

#[test]
fn rounding_takes_the_even_neighbour_of_a_tie() {
    let step = 2.0_f32.powi(-10);
    assert_eq!(vector(&[1.0 + step / 2.0]).to_f32(), [1.0]);
    assert_eq!(vector(&[1.0 + step * 1.5]).to_f32(), [1.0 + 2.0 * step]);
    // Half of the least subnormal goes to zero, and so does not make a vector alone.
    assert_eq!(vector(&[1.0, 2.0_f32.powi(-25)]).to_f32(), [1.0, 0.0]);
    assert_eq!(
        vector(&[2.0_f32.powi(-25) * 1.01]).to_f32(),
        [2.0_f32.powi(-24)]
    );
}

#[test]
fn vectors_without_a_usable_direction_or_size_are_refused() {
    use VectorError::*;
    let refused = |values: &[f32]| HalfVector::from_f32(values).unwrap_err();
    assert_eq!(refused(&[]), Dimension { dim: 0 });
    assert_eq!(refused(&vec![1.0; 16_001]), Dimension { dim: 16_001 });
    assert_eq!(refused(&[1.0, f32::NAN]), NotFinite { index: 1 });
    assert_eq!(refused(&[f32::NEG_INFINITY]), NotFinite { index: 0 });
    assert_eq!(refused(&[1.0, 2.0, -65520.0]), OutOfRange { index: 2 });
    assert_eq!(refused(&[0.0, -0.0]), ZeroNorm);
    assert_eq!(refused(&[2.0_f32.powi(-25)]), ZeroNorm);
    assert_eq!(vector(&[65519.996]).to_f32(), [65504.0]);
    assert_eq!(vector(&vec![1.0; 16_000]).dim(), 16_000);
}

#[test]
fn stored_bytes_that_are_no_vector_are_refused() {
    use VectorError::*;
    let refused = |bytes: &[u8]| HalfVector::from_le_bytes(bytes).unwrap_err();
    assert_eq!(refused(&[]), Dimension { dim: 0 });
    assert_eq!(refused(&[0, 60, 0]), OddLength { len_bytes: 3 });
    assert_eq!(refused(&[0, 60, 0, 0x7c]), NotFinite { index: 1 });
    assert_eq!(refused(&[0, 0, 0, 0x80]), ZeroNorm);
    assert_eq!(refused(&vec![1; 32_002]), Dimension { dim: 16_001 });
}

#[test]
fn debug_output_shows_no_value() {
    assert_eq!(
        format!("{:?}", vector(&[0.5, 0.25])),
        "HalfVector { dim: 2, .. }"
    );
}

#[test]
fn similarity_of_equal_values_is_exactly_one() {
    // Without the rule, the quotient would be 1.0000000000000002.
    let values = [0.1, 0.2, 0.7];
    assert_eq!(similarity(&vector(&values), &vector(&values)), Ok(1.0));
    assert_eq!(
        similarity(&vector(&[0.0, 0.1, 3.0]), &vector(&[-0.0, 0.1, 3.0])),
        Ok(1.0)
    );
    let largest = vector(&vec![65504.0; VECTOR_MAX_DIM]);
    assert_eq!(similarity(&largest, &largest), Ok(1.0));
}

#[test]
fn similarity_needs_equal_dimensions() {
    let mismatch = VectorError::DimensionMismatch {
        expected: 2,
        actual: 3,
    };
    assert_eq!(
        similarity(&vector(&[1.0, 2.0]), &vector(&[1.0, 2.0, 3.0])),
        Err(mismatch)
    );
    let mut top = TopK::new(&vector(&[1.0, 2.0]), 1, 0.0);
    assert_eq!(top.offer_block(&Block::new(3), |_| false), Err(mismatch));
    assert_eq!(
        Block::new(2).push(EmbeddingId(1), "a", &vector(&[1.0; 3])),
        Err(mismatch)
    );
}

#[test]
fn ties_are_ordered_by_the_bytes_of_the_text_id() {
    let names = ["é", "z", "a", "Z", "_", "a b", "10", "9", "ａ"];
    let rows: Vec<Row> = (0..)
        .zip(names)
        .map(|(key, id)| (key, id.to_owned(), vector(&[1.0, 2.0])))
        .collect();
    let query = vector(&[1.0, 1.0]);
    let expected = ["10", "9", "Z", "_", "a", "a b", "z", "é", "ａ"];
    for k in 1..=expected.len() {
        assert_eq!(ids(&search(&rows, &query, k, 0.0)), expected[..k]);
    }
}

#[test]
fn the_threshold_includes_its_own_value_and_nothing_below() {
    let rows = [(1, "a".to_owned(), vector(&[0.3, 0.4, 0.5]))];
    let query = vector(&[0.9, 0.1, 0.2]);
    let exact = similarity(&query, &rows[0].2).unwrap();
    assert_eq!(search(&rows, &query, 1, exact).len(), 1);
    assert_eq!(search(&rows, &query, 1, exact.next_up()).len(), 0);
    assert_eq!(search(&rows, &query, 1, f64::NAN).len(), 0);
    assert_eq!(search(&rows, &query, 0, -1.0).len(), 0);
}

#[test]
fn rows_that_differ_by_less_than_single_precision_are_told_apart() {
    // Cosines of 1 - 1e-9 and closer: only the reference can order them.
    let tail = |tiny: f32| vector(&[1.0, 1.0, tiny]);
    let rows: Vec<Row> = (1..=40_u16)
        .map(|i| {
            (
                i.into(),
                format!("{:02}", 41 - i),
                tail(f32::from(i) * 2.0_f32.powi(-24)),
            )
        })
        .collect();
    let hits = search(&rows, &tail(0.0), 5, 0.0);
    assert_eq!(hits, naive_top_k(&rows, &tail(0.0), 5, 0.0));
    let hits = search(&rows, &tail(1.0), 5, 0.0);
    assert_eq!(ids(&hits), ["01", "02", "03", "04", "05"]);
}

#[test]
fn an_excluded_row_makes_room_for_the_next() {
    let rows: Vec<Row> = [(7, [1.0, 0.0]), (8, [1.0, 0.1]), (9, [1.0, 0.2])]
        .map(|(key, values)| (key, format!("t{key}"), vector(&values)))
        .into();
    let mut top = TopK::new(&rows[0].2, 1, 0.0);
    top.offer_block(&block(&rows), |id| id.0 == 7).unwrap();
    assert_eq!(ids(&top.into_sorted()), ["t8"]);
}

#[test]
fn a_huge_k_keeps_every_row() {
    let rows: Vec<Row> = (1..=200_u8)
        .map(|i| (i.into(), i.to_string(), vector(&[1.0, f32::from(i)])))
        .collect();
    let query = vector(&[0.0, 1.0]);
    assert_eq!(
        search(&rows, &query, usize::MAX, 0.0),
        naive_top_k(&rows, &query, 200, 0.0)
    );
}

#[test]
fn block_size_covers_the_matrix_and_the_ids() {
    let mut block = Block::with_capacity(384, 100);
    let empty = block.size_bytes();
    assert!(
        empty >= 100 * 768,
        "room is counted when it is taken: {empty}"
    );
    for key in 0..100 {
        block
            .push(EmbeddingId(key), &"x".repeat(1000), &vector(&[1.0; 384]))
            .unwrap();
    }
    assert!(block.size_bytes() >= empty + 100 * 1000);
    assert!(
        block.size_bytes() < 100 * (768 + 1000) * 105 / 100,
        "{}",
        block.size_bytes()
    );
}

#[test]
fn a_growing_block_reserves_little_more_than_it_holds() {
    let mut block = Block::new(384);
    for key in 0..3000 {
        block
            .push(EmbeddingId(key), "a", &vector(&[1.0; 384]))
            .unwrap();
    }
    assert!(
        block.size_bytes() < 3000 * 768 * 5 / 4,
        "{}",
        block.size_bytes()
    );
}

#[test]
fn a_cleared_block_is_empty_and_keeps_its_memory() {
    let mut block = Block::new(2);
    for key in 0..50 {
        block
            .push(EmbeddingId(key), &key.to_string(), &vector(&[1.0, 2.0]))
            .unwrap();
    }
    let room = size_of_val(block.matrix());
    block.clear();
    assert!(block.is_empty() && block.find("7").is_none());
    assert!(block.size_bytes() >= room);
    assert_eq!(block.push(EmbeddingId(1), "7", &vector(&[1.0, 2.0])), Ok(0));
    assert_eq!(block.find("7"), Some(0));
}

#[test]
fn rows_of_one_text_id_are_told_apart_by_their_row_id() {
    let mut block = Block::new(1);
    block.push(EmbeddingId(5), "a", &vector(&[5.0])).unwrap();
    block.push(EmbeddingId(3), "a", &vector(&[3.0])).unwrap();
    assert_eq!(block.find("a"), Some(1));
    assert_eq!(block.find_row(EmbeddingId(5), "a"), Some(0));
    assert_eq!(block.upsert(EmbeddingId(5), "a", &vector(&[6.0])), Ok(0));
    assert_eq!(block.vector(0), Some(vector(&[6.0])));
    assert_eq!(block.len(), 2);
}
