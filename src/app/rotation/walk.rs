//! A walk over the rows of a scope that changes stored values in small transactions, beside
//! servers that read and write.

use super::rows::{self, Aim, ValueError, ValueFault};
use super::{RotationError, Unopened};
use crate::app::App;
use crate::app::destroyed;
use crate::app::job::{Progress, Stop};
use crate::app::keys::ScopeKeys;
use crate::app::lease::Lease;
use crate::crypto::field::FieldOpenError;
use crate::domain::key::KeyScope;
use crate::domain::rotation::{RowChange, StoredRow};
use crate::store::rotation::Resealing;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Rows of one transaction while nobody serves the database.
const ROWS_ALONE: u32 = 500;
/// Rows of one transaction beside a server: it holds up other writes as long as it takes.
const ROWS_BESIDE_A_SERVER: u32 = 50;
/// How many times as long as a transaction took the next one waits, beside a server.
const PAUSE_TIMES: u32 = 4;
/// The shortest and longest such pause.
const PAUSE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(500));
/// How often it is looked whether somebody serves the database.
const LOOK: Duration = Duration::from_secs(3);
/// How long ago a server told of itself at most, if it lives.
pub(super) const LIVE: SignedDuration = SignedDuration::from_secs(15);
/// Values that do not open and are named.
const NAMED: usize = 10;

/// What work on many rows needs.
pub(in crate::app) struct Work<'a> {
    pub(in crate::app) app: &'a App,
    pub(in crate::app) progress: &'a dyn Progress,
    pub(in crate::app) stop: &'a Stop,
    pub(in crate::app) lease: Lease,
    beside_server: Option<bool>,
    looked_at: Instant,
}

impl<'a> Work<'a> {
    pub(in crate::app) fn new(
        app: &'a App,
        lease: Lease,
        progress: &'a dyn Progress,
        stop: &'a Stop,
    ) -> Self {
        Self {
            app,
            progress,
            stop,
            lease,
            beside_server: None,
            looked_at: Instant::now(),
        }
    }

    /// Whether a server tells of itself.
    async fn is_beside_server(&mut self) -> Result<bool, RotationError> {
        if let Some(known) = self.beside_server
            && self.looked_at.elapsed() < LOOK
        {
            return Ok(known);
        }
        let since = self.app.live_since();
        let found = !self.app.store.processes(since).await?.is_empty();
        self.beside_server = Some(found);
        self.looked_at = Instant::now();
        Ok(found)
    }
}

impl App {
    /// Servers that told of themselves since then are taken to live.
    pub(in crate::app) fn live_since(&self) -> jiff::Timestamp {
        let now = self.clock.now();
        now.saturating_sub(LIVE).unwrap_or(now)
    }
}

/// A walk over the rows of one scope.
pub(in crate::app) struct Walk {
    pub(in crate::app) scope: KeyScope,
    pub(in crate::app) aim: Aim,
    /// The settings revision of the project that must stay as it is.
    pub(in crate::app) settings_revision: Option<i64>,
    /// The rotation whose cursor is kept.
    pub(in crate::app) rotation: Option<i64>,
}

/// What a walk came to.
#[derive(Debug, Default)]
pub(in crate::app) struct Walked {
    /// Rows looked at.
    pub(in crate::app) rows: u64,
    /// Rows changed.
    pub(in crate::app) changed_rows: u64,
    /// Values changed.
    pub(in crate::app) changed: u64,
    /// Rows that somebody else changed meanwhile, so that they must be looked at again.
    pub(in crate::app) missed_rows: u64,
    unopened: u64,
    first_unopened: Vec<ValueFault>,
}

impl Walked {
    /// Whether a further walk could find something to do.
    pub(in crate::app) const fn is_settled(&self) -> bool {
        self.changed_rows == 0 && self.missed_rows == 0
    }

    /// Adds what a further walk did. What it found is the newer truth.
    pub(in crate::app) fn followed_by(self, later: Self) -> Self {
        Self {
            rows: self.rows.max(later.rows),
            changed_rows: self.changed_rows + later.changed_rows,
            changed: self.changed + later.changed,
            ..later
        }
    }

    /// How many values did not open.
    pub(in crate::app) const fn unopened(&self) -> u64 {
        self.unopened
    }

    /// Says of values that did not open whether their keys were destroyed.
    pub(in crate::app) async fn explain(&mut self, app: &App) -> Result<(), RotationError> {
        Ok(destroyed::tell(app.store.as_ref(), &mut self.first_unopened).await?)
    }

    /// An error if a value did not open.
    pub(in crate::app) fn require_opened(&self) -> Result<(), RotationError> {
        if self.unopened == 0 {
            return Ok(());
        }
        Err(RotationError::Unopened(Box::new(Unopened {
            count: self.unopened,
            first: self.first_unopened.clone(),
        })))
    }

    fn unopened_values(&mut self, faults: Vec<ValueFault>) {
        self.unopened += u64::try_from(faults.len()).unwrap_or(u64::MAX);
        let room = NAMED.saturating_sub(self.first_unopened.len());
        self.first_unopened.extend(faults.into_iter().take(room));
    }
}

impl Walk {
    /// Walks from behind a row to the end.
    ///
    /// # Errors
    ///
    /// [`RotationError::Interrupted`] when it was asked to stop; a conflict of the store when the
    /// key or the settings changed; and when something fails. What was committed stays.
    pub(in crate::app) async fn run(
        &self,
        work: &mut Work<'_>,
        mut after: i64,
    ) -> Result<Walked, RotationError> {
        let mut walked = Walked::default();
        let mut keys = work.app.keys.refresh(self.scope).await?;
        // What is written from here on is as it should be, and would never come to an end.
        let last = work.app.store.last_row(self.scope).await?;
        loop {
            if work.stop.is_asked() {
                return Err(RotationError::Interrupted {
                    rows: walked.changed_rows,
                });
            }
            work.lease.renew().await?;
            let beside_server = work.is_beside_server().await?;
            let limit = if beside_server {
                ROWS_BESIDE_A_SERVER
            } else {
                ROWS_ALONE
            };
            let began = Instant::now();
            let store = &work.app.store;
            let rows = store.stored_rows(self.scope, after, limit).await?;
            let Some(end) = rows.last().filter(|_| after < last) else {
                return Ok(walked);
            };
            after = end.row_id;
            let wrote = self
                .batch(work.app, &rows, after, &mut keys, &mut walked)
                .await?;
            walked.rows += u64::try_from(rows.len()).unwrap_or(u64::MAX);
            work.progress.done(walked.rows);
            if beside_server && wrote {
                let (shortest, longest) = PAUSE;
                let pause = began.elapsed().saturating_mul(PAUSE_TIMES);
                tokio::time::sleep(pause.clamp(shortest, longest)).await;
            }
        }
    }

    /// One transaction; whether there was something to write.
    async fn batch(
        &self,
        app: &App,
        rows: &[StoredRow],
        last: i64,
        keys: &mut Arc<ScopeKeys>,
        walked: &mut Walked,
    ) -> Result<bool, RotationError> {
        let mut found = self.changes(app, rows, keys)?;
        if found.1.iter().any(|fault| is_unknown_key(&fault.error)) {
            // Another key may have become the active one since the keys were read.
            *keys = app.keys.refresh(self.scope).await?;
            found = self.changes(app, rows, keys)?;
        }
        let (changes, faults) = found;
        let changing: usize = changes.iter().map(|change| change.values.len()).sum();
        walked.unopened_values(faults);
        if changes.is_empty() {
            return Ok(false);
        }
        let sealed = match self.aim {
            Aim::Rotate | Aim::Seal { .. } => keys.active(),
            Aim::Open { .. } => None,
        };
        let asked = Resealing {
            scope: self.scope,
            sealed: sealed.map(|key| (key.id(), number(changing))),
            settings_revision: self.settings_revision,
            rows: &changes,
            progress: self.rotation.map(|rotation| (rotation, last)),
        };
        let changed = app.store.reseal(&asked).await?;
        walked.changed_rows += changed;
        let missed = number(changes.len()).saturating_sub(changed);
        walked.missed_rows += missed;
        walked.changed += if missed == 0 {
            number(changing)
        } else {
            changed
        };
        Ok(true)
    }

    fn changes(
        &self,
        app: &App,
        rows: &[StoredRow],
        keys: &ScopeKeys,
    ) -> Result<(Vec<RowChange>, Vec<ValueFault>), RotationError> {
        let mut faults = Vec::new();
        let mut changes = Vec::new();
        let active = keys.active().map(AsRef::as_ref);
        for row in rows {
            let change = rows::change(row, self.aim, keys, active, app.rng.as_ref(), &mut faults)?;
            changes.extend(change);
        }
        Ok((changes, faults))
    }
}

fn is_unknown_key(error: &ValueError) -> bool {
    matches!(error, ValueError::Open(FieldOpenError::UnknownKey { .. }))
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
