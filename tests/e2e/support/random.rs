//! Chance that can be repeated: the seed is printed, and can be given.

use super::process::variable;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// From how many rounds on a loop is no sample any more.
const FULL: u32 = 50;

/// A small generator (splitmix64), good enough to choose moments.
pub(crate) struct Random(u64);

impl Random {
    /// Takes `EMBSEC_TEST_SEED`, or a fresh seed. Prints it, so that a failure can be repeated.
    #[expect(clippy::print_stderr, reason = "a test shows its output when it fails")]
    pub(crate) fn seeded() -> Self {
        let given = variable("EMBSEC_TEST_SEED").map(|text| text.parse().unwrap());
        let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        eprintln!("EMBSEC_TEST_SEED={seed}");
        Self(seed)
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A time between these two.
    pub(crate) fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let span = u64::try_from((most - least).as_micros()).unwrap().max(1);
        least + Duration::from_micros(self.next() % span)
    }
}

/// How often a long loop runs: `EMBSEC_TEST_ROUNDS`, or a sample of 5.
pub(crate) fn rounds() -> u32 {
    variable("EMBSEC_TEST_ROUNDS").map_or(5, |text| text.parse().unwrap())
}

/// How many rows a long loop has: 20,000, or 1,000 where it is only a sample.
pub(crate) fn many_rows() -> u32 {
    if rounds() >= FULL { 20_000 } else { 1_000 }
}
