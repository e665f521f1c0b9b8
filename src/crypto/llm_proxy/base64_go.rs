//! Base64 as Go's `encoding/base64` reads it with its standard encoding: padded, CR and LF ignored
//! anywhere, spare bits of the last character of any value.
//!
//! What is written is always canonical, and the `base64` crate writes it.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// What a text decodes to. The bytes may be secret.
pub(super) struct Decoded {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Carriage returns or line feeds were passed over.
    pub(super) had_line_breaks: bool,
    /// Bits that no encoder sets were set.
    pub(super) had_spare_bits: bool,
}

/// Decodes; `None` for what Go refuses.
pub(super) fn decode(text: &str) -> Option<Decoded> {
    if let Ok(bytes) = STANDARD.decode(text) {
        return Some(Decoded {
            bytes: Zeroizing::new(bytes),
            had_line_breaks: false,
            had_spare_bits: false,
        });
    }
    let joined = Zeroizing::new(text.replace(['\r', '\n'], ""));
    let bytes = Zeroizing::new(LENIENT.decode(joined.as_bytes()).ok()?);
    let canonical = STANDARD.decode(joined.as_bytes()).map(Zeroizing::new);
    Some(Decoded {
        bytes,
        had_line_breaks: joined.len() != text.len(),
        had_spare_bits: canonical.is_err(),
    })
}
