//! What holds for every list, and what single calendars do.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

const MAX_AGE: SignedDuration = SignedDuration::from_hours(26);
const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    // Half an hour of summer time.
    "Australia/Lord_Howe",
    // Went back over midnight, so that days begin twice.
    "America/St_Johns",
    // Left out the 30th of December 2011.
    "Pacific/Apia",
];

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn verified(at: Timestamp) -> Kept {
    Kept {
        id: BackupId::new(at, [0; 6]),
        at,
        is_verified: true,
        is_pinned: false,
    }
}

fn unverified(at: Timestamp) -> Kept {
    Kept {
        is_verified: false,
        ..verified(at)
    }
}

/// One a day, the newest first.
fn days(newest: &str, count: u32) -> Vec<Kept> {
    let newest = time(newest);
    (0..i64::from(count))
        .map(|n| verified(newest - SignedDuration::from_hours(24 * n)))
        .collect()
}

fn planned(backups: &[Kept], now: &str) -> Plan {
    plan(
        backups,
        &Policy::default(),
        MAX_AGE,
        time(now),
        &TimeZone::UTC,
    )
}

fn staying(plan: &Plan) -> BTreeSet<BackupId> {
    let stays = |judged: &&Judged| !judged.goes();
    let ids = plan.judged.iter().filter(stays);
    ids.map(|judged| judged.backup.id.clone()).collect()
}

fn rules_of(plan: &Plan, day: &str) -> Vec<String> {
    let judged = plan
        .judged
        .iter()
        .find(|judged| judged.backup.at.to_string().starts_with(day))
        .unwrap_or_else(|| panic!("no backup of {day}"));
    judged.rules.iter().map(ToString::to_string).collect()
}

/// What is left of a list.
fn after(backups: &[Kept], plan: &Plan) -> Vec<Kept> {
    let stays = staying(plan);
    let mut left = backups.to_vec();
    left.retain(|backup| stays.contains(&backup.id));
    left
}

#[test]
fn an_empty_catalogue_has_an_empty_plan() {
    let plan = planned(&[], "2026-11-28T12:00:00Z");
    assert!(plan.judged.is_empty() && plan.halt.is_none());
}

#[test]
fn ten_years_of_days_leave_seven_days_four_weeks_twelve_months_and_seven_years() {
    let backups = days("2026-11-28T01:00:00Z", 3653);
    let plan = planned(&backups, "2026-11-28T12:00:00Z");
    assert_eq!(plan.halt, None);
    let count = |wanted: Length| {
        let rules = plan.judged.iter().flat_map(|judged| &judged.rules);
        rules
            .filter(|rule| matches!(rule, Rule::Newest { length, .. } if *length == wanted))
            .count()
    };
    assert_eq!(Length::ALL.map(count), [7, 4, 12, 7]);
    let stays: Vec<String> = staying(&plan)
        .iter()
        .map(|id| id.as_str()[..8].to_owned())
        .collect();
    let expected = [
        "20201231", "20211231", "20221231", "20231231", "20241231", "20251231", "20260131",
        "20260228", "20260331", "20260430", "20260531", "20260630", "20260731", "20260831",
        "20260930", "20261031", "20261108", "20261115", "20261122", "20261123", "20261124",
        "20261125", "20261126", "20261127", "20261128",
    ];
    assert_eq!(stays, expected);
    assert_eq!(
        rules_of(&plan, "2026-11-28"),
        [
            "daily 2026-11-28",
            "weekly 2026-W48",
            "monthly 2026-11",
            "yearly 2026",
            "the newest verified one"
        ]
    );
    assert_eq!(
        plan.going().next().unwrap().as_str(),
        "20161128T010000Z-aaaaaa"
    );
}

#[test]
fn the_tiers_are_those_of_the_policy_that_the_seed_states() {
    let counts = |policy: Policy| [policy.daily, policy.weekly, policy.monthly, policy.yearly];
    assert_eq!(counts(Policy::of(Tier::Local)), [7, 0, 0, 0]);
    assert_eq!(counts(Policy::of(Tier::Offsite)), [7, 4, 0, 0]);
    assert_eq!(counts(Policy::of(Tier::Cold)), [7, 4, 12, 7]);
    assert_eq!(Policy::of(Tier::Cold), Policy::default());
}

#[test]
fn the_oldest_stays_until_every_rule_is_full() {
    let backups = days("2026-11-28T01:00:00Z", 20);
    let plan = planned(&backups, "2026-11-28T12:00:00Z");
    assert_eq!(
        rules_of(&plan, "2026-11-09"),
        ["the oldest one, until weekly, monthly, yearly is full"]
    );
    let local = Policy::of(Tier::Local);
    let now = time("2026-11-28T12:00:00Z");
    let full = super::plan(&backups, &local, MAX_AGE, now, &TimeZone::UTC);
    assert_eq!(staying(&full).len(), 7);
}

#[test]
fn seven_bad_days_remove_no_good_backup() {
    let good = days("2026-11-20T01:00:00Z", 7);
    let mut backups: Vec<Kept> = days("2026-11-27T01:00:00Z", 7);
    for backup in &mut backups {
        backup.is_verified = false;
    }
    backups.extend(good.clone());
    let plan = planned(&backups, "2026-11-27T12:00:00Z");
    assert!(matches!(plan.halt, Some(Halt::NewestTooOld { .. })));
    assert_eq!(plan.going().count(), 0);
    // Then one is good: the bad ones go, and the good ones still fill the seven days.
    backups.push(verified(time("2026-11-28T01:00:00Z")));
    let plan = planned(&backups, "2026-11-28T02:00:00Z");
    let stays = staying(&plan);
    assert!(good.iter().all(|backup| stays.contains(&backup.id)));
    assert_eq!(plan.going().count(), 6);
    assert_eq!(rules_of(&plan, "2026-11-27"), ["too recent to judge"]);
}

#[test]
fn nothing_goes_when_none_is_verified_or_the_policy_is_empty() {
    let mut backups = days("2026-11-28T01:00:00Z", 100);
    let now = time("2026-11-28T12:00:00Z");
    let none = Policy {
        daily: 0,
        weekly: 0,
        monthly: 0,
        yearly: 0,
    };
    let plan = plan(&backups, &none, MAX_AGE, now, &TimeZone::UTC);
    assert_eq!((plan.halt, backups.len()), (Some(Halt::EmptyPolicy), 100));
    for backup in &mut backups {
        backup.is_verified = false;
    }
    let plan = planned(&backups, "2026-11-28T12:00:00Z");
    assert_eq!(plan.halt, Some(Halt::NoneVerified));
    assert_eq!(plan.going().count(), 0);
}

#[test]
fn nothing_goes_while_a_clock_is_wrong() {
    let backups = days("2026-11-28T01:00:00Z", 100);
    for (now, halts) in [
        ("2026-11-28T00:00:00Z", false),
        ("2026-11-27T23:59:59Z", true),
        ("2024-01-01T00:00:00Z", true),
        // Set ahead instead: the newest one looks old.
        ("2027-11-28T00:00:00Z", true),
    ] {
        let plan = planned(&backups, now);
        assert_eq!(plan.halt.is_some(), halts, "{now}: {:?}", plan.halt);
        assert_eq!(plan.going().count() == 0, halts, "{now}");
    }
}

#[test]
fn an_unverified_backup_stays_while_it_may_be_needed() {
    let backups = [
        unverified(time("2026-11-28T03:00:00Z")),
        verified(time("2026-11-28T02:00:00Z")),
        unverified(time("2026-11-28T01:00:00Z")),
        unverified(time("2026-11-26T01:00:00Z")),
        Kept {
            is_pinned: true,
            ..unverified(time("2026-11-25T01:00:00Z"))
        },
    ];
    let plan = planned(&backups, "2026-11-28T12:00:00Z");
    let rules: Vec<usize> = plan
        .judged
        .iter()
        .map(|judged| judged.rules.len())
        .collect();
    assert_eq!(plan.judged[0].rules, [Rule::NewerThanVerified]);
    assert_eq!(plan.judged[2].rules, [Rule::TooRecent]);
    assert_eq!(plan.judged[4].rules, [Rule::Pinned]);
    assert_eq!(rules[3], 0);
}

#[test]
fn a_day_is_one_of_the_time_zone_and_may_have_23_or_25_hours() {
    // The night of 24 to 25 October 2026: Berlin has 25 hours, New York is six hours behind.
    let backups: Vec<Kept> = [
        "2026-10-24T21:30:00Z",
        "2026-10-24T22:30:00Z",
        "2026-10-25T22:30:00Z",
    ]
    .map(|at| verified(time(at)))
    .to_vec();
    let local = Policy::of(Tier::Local);
    let now = time("2026-10-25T23:00:00Z");
    for (name, days) in [
        ("Europe/Berlin", ["2026-10-24", "2026-10-25"].as_slice()),
        ("America/New_York", &["2026-10-24", "2026-10-25"]),
        ("Australia/Lord_Howe", &["2026-10-25", "2026-10-26"]),
    ] {
        let plan = plan(&backups, &local, MAX_AGE, now, &zone(name));
        let mut found: Vec<String> = plan
            .judged
            .iter()
            .flat_map(|judged| &judged.rules)
            .filter_map(|rule| match rule {
                Rule::Newest { period, .. } => Some(period.to_string()),
                _ => None,
            })
            .collect();
        found.sort();
        assert_eq!(found, days, "{name}");
    }
    let berlin = plan(&backups, &local, MAX_AGE, now, &zone("Europe/Berlin"));
    // The two of the 25th are 24 hours apart, and the older one goes only when all slots are full.
    assert_eq!(berlin.going().count(), 1);
}

#[test]
fn a_day_that_begins_twice_counts_once() {
    // A minute into the 7th, clocks in St. John's went back into the 6th.
    let backups: Vec<Kept> = [
        "2010-11-07T02:00:00Z",
        "2010-11-07T02:30:30Z",
        "2010-11-07T03:00:00Z",
    ]
    .map(|at| verified(time(at)))
    .to_vec();
    let three = Policy {
        daily: 3,
        ..Policy::of(Tier::Local)
    };
    let now = time("2010-11-07T04:00:00Z");
    let plan = plan(&backups, &three, MAX_AGE, now, &zone("America/St_Johns"));
    let days: Vec<&Rule> = plan.judged.iter().map(|judged| &judged.rules[0]).collect();
    let texts = days.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        texts,
        [
            "daily 2010-11-06",
            "daily 2010-11-07",
            "the oldest one, until daily is full"
        ]
    );
}

#[test]
fn leap_days_and_weeks_around_new_year_are_periods_like_others() {
    let backups: Vec<Kept> = [
        "2024-02-28T01:00:00Z",
        "2024-02-29T01:00:00Z",
        "2024-03-01T01:00:00Z",
        "2024-12-29T01:00:00Z",
        "2024-12-30T01:00:00Z",
        "2025-01-01T01:00:00Z",
    ]
    .map(|at| verified(time(at)))
    .to_vec();
    let plan = planned(&backups, "2025-01-01T12:00:00Z");
    let monthly = rules_of(&plan, "2024-02-29");
    assert_eq!(monthly, ["daily 2024-02-29", "monthly 2024-02"]);
    assert!(rules_of(&plan, "2025-01-01").contains(&"weekly 2025-W01".to_owned()));
    assert_eq!(
        rules_of(&plan, "2024-12-30"),
        ["daily 2024-12-30", "monthly 2024-12", "yearly 2024"]
    );
    assert!(rules_of(&plan, "2024-12-29").contains(&"weekly 2024-W52".to_owned()));
}

#[test]
fn a_plan_reads_well_in_json() {
    let backups = days("2026-11-28T01:00:00Z", 1);
    let plan = planned(&backups, "2026-11-30T12:00:00Z");
    let rules = serde_json::to_string(&plan.judged[0].rules[..2]).unwrap();
    assert_eq!(
        rules,
        "[{\"rule\":\"newest\",\"length\":\"day\",\"period\":\"2026-11-28\"},\
         {\"rule\":\"newest\",\"length\":\"week\",\"period\":\"2026-W48\"}]"
    );
    let halt = Rule::NothingExpires {
        halt: plan.halt.unwrap(),
    };
    assert_eq!(
        serde_json::to_string(&halt).unwrap(),
        "{\"rule\":\"nothing-expires\",\"because\":\"newest-too-old\",\
         \"id\":\"20261128T010000Z-aaaaaa\",\"at\":\"2026-11-28T01:00:00Z\"}"
    );
}

/// Any list around some years, with a newest one that is verified and not too old.
fn lists() -> impl Strategy<Value = (Vec<Kept>, Timestamp)> {
    let start = time("2009-06-01T00:00:00Z").as_second();
    let span = 4 * 366 * 24 * 3600;
    // Many close together, so that periods have several.
    let at = prop_oneof![0..span, (span - 40 * 24 * 3600)..span];
    let backup = (at, prop::bool::weighted(0.8), prop::bool::weighted(0.05));
    prop::collection::vec(backup, 0..80).prop_map(move |mut found| {
        found.push((span, true, false));
        let kept = |(index, (second, is_verified, is_pinned)): (usize, (i64, bool, bool))| {
            let at = Timestamp::from_second(start + second).unwrap();
            let digit = |number: usize| u8::try_from(number % 32).unwrap();
            let random = [0, 0, 0, 0, digit(index / 32), digit(index)];
            Kept {
                id: BackupId::new(at, random),
                at,
                is_verified,
                is_pinned,
            }
        };
        let backups = found.into_iter().enumerate().map(kept).collect();
        let now = Timestamp::from_second(start + span + 3600).unwrap();
        (backups, now)
    })
}

fn policies() -> impl Strategy<Value = Policy> {
    (0..9_u32, 0..6_u32, 0..14_u32, 0..8_u32).prop_map(|(daily, weekly, monthly, yearly)| Policy {
        // One that is empty lets nothing go.
        daily: daily.max(u32::from(weekly + monthly + yearly == 0)),
        weekly,
        monthly,
        yearly,
    })
}

fn zones() -> impl Strategy<Value = TimeZone> {
    prop::sample::select(ZONES.to_vec()).prop_map(zone)
}

proptest! {
    #[test]
    fn planning_again_lets_nothing_else_go((backups, now) in lists(), policy in policies(), tz in zones()) {
        let first = plan(&backups, &policy, MAX_AGE, now, &tz);
        let left = after(&backups, &first);
        let second = plan(&left, &policy, MAX_AGE, now, &tz);
        prop_assert_eq!(second.going().count(), 0);
        // Half of it gone, as after a kill: the rest is what was to go.
        let half: BTreeSet<BackupId> = first.going().take(first.going().count() / 2).cloned().collect();
        let mut partly = backups;
        partly.retain(|backup| !half.contains(&backup.id));
        let resumed = plan(&partly, &policy, MAX_AGE, now, &tz);
        prop_assert_eq!(staying(&resumed), staying(&first));
    }

    #[test]
    fn the_newest_verified_and_the_pinned_never_go(
        (backups, now) in lists(), policy in policies(), tz in zones(), hours in -50_000..50_000_i64,
    ) {
        let now = now + SignedDuration::from_hours(hours);
        let stays = staying(&plan(&backups, &policy, MAX_AGE, now, &tz));
        let newest = backups.iter().filter(|backup| backup.is_verified).max_by_key(|backup| (backup.at, &backup.id));
        prop_assert!(stays.contains(&newest.unwrap().id));
        for pinned in backups.iter().filter(|backup| backup.is_pinned) {
            prop_assert!(stays.contains(&pinned.id));
        }
    }

    #[test]
    fn a_newer_verified_backup_brings_none_back_and_costs_each_rule_one_at_most(
        (backups, now) in lists(), policy in policies(), tz in zones(), hours in 0..24_i64,
    ) {
        let before = plan(&backups, &policy, MAX_AGE, now, &tz);
        let later = now + SignedDuration::from_hours(hours);
        let mut more = backups.clone();
        more.push(verified(later));
        let after = plan(&more, &policy, MAX_AGE, later, &tz);
        let (stayed, stays) = (staying(&before), staying(&after));
        for backup in &backups {
            prop_assert!(stayed.contains(&backup.id) || !stays.contains(&backup.id));
        }
        let lost = backups.iter().filter(|backup| {
            backup.is_verified && stayed.contains(&backup.id) && !stays.contains(&backup.id)
        });
        // One for each length, and the oldest, which a rule kept until it was full.
        prop_assert!(lost.count() <= 5);
    }

    #[test]
    fn a_larger_policy_keeps_no_less(
        (backups, now) in lists(), policy in policies(), more in policies(), tz in zones(),
    ) {
        let larger = Policy {
            daily: policy.daily + more.daily,
            weekly: policy.weekly + more.weekly,
            monthly: policy.monthly + more.monthly,
            yearly: policy.yearly + more.yearly,
        };
        let small = staying(&plan(&backups, &policy, MAX_AGE, now, &tz));
        let large = staying(&plan(&backups, &larger, MAX_AGE, now, &tz));
        prop_assert!(small.is_subset(&large));
    }

    #[test]
    fn what_is_not_verified_takes_no_slot_from_what_is((backups, now) in lists(), policy in policies(), tz in zones()) {
        let all = staying(&plan(&backups, &policy, MAX_AGE, now, &tz));
        let good: Vec<Kept> = backups.iter().filter(|backup| backup.is_verified).cloned().collect();
        let alone = staying(&plan(&good, &policy, MAX_AGE, now, &tz));
        for backup in &good {
            prop_assert_eq!(all.contains(&backup.id), alone.contains(&backup.id));
        }
    }

    #[test]
    fn pruning_after_every_backup_leaves_what_pruning_once_leaves(
        gaps in prop::collection::vec(prop_oneof![1..30_i64, 20..80_i64, 500..900_i64], 1..120),
        policy in policies(), tz in zones(),
    ) {
        let mut at = time("2009-06-01T00:00:00Z");
        let (mut all, mut left) = (Vec::new(), Vec::new());
        for gap in gaps {
            at += SignedDuration::from_hours(gap);
            all.push(verified(at));
            left.push(verified(at));
            let planned = plan(&left, &policy, MAX_AGE, at, &tz);
            left = after(&left, &planned);
        }
        let once = staying(&plan(&all, &policy, MAX_AGE, at, &tz));
        prop_assert_eq!(left.into_iter().map(|backup| backup.id).collect::<BTreeSet<_>>(), once);
    }

    #[test]
    fn no_clock_makes_everything_go((backups, now) in lists(), policy in policies(), seconds in any::<i32>()) {
        let now = now + SignedDuration::from_secs(i64::from(seconds));
        let found = plan(&backups, &policy, MAX_AGE, now, &TimeZone::UTC);
        let off = (now.as_second() - backups.last().unwrap().at.as_second()).abs();
        if off > 26 * 3600 {
            prop_assert!(found.halt.is_some());
            prop_assert_eq!(found.going().count(), 0);
        }
    }
}
