//! Writes a SQLite file from a backup.
//!
//! The bytes come block by block into `<file>.restoring-<id>`, which becomes the file only when
//! everything that the backup says of it holds. A run that is killed leaves only that part behind,
//! and the next run removes it. A second run into the same file is refused while the first is at it,
//! by a lock on the part.

mod keys;
mod swap;

#[cfg(test)]
mod tests;

pub use keys::OwnKeys;
pub use swap::{SwapError, Swapped, swap};

use crate::domain::backup::{BackupId, RecordedSearch, SqliteFacts};
use crate::domain::ids::ProjectId;
use crate::sys::fs::{FsError, fsync_dir};
use crate::sys::space;
use crate::target::dump::sqlite::search;
use crate::target::sqlite::whole::{self, SqliteFault, Watch, beside, folder_of, size, watched};
use rusqlite::Connection;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What stands between the name of a file and the id of the backup that it is made from.
const RESTORING: &str = ".restoring-";
/// Room beside the file itself, for the keys of embsec's own database.
const ROOM_BYTES: u64 = 1 << 20;

/// Why a file was not restored. There is none then, and no part of one.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// There is a file with content. Nothing is written over.
    #[error("\"{}\" exists already and is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// What belongs to another database lies where the new one would take it for its own.
    #[error("\"{}\" is left from another database", .0.display())]
    LeftOver(PathBuf),
    /// Another process is restoring into this file.
    #[error("another process is restoring into \"{}\"", .0.display())]
    InProgress(PathBuf),
    /// There is not enough room.
    #[error(
        "the database needs {needed_bytes} bytes of room in \"{}\", and {} are missing",
        folder.display(),
        needed_bytes.saturating_sub(*free_bytes)
    )]
    NoRoom {
        /// Where.
        folder: PathBuf,
        /// What is needed.
        needed_bytes: u64,
        /// What is there.
        free_bytes: u64,
    },
    /// It is not as long as the backup says.
    #[error("the backup says {expected} bytes, and {found} or more came")]
    SizeDiffers {
        /// What the backup says.
        expected: u64,
        /// What came.
        found: u64,
    },
    /// It is not cut into pages as the backup says.
    #[error("the backup says pages of {expected} bytes, not of {found}")]
    PagesDiffer {
        /// What the backup says.
        expected: u32,
        /// What came.
        found: u32,
    },
    /// A table has not the rows that the backup says, or is missing, or is one too many.
    #[error("{} tables have other rows than the backup says, {} among them", .0.len(), named(.0))]
    RowsDiffer(Vec<String>),
    /// Rows of embsec's own database refer to rows that are not there.
    #[error("{0} rows refer to rows that are not there")]
    BrokenReferences(u64),
    /// It is damaged, or cannot be read or written.
    #[error(transparent)]
    Sqlite(#[from] SqliteFault),
    /// A file cannot be made or written.
    #[error(transparent)]
    File(#[from] FsError),
}

fn named(tables: &[String]) -> &str {
    tables.first().map_or("", String::as_str)
}

/// Result of restoring.
pub type LoadResult<T> = Result<T, LoadError>;

/// What was restored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// How many rows of another program's file refer to rows that are not there. Whether they did so
    /// before is not known.
    pub broken_references: u64,
    /// Projects of embsec's own database that came out of service, since their keys are destroyed.
    pub destroyed_projects: Vec<ProjectId>,
}

/// A file that is being restored; its part is gone when this is dropped before it is finished.
pub struct SqliteLoad {
    to: PathBuf,
    facts: SqliteFacts,
    part: Part,
    written: u64,
}

/// The part of a file that is there so far.
struct Part {
    path: PathBuf,
    /// Locked for as long as it is open.
    file: File,
    is_done: bool,
}

impl SqliteLoad {
    /// Begins. `to` is a file that is not there, or an empty one; `facts` is what the backup says of
    /// it. What killed runs left is removed.
    ///
    /// # Errors
    ///
    /// [`LoadError::NotEmpty`], [`LoadError::LeftOver`], [`LoadError::InProgress`],
    /// [`LoadError::NoRoom`], [`LoadError::File`].
    pub fn begin(to: &Path, id: &BackupId, facts: SqliteFacts) -> LoadResult<Self> {
        require_free(to)?;
        remove_parts(to)?;
        let folder = folder_of(to);
        let needed_bytes = facts.size_bytes.saturating_add(ROOM_BYTES);
        let free_bytes = space::free_bytes(folder)?;
        if free_bytes < needed_bytes {
            return Err(LoadError::NoRoom {
                folder: folder.to_owned(),
                needed_bytes,
                free_bytes,
            });
        }
        Ok(Self {
            part: Part::create(to, id)?,
            to: to.to_owned(),
            facts,
            written: 0,
        })
    }

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    ///
    /// [`LoadError::SizeDiffers`] when there are more than the backup says; a full disk is
    /// [`SqliteFault::DiskFull`].
    pub fn write(&mut self, bytes: &[u8]) -> LoadResult<()> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.written = self.written.saturating_add(length);
        if self.written > self.facts.size_bytes {
            return Err(self.size_differs());
        }
        let path = &self.part.path;
        self.part
            .file
            .write_all(bytes)
            .map_err(failed("write", path))
    }

    fn size_differs(&self) -> LoadError {
        LoadError::SizeDiffers {
            expected: self.facts.size_bytes,
            found: self.written,
        }
    }

    /// Compares the file with what the backup says of it, puts back what belongs into embsec's own
    /// database, and gives it its name. The watch hears the size of the file while it is checked.
    ///
    /// # Errors
    ///
    /// Any [`LoadError`].
    pub fn finish(mut self, own: Option<&OwnKeys<'_>>, watch: &Watch) -> LoadResult<Loaded> {
        if self.written != self.facts.size_bytes {
            return Err(self.size_differs());
        }
        self.part.sync()?;
        let path = self.part.path.clone();
        let connection = whole::open_own(&path, true).map_err(SqliteFault::at(&path))?;
        whole::check(&connection, &path, watch)?;
        self.compare(&connection, watch)?;
        let destroyed_projects = match own {
            Some(own) => own.put_back(&connection).map_err(SqliteFault::at(&path))?,
            None => Vec::new(),
        };
        let broken_references = watched(&connection, &path, watch, broken_references)
            .map_err(SqliteFault::at(&path))?;
        if own.is_some() && broken_references > 0 {
            return Err(LoadError::BrokenReferences(broken_references));
        }
        connection
            .close()
            .map_err(|(_, error)| SqliteFault::at(&path)(error))?;
        self.part.sync()?;
        self.part.become_file(&self.to)?;
        Ok(Loaded {
            broken_references,
            destroyed_projects,
        })
    }

    /// Compares pages and rows with what the backup says.
    fn compare(&self, connection: &Connection, watch: &Watch) -> LoadResult<()> {
        let path = &self.part.path;
        let found = whole::page_bytes(connection).map_err(SqliteFault::at(path))?;
        if found != self.facts.page_bytes {
            return Err(LoadError::PagesDiffer {
                expected: self.facts.page_bytes,
                found,
            });
        }
        let found =
            watched(connection, path, watch, whole::row_counts).map_err(SqliteFault::at(path))?;
        let expected = &self.facts.row_counts;
        let only_in = |these: &[(String, u64)], those: &[(String, u64)]| {
            let other = these.iter().filter(|table| !those.contains(table));
            other.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let mut differing = only_in(expected, &found);
        differing.extend(only_in(&found, expected));
        differing.sort_unstable();
        differing.dedup();
        if differing.is_empty() {
            Ok(())
        } else {
            Err(LoadError::RowsDiffer(differing))
        }
    }
}

impl Part {
    fn create(to: &Path, id: &BackupId) -> LoadResult<Self> {
        let path = beside(to, &format!("{RESTORING}{id}"));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(failed("create", &path))?;
        let part = Self {
            path,
            file,
            is_done: false,
        };
        // Another run may have taken it for one that was left, between its making and its lock.
        let is_ours = part.file.try_lock().is_ok()
            && same_file(&part.path, &part.file).map_err(failed("read", &part.path))?;
        if is_ours {
            Ok(part)
        } else {
            Err(LoadError::InProgress(to.to_owned()))
        }
    }

    fn sync(&self) -> LoadResult<()> {
        self.file.sync_all().map_err(failed("write", &self.path))
    }

    /// Gives it the name of the file. A second name is refused where one exists, which a rename is
    /// not.
    fn become_file(&mut self, to: &Path) -> LoadResult<()> {
        require_free(to)?;
        remove(to)?;
        std::fs::hard_link(&self.path, to).map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => LoadError::NotEmpty(to.to_owned()),
            _ => failed("create", to)(source),
        })?;
        self.is_done = true;
        remove_with_rest(&self.path)?;
        Ok(fsync_dir(folder_of(to))?)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_done {
            // Reached on the way out of another error, which is the one to report.
            remove_with_rest(&self.path).unwrap_or_default();
        }
    }
}

/// Refuses a file with content, and what is left of another one.
fn require_free(to: &Path) -> LoadResult<()> {
    match std::fs::symlink_metadata(to) {
        Ok(found) if !found.is_file() || found.len() > 0 => {
            return Err(LoadError::NotEmpty(to.to_owned()));
        }
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            return Err(failed("read", to)(source));
        }
        _ => {}
    }
    // SQLite would play a log or a journal into the new file.
    match ["-wal", "-journal"].map(|rest| beside(to, rest)) {
        rest if rest.iter().all(|path| size(path) == 0) => Ok(()),
        [log, journal] => Err(LoadError::LeftOver(if size(&log) > 0 {
            log
        } else {
            journal
        })),
    }
}

/// Removes what runs left that were killed.
fn remove_parts(to: &Path) -> LoadResult<()> {
    let folder = folder_of(to);
    let mut prefix = to.file_name().unwrap_or_default().to_owned();
    prefix.push(RESTORING);
    let prefix = prefix.into_encoded_bytes();
    let entries = folder.read_dir().map_err(failed("read", folder))?;
    for entry in entries {
        let path = entry.map_err(failed("read", folder))?.path();
        let name = path.file_name().unwrap_or_default();
        if !name.as_encoded_bytes().starts_with(&prefix) {
            continue;
        }
        let Ok(file) = File::open(&path) else {
            continue;
        };
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            return Err(LoadError::InProgress(to.to_owned()));
        }
        remove(&path)?;
    }
    Ok(())
}

fn same_file(path: &Path, file: &File) -> std::io::Result<bool> {
    let Ok(named) = path.metadata() else {
        return Ok(false);
    };
    let file = file.metadata()?;
    Ok((named.dev(), named.ino()) == (file.dev(), file.ino()))
}

fn remove_with_rest(path: &Path) -> LoadResult<()> {
    for rest in ["", "-journal", "-wal", "-shm"] {
        remove(&beside(path, rest))?;
    }
    Ok(())
}

fn remove(path: &Path) -> LoadResult<()> {
    match std::fs::remove_file(path) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
            Err(failed("remove", path)(source))
        }
        _ => Ok(()),
    }
}

/// Turns what the system said into an error; a full disk is one of its own.
fn failed(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> LoadError + use<> {
    let path = path.to_owned();
    move |source| match source.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
            SqliteFault::DiskFull(path).into()
        }
        _ => FsError::Io {
            action,
            path,
            source,
        }
        .into(),
    }
}

/// How many rows refer to rows that are not there.
fn broken_references(connection: &Connection) -> rusqlite::Result<u64> {
    const CHECK: &str = "SELECT count(*) FROM pragma_foreign_key_check";
    let count: i64 = connection.query_row(CHECK, [], |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// How a search that was recorded came out again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchOutcome {
    /// The same rows in the same order.
    Same,
    /// Others.
    Differs {
        /// How many rows were looked at.
        looked_at: u64,
        /// What was found now.
        nearest: Vec<String>,
    },
    /// The row whose neighbours are looked for is not there any more.
    Gone,
    /// It is about a table that this embsec does not search.
    Unknown,
}

/// Searches a restored file of embsec's own again. Nobody else has it open.
///
/// # Errors
///
/// When the file cannot be read.
pub fn run_search(database: &Path, search: &RecordedSearch) -> Result<SearchOutcome, SqliteFault> {
    let is_known = search.schema == search::SCHEMA
        && search.table == search::TABLE
        && search.key_column == search::KEY_COLUMN
        && search.vector_column == search::VECTOR_COLUMN;
    let Some(key) = search.key.parse().ok().filter(|_| is_known) else {
        return Ok(SearchOutcome::Unknown);
    };
    let run = || {
        let connection = whole::open_own(database, false)?;
        search::nearest(&connection, key, search.looked_at)
    };
    Ok(match run().map_err(SqliteFault::at(database))? {
        None => SearchOutcome::Gone,
        Some(found) if found.looked_at == search.looked_at && found.nearest == search.nearest => {
            SearchOutcome::Same
        }
        Some(found) => SearchOutcome::Differs {
            looked_at: found.looked_at,
            nearest: found.nearest,
        },
    })
}
