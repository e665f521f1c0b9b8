//! Users of this machine, by name.

use super::owner::effective_uid;
use std::process::{Command, Stdio};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name.
    pub name: String,
    /// The number.
    pub uid: u32,
    /// The number of the user's own group.
    pub gid: u32,
}

/// The user of this name, from the local list of users or a directory such as LDAP.
#[must_use]
pub fn named(name: &str) -> Option<Account> {
    // A number would be looked up as one.
    let is_name = !name.starts_with('-') && !name.bytes().all(|byte| byte.is_ascii_digit());
    let find = |list: &str| accounts(list).find(|account| account.name == name);
    if is_name { looked_up(find, name) } else { None }
}

/// The user whose rights this process has. A container may run with a number that no user has.
#[must_use]
pub fn current() -> Option<Account> {
    let uid = effective_uid();
    let find = |list: &str| accounts(list).find(|account| account.uid == uid);
    looked_up(find, &uid.to_string())
}

fn looked_up(find: impl Fn(&str) -> Option<Account>, asked: &str) -> Option<Account> {
    let local = std::fs::read("/etc/passwd").unwrap_or_default();
    find(&String::from_utf8_lossy(&local)).or_else(|| {
        let output = Command::new("getent")
            .args(["passwd", asked])
            .stdin(Stdio::null())
            .output()
            .ok()?;
        find(&String::from_utf8_lossy(&output.stdout))
    })
}

/// The lines of a list of users (passwd(5)) that make sense.
fn accounts(list: &str) -> impl Iterator<Item = Account> {
    list.lines().filter_map(|line| {
        let mut columns = line.split(':');
        let name = columns.next().filter(|name| !name.is_empty())?;
        let uid = columns.nth(1)?.parse().ok()?;
        let gid = columns.next()?.parse().ok()?;
        Some(Account {
            name: name.to_owned(),
            uid,
            gid,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_odd_lines_are_passed_over() {
        let list = "root:x:0:0:root:/root:/bin/sh\n\n:x:7:7\n# note\n+::::::\nbroken:x:1\n\
                    embsec:x:998:997::/:/bin/false\n";
        let found: Vec<Account> = accounts(list).collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[1].uid, found[1].gid), (998, 997));
    }

    #[test]
    fn who_runs_this_is_known_and_a_number_is_no_name() {
        let current = current().unwrap();
        assert_eq!(current.uid, effective_uid());
        assert_eq!(named(&current.name), Some(current));
        for nobody in ["", "0", "-u", "no-such-user-4711"] {
            assert_eq!(named(nobody), None, "{nobody}");
        }
    }
}
