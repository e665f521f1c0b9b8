//! A text is the URL of a server or a typed error, never a panic; what is shown of it is another
//! text as soon as it has a password.

#![no_main]

use embsec::domain::postgres_url::PostgresUrl;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(url) = PostgresUrl::parse(text) {
        assert_eq!(url.reveal(), text);
        assert!(!url.has_password() || url.to_string() != text);
    }
});
