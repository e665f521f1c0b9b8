//! The dot products of the quick pass: for x86-64 with AVX2, and for every other machine.
//!
//! This is the only file of the project that holds `unsafe`: loads through pointers, and calls of
//! functions compiled for instructions that the machine was seen to have. Nothing that can be
//! written without it belongs here.
//!
//! Every kernel performs the same additions in the same order: product `i` goes to lane
//! `i mod 32`, and the lanes are then added in pairs, lane `i` with lane `i + 16`, `i + 8` and so
//! on. Products are exact (see [`error_bound`](super::error_bound)), so that a fused
//! multiply-add rounds like a multiplication and an addition. All kernels therefore return the
//! same bits.

#![expect(
    unsafe_code,
    reason = "vector loads need pointers, and run-time dispatch needs calls into functions of \
              another target feature; a portable scan is several times slower"
)]

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;

use half::f16;

/// Number of values in a line, and of partial sums in every kernel.
pub(super) const LANES: usize = 32;

/// A cache line of a stored row. Rows are padded with zeros to whole lines, which lets the kernels
/// do without a remainder.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub struct RowLine(pub(super) [f16; LANES]);

impl RowLine {
    /// Returns the values, padding included.
    #[must_use]
    #[inline]
    pub fn halves(&self) -> &[f16; LANES] {
        &self.0
    }

    /// Returns the same 64 bytes as words, for measuring how fast a matrix can be read at all.
    #[must_use]
    #[inline]
    pub fn words(&self) -> [u64; LANES / 4] {
        // SAFETY: both types have 64 bytes and no padding, and any bits are a valid `u64`.
        unsafe { std::mem::transmute::<[f16; LANES], [u64; LANES / 4]>(self.0) }
    }
}

/// The part of a query that meets one [`RowLine`].
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct QueryLine(pub(super) [f32; LANES]);

/// An implementation of the quick pass that this machine can run.
///
/// A value exists only after the processor was asked, which is what makes the calls in this file
/// sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kernel(Path);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Path {
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

impl Kernel {
    /// Returns the fastest kernel of this machine. The answer of the processor is kept by the
    /// standard library, so that asking again is cheap.
    #[must_use]
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2")
            && std::is_x86_feature_detected!("fma")
            && std::is_x86_feature_detected!("f16c")
        {
            return Self(Path::Avx2);
        }
        Self::portable()
    }

    /// Returns the kernel that runs everywhere.
    #[must_use]
    pub fn portable() -> Self {
        Self(Path::Portable)
    }

    /// Returns every kernel of this machine, the fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let (best, portable) = (Self::best(), Self::portable());
        if best == portable {
            vec![portable]
        } else {
            vec![best, portable]
        }
    }

    /// Returns a name for people: `avx2` or `portable`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Path::Avx2 => "avx2",
            Path::Portable => "portable",
        }
    }

    /// Writes the dot product of `query` with each row of `rows` to `dots`.
    ///
    /// `rows` holds the rows one after the other, each as long as `query`; a missing row leaves
    /// its place in `dots` alone.
    pub(super) fn dot_rows(self, query: &[QueryLine], rows: &[RowLine], dots: &mut [f32]) {
        if query.is_empty() {
            return;
        }
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Path::Avx2` is made only where AVX2, FMA and F16C were detected.
            Path::Avx2 => unsafe { avx2::dot_rows(query, rows, dots) },
            Path::Portable => portable::dot_rows(query, rows, dots),
        }
    }
}

/// Lines by which the x86 kernels fetch each row ahead, 2 KiB. The rows of a group are separate
/// streams that the hardware prefetcher follows late; asking early takes 20 % off the scan of
/// 100,000 rows of 384 values, and 1, 2 and 4 KiB differed little.
#[cfg(target_arch = "x86_64")]
const AHEAD_LINES: usize = 32;

/// Asks for the line that a scan reaches soon. Behind the end of the matrix it asks for nothing
/// useful, which is harmless.
#[cfg(target_arch = "x86_64")]
#[inline]
fn fetch_ahead(line: &RowLine) {
    let ahead = std::ptr::from_ref(line).wrapping_add(AHEAD_LINES);
    // SAFETY: a prefetch is a hint; it reads nothing and does not fault at any address.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(ahead.cast()) };
}

mod portable {
    use super::*;

    pub(super) fn dot_rows(query: &[QueryLine], rows: &[RowLine], dots: &mut [f32]) {
        for (row, dot) in rows.chunks_exact(query.len()).zip(dots) {
            let mut lanes = [0.0; LANES];
            for (query, row) in query.iter().zip(row) {
                for ((lane, query), half) in lanes.iter_mut().zip(&query.0).zip(&row.0) {
                    *lane += query * to_f32(*half);
                }
            }
            *dot = sum_in_pairs(lanes);
        }
    }

    /// Converts a finite value in a way that a compiler can spread over vector registers: the
    /// exponent is moved into place unbiased, and the multiplication adds the difference of the
    /// biases, 127 - 15, for normal and subnormal values alike. Both steps are exact.
    fn to_f32(half: f16) -> f32 {
        const BIAS: f32 = f32::from_bits((127 + 127 - 15) << 23);
        let bits = u32::from(half.to_bits());
        let magnitude = f32::from_bits((bits & 0x7fff) << 13) * BIAS;
        f32::from_bits(magnitude.to_bits() | (bits & 0x8000) << 16)
    }

    fn sum_in_pairs(mut lanes: [f32; LANES]) -> f32 {
        let mut width = LANES / 2;
        while width > 0 {
            let (low, high) = lanes.split_at_mut(width);
            for (low, high) in low.iter_mut().zip(high) {
                *low += *high;
            }
            width /= 2;
        }
        lanes[0]
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::*;

    /// Rows that are read together: two rows times four registers of partial sums hide the latency
    /// of the addition and leave registers for the operands.
    const ROWS: usize = 2;

    #[target_feature(enable = "avx2,fma,f16c")]
    pub(super) fn dot_rows(query: &[QueryLine], rows: &[RowLine], dots: &mut [f32]) {
        let width = query.len();
        let mut groups = dots.chunks_exact_mut(ROWS);
        let mut rows = rows;
        for group in &mut groups {
            let Some((head, tail)) = rows.split_at_checked(ROWS * width) else {
                return;
            };
            let (row_0, row_1) = head.split_at(width);
            let (mut sums_0, mut sums_1) = ([_mm256_setzero_ps(); 4], [_mm256_setzero_ps(); 4]);
            for ((query, row_0), row_1) in query.iter().zip(row_0).zip(row_1) {
                fetch_ahead(row_0);
                fetch_ahead(row_1);
                for (part, (sum_0, sum_1)) in sums_0.iter_mut().zip(&mut sums_1).enumerate() {
                    let query = load_query(query, part);
                    *sum_0 = _mm256_fmadd_ps(query, load_row(row_0, part), *sum_0);
                    *sum_1 = _mm256_fmadd_ps(query, load_row(row_1, part), *sum_1);
                }
            }
            group[0] = sum_in_pairs(sums_0);
            group[1] = sum_in_pairs(sums_1);
            rows = tail;
        }
        for (dot, row) in groups
            .into_remainder()
            .iter_mut()
            .zip(rows.chunks_exact(width))
        {
            let mut sums = [_mm256_setzero_ps(); 4];
            for (query, row) in query.iter().zip(row) {
                for (part, sum) in sums.iter_mut().enumerate() {
                    *sum = _mm256_fmadd_ps(load_query(query, part), load_row(row, part), *sum);
                }
            }
            *dot = sum_in_pairs(sums);
        }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma,f16c")]
    fn load_query(line: &QueryLine, part: usize) -> __m256 {
        let values = &line.0[8 * part..8 * part + 8];
        // SAFETY: the slice holds eight values, and an unaligned load has no other condition.
        unsafe { _mm256_loadu_ps(values.as_ptr()) }
    }

    #[inline]
    #[target_feature(enable = "avx2,fma,f16c")]
    fn load_row(line: &RowLine, part: usize) -> __m256 {
        let halves = &line.0[8 * part..8 * part + 8];
        // SAFETY: the slice holds eight values of 16 bits, and an unaligned load has no other
        // condition. `f16` is a transparent wrapper of `u16`.
        _mm256_cvtph_ps(unsafe { _mm_loadu_si128(halves.as_ptr().cast()) })
    }

    #[inline]
    #[target_feature(enable = "avx2,fma,f16c")]
    fn sum_in_pairs(sums: [__m256; 4]) -> f32 {
        let [part_0, part_1, part_2, part_3] = sums;
        let (low, high) = (_mm256_add_ps(part_0, part_2), _mm256_add_ps(part_1, part_3));
        sum_8(_mm256_add_ps(low, high))
    }

    /// Adds eight lanes in pairs.
    #[inline]
    #[target_feature(enable = "avx2,fma,f16c")]
    fn sum_8(lanes: __m256) -> f32 {
        let four = _mm_add_ps(
            _mm256_castps256_ps128(lanes),
            _mm256_extractf128_ps::<1>(lanes),
        );
        let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
        _mm_cvtss_f32(_mm_add_ss(two, _mm_shuffle_ps::<1>(two, two)))
    }
}
