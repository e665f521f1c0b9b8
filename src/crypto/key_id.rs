//! Names of keys, computed from the keys themselves.

use crate::domain::key::KeyId;
use sha2::{Digest as _, Sha256};

/// Sets this use of SHA-256 apart from every other.
const KEY_ID_LABEL: &[u8] = b"embsec/key-id/v1\0";
/// How much of the hash names a key: 80 bits, so two keys of one deployment never share a name.
const KEY_ID_BYTES: usize = 10;
/// The same in base32 characters.
const KEY_ID_CHARS: usize = 16;

/// The id of a key: the first ten bytes of SHA-256 over a label and the key, in base32 (RFC 4648
/// section 6), lower case, without padding. It tells nothing useful of a random key.
pub(super) fn of(key: &[u8; 32]) -> KeyId {
    let mut hasher = Sha256::new();
    hasher.update(KEY_ID_LABEL);
    hasher.update(key);
    let hash = hasher.finalize();
    let mut text = data_encoding::BASE32_NOPAD.encode(hash.get(..KEY_ID_BYTES).unwrap_or(&hash));
    text.make_ascii_lowercase();
    KeyId(text)
}

/// The key id that a text is, if it is one.
#[must_use]
pub fn parse(text: &str) -> Option<KeyId> {
    let is_key_id =
        text.len() == KEY_ID_CHARS && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    is_key_id.then(|| KeyId(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::assert_documented;

    #[test]
    fn a_key_has_the_documented_id() {
        let mut counting = [0; 32];
        for (place, byte) in counting.iter_mut().zip(0..) {
            *place = byte;
        }
        for (key, id) in [
            ([0; 32], "hyzea73pwkryigrd"),
            (counting, "6ao4zfsmgfws5hae"),
        ] {
            assert_eq!(of(&key).0, id);
            assert_documented(id);
        }
    }

    #[test]
    fn only_sixteen_base32_characters_in_lower_case_are_an_id() {
        let id = of(&[1; 32]);
        assert_eq!(parse(&id.0), Some(id.clone()));
        for bad in [
            "",
            "abc",
            &id.0.to_uppercase(),
            &format!("{id}a"),
            "abcdefghijklmno1",
            "abcdefghijklmn\u{e9}",
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
