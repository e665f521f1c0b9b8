//! Which stored text ids a path segment may mean.
//!
//! Upstream stores a text id as it was uploaded, and looks up what a client puts into a path in
//! Go's form encoding. Clients therefore upload ids in that encoding. Here the encoded form is
//! tried first, then the decoded one, then the segment as it was sent, so that ids that upstream
//! could never find again are found too.

use std::fmt::Write as _;

/// The ids to look for, the most likely first, none twice.
#[must_use]
pub fn candidates(raw_segment: &str, decoded: &str) -> Vec<String> {
    let mut ids = vec![form_encode(decoded)];
    for id in [decoded, raw_segment] {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// Go's `url.QueryEscape`: everything but letters, digits, `-`, `_`, `.` and `~` in upper-case
/// hexadecimal, a blank as `+`.
fn form_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            // Writing to a string cannot fail.
            _ => {
                let _infallible = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_encoded_id_comes_first_and_none_comes_twice() {
        let found = candidates("https%3a%2F%2Fid.example%2F1", "https://id.example/1");
        let expected = [
            "https%3A%2F%2Fid.example%2F1",
            "https://id.example/1",
            "https%3a%2F%2Fid.example%2F1",
        ];
        assert_eq!(found, expected);
        assert_eq!(candidates("plain-id", "plain-id"), ["plain-id"]);
        assert_eq!(candidates("a%20b", "a b"), ["a+b", "a b", "a%20b"]);
        assert_eq!(candidates("%C3%BC", "ü"), ["%C3%BC", "ü"]);
    }
}
