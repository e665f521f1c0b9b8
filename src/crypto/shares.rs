//! A secret in shares: any `needed` of `total` give it back, fewer tell nothing of it (Shamir,
//! "How to share a secret", 1979), byte by byte over GF(256).
//!
//! A share describes itself: it names its set and carries the digests of the whole set, so that a
//! share that is damaged, forged or of another set is told apart from the good ones before
//! anything is combined. What the secret is, and who holds which share, is decided elsewhere.

mod gf256;
#[cfg(test)]
mod tests;
mod text;

pub use text::{MAX_TEXT_BYTES, ShareTextError};

use crate::sys::rng::{Rng, RngError};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The longest secret that is split, in bytes: no keyring is near this size.
pub const MAX_SECRET_BYTES: usize = 1 << 20;
/// Sets the digest of the secret apart from every other hash.
const SECRET_LABEL: &[u8] = b"embsec/share-secret/v1\0";
/// Sets the digest of a payload apart from every other hash.
const PAYLOAD_LABEL: &[u8] = b"embsec/share-payload/v1\0";
/// Sets the name of a set apart from every other hash.
const SET_LABEL: &[u8] = b"embsec/share-set/v1\0";
/// How much of the hash names a set, in bytes.
const SET_ID_BYTES: usize = 10;

/// A SHA-256 digest.
type Digest = [u8; 32];

/// How many shares there are and how many of them give the secret back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    needed: u8,
    total: u8,
}

/// Why numbers are no threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThresholdError {
    /// With a threshold of one each share is the secret itself.
    #[error("the threshold must be at least 2: with {needed} each share alone would be the secret")]
    TooFew {
        /// What was asked for.
        needed: u8,
    },
    /// The secret could never be had back.
    #[error("{total} shares cannot reach a threshold of {needed}")]
    TooMany {
        /// The threshold that was asked for.
        needed: u8,
        /// The number of shares that was asked for.
        total: u8,
    },
}

impl Threshold {
    /// `needed` of `total`, where 2 ≤ `needed` ≤ `total` ≤ 255.
    ///
    /// # Errors
    ///
    /// Any [`ThresholdError`].
    pub const fn new(needed: u8, total: u8) -> Result<Self, ThresholdError> {
        if needed < 2 {
            Err(ThresholdError::TooFew { needed })
        } else if needed > total {
            Err(ThresholdError::TooMany { needed, total })
        } else {
            Ok(Self { needed, total })
        }
    }

    /// How many shares give the secret back.
    #[must_use]
    pub const fn needed(self) -> u8 {
        self.needed
    }

    /// How many shares there are.
    #[must_use]
    pub const fn total(self) -> u8 {
        self.total
    }
}

/// The name of a set of shares: the first ten bytes of a hash over everything that its shares
/// have in common, in base32.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SetId(String);

impl fmt::Display for SetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the shares of a set have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set {
    id: SetId,
    threshold: Threshold,
    /// The digest of the secret, which the combined secret must have.
    secret: Digest,
    /// The digest of every payload, the one of share 1 first.
    payloads: Vec<Digest>,
}

impl Set {
    fn new(threshold: Threshold, secret: Digest, payloads: Vec<Digest>) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(SET_LABEL);
        hasher.update([threshold.needed, threshold.total]);
        hasher.update(secret);
        payloads.iter().for_each(|digest| hasher.update(digest));
        let hash = hasher.finalize();
        let mut id = data_encoding::BASE32_NOPAD.encode(hash.get(..SET_ID_BYTES).unwrap_or(&hash));
        id.make_ascii_lowercase();
        Self {
            id: SetId(id),
            threshold,
            secret,
            payloads,
        }
    }
}

fn secret_digest(secret: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(SECRET_LABEL);
    hasher.update(secret);
    hasher.finalize().into()
}

fn payload_digest(index: u8, payload: &[u8]) -> Digest {
    let mut hasher = Sha256::new();
    hasher.update(PAYLOAD_LABEL);
    hasher.update([index]);
    hasher.update(payload);
    hasher.finalize().into()
}

/// One share. Its payload is the one that the set names for its index.
pub struct Share {
    set: Arc<Set>,
    /// From 1: the place at which the polynomials were taken.
    index: u8,
    payload: Zeroizing<Vec<u8>>,
}

impl Share {
    /// The set that it belongs to.
    #[must_use]
    pub fn set_id(&self) -> &SetId {
        &self.set.id
    }

    /// Which share of the set it is, from 1.
    #[must_use]
    pub const fn index(&self) -> u8 {
        self.index
    }

    /// How many shares there are and are needed.
    #[must_use]
    pub fn threshold(&self) -> Threshold {
        self.set.threshold
    }

    /// Reads the text of a share and proves that its parts belong together.
    ///
    /// # Errors
    ///
    /// Any [`ShareTextError`]; none of them repeats what stands in the text.
    pub fn parse(bytes: &[u8]) -> Result<Self, ShareTextError> {
        text::parse(bytes)
    }

    /// The text of the share: one line.
    #[must_use]
    pub fn render(&self) -> Zeroizing<String> {
        text::render(self)
    }
}

/// Why a secret was not split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The system has no randomness to give.
    #[error(transparent)]
    Rng(#[from] RngError),
    /// There is nothing to split, or more than [`MAX_SECRET_BYTES`].
    #[error("a secret of {bytes} bytes cannot be split")]
    Length {
        /// Its length.
        bytes: usize,
    },
}

/// Splits a secret. Each share's payload is as long as the secret.
///
/// # Errors
///
/// Any [`SplitError`].
pub fn split(secret: &[u8], threshold: Threshold, rng: &dyn Rng) -> Result<Vec<Share>, SplitError> {
    let bytes = secret.len();
    if bytes == 0 || bytes > MAX_SECRET_BYTES {
        return Err(SplitError::Length { bytes });
    }
    let mut payloads: Vec<(u8, Zeroizing<Vec<u8>>)> = (1..=threshold.total)
        .map(|index| (index, Zeroizing::new(vec![0; bytes])))
        .collect();
    // Horner's rule: one row of coefficients at a time, the highest power first, the secret last.
    let mut row = Zeroizing::new(vec![0; bytes]);
    for _ in 1..threshold.needed {
        rng.fill(&mut row)?;
        for (index, payload) in &mut payloads {
            gf256::multiply_and_add(payload, *index, &row);
        }
    }
    for (index, payload) in &mut payloads {
        gf256::multiply_and_add(payload, *index, secret);
    }
    let digests = payloads
        .iter()
        .map(|(index, payload)| payload_digest(*index, payload))
        .collect();
    let set = Arc::new(Set::new(threshold, secret_digest(secret), digests));
    let share = |(index, payload)| Share {
        set: Arc::clone(&set),
        index,
        payload,
    };
    Ok(payloads.into_iter().map(share).collect())
}

/// Why shares give no secret. Places count from 0 in the order in which the shares were given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CombineError {
    /// No share at all.
    #[error("there is no share")]
    Empty,
    /// Some shares belong to other sets than most of them.
    #[error("not all of the shares belong to the set {set}")]
    Foreign {
        /// The set of most of the shares.
        set: SetId,
        /// The places of the others.
        places: Vec<usize>,
    },
    /// The shares belong to several sets, and to none more than to another.
    #[error("the shares belong to several sets")]
    SeveralSets {
        /// The set at each place.
        sets: Vec<SetId>,
    },
    /// Too few shares.
    #[error("{have} of the {needed} shares that are needed are there")]
    Missing {
        /// How many different shares there are.
        have: usize,
        /// How many are needed.
        needed: u8,
    },
    /// What the shares give is not what was split: whoever made the set made it wrong.
    #[error("the shares fit together, and what they give is not what was split")]
    NotTheSecret,
}

/// Combines shares of one set. A share that is given twice counts once.
///
/// # Errors
///
/// Any [`CombineError`].
pub fn combine(shares: &[Share]) -> Result<Zeroizing<Vec<u8>>, CombineError> {
    let set = common_set(shares)?;
    let mut chosen: Vec<&Share> = Vec::new();
    for share in shares {
        if chosen.iter().all(|other| other.index != share.index) {
            chosen.push(share);
        }
    }
    let needed = set.threshold.needed;
    if chosen.len() < usize::from(needed) {
        return Err(CombineError::Missing {
            have: chosen.len(),
            needed,
        });
    }
    chosen.truncate(usize::from(needed));
    let points: Vec<(u8, &[u8])> = chosen
        .iter()
        .map(|share| (share.index, share.payload.as_slice()))
        .collect();
    let secret = gf256::interpolate(&points, 0);
    if secret_digest(&secret) == set.secret {
        Ok(secret)
    } else {
        Err(CombineError::NotTheSecret)
    }
}

/// The set of most of the shares, if all belong to it.
fn common_set(shares: &[Share]) -> Result<&Set, CombineError> {
    let members = |set: &Set| shares.iter().filter(|share| *share.set == *set).count();
    let largest = shares
        .iter()
        .map(|share| members(&share.set))
        .max()
        .ok_or(CombineError::Empty)?;
    let mut leaders = shares
        .iter()
        .filter(|share| members(&share.set) == largest)
        .map(|share| &*share.set);
    let set = leaders.next().ok_or(CombineError::Empty)?;
    if leaders.any(|other| other != set) {
        return Err(CombineError::SeveralSets {
            sets: shares.iter().map(|share| share.set.id.clone()).collect(),
        });
    }
    let places: Vec<usize> = shares
        .iter()
        .enumerate()
        .filter(|(_, share)| *share.set != *set)
        .map(|(place, _)| place)
        .collect();
    if places.is_empty() {
        Ok(set)
    } else {
        Err(CombineError::Foreign {
            set: set.id.clone(),
            places,
        })
    }
}
