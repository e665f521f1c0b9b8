//! The text of a keyring file, both ways: TOML, strict, with a checksum over the whole file and a
//! check value for each key.
//!
//! The checksum and the check values find accidents, such as a bad disk or a slip of an editor.
//! They are no defence against someone who can write the file. No error repeats a value of the
//! file, since that could be key material.

use super::{Entry, Keyring, Material};
use crate::crypto::key_id;
use crate::crypto::secret::{DataKey, MasterKey, SigningKey, key_bytes};
use crate::domain::key::{KeyId, KeyPurpose, KeyState};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Names this format and its version.
const FORMAT: &str = "embsec-keyring/1";
/// How the line that holds the checksum begins.
const CHECKSUM_START: &str = "checksum = ";
/// Sets this use of a master key apart from every other.
const CHECK_LABEL: &[u8] = b"embsec/key-check/v1\0";
/// Length of what SHA-256 takes at a time, in bytes.
const SHA256_BLOCK_BYTES: usize = 64;
/// Length of a check value, in bytes.
const CHECK_BYTES: usize = 8;

/// Why a text is no keyring whose keys can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringTextError {
    /// Not UTF-8.
    #[error("not a text")]
    NotText,
    /// Not TOML, or not with the fields that a keyring has.
    #[error("line {line}: {problem}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// What the parser said, without values.
        problem: String,
    },
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// Another format, or a later version of this one.
    #[error("its format is not `{FORMAT}`; a newer embsec may have written it")]
    OtherFormat,
    /// The checksum is missing or does not fit: bytes were changed, added or lost.
    #[error("damaged: its checksum does not match its content")]
    Damaged,
    /// One of the keys is wrong.
    #[error("key {number}: {problem}")]
    BadKey {
        /// Its place in the file, counted from 1.
        number: usize,
        /// What is wrong with it.
        problem: KeyProblem,
    },
    /// A key stands in the file twice.
    #[error("the key {id} is in it twice")]
    Twice {
        /// Which.
        id: KeyId,
    },
    /// There must be exactly one key that seals.
    #[error("it has {count} active master keys instead of one")]
    ActiveMasters {
        /// How many there are.
        count: usize,
    },
    /// A purpose has at most one key of these states.
    #[error("it has more than one {} key for the purpose {purpose}", state.as_str())]
    Rivals {
        /// The purpose.
        purpose: KeyPurpose,
        /// The state.
        state: KeyState,
    },
}

/// What is wrong with one key of a keyring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    /// Not 32 bytes in base64url without padding.
    #[error("its material is malformed")]
    Material,
    /// The id is not the one of this material.
    #[error("its id does not belong to its material")]
    Id,
    /// The check value is not the one of this material and id.
    #[error("its check value does not belong to its material")]
    Check,
    /// A purpose that this version does not know.
    #[error("its purpose is unknown")]
    Purpose,
    /// A state that no key has.
    #[error("its state is unknown")]
    State,
    /// A time that is not RFC 3339.
    #[error("its times are malformed")]
    Time,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKeyring {
    format: String,
    generation: u64,
    /// Checked over the text, line by line.
    #[serde(rename = "checksum")]
    _checksum: String,
    keys: Vec<RawKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawKey {
    id: String,
    purpose: String,
    state: String,
    created_at: String,
    rotated_at: Option<String>,
    check: String,
    #[serde(deserialize_with = "secret_string")]
    material: SecretString,
}

fn secret_string<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// Reads the content of a keyring file.
pub(super) fn parse(bytes: &[u8]) -> Result<Keyring, KeyringTextError> {
    if bytes.trim_ascii().is_empty() {
        return Err(KeyringTextError::Empty);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| KeyringTextError::NotText)?;
    // First of all, so that a later version is called that and not damaged.
    let format_line = format!("format = \"{FORMAT}\"");
    if !text.lines().any(|line| line == format_line) {
        return Err(KeyringTextError::OtherFormat);
    }
    if !has_its_checksum(text) {
        return Err(KeyringTextError::Damaged);
    }
    let raw: RawKeyring = toml::from_str(text).map_err(|error| malformed(text, &error))?;
    if raw.format != FORMAT {
        return Err(KeyringTextError::OtherFormat);
    }
    let mut entries: Vec<Entry> = Vec::with_capacity(raw.keys.len());
    for (raw, number) in raw.keys.iter().zip(1..) {
        let entry =
            read_key(raw).map_err(|problem| KeyringTextError::BadKey { number, problem })?;
        let id = entry.material.id();
        if entries.iter().any(|other| other.material.id() == id) {
            return Err(KeyringTextError::Twice { id: id.clone() });
        }
        entries.push(entry);
    }
    let active = the_active_master(&entries)?;
    refuse_rivals(&entries)?;
    Ok(Keyring {
        generation: raw.generation,
        active,
        entries,
    })
}

fn the_active_master(entries: &[Entry]) -> Result<Arc<MasterKey>, KeyringTextError> {
    let active: Vec<_> = entries
        .iter()
        .filter(|entry| entry.state == KeyState::Active)
        .filter_map(|entry| match &entry.material {
            Material::Master(key) => Some(key),
            Material::Target(_) | Material::Signing(_) => None,
        })
        .collect();
    match active.as_slice() {
        [one] => Ok(Arc::clone(one)),
        several => Err(KeyringTextError::ActiveMasters {
            count: several.len(),
        }),
    }
}

fn refuse_rivals(entries: &[Entry]) -> Result<(), KeyringTextError> {
    for (entry, number) in entries.iter().zip(1..) {
        let is_one_of_a_kind = match entry.state {
            KeyState::Pending | KeyState::Active => !entries
                .iter()
                .skip(number)
                .any(|other| other.is(&entry.purpose, entry.state)),
            KeyState::DecryptOnly | KeyState::Retired => true,
        };
        if !is_one_of_a_kind {
            return Err(KeyringTextError::Rivals {
                purpose: entry.purpose.clone(),
                state: entry.state,
            });
        }
    }
    Ok(())
}

/// The content of a keyring's file.
pub(super) fn render(keyring: &Keyring) -> Zeroizing<String> {
    let head = format!(
        "# The master keys of this deployment. Keep a copy apart from the database and its\n\
         # backups: without this file nothing that was sealed can be read again.\n\
         # Written by embsec. The checksum covers every other line, comments included.\n\
         format = \"{FORMAT}\"\n\
         generation = {}\n",
        keyring.generation
    );
    let keys: Vec<_> = keyring.entries.iter().map(render_key).collect();
    let mut hasher = Sha256::new();
    hasher.update(&head);
    for key in &keys {
        hasher.update(key.as_bytes());
    }
    let checksum = checksum_line(hasher);
    let mut parts: Vec<&str> = vec![&head, &checksum];
    parts.extend(keys.iter().map(|key| key.as_str()));
    Zeroizing::new(parts.concat())
}

fn render_key(entry: &Entry) -> Zeroizing<String> {
    let rotated_at = entry
        .rotated_at
        .map(|time| format!("rotated_at = \"{time}\"\n"))
        .unwrap_or_default();
    let public = format!(
        "\n[[keys]]\n\
         id = \"{}\"\n\
         purpose = \"{}\"\n\
         state = \"{}\"\n\
         created_at = \"{}\"\n\
         {rotated_at}\
         check = \"{}\"\n",
        entry.material.id(),
        entry.purpose,
        entry.state.as_str(),
        entry.created_at,
        check_value(&entry.material),
    );
    let material = Zeroizing::new(URL_SAFE_NO_PAD.encode(entry.material.expose()));
    // Joined at once: a string that grows leaves unwiped copies behind.
    Zeroizing::new([&public, "material = \"", &material, "\"\n"].concat())
}

fn read_key(raw: &RawKey) -> Result<Entry, KeyProblem> {
    let purpose = KeyPurpose::parse(&raw.purpose).ok_or(KeyProblem::Purpose)?;
    let state = KeyState::from_word(&raw.state).ok_or(KeyProblem::State)?;
    let time = |text: &str| text.parse::<Timestamp>().map_err(|_| KeyProblem::Time);
    let created_at = time(&raw.created_at)?;
    let rotated_at = raw.rotated_at.as_deref().map(time).transpose()?;
    let bytes = URL_SAFE_NO_PAD
        .decode(raw.material.expose_secret())
        .map(Zeroizing::new)
        .map_err(|_| KeyProblem::Material)?;
    let key = key_bytes(&bytes).ok_or(KeyProblem::Material)?;
    let material = match purpose {
        KeyPurpose::Master => Material::Master(Arc::new(MasterKey::from_bytes(key))),
        KeyPurpose::Target(_) => Material::Target(Arc::new(DataKey::from_bytes(key))),
        KeyPurpose::BackupSigning => Material::Signing(Arc::new(SigningKey::from_bytes(key))),
    };
    if key_id::parse(&raw.id).as_ref() != Some(material.id()) {
        return Err(KeyProblem::Id);
    }
    let check = check_value(&material);
    if !bool::from(check.as_bytes().ct_eq(raw.check.as_bytes())) {
        return Err(KeyProblem::Check);
    }
    Ok(Entry {
        material,
        purpose,
        state,
        created_at,
        rotated_at,
    })
}

/// Proves that a key works as a key: the start of an HMAC-SHA256 (RFC 2104) of its id under it.
fn check_value(key: &Material) -> String {
    // HMAC itself pads a shorter key with zeros to one block of the hash.
    let mut block = Zeroizing::new([0; SHA256_BLOCK_BYTES]);
    for (place, byte) in block.iter_mut().zip(key.expose()) {
        *place = *byte;
    }
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    mac.update(CHECK_LABEL);
    mac.update(key.id().0.as_bytes());
    let tag = mac.finalize().into_bytes();
    HEXLOWER.encode(tag.get(..CHECK_BYTES).unwrap_or(&tag))
}

/// Whether exactly one line holds the checksum, and it is the one of all other lines.
fn has_its_checksum(text: &str) -> bool {
    let (checksums, others): (Vec<&str>, Vec<&str>) = text
        .split_inclusive('\n')
        .partition(|line| line.starts_with(CHECKSUM_START));
    let mut hasher = Sha256::new();
    for line in others {
        hasher.update(line);
    }
    checksums == [checksum_line(hasher)]
}

fn checksum_line(hasher: Sha256) -> String {
    format!(
        "{CHECKSUM_START}\"{}\"\n",
        HEXLOWER.encode(&hasher.finalize())
    )
}

/// Where the parser stumbled and over what, cut before the first colon: what follows one can
/// repeat a value.
fn malformed(text: &str, error: &toml::de::Error) -> KeyringTextError {
    let offset = error.span().map_or(0, |span| span.start);
    let before = text.as_bytes().get(..offset).unwrap_or_default();
    let problem = error.message();
    KeyringTextError::Malformed {
        line: 1 + before.iter().filter(|byte| **byte == b'\n').count(),
        problem: problem
            .split(['\n', ':'])
            .next()
            .unwrap_or(problem)
            .to_owned(),
    }
}

#[cfg(test)]
mod tests;
