//! A backup in its destination: its small files, read and believed, and looks at the large ones.
//!
//! Which looks make which level is said in [`super::verify`].

use super::data_keys::DataKeysFile;
use super::known::KnownBackup;
use super::manifest::{
    CONTAINER_VERSION, PrivateManifest, PublicManifest, SegmentEntry, StoredFile,
};
use super::names;
use super::opened::{self, Next, SegmentFault};
use super::segment::SegmentTotals;
use super::signature::{Believed, SignatureError, SignatureFile, Signed, Trusted};
use super::spool::SMALL_MAX_BYTES;
use super::stream;
use crate::blob::{Blob, BlobError, Version, Versioned};
use crate::crypto::sealed_file::stream::{OpenStreamError, OpeningReader};
use crate::crypto::sealed_file::{self, BackupIdentity, Identities, OpenFileError};
use crate::domain::backup::{BackupId, Block};
use std::io::Read as _;
use std::sync::Arc;

/// The most that a signature file may have, in bytes.
const SIGNATURE_MAX_BYTES: u64 = 1 << 16;
/// The most that `keys.age` may have, in bytes.
const KEYS_MAX_BYTES: u64 = 1 << 20;

/// Why a backup, or a part of it, is not to be used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// There is no such backup.
    #[error("there is no backup {0}")]
    NotFound(BackupId),
    /// It was never finished, or its signature is gone.
    #[error("the backup {0} has no signature: it was not finished, or a part of it was removed")]
    Unsigned(BackupId),
    /// A file of it is gone.
    #[error("the file {file} of the backup {id} is missing")]
    Missing {
        /// The backup.
        id: BackupId,
        /// The file.
        file: String,
    },
    /// A file has another size or content than the manifest says.
    #[error("the file {file} of the backup {id} is not as it was made: its {what} differs")]
    Differs {
        /// The backup.
        id: BackupId,
        /// The file.
        file: String,
        /// What differs.
        what: &'static str,
    },
    /// A signature is not believed.
    #[error("the file {file} of the backup {id} is not to be believed")]
    Signature {
        /// The backup.
        id: BackupId,
        /// The file that is signed.
        file: &'static str,
        /// Why.
        #[source]
        source: SignatureError,
    },
    /// A file is well signed and says something that no backup of embsec's says.
    #[error("the file {file} of the backup {id} is malformed")]
    Malformed {
        /// The backup.
        id: BackupId,
        /// The file.
        file: &'static str,
    },
    /// The files of another backup lie in its place.
    #[error("in the place of the backup {id} lies the backup {found}")]
    Swapped {
        /// The backup that was asked for.
        id: BackupId,
        /// The one that lies there.
        found: BackupId,
    },
    /// An older state of a file was put back.
    #[error(
        "an old state of the file {file} of the backup {id} was put back: it is the {found}. \
         state, and the {known}. was seen"
    )]
    PutBack {
        /// The backup.
        id: BackupId,
        /// The file.
        file: &'static str,
        /// The state that lies there.
        found: u64,
        /// The newest one that was seen.
        known: u64,
    },
    /// It was removed, and is there again.
    #[error("the backup {0} was removed by retention, and lies there again")]
    Revived(BackupId),
    /// A newer embsec made it.
    #[error("the backup {id} has the format {found}, and this embsec reads {CONTAINER_VERSION}")]
    Newer {
        /// The backup.
        id: BackupId,
        /// Its format.
        found: u32,
    },
    /// The identity does not open it.
    #[error("the identity does not open the backup {id}")]
    Identity {
        /// The backup.
        id: BackupId,
        /// Why.
        #[source]
        source: OpenFileError,
    },
    /// A segment.
    #[error("the backup {id} is damaged")]
    Segment {
        /// The backup.
        id: BackupId,
        /// What is wrong.
        #[source]
        source: SegmentFault,
    },
    /// The destination.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// It was asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl Fault {
    /// The fault with its causes, in one line: what is wrong with which file.
    #[must_use]
    pub fn in_full(&self) -> String {
        let mut text = self.to_string();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            let told = cause.to_string();
            if !text.contains(&told) {
                text.push_str(": ");
                text.push_str(&told);
            }
            next = cause.source();
        }
        text
    }

    /// Whether the backup is not as it was made, rather than out of reach.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::Unsigned(_)
            | Self::Missing { .. }
            | Self::Differs { .. }
            | Self::Signature { .. }
            | Self::Malformed { .. }
            | Self::Swapped { .. }
            | Self::PutBack { .. }
            | Self::Revived(_) => true,
            Self::Segment { source, .. } => source.is_damage(),
            Self::NotFound(_)
            | Self::Newer { .. }
            | Self::Identity { .. }
            | Self::Blob(_)
            | Self::Interrupted => false,
        }
    }
}

/// A small file that may be replaced, as it was read.
pub struct Replaceable {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Tells this state from every other one, for a replacement.
    pub version: Version,
    /// Its signature file.
    pub signatures: SignatureFile,
    /// Tells the state of the signature file.
    pub signatures_version: Version,
    /// Who signed it, and as which state.
    pub believed: Believed,
}

/// A backup whose small files were read and believed.
pub struct Container {
    blob: Arc<dyn Blob>,
    /// The backup.
    pub id: BackupId,
    /// The public manifest.
    pub public: PublicManifest,
    /// Who signed it.
    pub signer: Believed,
    /// `keys.age`.
    pub keys: Replaceable,
    /// `datakeys.json`.
    pub data_keys: Replaceable,
    /// The same, read.
    pub data_keys_file: DataKeysFile,
}

impl Container {
    /// Reads the small files of a backup. `known` is what this host remembers of it.
    ///
    /// # Errors
    ///
    /// Any [`Fault`].
    pub async fn open(
        blob: &Arc<dyn Blob>,
        id: &BackupId,
        trusted: &Trusted,
        known: Option<&KnownBackup>,
    ) -> Result<Self, Fault> {
        let (public, signer) = read_public(blob.as_ref(), id, trusted).await?;
        if known.is_some_and(|known| known.pruned_at.is_some()) {
            return Err(Fault::Revived(id.clone()));
        }
        let known_keys = known.map_or(0, |known| known.keys_generation);
        let keys = read_replaceable(
            blob.as_ref(),
            id,
            Signed::Keys,
            (names::KEYS, names::KEYS_SIGNATURE),
            (trusted, known_keys),
        )
        .await?;
        let known_data_keys = known.map_or(0, |known| known.data_keys_generation);
        let data_keys = read_replaceable(
            blob.as_ref(),
            id,
            Signed::DataKeys,
            (names::DATA_KEYS, names::DATA_KEYS_SIGNATURE),
            (trusted, known_data_keys),
        )
        .await?;
        let data_keys_file =
            DataKeysFile::parse(&data_keys.bytes).ok_or_else(|| Fault::Malformed {
                id: id.clone(),
                file: names::DATA_KEYS,
            })?;
        Ok(Self {
            blob: Arc::clone(blob),
            id: id.clone(),
            public,
            signer,
            keys,
            data_keys,
            data_keys_file,
        })
    }

    /// Where it is.
    #[must_use]
    pub const fn blob(&self) -> &Arc<dyn Blob> {
        &self.blob
    }

    /// Every file that the public manifest names.
    pub fn named_files(&self) -> impl Iterator<Item = &StoredFile> {
        std::iter::once(&self.public.manifest).chain(&self.public.segments)
    }

    /// Opens the identity of the backup with those of a recipient.
    ///
    /// # Errors
    ///
    /// [`Fault::Identity`], [`Fault::Malformed`].
    pub fn identity(&self, identities: &Identities) -> Result<BackupIdentity, Fault> {
        let opened =
            sealed_file::open(identities, &self.keys.bytes).map_err(|source| Fault::Identity {
                id: self.id.clone(),
                source,
            })?;
        let malformed = || Fault::Malformed {
            id: self.id.clone(),
            file: names::KEYS,
        };
        BackupIdentity::read(&opened).map_err(|_| malformed())
    }

    /// Reads the private manifest.
    ///
    /// # Errors
    ///
    /// Any [`Fault`].
    pub async fn private(&self, identity: &BackupIdentity) -> Result<PrivateManifest, Fault> {
        let stored = &self.public.manifest;
        let name = names::of_file(&self.id, &stored.name);
        let bytes = match self.blob.read(&name, SMALL_MAX_BYTES).await {
            Ok(read) => read.bytes,
            Err(BlobError::NotFound { .. }) => return Err(self.missing(&stored.name)),
            Err(error) => return Err(error.into()),
        };
        if super::signature::sha256_hex(&bytes) != stored.sha256 {
            return Err(Fault::Differs {
                id: self.id.clone(),
                file: stored.name.clone(),
                what: "SHA-256",
            });
        }
        let manifest = open_private(&self.id, identity, &bytes)?;
        let agrees = manifest.id == self.id
            && manifest
                .segments
                .iter()
                .map(|segment| &segment.file)
                .eq(&self.public.segments);
        if agrees && manifest.is_sound() {
            Ok(manifest)
        } else {
            Err(self.malformed(names::PRIVATE_MANIFEST))
        }
    }

    pub(super) fn missing(&self, file: &str) -> Fault {
        Fault::Missing {
            id: self.id.clone(),
            file: file.to_owned(),
        }
    }

    fn malformed(&self, file: &'static str) -> Fault {
        Fault::Malformed {
            id: self.id.clone(),
            file,
        }
    }

    /// Reads a segment to its end, on a thread of its own, and hands out its blocks there.
    ///
    /// # Errors
    ///
    /// Any [`Fault`].
    pub async fn read_segment(
        &self,
        entry: &SegmentEntry,
        identity: &Arc<BackupIdentity>,
        each: impl FnMut(Block) -> Next + Send + 'static,
    ) -> Result<SegmentTotals, Fault> {
        let name = names::of_file(&self.id, &entry.file.name);
        let stored = match self.blob.open(&name).await {
            Ok(stored) => stored,
            Err(BlobError::NotFound { .. }) => return Err(self.missing(&entry.file.name)),
            Err(error) => return Err(error.into()),
        };
        let (bytes, pump) = stream::bridge(stored);
        let (entry, identity) = (entry.clone(), Arc::clone(identity));
        let read =
            tokio::task::spawn_blocking(move || opened::read(bytes, &entry, &identity, each));
        let (read, pumped) = tokio::join!(read, pump);
        // What the destination said tells more than what the reader made of it.
        pumped?;
        let read = read.map_err(|_| Fault::Interrupted)?;
        read.map_err(|source| Fault::Segment {
            id: self.id.clone(),
            source,
        })
    }
}

impl Container {
    /// Opens a segment and seals what is in it for another identity, without decoding it. The old
    /// bytes are held against the manifest.
    ///
    /// # Errors
    ///
    /// Any [`Fault`].
    pub async fn reseal_segment(
        &self,
        entry: &SegmentEntry,
        from: &Arc<BackupIdentity>,
        to: &Arc<BackupIdentity>,
        file: std::fs::File,
    ) -> Result<StoredFile, Fault> {
        let name = names::of_file(&self.id, &entry.file.name);
        let stored = match self.blob.open(&name).await {
            Ok(stored) => stored,
            Err(BlobError::NotFound { .. }) => return Err(self.missing(&entry.file.name)),
            Err(error) => return Err(error.into()),
        };
        let (bytes, pump) = stream::bridge(stored);
        let (entry, from, to) = (entry.clone(), Arc::clone(from), Arc::clone(to));
        let sealed =
            tokio::task::spawn_blocking(move || opened::reseal(bytes, &entry, &from, &to, file));
        let (sealed, pumped) = tokio::join!(sealed, pump);
        pumped?;
        let sealed = sealed.map_err(|_| Fault::Interrupted)?;
        sealed.map_err(|source| Fault::Segment {
            id: self.id.clone(),
            source,
        })
    }
}

/// Opens the bytes of a private manifest.
///
/// # Errors
///
/// [`Fault::Identity`], [`Fault::Malformed`], [`Fault::Newer`].
pub fn open_private(
    id: &BackupId,
    identity: &BackupIdentity,
    sealed: &[u8],
) -> Result<PrivateManifest, Fault> {
    let wrong = |source| Fault::Identity {
        id: id.clone(),
        source,
    };
    let malformed = || Fault::Malformed {
        id: id.clone(),
        file: names::PRIVATE_MANIFEST,
    };
    let opened = OpeningReader::new(sealed, identity);
    let mut opened = opened.map_err(|error| match error {
        OpenStreamError::File(source) => wrong(source),
        OpenStreamError::Read(_) => wrong(OpenFileError::Damaged),
    })?;
    let mut bytes = Vec::new();
    opened
        .read_to_end(&mut bytes)
        .map_err(|_| wrong(OpenFileError::Damaged))?;
    let manifest: PrivateManifest = serde_json::from_slice(&bytes).map_err(|_| malformed())?;
    if manifest.format > CONTAINER_VERSION {
        return Err(Fault::Newer {
            id: id.clone(),
            found: manifest.format,
        });
    }
    Ok(manifest)
}

/// Reads the public manifest of a backup and believes its signature.
///
/// # Errors
///
/// Any [`Fault`].
pub async fn read_public(
    blob: &dyn Blob,
    id: &BackupId,
    trusted: &Trusted,
) -> Result<(PublicManifest, Believed), Fault> {
    let manifest = read_small(blob, id, names::PUBLIC_MANIFEST, SMALL_MAX_BYTES).await?;
    let signature = read_small(blob, id, names::MANIFEST_SIGNATURE, SIGNATURE_MAX_BYTES).await?;
    let manifest = match (manifest, &signature) {
        (Some(manifest), _) => manifest.bytes,
        (None, None) if blob.list(&names::of_backup(id)).await?.is_empty() => {
            return Err(Fault::NotFound(id.clone()));
        }
        (None, None) => return Err(Fault::Unsigned(id.clone())),
        (None, Some(_)) => {
            return Err(Fault::Missing {
                id: id.clone(),
                file: names::PUBLIC_MANIFEST.to_owned(),
            });
        }
    };
    let signature = signature.ok_or_else(|| Fault::Unsigned(id.clone()))?;
    let public: PublicManifest =
        serde_json::from_slice(&manifest).map_err(|_| Fault::Malformed {
            id: id.clone(),
            file: names::PUBLIC_MANIFEST,
        })?;
    if public.id != *id {
        return Err(Fault::Swapped {
            id: id.clone(),
            found: public.id,
        });
    }
    if public.format > CONTAINER_VERSION {
        return Err(Fault::Newer {
            id: id.clone(),
            found: public.format,
        });
    }
    let signer = SignatureFile::parse(&signature.bytes)
        .and_then(|file| file.verify(Signed::Manifest, id, &manifest, trusted))
        .map_err(|source| Fault::Signature {
            id: id.clone(),
            file: names::PUBLIC_MANIFEST,
            source,
        })?;
    Ok((public, signer))
}

/// Reads a file that may be replaced, with its signature. Somebody may just be replacing it: what
/// does not fit together is read once more.
async fn read_replaceable(
    blob: &dyn Blob,
    id: &BackupId,
    what: Signed,
    (file, signature_file): (&'static str, &'static str),
    (trusted, known): (&Trusted, u64),
) -> Result<Replaceable, Fault> {
    let mut last = SignatureError::OtherContent;
    for _ in 0..2 {
        let missing = |file: &str| Fault::Missing {
            id: id.clone(),
            file: file.to_owned(),
        };
        let content = read_small(blob, id, file, KEYS_MAX_BYTES.max(SMALL_MAX_BYTES)).await?;
        let content = content.ok_or_else(|| missing(file))?;
        let signed = read_small(blob, id, signature_file, SIGNATURE_MAX_BYTES).await?;
        let signed = signed.ok_or_else(|| missing(signature_file))?;
        let believed = SignatureFile::parse(&signed.bytes).and_then(|signatures| {
            let believed = signatures.verify(what, id, &content.bytes, trusted)?;
            Ok((signatures, believed))
        });
        match believed {
            Ok((_, believed)) if believed.generation < known => {
                return Err(Fault::PutBack {
                    id: id.clone(),
                    file,
                    found: believed.generation,
                    known,
                });
            }
            Ok((signatures, believed)) => {
                return Ok(Replaceable {
                    bytes: content.bytes,
                    version: content.version,
                    signatures,
                    signatures_version: signed.version,
                    believed,
                });
            }
            Err(error) => last = error,
        }
    }
    Err(Fault::Signature {
        id: id.clone(),
        file,
        source: last,
    })
}

async fn read_small(
    blob: &dyn Blob,
    id: &BackupId,
    file: &str,
    max_bytes: u64,
) -> Result<Option<Versioned>, Fault> {
    match blob.read(&names::of_file(id, file), max_bytes).await {
        Ok(read) => Ok(Some(read)),
        Err(BlobError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
