//! The versions of the schema: what a database has, what this binary works on, how it gets there.
//!
//! The migrations are in `migrations/postgres`, compiled in, in pairs with those of SQLite. One
//! that was released is never changed: its checksum is in every database that it was applied to.
//!
//! A migration first only adds, so that processes of the version before go on working beside those
//! of the new one; what is no longer needed is taken away by a later one, which raises
//! `oldest_binary`.

use super::connect::{self, Features, SCHEMA};
use super::error::OpenError;
use crate::domain::postgres_url::PostgresUrl;
use crate::store::SchemaStep;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::PgConnection;
use sqlx::{Connection as _, Row as _, SqlStr};
use std::borrow::Cow;
use std::time::Duration;

/// Where the checksums of applied migrations are kept.
const MIGRATIONS_TABLE: &str = "embsec_migrations";

/// The oldest schema that this binary works on: without what came later, only the commands that
/// need it refuse.
const OLDEST_SCHEMA: i64 = 4;

/// Every migration: number, name, SQL.
const MIGRATIONS: [(i64, &str, &str); 5] = [
    (
        1,
        "first_schema",
        include_str!("../../../migrations/postgres/0001_first_schema.sql"),
    ),
    (
        2,
        "read_only",
        include_str!("../../../migrations/postgres/0002_read_only.sql"),
    ),
    (
        3,
        "imports",
        include_str!("../../../migrations/postgres/0003_imports.sql"),
    ),
    (
        4,
        "keys",
        include_str!("../../../migrations/postgres/0004_keys.sql"),
    ),
    (
        5,
        "drills",
        include_str!("../../../migrations/postgres/0005_drills.sql"),
    ),
];

/// What a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing: no table of anybody.
    Nothing,
    /// Tables of another program, and no schema of embsec.
    Foreign,
    /// A schema of embsec.
    Schema {
        /// Its version.
        version: i64,
        /// The lowest schema version that a binary must know to work on it.
        oldest_binary: i64,
    },
}

/// The newest version that this binary knows.
#[must_use]
pub fn newest() -> i64 {
    MIGRATIONS
        .iter()
        .map(|(version, ..)| *version)
        .max()
        .unwrap_or(0)
}

/// The statements that make an empty schema of this version, in order, with the number of each
/// migration. Every name in them is looked up in the schema `embsec`.
pub fn scripts(up_to: i64) -> impl Iterator<Item = (i64, &'static str)> {
    MIGRATIONS
        .iter()
        .filter(move |(number, ..)| *number <= up_to)
        .map(|(number, _, sql)| (*number, *sql))
}

/// What a database that has this version still lacks.
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

/// Looks at a database, and changes nothing.
///
/// # Errors
///
/// When it cannot be reached or looked at.
pub async fn inspect(url: &PostgresUrl, timeout: Duration) -> Result<Found, OpenError> {
    let mut connection = connect::connect(url, timeout).await?;
    let found = look(&mut connection, url).await;
    drop(connection.close().await);
    found
}

/// Brings a database to the newest version, or to `target`, while no other process does the same.
/// Returns the version before. Each version is one transaction, so that the database has one of
/// the versions between whatever happens.
///
/// # Errors
///
/// Any [`OpenError`] but [`OpenError::Pending`].
pub async fn migrate(
    url: &PostgresUrl,
    timeout: Duration,
    target: Option<i64>,
) -> Result<i64, OpenError> {
    let mut connection = connect::connect(url, timeout).await?;
    let migrated = lock_and_migrate(&mut connection, url, target).await;
    // Closing ends the session, and with it the lock.
    drop(connection.close().await);
    migrated
}

async fn lock_and_migrate(
    connection: &mut PgConnection,
    url: &PostgresUrl,
    target: Option<i64>,
) -> Result<i64, OpenError> {
    /// "embs" as a number, and the second of the locks of embsec.
    const LOCK: &str = "SELECT pg_try_advisory_lock(1701667443, 2)";
    let driver = |error| OpenError::from_driver(error, &url.to_string());
    let locked: bool = sqlx::query_scalar(LOCK)
        .fetch_one(&mut *connection)
        .await
        .map_err(driver)?;
    if !locked {
        return Err(OpenError::Busy(url.to_string()));
    }
    let before = match look(connection, url).await? {
        Found::Nothing => 0,
        Found::Foreign => return Err(OpenError::Foreign(url.to_string())),
        Found::Schema {
            version,
            oldest_binary,
        } => {
            refuse_newer(version, oldest_binary)?;
            version
        }
    };
    if before < target.unwrap_or_else(newest) {
        let features = provide_extension(connection, url).await?;
        provide_schema(connection, url, &features).await?;
        apply(connection, url, target).await?;
    }
    Ok(before)
}

/// The extension, made where the role may do that.
async fn provide_extension(
    connection: &mut PgConnection,
    url: &PostgresUrl,
) -> Result<Features, OpenError> {
    const CREATE: &str = "CREATE EXTENSION IF NOT EXISTS vector";
    match connect::features(connection, url).await {
        Err(OpenError::NoExtension(database)) => {
            // Whatever the reason, what the operator has to do is the same.
            let created = sqlx::query(CREATE).execute(&mut *connection).await;
            if created.is_err() {
                return Err(OpenError::NoExtension(database));
            }
            connect::features(connection, url).await
        }
        other => other,
    }
}

async fn provide_schema(
    connection: &mut PgConnection,
    url: &PostgresUrl,
    features: &Features,
) -> Result<(), OpenError> {
    const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)";
    const CREATE: &str = "CREATE SCHEMA embsec";
    let driver = |error| OpenError::from_driver(error, &url.to_string());
    let exists: bool = sqlx::query_scalar(EXISTS)
        .bind(SCHEMA)
        .fetch_one(&mut *connection)
        .await
        .map_err(driver)?;
    if !exists {
        sqlx::query(CREATE)
            .execute(&mut *connection)
            .await
            .map_err(
                |error| match OpenError::from_driver(error, &url.to_string()) {
                    OpenError::NoRight { database, .. } => OpenError::NoRight {
                        database,
                        what: "to create the schema `embsec` (CREATE on the database)",
                    },
                    other => other,
                },
            )?;
    }
    connect::prepare(connection, features, None)
        .await
        .map_err(driver)
}

async fn apply(
    connection: &mut PgConnection,
    url: &PostgresUrl,
    target: Option<i64>,
) -> Result<(), OpenError> {
    use sqlx::migrate::MigrateError;
    let migrations = MIGRATIONS
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
        .collect();
    let mut migrator = Migrator::with_migrations(migrations);
    migrator.dangerous_set_table_name(MIGRATIONS_TABLE);
    // The lock of the schema is held already.
    migrator.set_locking(false);
    migrator
        .run_direct(target, connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::VersionMismatch(version) | MigrateError::VersionMissing(version) => {
                OpenError::Altered(version)
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                OpenError::from_driver(error, &url.to_string())
            }
            other => OpenError::Fault(Box::new(other)),
        })
}

pub(super) async fn look(
    connection: &mut PgConnection,
    url: &PostgresUrl,
) -> Result<Found, OpenError> {
    const TABLES: &str = "\
        SELECT to_regclass('embsec.embsec_schema') IS NOT NULL, EXISTS ( \
            SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
            WHERE c.relkind IN ('r', 'p') AND n.nspname NOT LIKE 'pg\\_%' \
                AND n.nspname NOT IN ('information_schema', 'embsec') \
                AND NOT EXISTS (SELECT 1 FROM pg_depend AS d \
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid \
                        AND d.deptype = 'e'))";
    const VERSION: &str = "SELECT version, oldest_binary FROM embsec.embsec_schema";
    let driver = |error| OpenError::from_driver(error, &url.to_string());
    let tables = sqlx::query(TABLES)
        .fetch_one(&mut *connection)
        .await
        .map_err(driver)?;
    if !tables.try_get::<bool, _>(0).map_err(driver)? {
        let others: bool = tables.try_get(1).map_err(driver)?;
        return Ok(if others {
            Found::Foreign
        } else {
            Found::Nothing
        });
    }
    let row = sqlx::query(VERSION)
        .fetch_one(connection)
        .await
        .map_err(driver)?;
    Ok(Found::Schema {
        version: row.try_get(0).map_err(driver)?,
        oldest_binary: row.try_get(1).map_err(driver)?,
    })
}

/// Refuses a database that this binary cannot work on.
///
/// # Errors
///
/// [`OpenError::Foreign`], [`OpenError::Newer`] or [`OpenError::Pending`].
pub(super) fn require(found: Found, url: &PostgresUrl) -> Result<(), OpenError> {
    match found {
        Found::Foreign => Err(OpenError::Foreign(url.to_string())),
        Found::Schema {
            version,
            oldest_binary,
        } => {
            refuse_newer(version, oldest_binary)?;
            if version < OLDEST_SCHEMA {
                return Err(pending(version));
            }
            Ok(())
        }
        Found::Nothing => Err(pending(0)),
    }
}

const fn pending(from: i64) -> OpenError {
    OpenError::Pending {
        from,
        needed: OLDEST_SCHEMA,
    }
}

fn refuse_newer(version: i64, oldest_binary: i64) -> Result<(), OpenError> {
    if oldest_binary > newest() {
        return Err(OpenError::Newer {
            found: version,
            known: newest(),
        });
    }
    Ok(())
}
