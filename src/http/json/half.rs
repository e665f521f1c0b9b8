//! The texts of all binary16 values, because vectors are most of what is written.
//!
//! A vector of an answer holds binary16 values in binary32. There are few enough of them to write
//! each once and to copy it from then on.

use super::go;
use ::half::f16;
use std::sync::LazyLock;

/// Longest text of a value from the table: sign, `0.`, 4 zeros, 9 digits.
const TEXT_MAX_BYTES: usize = 16;

/// Bits of a binary32 below those of a binary16.
const LOWER_BITS: u32 = 13;

/// What is added to the exponent of a binary16 to have that of the same binary32.
const EXPONENT_DIFFERENCE: u32 = 112;

/// Exponents of a binary16, bias included, that are neither of zero, nor subnormal, nor infinite.
const NORMAL_EXPONENTS: std::ops::RangeInclusive<u32> = 1..=30;

/// The text of one value.
#[derive(Clone, Copy, Default)]
struct Text {
    length: u8,
    bytes: [u8; TEXT_MAX_BYTES],
}

/// By the bits of the value. About one MiB, made when the first vector is written.
static TEXTS: LazyLock<Vec<Text>> = LazyLock::new(|| {
    (0..=u16::MAX)
        .map(|bits| text_of(bits).unwrap_or_default())
        .collect()
});

/// The text of a value that is a normal binary16; `None` for any other.
pub(super) fn text(value: f32) -> Option<&'static [u8]> {
    let text = TEXTS.get(usize::from(half_bits(value)?))?;
    let written = text.bytes.get(..usize::from(text.length))?;
    (!written.is_empty()).then_some(written)
}

/// The value as a binary16, if it is a normal one exactly.
fn half_bits(value: f32) -> Option<u16> {
    let bits = value.to_bits();
    let (rest, lower) = (bits >> LOWER_BITS, bits & ((1 << LOWER_BITS) - 1));
    let exponent = ((rest >> 10) & 0xff).checked_sub(EXPONENT_DIFFERENCE)?;
    if lower != 0 || !NORMAL_EXPONENTS.contains(&exponent) {
        return None;
    }
    let (sign, fraction) = (bits >> 31, rest & 0x3ff);
    u16::try_from((sign << 15) | (exponent << 10) | fraction).ok()
}

/// Writes the value with these bits, if it is a normal one.
fn text_of(bits: u16) -> Option<Text> {
    let value = f16::from_bits(bits).to_f32();
    half_bits(value)?;
    let mut text = Text::default();
    let mut rest = &mut text.bytes[..];
    go::write_shortest_f32(&mut rest, value).ok()?;
    let left = rest.len();
    text.length = u8::try_from(TEXT_MAX_BYTES - left).ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_normal_binary16_has_the_text_that_the_encoder_writes() {
        let mut count = 0;
        for half in (0..=u16::MAX).map(f16::from_bits) {
            let value = half.to_f32();
            let Some(text) = text(value) else {
                assert!(!half.is_normal(), "{half:?} has no text");
                continue;
            };
            let mut written = Vec::new();
            go::write_shortest_f32(&mut written, value).unwrap();
            assert_eq!(text, written, "{half:?}");
            count += 1;
        }
        // Two signs, thirty exponents, ten bits of fraction.
        assert_eq!(count, 2 * 30 * 1024);
    }

    proptest! {
        #[test]
        fn only_a_binary16_is_taken_for_one(bits: u32) {
            let value = f32::from_bits(bits);
            if let Some(half) = half_bits(value) {
                prop_assert_eq!(f16::from_bits(half).to_f32().to_bits(), bits);
            }
        }
    }
}
