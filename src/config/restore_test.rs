//! How a restore is tried out.

use super::backup::{folder, healthcheck_url};
use super::error::Fault;
use super::read::{Reader, Rejected};
use super::secret::SecretRef;
use super::settings::{
    BACKUP_PG_BINDIR, RESTORE_TEST_HEALTHCHECK_URL, RESTORE_TEST_PG_BINDIR, RESTORE_TEST_USER,
};
use std::path::PathBuf;

/// Who runs a scratch server where there is such a user.
const USUAL_USER: &str = "postgres";
/// And who where there is not.
const LAST_USER: &str = "nobody";

/// The settings of `[restore_test]`.
#[derive(Clone, Debug)]
pub struct RestoreTestConfig {
    /// Who runs a scratch server when root asks for one; [`Self::user`] knows who otherwise.
    user: Option<String>,
    /// The folder of the programs of PostgreSQL, where they are not to be looked for.
    pub pg_bindir: Option<PathBuf>,
    /// What is called after a test.
    pub healthcheck_url: Option<SecretRef>,
}

impl RestoreTestConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let user = match reader.optional_text(&RESTORE_TEST_USER) {
            None => Ok(None),
            Some(name) if is_user(name) => Ok(Some(name.to_owned())),
            Some(name) => {
                let fault = Fault::unexpected("the name of a user, but not root", name);
                Err(reader.reject(&RESTORE_TEST_USER, fault))
            }
        };
        let own = folder(reader, &RESTORE_TEST_PG_BINDIR);
        // What is wrong with the other setting is told where it is read.
        let pg_bindir = match own? {
            None => reader
                .optional_text(&BACKUP_PG_BINDIR)
                .map(|text| reader.path(&BACKUP_PG_BINDIR, text)),
            own => own,
        };
        let healthcheck_url = healthcheck_url(reader, &RESTORE_TEST_HEALTHCHECK_URL);
        Ok(Self {
            user: user?,
            pg_bindir,
            healthcheck_url: healthcheck_url?,
        })
    }

    /// Who runs a scratch server when root asks for one. `exists` says whether there is a user of
    /// this name.
    #[must_use]
    pub fn user(&self, exists: impl FnOnce(&str) -> bool) -> &str {
        match &self.user {
            Some(user) => user,
            None if exists(USUAL_USER) => USUAL_USER,
            None => LAST_USER,
        }
    }
}

/// Whether this may be a user who runs a server; PostgreSQL does not start as root.
fn is_user(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !name.is_empty() && name != "root" && !name.starts_with('-') && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_setting_the_server_is_run_by_the_usual_user_or_the_last() {
        let user = |set: Option<&str>, there: bool| {
            let config = RestoreTestConfig {
                user: set.map(str::to_owned),
                pg_bindir: None,
                healthcheck_url: None,
            };
            config.user(|_| there).to_owned()
        };
        assert_eq!(user(None, true), "postgres");
        assert_eq!(user(None, false), "nobody");
        assert_eq!(user(Some("drill"), true), "drill");
    }

    #[test]
    fn a_user_has_a_plain_name_and_is_not_root() {
        assert!(is_user("pg_drill-1"));
        for bad in ["", "root", "-u", "a b", "a:b", "../x"] {
            assert!(!is_user(bad), "{bad}");
        }
    }
}
