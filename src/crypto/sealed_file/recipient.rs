//! Who a file is sealed for, and what opens it: the X25519 keys of age.
//!
//! SSH keys are not taken: what would open them brings in an RSA with a known leak of timing.

use age::x25519;
use age_core::format::{FileKey, Stanza};
use data_encoding::{Encoding, Specification};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::str::FromStr as _;
use zeroize::Zeroizing;

/// How a recipient begins (bech32, BIP 173).
const RECIPIENT_START: &str = "age1";
/// The 32 symbols of bech32, in their order.
const BECH32_SYMBOLS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// How many of them hold the 32 bytes of a public key; the check digits follow.
const KEY_SYMBOLS: usize = 52;
/// The points of Curve25519 for which everybody knows the shared secret (RFC 7748 section 6.1),
/// in hexadecimal, the highest bit cleared.
const WEAK_POINTS: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

/// Why a text is no recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecipientError {
    /// Another kind of recipient, such as an SSH key.
    #[error("it does not begin with `age1`; no other kind of recipient is known")]
    OtherKind,
    /// A secret key where a public one must be.
    #[error("it is a secret identity, not a recipient: keep it to yourself")]
    Identity,
    /// The check digits, the length or a symbol is wrong: a slip of the pen.
    #[error("it is mistyped, cut off, or of a kind that needs a plugin")]
    Mistyped,
    /// A point with which everybody could open the file.
    #[error("it is a key that protects nothing")]
    Weak,
}

/// Somebody a file can be sealed for: `age1…`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient(x25519::Recipient);

impl Recipient {
    /// Reads `age1…`. Blanks around it don't count.
    ///
    /// # Errors
    ///
    /// Any [`RecipientError`]; none of them repeats the text.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        let text = text.trim();
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(RecipientError::Identity);
        }
        if !text.starts_with(RECIPIENT_START) {
            return Err(RecipientError::OtherKind);
        }
        let recipient = x25519::Recipient::from_str(text).map_err(|_| RecipientError::Mistyped)?;
        let point = public_key(text).ok_or(RecipientError::Mistyped)?;
        if WEAK_POINTS.contains(&point.as_str()) {
            return Err(RecipientError::Weak);
        }
        Ok(Self(recipient))
    }

    /// The recipient as the library takes it.
    pub(super) fn as_dyn(&self) -> &dyn age::Recipient {
        &self.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The public key of a recipient whose check digits are right, in hexadecimal without its highest
/// bit, which counts for nothing (RFC 7748 section 5).
fn public_key(recipient: &str) -> Option<String> {
    let symbols = recipient
        .strip_prefix(RECIPIENT_START)?
        .get(..KEY_SYMBOLS)?;
    let mut bytes = bech32()?.decode(symbols.as_bytes()).ok()?;
    let highest = bytes.last_mut()?;
    *highest &= 0x7f;
    Some(data_encoding::HEXLOWER.encode(&bytes))
}

fn bech32() -> Option<Encoding> {
    let mut specification = Specification::new();
    specification.symbols.push_str(BECH32_SYMBOLS);
    specification.encoding().ok()
}

/// Why a text is no file of identities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// The file of identities is itself sealed; open it first.
    #[error("the identities are themselves sealed by a passphrase")]
    Sealed,
    /// Bytes that are no text.
    #[error("not a text")]
    NotText,
    /// A line that is neither an identity nor a comment. What it says is not repeated.
    #[error("line {line} is no identity (`AGE-SECRET-KEY-1…`)")]
    BadLine {
        /// Counted from 1.
        line: usize,
    },
    /// Nothing but comments.
    #[error("there is no identity in it")]
    Empty,
}

/// What opens a file: the lines of an identity file, as `age-keygen` writes it.
pub struct Identities(pub(super) Vec<x25519::Identity>);

impl Identities {
    /// Reads an identity file: one identity on a line, with comments and empty lines between.
    ///
    /// # Errors
    ///
    /// Any [`IdentityError`]; none of them repeats what stands in the file.
    pub fn read(bytes: &[u8]) -> Result<Self, IdentityError> {
        if super::is_sealed(bytes) {
            return Err(IdentityError::Sealed);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| IdentityError::NotText)?;
        let mut identities = Vec::new();
        for (line, number) in text.lines().map(str::trim).zip(1..) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let identity = x25519::Identity::from_str(line)
                .map_err(|_| IdentityError::BadLine { line: number })?;
            identities.push(identity);
        }
        if identities.is_empty() {
            return Err(IdentityError::Empty);
        }
        Ok(Self(identities))
    }

    /// Makes a new identity, which nobody has had before.
    #[must_use]
    pub fn generate() -> Self {
        Self(vec![x25519::Identity::generate()])
    }

    /// The first identity as a line of a file.
    #[cfg(test)]
    pub(crate) fn line(&self) -> String {
        format!("{}\n", self.0[0].to_string().expose_secret())
    }

    /// The text of an identity file, as `age-keygen` writes it.
    #[must_use]
    pub fn file(&self, created_at: Timestamp) -> SecretString {
        let mut parts = vec![Zeroizing::new(format!("# created: {created_at:.0}\n"))];
        for identity in &self.0 {
            let line = identity.to_string();
            let public = identity.to_public();
            parts.push(Zeroizing::new(format!("# public key: {public}\n")));
            parts.push(Zeroizing::new([line.expose_secret(), "\n"].concat()));
        }
        // Joined at once: a string that grows leaves unwiped copies behind.
        let parts: Vec<&str> = parts.iter().map(|part| part.as_str()).collect();
        SecretString::from(parts.concat())
    }

    /// These identities and more.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// The recipients that belong to these identities, in their order.
    #[must_use]
    pub fn recipients(&self) -> Vec<Recipient> {
        self.0
            .iter()
            .map(|identity| Recipient(identity.to_public()))
            .collect()
    }
}

impl age::Identity for Identities {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, age::DecryptError>> {
        self.0
            .iter()
            .find_map(|identity| identity.unwrap_stanza(stanza))
    }
}
