//! Looks at backups: the catalogue, the levels of verification, the parts of one.

use super::{BackupError, Backups, Watch};
use crate::backup::catalogue::Catalogue;
use crate::backup::container::{Container, Fault};
use crate::backup::manifest::{FileEntry, PrivateManifest, SegmentEntry, TableEntry};
use crate::backup::opened::Next;
use crate::backup::record::Event;
use crate::backup::verify;
use crate::crypto::sealed_file::BackupIdentity;
use crate::crypto::sealed_file::Identities;
use crate::domain::audit::{Action, Details, Outcome};
use crate::domain::backup::{BackupId, RowFormat};
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;
use tokio::sync::mpsc;

/// How `COPY … (FORMAT binary)` begins
/// (<https://www.postgresql.org/docs/current/sql-copy.html>, "Binary Format"): the signature, no
/// flags, no extension of the header.
const COPY_HEADER: &[u8; 19] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// How it ends.
const COPY_TRAILER: &[u8; 2] = b"\xff\xff";
/// The name of the newest backup that counts.
const NEWEST: &str = "newest";
/// How many blocks wait for whoever takes them.
const BLOCKS_AHEAD: usize = 2;

/// How a look at a backup ended.
#[derive(Debug)]
pub struct Verification {
    /// The backup.
    pub id: BackupId,
    /// The level that was asked for.
    pub asked_level: u8,
    /// The highest level that holds; none when not even the first does.
    pub reached_level: Option<u8>,
    /// What each level proved, in words.
    pub proven: Vec<&'static str>,
    /// What does not hold.
    pub fault: Option<Fault>,
    /// Whether the next level would need an identity, and there was none.
    pub needs_identity: bool,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The backup.
    pub id: BackupId,
    /// Newer ones that are not known to hold, and were passed over.
    pub passed_over: Vec<BackupId>,
    /// How many databases there are backups of where this is the newest one of them all; 1 where
    /// it was named by its id.
    pub databases: usize,
}

impl Named {
    const fn exactly(id: BackupId) -> Self {
        Self {
            id,
            passed_over: Vec::new(),
            databases: 1,
        }
    }

    fn newest(catalogue: &Catalogue) -> Option<Self> {
        let newest = catalogue.newest()?;
        let newer = catalogue
            .backups
            .iter()
            .filter(|listed| listed.created_at() > newest.created_at());
        let publics = catalogue.backups.iter().flat_map(|listed| &listed.public);
        let sources: BTreeSet<&str> = publics.map(|public| public.source_id.as_str()).collect();
        Some(Self {
            id: newest.id.clone(),
            passed_over: newer.map(|listed| listed.id.clone()).collect(),
            databases: sources.len(),
        })
    }
}

/// A part of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The rows of a table, `schema.name`.
    Table(String),
    /// A file.
    File(String),
    /// A segment, by its number, counted from 1.
    Segment(usize),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Table(name) => write!(f, "table {name}"),
            Self::File(name) => write!(f, "file {name}"),
            Self::Segment(number) => write!(f, "segment {number}"),
        }
    }
}

/// A backup that was opened with an identity.
pub struct OpenBackup {
    /// Its small files.
    pub container: Container,
    /// Its private manifest.
    pub manifest: PrivateManifest,
    /// Opens its segments.
    pub identity: Arc<BackupIdentity>,
}

impl Backups {
    /// Reads the catalogue.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn catalogue(&self) -> Result<Catalogue, BackupError> {
        let known = self.known.load()?;
        Ok(Catalogue::read(self.blob.as_ref(), &self.trusted, &known).await?)
    }

    /// The backup of this name: a whole id, the beginning of one, or `newest`.
    ///
    /// # Errors
    ///
    /// [`BackupError::NoSuchBackup`], [`BackupError::Ambiguous`], [`BackupError::NoNewest`], or
    /// when the destination cannot be read.
    pub async fn resolve(&self, name: &str) -> Result<Named, BackupError> {
        if let Some(id) = BackupId::parse(name) {
            return Ok(Named::exactly(id));
        }
        let catalogue = self.catalogue().await?;
        if name == NEWEST {
            return Named::newest(&catalogue).ok_or_else(|| BackupError::NoNewest {
                place: self.blob.describe(),
                listed: catalogue.backups.len(),
            });
        }
        if let Some(found) = catalogue.find(name) {
            return Ok(Named::exactly(found.id.clone()));
        }
        let several = !name.is_empty()
            && catalogue
                .backups
                .iter()
                .any(|listed| listed.id.as_str().starts_with(name));
        Err(if several {
            BackupError::Ambiguous(name.to_owned())
        } else {
            BackupError::NoSuchBackup(name.to_owned())
        })
    }

    /// Reads the small files of a backup, and remembers what was seen.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn open(&self, id: &BackupId) -> Result<Container, BackupError> {
        let known = self.known.load()?;
        let opened = Container::open(
            &self.blob,
            id,
            &self.trusted,
            known.of(&self.blob.address(), id),
        )
        .await?;
        // Whoever is not believed by name is not remembered either.
        if !self.trusted.is_empty() {
            let destination = self.blob.address();
            let (keys, data_keys) = (
                opened.keys.believed.generation,
                opened.data_keys.believed.generation,
            );
            self.known
                .update(|known| known.see(&destination, id, keys, data_keys))?;
        }
        Ok(opened)
    }

    /// Opens a backup with an identity.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn open_with(
        &self,
        id: &BackupId,
        identities: &Identities,
    ) -> Result<OpenBackup, BackupError> {
        let container = self.open(id).await?;
        let identity = Arc::new(container.identity(identities)?);
        let manifest = container.private(&identity).await?;
        Ok(OpenBackup {
            container,
            manifest,
            identity,
        })
    }

    /// Looks at a backup up to level 2, and records how that ended.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`] but that the backup does not hold, which is an answer.
    pub async fn verify(
        &self,
        id: &BackupId,
        level: u8,
        identities: Option<&Identities>,
        watch: &Watch<'_>,
    ) -> Result<Verification, BackupError> {
        let mut looked = Verification {
            id: id.clone(),
            asked_level: level,
            reached_level: None,
            proven: Vec::new(),
            fault: None,
            needs_identity: false,
        };
        match self.look(&mut looked, level, identities, watch).await {
            Ok(()) => {}
            Err(BackupError::Fault(fault)) if fault.is_damage() => looked.fault = Some(fault),
            Err(error) => return Err(error),
        }
        self.note(&looked).await?;
        Ok(looked)
    }

    async fn look(
        &self,
        looked: &mut Verification,
        level: u8,
        identities: Option<&Identities>,
        watch: &Watch<'_>,
    ) -> Result<(), BackupError> {
        let container = self.open(&looked.id).await?;
        verify::sizes(&container).await?;
        looked.reach(0, "every file is there and has its size");
        if level == 0 {
            return Ok(());
        }
        if level == 1 || identities.is_none() {
            let total = container.named_files().map(|file| file.size_bytes).sum();
            watch
                .counted("hashing, bytes", Some(total), async |heard| {
                    verify::hashes(&container, heard.as_ref()).await
                })
                .await?;
            looked.reach(1, "every byte is the one that was signed");
        }
        let Some(identities) = identities.filter(|_| level >= 2) else {
            looked.needs_identity = level >= 2;
            return Ok(());
        };
        let identity = Arc::new(container.identity(identities)?);
        let manifest = container.private(&identity).await?;
        let total = manifest.raw_bytes();
        watch
            .counted("opening and decoding, bytes", Some(total), async |heard| {
                verify::contents(&container, &manifest, &identity, &heard).await
            })
            .await?;
        looked.reach(1, "every byte is the one that was signed");
        looked.reach(2, "every segment opens, decodes and adds up to its table");
        Ok(())
    }

    /// Records how a look ended, in the catalogue where that can be signed, and in the audit log.
    async fn note(&self, looked: &Verification) -> Result<(), BackupError> {
        let passed = looked.fault.is_none();
        if self.signing_key().is_ok() && looked.says_something() {
            let event = Event::Verified {
                level: looked.reached_level.unwrap_or(0),
                passed,
                reason: looked.fault.as_ref().map(Fault::in_full),
            };
            self.add_record(&looked.id, event).await?;
        }
        let mut details = Details::new();
        details.insert("backup_id".to_owned(), looked.id.as_str().into());
        details.insert("level".to_owned(), looked.asked_level.into());
        details.insert("reached_level".to_owned(), looked.reached_level.into());
        let outcome = if passed {
            Outcome::Success
        } else {
            Outcome::Failure
        };
        self.record(Action::BackupVerify, outcome, details).await
    }
}

impl Verification {
    fn reach(&mut self, level: u8, proven: &'static str) {
        self.reached_level = Some(level);
        self.proven.push(proven);
    }

    /// Whether the catalogue learns something from it: sizes alone prove nothing.
    const fn says_something(&self) -> bool {
        self.fault.is_some() || matches!(self.reached_level, Some(1..))
    }
}

impl OpenBackup {
    /// The table of this name.
    ///
    /// # Errors
    ///
    /// [`BackupError::NoSuchPart`].
    pub fn table(&self, name: &str) -> Result<&TableEntry, BackupError> {
        let mut tables = self.manifest.tables.iter();
        tables
            .find(|table| table.shape.to_string() == name)
            .ok_or_else(|| self.no_such(&Part::Table(name.to_owned())))
    }

    /// The file of this name.
    ///
    /// # Errors
    ///
    /// [`BackupError::NoSuchPart`].
    pub fn file(&self, name: &str) -> Result<&FileEntry, BackupError> {
        let mut files = self.manifest.files.iter();
        files
            .find(|file| file.name == name)
            .ok_or_else(|| self.no_such(&Part::File(name.to_owned())))
    }

    fn no_such(&self, part: &Part) -> BackupError {
        BackupError::NoSuchPart {
            id: self.container.id.clone(),
            part: part.to_string(),
        }
    }

    /// The segments at these places.
    pub fn segments(&self, places: &[usize]) -> Vec<&SegmentEntry> {
        let all = &self.manifest.segments;
        places.iter().filter_map(|place| all.get(*place)).collect()
    }

    /// Writes a part as `COPY` takes it, or as the file that it was. What was written counts only
    /// when this ends well.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`].
    pub async fn decode(
        &self,
        part: &Part,
        out: &mut (dyn Write + Send),
        watch: &Watch<'_>,
    ) -> Result<u64, BackupError> {
        let (places, is_binary) = match part {
            Part::Table(name) => {
                let table = self.table(name)?;
                let is_binary = table.shape.format == RowFormat::Binary;
                (table.segments.clone(), is_binary)
            }
            Part::File(name) => (self.file(name)?.segments.clone(), false),
            Part::Segment(number) => {
                let place = number.checked_sub(1);
                let known = place.filter(|place| *place < self.manifest.segments.len());
                let place = known.ok_or_else(|| self.no_such(part))?;
                (vec![place], self.is_binary(place))
            }
        };
        let segments = self.segments(&places);
        let total = segments.iter().map(|segment| segment.raw_bytes).sum();
        watch.progress.begin("decoding, bytes", Some(total));
        let mut written = 0;
        if is_binary {
            write(out, COPY_HEADER)?;
        }
        for segment in segments {
            self.each_block(segment, async |bytes| {
                if watch.stop.is_asked() {
                    return Err(BackupError::Interrupted("while it was decoded"));
                }
                write(out, &bytes)?;
                written += u64::try_from(bytes.len()).unwrap_or(0);
                watch.progress.done(written);
                Ok(())
            })
            .await?;
        }
        if is_binary {
            write(out, COPY_TRAILER)?;
        }
        watch.progress.end();
        Ok(written)
    }

    fn is_binary(&self, place: usize) -> bool {
        self.manifest
            .tables
            .iter()
            .any(|table| table.shape.format == RowFormat::Binary && table.segments.contains(&place))
    }

    /// Reads a segment and gives its blocks to whoever asks, in their order. They count only when
    /// this ends well.
    ///
    /// # Errors
    ///
    /// Any [`BackupError`], those of `each` included.
    pub async fn each_block(
        &self,
        segment: &SegmentEntry,
        mut each: impl AsyncFnMut(Vec<u8>) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let (sender, mut blocks) = mpsc::channel(BLOCKS_AHEAD);
        let read = self
            .container
            .read_segment(segment, &self.identity, move |block| {
                match sender.blocking_send(block.bytes) {
                    Ok(()) => Next::More,
                    Err(_) => Next::Stop,
                }
            });
        let take = async {
            while let Some(bytes) = blocks.recv().await {
                each(bytes).await?;
            }
            Ok::<_, BackupError>(())
        };
        tokio::pin!(read);
        tokio::pin!(take);
        tokio::select! {
            biased;
            // Whoever takes the blocks failed: the reader stops by itself.
            taken = &mut take => {
                taken?;
                read.await?;
            }
            read = &mut read => {
                read?;
                take.await?;
            }
        }
        Ok(())
    }
}

fn write(out: &mut (dyn Write + Send), bytes: &[u8]) -> Result<(), BackupError> {
    out.write_all(bytes).map_err(BackupError::Output)
}
