//! How a secret is shown where it must be recognised but not given away: in logs, lists and
//! messages. One rule for every input.

/// Beginnings that say what kind of secret it is. They are no part of the secret.
const KNOWN_PREFIXES: [&str; 6] = ["emb_", "tok-", "sk-", "api_", "ghp_", "Bearer "];
/// What stands for the part that is not shown; it says nothing of its length.
const HIDDEN: &str = "****";
/// Characters shown at either end of a secret with a known prefix.
const PREFIXED_ENDS: usize = 4;
/// Characters shown at either end of any other secret.
const PLAIN_ENDS: usize = 2;
/// Characters that a secret has at least before any of them is shown.
const PLAIN_MIN_CHARS: usize = 12;

/// Masks a secret. A known prefix stays, then four characters, `****` and the last four, as long
/// as that is at most half of what follows the prefix; anything else shows two and two, or
/// nothing when it has under 12 characters. Counted in characters, not bytes.
#[must_use]
pub fn mask(secret: &str) -> String {
    let prefix = KNOWN_PREFIXES
        .into_iter()
        .find(|prefix| secret.starts_with(prefix))
        .unwrap_or_default();
    let rest: Vec<char> = secret.chars().skip(prefix.chars().count()).collect();
    let ends = if !prefix.is_empty() && rest.len() >= 4 * PREFIXED_ENDS {
        PREFIXED_ENDS
    } else if rest.len() >= PLAIN_MIN_CHARS {
        PLAIN_ENDS
    } else {
        0
    };
    let shown = prefix.chars().chain(rest.iter().copied().take(ends));
    let last = rest.iter().copied().skip(rest.len() - ends);
    shown.chain(HIDDEN.chars()).chain(last).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::testing::assert_documented;
    use proptest::prelude::*;

    #[test]
    fn the_documented_examples_are_masked_so() {
        for (secret, masked) in [
            (
                "emb_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf1Yo7hP",
                "emb_003a****o7hP",
            ),
            ("tok-1234567890abcdef", "tok-1234****cdef"),
            ("sk-1234567890abcde", "sk-12****de"),
            ("sk-12345678901", "sk-****"),
            ("Bearer 0123456789abcdef", "Bearer 0123****cdef"),
            ("abcd1234efgh5678", "ab****78"),
            ("hunter2", "****"),
            ("pässwörterß1", "pä****ß1"),
        ] {
            assert_eq!(mask(secret), masked);
            assert_documented(&format!("`{masked}`"));
        }
    }

    #[test]
    fn short_and_odd_inputs_show_nothing() {
        for (secret, masked) in [
            ("", "****"),
            ("emb_", "emb_****"),
            ("Bearer ", "Bearer ****"),
            ("12345678901", "****"),
            ("ßßßßßßßßßßß", "****"),
        ] {
            assert_eq!(mask(secret), masked);
        }
    }

    proptest! {
        #[test]
        fn never_more_than_half_of_a_secret_is_shown(
            prefix in prop::sample::select(&KNOWN_PREFIXES[..]),
            secret in "\\PC{0,60}",
        ) {
            for text in [secret.clone(), format!("{prefix}{secret}")] {
                let known = KNOWN_PREFIXES.iter().find(|prefix| text.starts_with(*prefix));
                let prefix_chars = known.map_or(0, |prefix| prefix.chars().count());
                let masked = mask(&text);
                let shown = masked.chars().count() - prefix_chars - HIDDEN.len();
                prop_assert!(2 * shown <= text.chars().count() - prefix_chars, "{masked}");
            }
        }
    }
}
