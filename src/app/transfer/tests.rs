//! Runs between databases in memory: whatever both hold, and wherever a run is killed.

mod memory;
mod world;

pub(crate) use memory::Memory;
pub(crate) use world::world;

use super::*;
use crate::app::job::Unheard;
use crate::domain::audit::AuditMark;
use crate::domain::findings::{Finding, FindingKind};
use crate::domain::ids::RequestId;
use crate::domain::record::Record;
use crate::sys::clock::ManualClock;
use async_trait::async_trait;
use jiff::Timestamp;
use proptest::prelude::*;
use std::sync::Mutex;

const SOURCE: &str = "postgres://example.org/old";

#[derive(Default)]
struct Log(Mutex<Vec<AuditEvent>>);

#[async_trait]
impl AuditLog for Log {
    async fn append(&self, event: AuditEvent) -> Result<AuditMark, AuditError> {
        let mut events = self.0.lock().unwrap();
        events.push(event);
        Ok(AuditMark {
            stream: "test-0".to_owned(),
            seq: events.len() as u64,
        })
    }

    fn is_healthy(&self) -> bool {
        true
    }
}

struct Outcomes {
    result: Result<Report, RunError>,
    events: Vec<AuditEvent>,
}

fn run(source: &mut Memory, destination: &mut Memory, options: RunOptions) -> Outcomes {
    run_until(source, destination, options, Stop::default())
}

fn run_until(
    source: &mut Memory,
    destination: &mut Memory,
    options: RunOptions,
    stop: Stop,
) -> Outcomes {
    let log = Arc::new(Log::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let audit = Arc::clone(&log) as Arc<dyn AuditLog>;
    let result = runtime.block_on(run_between(source, destination, options, stop, audit));
    let events = std::mem::take(&mut *log.0.lock().unwrap());
    Outcomes { result, events }
}

/// A run between any two databases, recorded nowhere.
pub(crate) async fn run_unrecorded(
    source: &mut dyn RecordReader,
    destination: &mut dyn RecordWriter,
) -> Result<Report, RunError> {
    let options = RunOptions::default();
    let audit = Arc::new(Log::default());
    run_between(source, destination, options, Stop::default(), audit).await
}

async fn run_between(
    source: &mut dyn RecordReader,
    destination: &mut dyn RecordWriter,
    options: RunOptions,
    stop: Stop,
    audit: Arc<dyn AuditLog>,
) -> Result<Report, RunError> {
    let run = Run {
        source,
        destination,
        source_name: SOURCE,
        action: Action::MigrateImport,
        origin: Origin {
            actor: "admin".to_owned(),
            request_id: RequestId("request-1".to_owned()),
            client_ip: None,
            details: Details::new(),
        },
        audit,
        clock: Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)),
        progress: &Unheard,
        stop,
    };
    run.run(options).await
}

/// A destination in which an earlier run left this.
fn begun(seed: u64) -> Memory {
    let mut memory = world(seed);
    memory.source = Some(SOURCE.to_owned());
    memory
}

/// What a destination holds after a run from `source`: its own administrators' keys when the
/// source has none.
fn expected(source: &Memory, before: &Memory) -> Memory {
    let mut expected = source.clone();
    if !expected.tables.contains_key(&Table::AdminKeys) {
        let own = before.tables.get(&Table::AdminKeys).cloned();
        expected
            .tables
            .extend(own.map(|own| (Table::AdminKeys, own)));
    }
    expected
}

proptest! {
    #[test]
    fn a_run_makes_the_destination_equal_whatever_it_held(one in any::<u64>(), other in any::<u64>()) {
        let (mut source, mut destination) = (world(one), begun(other));
        let expected = expected(&source, &destination);
        let report = run(&mut source, &mut destination, RunOptions::default()).result.unwrap();
        prop_assert_eq!(destination.content(), expected.content());
        for table in Table::ALL {
            prop_assert!(destination.highest[&table] >= source.highest[&table] || !table.has_ids());
        }
        prop_assert!(destination.read_only && report.applied && !report.finished);
    }

    #[test]
    fn a_run_that_is_killed_and_run_again_ends_like_one_that_was_not(
        one in any::<u64>(),
        other in any::<u64>(),
        batches in proptest::collection::vec(0_usize..40, 0..3),
    ) {
        let (mut source, mut destination) = (world(one), begun(other));
        let expected = expected(&source, &destination);
        for batches in batches {
            destination.batches_left = Some(batches);
            let killed = run(&mut source, &mut destination, RunOptions::default());
            prop_assert!(destination.check().is_ok());
            if let Err(error) = killed.result {
                let gone = matches!(
                    error,
                    RunError::Transfer(TransferError::Store(StoreError::Unavailable(_)))
                );
                prop_assert!(gone, "{}", error);
            }
        }
        destination.batches_left = None;
        run(&mut source, &mut destination, RunOptions::default()).result.unwrap();
        prop_assert_eq!(destination.content(), expected.content());
    }

    #[test]
    fn a_dry_run_writes_nothing_and_counts_what_a_run_writes(one in any::<u64>(), other in any::<u64>()) {
        let (mut source, mut destination) = (world(one), begun(other));
        let before = destination.content();
        let dry = RunOptions { dry_run: true, ..RunOptions::default() };
        let planned = run(&mut source, &mut destination, dry);
        prop_assert!(planned.events.is_empty());
        prop_assert_eq!(destination.content(), before);
        prop_assert_eq!(destination.batches, 0);
        let done = run(&mut source, &mut destination, RunOptions::default()).result.unwrap();
        prop_assert_eq!(planned.result.unwrap().counts(), done.counts());
    }
}

#[test]
fn a_second_run_over_the_same_source_writes_nothing() {
    let (mut source, mut destination) = (world(1), Memory::default());
    let first = run(&mut source, &mut destination, RunOptions::default());
    let second = run(&mut source, &mut destination, RunOptions::default());
    let (first, second) = (first.result.unwrap(), second.result.unwrap());
    assert!(first.counts().inserted > 20 && first.searches > 0);
    assert_eq!(second.counts(), Counts::default());
    let sums = |report: &Report| -> Vec<Option<String>> {
        report
            .tables
            .iter()
            .map(|table| table.checksum.clone())
            .collect()
    };
    assert_eq!(sums(&first), sums(&second));
}

#[test]
fn values_that_no_two_rows_share_may_change_places() {
    let email = |record: &Record| match record {
        Record::User(user) => user.email.clone(),
        _ => String::new(),
    };
    let mut source = world(3);
    let users = source.tables.get_mut(&Table::Users).unwrap();
    let mut emails: Vec<String> = users.values().map(email).collect();
    assert!(emails.len() > 2);
    let mut destination = world(3);
    destination.source = Some(SOURCE.to_owned());
    emails.rotate_left(1);
    for (user, email) in source
        .tables
        .get_mut(&Table::Users)
        .unwrap()
        .values_mut()
        .zip(emails)
    {
        if let Record::User(user) = user {
            user.email = email;
        }
    }
    let expected = expected(&source, &destination);
    run(&mut source, &mut destination, RunOptions::default())
        .result
        .unwrap();
    assert_eq!(destination.content(), expected.content());
}

#[test]
fn what_stands_in_the_way_stops_a_run_before_anything_is_written() {
    let mut source = world(1);
    source.findings.add(Finding {
        kind: FindingKind::OldOwner,
        table: Table::Embeddings,
        row: "7".to_owned(),
        what: "its owner is another".to_owned(),
        settled: false,
        rows: 1,
    });
    let mut destination = Memory::default();
    let stopped = run(&mut source, &mut destination, RunOptions::default());
    assert!(matches!(stopped.result, Err(RunError::Findings(_))));
    assert!(stopped.events.is_empty() && destination.source.is_none());
}

#[test]
fn only_an_empty_destination_or_one_of_the_same_source_is_written() {
    let mut source = world(1);
    let mut occupied = Memory {
        occupied: true,
        ..Memory::default()
    };
    let refused = run(&mut source, &mut occupied, RunOptions::default());
    assert!(matches!(refused.result, Err(RunError::Occupied(_))));
    let mut other = Memory {
        source: Some("sqlite:/other".to_owned()),
        ..Memory::default()
    };
    let refused = run(&mut source, &mut other, RunOptions::default());
    assert!(matches!(refused.result, Err(RunError::OtherSource { .. })));
    assert_eq!((occupied.batches, other.batches), (0, 0));
}

#[test]
fn a_destination_that_differs_afterwards_is_told_by_its_table() {
    let mut source = world(1);
    let mut destination = Memory {
        lies_about: Some(Table::Projects),
        ..Memory::default()
    };
    let differs = run(&mut source, &mut destination, RunOptions::default());
    let error = differs.result.unwrap_err();
    assert!(
        matches!(
            error,
            RunError::Differs(Difference::Checksum(Table::Projects))
        ),
        "{error}"
    );
    let outcomes: Vec<Outcome> = differs.events.iter().map(|event| event.outcome).collect();
    assert_eq!(outcomes, [Outcome::Success, Outcome::Error]);
}

#[test]
fn a_run_that_is_asked_to_stop_says_so_and_the_next_one_goes_on() {
    let (mut source, mut destination) = (world(1), Memory::default());
    let stop = Stop::default();
    stop.ask();
    let options = RunOptions::default();
    let stopped = run_until(&mut source, &mut destination, options, stop);
    assert!(matches!(stopped.result, Err(RunError::Interrupted { rows }) if rows > 0));
    assert!(destination.batches > 0);
    run(&mut source, &mut destination, options).result.unwrap();
    assert_eq!(destination.content(), source.content());
}

#[test]
fn clients_may_write_only_after_the_run_that_finishes() {
    let (mut source, mut destination) = (world(1), Memory::default());
    let options = RunOptions {
        finish: true,
        ..RunOptions::default()
    };
    let done = run(&mut source, &mut destination, options);
    assert!(done.result.unwrap().finished);
    assert!(!destination.read_only);
    let phases: Vec<&str> = done
        .events
        .iter()
        .map(|event| event.details["phase"].as_str().unwrap())
        .collect();
    assert_eq!(phases, ["started", "ended"]);
    assert_eq!(done.events[1].details["source"], SOURCE);
}
