//! What a backup says of itself: the public manifest, which holds nothing secret, and the private
//! one, which is sealed like the rows.

use super::segment::SegmentFormat;
use crate::domain::backup::{
    BackupId, Engine, PostgresFacts, Program, RowSum, SqliteFacts, TableShape, TableTotals,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;

/// The version of the container. A reader refuses a newer one.
pub const CONTAINER_VERSION: u32 = 1;

/// A file of a backup, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFile {
    /// Its name within the backup.
    pub name: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal (FIPS 180-4): what `sha256sum` prints.
    pub sha256: String,
}

/// The ids of keys that a backup cannot be read without.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysNeeded {
    /// Master keys, which open the data keys.
    pub master: BTreeSet<String>,
    /// Data keys, as the database held them.
    pub data: BTreeSet<String>,
    /// Keys of the keyring for values in databases of other programs.
    pub target: BTreeSet<String>,
}

/// The public manifest: `manifest.pub.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicManifest {
    /// [`CONTAINER_VERSION`].
    pub format: u32,
    /// The backup.
    pub id: BackupId,
    /// When its snapshot was taken.
    pub created_at: Timestamp,
    /// How long it took until everything was read back, in milliseconds.
    pub duration_millis: u64,
    /// The embsec that made it.
    pub embsec_version: String,
    /// Tells the databases of one destination apart, without naming them: see [`source_id`].
    pub source_id: String,
    /// The engine of the database.
    pub engine: Engine,
    /// Whose tables it holds.
    pub program: Program,
    /// The size of everything that is stored, in bytes.
    pub size_bytes: u64,
    /// The level that was proven before it became a backup: every segment was read back.
    pub verified_level: u8,
    /// The segments, in their order.
    pub segments: Vec<StoredFile>,
    /// The private manifest.
    pub manifest: StoredFile,
    /// The keys that it cannot be read without.
    pub keys_needed: KeysNeeded,
    /// Data keys that were destroyed before it was made.
    pub destroyed_keys: BTreeSet<String>,
}

/// What tells a database from others in one destination: the first ten bytes of SHA-256 over
/// `embsec/backup-source/v1`, a zero byte and its name without user and password, as 16 characters
/// of lower-case base32.
#[must_use]
pub fn source_id(database: &str) -> String {
    let hash = Sha256::new()
        .chain_update(b"embsec/backup-source/v1\0")
        .chain_update(database.as_bytes())
        .finalize();
    let mut id = data_encoding::BASE32_NOPAD.encode(hash.get(..10).unwrap_or_default());
    id.make_ascii_lowercase();
    id
}

/// What one segment holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentEntry {
    /// The file.
    #[serde(flatten)]
    pub file: StoredFile,
    /// How its content is written.
    pub format: SegmentFormat,
    /// How many rows it holds; 0 for a file.
    pub rows: u64,
    /// How many bytes it holds, decoded.
    pub raw_bytes: u64,
    /// BLAKE3 of those bytes, in hexadecimal.
    pub raw_blake3: String,
}

/// A table and where its rows are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableEntry {
    /// The table.
    #[serde(flatten)]
    pub shape: TableShape,
    /// How many rows.
    pub rows: u64,
    /// How many bytes, decoded.
    pub raw_bytes: u64,
    /// The sum over its rows, in hexadecimal.
    pub row_sum: String,
    /// Its segments, by their place in the list of segments, counted from 0.
    pub segments: Vec<usize>,
}

impl TableEntry {
    /// The totals; `None` where the sum is none.
    #[must_use]
    pub fn totals(&self) -> Option<TableTotals> {
        Some(TableTotals {
            rows: self.rows,
            raw_bytes: self.raw_bytes,
            sum: RowSum::parse(&self.row_sum)?,
        })
    }
}

/// What a file in a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// The SQLite database.
    Database,
    /// The settings, with their secrets replaced.
    Configuration,
    /// A file of the audit log, up to its last whole line.
    Audit,
}

/// A file and where its bytes are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// What it is.
    pub kind: FileKind,
    /// Its name, without a folder.
    pub name: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// Its segments, by their place in the list of segments, counted from 0.
    pub segments: Vec<usize>,
}

/// The facts of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "engine", rename_all = "kebab-case")]
pub enum SourceFacts {
    /// A server.
    Postgres(PostgresFacts),
    /// A file.
    Sqlite(SqliteFacts),
}

impl SourceFacts {
    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Postgres(_) => Engine::Postgres,
            Self::Sqlite(_) => Engine::Sqlite,
        }
    }
}

/// The private manifest: `manifest.json.age`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateManifest {
    /// [`CONTAINER_VERSION`].
    pub format: u32,
    /// The backup.
    pub id: BackupId,
    /// When its snapshot was taken.
    pub created_at: Timestamp,
    /// The host that made it.
    pub host: String,
    /// The database, without a password.
    pub database: String,
    /// Whose tables it holds.
    pub program: Program,
    /// What was known of the database.
    pub source: SourceFacts,
    /// Its tables; none for a SQLite file, which travels page by page.
    pub tables: Vec<TableEntry>,
    /// Its files.
    pub files: Vec<FileEntry>,
    /// The segments, in their order.
    pub segments: Vec<SegmentEntry>,
    /// The keys that it cannot be read without.
    pub keys_needed: KeysNeeded,
    /// Data keys that were destroyed before it was made.
    pub destroyed_keys: BTreeSet<String>,
}

impl PrivateManifest {
    /// Whether the places that tables and files name are those of segments, each once.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let named = self
            .tables
            .iter()
            .flat_map(|table| &table.segments)
            .chain(self.files.iter().flat_map(|file| &file.segments));
        let mut seen = BTreeSet::new();
        let mut each_once = true;
        for place in named {
            each_once &= *place < self.segments.len() && seen.insert(*place);
        }
        each_once && seen.len() == self.segments.len()
    }

    /// How many rows all tables have together.
    #[must_use]
    pub fn rows(&self) -> u64 {
        match &self.source {
            SourceFacts::Postgres(_) => self.tables.iter().map(|table| table.rows).sum(),
            SourceFacts::Sqlite(facts) => facts.row_counts.iter().map(|(_, rows)| rows).sum(),
        }
    }

    /// How many bytes all segments have decoded.
    #[must_use]
    pub fn raw_bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.raw_bytes).sum()
    }
}
