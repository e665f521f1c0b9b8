//! What becomes of the keys of deleted projects.

use super::read::{Reader, Rejected};
use super::settings::KEYS_SHRED_AFTER;
use jiff::{SignedDuration, Span, SpanRelativeTo};

/// Longer than anybody waits, and short enough that every point in time after it exists.
const LONGEST: SignedDuration = SignedDuration::from_hours(3650 * 24);

/// The settings of `[keys]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeysConfig {
    /// How long a deleted project can be brought back.
    pub shred_after: SignedDuration,
}

impl KeysConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let expects = "a time such as 30d or 12h, at most 3650d";
        Ok(Self {
            shred_after: reader.parsed(&KEYS_SHRED_AFTER, expects, duration)?,
        })
    }
}

/// Reads a time such as `30d`; a day is 24 hours.
fn duration(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let fits = !duration.is_negative() && duration <= LONGEST;
    fits.then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_and_is_neither_negative_nor_endless() {
        for (text, hours) in [("30d", 720), ("12h", 12), ("1d 6h", 30), ("0s", 0)] {
            let expected = SignedDuration::from_hours(hours);
            assert_eq!(duration(text), Some(expected), "{text}");
        }
        for text in ["", "30", "-1d", "3651d", "a month", "1y"] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
