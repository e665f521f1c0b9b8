//! Opening what is kept elsewhere: an escrow copy, or shares.

use super::{BadShare, CustodyError, KeyringFacts, MAX_COPY_BYTES};
use crate::crypto::keyring::Keyring;
use crate::crypto::sealed_file::{self, Identities, OpenFileError};
use crate::crypto::shares::{self, CombineError, Share};
use crate::domain::drill::DrillKind;
use crate::sys::{fs, handed};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A file of identities is small, in bytes.
const MAX_IDENTITY_BYTES: u64 = 1 << 20;

/// The identities at hand.
pub struct Opener(pub(super) Option<Identities>);

impl Opener {
    /// Reads files of identities; there may be none.
    ///
    /// # Errors
    ///
    /// [`CustodyError::File`], [`CustodyError::Identity`].
    pub fn read(files: &[PathBuf]) -> Result<Self, CustodyError> {
        let mut all: Option<Identities> = None;
        for path in files {
            let bytes = fs::read_private_file(path, MAX_IDENTITY_BYTES)?;
            let identities = Identities::read(&bytes).map_err(|source| CustodyError::Identity {
                path: path.clone(),
                source,
            })?;
            all = Some(match all {
                Some(all) => all.and(identities),
                None => identities,
            });
        }
        Ok(Self(all))
    }

    fn identities(&self, path: &Path) -> Result<&Identities, CustodyError> {
        self.0
            .as_ref()
            .ok_or_else(|| CustodyError::NoIdentity(path.to_path_buf()))
    }
}

/// A copy of the keyring that is kept elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeptCopy {
    /// An escrow copy.
    Escrow(PathBuf),
    /// Shares.
    Shares(Vec<PathBuf>),
}

/// A copy that was opened, and holds a keyring whose checksum and check values are right.
pub struct OpenCopy {
    pub(super) text: Zeroizing<Vec<u8>>,
    pub(super) keyring: Keyring,
    /// The set of the shares that it comes from.
    pub set_id: Option<String>,
}

impl OpenCopy {
    /// The keyring in it.
    #[must_use]
    pub const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// What may be told of the keyring.
    #[must_use]
    pub fn facts(&self) -> KeyringFacts {
        KeyringFacts::of(&self.keyring)
    }
}

impl KeptCopy {
    /// What a drill with this copy proves.
    #[must_use]
    pub const fn kind(&self) -> DrillKind {
        match self {
            Self::Escrow(_) => DrillKind::Escrow,
            Self::Shares(_) => DrillKind::Shares,
        }
    }

    /// Opens the copy and reads the keyring in it.
    ///
    /// # Errors
    ///
    /// Any [`CustodyError`] of reading and opening.
    pub fn open(&self, opener: &Opener) -> Result<OpenCopy, CustodyError> {
        let (text, set_id) = match self {
            Self::Escrow(path) => (open_escrow(path, opener)?, None),
            Self::Shares(paths) => {
                let (text, set_id) = open_shares(paths, opener)?;
                (text, Some(set_id))
            }
        };
        let keyring = Keyring::parse(&text).map_err(CustodyError::NotAKeyring)?;
        Ok(OpenCopy {
            text,
            keyring,
            set_id,
        })
    }
}

fn open_escrow(path: &Path, opener: &Opener) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
    let sealed = handed::read(path, MAX_COPY_BYTES)?;
    let failed = |source| CustodyError::Sealed {
        path: path.to_path_buf(),
        source,
    };
    if !sealed_file::is_sealed(&sealed) {
        return Err(failed(OpenFileError::NotSealed));
    }
    sealed_file::open(opener.identities(path)?, &sealed).map_err(failed)
}

/// Combines shares. Every one that cannot be used is named, not only the first.
fn open_shares(
    paths: &[PathBuf],
    opener: &Opener,
) -> Result<(Zeroizing<Vec<u8>>, String), CustodyError> {
    let mut good = Vec::new();
    let mut bad = Vec::new();
    for path in paths {
        match read_share(path, opener)? {
            Ok(share) => good.push(share),
            Err(problem) => bad.push(BadShare {
                path: path.clone(),
                index: None,
                problem,
            }),
        }
    }
    let total = paths.len();
    if !bad.is_empty() {
        return Err(CustodyError::BadShares { bad, total });
    }
    let set_id = good.first().map(|share| share.set_id().to_string());
    let secret = shares::combine(&good).map_err(|error| explain(error, paths, &good))?;
    Ok((secret, set_id.unwrap_or_default()))
}

/// Reads a share; the inner error is what is wrong with it.
fn read_share(path: &Path, opener: &Opener) -> Result<Result<Share, String>, CustodyError> {
    let bytes = handed::read(path, MAX_COPY_BYTES)?;
    let opened;
    let text = if sealed_file::is_sealed(&bytes) {
        match sealed_file::open(opener.identities(path)?, &bytes) {
            Ok(text) => {
                opened = text;
                &opened
            }
            Err(error) => return Ok(Err(error.to_string())),
        }
    } else {
        &bytes
    };
    Ok(Share::parse(text).map_err(|error| error.to_string()))
}

/// Names the files that an error of combining is about.
fn explain(error: CombineError, paths: &[PathBuf], shares: &[Share]) -> CustodyError {
    let describe = |place: usize, problem: String| BadShare {
        path: paths.get(place).cloned().unwrap_or_default(),
        index: shares.get(place).map(Share::index),
        problem,
    };
    match error {
        CombineError::Foreign { set, places } => {
            let bad = places.into_iter().map(|place| {
                let own = shares.get(place).map(Share::set_id);
                let own = own.map(ToString::to_string).unwrap_or_default();
                describe(
                    place,
                    format!("of the set {own}, the others of the set {set}"),
                )
            });
            CustodyError::BadShares {
                bad: bad.collect(),
                total: paths.len(),
            }
        }
        CombineError::SeveralSets { sets } => CustodyError::SeveralSets(
            sets.into_iter()
                .enumerate()
                .map(|(place, set)| describe(place, format!("of the set {set}")))
                .collect(),
        ),
        CombineError::Missing { have, needed } => CustodyError::Missing { have, needed },
        // No share at all, which no caller asks for, gives nothing either.
        CombineError::NotTheSecret | CombineError::Empty => CustodyError::NotTheSecret,
    }
}
