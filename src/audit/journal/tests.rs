//! What stays true whatever the disk does.

use super::*;
use crate::audit::failing_disk::{Disk, FailingDisk, Fault, event};
use crate::audit::line::Record;
use crate::domain::audit::Details;
use crate::sys::clock::ManualClock;
use proptest::prelude::*;

fn lines(bytes: &[u8]) -> Vec<Record> {
    bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            assert!(line.ends_with(b"\n"), "half a line");
            Record::parse(line).expect("a line that is none")
        })
        .collect()
}

fn requests(bytes: &[u8]) -> Vec<String> {
    lines(bytes)
        .into_iter()
        .map(|record| record.into_event().unwrap().origin.request_id.0)
        .collect()
}

fn failed(answers: &[Result<AuditMark, AuditError>]) -> bool {
    answers
        .iter()
        .all(|answer| matches!(answer, Err(AuditError::Write(_))))
}

#[test]
fn a_batch_is_one_sync() {
    let disk = FailingDisk::default();
    let mut journal = disk.journal();
    let answers = journal.commit(&[event("a"), event("b"), event("c")]);
    let seqs: Vec<u64> = answers.into_iter().map(|mark| mark.unwrap().seq).collect();
    assert_eq!(seqs, [1, 2, 3]);
    assert_eq!(disk.disk().syncs, 1);
}

#[test]
fn a_short_write_is_continued() {
    let disk = FailingDisk::default();
    disk.fail(&[Fault::ShortWrite(10), Fault::ShortWrite(1)]);
    let mut journal = disk.journal();
    assert_eq!(journal.commit(&[event("a")])[0].as_ref().unwrap().seq, 1);
    assert_eq!(requests(&disk.disk().durable), ["a"]);
}

#[test]
fn half_a_line_of_a_failed_write_is_removed_before_the_next_line() {
    for faults in [
        &[Fault::FailedWrite(0)][..],
        &[Fault::FailedWrite(20)],
        &[Fault::ShortWrite(20), Fault::FailedWrite(3)],
        &[Fault::ShortWrite(0)],
        &[Fault::FailedSync],
    ] {
        let disk = FailingDisk::default();
        let mut journal = disk.journal();
        assert!(journal.commit(&[event("a")])[0].is_ok());
        disk.fail(faults);
        assert!(failed(&journal.commit(&[event("b"), event("c")])));
        assert!(!journal.is_sound());
        let mark = journal.commit(&[event("d")]).remove(0).unwrap();
        assert_eq!(mark.seq, 2, "{faults:?}");
        assert!(journal.is_sound());
        assert_eq!(requests(&disk.disk().durable), ["a", "d"]);
    }
}

/// The descriptor says yes after its sync failed; to believe it would lose the event.
#[test]
fn a_descriptor_is_not_trusted_after_its_sync_failed() {
    let disk = FailingDisk::default();
    let mut journal = disk.journal();
    disk.fail(&[Fault::FailedSync, Fault::FailedReopen]);
    assert!(failed(&journal.commit(&[event("a")])));
    assert!(failed(&journal.commit(&[event("b")])));
    assert!(!journal.is_sound());
    assert!(journal.commit(&[event("c")])[0].is_ok());
    assert_eq!(requests(&disk.disk().durable), ["c"]);
}

#[test]
fn bytes_of_another_program_are_neither_written_after_nor_removed() {
    let disk = FailingDisk::default();
    let mut journal = disk.journal();
    assert!(journal.commit(&[event("a")])[0].is_ok());
    disk.disk().seen.extend(b"not ours\n");
    let before = disk.disk().seen.clone();
    for attempt in ["b", "c"] {
        let answers = journal.commit(&[event(attempt)]);
        let Err(AuditError::Write(why)) = &answers[0] else {
            panic!("{answers:?}");
        };
        assert!(why.contains("changed by another program"), "{why}");
    }
    assert_eq!(disk.disk().seen, before);
}

#[test]
fn an_event_without_a_line_fails_alone() {
    let disk = FailingDisk::default();
    let mut journal = disk.journal();
    let mut endless = event("b");
    endless.origin.actor = "x".repeat(100_000);
    let answers = journal.commit(&[event("a"), endless, event("c")]);
    assert!(answers[0].is_ok() && answers[1].is_err());
    assert_eq!(answers[2].as_ref().unwrap().seq, 2);
    assert_eq!(requests(&disk.disk().durable), ["a", "c"]);
    assert!(journal.is_sound());
}

#[test]
fn time_in_the_log_never_runs_backwards() {
    let disk = FailingDisk::default();
    let clock = ManualClock::at("2026-01-02T03:04:05Z".parse().unwrap());
    let mut journal = disk.journal_with(Arc::new(clock.clone()));
    for (step, request) in [(0, "a"), (-5000, "b"), (2000, "c"), (4000, "d")] {
        clock.advance_millis(step);
        assert!(journal.commit(&[event(request)])[0].is_ok());
    }
    let times: Vec<String> = lines(&disk.disk().durable)
        .iter()
        .map(|record| record.timestamp.to_string())
        .collect();
    assert_eq!(
        times,
        [
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:06Z",
        ]
    );
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        3 => Just(None),
        1 => (0_usize..400).prop_map(|taken| Some(Fault::ShortWrite(taken))),
        1 => (0_usize..400).prop_map(|taken| Some(Fault::FailedWrite(taken))),
        1 => Just(Some(Fault::FailedSync)),
        1 => Just(Some(Fault::FailedReopen)),
    ]
}

proptest! {
    /// What was reported durable survives a power cut at any moment, in order and numbered
    /// without a gap; what was reported failed is gone once the log works again.
    #[test]
    fn acknowledged_is_exactly_what_is_durable(
        steps in prop::collection::vec((fault(), 1_usize..4, 0_usize..300), 1..30)
    ) {
        let disk = FailingDisk::default();
        let mut journal = disk.journal();
        let mut acknowledged = Vec::new();
        for (number, (fault, size, padding)) in steps.into_iter().enumerate() {
            disk.disk().faults = fault.into_iter().collect();
            let batch: Vec<AuditEvent> = (0..size)
                .map(|index| {
                    let mut event = event(&format!("{number}.{index}"));
                    event.details = Details::from_iter([("x".to_owned(), "y".repeat(padding).into())]);
                    event
                })
                .collect();
            for (event, answer) in batch.iter().zip(journal.commit(&batch)) {
                if let Ok(mark) = answer {
                    acknowledged.push(event.origin.request_id.0.clone());
                    prop_assert_eq!(mark.seq, u64::try_from(acknowledged.len()).unwrap());
                }
            }
            let Disk { durable, seen, .. } = &*disk.disk();
            prop_assert_eq!(&requests(durable), &acknowledged);
            if journal.is_sound() {
                prop_assert_eq!(seen, durable);
            }
        }
        let seqs: Vec<u64> = lines(&disk.disk().durable).iter().map(|line| line.seq).collect();
        prop_assert_eq!(seqs, (1..=u64::try_from(acknowledged.len()).unwrap()).collect::<Vec<_>>());
    }
}
