//! What llm-proxy keeps in its database: API keys as `enc:v1:`, tokens as their SHA-256.
//!
//! A value is `enc:v1:` and the padded standard base64 (RFC 4648 section 4) of nonce 12,
//! ciphertext and tag 16: AES-256-GCM (NIST SP 800-38D) under the raw key, without associated
//! data, so a value opens wherever it stands. For databases of that program only: it takes any
//! other prefix for plaintext. Which columns hold what belongs to `target`.

mod base64_go;
mod key;

use super::aead::{self, NONCE_BYTES, SealError, TAG_BYTES};
use crate::sys::rng::Rng;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use data_encoding::HEXLOWER;
pub use key::{KeyLeniency, LlmProxyKey, LlmProxyKeyError, ParsedKey};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// What a sealed value begins with, in exactly these letters.
const PREFIX: &str = "enc:v1:";
/// Upstream binds nothing to a value.
const NO_ASSOCIATED_DATA: &[u8] = &[];
/// Characters of a stored token: SHA-256 in hexadecimal.
const HASH_CHARS: usize = 64;

/// Whether llm-proxy takes a value for a sealed one: it begins with the prefix, in lower case, and
/// goes on after it. An API key that happens to begin so is taken for one as well.
#[must_use]
pub fn is_sealed(value: &str) -> bool {
    value.len() > PREFIX.len() && value.starts_with(PREFIX)
}

/// Whether llm-proxy takes a token for a hashed one: 64 hexadecimal digits of either case. A token
/// that happens to look so is taken for one as well.
#[must_use]
pub fn is_hashed(token: &str) -> bool {
    token.len() == HASH_CHARS && token.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What llm-proxy looks a token up by: SHA-256 (FIPS 180-4) of its bytes in lower-case hexadecimal,
/// without salt and without the key.
#[must_use]
pub fn token_hash(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

/// Why a value does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueOpenError {
    /// It is not sealed; llm-proxy uses it as it stands.
    #[error("the value is not sealed")]
    NotSealed,
    /// What follows the prefix is no padded standard base64.
    #[error("the sealed value is not base64")]
    NotBase64,
    /// It has fewer bytes than a nonce and a tag.
    #[error("the sealed value is too short")]
    TooShort,
    /// It was sealed by another key, or its bytes were changed. The format cannot tell which.
    #[error("the value was sealed by another key or is damaged")]
    WrongKeyOrDamaged,
    /// It opened, and what came out is not UTF-8 text.
    #[error("the sealed value holds no text")]
    NotText,
}

/// Why a value could not be sealed anew under another key.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The old key does not open it.
    #[error(transparent)]
    Open(#[from] ValueOpenError),
    /// The new key did not seal it.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Seals many values under one key, in one buffer.
pub struct Sealer<'k> {
    key: &'k LlmProxyKey,
    rng: &'k dyn Rng,
    bytes: Vec<u8>,
}

impl<'k> Sealer<'k> {
    /// Begins.
    #[must_use]
    pub const fn new(key: &'k LlmProxyKey, rng: &'k dyn Rng) -> Self {
        Self {
            key,
            rng,
            bytes: Vec::new(),
        }
    }

    /// Seals a text. The empty one stays empty. A text that itself begins with `enc:v1:` is sealed
    /// like any other.
    ///
    /// # Errors
    ///
    /// Any [`SealError`]; nothing may be stored then.
    pub fn seal(&mut self, plaintext: &str) -> Result<String, SealError> {
        if plaintext.is_empty() {
            return Ok(String::new());
        }
        self.seal_bytes(plaintext.as_bytes())
    }

    /// Opens a value under another key and seals what came out, whatever it is, under this one.
    ///
    /// # Errors
    ///
    /// Any [`ResealError`].
    pub fn reseal(&mut self, value: &str, old: &LlmProxyKey) -> Result<String, ResealError> {
        let plaintext = open_bytes(value, old)?;
        Ok(self.seal_bytes(&plaintext)?)
    }

    fn seal_bytes(&mut self, plaintext: &[u8]) -> Result<String, SealError> {
        let key = self.key.expose();
        aead::seal_over(
            key,
            NO_ASSOCIATED_DATA,
            plaintext,
            self.rng,
            &mut self.bytes,
        )?;
        let mut value = String::with_capacity(PREFIX.len() + self.bytes.len().div_ceil(3) * 4);
        value.push_str(PREFIX);
        STANDARD.encode_string(&self.bytes, &mut value);
        Ok(value)
    }
}

/// Seals one text; see [`Sealer::seal`].
///
/// # Errors
///
/// Any [`SealError`]; nothing may be stored then.
pub fn seal(plaintext: &str, key: &LlmProxyKey, rng: &dyn Rng) -> Result<String, SealError> {
    Sealer::new(key, rng).seal(plaintext)
}

/// Opens a sealed value. What llm-proxy reads is read: line breaks inside the base64 and spare bits
/// that are set, and a sealed empty text, though none is ever written.
///
/// # Errors
///
/// Any [`ValueOpenError`].
pub fn open(value: &str, key: &LlmProxyKey) -> Result<SecretString, ValueOpenError> {
    let plaintext = open_bytes(value, key)?;
    let text = std::str::from_utf8(&plaintext).map_err(|_| ValueOpenError::NotText)?;
    Ok(SecretString::from(text))
}

/// Whether the key opens a value, whatever is in it.
#[must_use]
pub fn opens(value: &str, key: &LlmProxyKey) -> bool {
    open_bytes(value, key).is_ok()
}

/// Whether two values, each under its own key, open to the same.
#[must_use]
pub fn hold_the_same(one: (&str, &LlmProxyKey), other: (&str, &LlmProxyKey)) -> bool {
    match (open_bytes(one.0, one.1), open_bytes(other.0, other.1)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn open_bytes(value: &str, key: &LlmProxyKey) -> Result<Zeroizing<Vec<u8>>, ValueOpenError> {
    if !is_sealed(value) {
        return Err(ValueOpenError::NotSealed);
    }
    let payload = value.get(PREFIX.len()..).unwrap_or_default();
    let decoded = base64_go::decode(payload).ok_or(ValueOpenError::NotBase64)?;
    if decoded.bytes.len() < NONCE_BYTES + TAG_BYTES {
        return Err(ValueOpenError::TooShort);
    }
    aead::open(key.expose(), NO_ASSOCIATED_DATA, &decoded.bytes)
        .ok_or(ValueOpenError::WrongKeyOrDamaged)
}

#[cfg(test)]
mod tests;
