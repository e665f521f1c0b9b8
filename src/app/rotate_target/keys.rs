//! The texts of two keys of a service, old and new, and a new one.

use crate::crypto::embapi_blob::EmbapiKey;
use crate::crypto::llm_proxy::{LlmProxyKey, LlmProxyKeyError};
use crate::sys::rng::{Rng, RngError};
use crate::target::reseal::Reseal;
use crate::target::service::Service;
use secrecy::{ExposeSecret as _, SecretString};
use std::sync::Arc;

/// The fewest characters that a new key of embapi has. That program takes any text, so nothing
/// else keeps a short one out.
const EMBAPI_KEY_MIN_CHARS: usize = 32;
/// The key in embapi's example of a configuration.
const EMBAPI_SAMPLE: &str = "ChangeThisToASecureRandomKey123456789012";

/// Why two texts are no keys to rotate between. None of these holds a part of one.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The old one is no key.
    #[error("the old key cannot be used")]
    Old(#[source] LlmProxyKeyError),
    /// The new one is no key.
    #[error("the new key cannot be used")]
    New(#[source] LlmProxyKeyError),
    /// They are one key.
    #[error("the old and the new key are the same")]
    Same,
    /// The new one could be guessed.
    #[error("the new key is weak: it has fewer than 32 characters, or is embapi's sample")]
    Weak,
}

/// Two keys, and what was passed over in reading them.
pub struct Pair {
    /// From the old one to the new one.
    pub reseal: Reseal,
    /// Worth a warning each.
    pub warnings: Vec<String>,
}

/// Reads both keys as the service does.
///
/// # Errors
///
/// Any [`KeysError`].
pub fn pair(service: Service, old: &SecretString, new: &SecretString) -> Result<Pair, KeysError> {
    let (reseal, warnings) = match service {
        Service::LlmProxy => {
            let old = LlmProxyKey::parse(old).map_err(KeysError::Old)?;
            let new = LlmProxyKey::parse(new).map_err(KeysError::New)?;
            let warnings = [("old", &old.warnings), ("new", &new.warnings)];
            let warnings = warnings.into_iter().flat_map(|(which, warnings)| {
                let told = warnings.iter().map(|warning| warning.as_str());
                told.map(move |told| format!("About the {which} key: {told}."))
            });
            let warnings = warnings.collect();
            let (from, to) = (Arc::new(old.key), Arc::new(new.key));
            (Reseal::LlmProxy { from, to }, warnings)
        }
        Service::Embapi => {
            let text = new.expose_secret();
            if text.chars().count() < EMBAPI_KEY_MIN_CHARS || text == EMBAPI_SAMPLE {
                return Err(KeysError::Weak);
            }
            let from = Arc::new(EmbapiKey::from_text(old));
            let to = Arc::new(EmbapiKey::from_text(new));
            (Reseal::Embapi { from, to }, Vec::new())
        }
    };
    let [from, to] = reseal.key_ids();
    if from == to {
        return Err(KeysError::Same);
    }
    Ok(Pair { reseal, warnings })
}

/// The text of a new key, which either service takes: padded base64 of 32 random bytes.
///
/// # Errors
///
/// [`RngError`] when the system has no randomness to give.
pub fn generate(rng: &dyn Rng) -> Result<SecretString, RngError> {
    Ok(LlmProxyKey::generate(rng)?.to_text())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sys::rng::SeededRng;

    #[test]
    fn a_new_key_is_good_for_either_service_and_another_each_time() {
        let rng = SeededRng::new(1);
        let [one, two] = [(); 2].map(|()| generate(&rng).unwrap());
        for service in [Service::Embapi, Service::LlmProxy] {
            assert!(
                pair(service, &one, &two)
                    .unwrap_or_else(|e| panic!("{e}"))
                    .warnings
                    .is_empty()
            );
            let same = pair(service, &one, &one).err();
            assert!(matches!(same, Some(KeysError::Same)), "{same:?}");
        }
        let line_end = SecretString::from(format!("{}\n", two.expose_secret()));
        let read = pair(Service::LlmProxy, &one, &line_end).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(read.warnings.len(), 1);
        assert!(read.warnings[0].starts_with("About the new key"));
    }

    #[test]
    fn what_is_no_key_or_a_weak_one_is_refused_by_its_side() {
        let good = generate(&SeededRng::new(1)).unwrap();
        let bad = SecretString::from("short");
        let proxy = |old, new| pair(Service::LlmProxy, old, new).err();
        assert!(matches!(proxy(&bad, &good), Some(KeysError::Old(_))));
        assert!(matches!(proxy(&good, &bad), Some(KeysError::New(_))));
        for weak in ["short", EMBAPI_SAMPLE] {
            let weak = pair(Service::Embapi, &good, &SecretString::from(weak)).err();
            assert!(matches!(weak, Some(KeysError::Weak)), "{weak:?}");
        }
        // What the service has now is taken as it is.
        assert!(pair(Service::Embapi, &bad, &good).is_ok());
    }
}
