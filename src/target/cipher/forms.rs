//! The forms that a column can have, each as a [`Cipher`].

use super::{CannotOpen, Cipher, Class, Opened, Place, Value};
use crate::crypto::SealError;
use crate::crypto::embapi_blob::{self, EmbapiKey};
use crate::crypto::field::{self, FieldContext, FieldOpenError, SealedValue};
use crate::crypto::llm_proxy::{self, LlmProxyKey};
use crate::crypto::secret::DataKey;
use crate::domain::key::KeyId;
use crate::sys::rng::Rng;
use crate::target::table::Form;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

/// What every sealed text begins with, whatever its version.
const ANY_SEALED: &str = "enc:";

/// The keys at hand for one database.
#[derive(Clone, Default)]
pub enum Keys {
    /// None: nothing can be opened or sealed.
    #[default]
    None,
    /// The one that a llm-proxy service has as `ENCRYPTION_KEY`.
    LlmProxy(Arc<LlmProxyKey>),
    /// The one that an embapi service has as `ENCRYPTION_KEY`.
    Embapi(Arc<EmbapiKey>),
    /// Those of a declared table: the first seals, all of them open.
    Bound(Vec<Arc<DataKey>>),
}

impl Keys {
    /// The ids of all of them, the one that seals first.
    #[must_use]
    pub fn ids(&self) -> Vec<KeyId> {
        match self {
            Self::None => Vec::new(),
            Self::LlmProxy(key) => vec![key.id().clone()],
            Self::Embapi(key) => vec![key.id()],
            Self::Bound(keys) => keys.iter().map(|key| key.id().clone()).collect(),
        }
    }

    /// What seals, hashes and opens values of this form.
    #[must_use]
    pub fn cipher(&self, form: Form, rng: &Arc<dyn Rng>) -> Box<dyn Cipher> {
        match form {
            Form::LlmProxy => Box::new(LlmProxy {
                key: match self {
                    Self::LlmProxy(key) => Some(Arc::clone(key)),
                    _ => None,
                },
                rng: Arc::clone(rng),
            }),
            Form::EmbapiBlob => Box::new(EmbapiBlob {
                key: match self {
                    Self::Embapi(key) => Some(Arc::clone(key)),
                    _ => None,
                },
            }),
            Form::Bound => Box::new(Bound {
                keys: match self {
                    Self::Bound(keys) => keys.clone(),
                    _ => Vec::new(),
                },
                rng: Arc::clone(rng),
            }),
            Form::Digest => Box::new(Digest),
        }
    }
}

/// `enc:v1:`.
struct LlmProxy {
    key: Option<Arc<LlmProxyKey>>,
    rng: Arc<dyn Rng>,
}

impl Cipher for LlmProxy {
    fn has_key(&self) -> bool {
        self.key.is_some()
    }

    fn classify(&self, value: &Value) -> Class {
        match value.as_text() {
            Some(text) if llm_proxy::is_sealed(text) => Class::Sealed(None),
            _ => empty_or_plain(value),
        }
    }

    fn open(&self, _place: &Place<'_>, value: &Value) -> Result<Opened, CannotOpen> {
        let key = self.key.as_ref().ok_or(CannotOpen::NoKey)?;
        let text = value.as_text().ok_or(CannotOpen::Undecryptable)?;
        let plaintext = llm_proxy::open(text, key).map_err(|_| CannotOpen::Undecryptable)?;
        Ok(Opened {
            plaintext: text_of(&plaintext),
            key_id: key.id().clone(),
        })
    }

    fn protect(&self, _place: &Place<'_>, plaintext: &Value) -> Result<Option<Value>, SealError> {
        let (Some(key), Some(text)) = (&self.key, plaintext.as_text()) else {
            return Ok(None);
        };
        let sealed = llm_proxy::seal(text, key, self.rng.as_ref())?;
        Ok(Some(Value::text(sealed)))
    }
}

/// The bytes that embapi keeps. They are never in clear, so nothing is ever sealed here.
struct EmbapiBlob {
    key: Option<Arc<EmbapiKey>>,
}

impl Cipher for EmbapiBlob {
    fn has_key(&self) -> bool {
        self.key.is_some()
    }

    fn classify(&self, value: &Value) -> Class {
        if value.as_bytes().is_empty() {
            Class::Empty
        } else {
            Class::Sealed(None)
        }
    }

    fn open(&self, _place: &Place<'_>, value: &Value) -> Result<Opened, CannotOpen> {
        let key = self.key.as_ref().ok_or(CannotOpen::NoKey)?;
        let plaintext =
            embapi_blob::open(value.as_bytes(), key).map_err(|_| CannotOpen::Undecryptable)?;
        Ok(Opened {
            plaintext: text_of(&plaintext),
            key_id: key.id(),
        })
    }

    fn protect(&self, _place: &Place<'_>, _plaintext: &Value) -> Result<Option<Value>, SealError> {
        Ok(None)
    }
}

/// `enc:v2:`, bound to its place.
struct Bound {
    keys: Vec<Arc<DataKey>>,
    rng: Arc<dyn Rng>,
}

impl Cipher for Bound {
    fn has_key(&self) -> bool {
        !self.keys.is_empty()
    }

    fn classify(&self, value: &Value) -> Class {
        match value.as_text() {
            Some(text) if text.starts_with(ANY_SEALED) => {
                let sealed = SealedValue::parse(text).ok().flatten();
                Class::Sealed(sealed.map(|sealed| sealed.key_id().clone()))
            }
            _ => empty_or_plain(value),
        }
    }

    fn open(&self, place: &Place<'_>, value: &Value) -> Result<Opened, CannotOpen> {
        if self.keys.is_empty() {
            return Err(CannotOpen::NoKey);
        }
        let text = value.as_text().ok_or(CannotOpen::Undecryptable)?;
        let sealed = SealedValue::parse(text).map_err(|_| CannotOpen::Undecryptable)?;
        let sealed = sealed.ok_or(CannotOpen::Undecryptable)?;
        let key = self.keys.iter().find(|key| key.id() == sealed.key_id());
        let key = key.ok_or_else(|| CannotOpen::UnknownKey(sealed.key_id().clone()))?;
        match sealed.open(key, &context(place, &[place.row_key])) {
            Ok(plaintext) => Ok(Opened {
                plaintext: text_of(&plaintext),
                key_id: key.id().clone(),
            }),
            Err(FieldOpenError::UnknownKey { id }) => Err(CannotOpen::UnknownKey(id)),
            Err(FieldOpenError::Damaged | FieldOpenError::NotText) => {
                Err(CannotOpen::Undecryptable)
            }
        }
    }

    fn protect(&self, place: &Place<'_>, plaintext: &Value) -> Result<Option<Value>, SealError> {
        let (Some(key), Some(text)) = (self.keys.first(), plaintext.as_text()) else {
            return Ok(None);
        };
        let sealed = field::seal(
            text,
            key,
            &context(place, &[place.row_key]),
            self.rng.as_ref(),
        )?;
        Ok(Some(Value::text(sealed)))
    }
}

/// Lower-case hex SHA-256.
struct Digest;

impl Cipher for Digest {
    fn has_key(&self) -> bool {
        true
    }

    fn classify(&self, value: &Value) -> Class {
        match value.as_text() {
            Some(text) if llm_proxy::is_hashed(text) => Class::Hashed,
            _ => empty_or_plain(value),
        }
    }

    fn open(&self, _place: &Place<'_>, _value: &Value) -> Result<Opened, CannotOpen> {
        Err(CannotOpen::OneWay)
    }

    fn protect(&self, _place: &Place<'_>, plaintext: &Value) -> Result<Option<Value>, SealError> {
        let hash = plaintext.as_text().map(llm_proxy::token_hash);
        Ok(hash.map(Value::text))
    }
}

fn empty_or_plain(value: &Value) -> Class {
    if value.is_empty() {
        Class::Empty
    } else {
        Class::Plain
    }
}

fn text_of(plaintext: &SecretString) -> Value {
    Value::text(plaintext.expose_secret().to_owned())
}

const fn context<'a>(place: &Place<'a>, row_key: &'a [&'a str]) -> FieldContext<'a> {
    FieldContext {
        table: place.table,
        column: place.column,
        row_key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::rng::SeededRng;

    const PLACE: Place<'_> = Place {
        table: "projects",
        column: "api_key",
        row_key: "p1",
    };

    fn rng() -> Arc<dyn Rng> {
        Arc::new(SeededRng::new(1))
    }

    fn text(text: &str) -> Value {
        Value::text(text.to_owned())
    }

    fn bound(seed: u64) -> Keys {
        let Ok(key) = DataKey::generate(&SeededRng::new(seed)) else {
            panic!("no randomness");
        };
        Keys::Bound(vec![Arc::new(key)])
    }

    fn llm_proxy(seed: u64) -> Keys {
        let Ok(key) = LlmProxyKey::generate(&SeededRng::new(seed)) else {
            panic!("no randomness");
        };
        Keys::LlmProxy(Arc::new(key))
    }

    fn embapi() -> Keys {
        Keys::Embapi(Arc::new(EmbapiKey::from_text(&SecretString::from("k"))))
    }

    #[test]
    fn what_each_form_protects_it_opens_and_takes_for_protected() {
        for (keys, form) in [(llm_proxy(1), Form::LlmProxy), (bound(1), Form::Bound)] {
            let cipher = keys.cipher(form, &rng());
            let plain = text("sk-1");
            assert_eq!(cipher.classify(&plain), Class::Plain);
            let sealed = cipher.protect(&PLACE, &plain).unwrap().unwrap();
            assert!(matches!(cipher.classify(&sealed), Class::Sealed(_)));
            let opened = cipher.open(&PLACE, &sealed).ok().unwrap();
            assert_eq!(opened.plaintext, plain);
            assert_eq!(vec![opened.key_id], keys.ids());
        }
    }

    #[test]
    fn a_bound_value_names_its_key_and_opens_only_in_its_place() {
        let (keys, others) = (bound(1), bound(2));
        let cipher = keys.cipher(Form::Bound, &rng());
        let sealed = cipher.protect(&PLACE, &text("x")).unwrap().unwrap();
        let id = keys.ids().remove(0);
        assert_eq!(cipher.classify(&sealed), Class::Sealed(Some(id.clone())));
        for place in [
            Place {
                row_key: "p2",
                ..PLACE
            },
            Place {
                column: "name",
                ..PLACE
            },
            Place {
                table: "tokens",
                ..PLACE
            },
        ] {
            let error = cipher.open(&place, &sealed).err();
            assert_eq!(error, Some(CannotOpen::Undecryptable), "{place:?}");
        }
        let error = others.cipher(Form::Bound, &rng()).open(&PLACE, &sealed);
        assert_eq!(error.err(), Some(CannotOpen::UnknownKey(id)));
    }

    #[test]
    fn without_a_key_nothing_opens_and_nothing_is_sealed() {
        for form in [Form::LlmProxy, Form::Bound, Form::EmbapiBlob] {
            let cipher = Keys::None.cipher(form, &rng());
            assert!(!cipher.has_key());
            let error = cipher.open(&PLACE, &text("enc:v1:AAAA")).err();
            assert_eq!(error, Some(CannotOpen::NoKey), "{form:?}");
            assert_eq!(cipher.protect(&PLACE, &text("x")).unwrap(), None);
        }
    }

    #[test]
    fn a_hash_needs_no_key_and_has_no_way_back() {
        let cipher = Keys::None.cipher(Form::Digest, &rng());
        let hash = cipher.protect(&PLACE, &text("test")).unwrap().unwrap();
        let expected = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        assert_eq!(hash.as_text(), Some(expected));
        assert_eq!(cipher.classify(&hash), Class::Hashed);
        assert_eq!(cipher.classify(&text("test")), Class::Plain);
        assert_eq!(cipher.open(&PLACE, &hash).err(), Some(CannotOpen::OneWay));
    }

    #[test]
    fn what_only_begins_like_a_sealed_value_opens_under_no_key() {
        for (keys, form, looks) in [
            (llm_proxy(1), Form::LlmProxy, "enc:v1:hello"),
            (bound(1), Form::Bound, "enc:v1:hello"),
            (bound(1), Form::Bound, "enc:v2:hello"),
            (bound(1), Form::Bound, "enc:v2:aaaaaaaaaaaaaaaa:!"),
        ] {
            let cipher = keys.cipher(form, &rng());
            assert_eq!(cipher.classify(&text(looks)), Class::Sealed(None));
            let error = cipher.open(&PLACE, &text(looks)).err();
            assert_eq!(error, Some(CannotOpen::Undecryptable), "{looks}");
        }
        // As upstream has it.
        let cipher = llm_proxy(1).cipher(Form::LlmProxy, &rng());
        for plain in ["enc:v1:", "ENC:V1:AAAA", "enc:v2:AAAA"] {
            assert_eq!(cipher.classify(&text(plain)), Class::Plain, "{plain}");
        }
    }

    #[test]
    fn what_is_empty_stays_so_and_what_is_no_text_cannot_be_sealed() {
        for (keys, form) in [
            (llm_proxy(1), Form::LlmProxy),
            (bound(1), Form::Bound),
            (embapi(), Form::EmbapiBlob),
            (Keys::None, Form::Digest),
        ] {
            let cipher = keys.cipher(form, &rng());
            assert_eq!(cipher.classify(&text("")), Class::Empty);
            assert_eq!(cipher.classify(&Value::bytes(Vec::new())), Class::Empty);
            assert_eq!(cipher.protect(&PLACE, &Value::other()).unwrap(), None);
        }
        let cipher = llm_proxy(1).cipher(Form::LlmProxy, &rng());
        assert_eq!(cipher.classify(&Value::other()), Class::Plain);
    }

    #[test]
    fn an_embapi_value_opens_under_its_key() {
        let blob = data_encoding::HEXLOWER
            .decode(b"000102030405060708090a0bcd2ea121cd5f7ad23dfe60fc6de7dcc103bea077ee619b93a86563a218db66f5")
            .unwrap();
        let key = EmbapiKey::from_text(&SecretString::from("test-encryption-key-12345"));
        let cipher = Keys::Embapi(Arc::new(key)).cipher(Form::EmbapiBlob, &rng());
        let value = Value::bytes(blob);
        assert_eq!(cipher.classify(&value), Class::Sealed(None));
        let opened = cipher.open(&PLACE, &value).ok().unwrap();
        assert_eq!(opened.plaintext.as_text(), Some("my-api-key-12345"));
        let other = embapi().cipher(Form::EmbapiBlob, &rng());
        assert!(other.open(&PLACE, &value).is_err());
    }
}
