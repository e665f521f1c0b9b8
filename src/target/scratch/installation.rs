//! The programs of a PostgreSQL server: where they are, and what is installed with them.

use super::error::ScratchError;
use super::needs::Needs;
use super::user::RunAs;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

/// Where Debian and its kin keep the programs of each major version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Where the programs of a server may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerPlaces {
    /// The folder that the settings name; no other is looked at then.
    pub bindir: Option<PathBuf>,
    /// The folders of the variable `PATH`.
    pub path: Option<OsString>,
}

/// A server that is installed, and runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Installation {
    /// The folder of its programs.
    pub(super) bin: PathBuf,
    /// Its version, as it writes it.
    pub(super) version: String,
    major: u32,
    share: PathBuf,
}

impl Installation {
    /// Finds a server that has all that a backup needs, and of several the one whose version is
    /// closest to that of the backup.
    pub(super) fn find(
        places: &ServerPlaces,
        needs: &Needs,
        run_as: &RunAs,
    ) -> Result<Self, ScratchError> {
        let mut found = Vec::new();
        let mut broken = Vec::new();
        for bin in candidates(places) {
            match Self::look_at(&bin, run_as) {
                Some(installation) => found.push(installation),
                None => broken.push(format!("\"{}\" (does not run)", bin.display())),
            }
        }
        if found.is_empty() {
            return Err(ScratchError::NoServer {
                user: run_as.account.name.clone(),
                found: broken,
            });
        }
        let described: Vec<String> = found
            .iter()
            .map(|one| format!("\"{}\" ({})", one.bin.display(), one.version))
            .collect();
        found.retain(|one| one.major >= needs.at_least_major);
        // The first of several is the one that comes first in the order of places.
        found.sort_by_key(|one| one.major);
        let mut refused = ScratchError::OldServer {
            needed: needs.at_least_major,
            found: described,
        };
        for (number, one) in found.into_iter().enumerate() {
            match needs.check_extensions(&one.place(), |name| one.extension(name)) {
                Ok(()) => return Ok(one),
                Err(error) if number == 0 => refused = error,
                Err(_) => {}
            }
        }
        Err(refused)
    }

    /// Asks `initdb`, which knows where its files are, and whether its server is there. It writes
    /// nothing.
    fn look_at(bin: &Path, run_as: &RunAs) -> Option<Self> {
        let output = run_as
            .command(&bin.join("initdb"), Path::new("/"))
            .args(["--show", "--pgdata=/nonexistent"])
            .output()
            .ok()?;
        let text = String::from_utf8(output.stderr).ok()?;
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let version = value("VERSION=")?.to_owned();
        let share = PathBuf::from(value("share_path=")?);
        let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
        output.status.success().then_some(Self {
            bin: bin.to_path_buf(),
            major: digits.parse().ok()?,
            version,
            share,
        })
    }

    fn place(&self) -> String {
        format!("PostgreSQL {} in \"{}\"", self.version, self.bin.display())
    }

    /// The version of an extension that would be made here.
    fn extension(&self, name: &str) -> Option<String> {
        if name.contains(['/', '\\', '\0']) {
            return None;
        }
        let file = self.share.join("extension").join(format!("{name}.control"));
        let text = fs::read_to_string(file).ok()?;
        Some(default_version(&text).unwrap_or_default().to_owned())
    }
}

/// The version that a control file names.
fn default_version(control: &str) -> Option<&str> {
    control.lines().find_map(|line| {
        let value = line.trim().strip_prefix("default_version")?.trim_start();
        let value = value.strip_prefix('=')?.trim_start().strip_prefix('\'')?;
        value.split('\'').next()
    })
}

fn candidates(places: &ServerPlaces) -> Vec<PathBuf> {
    if let Some(folder) = &places.bindir {
        return vec![folder.clone()];
    }
    let mut folders: Vec<PathBuf> = places
        .path
        .as_deref()
        .map(|path: &OsStr| std::env::split_paths(path).collect())
        .unwrap_or_default();
    if let Ok(versions) = fs::read_dir(DEBIAN) {
        folders.extend(versions.flatten().map(|one| one.path().join("bin")));
    }
    // An empty entry of PATH means the folder one happens to be in.
    folders.retain(|folder| folder.is_absolute() && folder.join("initdb").is_file());
    folders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_of_a_control_file_is_read() {
        let control = "# comment\ncomment = 'x'\n default_version='0.8.5' # newest\n";
        assert_eq!(default_version(control), Some("0.8.5"));
        assert_eq!(default_version("relocatable = true\n"), None);
    }
}
