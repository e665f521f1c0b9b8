//! A run that may write to the database of another program, and what it leaves behind.

use super::residue::{self, Residue};
use super::{Target, TargetError};
use crate::app::encryption::{self, Census, Direction, Guard, Report, Watch};
use crate::audit::AuditWriter;
use crate::deployment::transfer::OtherSide;
use crate::domain::audit::Origin;
use crate::sys::fs::FsError;
use crate::sys::owner;
use crate::target::lease::Lease;
use crate::target::rows::Rows;
use crate::target::scrub::ScrubNeeds;
use std::path::Path;
use std::sync::Arc;

/// How many values of a database a key sealed, as long as nobody else works on it.
pub struct KeyUses {
    /// Values.
    pub count: u64,
    pub(super) _lease: Box<dyn Lease>,
}

/// A run that may write.
pub struct Run<'t> {
    pub(super) target: &'t Target,
    pub(super) direction: Direction,
    pub(super) rows: Box<dyn Rows>,
    pub(super) lease: Box<dyn Lease>,
}

impl Run<'_> {
    /// Proves that the key opens all that is sealed, and says what there is to do.
    ///
    /// # Errors
    ///
    /// Any [`TargetError`]; nothing was changed.
    pub async fn prove(&mut self, watch: &Watch<'_>) -> Result<Census, TargetError> {
        let rows = self.rows.as_mut();
        let subject = self.target.subject_of(self.direction);
        Ok(encryption::prove(rows, subject, self.direction, watch).await?)
    }

    /// Writes, with the log in this folder.
    ///
    /// # Errors
    ///
    /// Any [`TargetError`].
    pub async fn apply(
        &mut self,
        proven: Census,
        watch: &Watch<'_>,
        audit_dir: &Path,
        origin: Origin,
    ) -> Result<Report, TargetError> {
        if proven.work(self.direction) == 0 {
            return Ok(Report::idle(&proven, self.direction));
        }
        if let (OtherSide::Sqlite(path), Direction::Encrypt) = (&self.target.place, self.direction)
        {
            residue::mark(path)?;
        }
        make_folder(audit_dir)?;
        let clock = Arc::clone(&self.target.clock);
        let (log, _) = AuditWriter::open(audit_dir, &owner::host_name(), clock)?;
        let subject = self.target.subject_of(self.direction);
        if let (Some((_, fresh)), Direction::Encrypt) = (&self.target.sealing, self.direction)
            && proven.to_seal() > 0
        {
            let clock = self.target.clock.as_ref();
            let kept = fresh.keep(&log, &origin, subject, clock).await;
            if let Err(error) = kept {
                log.close().await;
                return Err(error);
            }
        }
        let guard = Guard {
            audit: &log,
            origin,
            lease: self.lease.as_mut(),
        };
        let done = encryption::apply(
            self.rows.as_mut(),
            subject,
            self.direction,
            proven,
            watch,
            guard,
        )
        .await;
        log.close().await;
        Ok(done?)
    }

    /// Takes what was overwritten out of the files of the database, where there are files and
    /// something may be left in them. The lease is held until that is over.
    ///
    /// # Errors
    ///
    /// [`TargetError::Scrub`].
    pub fn scrub(
        self,
        temporary: &Path,
        begins: &dyn Fn(&ScrubNeeds),
    ) -> Result<Residue, TargetError> {
        let Self { target, rows, .. } = self;
        // Scrubbing needs the file for itself.
        drop(rows);
        target.scrub_files(temporary, begins)
    }
}

impl Target {
    /// Scrubs without writing any value.
    ///
    /// # Errors
    ///
    /// Any [`TargetError`].
    pub async fn scrub_only(
        &self,
        temporary: &Path,
        begins: &(dyn Fn(&ScrubNeeds) + Sync),
    ) -> Result<Residue, TargetError> {
        self.require_fit().await?;
        let _lease = self.lease().await?;
        if let OtherSide::Sqlite(path) = &self.place {
            residue::mark(path)?;
        }
        self.scrub_files(temporary, begins)
    }

    fn scrub_files(
        &self,
        temporary: &Path,
        begins: &dyn Fn(&ScrubNeeds),
    ) -> Result<Residue, TargetError> {
        let tables = &self.subject.tables;
        match &self.place {
            OtherSide::Sqlite(path) => residue::scrub(path, temporary, tables, begins),
            OtherSide::Postgres(_) => Ok(Residue::of_server(tables)),
        }
    }
}

/// Makes the folder of a log, with those above it, for its owner only.
fn make_folder(folder: &Path) -> Result<(), TargetError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = std::fs::DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(folder);
    made.map_err(|source| {
        TargetError::File(FsError::Io {
            action: "make",
            path: folder.to_owned(),
            source,
        })
    })
}
