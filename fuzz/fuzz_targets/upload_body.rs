//! The body of an upload is a batch with finite components, or a problem.

#![no_main]

use embsec::http::upload::decode_upload;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match decode_upload(bytes) {
        Ok(items) => assert!(items.iter().flat_map(|item| &item.vector).all(|c| c.is_finite())),
        Err(problem) => assert!(problem.status().is_client_error()),
    }
});
