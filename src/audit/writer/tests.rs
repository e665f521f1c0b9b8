//! The writer on real files, and its thread on a failing disk.

use super::*;
use crate::audit::failing_disk::{FailingDisk, Fault, event};
use crate::audit::line::Record;
use crate::audit::uncommitted_events;
use crate::domain::audit::CommittedEvents;
use crate::sys::clock::ManualClock;
use std::fs;

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2026-01-02T03:04:05Z".parse().unwrap()))
}

fn open(dir: &Path) -> (AuditWriter, Opened) {
    AuditWriter::open(dir, "box", clock()).unwrap()
}

fn records(path: &Path) -> Vec<Record> {
    fs::read(path)
        .unwrap()
        .split_inclusive(|byte| *byte == b'\n')
        .map(|line| {
            assert!(line.ends_with(b"\n"));
            Record::parse(line).unwrap()
        })
        .collect()
}

async fn seq(writer: &AuditWriter, request: &str) -> u64 {
    writer.append(event(request)).await.unwrap().seq
}

#[tokio::test]
async fn numbers_go_on_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    assert_eq!((opened.last_seq, opened.stream.as_str()), (0, "box-0"));
    assert_eq!(seq(&writer, "a").await, 1);
    assert_eq!(seq(&writer, "b").await, 2);
    writer.close().await;
    assert!(matches!(
        writer.append(event("c")).await,
        Err(AuditError::Closed)
    ));
    assert!(!writer.is_healthy());

    let (writer, opened) = open(dir.path());
    assert_eq!(opened.last_seq, 2);
    assert_eq!(opened.torn, None);
    let mark = writer.append(event("c")).await.unwrap();
    assert_eq!(
        mark,
        AuditMark {
            stream: "box-0".to_owned(),
            seq: 3
        }
    );
}

#[tokio::test]
async fn time_goes_on_from_the_last_line_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    seq(&writer, "a").await;
    drop(writer);
    let earlier = clock();
    earlier.advance_millis(-1_000_000);
    let (writer, _) = AuditWriter::open(dir.path(), "box", earlier).unwrap();
    seq(&writer, "b").await;
    let records = records(&opened.path);
    assert_eq!(records[0].timestamp, records[1].timestamp);
}

#[tokio::test]
async fn two_writers_have_two_files_and_a_freed_one_is_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let (zero, _) = open(dir.path());
    let (one, _) = open(dir.path());
    assert_eq!((zero.stream(), one.stream()), ("box-0", "box-1"));
    assert_eq!(seq(&zero, "a").await, 1);
    assert_eq!(seq(&one, "b").await, 1);
    zero.close().await;
    let (again, _) = open(dir.path());
    assert_eq!(again.stream(), "box-0");
    assert_eq!(seq(&again, "c").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_of_many_tasks_are_numbered_without_a_gap() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    let writer = Arc::new(writer);
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..64 {
        let writer = Arc::clone(&writer);
        tasks.spawn(async move {
            let mut marks = Vec::new();
            for round in 0..20 {
                let request = format!("{task}.{round}");
                marks.push((seq(&writer, &request).await, request));
            }
            marks
        });
    }
    let mut marks: Vec<(u64, String)> = tasks.join_all().await.concat();
    marks.sort_unstable();
    let written: Vec<(u64, String)> = records(&opened.path)
        .into_iter()
        .map(|record| {
            let seq = record.seq;
            (seq, record.into_event().unwrap().origin.request_id.0)
        })
        .collect();
    assert_eq!(written.len(), 64 * 20);
    assert!(written.iter().map(|(seq, _)| *seq).eq(1..=64 * 20));
    assert_eq!(written, marks);
}

#[tokio::test]
async fn a_caller_who_gave_up_and_a_dropped_writer_lose_nothing_queued() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    for number in 0..100 {
        let mut append = writer.append(event(&number.to_string()));
        // One poll puts the event into the queue; the caller then goes away.
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(append.as_mut().poll(context).is_ready())
        });
        polled.await;
    }
    drop(writer);
    assert_eq!(records(&opened.path).len(), 100);
}

#[tokio::test]
async fn an_end_torn_at_any_byte_is_set_aside_and_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    for request in ["a", "b", "c"] {
        seq(&writer, request).await;
    }
    drop(writer);
    let whole = fs::read(&opened.path).unwrap();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .unwrap()
        + 1;
    for cut in last..=whole.len() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("box-0.jsonl"), &whole[..cut]).unwrap();
        let (writer, opened) = open(dir.path());
        if cut == last || cut == whole.len() {
            assert_eq!(opened.torn, None, "cut at {cut}");
            drop(writer);
            assert_eq!(fs::read(&opened.path).unwrap(), &whole[..cut]);
            continue;
        }
        assert_eq!(opened.last_seq, 2);
        assert_eq!(seq(&writer, "d").await, 4);
        let torn = opened.torn.unwrap();
        assert_eq!(fs::read(&torn.path).unwrap(), &whole[last..cut]);
        let name = torn.path.file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(name, "box-0.torn-1767323045");
        let mut records = records(&opened.path);
        assert!(records.iter().map(|record| record.seq).eq(1..=4));
        let event = records.remove(2).into_event().unwrap();
        assert_eq!(event.action, Action::AuditTorn);
        assert_eq!(event.details.get("file").unwrap(), &name);
        assert_eq!(event.details.get("size_bytes").unwrap(), cut - last);
    }
}

#[tokio::test]
async fn unreadable_lines_at_the_end_are_set_aside_together() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    seq(&writer, "a").await;
    drop(writer);
    let mut bytes = fs::read(&opened.path).unwrap();
    let rubbish = b"{\"seq\":2\n\0\0\0\0\nhalf";
    bytes.extend(rubbish);
    fs::write(&opened.path, &bytes).unwrap();
    fs::write(dir.path().join("box-0.torn-1767323045"), "an older one").unwrap();

    let (writer, opened) = open(dir.path());
    let torn = opened.torn.unwrap();
    assert!(torn.path.ends_with("box-0.torn-1767323045-1"));
    assert_eq!(fs::read(&torn.path).unwrap(), rubbish);
    assert_eq!(seq(&writer, "b").await, 3);
}

#[test]
fn a_file_that_is_no_log_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("box-0.jsonl");
    let other = b"what is this\n".repeat(2_000_000);
    fs::write(&path, &other).unwrap();
    assert!(matches!(
        AuditWriter::open(dir.path(), "box", clock()),
        Err(OpenError::Damaged { .. })
    ));
    assert!(fs::read(&path).unwrap() == other);
}

async fn refusal(writer: &AuditWriter) -> String {
    match writer.append(event("x")).await {
        Err(AuditError::Write(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_deleted_file_is_noticed_and_taken_again_when_it_is_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    seq(&writer, "a").await;
    let aside = dir.path().join("aside");
    fs::rename(&opened.path, &aside).unwrap();
    let why = refusal(&writer).await;
    assert!(why.contains("box-0.jsonl"), "{why}");
    assert!(why.contains("deleted or moved away"), "{why}");
    assert!(!writer.is_healthy());
    fs::write(&opened.path, fs::read(&aside).unwrap()).unwrap();
    let why = refusal(&writer).await;
    assert!(why.contains("replaced"), "{why}");
    fs::rename(&aside, &opened.path).unwrap();
    assert_eq!(seq(&writer, "b").await, 2);
    assert!(writer.is_healthy());
}

#[tokio::test]
async fn a_log_cut_by_another_program_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    seq(&writer, "a").await;
    fs::write(&opened.path, "").unwrap();
    for _ in 0..2 {
        let why = refusal(&writer).await;
        assert!(why.contains("changed by another program: 0 bytes"), "{why}");
    }
    assert_eq!(fs::read(&opened.path).unwrap(), b"");
}

#[tokio::test]
async fn health_follows_the_disk() {
    let disk = FailingDisk::default();
    let writer = AuditWriter::start(disk.journal(), "box-0".to_owned()).unwrap();
    assert!(writer.is_healthy());
    disk.disk().dead = true;
    refusal(&writer).await;
    assert!(!writer.is_healthy());
    refusal(&writer).await;
    assert!(!writer.is_healthy());
    disk.disk().dead = false;
    assert_eq!(seq(&writer, "a").await, 1);
    assert!(writer.is_healthy());
}

#[tokio::test]
async fn a_probe_alone_brings_a_repaired_log_back() {
    let disk = FailingDisk::default();
    let writer = AuditWriter::start(disk.journal(), "box-0".to_owned()).unwrap();
    disk.fail(&[Fault::FailedSync, Fault::FailedReopen]);
    refusal(&writer).await;
    let recovered = async {
        while !writer.is_healthy() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), recovered)
        .await
        .unwrap();
    assert_eq!(disk.disk().seen, b"");
    assert_eq!(seq(&writer, "a").await, 1);
}

#[tokio::test]
async fn events_without_their_change_are_found_from_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let (writer, opened) = open(dir.path());
    let append = async |request: &str, action, outcome| {
        let mut event = event(request);
        event.action = action;
        event.outcome = outcome;
        writer.append(event).await.unwrap();
    };
    append("1", Action::UserCreate, Outcome::Success).await;
    append("2", Action::UserCreate, Outcome::Success).await;
    append("3", Action::AuthFailure, Outcome::Failure).await;
    append("4", Action::UserDelete, Outcome::Success).await;
    append("5", Action::ProjectShare, Outcome::Success).await;
    append("4", Action::UserDelete, Outcome::Error).await;
    append("7", Action::ServerStop, Outcome::Success).await;
    append("8", Action::AccessDenied, Outcome::Denied).await;
    append("9", Action::EmbeddingsUpload, Outcome::Success).await;
    drop(writer);

    let upto = |settled_to: u64, later: &[u64]| CommittedEvents {
        settled_to,
        later: later.iter().copied().collect(),
    };
    let found_with = |committed: &CommittedEvents| {
        uncommitted_events(dir.path(), &opened.stream, committed)
            .unwrap()
            .into_iter()
            .map(|uncommitted| {
                let request = uncommitted.event.origin.request_id.0;
                (uncommitted.seq, request)
            })
            .collect::<Vec<_>>()
    };
    let found = |settled_to: u64| found_with(&upto(settled_to, &[]));
    let at = |seq: u64, request: &str| (seq, request.to_owned());
    assert_eq!(found(1), [at(2, "2"), at(5, "5"), at(9, "9")]);
    assert_eq!(found(2), [at(5, "5"), at(9, "9")]);
    assert_eq!(found(9), []);
    assert_eq!(found(100), []);
    // Transactions that committed in another order than their events were recorded in.
    assert_eq!(found_with(&upto(1, &[9])), [at(2, "2"), at(5, "5")]);
    assert_eq!(found_with(&upto(1, &[2, 9])), [at(5, "5")]);
    assert_eq!(
        uncommitted_events(dir.path(), "box-7", &upto(0, &[])).unwrap(),
        []
    );

    // What lies before the last committed event is not even looked at.
    let mut bytes = fs::read(&opened.path).unwrap();
    bytes[0] = b'!';
    fs::write(&opened.path, &bytes).unwrap();
    assert_eq!(found(2).len(), 2);
    let damaged = uncommitted_events(dir.path(), &opened.stream, &upto(0, &[]));
    assert!(matches!(
        damaged,
        Err(crate::audit::RecoverError::Line { offset: 0, .. })
    ));
}
