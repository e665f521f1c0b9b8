//! How far the quick pass can be from the reference, with the proof.

use super::simd::LANES;

/// Additions that the pairwise reduction of [`LANES`] partial sums puts on top of each.
const REDUCTION_DEPTH: u32 = LANES.ilog2();

/// Bounds `|approximate - reference|` for vectors of `dim` values, where *approximate* is the
/// cosine that [`TopK`](super::TopK) computes in single precision.
///
/// Let `u = 2^-24` and `v = 2^-53` be the unit roundoffs of `f32` and `f64`, `n = dim <= 16000`,
/// and `cos` the true cosine of the two binary16 vectors `a` and `b`.
///
/// *The dot product.* Converting binary16 to `f32` is exact. A product of two binary16 values has
/// at most 22 significant bits and lies between 2^-48 and 2^32, so that it is exact in `f32`, with
/// or without a fused multiply-add; sums are multiples of 2^-48 and at most 2^46, so that nothing
/// underflows or overflows. Only additions round. Every kernel adds the products in 32 lanes,
/// `ceil(n / 32)` in each, then the lanes in pairs, 5 deep. No product passes through more than
/// `h = ceil(n / 32) + 5` additions, and each multiplies it by `1 + d` with `|d| <= u`. Hence the
/// computed value is `dot + e` with `|e| <= g * sum |a_i b_i| <= g |a| |b|` (Cauchy-Schwarz),
/// where `g = hu / (1 - hu)` (Higham, *Accuracy and Stability of Numerical Algorithms*, section
/// 3.1). As `h <= 505`, `g <= 1.0001 hu`.
///
/// *The norms.* An inverse norm is a left-to-right sum of exact squares, a square root and a
/// division in `f64`, off by at most `(n + 4) v < 0.0001 u` relatively, and rounded to `f32`, by at
/// most `u` more: it lies between 2^-23 and 2^24, so that it is normal. Two of them and two
/// roundings of their multiplications make four factors `1 + d` with `|d| <= 1.0001 u`. A
/// multiplication cannot underflow: a dot product that is not zero is at least 2^-48, and
/// `2^-48 * 2^-23 * 2^-23 > 2^-126`. So
/// `|approximate - cos| <= g + 4.001 u (1 + g) < (1.0001 h + 4.01) u`.
///
/// *The reference* differs from `cos` by at most `(2n + 8) v < 0.0001 u`; for equal vectors, where
/// it is 1 by definition, it does not differ at all.
///
/// Together the distance is below `(h + 5) u`. The function returns twice that, which also covers
/// the `f64` subtraction and comparison that use it, and costs nothing: for 384 values it is
/// 2.6e-6, and few rows of a search fall into so narrow a band.
#[must_use]
pub fn error_bound(dim: usize) -> f64 {
    // A dimension above `u32::MAX` cannot occur; the bound stays a bound by saying infinity.
    u32::try_from(dim.div_ceil(LANES)).map_or(f64::INFINITY, |steps| {
        let depth = f64::from(steps) + f64::from(REDUCTION_DEPTH);
        2.0 * (depth + 5.0) * f64::from(f32::EPSILON / 2.0)
    })
}
