//! What a backup holds, in plain values: the shape of tables, rows as they travel, facts of the
//! database that they came from. No bytes of any container, no SQL.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How many bytes of rows travel together, about: whole rows, so that one large row makes a larger
/// block.
pub const BLOCK_BYTES: usize = 4 << 20;

/// The engine of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// A PostgreSQL server.
    Postgres,
    /// A SQLite file.
    Sqlite,
}

impl Engine {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }
}

/// Whose tables a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// Those of embsec.
    Embsec,
    /// Those of embapi.
    Embapi,
    /// Those of llm-proxy.
    LlmProxy,
    /// Somebody else's.
    Other,
}

impl Program {
    /// The word in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Embsec => "embsec",
            Self::Embapi => "embapi",
            Self::LlmProxy => "llm-proxy",
            Self::Other => "other",
        }
    }
}

/// How the rows of a table travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowFormat {
    /// Tuples of `COPY … (FORMAT binary)`, without the header and the trailer of the stream.
    Binary,
    /// Lines of `COPY … (FORMAT text)`.
    Text,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type, as the server writes it.
    pub type_name: String,
    /// For a vector of pgvector, how many bytes each of its numbers has: 4 or 2.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub float_width: Option<u8>,
}

/// A table: where it is, and its columns in the order in which they travel. Generated columns are
/// not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableShape {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// How its rows travel.
    pub format: RowFormat,
    /// Its columns.
    pub columns: Vec<Column>,
}

impl fmt::Display for TableShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// Whole rows of one table, or a run of bytes of a file.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// The rows, one behind the other.
    pub bytes: Vec<u8>,
    /// How many; 0 for bytes of a file.
    pub rows: u64,
}

/// A sequence, as it stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SequenceState {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its last value.
    pub last_value: i64,
    /// Whether that value was given out.
    pub is_called: bool,
}

/// An extension that the tables need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The nearest rows of one row, as they were found when the backup was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedSearch {
    /// The schema of the table.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The column that names a row.
    pub key_column: String,
    /// The column of vectors.
    pub vector_column: String,
    /// How many rows were looked at, the first ones by their key.
    pub looked_at: u64,
    /// The row whose neighbours were looked for, by its key as text.
    pub key: String,
    /// Its nearest rows by cosine distance, the nearest first, by their keys as text.
    pub nearest: Vec<String>,
}

/// What was known of a PostgreSQL database when its backup began: enough to refuse a restore that
/// cannot work, and to rebuild everything that is not rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostgresFacts {
    /// The version of the server, as it writes it.
    pub server_version: String,
    /// The same as a number, such as 160014.
    pub server_version_num: i32,
    /// The encoding of the database.
    pub encoding: String,
    /// The order of texts of the database, `LC_COLLATE`.
    pub collation: String,
    /// The extensions, without `plpgsql`.
    pub extensions: Vec<Extension>,
    /// The version of embsec's schema; none for databases of other programs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub embsec_schema: Option<i64>,
    /// Statements that make everything before the rows: `pg_dump --section=pre-data`. Empty for a
    /// database of embsec's own, whose migrations make it.
    pub pre_data: String,
    /// Statements that make everything behind the rows: constraints, indexes, triggers.
    pub post_data: String,
    /// Sequences.
    pub sequences: Vec<SequenceState>,
    /// Materialized views that held rows, in the order in which they can be filled again.
    pub materialized_views: Vec<String>,
    /// Searches and what they found.
    pub searches: Vec<RecordedSearch>,
}

/// What was known of a SQLite file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SqliteFacts {
    /// The version of SQLite that made the copy.
    pub library_version: String,
    /// The bytes of a page.
    pub page_bytes: u32,
    /// The size of the copy, in bytes.
    pub size_bytes: u64,
    /// The version of embsec's schema; none for files of other programs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub embsec_schema: Option<i64>,
    /// How many rows each table has, in order of name.
    pub row_counts: Vec<(String, u64)>,
    /// Searches and what they found.
    pub searches: Vec<RecordedSearch>,
}

/// The sum over the rows of a table, whatever their order: what each row hashes to, added modulo
/// 2^128. Two tables with equal rows have equal sums; it is no protection against somebody who
/// chooses the rows, which is what the signature is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowSum(pub u128);

impl RowSum {
    /// Adds what another part of the same table sums up to.
    pub const fn add(&mut self, other: Self) {
        self.0 = self.0.wrapping_add(other.0);
    }

    /// Reads 32 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex
            .then(|| u128::from_str_radix(text, 16).ok().map(Self))
            .flatten()
    }
}

impl fmt::Display for RowSum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// What a backup says of the rows of one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableTotals {
    /// How many rows.
    pub rows: u64,
    /// How many bytes they have as they travel.
    pub raw_bytes: u64,
    /// Their sum.
    pub sum: RowSum,
}

/// Names a backup: when it began, to the second in UTC, and six characters by chance. Ids sort by
/// time.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct BackupId(String);

/// The digits behind the time: lower-case base32 (RFC 4648 section 6).
const ID_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";
/// How many there are.
const ID_RANDOM_CHARS: usize = 6;
/// The time in an id.
const ID_TIME: &str = "%Y%m%dT%H%M%SZ";

impl BackupId {
    /// The id of a backup that begins now; `random` are bytes of chance.
    #[must_use]
    pub fn new(now: Timestamp, random: [u8; ID_RANDOM_CHARS]) -> Self {
        let mut text = now.strftime(ID_TIME).to_string();
        text.push('-');
        for byte in random {
            let digit = ID_DIGITS.get(usize::from(byte % 32));
            text.extend(digit.map(|digit| char::from(*digit)));
        }
        Self(text)
    }

    /// Reads an id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(text.to_owned());
        let (_, random) = text.split_once('-')?;
        let is_random =
            random.len() == ID_RANDOM_CHARS && random.bytes().all(|byte| ID_DIGITS.contains(&byte));
        (is_random && id.began_at().is_some()).then_some(id)
    }

    /// When the backup began.
    #[must_use]
    pub fn began_at(&self) -> Option<Timestamp> {
        let (time, _) = self.0.split_once('-')?;
        let digits = time.strip_suffix('Z')?;
        if digits.len() != 15 {
            return None;
        }
        jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", digits)
            .ok()?
            .to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp())
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BackupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for BackupId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("this is no id of a backup"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_tells_when_the_backup_began() {
        let now: Timestamp = "2026-11-28T18:24:17.9Z".parse().unwrap();
        let id = BackupId::new(now, [0, 25, 26, 31, 32, 255]);
        assert_eq!(id.as_str(), "20261128T182417Z-az27a7");
        assert_eq!(BackupId::parse(id.as_str()), Some(id.clone()));
        assert_eq!(id.began_at(), Some("2026-11-28T18:24:17Z".parse().unwrap()));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        for wrong in [
            "",
            "20261128T182417Z",
            "20261128T182417Z-az27a",
            "20261128T182417Z-az27a1",
            "20261328T182417Z-az27a7",
            "20261128T182417-az27a7",
            "../../etc/passwd-az27a7",
            "20261128T182417Z-az27a7/",
        ] {
            assert_eq!(BackupId::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_sum_does_not_depend_on_the_order_and_reads_back() {
        let (mut first, mut second) = (RowSum(u128::MAX), RowSum(5));
        first.add(RowSum(5));
        second.add(RowSum(u128::MAX));
        assert_eq!(first, second);
        assert_eq!(RowSum::parse(&first.to_string()), Some(first));
        assert_eq!(RowSum::parse("+0000000000000000000000000000001"), None);
    }
}
