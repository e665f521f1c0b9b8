//! The text of a share, both ways: one line of fields between colons, with a checksum.
//!
//! Every field can be written in one way only. No error repeats a part of the text, since that
//! could be of the secret.

use super::{Digest, MAX_SECRET_BYTES, Set, Share, Threshold, payload_digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};
use std::iter::Skip;
use std::str::Split;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Names this format and its version.
const FORMAT: &str = "embsec-share-1";
/// Length of the checksum, in bytes.
const CHECKSUM_BYTES: usize = 8;
/// The longest text of a share, in bytes: the longest secret and 256 digests in base64, and room
/// for the other fields.
pub const MAX_TEXT_BYTES: u64 = (MAX_SECRET_BYTES as u64 + 256 * 32) * 4 / 3 + 256;

/// Why a text is no share that can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShareTextError {
    /// Another file, a share of a later version, or one whose first bytes were changed.
    #[error("not a share in the format `{FORMAT}`, or damaged at its beginning")]
    NotAShare,
    /// Bytes were changed, added or lost.
    #[error("damaged: its checksum does not match its content")]
    Damaged,
    /// The checksum fits and the parts do not: not an accident.
    #[error("damaged or forged: its parts do not belong together")]
    Inconsistent,
}

/// Reads the text of a share.
pub(super) fn parse(bytes: &[u8]) -> Result<Share, ShareTextError> {
    let line = one_line(bytes).ok_or(ShareTextError::NotAShare)?;
    let begins = line
        .strip_prefix(FORMAT)
        .is_some_and(|rest| rest.starts_with(':'));
    if !begins {
        return Err(ShareTextError::NotAShare);
    }
    let (content, checksum) = line.rsplit_once(':').ok_or(ShareTextError::Damaged)?;
    if checksum != checksum_of(content) {
        return Err(ShareTextError::Damaged);
    }
    let mut fields = content.split(':').skip(1);
    let share = read(&mut fields).filter(|_| fields.next().is_none());
    share.ok_or(ShareTextError::Inconsistent)
}

/// The only line of a text, whose end may be that of another system or lost.
fn one_line(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = match line.strip_suffix('\r') {
        Some(stripped) if line.len() < text.len() => stripped,
        _ => line,
    };
    line.bytes()
        .all(|byte| byte.is_ascii_graphic())
        .then_some(line)
}

fn read(fields: &mut Skip<Split<'_, char>>) -> Option<Share> {
    let set_id = fields.next()?;
    let needed = number(fields.next()?)?;
    let total = number(fields.next()?)?;
    let index = number(fields.next()?)?;
    let threshold = Threshold::new(needed, total).ok()?;
    let digests = URL_SAFE_NO_PAD.decode(fields.next()?).ok()?;
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.decode(fields.next()?).ok()?);
    let mut digests = digests
        .chunks(size_of::<Digest>())
        .map(Digest::try_from)
        .collect::<Result<Vec<Digest>, _>>()
        .ok()?
        .into_iter();
    let set = Set::new(threshold, digests.next()?, digests.collect());
    let place = usize::from(index.checked_sub(1)?);
    let belongs = set.id.0 == set_id
        && set.payloads.len() == usize::from(total)
        && set.payloads.get(place) == Some(&payload_digest(index, &payload))
        && !payload.is_empty();
    belongs.then(|| Share {
        set: Arc::new(set),
        index,
        payload,
    })
}

/// A number from 0 to 255 in decimal, without leading zeros.
fn number(text: &str) -> Option<u8> {
    let number: u8 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// The text of a share.
pub(super) fn render(share: &Share) -> Zeroizing<String> {
    let set = &share.set;
    let digests: Vec<u8> = std::iter::once(&set.secret)
        .chain(&set.payloads)
        .flatten()
        .copied()
        .collect();
    let head = format!(
        "{FORMAT}:{}:{}:{}:{}:{}:",
        set.id,
        set.threshold.needed,
        set.threshold.total,
        share.index,
        URL_SAFE_NO_PAD.encode(digests),
    );
    let payload = Zeroizing::new(URL_SAFE_NO_PAD.encode(share.payload.as_slice()));
    // Joined at once: a string that grows leaves unwiped copies behind.
    let content = Zeroizing::new([head.as_str(), payload.as_str()].concat());
    let checksum = checksum_of(&content);
    Zeroizing::new([content.as_str(), ":", &checksum, "\n"].concat())
}

/// The start of the SHA-256 of everything before the last colon, in hexadecimal.
fn checksum_of(content: &str) -> String {
    let hash = Sha256::digest(content);
    HEXLOWER.encode(hash.get(..CHECKSUM_BYTES).unwrap_or(&hash))
}
