//! Puts a restored database in the place of another, by their names.

use super::error::LoadError;
use super::progress;
use crate::domain::backup::BackupId;
use crate::domain::postgres_url::PostgresUrl;
use crate::target::dump::postgres::{ServerError, connect, quoted};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::fmt;

/// How the server names these connections in its list of sessions.
const APPLICATION_NAME: &str = "embsec restore swap";
/// Databases that every server has, to be connected to while others are renamed.
const BESIDE: [&str; 2] = ["postgres", "template1"];
/// The longest name, in bytes; the server would cut off the rest of a longer one.
const LONGEST_NAME_BYTES: usize = 63;

/// A session on a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The number of the process of the server.
    pub pid: i32,
    /// The database.
    pub database: String,
    /// What the program calls itself; empty, when the role may not know.
    pub application_name: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.application_name.as_str() {
            "" => "a session",
            name => name,
        };
        write!(f, "{name} (server process {}, {})", self.pid, self.database)
    }
}

/// What became of the former database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swapped {
    /// Its name now; none, when there was no former one.
    pub former: Option<String>,
}

/// The sessions of others on these databases.
pub(super) async fn holders(
    connection: &mut PgConnection,
    databases: &[&str],
) -> Result<Vec<Holder>, ServerError> {
    // Workers that clean up give way by themselves.
    const HOLDERS: &str = "\
        SELECT pid, datname::text, coalesce(application_name, '') FROM pg_stat_activity \
        WHERE datname = ANY ($1) AND pid <> pg_backend_pid() \
            AND coalesce(backend_type, '') NOT IN ('autovacuum worker', 'parallel worker') \
        ORDER BY pid";
    let rows: Vec<(i32, String, String)> = sqlx::query_as(HOLDERS)
        .bind(databases)
        .fetch_all(connection)
        .await?;
    let holder = |(pid, database, application_name)| Holder {
        pid,
        database,
        application_name,
    };
    Ok(rows.into_iter().map(holder).collect())
}

/// Gives the database `from` the name `to`, and the one that has that name `<to>_before_<backup>`:
/// both or neither. Asked again after that, it finds everything done.
///
/// # Errors
///
/// [`LoadError::InUse`] while sessions hold either, [`LoadError::Unfinished`] when the restore is
/// not finished, or when there is no such database, or the server refuses.
pub async fn swap(
    url: &PostgresUrl,
    from: &str,
    to: &str,
    backup: &BackupId,
) -> Result<Swapped, LoadError> {
    let former = format!("{to}_before_{backup}");
    if former.len() > LONGEST_NAME_BYTES {
        return Err(LoadError::Name(former));
    }
    let mut beside = connect_beside(url, from, to).await?;
    let done = rename(&mut beside, url, from, to, &former).await;
    drop(beside.close().await);
    done
}

async fn connect_beside(
    url: &PostgresUrl,
    from: &str,
    to: &str,
) -> Result<PgConnection, ServerError> {
    let mut last = None;
    for database in BESIDE {
        if database == from || database == to {
            continue;
        }
        match connect(url, APPLICATION_NAME, Some(database)).await {
            Ok(connection) => return Ok(connection),
            Err(error @ ServerError::Refused(_)) => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| ServerError::Fault("both databases are the server's own".into())))
}

async fn rename(
    beside: &mut PgConnection,
    url: &PostgresUrl,
    from: &str,
    to: &str,
    former: &str,
) -> Result<Swapped, LoadError> {
    let has_to = exists(beside, to).await?;
    let has_former = exists(beside, former).await?;
    if !exists(beside, from).await? {
        if has_to && has_former {
            return Ok(Swapped {
                former: Some(former.to_owned()),
            });
        }
        return Err(LoadError::NoSuchDatabase(from.to_owned()));
    }
    if has_to && has_former {
        return Err(LoadError::Name(former.to_owned()));
    }
    let mut restored = connect(url, APPLICATION_NAME, Some(from)).await?;
    let own = sqlx::query_scalar("SELECT pg_backend_pid()");
    let own: i32 = own
        .fetch_one(&mut restored)
        .await
        .map_err(ServerError::from)?;
    let begun = progress::begun(&mut restored).await;
    drop(restored.close().await);
    if begun?.is_some() {
        return Err(LoadError::Unfinished(from.to_owned()));
    }
    let mut sql = String::from("BEGIN; ");
    if has_to {
        sql.push_str(&rename_sql(to, former));
    }
    sql.push_str(&rename_sql(from, to));
    sql.push_str("COMMIT");
    // The server takes a moment to see that a session was closed, and waits for that by itself.
    refuse_if_held(beside, from, to, Some(own)).await?;
    let renamed = beside.execute(AssertSqlSafe(sql)).await;
    if let Err(error) = renamed {
        drop(beside.execute("ROLLBACK").await);
        // Somebody came in between.
        refuse_if_held(beside, from, to, None).await?;
        return Err(error.into());
    }
    let former = (has_to || has_former).then(|| former.to_owned());
    Ok(Swapped { former })
}

async fn refuse_if_held(
    beside: &mut PgConnection,
    from: &str,
    to: &str,
    closed: Option<i32>,
) -> Result<(), LoadError> {
    let mut holders = holders(beside, &[from, to]).await?;
    holders.retain(|holder| Some(holder.pid) != closed);
    if holders.is_empty() {
        Ok(())
    } else {
        Err(LoadError::InUse(holders))
    }
}

fn rename_sql(from: &str, to: &str) -> String {
    format!("ALTER DATABASE {} RENAME TO {}; ", quoted(from), quoted(to))
}

async fn exists(connection: &mut PgConnection, database: &str) -> Result<bool, ServerError> {
    const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)";
    Ok(sqlx::query_scalar(EXISTS)
        .bind(database)
        .fetch_one(connection)
        .await?)
}
