//! Time, injected.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The time zone of this name, by the database of the system; `system` is that of the machine, and
/// `UTC` needs no database.
#[must_use]
pub fn time_zone(name: &str) -> Option<TimeZone> {
    let found = match name {
        "UTC" => return Some(TimeZone::UTC),
        "system" => TimeZone::try_system(),
        name => TimeZone::get(name),
    };
    found.ok().filter(|zone| !zone.is_unknown())
}

/// A clock that stands still until it is told otherwise, for tests.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// Starts at this moment.
    #[must_use]
    pub fn at(moment: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(moment.as_millisecond())))
    }

    /// Moves on, or back when negative.
    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_zone_is_known_by_its_name_or_not_at_all() {
        assert_eq!(time_zone("UTC"), Some(TimeZone::UTC));
        let berlin = time_zone("Europe/Berlin").unwrap();
        assert_eq!(berlin.iana_name(), Some("Europe/Berlin"));
        for wrong in [
            "",
            "Berlin",
            "Europe/Berlim",
            "Etc/Unknown",
            "../../etc/passwd",
        ] {
            assert_eq!(time_zone(wrong), None, "{wrong}");
        }
    }
}
