//! Where the keyring of a deployment is: fetched by its reference, opened where it is sealed,
//! changed under the rules of its file, and written back as it was sealed.
//!
//! Which change is right is decided by the callers; here it is made durable, or refused.

mod error;
mod watch;

pub use error::{KeyringSourceError, KeyringUpdateError};
pub use watch::KeyringWatch;

use crate::config::Environment;
use crate::config::keyring::KeyringConfig;
use crate::config::secret::SecretRef;
use crate::crypto::keyring::Keyring;
use crate::crypto::keyring::file::{KeyringFile, KeyringFileError, LockedFile};
use crate::crypto::sealed_file::{self, Identities, Recipient, SealedBy};
use crate::domain::key::KeyId;
use crate::sys::fs::{self, Fingerprint};
use secrecy::{ExposeSecret as _, SecretString};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a change waits for another one to end.
const LOCK_PATIENCE: Duration = Duration::from_secs(10);

/// Asks whoever sits at the terminal for the passphrase of the keyring.
pub type AskPassphrase = Arc<dyn Fn() -> io::Result<SecretString> + Send + Sync>;

/// Where the keyring is, and what opens it where it is sealed.
#[derive(Clone)]
pub struct KeyringSource {
    source: SecretRef,
    passphrase: Option<SecretRef>,
    identity: Option<SecretRef>,
    environment: Environment,
    ask: Option<AskPassphrase>,
    /// What was answered, so that one command asks once.
    answer: Arc<OnceLock<SecretString>>,
}

/// How a keyring was sealed, and how it is sealed again.
enum Seal {
    Plain,
    Passphrase(SecretString),
    Recipients {
        /// Those that are known here.
        known: Vec<Recipient>,
        /// How many there are.
        count: usize,
    },
}

/// How a new keyring is to be sealed.
pub enum NewSeal {
    /// Not at all.
    Plain,
    /// By a passphrase.
    Passphrase(SecretString),
    /// To these recipients (`age1…`), as texts.
    Recipients(Vec<String>),
}

/// A keyring that was changed, and where it was written.
pub struct Updated {
    /// The new keyring.
    pub keyring: Keyring,
    /// Its file.
    pub path: PathBuf,
}

impl KeyringSource {
    /// The keyring that the settings name. `ask` is asked for a passphrase that no setting gives.
    #[must_use]
    pub fn new(
        config: &KeyringConfig,
        environment: &Environment,
        ask: Option<AskPassphrase>,
    ) -> Self {
        Self {
            source: config.source.clone(),
            passphrase: config.passphrase.clone(),
            identity: config.identity.clone(),
            environment: environment.clone(),
            ask,
            answer: Arc::default(),
        }
    }

    /// The reference, for messages. It holds no secret.
    #[must_use]
    pub const fn reference(&self) -> &SecretRef {
        &self.source
    }

    /// Fetches, opens and reads the keyring.
    ///
    /// # Errors
    ///
    /// Any [`KeyringSourceError`].
    pub fn load(&self) -> Result<Keyring, KeyringSourceError> {
        Ok(self.open(&self.fetch()?)?.0)
    }

    /// Whether the keyring can have changed since this was asked before; `None` for a source whose
    /// changes cannot be seen without fetching it.
    fn fingerprint(&self) -> Option<Option<Fingerprint>> {
        match &self.source {
            SecretRef::File(path) => Some(Fingerprint::of(path)),
            _ => None,
        }
    }

    /// Changes the keyring: reads it again under the lock, lets `change` make the next generation,
    /// and writes that durably, sealed as it was. With `out` the next generation goes to this new
    /// file instead and the keyring stays as it is.
    ///
    /// # Errors
    ///
    /// Any [`KeyringUpdateError`]; the keyring is as it was, except after
    /// [`KeyringFileError::NotAsWritten`], which says where the generation before is.
    pub fn update<E>(
        &self,
        out: Option<&Path>,
        change: impl FnOnce(&Keyring) -> Result<Keyring, E>,
    ) -> Result<Updated, KeyringUpdateError<E>> {
        if let Some(path) = out {
            let (now, seal) = self.open(&self.fetch()?)?;
            let next = changed(&now, change)?;
            create(path, &seal_again(&seal, &next)?)?;
            return Ok(Updated {
                keyring: next,
                path: path.to_owned(),
            });
        }
        let file = self.file()?;
        let locked = file.lock(LOCK_PATIENCE)?;
        let bytes = locked.read()?;
        let (now, seal) = self.open(&bytes)?;
        let next = changed(&now, change)?;
        locked.replace(&bytes, &seal_again(&seal, &next)?)?;
        Ok(Updated {
            keyring: next,
            path: file.path().to_owned(),
        })
    }

    /// Whether the generation before, which is kept beside the keyring, holds this key. `false`
    /// for a source without one.
    ///
    /// # Errors
    ///
    /// Any [`KeyringUpdateError`].
    pub fn previous_holds(&self, id: &KeyId) -> Result<bool, KeyringUpdateError> {
        if !self.is_file() {
            return Ok(false);
        }
        let file = self.file()?;
        let locked = file.lock(LOCK_PATIENCE)?;
        match locked.read_previous()? {
            Some(bytes) => Ok(self.open(&bytes)?.0.entry(id).is_some()),
            None => Ok(false),
        }
    }

    /// Puts the keyring in the place of the generation before: a key that was destroyed is then in
    /// neither. Nothing to do for a source without one.
    ///
    /// # Errors
    ///
    /// Any [`KeyringUpdateError`].
    pub fn forget_previous(&self) -> Result<(), KeyringUpdateError> {
        if !self.is_file() {
            return Ok(());
        }
        let file = self.file()?;
        let locked = file.lock(LOCK_PATIENCE)?;
        // A keyring that does not open is no substitute for one that may.
        self.open(&locked.read()?)?;
        Ok(LockedFile::forget_previous(&locked)?)
    }

    /// What the file of this keyring is to hold where it was lost: sealed as the generation before
    /// is, or else as the settings open it, to the recipients of `keyring.identity` or by
    /// `keyring.passphrase`; plain where they say neither.
    ///
    /// # Errors
    ///
    /// Any [`KeyringUpdateError`]: the generation before does not open, was sealed to others as
    /// well, or what the settings name is not at hand.
    pub fn seal_in_place(
        &self,
        keyring: &Keyring,
    ) -> Result<Zeroizing<Vec<u8>>, KeyringUpdateError> {
        let previous = self.file()?.read_previous()?;
        let seal = match previous.filter(|bytes| sealed_file::is_sealed(bytes)) {
            Some(bytes) => self.open(&bytes)?.1,
            None => self.seal_of_settings()?,
        };
        seal_again(&seal, keyring)
    }

    fn seal_of_settings(&self) -> Result<Seal, KeyringSourceError> {
        if self.identity.is_some() {
            let known = self.identities()?.recipients();
            let count = known.len();
            return Ok(Seal::Recipients { known, count });
        }
        if self.passphrase.is_some() {
            return Ok(Seal::Passphrase(self.passphrase()?));
        }
        Ok(Seal::Plain)
    }

    /// Whether the keyring is a file, which embsec can write.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        matches!(self.source, SecretRef::File(_))
    }

    fn file<E>(&self) -> Result<KeyringFile, KeyringUpdateError<E>> {
        match &self.source {
            SecretRef::File(path) => Ok(KeyringFile::at(path)),
            other => Err(KeyringUpdateError::ReadOnly {
                reference: other.to_string(),
            }),
        }
    }

    fn fetch(&self) -> Result<Zeroizing<Vec<u8>>, KeyringSourceError> {
        self.source
            .fetch(&self.environment)
            .map_err(KeyringSourceError::Source)
    }

    fn open(&self, bytes: &[u8]) -> Result<(Keyring, Seal), KeyringSourceError> {
        if !sealed_file::is_sealed(bytes) {
            return Ok((self.parse(bytes)?, Seal::Plain));
        }
        match sealed_file::sealed_by(bytes).map_err(KeyringSourceError::Sealed)? {
            SealedBy::Passphrase => {
                let passphrase = self.passphrase()?;
                let text = sealed_file::open_with_passphrase(&passphrase, bytes)
                    .map_err(KeyringSourceError::Sealed)?;
                Ok((self.parse(&text)?, Seal::Passphrase(passphrase)))
            }
            SealedBy::Recipients { count } => {
                let identities = self.identities()?;
                let text =
                    sealed_file::open(&identities, bytes).map_err(KeyringSourceError::Sealed)?;
                let known = sealed_file::known_recipients(&identities, bytes)
                    .map_err(KeyringSourceError::Sealed)?;
                Ok((self.parse(&text)?, Seal::Recipients { known, count }))
            }
        }
    }

    /// Reads the text. Variables and programs lose the line end of the last line, which the
    /// checksum covers; a file does not.
    fn parse(&self, bytes: &[u8]) -> Result<Keyring, KeyringSourceError> {
        let parsed = if self.is_file() || bytes.ends_with(b"\n") {
            Keyring::parse(bytes)
        } else {
            let whole = Zeroizing::new([bytes, b"\n"].concat());
            Keyring::parse(&whole)
        };
        parsed.map_err(KeyringSourceError::Text)
    }

    fn passphrase(&self) -> Result<SecretString, KeyringSourceError> {
        if let Some(reference) = &self.passphrase {
            return reference
                .resolve(&self.environment)
                .map_err(KeyringSourceError::Passphrase);
        }
        if let Some(answer) = self.answer.get() {
            return Ok(answer.clone());
        }
        let ask = self.ask.as_ref().ok_or(KeyringSourceError::NoPassphrase)?;
        let answer = ask().map_err(KeyringSourceError::Ask)?;
        Ok(self.answer.get_or_init(|| answer).clone())
    }

    fn identities(&self) -> Result<Identities, KeyringSourceError> {
        let reference = self
            .identity
            .as_ref()
            .ok_or(KeyringSourceError::NoIdentity)?;
        let text = reference
            .resolve(&self.environment)
            .map_err(KeyringSourceError::Identity)?;
        Identities::read(text.expose_secret().as_bytes()).map_err(KeyringSourceError::IdentityText)
    }
}

/// Writes a new keyring to a new file (0600), sealed as asked, and reads it back.
///
/// # Errors
///
/// [`KeyringUpdateError::File`] when the path is taken or the disk fails,
/// [`KeyringUpdateError::Recipient`], [`KeyringUpdateError::Seal`].
pub fn seal_new(
    text: &SecretString,
    seal: &NewSeal,
) -> Result<Zeroizing<Vec<u8>>, KeyringUpdateError> {
    let bytes = text.expose_secret().as_bytes();
    match seal {
        NewSeal::Plain => Ok(Zeroizing::new(bytes.to_vec())),
        NewSeal::Passphrase(passphrase) => seal_by_passphrase(passphrase, bytes),
        NewSeal::Recipients(texts) => {
            let recipients: Result<Vec<_>, _> = texts
                .iter()
                .zip(1..)
                .map(|(text, number)| {
                    Recipient::parse(text)
                        .map_err(|source| KeyringUpdateError::Recipient { number, source })
                })
                .collect();
            Ok(Zeroizing::new(sealed_file::seal(&recipients?, bytes)?))
        }
    }
}

/// Lets a change make the next generation, and nothing but the next.
fn changed<E>(
    now: &Keyring,
    change: impl FnOnce(&Keyring) -> Result<Keyring, E>,
) -> Result<Keyring, KeyringUpdateError<E>> {
    let next = change(now).map_err(KeyringUpdateError::Change)?;
    if now.generation().checked_add(1) == Some(next.generation()) {
        Ok(next)
    } else {
        Err(KeyringUpdateError::NotNext {
            now: now.generation(),
            next: next.generation(),
        })
    }
}

/// The bytes of a keyring, sealed as the one before was, and proven to open.
fn seal_again<E>(
    seal: &Seal,
    keyring: &Keyring,
) -> Result<Zeroizing<Vec<u8>>, KeyringUpdateError<E>> {
    let text = keyring.render();
    // What is about to be the only copy of a key must be one.
    Keyring::parse(text.as_bytes()).map_err(KeyringSourceError::Text)?;
    match seal {
        Seal::Plain => Ok(Zeroizing::new(text.as_bytes().to_vec())),
        Seal::Passphrase(passphrase) => seal_by_passphrase(passphrase, text.as_bytes()),
        Seal::Recipients { known, count } if known.len() == *count => {
            let sealed = sealed_file::seal(known, text.as_bytes())?;
            Ok(Zeroizing::new(sealed))
        }
        Seal::Recipients { known, count } => Err(KeyringUpdateError::UnknownRecipients {
            count: *count,
            known: known.len(),
        }),
    }
}

fn seal_by_passphrase<E>(
    passphrase: &SecretString,
    bytes: &[u8],
) -> Result<Zeroizing<Vec<u8>>, KeyringUpdateError<E>> {
    let sealed = sealed_file::seal_with_passphrase(passphrase, bytes)?;
    let opened = sealed_file::open_with_passphrase(passphrase, &sealed)
        .map_err(KeyringSourceError::Sealed)?;
    if *opened == *bytes {
        Ok(Zeroizing::new(sealed))
    } else {
        Err(sealed_file::SealFileError::NotAsSealed.into())
    }
}

/// Writes a file that must not exist, and reads it back.
fn create<E>(path: &Path, bytes: &[u8]) -> Result<(), KeyringUpdateError<E>> {
    fs::write_secret_file_new(path, bytes).map_err(KeyringFileError::from)?;
    let written = KeyringFile::at(path)
        .read()
        .map_err(KeyringUpdateError::File)?;
    if *written == *bytes {
        Ok(())
    } else {
        Err(KeyringUpdateError::OutNotAsWritten {
            path: path.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
