//! The vectors of upstream and the edges of its formats.

use super::*;
use crate::crypto::testing::{BrokenRng, assert_documented};
use crate::sys::rng::{Rng, RngError, SeededRng};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

/// Key, nonce in hexadecimal, plaintext, stored value.
const VECTORS: [(&str, &str, &str, &str); 3] = [
    (
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "000000000000000000000000",
        "sk-test-1234567890abcdef",
        "enc:v1:AAAAAAAAAAAAAAAAfdeYqtBf95A5mpoBLRqmoetzNzFL5QVJEI1nKSjjV4iAVi0qFpNYKA==",
    ),
    (
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "000102030405060708090a0b",
        "hello world",
        "enc:v1:AAECAwQFBgcICQoL4K5fPm/d+JawFDZB3YoGbYKWxaInhJXdRIuS",
    ),
    (
        "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=",
        "cafebabefacedbaddecaf888",
        "Hello, 世界! 🔐",
        "enc:v1:yv66vvrO263eyviIoVkJsSquTfnavD3p9pD1nc/K/2FMqlrvWeZ4IWPP6vkeBNM=",
    ),
];
/// The empty text, sealed with the first key and a nonce of zeros: read, never written.
const SEALED_EMPTY: &str = "enc:v1:AAAAAAAAAAAAAAAA8F12rkq5n+Wm9psxSMI2PQ==";
const TOKENS: [(&str, &str); 3] = [
    (
        "test",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    (
        "sk-AAAAAAAAAAAAAAAAAAAAAA",
        "2634ac4dcdc16b533f97c84ae8f1cabbf21feecdf31319267073b20948df6cd5",
    ),
    (
        "sk-AZk3yJ4aeRqxV0mZ3k9L1w",
        "b6124f08bb1655ac32d121b8f6ea4ce5c8634f4556a756dfbe541211b4326643",
    ),
];

struct FixedNonce(Vec<u8>);

impl Rng for FixedNonce {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), RngError> {
        buffer.copy_from_slice(&self.0);
        Ok(())
    }
}

fn parse(text: &str) -> Result<(LlmProxyKey, Vec<KeyLeniency>), LlmProxyKeyError> {
    LlmProxyKey::parse(&SecretString::from(text)).map(|parsed| (parsed.key, parsed.warnings))
}

fn key(text: &str) -> LlmProxyKey {
    parse(text).unwrap_or_else(|error| panic!("{error}")).0
}

fn first_key() -> LlmProxyKey {
    key(VECTORS[0].0)
}

fn opened(value: &str, key: &LlmProxyKey) -> Result<String, ValueOpenError> {
    open(value, key).map(|text| text.expose_secret().to_owned())
}

#[test]
fn the_vectors_of_upstream_are_made_and_opened() {
    for (key_text, nonce, plaintext, value) in VECTORS {
        let key = key(key_text);
        let nonce = FixedNonce(HEXLOWER.decode(nonce.as_bytes()).unwrap());
        assert_eq!(seal(plaintext, &key, &nonce).unwrap(), value);
        assert_eq!(opened(value, &key).unwrap(), plaintext);
        assert_eq!(value.len(), 7 + 4 * (28 + plaintext.len()).div_ceil(3));
        assert_documented(key_text);
        assert_documented(value);
    }
}

#[test]
fn the_empty_text_stays_empty_and_a_sealed_one_is_read() {
    assert_eq!(seal("", &first_key(), &BrokenRng).unwrap(), "");
    assert_eq!(opened(SEALED_EMPTY, &first_key()).unwrap(), "");
    assert_documented(SEALED_EMPTY);
}

#[test]
fn the_edges_of_base64_are_those_of_upstream() {
    let stem = SEALED_EMPTY.strip_suffix("PQ==").unwrap();
    for (value, outcome) in [
        (format!("{stem}PR=="), Ok(String::new())),
        (format!("{stem}P\nQ=\r\n=\n"), Ok(String::new())),
        (
            format!("{stem}PA=="),
            Err(ValueOpenError::WrongKeyOrDamaged),
        ),
        (format!("{stem}PQ"), Err(ValueOpenError::NotBase64)),
        (format!("{stem}PQ="), Err(ValueOpenError::NotBase64)),
        (format!("{stem}PQ== "), Err(ValueOpenError::NotBase64)),
        (
            SEALED_EMPTY.replace('+', "-"),
            Err(ValueOpenError::NotBase64),
        ),
        (
            SEALED_EMPTY.replace('+', "_"),
            Err(ValueOpenError::NotBase64),
        ),
        ("enc:v1:AAAA".to_owned(), Err(ValueOpenError::TooShort)),
        ("enc:v1:\n".to_owned(), Err(ValueOpenError::TooShort)),
        ("enc:v1:".to_owned(), Err(ValueOpenError::NotSealed)),
    ] {
        assert_eq!(opened(&value, &first_key()), outcome, "{value:?}");
    }
}

#[test]
fn only_the_prefix_with_something_behind_it_is_a_sealed_value() {
    assert!(is_sealed("enc:v1:x"));
    for plain in [
        "",
        "enc:v1:",
        "ENC:V1:AAAA",
        "enc:v2:AAAA",
        " enc:v1:AAAA",
        "sk-1",
    ] {
        assert!(!is_sealed(plain), "{plain:?}");
    }
}

#[test]
fn tokens_hash_as_upstream_hashes_them() {
    for (token, hash) in TOKENS {
        assert_eq!(token_hash(token), hash);
        assert!(is_hashed(hash));
        assert!(is_hashed(&hash.to_uppercase()));
        assert!(!is_hashed(token));
        assert!(!is_hashed(&hash[1..]));
        assert!(!is_hashed(&format!("{}g", &hash[1..])));
        assert_documented(hash);
    }
    assert!(!is_hashed(&"é".repeat(32)));
}

#[test]
fn another_key_and_any_flipped_byte_fail() {
    let value = seal("sk-1", &first_key(), &SeededRng::new(1)).unwrap();
    let wrong = Err(ValueOpenError::WrongKeyOrDamaged);
    assert_eq!(opened(&value, &key(VECTORS[1].0)), wrong);
    // Spare bits of the last character apart, of which this value has none.
    assert!(!value.ends_with("=="));
    for place in 0..value.len() - 2 {
        for flip in 1..=127_u8 {
            let mut bytes = value.clone().into_bytes();
            bytes[place] ^= flip;
            let text = String::from_utf8(bytes).unwrap();
            let outcome = opened(&text, &first_key());
            assert!(outcome.is_err(), "byte {place} flipped by {flip:#x}");
        }
    }
}

#[test]
fn what_is_no_text_is_resealed_as_it_is_and_not_shown() {
    let rng = SeededRng::new(1);
    let (old, new) = (first_key(), key(VECTORS[1].0));
    let value = Sealer::new(&old, &rng).seal_bytes(&[0xff]).unwrap();
    assert_eq!(opened(&value, &old), Err(ValueOpenError::NotText));
    let anew = Sealer::new(&new, &rng).reseal(&value, &old).unwrap();
    assert_eq!(*open_bytes(&anew, &new).unwrap(), [0xff]);
    assert!(hold_the_same((&value, &old), (&anew, &new)));
    assert!(!hold_the_same((&value, &old), (&anew, &old)));
    assert!(opens(&anew, &new) && !opens(&anew, &old));
    let again = Sealer::new(&new, &rng).reseal(&anew, &old);
    let wrong = ValueOpenError::WrongKeyOrDamaged;
    assert!(matches!(again, Err(ResealError::Open(error)) if error == wrong));
}

#[test]
fn a_sealed_empty_text_stays_sealed_when_it_is_resealed() {
    let rng = SeededRng::new(1);
    let new = key(VECTORS[1].0);
    let anew = Sealer::new(&new, &rng).reseal(SEALED_EMPTY, &first_key());
    assert_eq!(opened(&anew.unwrap(), &new).unwrap(), "");
}

#[test]
fn a_key_is_read_as_go_reads_it() {
    let text = VECTORS[0].0;
    let (broken, spare) = (KeyLeniency::LineBreaks, KeyLeniency::SpareBits);
    for (accepted, warnings) in [
        (text.to_owned(), vec![]),
        (format!("{text}\n"), vec![broken]),
        (format!("{}\r\n{}", &text[..20], &text[20..]), vec![broken]),
        (text.replace("8=", "8\n="), vec![broken]),
        (text.replace("8=", "9="), vec![spare]),
        (text.replace("8=", "+=\n"), vec![broken, spare]),
    ] {
        let (key, found) = parse(&accepted).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(key.expose(), first_key().expose(), "{accepted:?}");
        assert_eq!(found, warnings, "{accepted:?}");
    }
}

#[test]
fn what_is_no_key_is_refused_with_its_reason() {
    let text = VECTORS[0].0;
    let hexadecimal = "0123456789abcdef".repeat(4);
    for (refused, error) in [
        (String::new(), LlmProxyKeyError::Empty),
        (text.replace('=', ""), LlmProxyKeyError::NoPadding),
        (
            format!("{}\n", text.replace('=', "")),
            LlmProxyKeyError::NoPadding,
        ),
        (format!(" {text}"), LlmProxyKeyError::Blanks),
        (format!("{text} "), LlmProxyKeyError::Blanks),
        (
            VECTORS[2].0.replace('/', "_").replace('+', "-"),
            LlmProxyKeyError::UrlSafe,
        ),
        (hexadecimal.clone(), LlmProxyKeyError::Hexadecimal),
        (format!("{hexadecimal}\n"), LlmProxyKeyError::Hexadecimal),
        (
            "AAAAAAAAAAAAAAAAAAAAAA==".to_owned(),
            LlmProxyKeyError::WrongLength { found: 16 },
        ),
        ("\n".to_owned(), LlmProxyKeyError::WrongLength { found: 0 }),
        (format!("{text}x"), LlmProxyKeyError::NotBase64),
        ("password!".to_owned(), LlmProxyKeyError::NotBase64),
    ] {
        assert_eq!(parse(&refused).err(), Some(error), "{refused:?}");
    }
}

#[test]
fn a_made_key_is_written_as_it_is_read() {
    let made = LlmProxyKey::generate(&SeededRng::new(1)).unwrap_or_else(|error| panic!("{error}"));
    let text = made.to_text();
    assert_eq!(text.expose_secret().len(), 44);
    let (read, warnings) = parse(text.expose_secret()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.expose(), made.expose());
    assert_eq!(read.id(), made.id());
    assert!(warnings.is_empty());
    assert_eq!(first_key().id().0, "6ao4zfsmgfws5hae");
    assert!(LlmProxyKey::generate(&BrokenRng).is_err());
}

proptest! {
    #[test]
    fn what_is_sealed_opens_again(plaintext in ".{1,80}", seed in any::<u64>()) {
        let value = seal(&plaintext, &first_key(), &SeededRng::new(seed)).unwrap();
        prop_assert!(is_sealed(&value));
        prop_assert_eq!(opened(&value, &first_key()).unwrap(), plaintext);
    }

    #[test]
    fn opening_never_panics(value in "(enc:v1:)?[A-Za-z0-9+/\\r\\n]{0,80}={0,3}.{0,3}") {
        prop_assert!(opened(&value, &first_key()).is_err());
    }

    #[test]
    fn reading_a_key_never_panics(text in "[A-Za-z0-9+/]{40,44}={0,2}[\\r\\n -]{0,2}") {
        if let Ok((key, warnings)) = parse(&text) {
            let canonical = key.to_text();
            prop_assert_eq!(canonical.expose_secret() == text, warnings.is_empty());
        }
    }
}
