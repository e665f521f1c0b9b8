//! A stored text is a sealed field or a typed error, never a panic.

#![no_main]

use embsec::crypto::field::SealedValue;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(Some(sealed)) = SealedValue::parse(text) {
        assert!(text.contains(&sealed.key_id().0));
    }
});
