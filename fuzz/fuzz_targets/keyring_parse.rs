//! A keyring file is a keyring or a typed error, never a panic; what was read is written again
//! as a keyring that reads the same.

#![no_main]

use embsec::crypto::keyring::Keyring;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(keyring) = Keyring::parse(bytes) {
        let text = keyring.render();
        let again = Keyring::parse(text.as_bytes());
        assert!(again.is_ok_and(|again| again.render() == text));
    }
});
