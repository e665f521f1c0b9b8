//! The key of a llm-proxy service: the text of its `ENCRYPTION_KEY`.

use super::base64_go;
use crate::crypto::key_id;
use crate::crypto::secret::{DataKey, KEY_BYTES, KeyBytes, key_bytes};
use crate::domain::key::KeyId;
use crate::sys::rng::{Rng, RngError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

/// The key that a llm-proxy service seals with: 32 bytes, used as they are.
pub struct LlmProxyKey {
    id: KeyId,
    bytes: KeyBytes,
}

/// Why a text is no key of llm-proxy; that program refuses it too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlmProxyKeyError {
    /// There is none.
    #[error("the key is empty")]
    Empty,
    /// The padding at the end is missing.
    #[error("the key lacks the `=` at its end")]
    NoPadding,
    /// Blanks stand before, in or after it. Line breaks would be passed over.
    #[error("the key has blanks in it")]
    Blanks,
    /// It has `-` or `_` of the other alphabet.
    #[error("the key is in the URL-safe alphabet of base64, and the standard one is needed")]
    UrlSafe,
    /// It is hexadecimal.
    #[error("the key is in hexadecimal, and base64 is needed")]
    Hexadecimal,
    /// It is no base64 for another reason.
    #[error("the key is not base64")]
    NotBase64,
    /// It is base64 of more or fewer bytes.
    #[error("the key has {found} bytes, and 32 are needed")]
    WrongLength {
        /// How many it has.
        found: usize,
    },
}

/// What was passed over in reading a key. llm-proxy passes it over too; other programs may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyLeniency {
    /// Carriage returns or line feeds, at the end or within.
    LineBreaks,
    /// Bits of the last character that no encoder sets: another text is the same key.
    SpareBits,
}

impl KeyLeniency {
    /// What it is, for a warning.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LineBreaks => "the key has line breaks in it, which are passed over",
            Self::SpareBits => {
                "the last character of the key is not the one that an encoder writes"
            }
        }
    }
}

/// A key and what was passed over in reading it.
pub struct ParsedKey {
    /// The key.
    pub key: LlmProxyKey,
    /// Worth a warning each.
    pub warnings: Vec<KeyLeniency>,
}

impl LlmProxyKey {
    /// Makes a key that nobody has had before.
    ///
    /// # Errors
    ///
    /// [`RngError`] when the system has no randomness to give.
    pub fn generate(rng: &dyn Rng) -> Result<Self, RngError> {
        let mut outcome = Ok(());
        let bytes = KeyBytes::init_with_mut(|bytes| outcome = rng.fill(bytes));
        outcome.map(|()| Self::from_bytes(bytes))
    }

    /// Reads the text of `ENCRYPTION_KEY` as llm-proxy does.
    ///
    /// # Errors
    ///
    /// Any [`LlmProxyKeyError`]; none of them holds a part of the text.
    pub fn parse(text: &SecretString) -> Result<ParsedKey, LlmProxyKeyError> {
        let text = text.expose_secret();
        if text.is_empty() {
            return Err(LlmProxyKeyError::Empty);
        }
        let decoded = base64_go::decode(text).ok_or_else(|| refusal(text))?;
        let bytes = key_bytes(&decoded.bytes).ok_or_else(|| wrong_length(text, &decoded.bytes))?;
        let warnings = [
            (decoded.had_line_breaks, KeyLeniency::LineBreaks),
            (decoded.had_spare_bits, KeyLeniency::SpareBits),
        ];
        Ok(ParsedKey {
            key: Self::from_bytes(bytes),
            warnings: warnings
                .into_iter()
                .filter_map(|(found, leniency)| found.then_some(leniency))
                .collect(),
        })
    }

    /// The text that goes into `ENCRYPTION_KEY`: 44 characters.
    #[must_use]
    pub fn to_text(&self) -> SecretString {
        SecretString::from(STANDARD.encode(self.expose()))
    }

    /// The name of this key, which may be shown.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The same bytes as the key of a declared table, which is given in the same form.
    #[must_use]
    pub fn into_data_key(self) -> DataKey {
        DataKey::from_bytes(self.bytes)
    }

    pub(super) fn expose(&self) -> &[u8; KEY_BYTES] {
        self.bytes.expose_secret()
    }

    fn from_bytes(bytes: KeyBytes) -> Self {
        Self {
            id: key_id::of(bytes.expose_secret()),
            bytes,
        }
    }
}

/// The likeliest reason why a text is no base64.
fn refusal(text: &str) -> LlmProxyKeyError {
    let is_blank = |c: char| c.is_whitespace() && !matches!(c, '\r' | '\n');
    if text.contains(is_blank) {
        LlmProxyKeyError::Blanks
    } else if text.contains(['-', '_']) {
        LlmProxyKeyError::UrlSafe
    } else if ["=", "=="]
        .iter()
        .any(|padding| is_base64_with(text, padding))
    {
        LlmProxyKeyError::NoPadding
    } else {
        LlmProxyKeyError::NotBase64
    }
}

fn is_base64_with(text: &str, padding: &str) -> bool {
    let padded = Zeroizing::new([text, padding].concat());
    base64_go::decode(&padded).is_some()
}

/// Hexadecimal digits are base64 of another length, which is the commonest slip.
fn wrong_length(text: &str, bytes: &[u8]) -> LlmProxyKeyError {
    let text = text.trim_end_matches(['\r', '\n']);
    let is_hexadecimal =
        text.len() == 2 * KEY_BYTES && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hexadecimal {
        LlmProxyKeyError::Hexadecimal
    } else {
        LlmProxyKeyError::WrongLength { found: bytes.len() }
    }
}
