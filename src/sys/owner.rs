//! Who runs this process, who owns a path, and what this machine is called.

use super::fs::{FsError, io_error};
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The user whose rights this process has.
#[must_use]
pub fn effective_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The user who owns what a path leads to.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn owner_uid(path: &Path) -> Result<u32, FsError> {
    std::fs::metadata(path)
        .map(|metadata| metadata.uid())
        .map_err(io_error("read", path))
}

/// Whether anybody but the owner may read, write or run it.
#[must_use]
pub fn reachable_by_others(metadata: &Metadata) -> bool {
    metadata.mode() & 0o077 != 0
}

/// Whether anybody but the owner may write it.
#[must_use]
pub fn writable_by_others(metadata: &Metadata) -> bool {
    metadata.mode() & 0o022 != 0
}

/// A user's name for a message: from the local list of users, else the number. Directories such
/// as LDAP are not asked, since a message must not wait for a network.
#[must_use]
pub fn user_name(uid: u32) -> String {
    let passwd = std::fs::read("/etc/passwd").unwrap_or_default();
    name_in_passwd(&String::from_utf8_lossy(&passwd), uid).unwrap_or_else(|| uid.to_string())
}

fn name_in_passwd(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut columns = line.split(':');
        let name = columns.next().filter(|name| !name.is_empty())?;
        let number: u32 = columns.nth(1)?.parse().ok()?;
        (number == uid).then(|| name.to_owned())
    })
}

/// The name of this machine, as the kernel has it.
#[must_use]
pub fn host_name() -> String {
    rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .into_owned()
}

/// Whether a process of this number runs on this machine. One that belongs to somebody else and
/// may not be asked about counts as running.
#[must_use]
pub fn is_running(pid: u32) -> bool {
    let pid = i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_by_number_and_odd_lines_are_passed_over() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n\n:x:7\n# note\n+::::::\nbroken:x\n\
                      embsec:x:998:998::/:/bin/false\n";
        assert_eq!(name_in_passwd(passwd, 0).as_deref(), Some("root"));
        assert_eq!(name_in_passwd(passwd, 998).as_deref(), Some("embsec"));
        assert_eq!(name_in_passwd(passwd, 7), None);
    }

    #[test]
    fn a_user_without_a_name_is_a_number() {
        assert_eq!(user_name(4_000_000_123), "4000000123");
    }

    #[test]
    fn what_this_process_makes_belongs_to_its_user() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(owner_uid(folder.path()).unwrap(), effective_uid());
        let missing = owner_uid(&folder.path().join("missing")).unwrap_err();
        assert!(missing.is_not_found());
    }

    #[test]
    fn a_process_runs_until_it_has_ended() {
        assert!(is_running(std::process::id()));
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        assert!(is_running(child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_running(child.id()));
        assert!(!is_running(0));
        assert!(!is_running(u32::MAX));
    }

    #[test]
    fn the_host_has_a_name() {
        assert!(!host_name().is_empty());
    }
}
