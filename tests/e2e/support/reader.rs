//! Opens what is stored as `docs/formats.md` has it, without the code that stored it.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The bytes of a key.
pub(crate) type Key = [u8; 32];
/// Keys by their ids.
pub(crate) type Keys = BTreeMap<String, Key>;

/// The key that a text of standard base64 is, as `ENCRYPTION_KEY` of llm-proxy holds it.
pub(crate) fn key_of(text: &str) -> Key {
    STANDARD.decode(text.trim()).unwrap().try_into().unwrap()
}

/// The id of a key.
pub(crate) fn key_id(key: &Key) -> String {
    let digest = Sha256::digest([b"embsec/key-id/v1\0".as_slice(), key].concat());
    data_encoding::BASE32_NOPAD
        .encode(&digest[..10])
        .to_lowercase()
}

/// Opens `enc:v1:`.
pub(crate) fn open_llm_proxy(key: &Key, value: &str) -> Option<String> {
    let sealed = STANDARD.decode(value.strip_prefix("enc:v1:")?).ok()?;
    String::from_utf8(open(key, b"", &sealed)?).ok()
}

/// Opens `enc:v2:` of this table, column and row; says by which key too.
pub(crate) fn open_field(keys: &Keys, place: &[&str], value: &str) -> Option<(String, String)> {
    let (id, payload) = value.strip_prefix("enc:v2:")?.split_once(':')?;
    let associated = length_prefixed(&[&["embsec/field/v2"], place].concat());
    let sealed = URL_SAFE_NO_PAD.decode(payload).ok()?;
    let opened = open(keys.get(id)?, &associated, &sealed)?;
    Some((String::from_utf8(opened).ok()?, id.to_owned()))
}

/// Opens a data key.
pub(crate) fn unwrap(master: &Key, id: &str, scope: &str, wrapped: &str) -> Option<Key> {
    let associated = length_prefixed(&["embsec/data-key/v1", id, scope]);
    let key = open(master, &associated, &URL_SAFE_NO_PAD.decode(wrapped).ok()?)?;
    Key::try_from(key).ok().filter(|key| key_id(key) == id)
}

/// The master keys in the text of a keyring, each with its state.
pub(crate) fn masters(keyring: &str) -> BTreeMap<String, (Key, String)> {
    let keyring: toml::Table = keyring.parse().unwrap();
    let entries = keyring["keys"].as_array().unwrap().iter();
    let masters = entries.filter(|entry| entry["purpose"].as_str() == Some("master"));
    masters
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            let key: Key = URL_SAFE_NO_PAD
                .decode(text("material"))
                .unwrap()
                .try_into()
                .unwrap();
            assert_eq!(key_id(&key), text("id"));
            (text("id"), (key, text("state")))
        })
        .collect()
}

fn length_prefixed(parts: &[&str]) -> Vec<u8> {
    let mut joined = Vec::new();
    for part in parts {
        joined.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        joined.extend(part.as_bytes());
    }
    joined
}

fn open(key: &Key, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, sealed) = sealed.split_first_chunk::<12>()?;
    let payload = Payload {
        msg: sealed,
        aad: associated,
    };
    Aes256Gcm::new(key.into())
        .decrypt(nonce.into(), payload)
        .ok()
}

#[test]
fn the_documented_vectors_open() {
    let key: Key = std::array::from_fn(|n| u8::try_from(n).unwrap());
    let keys = Keys::from([(key_id(&key), key)]);
    let sealed = "enc:v2:6ao4zfsmgfws5hae:oKGio6SlpqeoqaqrtWwOTIZUZxn159y88JbR-4-vbIlSwaw";
    let opened = |place: &[&str]| open_field(&keys, place, sealed).map(|(text, _)| text);
    let place = ["embeddings", "text", "12", "7", "passage/1"];
    assert_eq!(opened(&place).as_deref(), Some("Straße"));
    assert_eq!(opened(&place[..4]), None);
    let sealed = "enc:v1:AAAAAAAAAAAAAAAAfdeYqtBf95A5mpoBLRqmoetzNzFL5QVJEI1nKSjjV4iAVi0qFpNYKA==";
    let key = key_of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    let opened = open_llm_proxy(&key, sealed);
    assert_eq!(opened.as_deref(), Some("sk-test-1234567890abcdef"));
}
