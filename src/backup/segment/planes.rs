//! Floats, split by the places of their bytes and joined again. The first plane holds the
//! exponents of all, which compress well; the last ones are noise or, where the numbers were once
//! shorter, zeros.
//!
//! Each number is big-endian, as the server sends it, and rotated left by one bit, so that the
//! exponent fills the first byte. The loops are as simple as can be: that is what the compiler
//! turns into vector instructions of any machine.

/// The planes of one column within one block. The buffers are kept from block to block.
#[derive(Debug)]
pub(super) enum Planes {
    /// Of numbers of four bytes.
    Four(Buffers<4>),
    /// Of numbers of two bytes.
    Two(Buffers<2>),
}

/// A buffer for each place of a byte; all have the same length, of which `used` bytes count.
#[derive(Debug)]
pub(super) struct Buffers<const WIDTH: usize> {
    bytes: [Vec<u8>; WIDTH],
    used: usize,
}

impl<const WIDTH: usize> Buffers<WIDTH> {
    fn new() -> Self {
        Self {
            bytes: std::array::from_fn(|_| Vec::new()),
            used: 0,
        }
    }

    /// Room for more numbers, in every plane.
    fn more(&mut self, count: usize) -> [&mut [u8]; WIDTH] {
        let (start, end) = (self.used, self.used + count);
        self.used = end;
        self.bytes.each_mut().map(|plane| {
            if plane.len() < end {
                plane.resize(end.max(plane.len() * 2), 0);
            }
            plane.get_mut(start..end).unwrap_or_default()
        })
    }
}

impl Planes {
    /// Empty planes of numbers of this many bytes; none for another width than 4 and 2.
    pub(super) fn new(width: u8) -> Option<Self> {
        match width {
            4 => Some(Self::Four(Buffers::new())),
            2 => Some(Self::Two(Buffers::new())),
            _ => None,
        }
    }

    /// How many bytes a number has.
    pub(super) const fn width(&self) -> usize {
        match self {
            Self::Four(_) => 4,
            Self::Two(_) => 2,
        }
    }

    /// Forgets the numbers.
    pub(super) const fn clear(&mut self) {
        match self {
            Self::Four(buffers) => buffers.used = 0,
            Self::Two(buffers) => buffers.used = 0,
        }
    }

    /// Splits numbers to the ends of the planes. `values` is whole numbers.
    #[inline]
    pub(super) fn split(&mut self, values: &[u8]) {
        let count = values.len() / self.width();
        match self {
            Self::Four(buffers) => split_four(values, buffers.more(count)),
            Self::Two(buffers) => split_two(values, buffers.more(count)),
        }
    }

    /// The planes, the most significant first.
    pub(super) fn each(&self) -> impl Iterator<Item = &[u8]> {
        let (planes, used) = match self {
            Self::Four(buffers) => (buffers.bytes.as_slice(), buffers.used),
            Self::Two(buffers) => (buffers.bytes.as_slice(), buffers.used),
        };
        planes
            .iter()
            .map(move |plane| plane.get(..used).unwrap_or_default())
    }
}

/// Joins numbers of four bytes, or of two, from their planes; none for another number of planes.
/// All planes have as many bytes as there are numbers in `values`.
#[inline]
pub(super) fn join(planes: &[&[u8]], values: &mut [u8]) -> Option<()> {
    match *planes {
        [first, second, third, fourth] => {
            join_four([first, second, third, fourth], values);
            Some(())
        }
        [first, second] => {
            join_two([first, second], values);
            Some(())
        }
        _ => None,
    }
}

/// Rotates a big-endian number left by one bit. It was loaded little-endian, which needs no swap.
const fn rotate_four(number: u32) -> u32 {
    (number & 0x7f7f_7f7f) << 1 | number >> 15 & 0x0001_0101 | (number & 0x80) << 17
}

/// Turns [`rotate_four`] around.
const fn rotate_four_back(number: u32) -> u32 {
    number >> 1 & 0x7f7f_7f7f | (number & 0x0001_0101) << 15 | number >> 17 & 0x80
}

fn split_four(values: &[u8], planes: [&mut [u8]; 4]) {
    let (values, _) = values.as_chunks::<4>();
    let [first, second, third, fourth] = planes;
    let outs = first.iter_mut().zip(second).zip(third).zip(fourth);
    for (bytes, (((first, second), third), fourth)) in values.iter().zip(outs) {
        [*first, *second, *third, *fourth] = rotate_four(u32::from_le_bytes(*bytes)).to_le_bytes();
    }
}

fn join_four(planes: [&[u8]; 4], values: &mut [u8]) {
    let (values, _) = values.as_chunks_mut::<4>();
    let [first, second, third, fourth] = planes;
    let ins = first.iter().zip(second).zip(third).zip(fourth);
    for (bytes, (((first, second), third), fourth)) in values.iter_mut().zip(ins) {
        let number = u32::from_le_bytes([*first, *second, *third, *fourth]);
        *bytes = rotate_four_back(number).to_le_bytes();
    }
}

// A swap of two bytes is itself a rotation, so that nothing needs to be masked here.
fn split_two(values: &[u8], planes: [&mut [u8]; 2]) {
    let (values, _) = values.as_chunks::<2>();
    let [first, second] = planes;
    for (bytes, (first, second)) in values.iter().zip(first.iter_mut().zip(second)) {
        [*first, *second] = u16::from_le_bytes(*bytes).rotate_left(1).to_le_bytes();
    }
}

fn join_two(planes: [&[u8]; 2], values: &mut [u8]) {
    let (values, _) = values.as_chunks_mut::<2>();
    let [first, second] = planes;
    for (bytes, (first, second)) in values.iter_mut().zip(first.iter().zip(second)) {
        let number = u16::from_le_bytes([*first, *second]);
        *bytes = number.rotate_right(1).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_exponent_fills_the_first_plane_and_the_sign_ends_the_last() {
        let mut planes = Planes::new(4).unwrap();
        planes.split(&(-1.5_f32).to_be_bytes());
        let bytes: Vec<u8> = planes.each().map(|plane| plane[0]).collect();
        assert_eq!(bytes, [0x7f, 0x80, 0, 0x01]);
        let mut planes = Planes::new(2).unwrap();
        // Minus one and a half as binary16.
        planes.split(&[0xbe, 0x00]);
        let bytes: Vec<u8> = planes.each().map(|plane| plane[0]).collect();
        assert_eq!(bytes, [0x7c, 0x01]);
        assert!(Planes::new(3).is_none());
    }

    proptest! {
        #[test]
        fn joined_planes_are_what_was_split(
            width in prop_oneof![Just(4_u8), Just(2)],
            rows in prop::collection::vec(prop::collection::vec(any::<u32>(), 0..70), 0..4),
        ) {
            let mut planes = Planes::new(width).unwrap();
            planes.split(&[0xff; 64]);
            planes.clear();
            let mut all = Vec::new();
            for row in rows {
                let values: Vec<u8> = row.into_iter().flat_map(u32::to_ne_bytes).collect();
                planes.split(&values);
                all.extend(values);
            }
            let parts: Vec<&[u8]> = planes.each().collect();
            let mut joined = vec![0; all.len()];
            prop_assert!(join(&parts, &mut joined).is_some());
            prop_assert_eq!(joined, all);
        }
    }
}
