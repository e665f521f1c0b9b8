//! The versions of the schema: what a file has, what this binary needs, how it gets there.
//!
//! The migrations are in `migrations/sqlite`, compiled in. One that was released is never
//! changed: its checksum is in every database that it was applied to.

use super::connect::{self, Sharing};
use super::error::OpenError;
use crate::store::SchemaStep;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Row as _, SqlStr};
use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};

/// Where the checksums of applied migrations are kept.
const MIGRATIONS_TABLE: &str = "embsec_migrations";

/// Every migration: number, name, SQL.
const MIGRATIONS: [(i64, &str, &str); 5] = [
    (
        1,
        "first_schema",
        include_str!("../../../migrations/sqlite/0001_first_schema.sql"),
    ),
    (
        2,
        "read_only",
        include_str!("../../../migrations/sqlite/0002_read_only.sql"),
    ),
    (
        3,
        "imports",
        include_str!("../../../migrations/sqlite/0003_imports.sql"),
    ),
    (
        4,
        "keys",
        include_str!("../../../migrations/sqlite/0004_keys.sql"),
    ),
    (
        5,
        "drills",
        include_str!("../../../migrations/sqlite/0005_drills.sql"),
    ),
];

/// A file that is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The version of the file; 0 for an empty one.
    pub from: i64,
    /// The version after migration.
    pub to: i64,
}

/// What a migration did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Migrated {
    /// The version before; 0 for an empty file.
    pub from: i64,
    /// The version now.
    pub to: i64,
    /// The copy of the file as it was before; none for an empty file.
    pub copy: Option<PathBuf>,
}

/// What the file needs before it can be opened; `None` when it is up to date.
///
/// # Errors
///
/// Any [`OpenError`] but [`OpenError::Pending`].
pub async fn pending(path: &Path) -> Result<Option<Pending>, OpenError> {
    pending_to_read(path, Sharing::Anybody).await
}

/// As [`pending`], of a file that is only read, with nobody or anybody else who has it open.
///
/// # Errors
///
/// As [`pending`].
pub async fn pending_to_read(path: &Path, sharing: Sharing) -> Result<Option<Pending>, OpenError> {
    pending_of(inspect_as(path, sharing).await?, &known())
}

/// Brings the file to the newest version, after a copy of it beside: `<file>.before-N` with N the
/// version before. Returns `None` when there was nothing to do. A copy that exists is kept and the
/// new one gets a further number.
///
/// # Errors
///
/// Any [`OpenError`] but [`OpenError::Pending`]. Each version is one transaction, so the file has
/// one of the versions between, and the copy stays.
pub async fn migrate(path: &Path) -> Result<Option<Migrated>, OpenError> {
    migrate_to(path, known()).await
}

/// What a file has, without changing it.
///
/// # Errors
///
/// Any [`OpenError`] but [`OpenError::Pending`] and [`OpenError::Newer`].
pub async fn inspect(path: &Path) -> Result<Version, OpenError> {
    inspect_as(path, Sharing::Anybody).await
}

async fn inspect_as(path: &Path, sharing: Sharing) -> Result<Version, OpenError> {
    if !connect::is_there(path)? {
        return Err(OpenError::NoSuchDatabase(path.to_owned()));
    }
    let mut connection = connect::connect_reader(path, sharing).await?;
    let found = version_of(&mut connection, path).await;
    let closed = connect::disconnect(connection, path).await;
    let found = found?;
    closed?;
    Ok(found)
}

/// The newest version that this binary knows.
#[must_use]
pub fn newest() -> i64 {
    newest_of(&known())
}

/// What a file that has this version still lacks.
#[must_use]
pub fn steps_after(version: i64) -> Vec<SchemaStep> {
    MIGRATIONS
        .iter()
        .filter(|(number, ..)| *number > version)
        .map(|(version, name, _)| SchemaStep {
            version: *version,
            name,
        })
        .collect()
}

fn known() -> Vec<Migration> {
    MIGRATIONS
        .iter()
        .map(|(version, name, sql)| {
            Migration::new(
                *version,
                Cow::Borrowed(*name),
                MigrationType::Simple,
                SqlStr::from_static(sql),
                false,
            )
        })
        .collect()
}

fn newest_of(migrations: &[Migration]) -> i64 {
    migrations.iter().map(|m| m.version).max().unwrap_or(0)
}

/// What a file says of its schema; zeros for an empty file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its version.
    pub version: i64,
    /// The lowest version that a binary must know to work on it.
    pub oldest_binary: i64,
}

fn pending_of(found: Version, migrations: &[Migration]) -> Result<Option<Pending>, OpenError> {
    let to = newest_of(migrations);
    if found.oldest_binary > to {
        return Err(OpenError::Newer {
            found: found.version,
            known: to,
        });
    }
    Ok((found.version < to).then_some(Pending {
        from: found.version,
        to,
    }))
}

async fn version_of(connection: &mut SqliteConnection, path: &Path) -> Result<Version, OpenError> {
    const TABLES: &str = "\
        SELECT count(*), count(*) FILTER (WHERE name = 'embsec_schema') \
        FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    const VERSION: &str = "SELECT version, oldest_binary FROM embsec_schema";
    let driver = |error| OpenError::from_driver(error, path);
    let tables = sqlx::query(TABLES)
        .fetch_one(&mut *connection)
        .await
        .map_err(driver)?;
    let all: i64 = tables.try_get(0).map_err(driver)?;
    let ours: i64 = tables.try_get(1).map_err(driver)?;
    if all == 0 {
        return Ok(Version {
            version: 0,
            oldest_binary: 0,
        });
    }
    if ours == 0 {
        return Err(OpenError::Foreign(path.to_owned()));
    }
    let row = sqlx::query(VERSION)
        .fetch_optional(connection)
        .await
        .map_err(driver)?
        .ok_or_else(|| OpenError::Foreign(path.to_owned()))?;
    Ok(Version {
        version: row.try_get(0).map_err(driver)?,
        oldest_binary: row.try_get(1).map_err(driver)?,
    })
}

async fn migrate_to(
    path: &Path,
    migrations: Vec<Migration>,
) -> Result<Option<Migrated>, OpenError> {
    let Some(pending) = pending_of(inspect(path).await?, &migrations)? else {
        return Ok(None);
    };
    let mut connection = connect::connect_writer(path).await?;
    let done = copy_and_apply(&mut connection, path, migrations, pending).await;
    let closed = connect::disconnect(connection, path).await;
    let migrated = done?;
    closed?;
    Ok(Some(migrated))
}

async fn copy_and_apply(
    connection: &mut SqliteConnection,
    path: &Path,
    migrations: Vec<Migration>,
    pending: Pending,
) -> Result<Migrated, OpenError> {
    let copy = if pending.from == 0 {
        None
    } else {
        Some(copy_beside(connection, path, pending.from).await?)
    };
    let mut migrator = Migrator::with_migrations(migrations);
    migrator.dangerous_set_table_name(MIGRATIONS_TABLE);
    migrator
        .run_direct(None, connection, false)
        .await
        .map_err(|error| migration_error(error, path))?;
    Ok(Migrated {
        from: pending.from,
        to: pending.to,
        copy,
    })
}

fn migration_error(error: sqlx::migrate::MigrateError, path: &Path) -> OpenError {
    use sqlx::migrate::MigrateError;
    match error {
        MigrateError::VersionMismatch(version) | MigrateError::VersionMissing(version) => {
            OpenError::Altered(version)
        }
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
            OpenError::from_driver(error, path)
        }
        other => OpenError::Fault(Box::new(other)),
    }
}

/// Copies the whole database, compacted, into a new private file and makes it durable.
async fn copy_beside(
    connection: &mut SqliteConnection,
    path: &Path,
    version: i64,
) -> Result<PathBuf, OpenError> {
    const COPY: &str = "VACUUM INTO $1";
    let copy = create_copy_file(path, version)?;
    let text = copy
        .to_str()
        .ok_or_else(|| OpenError::file(&copy)(std::io::ErrorKind::InvalidFilename.into()))?;
    let copied = sqlx::query(COPY).bind(text).execute(connection).await;
    let durable = copied
        .map_err(|error| OpenError::from_driver(error, path))
        .and_then(|_| sync(&copy))
        .and_then(|()| sync(folder_of(path)));
    if let Err(error) = durable {
        // Half a copy would look like a whole one; the first error is the one to tell.
        drop(std::fs::remove_file(&copy));
        return Err(error);
    }
    Ok(copy)
}

/// An empty private file under the first name that is free; `VACUUM INTO` accepts an empty file.
fn create_copy_file(path: &Path, version: i64) -> Result<PathBuf, OpenError> {
    let mut further = 0_u32;
    loop {
        let mut name = OsString::from(path);
        name.push(format!(".before-{version}"));
        if further > 0 {
            name.push(format!(".{further}"));
        }
        let copy = PathBuf::from(name);
        match connect::create_private(&copy) {
            Ok(()) => return Ok(copy),
            Err(OpenError::File { source, .. })
                if source.kind() == std::io::ErrorKind::AlreadyExists && further < u32::MAX =>
            {
                further += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn sync(path: &Path) -> Result<(), OpenError> {
    File::open(path)
        .and_then(|file| file.sync_all())
        .map_err(OpenError::file(path))
}

#[cfg(test)]
mod tests;
