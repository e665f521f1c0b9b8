//! How what is stored is sealed, against what its project wants.

use crate::desk::{Desk, admin, item, notes, tag};
use embsec::app::embeddings::UploadItem;
use embsec::app::job::{Stop, Unheard};
use embsec::app::rotation::RotationError;
use embsec::app::sealing::{ColumnCounts, Direction, Mode, Sealing, SealingReport, SealingStatus};
use embsec::domain::audit::Action;
use embsec::domain::key::KeyScope;
use embsec::domain::project::ContentPolicy;
use embsec::domain::rotation::{RowChange, SealedColumn, ValueChange};
use embsec::store::rotation::Resealing;
use jiff::Timestamp;

/// More than one batch.
const ROWS: usize = 700;

impl Desk {
    async fn policy(&self, encrypt_text: bool, encrypt_metadata: bool) {
        let policy = ContentPolicy {
            encrypt_text,
            encrypt_metadata,
        };
        let log = embsec::app::recorder::Recorder::new(self.log.clone(), admin().origin);
        let now = Timestamp::UNIX_EPOCH;
        self.store()
            .set_project_policy(&notes(), policy, now, &log)
            .await
            .unwrap();
    }

    async fn fill(&self, rows: usize) {
        for first in (0..rows).step_by(350) {
            let items: Vec<_> = (first..rows.min(first + 350)).map(row).collect();
            self.app
                .upload_embeddings(&admin(), &notes(), &items)
                .await
                .unwrap();
        }
    }

    async fn status(&self) -> SealingStatus {
        let (call, stop) = (admin(), Stop::default());
        self.sealing(&call, &stop).status().await.unwrap()
    }

    async fn line_up(
        &self,
        direction: Direction,
        dry_run: bool,
    ) -> Result<SealingReport, RotationError> {
        let (call, stop) = (admin(), Stop::default());
        self.sealing(&call, &stop)
            .bring_in_line(direction, dry_run)
            .await
    }

    fn sealing<'a>(&'a self, call: &'a embsec::app::Call, stop: &'a Stop) -> Sealing<'a> {
        Sealing {
            app: &self.app,
            call,
            progress: &Unheard,
            stop,
        }
    }

    async fn assert_reads(&self, rows: usize) {
        for number in (0..rows).step_by(89) {
            let id = [format!("t{number}")];
            let read = self.app.embedding(&admin(), &notes(), &id).await.unwrap();
            assert_eq!(read.text, text(number));
            assert_eq!(read.metadata, tag(number));
        }
    }
}

/// Some look sealed and are not, some are empty.
fn text(number: usize) -> Option<String> {
    match number % 50 {
        0 => None,
        1 => Some(format!("enc:v2:{number}")),
        _ => Some(format!("text of {number}")),
    }
}

fn row(number: usize) -> UploadItem {
    UploadItem {
        text: text(number),
        ..item(&format!("t{number}"), &[1.0, 0.5], tag(number))
    }
}

fn counts(status: &SealingStatus, column: SealedColumn, mode: Mode) -> ColumnCounts {
    status
        .columns
        .get(&(column, mode))
        .cloned()
        .unwrap_or_default()
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap()
}

#[tokio::test]
async fn rows_written_in_clear_are_sealed_when_their_project_wants_it_and_come_back() {
    let desk = Desk::with_notes(2).await;
    desk.policy(false, false).await;
    desk.fill(ROWS).await;
    let before = desk.status().await;
    let text = counts(&before, SealedColumn::Text, Mode::Plaintext);
    // What would be taken for sealed is sealed whatever the project wants.
    assert_eq!((text.encrypted, text.empty), (14, 14));
    assert_eq!(text.plaintext, number(ROWS - 28));
    assert_eq!(before.plaintext(), 0);
    // Nothing is wanted sealed.
    let idle = desk.line_up(Direction::Encrypt, false).await.unwrap();
    assert_eq!((idle.changed, idle.remaining), (0, 0));

    desk.policy(true, true).await;
    assert_eq!(desk.status().await.plaintext(), number(2 * ROWS - 28));
    let planned = desk.line_up(Direction::Encrypt, true).await.unwrap();
    assert_eq!(planned.changed, number(2 * ROWS - 28));
    assert_eq!(desk.status().await.plaintext(), planned.changed);
    let done = desk.line_up(Direction::Encrypt, false).await.unwrap();
    assert_eq!((done.changed, done.remaining), (planned.changed, 0));
    assert_eq!(done.skipped, planned.skipped);
    let after = desk.status().await;
    let text = counts(&after, SealedColumn::Text, Mode::Encrypt);
    assert_eq!((text.encrypted, text.plaintext), (number(ROWS - 14), 0));
    assert_eq!(text.by_key.values().sum::<u64>(), text.encrypted);
    assert_eq!(after.unopened_count(), 0);
    desk.assert_reads(ROWS).await;
    let again = desk.line_up(Direction::Encrypt, false).await.unwrap();
    assert_eq!((again.changed, again.remaining), (0, 0));

    // Back: refused while the project wants everything sealed.
    let refused = desk.line_up(Direction::Decrypt, false).await;
    assert!(
        matches!(refused, Err(RotationError::NothingToOpen)),
        "{refused:?}"
    );
    desk.policy(false, true).await;
    let opened = desk.line_up(Direction::Decrypt, false).await.unwrap();
    assert_eq!(opened.changed, number(ROWS - 28));
    let after = desk.status().await;
    let metadata = counts(&after, SealedColumn::Metadata, Mode::Encrypt);
    assert_eq!(metadata.encrypted, number(ROWS));
    let text = counts(&after, SealedColumn::Text, Mode::Plaintext);
    assert_eq!((text.encrypted, text.plaintext), (14, number(ROWS - 28)));
    desk.assert_reads(ROWS).await;
    let events = desk.log.events.lock().unwrap();
    let told = events.iter().filter(|event| {
        matches!(
            event.action,
            Action::ContentEncrypt | Action::ContentDecrypt
        )
    });
    assert_eq!(told.count(), 2);
}

#[tokio::test]
async fn nothing_is_changed_while_a_value_does_not_open() {
    let desk = Desk::with_notes(2).await;
    desk.fill(20).await;
    let projects = desk.store().project_sealings().await.unwrap();
    let scope = KeyScope::Project(projects[0].project);
    let rows = desk.store().stored_rows(scope, 0, 30).await.unwrap();
    let moved = |at: usize, new: String| RowChange {
        row_id: rows[at].row_id,
        values: vec![ValueChange {
            column: SealedColumn::Text,
            old: rows[at].values[0].1.clone(),
            new,
        }],
    };
    let of_another_row = rows[4].values[0].1.clone();
    let of_no_key = of_another_row.replacen(&of_another_row[7..23], "aaaaaaaaaaaaaaaa", 1);
    let changes = [moved(3, of_another_row), moved(5, of_no_key)];
    let planted = Resealing {
        scope,
        sealed: None,
        settings_revision: None,
        rows: &changes,
        progress: None,
    };
    assert_eq!(desk.store().reseal(&planted).await.unwrap(), 2);
    desk.policy(true, true).await;
    let status = desk.status().await;
    let text = counts(&status, SealedColumn::Text, Mode::Encrypt);
    assert_eq!((text.undecryptable, text.unknown_key), (1, 1));
    assert_eq!(status.unopened_count(), 2);
    let refused = desk.line_up(Direction::Encrypt, false).await.unwrap_err();
    let RotationError::Unopened(unopened) = &refused else {
        panic!("{refused}");
    };
    let told = unopened.to_string();
    assert!(told.contains("\"t3\"") && told.contains("\"t5\""), "{told}");
    let metadata = counts(&desk.status().await, SealedColumn::Metadata, Mode::Encrypt);
    assert_eq!((metadata.plaintext, metadata.encrypted), (20, 0));
}
