//! What a destination holds: its backups, and the records of what was done with them.

use super::container::{self, Fault};
use super::known::Known;
use super::manifest::PublicManifest;
use super::names;
use super::record::{DrillVerdict, Event, Record};
use super::signature::Trusted;
use crate::blob::{Blob, BlobError};
use crate::domain::backup::BackupId;
use futures_util::StreamExt as _;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// How many small files are read beside each other.
const AT_ONCE: usize = 8;
/// The most that a record may have, in bytes.
const RECORD_MAX_BYTES: u64 = 1 << 20;

/// A backup of the catalogue.
pub struct Listed {
    /// The backup.
    pub id: BackupId,
    /// Its public manifest, or why it is not to be believed.
    pub public: Result<PublicManifest, Fault>,
    /// The id of the key that signed it.
    pub signer: Option<String>,
    /// What was done with it, the oldest first.
    pub records: Vec<Record>,
    /// Records that are not to be believed.
    pub bad_records: usize,
}

/// Everything that a destination holds, the oldest first.
pub struct Catalogue {
    /// The backups.
    pub backups: Vec<Listed>,
    /// Backups that this host has seen here, and that nobody removed by retention.
    pub lost: Vec<BackupId>,
    /// Backups that retention was removing when it was interrupted.
    pub doomed: Vec<BackupId>,
    /// Backups whose signature, which comes last, has not come yet: they are being sent here, or
    /// that was interrupted. One that this host has seen here as a whole is none of them.
    pub unfinished: Vec<BackupId>,
}

impl Listed {
    /// The level up to which the backup is known to hold: that of its making, of a later look, or
    /// of a drill. 0 once a look said that it does not hold, until another one says that it does.
    #[must_use]
    pub fn verified_level(&self) -> u8 {
        let Ok(public) = &self.public else { return 0 };
        let mut level = public.verified_level;
        for record in &self.records {
            match &record.event {
                Event::Verified {
                    level: looked,
                    passed: true,
                    ..
                } => level = level.max(*looked),
                Event::Drilled {
                    verdict: DrillVerdict::Ok,
                    ..
                } => level = level.max(4),
                Event::Verified { passed: false, .. }
                | Event::Drilled {
                    verdict: DrillVerdict::Tampered,
                    ..
                } => level = 0,
                // What does not mean what it meant may be for want of a key: the bytes are those
                // that were made.
                Event::Drilled {
                    verdict: DrillVerdict::Fail,
                    ..
                } => level = level.min(2),
                _ => {}
            }
        }
        level
    }

    /// Whether it counts as a backup that can be restored.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.verified_level() >= 2
    }

    /// Whether it is kept whatever its age.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        let mut pinned = false;
        for record in &self.records {
            match record.event {
                Event::Pinned => pinned = true,
                Event::Unpinned => pinned = false,
                _ => {}
            }
        }
        pinned
    }

    /// Backups that were to take its place; whether any of them was finished is another question.
    pub fn replacements(&self) -> impl Iterator<Item = &BackupId> {
        self.records
            .iter()
            .filter_map(|record| match &record.event {
                Event::Replacing { by } => Some(by),
                _ => None,
            })
    }

    /// When it was last restored with success for a test.
    #[must_use]
    pub fn drilled_at(&self) -> Option<Timestamp> {
        self.records
            .iter()
            .rev()
            .find(|record| {
                matches!(
                    record.event,
                    Event::Drilled {
                        verdict: DrillVerdict::Ok,
                        ..
                    }
                )
            })
            .map(|record| record.at)
    }

    /// When it was last tried to restore it for a test, whatever came of it.
    #[must_use]
    pub fn tried_at(&self) -> Option<Timestamp> {
        self.records
            .iter()
            .rev()
            .find(|record| matches!(record.event, Event::Drilled { .. }))
            .map(|record| record.at)
    }

    /// When its snapshot was taken.
    #[must_use]
    pub fn created_at(&self) -> Option<Timestamp> {
        match &self.public {
            Ok(public) => Some(public.created_at),
            Err(_) => self.id.began_at(),
        }
    }
}

impl Catalogue {
    /// Reads the catalogue of a destination. What cannot be believed is listed as such.
    ///
    /// # Errors
    ///
    /// [`BlobError`], when the destination cannot be read.
    pub async fn read(
        blob: &dyn Blob,
        trusted: &Trusted,
        known: &Known,
    ) -> Result<Self, BlobError> {
        let here = blob.address();
        let ids = ids(blob).await?;
        let mut records = records(blob, trusted).await?;
        let pruned: BTreeSet<BackupId> = records
            .iter()
            .filter(|(_, (records, _))| {
                let mut events = records.iter().map(|record| &record.event);
                events.any(|event| *event == Event::Pruned)
            })
            .map(|(id, _)| id.clone())
            .collect();
        let looks = ids.clone().into_iter().map(|id| async move {
            let read = container::read_public(blob, &id, trusted).await;
            (id, read)
        });
        let mut looks = futures_util::stream::iter(looks).buffered(AT_ONCE);
        let (mut backups, mut doomed, mut unfinished) = (Vec::new(), Vec::new(), Vec::new());
        while let Some((id, read)) = looks.next().await {
            let seen = known.of(&here, &id);
            let revived = seen.is_some_and(|known| known.pruned_at.is_some());
            let is_pruned = pruned.contains(&id);
            let is_doomed = seen.is_some_and(|known| known.doomed_at.is_some());
            if (is_doomed && !revived) || (is_pruned && read.is_err()) {
                // What is left of it goes with the next run of retention.
                doomed.push(id);
                continue;
            }
            if seen.is_none() && matches!(read, Err(Fault::Unsigned(_))) {
                unfinished.push(id);
                continue;
            }
            let mut signer = None;
            let public = match read {
                Ok(_) if revived => Err(Fault::Revived(id.clone())),
                Ok((public, believed)) => {
                    signer = Some(believed.key_id);
                    Ok(public)
                }
                // The destination went away: that says nothing of this backup.
                Err(Fault::Blob(error)) => return Err(error),
                Err(fault) => Err(fault),
            };
            let (records, bad_records) = records.remove(&id).unwrap_or_default();
            backups.push(Listed {
                id,
                public,
                signer,
                records,
                bad_records,
            });
        }
        // Ids tell of seconds, and by chance behind them.
        backups.sort_by_key(Listed::created_at);
        Ok(Self {
            lost: lost(&here, &ids, known)
                .into_iter()
                .filter(|id| !pruned.contains(id))
                .collect(),
            backups,
            doomed,
            unfinished,
        })
    }

    /// The backup of this name: a whole id, or the beginning of exactly one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Listed> {
        let mut found = self
            .backups
            .iter()
            .filter(|listed| listed.id.as_str().starts_with(name));
        match (found.next(), found.next()) {
            (Some(one), None) if !name.is_empty() => Some(one),
            _ => None,
        }
    }

    /// The newest backup that counts: one that can be restored, as far as is known.
    #[must_use]
    pub fn newest(&self) -> Option<&Listed> {
        self.backups
            .iter()
            .filter(|listed| listed.is_verified())
            .max_by_key(|listed| listed.created_at())
    }
}

/// The ids of all backups that a destination holds a file of.
async fn ids(blob: &dyn Blob) -> Result<BTreeSet<BackupId>, BlobError> {
    let prefix = format!("{}/", names::BACKUPS);
    let listed = blob.list(names::BACKUPS).await?;
    Ok(listed
        .iter()
        .filter_map(|entry| entry.name.strip_prefix(&prefix)?.split('/').next())
        .filter_map(BackupId::parse)
        .collect())
}

type Records = BTreeMap<BackupId, (Vec<Record>, usize)>;

async fn records(blob: &dyn Blob, trusted: &Trusted) -> Result<Records, BlobError> {
    let prefix = format!("{}/", names::CATALOGUE);
    let mut listed = blob.list(names::CATALOGUE).await?;
    listed.sort_by(|one, other| one.name.cmp(&other.name));
    let named = listed.into_iter().filter_map(|entry| {
        let (id, _) = entry.name.strip_prefix(&prefix)?.split_once('/')?;
        Some((BackupId::parse(id)?, entry.name))
    });
    let reads = named.map(|(id, name)| async move {
        let read = blob.read(&name, RECORD_MAX_BYTES).await;
        (id, read)
    });
    let mut reads = futures_util::stream::iter(reads).buffered(AT_ONCE);
    let mut records = Records::new();
    while let Some((id, read)) = reads.next().await {
        let bytes = match read {
            Ok(read) => read.bytes,
            // Removed meanwhile, with its backup.
            Err(BlobError::NotFound { .. }) => continue,
            Err(error) => return Err(error),
        };
        let opened = Record::open(&bytes, &id, trusted);
        let (good, bad) = records.entry(id).or_default();
        match opened {
            Ok((record, _)) => good.push(record),
            Err(_) => *bad += 1,
        }
    }
    for (records, _) in records.values_mut() {
        records.sort_by_key(|record| record.at);
    }
    Ok(records)
}

fn lost(here: &str, ids: &BTreeSet<BackupId>, known: &Known) -> Vec<BackupId> {
    known
        .in_destination(here)
        .filter(|(_, known)| known.pruned_at.is_none() && known.doomed_at.is_none())
        .map(|(id, _)| id)
        .filter(|id| !ids.contains(id))
        .collect()
}

/// Adds a signed record to the catalogue.
///
/// # Errors
///
/// [`BlobError`].
pub async fn add_record(blob: &dyn Blob, record: &Record, signed: &[u8]) -> Result<(), BlobError> {
    let name = names::of_record(&record.backup_id, record.at, record.event.word());
    blob.create(&name, signed).await?;
    Ok(())
}
