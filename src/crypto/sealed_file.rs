//! Whole files sealed for people: age files (age-encryption.org/v1), which the stock `age` tool
//! opens as well.
//!
//! A file is sealed to recipients or by a passphrase and written in armour, so that it survives a
//! mail and a sheet of paper. What is sealed, and where the file is kept, is decided elsewhere.
//! The randomness is drawn by the age crate itself from the operating system.

mod recipient;
pub mod stream;
#[cfg(test)]
mod tests;

pub use recipient::{BackupIdentity, Identities, IdentityError, Recipient, RecipientError};

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::{DecryptError, Decryptor, EncryptError, Encryptor, Identity, scrypt};
use age_core::format::{FileKey, Stanza};
use secrecy::{ExposeSecret as _, SecretString};
use std::cell::RefCell;
use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// How a file of age begins.
const MAGIC: &[u8] = b"age-encryption.org/";
/// How one in armour begins.
const ARMOR_START: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
/// How the header names a recipient's part.
const X25519_STANZA: &[u8] = b"-> X25519 ";
/// How the last line of the header begins.
const HEADER_END: &[u8] = b"---";
/// The work of a passphrase, as a power of two: what the stock tool uses (256 MiB of memory).
const WORK_LOG2: u8 = 18;
/// The most work that a file may ask for, as a power of two (1 GiB of memory).
const MAX_WORK_LOG2: u8 = 20;

/// How a sealed file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedBy {
    /// By one passphrase.
    Passphrase,
    /// By an identity of any of the recipients.
    Recipients {
        /// How many recipients the header has a part for.
        count: usize,
    },
}

/// Why a file was not sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealFileError {
    /// Nobody to seal it for.
    #[error("there is no recipient to seal it for")]
    NoRecipient,
    /// The sealed bytes don't read back as what was to be sealed.
    #[error("what was sealed does not read back")]
    NotAsSealed,
    /// The library refused; a bug.
    #[error("it cannot be sealed")]
    Failed,
}

/// Why a sealed file does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenFileError {
    /// It is no age file, or its very beginning is damaged.
    #[error("not an age file, or damaged at its beginning")]
    NotSealed,
    /// It was sealed by a passphrase, and identities were given.
    #[error("sealed by a passphrase, which no identity opens")]
    NeedsPassphrase,
    /// It was sealed to recipients, and a passphrase was given.
    #[error("sealed to recipients, whose identities open it")]
    NeedsIdentity,
    /// No identity at hand fits. A damaged part of the header looks the same.
    #[error("none of the identities opens it: sealed to somebody else, or damaged")]
    NoMatch,
    /// The passphrase does not fit. A damaged part of the header looks the same.
    #[error("the passphrase does not open it: a wrong one, or the file is damaged")]
    WrongPassphrase,
    /// Bytes were changed or lost.
    #[error("damaged: it is not as it was sealed")]
    Damaged,
    /// It asks for more work than any file of ours.
    #[error("its passphrase costs more work than is allowed here (2^{log2})")]
    TooCostly {
        /// The work it asks for, as a power of two.
        log2: u8,
    },
}

/// Whether these bytes look like an age file, in armour or not.
#[must_use]
pub fn is_sealed(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC) || bytes.starts_with(ARMOR_START)
}

/// Seals bytes so that each recipient alone can open them, and reads the result back before it is
/// handed out. The result is armoured text.
///
/// # Errors
///
/// Any [`SealFileError`].
pub fn seal(recipients: &[Recipient], bytes: &[u8]) -> Result<Vec<u8>, SealFileError> {
    if recipients.is_empty() {
        return Err(SealFileError::NoRecipient);
    }
    let keyhole = Keyhole::default();
    let all = recipients
        .iter()
        .map(Recipient::as_dyn)
        .chain(std::iter::once(&keyhole as &dyn age::Recipient));
    let encryptor = Encryptor::with_recipients(all).map_err(|_| SealFileError::Failed)?;
    let sealed = write(encryptor, bytes)?;
    // Nobody here holds the recipients' identities; the file's own key does for a reading back.
    let opened = decryptor(&sealed)
        .and_then(|file| read(file, &keyhole))
        .map_err(|_| SealFileError::NotAsSealed)?;
    let count = recipients.len();
    let complete = sealed_by(&sealed) == Ok(SealedBy::Recipients { count });
    if complete && bool::from(opened.as_slice().ct_eq(bytes)) {
        Ok(sealed)
    } else {
        Err(SealFileError::NotAsSealed)
    }
}

/// Seals bytes by a passphrase. The result is armoured text; the caller reads it back from where
/// it was written.
///
/// # Errors
///
/// Any [`SealFileError`].
pub fn seal_with_passphrase(
    passphrase: &SecretString,
    bytes: &[u8],
) -> Result<Vec<u8>, SealFileError> {
    let mut recipient = scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(WORK_LOG2);
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .map_err(|_| SealFileError::Failed)?;
    write(encryptor, bytes)
}

/// How a sealed file is opened, as its header says. The header is not proven until it is opened.
///
/// # Errors
///
/// [`OpenFileError::NotSealed`] or [`OpenFileError::Damaged`].
pub fn sealed_by(sealed: &[u8]) -> Result<SealedBy, OpenFileError> {
    if decryptor(sealed)?.is_scrypt() {
        return Ok(SealedBy::Passphrase);
    }
    let binary = without_armor(sealed)?;
    let header = binary
        .split(|byte| *byte == b'\n')
        .take_while(|line| !line.starts_with(HEADER_END));
    let count = header
        .filter(|line| line.starts_with(X25519_STANZA))
        .count();
    Ok(SealedBy::Recipients { count })
}

/// Opens a file that was sealed to recipients.
///
/// # Errors
///
/// Any [`OpenFileError`] but those of passphrases.
pub fn open(identities: &Identities, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenFileError> {
    let file = decryptor(sealed)?;
    if file.is_scrypt() {
        return Err(OpenFileError::NeedsPassphrase);
    }
    read(file, identities)
}

/// Opens a file that was sealed by a passphrase.
///
/// # Errors
///
/// Any [`OpenFileError`] but [`OpenFileError::NoMatch`] and [`OpenFileError::NeedsPassphrase`].
pub fn open_with_passphrase(
    passphrase: &SecretString,
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, OpenFileError> {
    let file = decryptor(sealed)?;
    if !file.is_scrypt() {
        return Err(OpenFileError::NeedsIdentity);
    }
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MAX_WORK_LOG2);
    read(file, &identity).map_err(|error| match error {
        OpenFileError::NoMatch => OpenFileError::WrongPassphrase,
        other => other,
    })
}

/// Those recipients of these identities that a file was sealed to.
///
/// # Errors
///
/// [`OpenFileError::NotSealed`] or [`OpenFileError::Damaged`].
pub fn known_recipients(
    identities: &Identities,
    sealed: &[u8],
) -> Result<Vec<Recipient>, OpenFileError> {
    let mut known = Vec::new();
    for (identity, recipient) in identities.0.iter().zip(identities.recipients()) {
        let opens = decryptor(sealed)?.decrypt(std::iter::once(identity as &dyn Identity));
        if opens.is_ok() && !known.contains(&recipient) {
            known.push(recipient);
        }
    }
    Ok(known)
}

/// A file whose header was read.
type OpenHeader = Decryptor<std::io::Cursor<Vec<u8>>>;

fn decryptor(sealed: &[u8]) -> Result<OpenHeader, OpenFileError> {
    let binary = without_armor(sealed)?;
    Decryptor::new(std::io::Cursor::new(binary)).map_err(|_| OpenFileError::Damaged)
}

/// The bytes below the armour, if there is one. Armour can be written in one way only, so that
/// no change of it goes unseen, with the line ends of this system or of another.
fn without_armor(sealed: &[u8]) -> Result<Vec<u8>, OpenFileError> {
    if sealed.starts_with(MAGIC) {
        return Ok(sealed.to_vec());
    }
    if !is_sealed(sealed) {
        return Err(OpenFileError::NotSealed);
    }
    let text = std::str::from_utf8(sealed).map_err(|_| OpenFileError::Damaged)?;
    let text = text.replace("\r\n", "\n");
    let mut binary = Vec::with_capacity(text.len());
    ArmoredReader::new(text.as_bytes())
        .read_to_end(&mut binary)
        .map_err(|_| OpenFileError::Damaged)?;
    let armored = with_armor(&binary).map_err(|_| OpenFileError::Damaged)?;
    // The last line end gets lost where a text is pasted.
    let same = armored.strip_suffix(b"\n").unwrap_or(&armored);
    if text.strip_suffix('\n').unwrap_or(&text).as_bytes() == same {
        Ok(binary)
    } else {
        Err(OpenFileError::Damaged)
    }
}

fn with_armor(binary: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut writer = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
    writer.write_all(binary)?;
    writer.finish()
}

fn write(encryptor: Encryptor, bytes: &[u8]) -> Result<Vec<u8>, SealFileError> {
    let written = || {
        let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armor)?;
        writer.write_all(bytes)?;
        writer.finish()?.finish()
    };
    written().map_err(|_: std::io::Error| SealFileError::Failed)
}

fn read(file: OpenHeader, identity: &dyn Identity) -> Result<Zeroizing<Vec<u8>>, OpenFileError> {
    let mut reader = file
        .decrypt(std::iter::once(identity))
        .map_err(why_closed)?;
    let mut bytes = Zeroizing::new(Vec::new());
    let mut chunk = Zeroizing::new([0; CHUNK_BYTES]);
    loop {
        let length = reader
            .read(chunk.as_mut())
            .map_err(|_| OpenFileError::Damaged)?;
        let Some(more) = chunk.get(..length).filter(|more| !more.is_empty()) else {
            return Ok(bytes);
        };
        extend(&mut bytes, more);
    }
}

/// Why an identity does not open a file whose header was read.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it maps an error, which is handed over"
)]
fn why_closed(error: DecryptError) -> OpenFileError {
    match error {
        DecryptError::NoMatchingKeys
        | DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed => OpenFileError::NoMatch,
        DecryptError::ExcessiveWork { required, .. } => OpenFileError::TooCostly { log2: required },
        DecryptError::InvalidHeader
        | DecryptError::InvalidMac
        | DecryptError::Io(_)
        | DecryptError::UnknownFormat => OpenFileError::Damaged,
    }
}

/// How much is read at a time, in bytes.
const CHUNK_BYTES: usize = 1 << 16;

/// Appends without leaving an unwiped copy behind, as a vector that grows by itself would.
fn extend(bytes: &mut Zeroizing<Vec<u8>>, more: &[u8]) {
    if bytes.capacity() - bytes.len() < more.len() {
        let capacity = (bytes.len() + more.len()).max(bytes.capacity() * 2);
        let mut larger = Zeroizing::new(Vec::with_capacity(capacity));
        larger.extend_from_slice(bytes);
        *bytes = larger;
    }
    bytes.extend_from_slice(more);
}

/// Keeps the key of a file while it is sealed or opened, to read the file back or to go on with its
/// payload. It adds nothing to the header and is gone afterwards.
#[derive(Default)]
struct Keyhole(RefCell<Option<FileKey>>);

impl Keyhole {
    fn keep(&self, file_key: &FileKey) {
        *self.0.borrow_mut() = Some(copy(file_key));
    }
}

impl age::Recipient for Keyhole {
    fn wrap_file_key(
        &self,
        file_key: &FileKey,
    ) -> Result<(Vec<Stanza>, HashSet<String>), EncryptError> {
        self.keep(file_key);
        Ok((Vec::new(), HashSet::new()))
    }
}

impl Identity for Keyhole {
    fn unwrap_stanza(&self, _: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.0.borrow().as_ref().map(|key| Ok(copy(key)))
    }
}

fn copy(key: &FileKey) -> FileKey {
    FileKey::init_with_mut(|bytes| bytes.copy_from_slice(key.expose_secret()))
}
