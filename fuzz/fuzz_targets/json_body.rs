//! A request body is a value that is written and read back the same, or a typed error.

#![no_main]

use embsec::http::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(value) = json::parse(bytes) {
        let written = json::encode(&value);
        let again = json::parse(&written).expect("what was written can be read");
        assert_eq!(json::encode(&again), written);
    }
});
