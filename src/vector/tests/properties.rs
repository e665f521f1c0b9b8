//! Properties over vectors of every kind: random, clustered, duplicated, tiny, subnormal, large.

use std::collections::BTreeMap;

use super::*;
use crate::vector::block::inverse_norm;
use crate::vector::simd::QueryLine;

/// What the vectors of one case look like.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Values over the whole range of magnitudes.
    Wild,
    /// Values around zero, as models make them.
    Even,
    /// A few centres with little noise, so that similarities crowd together.
    Clustered,
    /// A few distinct vectors, each many times, some with the sign of zero changed.
    Duplicates,
    /// Below the normal range: magnitudes of 2^-24 to 2^-14.
    Subnormal,
    /// Magnitudes close to 65504, with either sign, so that sums cancel.
    Large,
}

const KINDS: [Kind; 6] = [
    Kind::Wild,
    Kind::Even,
    Kind::Clustered,
    Kind::Duplicates,
    Kind::Subnormal,
    Kind::Large,
];

/// A small generator (`SplitMix64`), so that proptest shrinks a seed and not a million values.
struct Rng(u64);

impl Rng {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A value from 0 to `end - 1`.
    fn below(&mut self, end: u16) -> u16 {
        u16::try_from(self.bits() % u64::from(end)).unwrap()
    }

    /// A value from -1 to 1.
    fn even(&mut self) -> f32 {
        f32::from(self.below(20_001)) / 10_000.0 - 1.0
    }

    fn value(&mut self, kind: Kind) -> f16 {
        match kind {
            Kind::Wild => f16::from_bits(self.below(0x7c00) | (self.below(2) << 15)),
            Kind::Even | Kind::Clustered | Kind::Duplicates => f16::from_f32(self.even()),
            Kind::Subnormal => f16::from_bits(self.below(0x400) | (self.below(2) << 15)),
            Kind::Large => f16::from_bits((0x7bff - self.below(4)) | (self.below(2) << 15)),
        }
    }

    fn vector(&mut self, kind: Kind, dim: usize) -> HalfVector {
        loop {
            let halves = (0..dim).map(|_| self.value(kind)).collect();
            if let Ok(vector) = HalfVector::new(halves) {
                return vector;
            }
        }
    }

    /// Returns a vector near `centre`, or equal to it as a value for [`Kind::Duplicates`].
    fn near(&mut self, kind: Kind, centre: &HalfVector) -> HalfVector {
        let halves = centre.halves().iter().map(|half| match kind {
            Kind::Duplicates if *half == f16::ZERO => -*half,
            Kind::Duplicates => *half,
            _ => f16::from_f32(half.to_f32() + self.even() / 1000.0),
        });
        HalfVector::new(halves.collect()).unwrap_or_else(|_| centre.clone())
    }

    fn rows(&mut self, kind: Kind, dim: usize, count: i64) -> Vec<Row> {
        let centres: Vec<HalfVector> = (0..3).map(|_| self.vector(kind, dim)).collect();
        let mut row = |key| {
            let vector = match kind {
                Kind::Clustered | Kind::Duplicates => {
                    let centre = &centres[usize::from(self.below(3))];
                    self.near(kind, centre)
                }
                _ => self.vector(kind, dim),
            };
            // Ids repeat now and then, and their order is not the order of the rows.
            (key, format!("t{}", self.below(500)), vector)
        };
        (0..count).map(&mut row).collect()
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    proptest::sample::select(KINDS.as_slice())
}

/// Dimensions around the widths that the kernels work in, and up to a thousand.
fn dimension() -> impl Strategy<Value = usize> {
    prop_oneof![1_usize..=70, 120_usize..=136, Just(384), 1020_usize..=1030]
}

/// The single-precision cosine of the quick pass.
fn approximate(kernel: Kernel, query: &HalfVector, row: &HalfVector) -> f64 {
    let mut block = Block::new(row.dim());
    block.push(EmbeddingId(0), "a", row).unwrap();
    let mut dot = [0.0];
    kernel.dot_rows(&query_lines(query), block.matrix(), &mut dot);
    f64::from(dot[0] * block.inverse_norms()[0] * inverse_norm(query))
}

fn query_lines(query: &HalfVector) -> Vec<QueryLine> {
    let values = query.to_f32();
    let lines = values.chunks(LANES).map(|piece| {
        let mut line = QueryLine([0.0; LANES]);
        line.0[..piece.len()].copy_from_slice(piece);
        line
    });
    lines.collect()
}

#[test]
fn the_bound_holds_at_the_largest_dimension() {
    let mut rng = Rng(1);
    for kind in KINDS {
        let query = rng.vector(kind, VECTOR_MAX_DIM);
        let magnitudes = query
            .to_f32()
            .iter()
            .map(|value| value.abs())
            .collect::<Vec<_>>();
        let rows = [
            vector(&magnitudes),
            rng.vector(kind, VECTOR_MAX_DIM),
            query.clone(),
        ];
        for (row, kernel) in rows.iter().zip(Kernel::available().into_iter().cycle()) {
            let exact = naive_similarity(query.halves(), row.halves());
            let distance = (approximate(kernel, &query, row) - exact).abs();
            assert!(
                distance <= error_bound(VECTOR_MAX_DIM) / 2.0,
                "{kind:?}: {distance}"
            );
        }
    }
    assert!(error_bound(VECTOR_MAX_DIM) < 1e-4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_kernel_finds_what_the_reference_finds(
        kind in kind(),
        dim in dimension(),
        seed: u64,
        count in 1_i64..=150,
        k in 1_usize..=20,
        threshold in prop_oneof![Just(-2.0), -1.0..=1.0_f64, Just(0.5)],
        excluded in 0_i64..=150,
    ) {
        let mut rng = Rng(seed);
        let rows = rng.rows(kind, dim, count);
        let query = if seed % 2 == 0 { rows[0].2.clone() } else { rng.vector(kind, dim) };
        let candidates: Vec<Row> =
            rows.iter().filter(|row| row.0 != excluded).cloned().collect();
        let expected = naive_top_k(&candidates, &query, k, threshold);
        let whole = block(&rows);
        for kernel in Kernel::available() {
            let mut top = TopK::new(&query, k, threshold).with_kernel(kernel);
            top.offer_block(&whole, |id| id.0 == excluded).unwrap();
            prop_assert_eq!(&top.into_sorted(), &expected, "{}", kernel.name());
        }
        // The same rows in parts, the last part first.
        let mut top = TopK::new(&query, k, threshold);
        for part in rows.chunks(37).rev() {
            top.offer_block(&block(part), |id| id.0 == excluded).unwrap();
        }
        prop_assert_eq!(top.into_sorted(), expected);
    }

    #[test]
    fn the_quick_pass_stays_within_its_bound(
        kind in kind(),
        dim in dimension(),
        seed: u64,
    ) {
        let mut rng = Rng(seed);
        let query = rng.vector(kind, dim);
        let others =
            [rng.vector(kind, dim), rng.vector(Kind::Wild, dim), rng.near(kind, &query)];
        for row in others.iter().chain([&query]) {
            let exact = naive_similarity(query.halves(), row.halves());
            prop_assert_eq!(similarity(&query, row), Ok(exact));
            for kernel in Kernel::available() {
                let distance = (approximate(kernel, &query, row) - exact).abs();
                prop_assert!(distance <= error_bound(dim) / 2.0, "{}: {distance}", kernel.name());
            }
        }
    }

    #[test]
    fn all_kernels_return_the_same_bits(
        kind in kind(),
        dim in dimension(),
        seed: u64,
        count in 1_i64..=9,
    ) {
        let mut rng = Rng(seed);
        let rows = block(&rng.rows(kind, dim, count));
        let query = query_lines(&rng.vector(kind, dim));
        let mut outcomes = Kernel::available().into_iter().map(|kernel| {
            let mut dots = vec![f32::NAN; rows.len()];
            kernel.dot_rows(&query, rows.matrix(), &mut dots);
            dots.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        });
        let first = outcomes.next().unwrap();
        prop_assert!(outcomes.all(|other| other == first));
    }

    #[test]
    fn stored_bytes_are_read_back_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..99)) {
        if let Ok(vector) = HalfVector::from_le_bytes(&bytes) {
            prop_assert_eq!(vector.to_le_bytes(), bytes);
            prop_assert_eq!(HalfVector::from_f32(&vector.to_f32()), Ok(vector));
        }
    }

    #[test]
    fn a_block_behaves_like_a_map(
        dim in 1_usize..=40,
        steps in proptest::collection::vec((0_u8..4, 0_i64..3, 0_u16..60), 0..400),
        seed: u64,
    ) {
        let mut rng = Rng(seed);
        let mut block = Block::new(dim);
        let mut model: BTreeMap<(String, i64), HalfVector> = BTreeMap::new();
        for (step, key, id) in steps {
            let text_id = format!("t{id}");
            if step == 0 {
                if let Some(row) = block.find_row(EmbeddingId(key), &text_id) {
                    block.remove(row);
                }
                model.remove(&(text_id, key));
            } else {
                let vector = rng.vector(Kind::Wild, dim);
                block.upsert(EmbeddingId(key), &text_id, &vector).unwrap();
                model.insert((text_id, key), vector);
            }
        }
        prop_assert_eq!(block.len(), model.len());
        for ((text_id, key), vector) in &model {
            let row = block.find_row(EmbeddingId(*key), text_id).unwrap();
            prop_assert_eq!(block.id(row), Some(EmbeddingId(*key)));
            prop_assert_eq!(block.text_id(row), Some(text_id.as_str()));
            prop_assert_eq!(&block.vector(row).unwrap(), vector);
            let first = model.range((text_id.clone(), i64::MIN)..).next().unwrap();
            prop_assert_eq!(block.find(text_id).and_then(|row| block.id(row)), Some(EmbeddingId(first.0.1)));
        }
        for id in 0..60 {
            let text_id = format!("t{id}");
            let known = model.keys().any(|(other, _)| *other == text_id);
            prop_assert_eq!(block.find(&text_id).is_some(), known);
        }
        // What is searched is what the map holds: the norms and lines moved with their rows.
        let rows: Vec<Row> =
            model.into_iter().map(|((id, key), vector)| (key, id, vector)).collect();
        let query = rng.vector(Kind::Even, dim);
        let mut top = TopK::new(&query, 10, -2.0);
        top.offer_block(&block, |_| false).unwrap();
        prop_assert_eq!(top.into_sorted(), naive_top_k(&rows, &query, 10, -2.0));
    }
}
