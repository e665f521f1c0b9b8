//! Arithmetic in GF(256) modulo x⁸ + x⁴ + x³ + x + 1 (FIPS 197 section 4.2), without tables and
//! without branches on what is secret, so that the time tells nothing.

use zeroize::Zeroizing;

/// The reducing polynomial without its highest term.
const REDUCTION: u8 = 0x1b;

/// The product of two elements.
pub(super) const fn multiply(mut a: u8, b: u8) -> u8 {
    let mut product = 0;
    let mut bit = 0;
    while bit < 8 {
        // All ones where the bit is set, else all zeros.
        let wanted = ((b >> bit) & 1).wrapping_neg();
        product ^= a & wanted;
        let overflow = (a >> 7).wrapping_neg();
        a = (a << 1) ^ (REDUCTION & overflow);
        bit += 1;
    }
    product
}

/// The inverse of an element: its power of 254. Zero has none, and gives zero.
const fn invert(a: u8) -> u8 {
    // 254 = 2 + 4 + 8 + … + 128.
    let mut power = multiply(a, a);
    let mut inverse = power;
    let mut round = 0;
    while round < 6 {
        power = multiply(power, power);
        inverse = multiply(inverse, power);
        round += 1;
    }
    inverse
}

/// One step of Horner's rule for every byte at once: `sums = sums · x + row`.
pub(super) fn multiply_and_add(sums: &mut [u8], x: u8, row: &[u8]) {
    for (sum, addend) in sums.iter_mut().zip(row) {
        *sum = multiply(*sum, x) ^ addend;
    }
}

/// What the polynomials through these points are worth at a place (Lagrange). The places of the
/// points must differ; they are no secrets. The result is as long as the shortest point.
pub(super) fn interpolate(points: &[(u8, &[u8])], at: u8) -> Zeroizing<Vec<u8>> {
    let length = points.iter().map(|(_, bytes)| bytes.len()).min();
    let mut result = Zeroizing::new(vec![0; length.unwrap_or(0)]);
    for (x, bytes) in points {
        let weight = points
            .iter()
            .filter(|(other, _)| other != x)
            .fold(1, |weight, (other, _)| {
                multiply(weight, multiply(at ^ other, invert(x ^ other)))
            });
        for (sum, byte) in result.iter_mut().zip(*bytes) {
            *sum ^= multiply(weight, *byte);
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn products_are_those_of_the_standard() {
        // FIPS 197 sections 4.2 and 4.2.1.
        assert_eq!(multiply(0x57, 0x83), 0xc1);
        assert_eq!(multiply(0x57, 0x13), 0xfe);
        for a in 0..=u8::MAX {
            assert_eq!(multiply(a, 1), a);
            assert_eq!(multiply(a, 0), 0);
            for b in 0..=u8::MAX {
                assert_eq!(multiply(a, b), multiply(b, a));
            }
        }
    }

    #[test]
    fn every_element_but_zero_has_an_inverse() {
        for a in 1..=u8::MAX {
            assert_eq!(multiply(a, invert(a)), 1, "{a:#x}");
        }
        assert_eq!(invert(0), 0);
    }

    /// The vectors of bc-shamir, which keeps the secret at 255 as SLIP-0039 does.
    #[test]
    fn published_shares_give_the_published_secrets() {
        let first = [
            "00112233445566778899aabbccddeeff",
            "d43099fe444807c46921a4f33a2a798b",
            "d9ad4e3bec2e1a7485698823abf05d36",
            "0d8cf5f6ec337bc764d1866b5d07ca42",
            "1aa7fe3199bc5092ef3816b074cabdf2",
        ];
        let shares: Vec<Vec<u8>> = first
            .iter()
            .map(|text| HEXLOWER.decode(text.as_bytes()).unwrap())
            .collect();
        let all: Vec<(u8, &[u8])> = (0..).zip(shares.iter().map(Vec::as_slice)).collect();
        for chosen in [[0, 1, 2], [1, 2, 4], [0, 3, 4], [4, 2, 3]] {
            let points: Vec<_> = chosen.iter().map(|place| all[*place]).collect();
            let secret = HEXLOWER.encode(&interpolate(&points, 255));
            assert_eq!(secret, "0ff784df000c4380a5ed683f7e6e3dcf", "{chosen:?}");
            let third = interpolate(&points, 3);
            assert_eq!(*third, shares[3], "{chosen:?}");
        }
    }
}
