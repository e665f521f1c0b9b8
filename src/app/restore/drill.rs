//! Restore tests: a backup is restored into a throwaway place, and what came out is held against
//! what went in.

use super::{RestoreError, Restored};
use crate::app::backup::{BackupError, Backups, Listed, OpenBackup, Watch};
use crate::backup::catalogue::Catalogue;
use crate::backup::record::{DrillTimes, DrillVerdict, Event};
use crate::domain::audit::{Action, Details, Outcome};
use crate::domain::backup::BackupId;
use crate::target::load::{ForeignKeys, Load};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How a part of a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It holds.
    Holds(String),
    /// It does not hold.
    Fails(String),
    /// It could not be checked.
    Unknown(String),
}

/// Whether the keyring opens what is sealed in a restored database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysProof {
    /// Everything that is sealed opens; how many values were opened.
    Opens(u64),
    /// Something does not open.
    DoesNotOpen(String),
    /// It could not be tried.
    Untried(String),
    /// Nothing in it is sealed by a key that embsec knows of.
    NothingSealed,
}

/// What a test found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillReport {
    /// The backup.
    pub id: BackupId,
    /// How it ended.
    pub verdict: DrillVerdict,
    /// What was checked, in its order.
    pub findings: Vec<Finding>,
    /// What it took.
    pub times: DrillTimes,
    /// How many rows were restored.
    pub rows: u64,
    /// The times of the tests before it that ended well, of backups of the same database, the
    /// newest first.
    pub before: Vec<DrillTimes>,
}

/// How many earlier tests are told of.
const TREND: usize = 5;

impl DrillReport {
    fn new(id: &BackupId) -> Self {
        Self {
            id: id.clone(),
            verdict: DrillVerdict::Ok,
            findings: Vec::new(),
            times: DrillTimes::default(),
            rows: 0,
            before: Vec::new(),
        }
    }

    fn add(&mut self, finding: Finding) {
        let verdict = match finding {
            Finding::Holds(_) => DrillVerdict::Ok,
            Finding::Fails(_) => DrillVerdict::Fail,
            Finding::Unknown(_) => DrillVerdict::Inconclusive,
        };
        self.verdict = worse(self.verdict, verdict);
        self.findings.push(finding);
    }

    /// What does not hold or could not be checked, in one line.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let told: Vec<&str> = self
            .findings
            .iter()
            .filter_map(|finding| match finding {
                Finding::Holds(_) => None,
                Finding::Fails(what) | Finding::Unknown(what) => Some(what.as_str()),
            })
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// The worse of two verdicts: what is known to be bad counts for more than what is not known.
#[must_use]
pub fn worse(one: DrillVerdict, other: DrillVerdict) -> DrillVerdict {
    let rank = |verdict| match verdict {
        DrillVerdict::Ok => 0,
        DrillVerdict::Inconclusive => 1,
        DrillVerdict::Fail => 2,
        DrillVerdict::Tampered => 3,
    };
    if rank(one) >= rank(other) { one } else { other }
}

/// Which backups a run takes that is to have a turn for each of them in time: of every database the
/// newest one, and beside it the one that was tried the longest ago.
#[must_use]
pub fn next_in_turn(catalogue: &Catalogue) -> Vec<BackupId> {
    let mut databases: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for listed in &catalogue.backups {
        if let Ok(public) = &listed.public {
            databases.entry(&public.source_id).or_default().push(listed);
        }
    }
    let mut chosen = Vec::new();
    for backups in databases.values() {
        let newest = backups.iter().max_by_key(|listed| listed.created_at());
        let others = backups
            .iter()
            .filter(|listed| newest.is_none_or(|newest| newest.id != listed.id));
        // Never tried comes before tried long ago.
        let oldest = others.min_by_key(|listed| (listed.tried_at(), listed.created_at()));
        chosen.extend(
            newest
                .into_iter()
                .chain(oldest)
                .map(|listed| listed.id.clone()),
        );
    }
    chosen
}

impl Backups {
    /// Opens a backup for a test. A backup that is not as it was made is an answer.
    ///
    /// # Errors
    ///
    /// When the destination or an identity fails.
    pub async fn open_for_drill(
        &self,
        id: &BackupId,
        identities: &crate::crypto::sealed_file::Identities,
    ) -> Result<Result<Arc<OpenBackup>, DrillReport>, BackupError> {
        match self.open_with(id, identities).await {
            Ok(opened) => Ok(Ok(Arc::new(opened))),
            Err(BackupError::Fault(fault)) if fault.is_damage() => {
                let mut report = DrillReport::new(id);
                report.add(Finding::Fails(fault.in_full()));
                report.verdict = DrillVerdict::Tampered;
                Ok(Err(report))
            }
            Err(error) => Err(error),
        }
    }

    /// Restores into a throwaway place and checks what came out, but for the keys.
    ///
    /// # Errors
    ///
    /// When it was interrupted or the destination went away, which says nothing of the backup.
    pub async fn drill(
        &self,
        backup: &Arc<OpenBackup>,
        load: &mut dyn Load,
        watch: &Watch<'_>,
    ) -> Result<DrillReport, RestoreError> {
        let mut report = DrillReport::new(&backup.container.id);
        let age = self
            .clock
            .now()
            .duration_since(backup.manifest.created_at)
            .as_secs();
        report.times.rpo_secs = u64::try_from(age).unwrap_or(0);
        match self.restore(backup, load, watch).await {
            Ok(restored) => report.take(&restored),
            Err(error) => {
                report.settle(error)?;
                return Ok(report);
            }
        }
        let keys = load.foreign_keys().await?;
        report.add(of_foreign_keys(&keys));
        for search in backup.searches() {
            let name = format!("{}.{}", search.schema, search.table);
            let found = load.run_search(search).await?;
            report.add(match found {
                Some(found) if found == search.nearest => {
                    Finding::Holds(format!("the recorded search in {name} finds the same rows"))
                }
                Some(_) => {
                    Finding::Fails(format!("the recorded search in {name} finds other rows"))
                }
                None => {
                    Finding::Unknown(format!("the recorded search in {name} cannot be repeated"))
                }
            });
        }
        Ok(report)
    }

    /// Notes how a test ended: in the audit log, and signed in the catalogue. `false`: this host
    /// has no key to sign with, so that the catalogue does not learn of it.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn note_drill(&self, report: &mut DrillReport) -> Result<bool, BackupError> {
        let catalogue = self.catalogue().await?;
        report.before = trend(&catalogue, &report.id);
        let signs = self.signing_key().is_ok();
        if signs {
            let event = Event::Drilled {
                verdict: report.verdict,
                times: report.times,
                reason: report.reason(),
            };
            self.add_record(&report.id, event).await?;
        }
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), report.id.as_str().into());
        details.insert("verdict".to_owned(), report.verdict.as_str().into());
        details.insert("rpo_secs".to_owned(), report.times.rpo_secs.into());
        if let Some(reason) = report.reason() {
            details.insert("reason".to_owned(), reason.into());
        }
        let outcome = match report.verdict {
            DrillVerdict::Ok => Outcome::Success,
            _ => Outcome::Failure,
        };
        self.record(Action::BackupDrill, outcome, details).await?;
        Ok(signs)
    }
}

impl DrillReport {
    fn take(&mut self, restored: &Restored) {
        self.rows = restored.rows;
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.times.rto_data_millis = restored.data.map(millis);
        self.times.rto_index_millis = Some(millis(restored.indexes));
        self.add(Finding::Holds(format!(
            "{} restored, each table compared with the backup",
            crate::domain::count::rows(restored.rows)
        )));
    }

    /// What a restore that failed says of the backup.
    fn settle(&mut self, error: RestoreError) -> Result<(), RestoreError> {
        match error {
            RestoreError::Backup(BackupError::Fault(fault)) if fault.is_damage() => {
                self.add(Finding::Fails(fault.in_full()));
                self.verdict = DrillVerdict::Tampered;
            }
            RestoreError::Differs(what) => {
                self.add(Finding::Fails(format!(
                    "{what} is not what the backup says"
                )));
            }
            RestoreError::Load(error) if error.is_of_the_place() => {
                self.add(Finding::Unknown(error.to_string()));
            }
            RestoreError::Load(error) => self.add(Finding::Fails(error.to_string())),
            error => return Err(error),
        }
        Ok(())
    }

    /// Adds whether the keyring opens what is sealed.
    pub fn add_keys(&mut self, proof: KeysProof) {
        match proof {
            KeysProof::Opens(values) => self.add(Finding::Holds(format!(
                "the keyring opens {} that are sealed",
                crate::domain::count::values(values)
            ))),
            KeysProof::NothingSealed => self.add(Finding::Holds(
                "nothing in it is sealed by a key that embsec keeps".to_owned(),
            )),
            KeysProof::DoesNotOpen(what) => self.add(Finding::Fails(what)),
            KeysProof::Untried(why) => self.add(Finding::Unknown(why)),
        }
    }

    /// Whether the rows were restored.
    #[must_use]
    pub const fn is_restored(&self) -> bool {
        self.times.rto_index_millis.is_some()
    }

    /// A test that could not be begun.
    #[must_use]
    pub fn inconclusive(id: &BackupId, why: String) -> Self {
        let mut report = Self::new(id);
        report.add(Finding::Unknown(why));
        report
    }
}

fn of_foreign_keys(keys: &ForeignKeys) -> Finding {
    if !keys.broken.is_empty() {
        return Finding::Fails(format!(
            "rows name others that are not there: {}",
            keys.broken.join(", ")
        ));
    }
    Finding::Holds(crate::domain::count::counted(
        keys.checked,
        "foreign key holds",
        "foreign keys hold",
    ))
}

/// The times of tests that ended well, of backups of the same database.
fn trend(catalogue: &Catalogue, id: &BackupId) -> Vec<DrillTimes> {
    let source_of = |listed: &Listed| {
        let public = listed.public.as_ref().ok()?;
        Some(public.source_id.clone())
    };
    let source = catalogue
        .backups
        .iter()
        .find(|listed| listed.id == *id)
        .and_then(source_of);
    let mut times: Vec<(Timestamp, DrillTimes)> = catalogue
        .backups
        .iter()
        .filter(|listed| source_of(listed) == source)
        .flat_map(|listed| &listed.records)
        .filter_map(|record| match record.event {
            Event::Drilled {
                verdict: DrillVerdict::Ok,
                times,
                ..
            } => Some((record.at, times)),
            _ => None,
        })
        .collect();
    times.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    times
        .into_iter()
        .take(TREND)
        .map(|(_, times)| times)
        .collect()
}
