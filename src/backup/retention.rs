//! Which backups stay and which go: a pure function of the list, the policy, the time and the time
//! zone.
//!
//! Nothing here reads a clock, a folder or a catalogue, and nothing here removes anything. When a
//! backup was made comes from its id, never from the time of a file, which copying changes.
//!
//! A policy counts periods that *have* a verified backup, not days on the calendar: after a week
//! without backups, or with bad ones, the seven daily ones are still those of the last seven days on
//! which there was a good one.
//!
//! Only verified backups fill a slot. One that is not verified stays as long as it may still turn
//! out to be needed: while it is newer than the newest verified one, since it may be all there is of
//! that time, and while it is younger than the newest verified one may be old, since its verification
//! may be under way on another host. Afterwards it goes: there is a newer one that is known to be
//! good, and what fills no slot would otherwise stay for ever. Whoever wants to keep it for a closer
//! look pins it.

use crate::domain::backup::BackupId;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::fmt;

/// How far ahead of the clock a backup may be. Two hosts may differ by some minutes; by more, one of
/// the clocks is wrong, and nothing that depends on time can be decided.
const CLOCKS_MAY_DIFFER: SignedDuration = SignedDuration::from_hours(1);

/// What is asked of a backup to judge it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Which.
    pub id: BackupId,
    /// When it began, by its id and manifest.
    pub at: Timestamp,
    /// Whether its newest verification found it whole.
    pub is_verified: bool,
    /// Whether somebody pinned it.
    pub is_pinned: bool,
}

/// Where a destination stands among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// On the machine or beside it: fast to restore from.
    Local,
    /// Elsewhere.
    Offsite,
    /// Where storing is cheap and fetching is not.
    Cold,
}

/// How many periods of each length keep their newest verified backup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// Days.
    pub daily: u32,
    /// ISO weeks.
    pub weekly: u32,
    /// Months.
    pub monthly: u32,
    /// Years.
    pub yearly: u32,
}

impl Default for Policy {
    /// That of a single destination: 7 daily, 4 weekly, 12 monthly, 7 yearly.
    fn default() -> Self {
        Self {
            daily: 7,
            weekly: 4,
            monthly: 12,
            yearly: 7,
        }
    }
}

impl Policy {
    /// The usual one of a tier: 7 daily locally; 4 weekly beside them offsite; all in the cold.
    #[must_use]
    pub const fn of(tier: Tier) -> Self {
        let (weekly, monthly, yearly) = match tier {
            Tier::Local => (0, 0, 0),
            Tier::Offsite => (4, 0, 0),
            Tier::Cold => (4, 12, 7),
        };
        Self {
            daily: 7,
            weekly,
            monthly,
            yearly,
        }
    }

    /// Whether it keeps nothing at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.daily == 0 && self.weekly == 0 && self.monthly == 0 && self.yearly == 0
    }

    const fn count(&self, length: Length) -> u32 {
        match length {
            Length::Day => self.daily,
            Length::Week => self.weekly,
            Length::Month => self.monthly,
            Length::Year => self.yearly,
        }
    }
}

/// How long a period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// A day.
    Day,
    /// A week of ISO 8601, which begins on Monday.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
}

impl Length {
    const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Year];

    /// The word of the rule.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "daily",
            Self::Week => "weekly",
            Self::Month => "monthly",
            Self::Year => "yearly",
        }
    }

    /// The period of this length around a day.
    fn bucket(self, day: Date) -> Bucket {
        match self {
            Self::Day => Bucket::Day(day),
            Self::Week => {
                let week = day.iso_week_date();
                Bucket::Week {
                    year: week.year(),
                    week: week.week(),
                }
            }
            Self::Month => Bucket::Month {
                year: day.year(),
                month: day.month(),
            },
            Self::Year => Bucket::Year(day.year()),
        }
    }
}

/// A period on the calendar of the time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// A day.
    Day(Date),
    /// A week. Around New Year its year may be another than that of its days.
    Week {
        /// The year of ISO 8601.
        year: i16,
        /// From 1 to 53.
        week: i8,
    },
    /// A month.
    Month {
        /// The year.
        year: i16,
        /// From 1 to 12.
        month: i8,
    },
    /// A year.
    Year(i16),
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(f, "{day}"),
            Self::Week { year, week } => write!(f, "{year:04}-W{week:02}"),
            Self::Month { year, month } => write!(f, "{year:04}-{month:02}"),
            Self::Year(year) => write!(f, "{year:04}"),
        }
    }
}

impl Serialize for Bucket {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why nothing goes at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Halt {
    /// The policy keeps nothing, which nobody means.
    EmptyPolicy,
    /// No backup is verified.
    NoneVerified,
    /// The newest verified one is older than it may be: backups have been failing, and the old ones
    /// are the good ones.
    NewestTooOld {
        /// The newest verified one.
        id: BackupId,
        /// When it began.
        at: Timestamp,
    },
    /// A backup is from the future: this clock was set back, or another one was ahead.
    FromTheFuture {
        /// The one that is furthest ahead.
        id: BackupId,
        /// When it says it began.
        at: Timestamp,
    },
}

impl fmt::Display for Halt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyPolicy => f.write_str("the policy keeps nothing"),
            Self::NoneVerified => f.write_str("no backup is verified"),
            Self::NewestTooOld { id, .. } => {
                write!(f, "the newest verified backup, {id}, is too old")
            }
            Self::FromTheFuture { id, .. } => {
                write!(f, "the backup {id} is from the future, so a clock is wrong")
            }
        }
    }
}

/// A reason for which a backup stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "kebab-case")]
pub enum Rule {
    /// The newest verified one of a period that counts.
    Newest {
        /// How long such periods are.
        length: Length,
        /// Which.
        period: Bucket,
    },
    /// The newest verified one of all.
    NewestVerified,
    /// Somebody pinned it.
    Pinned,
    /// Not verified, and newer than every verified one.
    NewerThanVerified,
    /// Not verified, and so young that it may be under way.
    TooRecent,
    /// The oldest verified one, as long as a rule has not as many periods as it may have: what is
    /// to become the first yearly one must not go as the eighth daily one.
    OldestWhileUnfilled {
        /// The lengths that are not filled.
        unfilled: Vec<Length>,
    },
    /// Nothing goes at all. Stands alone: other rules would let it go.
    NothingExpires {
        /// Why.
        #[serde(flatten)]
        halt: Halt,
    },
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest { length, period } => write!(f, "{} {period}", length.as_str()),
            Self::NewestVerified => f.write_str("the newest verified one"),
            Self::Pinned => f.write_str("pinned"),
            Self::NewerThanVerified => f.write_str("newer than every verified one"),
            Self::TooRecent => f.write_str("too recent to judge"),
            Self::OldestWhileUnfilled { unfilled } => {
                let names: Vec<&str> = unfilled.iter().map(|length| length.as_str()).collect();
                write!(f, "the oldest one, until {} is full", names.join(", "))
            }
            Self::NothingExpires { halt } => write!(f, "nothing goes: {halt}"),
        }
    }
}

/// A backup and what keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// The backup.
    pub backup: Kept,
    /// What keeps it; nothing, when it goes.
    pub rules: Vec<Rule>,
}

impl Judged {
    /// Whether it goes.
    #[must_use]
    pub const fn goes(&self) -> bool {
        self.rules.is_empty()
    }
}

/// Every backup with what keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The backups, the newest first.
    pub judged: Vec<Judged>,
    /// Why nothing goes, where that is so.
    pub halt: Option<Halt>,
}

impl Plan {
    /// Those that go, the oldest first, so that a run that is cut off leaves the newest.
    pub fn going(&self) -> impl Iterator<Item = &BackupId> {
        self.judged
            .iter()
            .rev()
            .filter(|judged| judged.goes())
            .map(|judged| &judged.backup.id)
    }
}

/// Says of every backup what keeps it. `newest_max_age` is how old the newest verified one may be.
///
/// The newest verified backup never goes, nor does a pinned one; and nothing goes while there is a
/// [`Halt`]. Planning again after what goes is gone lets nothing else go.
#[must_use]
pub fn plan(
    backups: &[Kept],
    policy: &Policy,
    newest_max_age: SignedDuration,
    now: Timestamp,
    tz: &TimeZone,
) -> Plan {
    let mut judged: Vec<Judged> = backups
        .iter()
        .map(|backup| Judged {
            backup: backup.clone(),
            rules: Vec::new(),
        })
        .collect();
    judged.sort_by(|a, b| (b.backup.at, &b.backup.id).cmp(&(a.backup.at, &a.backup.id)));
    let unfilled: Vec<Length> = Length::ALL
        .into_iter()
        .filter(|length| !fill(&mut judged, *length, policy.count(*length), tz))
        .collect();
    keep_by_itself(&mut judged, &unfilled, newest_max_age, now);
    let halt = halt(&judged, policy, newest_max_age, now);
    if let Some(halt) = &halt {
        for judged in judged.iter_mut().filter(|judged| judged.goes()) {
            let halt = halt.clone();
            judged.rules.push(Rule::NothingExpires { halt });
        }
    }
    Plan { judged, halt }
}

/// Keeps the newest verified one of each of the newest `count` periods that have one. Returns
/// whether there are so many.
fn fill(judged: &mut [Judged], length: Length, count: u32, tz: &TimeZone) -> bool {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    // All of them, not the last one alone: where clocks go back over midnight, a day begins twice.
    let mut filled = Vec::new();
    for judged in judged.iter_mut().filter(|judged| judged.backup.is_verified) {
        if filled.len() == count {
            break;
        }
        let period = length.bucket(tz.to_datetime(judged.backup.at).date());
        if !filled.contains(&period) {
            filled.push(period);
            judged.rules.push(Rule::Newest { length, period });
        }
    }
    filled.len() == count
}

/// The rules that are not about periods.
fn keep_by_itself(
    judged: &mut [Judged],
    unfilled: &[Length],
    newest_max_age: SignedDuration,
    now: Timestamp,
) {
    let is_verified = |judged: &Judged| judged.backup.is_verified;
    let newest = judged.iter().position(is_verified);
    let oldest = judged.iter().rposition(is_verified);
    for (place, judged) in judged.iter_mut().enumerate() {
        if judged.backup.is_pinned {
            judged.rules.push(Rule::Pinned);
        }
        if newest == Some(place) {
            judged.rules.push(Rule::NewestVerified);
        }
        if oldest == Some(place) && !unfilled.is_empty() {
            judged.rules.push(Rule::OldestWhileUnfilled {
                unfilled: unfilled.to_vec(),
            });
        }
        if judged.backup.is_verified {
            continue;
        }
        if newest.is_none_or(|newest| place < newest) {
            judged.rules.push(Rule::NewerThanVerified);
        } else if now.duration_since(judged.backup.at) <= newest_max_age {
            judged.rules.push(Rule::TooRecent);
        }
    }
}

/// Why nothing may go. `judged` begins with the newest.
fn halt(
    judged: &[Judged],
    policy: &Policy,
    newest_max_age: SignedDuration,
    now: Timestamp,
) -> Option<Halt> {
    let newest = &judged.first()?.backup;
    if policy.is_empty() {
        return Some(Halt::EmptyPolicy);
    }
    if newest.at.duration_since(now) > CLOCKS_MAY_DIFFER {
        return Some(Halt::FromTheFuture {
            id: newest.id.clone(),
            at: newest.at,
        });
    }
    let Some(verified) = judged.iter().find(|judged| judged.backup.is_verified) else {
        return Some(Halt::NoneVerified);
    };
    let backup = &verified.backup;
    (now.duration_since(backup.at) > newest_max_age).then(|| Halt::NewestTooOld {
        id: backup.id.clone(),
        at: backup.at,
    })
}

#[cfg(test)]
mod tests;
