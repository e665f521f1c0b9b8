//! AES-256-GCM (NIST SP 800-38D) as embsec uses it everywhere: a random nonce of 96 bits, a tag
//! of 128 bits, and associated data that says what is sealed and where it belongs.
//!
//! Only the primitive and its text form; what goes into the associated data is decided by
//! `field` and `wrap`.

use super::secret::KEY_BYTES;
use crate::sys::rng::{Rng, RngError};
use aes_gcm::aead::{Aead as _, AeadInOut as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::{Zeroize as _, Zeroizing};

/// Length of a nonce, in bytes (SP 800-38D section 8.2.2: random, at most 2^32 messages a key).
pub(super) const NONCE_BYTES: usize = 12;
/// Length of a tag, in bytes.
pub(super) const TAG_BYTES: usize = 16;

/// Why a value could not be sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// No nonce could be made.
    #[error(transparent)]
    Rng(#[from] RngError),
    /// The value or what names its place is longer than the format can say (4 GiB a part).
    #[error("the value is too long to seal")]
    TooLong,
}

/// Joins parts so that no two lists of parts give the same bytes: each is preceded by its length
/// in bytes as a big-endian u32. `None` when a part is longer than that can say.
pub(super) fn length_prefixed(parts: &[impl AsRef<[u8]>]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    for part in parts.iter().map(AsRef::as_ref) {
        joined.extend_from_slice(&u32::try_from(part.len()).ok()?.to_be_bytes());
        joined.extend_from_slice(part);
    }
    Some(joined)
}

/// Seals bytes: base64url without padding (RFC 4648 section 5) of what [`seal_bytes`] makes.
pub(super) fn seal(
    key: &[u8; KEY_BYTES],
    associated: &[u8],
    plaintext: &[u8],
    rng: &dyn Rng,
) -> Result<String, SealError> {
    seal_bytes(key, associated, plaintext, rng).map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
}

/// Seals bytes: nonce, ciphertext and tag, one after the other.
pub(super) fn seal_bytes(
    key: &[u8; KEY_BYTES],
    associated: &[u8],
    plaintext: &[u8],
    rng: &dyn Rng,
) -> Result<Vec<u8>, SealError> {
    let mut bytes = Vec::with_capacity(NONCE_BYTES + plaintext.len() + TAG_BYTES);
    seal_over(key, associated, plaintext, rng, &mut bytes)?;
    Ok(bytes)
}

/// The same, over what the buffer held before, so that many values need one allocation.
pub(super) fn seal_over(
    key: &[u8; KEY_BYTES],
    associated: &[u8],
    plaintext: &[u8],
    rng: &dyn Rng,
    bytes: &mut Vec<u8>,
) -> Result<(), SealError> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill(&mut nonce)?;
    bytes.clear();
    bytes.extend_from_slice(&nonce);
    bytes.extend_from_slice(plaintext);
    // The plaintext is overwritten where it stands. Should that fail, none of it may stay.
    let sealed = bytes.get_mut(NONCE_BYTES..).and_then(|message| {
        Aes256Gcm::new(key.into())
            .encrypt_inout_detached(&nonce.into(), associated, message.into())
            .ok()
    });
    let Some(tag) = sealed else {
        bytes.zeroize();
        return Err(SealError::TooLong);
    };
    bytes.extend_from_slice(&tag);
    Ok(())
}

/// The bytes of a sealed value's text; `None` when it is not exactly one text that [`seal`] could
/// have made (alphabet, padding, spare bits, length).
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    (bytes.len() >= NONCE_BYTES + TAG_BYTES).then_some(bytes)
}

/// Opens what [`decode`] gave. `None` when authentication fails: another key or place, or changed
/// bytes.
pub(super) fn open(
    key: &[u8; KEY_BYTES],
    associated: &[u8],
    bytes: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    let payload = Payload {
        msg: sealed,
        aad: associated,
    };
    Aes256Gcm::new(key.into())
        .decrypt(nonce.into(), payload)
        .ok()
        .map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::BrokenRng;

    #[test]
    fn parts_that_are_cut_elsewhere_give_other_bytes() {
        let joined = |parts: &[&str]| length_prefixed(parts);
        assert_ne!(joined(&["ab", "c"]), joined(&["a", "bc"]));
        assert_ne!(joined(&["ab"]), joined(&["ab", ""]));
        assert_eq!(joined(&["é"]), Some(vec![0, 0, 0, 2, 0xc3, 0xa9]));
    }

    #[test]
    fn nothing_is_sealed_without_a_random_nonce() {
        let result = seal(&[0; KEY_BYTES], b"", b"x", &BrokenRng);
        assert!(matches!(result, Err(SealError::Rng(_))));
    }
}
