//! Signatures of backups: Ed25519 (RFC 8032), under a key of the keyring, over a label and parts
//! that cannot be cut elsewhere.
//!
//! What is signed, and which signature a reader asks for, is decided by those who write and read
//! backups. Keys that are known to be weak, and signatures that could be written in a second way,
//! are refused.

pub use super::secret::SigningKey;

use super::aead::length_prefixed;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::Signer as _;
use std::fmt;

/// How a public key begins, with the version of its form.
const PUBLIC_START: &str = "embsec-sign-1:";
/// Length of a public key, in bytes.
const PUBLIC_BYTES: usize = 32;
/// Length of a signature, in bytes.
const SIGNATURE_BYTES: usize = 64;

/// A part is longer than the format can say (4 GiB).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is too long to be signed")]
pub struct TooLongToSign;

/// A signature that was not made by this key over these parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not fit")]
pub struct BadSignature;

/// Why a text is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyingKeyError {
    /// Another kind of key, or a later version of this one.
    #[error("it does not begin with `{PUBLIC_START}`")]
    OtherKind,
    /// Cut off, mistyped, or no point of the curve.
    #[error("it is mistyped or cut off")]
    Mistyped,
    /// A point for which everybody can make signatures.
    #[error("it is a key that protects nothing")]
    Weak,
}

impl SigningKey {
    /// Signs parts, for one use: nobody can pass the signature off for another label's, or for one
    /// of the same bytes cut elsewhere.
    ///
    /// # Errors
    ///
    /// [`TooLongToSign`].
    pub fn sign(&self, label: &str, parts: &[&[u8]]) -> Result<Signature, TooLongToSign> {
        let message = message(label, parts).ok_or(TooLongToSign)?;
        // It wipes itself when it is dropped.
        let key = ed25519_dalek::SigningKey::from_bytes(self.expose());
        Ok(Signature(key.sign(&message)))
    }

    /// What others need to verify its signatures. It may be shown.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey(ed25519_dalek::SigningKey::from_bytes(self.expose()).verifying_key())
    }
}

/// The public half of a key that signs: `embsec-sign-1:` and 43 characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey(ed25519_dalek::VerifyingKey);

impl VerifyingKey {
    /// Reads what [`fmt::Display`] writes; blanks around it don't count.
    ///
    /// # Errors
    ///
    /// Any [`VerifyingKeyError`].
    pub fn parse(text: &str) -> Result<Self, VerifyingKeyError> {
        let encoded = text
            .trim()
            .strip_prefix(PUBLIC_START)
            .ok_or(VerifyingKeyError::OtherKind)?;
        let bytes = decode::<PUBLIC_BYTES>(encoded).ok_or(VerifyingKeyError::Mistyped)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&bytes)
            .map_err(|_| VerifyingKeyError::Mistyped)?;
        if key.is_weak() {
            return Err(VerifyingKeyError::Weak);
        }
        Ok(Self(key))
    }

    /// Whether the key signed these parts under this label.
    ///
    /// # Errors
    ///
    /// [`BadSignature`] when it did not.
    pub fn verify(
        &self,
        label: &str,
        parts: &[&[u8]],
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        let message = message(label, parts).ok_or(BadSignature)?;
        self.0
            .verify_strict(&message, &signature.0)
            .map_err(|_| BadSignature)
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC_START}{}", URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A signature: 86 characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(ed25519_dalek::Signature);

impl Signature {
    /// Reads what [`fmt::Display`] writes. `None` for anything else. Whether it fits is not known
    /// yet.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = decode::<SIGNATURE_BYTES>(text)?;
        Some(Self(ed25519_dalek::Signature::from_bytes(&bytes)))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.to_bytes()))
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn message(label: &str, parts: &[&[u8]]) -> Option<Vec<u8>> {
    let all = [&[label.as_bytes()], parts].concat();
    length_prefixed(&all)
}

fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::secret::key_bytes;
    use crate::crypto::testing::{CountingRng, assert_documented};
    use crate::sys::rng::SeededRng;
    use data_encoding::HEXLOWER;

    const MANIFEST: &str = "embsec/backup-manifest/v1";
    const KEYS: &str = "embsec/backup-keys/v1";
    const PUBLIC: &str = "embsec-sign-1:zRSzf5VulTGU_3-3Oz2B3MVh1hp1OAlLfD4aZD7l86o";

    /// The key of the documented vectors.
    fn key() -> SigningKey {
        SigningKey::generate(&CountingRng::from(0x80)).ok().unwrap()
    }

    fn sign(label: &str, parts: &[&[u8]]) -> Signature {
        key().sign(label, parts).unwrap()
    }

    #[test]
    fn the_documented_signatures_are_made_and_verified() {
        let sha256 = "ed0a42c38c5604446500b6807ed1961e84ba7737fcefee69dc5011bf259c5930";
        let of_keys = [b"20261128T182417Z-az27a7", &b"3"[..], sha256.as_bytes()];
        let of_manifest = [b"20261128T182417Z-az27a7", &b"1"[..], sha256.as_bytes()];
        for (label, parts, vector) in [
            (
                MANIFEST,
                &of_manifest,
                "cTyWBmnSY996MXYZzkYQENvhWsBjjl87_sHvZOjUxuFECavxjoyBNaIHz39cSX7Tt-DDEgrHUUXlkHUsKGOGBw",
            ),
            (
                KEYS,
                &of_keys,
                "IpXPScBESwPKQm0w9Zrbax0CupkSD13b16-A5sNSU9v6s42kl3WLP6tEGXnT9_MsU1WgNDlbQ8OUaUL202EGDA",
            ),
            (
                "embsec/backup-datakeys/v1",
                &of_keys,
                "mJB9Bx0LOuXgg99lsawRKWOjWl5z0hVwCo2YSt_I3k0QnK-3PC_phd78_JQgSTE7K3EvMPSgcO8oAQ9_DMQ9BA",
            ),
        ] {
            assert_eq!(sign(label, parts).to_string(), vector);
            let read = Signature::parse(vector).unwrap();
            let public = VerifyingKey::parse(PUBLIC).unwrap();
            assert_eq!(public.verify(label, parts, &read), Ok(()));
            assert_documented(vector);
        }
        assert_eq!(key().verifying_key().to_string(), PUBLIC);
        assert_eq!(key().id().0, "w5cyc7m7pjckygig");
        assert_documented(PUBLIC);
        assert_documented(&key().id().0);
    }

    #[test]
    fn the_public_keys_are_those_of_rfc_8032() {
        // Section 7.1, tests 1 to 3.
        for (secret, public) in [
            (
                "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            ),
            (
                "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            ),
            (
                "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            ),
        ] {
            let seed = HEXLOWER.decode(secret.as_bytes()).unwrap();
            let key = SigningKey::from_bytes(key_bytes(&seed).unwrap());
            let shown = key.verifying_key();
            assert_eq!(HEXLOWER.encode(shown.0.as_bytes()), public);
            assert_eq!(VerifyingKey::parse(&shown.to_string()), Ok(shown));
        }
    }

    #[test]
    fn another_label_other_parts_and_another_key_do_not_fit() {
        let parts = [&b"ab"[..], b"c"];
        let signature = sign(MANIFEST, &parts);
        let public = key().verifying_key();
        assert_eq!(public.verify(MANIFEST, &parts, &signature), Ok(()));
        for (label, parts) in [
            (KEYS, &parts[..]),
            (MANIFEST, &[&b"a"[..], b"bc"]),
            (MANIFEST, &[b"abc"]),
            (MANIFEST, &[b"ab", b"c", b""]),
            (MANIFEST, &[]),
        ] {
            let judged = public.verify(label, parts, &signature);
            assert_eq!(judged, Err(BadSignature), "{label} {parts:?}");
        }
        let other = SigningKey::generate(&SeededRng::new(1)).ok().unwrap();
        let judged = other.verifying_key().verify(MANIFEST, &parts, &signature);
        assert_eq!(judged, Err(BadSignature));
    }

    #[test]
    fn any_flipped_bit_of_a_signature_fails() {
        let parts = [&b"manifest"[..]];
        let bytes = sign(MANIFEST, &parts).0.to_bytes();
        for place in 0..bytes.len() {
            for bit in 0..8 {
                let mut flipped = bytes;
                flipped[place] ^= 1 << bit;
                let flipped = Signature(ed25519_dalek::Signature::from_bytes(&flipped));
                let judged = key().verifying_key().verify(MANIFEST, &parts, &flipped);
                assert_eq!(judged, Err(BadSignature), "byte {place}, bit {bit}");
            }
        }
    }

    #[test]
    fn a_signature_cannot_be_written_in_a_second_way() {
        // Section 5.1.7: S + L is as good a number as S, and is refused.
        const ORDER: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
            0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let parts = [&b"manifest"[..]];
        let signature = sign(MANIFEST, &parts);
        let mut bytes = signature.0.to_bytes();
        let mut carry = 0;
        for (byte, more) in bytes[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(more) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        let second = Signature(ed25519_dalek::Signature::from_bytes(&bytes));
        let judged = key().verifying_key().verify(MANIFEST, &parts, &second);
        assert_eq!(judged, Err(BadSignature));
        let text = signature.to_string();
        assert_eq!(Signature::parse(&text), Some(signature));
        // The last character has spare bits.
        let (head, last) = text.split_at(85);
        assert!(["A", "Q", "g", "w"].contains(&last), "{text}");
        for other in ["B", "R", "h", "x", "", "==", "A="] {
            assert_eq!(Signature::parse(&format!("{head}{other}")), None);
        }
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        for (text, error) in [
            ("", VerifyingKeyError::OtherKind),
            (&PUBLIC[14..], VerifyingKeyError::OtherKind),
            ("embsec-sign-2:", VerifyingKeyError::OtherKind),
            ("embsec-sign-1:", VerifyingKeyError::Mistyped),
            (&PUBLIC[..56], VerifyingKeyError::Mistyped),
            (&format!("{PUBLIC}A"), VerifyingKeyError::Mistyped),
            (&format!("{PUBLIC}="), VerifyingKeyError::Mistyped),
        ] {
            assert_eq!(VerifyingKey::parse(text), Err(error), "{text}");
        }
        assert!(VerifyingKey::parse(&format!(" {PUBLIC}\n")).is_ok());
        // The neutral point, for which a signature of anything is known.
        let mut neutral = [0; PUBLIC_BYTES];
        neutral[0] = 1;
        let text = format!("{PUBLIC_START}{}", URL_SAFE_NO_PAD.encode(neutral));
        assert_eq!(VerifyingKey::parse(&text), Err(VerifyingKeyError::Weak));
    }
}
