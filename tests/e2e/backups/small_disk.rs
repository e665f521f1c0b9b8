//! A disk that is soon full.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system in memory. It is gone with this value.
pub(super) struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Makes one with these options of `tmpfs`, which only root can: `scripts/test` leaves these
    /// tests out for others, and says so.
    #[track_caller]
    pub(super) fn mount(folder: &Path, options: &str) -> Self {
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &format!("mode=700,{options}"), "tmpfs"]);
        let mounted = command.arg(folder).output().unwrap();
        assert!(mounted.status.success(), "{mounted:?}");
        Self(folder.to_owned())
    }

    /// Gives it other options.
    pub(super) fn change(&self, options: &str) {
        let mut command = Command::new("mount");
        command.args(["-o", &format!("remount,{options}")]);
        let changed = command.arg(&self.0).output().unwrap();
        assert!(changed.status.success(), "{changed:?}");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A test that failed must tell that, not this.
        let _output = Command::new("umount").arg("--lazy").arg(&self.0).output();
    }
}
