//! Secrets by reference: `file:`, `env:`, `credential:`, `cmd:`. What a secret is for, and
//! whether it is strong enough, is not decided here.

mod command;

use super::environment::Environment;
use crate::sys::fs::{FsError, read_private_file};
use secrecy::{ExposeSecret as _, SecretString};
use std::error::Error as _;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// More than any keyring needs; a reference to something larger is a mistake.
const MAX_BYTES: u64 = 1024 * 1024;

/// Where a secret is.
#[derive(Clone)]
pub enum SecretRef {
    /// A file that only its owner can read.
    File(PathBuf),
    /// A variable of the environment.
    Variable(String),
    /// A systemd credential (systemd.exec(5), `LoadCredential=`).
    Credential(String),
    /// A program and its arguments, run without a shell; its stdout is the secret.
    Command(Vec<String>),
    /// The secret itself, given in the place of a reference.
    Given(SecretString),
}

impl fmt::Display for SecretRef {
    /// Writes the reference; of a secret given directly, four asterisks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Variable(name) => write!(f, "env:{name}"),
            Self::Credential(name) => write!(f, "credential:{name}"),
            Self::Command(words) => write!(f, "cmd:{}", words.join(" ")),
            Self::Given(_) => f.write_str("****"),
        }
    }
}

impl fmt::Debug for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretRef({self})")
    }
}

/// Why a secret could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file can't be read, or is not private.
    #[error("{}", told(.0))]
    File(#[from] FsError),
    /// The credential can't be read.
    #[error("cannot read the credential \"{path}\": {source}", path = .path.display())]
    Credential {
        /// Its file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The variable is not set.
    #[error("the variable `{0}` is not set")]
    NoVariable(String),
    /// The service was not started by systemd with credentials.
    #[error("there are no systemd credentials here: `CREDENTIALS_DIRECTORY` is not set")]
    NoCredentials,
    /// A name that would leave the folder of the credentials.
    #[error("\"{0}\" is no name of a credential")]
    CredentialName(String),
    /// `cmd:` without a program, or with a quote left open.
    #[error("`cmd:` needs a program, and every quote its partner")]
    CommandLine,
    /// The program could not be started.
    #[error("cannot run \"{program}\": {source}")]
    CommandStart {
        /// The program.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// The program failed.
    #[error("\"{program}\" failed ({how})")]
    CommandFailed {
        /// The program.
        program: String,
        /// Its exit status in words.
        how: String,
    },
    /// The program did not end.
    #[error("\"{program}\" did not end within {secs} seconds")]
    CommandTimeout {
        /// The program.
        program: String,
        /// How long it had.
        secs: u64,
    },
    /// Nothing in it.
    #[error("{0} holds nothing")]
    Empty(String),
    /// More than a secret can be.
    #[error("{0} holds more than 1 MiB")]
    TooLong(String),
    /// Bytes that are no text.
    #[error("{0} holds bytes that are not UTF-8")]
    NotText(String),
}

impl SecretError {
    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::File(FsError::OpenToOthers { path, .. }) => {
                Some(format!("Run `chmod 600 {}`.", path.display()))
            }
            Self::NoCredentials => Some(
                "Add `LoadCredential=NAME:PATH` to the unit and start it through systemd."
                    .to_owned(),
            ),
            _ => None,
        }
    }
}

impl SecretRef {
    /// Reads a reference; `None` when the text begins with none of the four words. A relative
    /// path is taken from `base`.
    ///
    /// # Errors
    ///
    /// [`SecretError::CommandLine`] or [`SecretError::CredentialName`] when the reference can't
    /// be followed whatever the machine holds.
    pub fn parse(text: &str, base: &Path) -> Result<Option<Self>, SecretError> {
        let Some((word, rest)) = text.split_once(':') else {
            return Ok(None);
        };
        Ok(Some(match word {
            "file" => Self::File(base.join(rest)),
            "env" => Self::Variable(rest.to_owned()),
            "credential" => Self::Credential(credential_name(rest)?),
            "cmd" => Self::Command(command::split(rest).ok_or(SecretError::CommandLine)?),
            _ => return Ok(None),
        }))
    }

    /// Reads a reference, or takes the text as the secret itself.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub fn parse_or_given(secret: &SecretString, base: &Path) -> Result<Self, SecretError> {
        // A reference is no secret, and only its first word tells it from one.
        Ok(Self::parse(secret.expose_secret(), base)?
            .unwrap_or_else(|| Self::Given(secret.clone())))
    }

    /// Fetches the bytes as they are, whatever they hold.
    ///
    /// # Errors
    ///
    /// Any [`SecretError`] but [`SecretError::Empty`].
    pub fn fetch(&self, environment: &Environment) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let bytes = match self {
            Self::File(path) => read_private_file(path, MAX_BYTES)?,
            Self::Variable(name) => match environment.get(name) {
                Ok(Some(value)) => Zeroizing::new(value.as_bytes().to_vec()),
                Ok(None) => return Err(SecretError::NoVariable(name.clone())),
                Err(_) => return Err(SecretError::NotText(self.to_string())),
            },
            Self::Credential(name) => {
                let folder = environment
                    .filled("CREDENTIALS_DIRECTORY")
                    .ok_or(SecretError::NoCredentials)?;
                read_credential(Path::new(folder).join(name))?
            }
            Self::Command(words) => command::run(words, MAX_BYTES)?,
            Self::Given(secret) => Zeroizing::new(secret.expose_secret().as_bytes().to_vec()),
        };
        if bytes.len() as u64 > MAX_BYTES {
            return Err(SecretError::TooLong(self.to_string()));
        }
        Ok(bytes)
    }

    /// Fetches the secret, without the line end that files and programs put after it.
    ///
    /// # Errors
    ///
    /// Any [`SecretError`].
    pub fn resolve(&self, environment: &Environment) -> Result<SecretString, SecretError> {
        match self {
            Self::Given(secret) => Ok(secret.clone()),
            other => from_bytes(&other.fetch(environment)?, self),
        }
    }
}

fn credential_name(name: &str) -> Result<String, SecretError> {
    if name.is_empty() || name.contains('/') || name == "." || name == ".." {
        Err(SecretError::CredentialName(name.to_owned()))
    } else {
        Ok(name.to_owned())
    }
}

/// What went wrong with a file and why, in one line: a problem has no chain of causes.
fn told(error: &FsError) -> String {
    error
        .source()
        .map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"))
}

/// Reads a credential. systemd guards its folder itself (and gives its group read access), so
/// the permission bits of the file say nothing.
fn read_credential(path: PathBuf) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let mut bytes = Zeroizing::new(Vec::new());
    match File::open(&path).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)) {
        Ok(_) => Ok(bytes),
        Err(source) => Err(SecretError::Credential { path, source }),
    }
}

fn from_bytes(bytes: &[u8], whence: &SecretRef) -> Result<SecretString, SecretError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SecretError::NotText(whence.to_string()))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(SecretError::Empty(whence.to_string()));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests;
