//! Drills: whether a copy would do if the keyring were lost now.

use super::{CustodyError, KeyringFacts, OpenCopy};
use crate::app::error::AppResult;
use crate::app::{App, Call};
use crate::crypto::keyring::Keyring;
use crate::crypto::wrap;
use crate::domain::drill::{Drill, DrillKind};
use crate::domain::key::{DataKeyRecord, KeyId, KeyPurpose, KeyState};
use jiff::{SignedDuration, Timestamp};

/// After how many days without one a drill is due.
pub const DRILL_DAYS: i64 = 180;

/// A key that the copy lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingKey {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// How many data keys of the database only this key opens.
    pub data_keys: usize,
}

/// How a drill ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrillReport {
    /// From what the keys were recovered.
    pub kind: DrillKind,
    /// When.
    pub at: Timestamp,
    /// The keyring of the copy.
    pub copy: KeyringFacts,
    /// How many data keys of the database it opened.
    pub opened: usize,
    /// What it lacks.
    pub missing: Vec<MissingKey>,
    /// Data keys that do not open although the copy has their master key: the database is damaged.
    pub damaged: Vec<KeyId>,
}

impl DrillReport {
    /// Compares a copy with the keyring in use and with the data keys of the database.
    fn new(
        kind: DrillKind,
        at: Timestamp,
        copy: &Keyring,
        in_use: &Keyring,
        data_keys: &[DataKeyRecord],
    ) -> Self {
        let mut report = Self {
            kind,
            at,
            copy: KeyringFacts::of(copy),
            opened: 0,
            missing: Vec::new(),
            damaged: Vec::new(),
        };
        // A pending key was not used for anything yet.
        for entry in in_use.entries() {
            if entry.state != KeyState::Pending && copy.entry(&entry.id).is_none() {
                report.missing.push(MissingKey {
                    id: entry.id,
                    purpose: entry.purpose,
                    data_keys: 0,
                });
            }
        }
        for record in data_keys {
            let wrapped = &record.key;
            match copy.master(&wrapped.master_id) {
                Some(master) if wrap::unwrap(wrapped, master).is_ok() => report.opened += 1,
                Some(_) => report.damaged.push(wrapped.id.clone()),
                None => report.miss(&wrapped.master_id),
            }
        }
        report
    }

    fn miss(&mut self, master: &KeyId) {
        if let Some(known) = self.missing.iter_mut().find(|key| key.id == *master) {
            known.data_keys += 1;
        } else {
            self.missing.push(MissingKey {
                id: master.clone(),
                purpose: KeyPurpose::Master,
                data_keys: 1,
            });
        }
    }

    /// Whether the copy would do.
    #[must_use]
    pub const fn passed(&self) -> bool {
        self.missing.is_empty() && self.damaged.is_empty() && self.opened > 0
    }
}

/// How long ago it was proven that the keys could be recovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrillAge {
    /// The last drill that passed; none yet otherwise.
    pub last: Option<Timestamp>,
    /// Whole days since then, or since the deployment has had keys.
    pub days: i64,
}

impl DrillAge {
    /// Whether a drill is due.
    #[must_use]
    pub const fn is_due(&self) -> bool {
        self.days >= DRILL_DAYS
    }

    /// What to say to whoever looks at the keys; nothing while no drill is due.
    #[must_use]
    pub fn reminder(&self) -> Option<String> {
        let days = self.days;
        let since = match self.last {
            Some(_) => format!("The last drill that passed was {days} days ago."),
            None => format!("These keys are {days} days old, and no drill has passed yet."),
        };
        self.is_due()
            .then(|| format!("{since} `embsec keys drill` proves that they could be recovered."))
    }
}

impl App {
    /// Tries whether a copy would do, and records nothing.
    ///
    /// # Errors
    ///
    /// [`CustodyError::Store`].
    pub async fn try_copy(
        &self,
        kind: DrillKind,
        copy: &OpenCopy,
    ) -> Result<DrillReport, CustodyError> {
        let data_keys = self.store.data_keys(None).await?;
        let in_use = self.keys().keyring();
        let report = DrillReport::new(kind, self.now(), &copy.keyring, &in_use, &data_keys);
        Ok(report)
    }

    /// Tries whether a copy would do, and records how that ended. A copy that could not be opened
    /// because of what it is counts as a drill that failed.
    ///
    /// # Errors
    ///
    /// The error of the copy, or [`CustodyError::Store`].
    pub async fn drill(
        &self,
        call: &Call,
        kind: DrillKind,
        copy: Result<OpenCopy, CustodyError>,
    ) -> Result<DrillReport, CustodyError> {
        let outcome = match copy {
            Ok(copy) => Ok(self.try_copy(kind, &copy).await?),
            Err(error) if error.is_of_the_copy() => Err(error),
            Err(error) => return Err(error),
        };
        let drill = Drill {
            kind,
            at: self.now(),
            master_id: self.keyring_facts().master_id,
            passed: outcome.as_ref().is_ok_and(DrillReport::passed),
        };
        self.store.add_drill(&drill, &self.recorder(call)).await?;
        outcome
    }

    /// How long ago it was proven that the keys could be recovered.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn drill_age(&self) -> AppResult<DrillAge> {
        let last = self.store.last_passed_drill().await?.map(|drill| drill.at);
        let since = match last {
            Some(last) => Some(last),
            None => {
                let oldest = self.store.data_keys(None).await?;
                oldest.first().map(|record| record.created_at)
            }
        };
        let age = since.map_or(SignedDuration::ZERO, |since| {
            self.now().duration_since(since)
        });
        Ok(DrillAge {
            last,
            days: age.as_hours() / 24,
        })
    }
}
