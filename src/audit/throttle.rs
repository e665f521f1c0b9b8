//! Keeps a flood of failed logins from flooding the log.
//!
//! The first failures of an address within a minute are recorded one by one; what comes beyond
//! is counted and becomes one event when the minute is over. Pure: the caller brings the time and
//! records the events.

use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};

/// How many failures of one source are recorded one by one in a window.
const RECORDED_EACH_WINDOW: u32 = 10;

/// How long a window lasts. It begins with the first failure.
const WINDOW: SignedDuration = SignedDuration::from_mins(1);

/// How many sources are counted apart; all further ones share one count, so that an attacker
/// with many addresses costs no more memory than this.
const MAX_SOURCES: usize = 10_000;

/// Who failures are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// One IPv4 address.
    Address(IpAddr),
    /// An IPv6 network of 64 bits, by its first address: the usual size of what one customer
    /// gets (RFC 6177 section 2), and so of what one attacker can change within.
    Network64(Ipv6Addr),
    /// All sources for which there was no room.
    Others,
}

impl Source {
    /// The source that an address belongs to. An IPv4 address in IPv6 form (RFC 4291 section
    /// 2.5.5.2) is the IPv4 address.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::Address(IpAddr::V4(address)),
            IpAddr::V6(address) => {
                let network = address.to_bits() & !(u64::MAX as u128);
                Self::Network64(Ipv6Addr::from_bits(network))
            }
        }
    }
}

/// What to do with a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Record it as an event of its own.
    Record,
    /// It was counted, and [`FailureThrottle::due`] will tell of it.
    Suppress,
}

/// Failures that were counted instead of recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// Whose they were.
    pub source: Source,
    /// How many.
    pub count: u64,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    begin: Timestamp,
    recorded: u32,
    suppressed: u64,
}

impl Window {
    const fn new(begin: Timestamp) -> Self {
        Self {
            begin,
            recorded: 0,
            suppressed: 0,
        }
    }

    /// A clock that was set back ends the window too, or it would last until the clock has
    /// caught up.
    fn is_over(&self, now: Timestamp) -> bool {
        now < self.begin || now.duration_since(self.begin) >= WINDOW
    }

    fn count(&mut self, now: Timestamp) -> Decision {
        if self.is_over(now) {
            // What was not told yet is carried on, so that a late caller loses no count.
            self.begin = now;
            self.recorded = 0;
        }
        if self.recorded < RECORDED_EACH_WINDOW {
            self.recorded += 1;
            Decision::Record
        } else {
            self.suppressed = self.suppressed.saturating_add(1);
            Decision::Suppress
        }
    }
}

/// Counts authentication failures by source.
#[derive(Debug, Default)]
pub struct FailureThrottle {
    sources: HashMap<Source, Window>,
    others: Option<Window>,
}

impl FailureThrottle {
    /// Counts a failure and says whether it is to be recorded.
    pub fn on_failure(&mut self, address: IpAddr, now: Timestamp) -> Decision {
        let source = Source::of(address);
        let window = if self.sources.len() < MAX_SOURCES || self.sources.contains_key(&source) {
            self.sources
                .entry(source)
                .or_insert_with(|| Window::new(now))
        } else {
            self.others.get_or_insert_with(|| Window::new(now))
        };
        window.count(now)
    }

    /// The counts of the windows that are over, each told once, in order of their sources. To be
    /// called every few seconds; it also makes room for new sources.
    pub fn due(&mut self, now: Timestamp) -> Vec<Suppressed> {
        self.take(|window| window.is_over(now))
    }

    /// All counts, for a server that stops.
    pub fn drain(&mut self) -> Vec<Suppressed> {
        self.take(|_| true)
    }

    fn take(&mut self, is_over: impl Fn(&Window) -> bool) -> Vec<Suppressed> {
        let mut taken: Vec<(Source, Window)> = self
            .sources
            .extract_if(|_, window| is_over(window))
            .collect();
        if let Some(window) = self.others.take_if(|window| is_over(window)) {
            taken.push((Source::Others, window));
        }
        let mut told: Vec<Suppressed> = taken
            .into_iter()
            .filter(|(_, window)| window.suppressed > 0)
            .map(|(source, window)| Suppressed {
                source,
                count: window.suppressed,
            })
            .collect();
        told.sort_unstable_by_key(|suppressed| suppressed.source);
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + seconds).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn recorded(throttle: &mut FailureThrottle, address: &str, times: u32, now: i64) -> usize {
        (0..times)
            .filter(|_| throttle.on_failure(ip(address), at(now)) == Decision::Record)
            .count()
    }

    fn told(source: Source, count: u64) -> Suppressed {
        Suppressed { source, count }
    }

    #[test]
    fn ten_failures_a_minute_are_recorded_and_the_rest_become_one_count() {
        let mut throttle = FailureThrottle::default();
        let address = Source::Address(ip("192.0.2.1"));
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 25, 0), 10);
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 5, 59), 0);
        assert_eq!(throttle.due(at(59)), []);
        assert_eq!(throttle.due(at(60)), [told(address, 20)]);
        assert_eq!(throttle.due(at(61)), []);
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 11, 61), 10);
    }

    #[test]
    fn addresses_are_counted_apart() {
        let mut throttle = FailureThrottle::default();
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 11, 0), 10);
        assert_eq!(recorded(&mut throttle, "192.0.2.2", 11, 0), 10);
        assert_eq!(throttle.drain().len(), 2);
        assert_eq!(throttle.drain(), []);
    }

    #[test]
    fn a_count_survives_a_caller_who_comes_late() {
        let mut throttle = FailureThrottle::default();
        let address = Source::Address(ip("192.0.2.1"));
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 13, 0), 10);
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 12, 100), 10);
        assert_eq!(throttle.due(at(160)), [told(address, 5)]);
    }

    #[test]
    fn a_network_of_64_bits_is_one_source_and_mapped_addresses_are_ipv4() {
        let mut throttle = FailureThrottle::default();
        assert_eq!(recorded(&mut throttle, "2001:db8:1:2::1", 6, 0), 6);
        assert_eq!(recorded(&mut throttle, "2001:db8:1:2:ffff::9", 6, 0), 4);
        assert_eq!(recorded(&mut throttle, "2001:db8:1:3::1", 1, 0), 1);
        assert_eq!(recorded(&mut throttle, "::ffff:192.0.2.1", 6, 0), 6);
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 6, 0), 4);
        assert_eq!(
            throttle.drain(),
            [
                told(Source::Address(ip("192.0.2.1")), 2),
                told(Source::Network64("2001:db8:1:2::".parse().unwrap()), 2),
            ]
        );
    }

    #[test]
    fn sources_beyond_the_limit_share_one_count_and_a_known_one_keeps_its_own() {
        let mut throttle = FailureThrottle::default();
        let many = u32::try_from(MAX_SOURCES).unwrap();
        for number in 0..many + 50 {
            let address = IpAddr::V4(Ipv4Addr::from_bits(number));
            throttle.on_failure(address, at(0));
        }
        assert_eq!(throttle.sources.len(), MAX_SOURCES);
        assert_eq!(recorded(&mut throttle, "0.0.0.0", 10, 1), 9);
        assert_eq!(
            throttle.due(at(60)),
            [
                told(Source::Address(ip("0.0.0.0")), 1),
                told(Source::Others, 40)
            ]
        );
        assert!(throttle.sources.is_empty());
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_silence_the_log() {
        let mut throttle = FailureThrottle::default();
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 11, 0), 10);
        assert_eq!(recorded(&mut throttle, "192.0.2.1", 11, -3600), 10);
        assert_eq!(throttle.due(at(-3540)).len(), 1);
    }
}
