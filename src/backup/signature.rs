//! The small files that say who made a file of a backup: `manifest.sig`, `keys.sig`,
//! `datakeys.sig`.
//!
//! A file that may be replaced is signed together with a generation, which only grows. While it is
//! replaced its signature file has two entries, the old and the new one, so that a kill at any
//! moment leaves a state that can be read.

use crate::crypto::signing::{Signature, SigningKey, TooLongToSign, VerifyingKey};
use crate::domain::backup::BackupId;
use crate::domain::key::KeyId;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What a signature is about: part of what is signed, so that none can stand for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// `manifest.pub.json`.
    Manifest,
    /// `keys.age`.
    Keys,
    /// `datakeys.json`.
    DataKeys,
    /// A record of the catalogue.
    Record,
}

impl Signed {
    const fn label(self) -> &'static str {
        match self {
            Self::Manifest => "embsec/backup-manifest/v1",
            Self::Keys => "embsec/backup-keys/v1",
            Self::DataKeys => "embsec/backup-datakeys/v1",
            Self::Record => "embsec/backup-record/v1",
        }
    }
}

/// One signature of one state of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureEntry {
    /// Which state: 1 is the first.
    pub generation: u64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// The id of the key, as the keyring names it.
    pub key_id: String,
    /// The public key that verifies it.
    pub public_key: String,
    /// The signature.
    pub signature: String,
}

/// A signature file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureFile {
    /// One entry, or two while the file that it is about is replaced.
    pub entries: Vec<SignatureEntry>,
}

/// Who is believed.
#[derive(Clone, Debug, Default)]
pub struct Trusted(pub Vec<Signer>);

/// Somebody who is believed.
#[derive(Clone, Debug)]
pub struct Signer {
    /// The id by which the keyring has the key; none of a key that the settings name.
    pub id: Option<KeyId>,
    /// The key.
    pub key: VerifyingKey,
}

impl Trusted {
    /// Whether anybody is believed at all. Where nobody is, a signature still shows that nothing
    /// changed since somebody signed it, and not who that was.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Why a signature is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The file is no signature file.
    #[error("the signature is malformed")]
    Malformed,
    /// Nothing in it is about the content at hand.
    #[error("the signature is of other content")]
    OtherContent,
    /// The bytes of the signature are wrong.
    #[error("the signature is wrong")]
    Wrong,
    /// It is a signature of somebody who is not known here.
    #[error("it is signed with the key {0}, which is not known here")]
    UnknownSigner(String),
    /// The id of the key, which nobody signs, is not that of the key.
    #[error("it names another key than it is signed with")]
    Misnamed,
}

/// A signature that was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Believed {
    /// The state of the file that it is about.
    pub generation: u64,
    /// The id of the key.
    pub key_id: String,
    /// The public key.
    pub public_key: String,
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(bytes))
}

impl SignatureEntry {
    /// Signs a state of a file.
    ///
    /// # Errors
    ///
    /// [`TooLongToSign`].
    pub fn sign(
        what: Signed,
        id: &BackupId,
        generation: u64,
        content: &[u8],
        key: &SigningKey,
    ) -> Result<Self, TooLongToSign> {
        let sha256 = sha256_hex(content);
        let signature = key.sign(what.label(), &parts(id, &generation.to_string(), &sha256))?;
        Ok(Self {
            generation,
            key_id: key.id().to_string(),
            public_key: key.verifying_key().to_string(),
            signature: signature.to_string(),
            sha256,
        })
    }

    fn verify(&self, what: Signed, id: &BackupId) -> Result<VerifyingKey, SignatureError> {
        let key = VerifyingKey::parse(&self.public_key).map_err(|_| SignatureError::Malformed)?;
        let signature = Signature::parse(&self.signature).ok_or(SignatureError::Malformed)?;
        let generation = self.generation.to_string();
        let parts = parts(id, &generation, &self.sha256);
        key.verify(what.label(), &parts, &signature)
            .map_err(|_| SignatureError::Wrong)?;
        Ok(key)
    }
}

fn parts<'a>(id: &'a BackupId, generation: &'a str, sha256: &'a str) -> [&'a [u8]; 3] {
    [
        id.as_str().as_bytes(),
        generation.as_bytes(),
        sha256.as_bytes(),
    ]
}

impl SignatureFile {
    /// A file with one signature.
    #[must_use]
    pub fn of(entry: SignatureEntry) -> Self {
        Self {
            entries: vec![entry],
        }
    }

    /// Reads a signature file.
    ///
    /// # Errors
    ///
    /// [`SignatureError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SignatureError> {
        let file: Self = serde_json::from_slice(bytes).map_err(|_| SignatureError::Malformed)?;
        match file.entries.len() {
            1 | 2 => Ok(file),
            _ => Err(SignatureError::Malformed),
        }
    }

    /// The bytes of the file.
    #[must_use]
    pub fn render(&self) -> Vec<u8> {
        // Texts and numbers always have a JSON form.
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Says who signed this content, and as which state.
    ///
    /// # Errors
    ///
    /// Any [`SignatureError`].
    pub fn verify(
        &self,
        what: Signed,
        id: &BackupId,
        content: &[u8],
        trusted: &Trusted,
    ) -> Result<Believed, SignatureError> {
        let sha256 = sha256_hex(content);
        let entry = self
            .entries
            .iter()
            .filter(|entry| entry.sha256 == sha256)
            .max_by_key(|entry| entry.generation)
            .ok_or(SignatureError::OtherContent)?;
        let key = entry.verify(what, id)?;
        let mut known = trusted
            .0
            .iter()
            .filter(|signer| signer.key == key)
            .peekable();
        if !trusted.is_empty() && known.peek().is_none() {
            return Err(SignatureError::UnknownSigner(key.to_string()));
        }
        let mut ids = known.filter_map(|signer| signer.id.as_ref());
        if ids.any(|id| id.0 != entry.key_id) {
            return Err(SignatureError::Misnamed);
        }
        Ok(Believed {
            generation: entry.generation,
            key_id: entry.key_id.clone(),
            public_key: entry.public_key.clone(),
        })
    }
}
