//! The audit log.

use super::read::{Reader, Rejected};
use super::settings::AUDIT_DIR;
use std::path::PathBuf;

/// The settings of `[audit]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditConfig {
    /// The folder of the log.
    pub dir: PathBuf,
}

impl AuditConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let dir = reader.parsed(&AUDIT_DIR, "a folder", |text| {
            (!text.is_empty()).then(|| text.to_owned())
        })?;
        Ok(Self {
            dir: reader.path(&AUDIT_DIR, &dir),
        })
    }
}
