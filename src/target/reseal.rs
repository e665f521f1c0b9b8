//! The old and the new key of a service, and what a value is to a change from one to the other.
//!
//! When which value is replaced is decided in `app`.

use super::cipher::Value;
use super::table::Form;
use crate::crypto::SealError;
use crate::crypto::embapi_blob::{self, EmbapiKey};
use crate::crypto::llm_proxy::{self, LlmProxyKey, Sealer};
use crate::domain::key::KeyId;
use crate::sys::rng::Rng;
use std::sync::Arc;

/// From one key of a service to another.
#[derive(Clone)]
pub enum Reseal {
    /// `enc:v1:` of llm-proxy.
    LlmProxy {
        /// The key that opens.
        from: Arc<LlmProxyKey>,
        /// The key that seals.
        to: Arc<LlmProxyKey>,
    },
    /// The blobs of embapi.
    Embapi {
        /// The key that opens.
        from: Arc<EmbapiKey>,
        /// The key that seals.
        to: Arc<EmbapiKey>,
    },
}

/// What a value is to the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is in it.
    Empty,
    /// In clear: no key is needed for it.
    Plain,
    /// Under the key that it is to be under.
    There,
    /// Under the other key. This is the same under the right one.
    Moved(Value),
}

/// Why a value cannot be moved to the other key.
#[derive(Debug, thiserror::Error)]
pub enum StandingError {
    /// Neither key opens it.
    #[error("it opens under neither key")]
    Unopenable,
    /// It could not be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

impl Reseal {
    /// The form of the values.
    #[must_use]
    pub const fn form(&self) -> Form {
        match self {
            Self::LlmProxy { .. } => Form::LlmProxy,
            Self::Embapi { .. } => Form::EmbapiBlob,
        }
    }

    /// The ids of the key that opens and of the one that seals.
    #[must_use]
    pub fn key_ids(&self) -> [KeyId; 2] {
        match self {
            Self::LlmProxy { from, to } => [from.id().clone(), to.id().clone()],
            Self::Embapi { from, to } => [from.id(), to.id()],
        }
    }

    /// The way back.
    #[must_use]
    pub fn reversed(&self) -> Self {
        match self {
            Self::LlmProxy { from, to } => Self::LlmProxy {
                from: Arc::clone(to),
                to: Arc::clone(from),
            },
            Self::Embapi { from, to } => Self::Embapi {
                from: Arc::clone(to),
                to: Arc::clone(from),
            },
        }
    }

    /// Opens a value with whichever key fits, and seals it where it is under the old one.
    ///
    /// # Errors
    ///
    /// Any [`StandingError`].
    pub fn standing(&self, value: &Value, rng: &dyn Rng) -> Result<Standing, StandingError> {
        if value.is_empty() {
            return Ok(Standing::Empty);
        }
        match self {
            Self::LlmProxy { from, to } => match value.as_text() {
                Some(text) if llm_proxy::is_sealed(text) => {
                    match Sealer::new(to, rng).reseal(text, from) {
                        Ok(moved) => Ok(Standing::Moved(Value::text(moved))),
                        Err(llm_proxy::ResealError::Seal(error)) => Err(error.into()),
                        Err(llm_proxy::ResealError::Open(_)) => {
                            there_or_unopenable(llm_proxy::opens(text, to))
                        }
                    }
                }
                // A number or bytes in the column: llm-proxy takes them as they stand.
                _ => Ok(Standing::Plain),
            },
            Self::Embapi { from, to } => {
                let blob = value.as_bytes();
                match embapi_blob::reseal(blob, from, to, rng) {
                    Ok(moved) => Ok(Standing::Moved(Value::bytes(moved))),
                    Err(embapi_blob::ResealError::Seal(error)) => Err(error.into()),
                    Err(embapi_blob::ResealError::Open(_)) => {
                        there_or_unopenable(embapi_blob::opens(blob, to))
                    }
                }
            }
        }
    }

    /// Whether a value under the new key holds what the old value holds under the old key.
    #[must_use]
    pub fn is_faithful(&self, old: &Value, new: &Value) -> bool {
        match self {
            Self::LlmProxy { from, to } => match (old.as_text(), new.as_text()) {
                (Some(old), Some(new)) => llm_proxy::hold_the_same((old, from), (new, to)),
                _ => false,
            },
            Self::Embapi { from, to } => {
                embapi_blob::hold_the_same((old.as_bytes(), from), (new.as_bytes(), to))
            }
        }
    }
}

const fn there_or_unopenable(opens: bool) -> Result<Standing, StandingError> {
    if opens {
        Ok(Standing::There)
    } else {
        Err(StandingError::Unopenable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::rng::SeededRng;
    use secrecy::SecretString;

    fn pairs() -> [(Reseal, Value); 2] {
        let rng = SeededRng::new(1);
        let make = || Arc::new(LlmProxyKey::generate(&rng).unwrap_or_else(|e| panic!("{e}")));
        let (from, to) = (make(), make());
        let text = llm_proxy::seal("sk-1", &from, &rng).unwrap();
        let proxy = (Reseal::LlmProxy { from, to }, Value::text(text));
        let make = |text: &str| Arc::new(EmbapiKey::from_text(&SecretString::from(text)));
        let (from, to) = (make("one"), make("two"));
        let blob = embapi_blob::seal(&SecretString::from("sk-1"), &from, &rng).unwrap();
        let blob = Value::bytes(blob.unwrap());
        [proxy, (Reseal::Embapi { from, to }, blob)]
    }

    #[test]
    fn a_value_moves_to_the_other_key_once_and_back() {
        let rng = SeededRng::new(2);
        for (reseal, old) in pairs() {
            let Ok(Standing::Moved(new)) = reseal.standing(&old, &rng) else {
                panic!("not moved");
            };
            assert!(reseal.is_faithful(&old, &new));
            assert!(!reseal.is_faithful(&new, &old));
            assert_eq!(reseal.standing(&new, &rng).unwrap(), Standing::There);
            let back = reseal.reversed();
            assert!(matches!(back.standing(&new, &rng), Ok(Standing::Moved(_))));
            assert_ne!(reseal.key_ids()[0], reseal.key_ids()[1]);
            assert_eq!(reseal.key_ids()[0], back.key_ids()[1]);
        }
    }

    #[test]
    fn what_neither_key_opens_is_told_apart_from_what_needs_none() {
        let rng = SeededRng::new(2);
        let [(proxy, _), (embapi, _)] = pairs();
        let text = |text: &str| Value::text(text.to_owned());
        for (reseal, value, standing) in [
            (&proxy, text(""), Some(Standing::Empty)),
            (&proxy, text("sk-1"), Some(Standing::Plain)),
            (&proxy, text("enc:v1:"), Some(Standing::Plain)),
            (&proxy, Value::other(), Some(Standing::Plain)),
            (&proxy, text("enc:v1:no base64"), None),
            (&embapi, Value::bytes(Vec::new()), Some(Standing::Empty)),
            (&embapi, Value::bytes(vec![7; 40]), None),
            (&embapi, Value::bytes(vec![7]), None),
        ] {
            assert_eq!(reseal.standing(&value, &rng).ok(), standing, "{value:?}");
        }
    }
}
