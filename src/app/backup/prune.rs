//! Thins out backups: says what stays and why, and removes the rest.

use super::{BackupError, Backups, Watch};
use crate::backup::catalogue::Listed;
use crate::backup::names;
use crate::backup::record::Event;
use crate::backup::retention::{self, Kept, Plan, Policy};
use crate::domain::audit::{Action, Details, Outcome};
use crate::domain::backup::BackupId;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// What retention goes by.
#[derive(Clone, Debug)]
pub struct Rules {
    /// How many of each period stay.
    pub policy: Policy,
    /// How old the newest verified backup may be.
    pub max_age: SignedDuration,
    /// In which periods are counted.
    pub time_zone: TimeZone,
}

/// What is to become of the backups of one database.
pub struct OfDatabase {
    /// Tells the database from others.
    pub source_id: String,
    /// Whose tables it holds.
    pub program: &'static str,
    /// The plan.
    pub plan: Plan,
}

/// What is to become of the backups of a destination.
pub struct Pruning {
    /// Database by database: those of one never make room for another's.
    pub databases: Vec<OfDatabase>,
    /// Backups that are not to be believed: they stay where they are, for somebody to look at.
    pub unbelieved: Vec<BackupId>,
    /// Backups that an earlier run was removing.
    pub doomed: Vec<BackupId>,
}

impl Pruning {
    /// Every backup that goes, the oldest of each database first.
    pub fn going(&self) -> impl Iterator<Item = &BackupId> {
        let planned = self.databases.iter().flat_map(|of| of.plan.going());
        self.doomed.iter().chain(planned)
    }
}

impl Backups {
    /// Says what would go.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn plan_prune(&self, rules: &Rules) -> Result<Pruning, BackupError> {
        let catalogue = self.catalogue().await?;
        let mut databases: BTreeMap<String, (&'static str, Vec<Kept>)> = BTreeMap::new();
        let mut unbelieved = Vec::new();
        for listed in &catalogue.backups {
            match (&listed.public, kept(listed)) {
                (Ok(public), Some(kept)) => {
                    let program = public.program.as_str();
                    let of = databases
                        .entry(public.source_id.clone())
                        .or_insert((program, Vec::new()));
                    of.1.push(kept);
                }
                _ => unbelieved.push(listed.id.clone()),
            }
        }
        let now = self.clock.now();
        let plans = databases
            .into_iter()
            .map(|(source_id, (program, backups))| OfDatabase {
                source_id,
                program,
                plan: retention::plan(
                    &backups,
                    &rules.policy,
                    rules.max_age,
                    now,
                    &rules.time_zone,
                ),
            });
        Ok(Pruning {
            databases: plans.collect(),
            unbelieved,
            doomed: catalogue.doomed,
        })
    }

    /// Removes what goes, the plan made anew now that nobody else works on the destination. The
    /// lock of the destination is held. Returns what was removed.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`]; what was removed before is removed.
    pub async fn prune(
        &self,
        rules: &Rules,
        watch: &Watch<'_>,
    ) -> Result<Vec<BackupId>, BackupError> {
        let pruning = self.plan_prune(rules).await?;
        let going: Vec<BackupId> = pruning.going().cloned().collect();
        let total = u64::try_from(going.len()).unwrap_or(u64::MAX);
        watch.progress.begin("removing backups", Some(total));
        for (done, id) in (0..).zip(&going) {
            if watch.stop.is_asked() {
                return Err(BackupError::Interrupted(
                    "between two backups; the same command goes on",
                ));
            }
            watch.progress.done(done);
            self.remove(id).await?;
        }
        watch.progress.end();
        Ok(going)
    }

    /// Removes one backup. Its signature goes first: what is left is no backup, and is not missed.
    pub(super) async fn remove(&self, id: &BackupId) -> Result<(), BackupError> {
        let (here, now) = (self.blob.address(), self.clock.now());
        self.known.update(|known| known.doom(&here, id, now))?;
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), id.as_str().into());
        details.insert("destination".to_owned(), self.blob.describe().into());
        self.record(Action::BackupPrune, Outcome::Success, details)
            .await?;
        let blob = self.blob.as_ref();
        blob.remove(&names::of_file(id, names::MANIFEST_SIGNATURE))
            .await?;
        // Other hosts have seen it too, and learn here that it is not lost.
        if self.signing_key().is_ok() {
            self.add_record(id, Event::Pruned).await?;
        }
        let pruned = format!("-{}.json", Event::Pruned.word());
        for folder in [names::of_backup(id), names::of_records(id)] {
            for entry in blob.list(&folder).await? {
                if !entry.name.ends_with(&pruned) {
                    blob.remove(&entry.name).await?;
                }
            }
        }
        self.known.update(|known| known.prune(&here, id, now))?;
        Ok(())
    }

    /// Keeps a backup whatever its age, or no longer than others.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn pin(&self, id: &BackupId, event: Event) -> Result<(), BackupError> {
        // What is not to be believed is not pinned either.
        self.open(id).await?;
        let kind = event.word();
        self.add_record(id, event).await?;
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), id.as_str().into());
        details.insert("kind".to_owned(), kind.into());
        self.record(Action::BackupPin, Outcome::Success, details)
            .await
    }
}

fn kept(listed: &Listed) -> Option<Kept> {
    Some(Kept {
        id: listed.id.clone(),
        at: listed.created_at()?,
        is_verified: listed.is_verified(),
        is_pinned: listed.is_pinned(),
    })
}
