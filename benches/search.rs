//! Speed of the exact search, beside what the memory can deliver.
//!
//! 100,000 rows of 384 binary16 values, k = 10, one thread. Four measurements: a `u64` sum over
//! the matrix (nothing that reads every row can be faster than reading), the search with the
//! kernel that this machine chooses, the search with the portable kernel, and a plain loop.
//!
//! - `cargo bench --bench search` lets criterion measure each, then prints the ratios.
//! - `cargo bench --bench search -- --ratios` prints the ratios alone, in about five seconds. They
//!   come from interleaved rounds, so that other load on the machine meets all of them alike.
//!
//! The budget: the search reaches at least 0.6 of the speed of the sum, and at least 5 times the
//! speed of the plain loop.

#![expect(
    clippy::print_stdout,
    reason = "the ratios are the result of this program"
)]
#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot build its input has to stop"
)]

use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use criterion::Criterion;
use criterion::Throughput;
use criterion::criterion_group;
use embsec::domain::ids::EmbeddingId;
use embsec::vector::Block;
use embsec::vector::HalfVector;
use embsec::vector::Hit;
use embsec::vector::Kernel;
use embsec::vector::RowLine;
use embsec::vector::TopK;

const ROWS: i64 = 100_000;
const DIM: usize = 384;
const K: usize = 10;
const ROUNDS: usize = 31;

struct Input {
    block: Block,
    query: HalfVector,
    query_f32: Vec<f32>,
}

impl Input {
    /// Makes the same random vectors on every run.
    fn new() -> Self {
        let mut state = 1_u64;
        let mut vector = || {
            let values: Vec<f32> = (0..DIM).map(|_| next_value(&mut state)).collect();
            HalfVector::from_f32(&values).unwrap()
        };
        let mut block = Block::with_capacity(DIM, usize::try_from(ROWS).unwrap());
        for key in 0..ROWS {
            block
                .push(EmbeddingId(key), &format!("passage-{key:06}"), &vector())
                .unwrap();
        }
        let query = vector();
        let query_f32 = query.to_f32();
        Self {
            block,
            query,
            query_f32,
        }
    }

    fn size_bytes(&self) -> u64 {
        u64::try_from(size_of_val(self.block.matrix())).unwrap()
    }

    fn search(&self, kernel: Kernel) -> Vec<Hit> {
        let mut top = TopK::new(&self.query, K, 0.0).with_kernel(kernel);
        top.offer_block(&self.block, |_| false).unwrap();
        top.into_sorted()
    }

    /// Sums the matrix as words. The compiler makes vector additions of it.
    fn sum(&self) -> u64 {
        self.block
            .matrix()
            .iter()
            .flat_map(RowLine::words)
            .fold(0, u64::wrapping_add)
    }

    /// What one would write first: convert a value, multiply, add, and keep the best cosine.
    fn plain(&self) -> f32 {
        let lines_per_row = self.block.matrix().len() / self.block.len();
        let mut best = f32::MIN;
        for row in self.block.matrix().chunks_exact(lines_per_row) {
            let (mut dot, mut squares) = (0.0, 0.0);
            for (query, half) in self
                .query_f32
                .iter()
                .zip(row.iter().flat_map(RowLine::halves))
            {
                let value = half.to_f32();
                dot += query * value;
                squares += value * value;
            }
            best = best.max(dot / f32::sqrt(squares));
        }
        best
    }
}

/// Returns a value from -0.5 to 0.5 (`SplitMix64`).
fn next_value(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    let [_, _, _, _, _, _, b0, b1] = (z ^ (z >> 31)).to_le_bytes();
    f32::from(u16::from_le_bytes([b0, b1])) / 65536.0 - 0.5
}

fn bench(c: &mut Criterion) {
    let input = Input::new();
    let mut group = c.benchmark_group("search_100k_x_384");
    group.throughput(Throughput::Bytes(input.size_bytes()));
    group.sample_size(30);
    group.bench_function("u64_sum", |b| b.iter(|| black_box(&input).sum()));
    for kernel in Kernel::available() {
        group.bench_function(format!("top_10_{}", kernel.name()), |b| {
            b.iter(|| black_box(&input).search(kernel));
        });
    }
    group.sample_size(10);
    group.bench_function("plain_loop", |b| b.iter(|| black_box(&input).plain()));
    group.finish();
}

criterion_group!(benches, bench);

/// Measures in turns and prints the ratios of the medians.
fn print_ratios() {
    let input = Input::new();
    let (best, portable) = (Kernel::best(), Kernel::portable());
    let mut times: [Vec<Duration>; 4] = Default::default();
    for _ in 0..ROUNDS {
        times[0].push(time(|| black_box(&input).sum()));
        times[1].push(time(|| black_box(&input).search(best)));
        times[2].push(time(|| black_box(&input).search(portable)));
        times[3].push(time(|| black_box(&input).plain()));
    }
    let [sum, search, portable, plain] = times.map(median_secs);
    println!("u64 sum            {:8.2} ms", sum * 1e3);
    println!("search, {:<10} {:8.2} ms", best.name(), search * 1e3);
    println!("search, portable   {:8.2} ms", portable * 1e3);
    println!("plain loop         {:8.2} ms", plain * 1e3);
    println!(
        "search speed / sum speed    {:6.2}   (at least 0.6)",
        sum / search
    );
    println!(
        "search speed / plain speed  {:6.2}   (at least 5)",
        plain / search
    );
}

fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn median_secs(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

fn main() {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    if !has("--ratios") {
        benches();
        Criterion::default().configure_from_args().final_summary();
    }
    // `cargo test --benches` runs each function once, to see that it works.
    if !has("--test") && !has("--list") {
        print_ratios();
    }
}
