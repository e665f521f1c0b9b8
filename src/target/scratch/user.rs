//! Who runs the programs of a scratch server, and with which rights.
//!
//! PostgreSQL refuses to run as root, so root runs it as somebody else. That user may have other
//! processes, which the restored rows are none of the business of. So the server runs in a group
//! of its own that nobody else is in, and only this group may pass through the server's folder:
//! another process of the same user reaches neither its files nor its socket, nor can it look into
//! its memory, since the kernel asks for the same group there as well.

use super::error::ScratchError;
use crate::sys::account::{self, Account};
use crate::sys::owner::effective_uid;
use std::ffi::OsString;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Who runs a server for root, the first that there is.
const USUAL_USERS: [&str; 2] = ["postgres", "nobody"];
/// Numbers of groups that no list of groups, container or service manager gives away: from here,
/// and how many bits.
const GROUPS_FROM: u32 = 0x7000_0000;
const GROUP_BITS: u32 = 0x07ff_ffff;

/// Who runs the programs.
#[derive(Clone, Debug)]
pub(super) struct RunAs {
    /// The user.
    pub(super) account: Account,
    /// Who connects: the user of this process.
    pub(super) client: Account,
    /// The group that the programs run in, when it is root who starts them.
    pub(super) group: Option<u32>,
    path: Option<OsString>,
}

impl RunAs {
    /// Root runs the programs as `wished`, or as a usual user, in a group by chance; anybody else
    /// runs them as they are. `path` is where these programs find others.
    pub(super) fn choose(
        wished: Option<&str>,
        path: Option<OsString>,
        chance: [u8; 4],
    ) -> Result<Self, ScratchError> {
        let client = account::current().ok_or_else(|| ScratchError::Nameless(effective_uid()))?;
        if client.uid != 0 {
            return Ok(Self {
                account: client.clone(),
                client,
                group: None,
                path,
            });
        }
        let account = match wished {
            Some(name) => account::named(name),
            None => USUAL_USERS.iter().find_map(|name| account::named(name)),
        };
        let account = account.ok_or_else(|| {
            let name = wished.unwrap_or(USUAL_USERS[0]);
            ScratchError::NoSuchUser(name.to_owned())
        })?;
        if account.uid == 0 {
            return Err(ScratchError::Root);
        }
        let own = GROUPS_FROM | (u32::from_be_bytes(chance) & GROUP_BITS);
        // A container may know the groups only that it was given.
        let known = fs::read_to_string("/proc/self/gid_map").unwrap_or_default();
        let group = if is_mapped(&known, own) {
            own
        } else {
            account.gid
        };
        Ok(Self {
            account,
            client,
            group: Some(group),
            path,
        })
    }

    /// A program with the rights of that user and no other, in a group of processes of its own, so
    /// that an interrupt at the terminal leaves it to us to stop it. It gets nothing of the
    /// environment but where programs are: secrets are none of its business.
    pub(super) fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir(folder)
            .stdin(Stdio::null())
            .process_group(0);
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        if let Some(group) = self.group {
            // Setting the user takes all further groups away.
            command.gid(group).uid(self.account.uid);
        }
        command
    }
}

/// Whether a group can be used here, by a table of `user_namespaces(7)`. Without one all can.
fn is_mapped(table: &str, group: u32) -> bool {
    let mut rows = table.lines().peekable();
    let is_whole = rows.peek().is_none();
    is_whole
        || rows.any(|row| {
            let mut numbers = row.split_whitespace().map(str::parse::<u64>);
            let (Some(Ok(first)), Some(Ok(_)), Some(Ok(count))) =
                (numbers.next(), numbers.next(), numbers.next())
            else {
                return false;
            };
            (first..first.saturating_add(count)).contains(&u64::from(group))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_knows_the_groups_that_it_was_given() {
        let whole = "         0          0 4294967295\n";
        let rootless = "         0       1000          1\n         1     100000      65536\n";
        assert!(is_mapped(whole, GROUPS_FROM) && is_mapped("", GROUPS_FROM));
        assert!(is_mapped(rootless, 65_536));
        assert!(!is_mapped(rootless, 65_537) && !is_mapped(rootless, GROUPS_FROM));
    }

    #[test]
    fn a_user_who_is_missing_or_root_is_refused_when_root_asks() {
        if effective_uid() != 0 {
            return;
        }
        let choose = |name| RunAs::choose(Some(name), None, [1; 4]);
        let told = choose("no-such-user-4711").unwrap_err().to_string();
        assert!(
            told.contains("no-such-user-4711") && told.contains("restore_test.user"),
            "{told}"
        );
        assert!(matches!(choose("root"), Err(ScratchError::Root)));
    }

    #[test]
    fn a_program_has_the_rights_of_its_user_only_and_no_secrets() {
        let Ok(run_as) = RunAs::choose(None, Some("/usr/bin:/bin".into()), [1; 4]) else {
            panic!("there is nobody to run as");
        };
        let run = |arguments: &[&str]| {
            let mut program = run_as.command(Path::new("/usr/bin/env"), Path::new("/"));
            let output = program.args(arguments).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let all = run(&[]);
        let mut variables: Vec<&str> = all.lines().collect();
        variables.sort_unstable();
        assert_eq!(variables, ["LC_ALL=C", "PATH=/usr/bin:/bin", "TZ=UTC"]);
        assert_eq!(run(&["id", "-u"]).trim(), run_as.account.uid.to_string());
        if let Some(group) = run_as.group {
            assert_eq!(run(&["id", "-G"]).trim(), group.to_string());
        }
    }
}
