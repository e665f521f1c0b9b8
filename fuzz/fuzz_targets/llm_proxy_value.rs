//! What llm-proxy may have stored, and any text in place of its key, is read or refused, never a
//! panic; a key that is read has one canonical text.

#![no_main]

use embsec::crypto::llm_proxy::{self, LlmProxyKey};
use libfuzzer_sys::fuzz_target;
use secrecy::{ExposeSecret as _, SecretString};

fuzz_target!(|texts: (&str, &str)| {
    let (key, value) = texts;
    if let Ok(parsed) = LlmProxyKey::parse(&SecretString::from(key)) {
        let canonical = parsed.key.to_text();
        assert_eq!(canonical.expose_secret() == key, parsed.warnings.is_empty());
        drop(llm_proxy::open(value, &parsed.key));
    }
});
