//! A share is a share or a typed error, never a panic; what was read is written again as a share
//! that reads the same, and alone it gives no secret.

#![no_main]

use embsec::crypto::shares::{CombineError, Share, combine};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(share) = Share::parse(bytes) {
        let text = share.render();
        let again = Share::parse(text.as_bytes());
        assert!(again.is_ok_and(|again| again.render() == text));
        assert!(matches!(combine(&[share]), Err(CombineError::Missing { .. })));
    }
});
