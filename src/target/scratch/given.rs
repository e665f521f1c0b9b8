//! A database of its own on a server that is given, instead of a server of its own.

use super::error::ScratchError;
use super::needs::Needs;
use super::session::{
    code_of, connect, create_database, database_of, in_database, is_answer, literal,
};
use crate::domain::postgres_url::PostgresUrl;
use crate::sys::rng::Rng;
use crate::target::dump::postgres::quoted;
use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
use std::thread;
use std::time::Duration;

/// How the names of databases begin that restores are tried in.
pub(super) const GUARD: &str = "embsec_restore_test";
/// How many characters by chance end them.
const CHANCE: usize = 16;
/// The digits of chance (RFC 4648 section 6).
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The databases from which others are made and dropped, as every server has them.
const BESIDE: [&str; 2] = ["postgres", "template1"];
/// How the comment on such a database begins; the time when it was made follows.
const COMMENT: &str = "made by embsec restore-test at ";
/// When one that was left behind is dropped.
const LEFT_OVER_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// How long dropping may take on the way out of an error.
const DROP_PATIENCE: Duration = Duration::from_secs(10);

/// The time of the server, as it is written here.
const NOW: &str = "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')";
const COMMENTED: &str = "\
    SELECT datname::text, coalesce(shobj_description(oid, 'pg_database'), '') \
    FROM pg_database WHERE starts_with(datname::text, $1)";
const EXTENSIONS: &str = "SELECT name::text, default_version FROM pg_available_extensions";

/// A database of its own on a given server. It is dropped by [`Self::finish`], and with this value.
#[derive(Debug)]
pub struct GuardedServer {
    beside: PostgresUrl,
    url: PostgresUrl,
    name: String,
    left_overs: Vec<String>,
    is_dropped: bool,
}

impl GuardedServer {
    /// Makes a database with a name by chance on the server of a URL, after dropping those that
    /// were left there more than a day ago and that nobody uses. The database of the URL itself is
    /// not touched: it is `postgres`, or has the name of a restore test, or is not there.
    ///
    /// # Errors
    ///
    /// [`ScratchError::NotGuarded`], [`ScratchError::OldServer`], [`ScratchError::NoExtension`],
    /// [`ScratchError::OldExtension`], [`ScratchError::NoRight`], or those of the server.
    pub async fn make(
        url: &PostgresUrl,
        needs: &Needs,
        rng: &dyn Rng,
    ) -> Result<Self, ScratchError> {
        let mut chance = [0; CHANCE];
        rng.fill(&mut chance)?;
        let (beside, mut connection) = connect_beside(url).await?;
        check_name(&mut connection, &database_of(url)?).await?;
        check_server(&mut connection, &beside, needs).await?;
        let (now, left_overs) = drop_left_overs(&mut connection).await?;
        let digits = chance
            .iter()
            .map(|byte| char::from(DIGITS[usize::from(byte % 32)]));
        let name: String = GUARD.chars().chain(['_']).chain(digits).collect();
        create(&mut connection, &name, needs).await?;
        // From here on it is dropped, whatever goes wrong.
        let made = Self {
            url: in_database(url, &name)?,
            beside,
            name,
            left_overs,
            is_dropped: false,
        };
        let comment = literal(&format!("{COMMENT}{now}"));
        let sql = format!("COMMENT ON DATABASE {} IS {comment}", quoted(&made.name));
        connection.execute(AssertSqlSafe(sql)).await?;
        // Whether it ends politely or not makes no difference any more.
        drop(connection.close().await);
        Ok(made)
    }

    /// The database.
    #[must_use]
    pub const fn url(&self) -> &PostgresUrl {
        &self.url
    }

    /// The databases of earlier runs that were dropped.
    #[must_use]
    pub fn left_overs(&self) -> &[String] {
        &self.left_overs
    }

    /// Drops the database, whoever is connected to it.
    ///
    /// # Errors
    ///
    /// Those of the server. The database is then dropped by a run of another day.
    pub async fn finish(mut self) -> Result<(), ScratchError> {
        self.is_dropped = true;
        Ok(drop_database(&self.beside, &self.name).await?)
    }
}

impl Drop for GuardedServer {
    fn drop(&mut self) {
        if self.is_dropped {
            return;
        }
        let (beside, name) = (self.beside.clone(), self.name.clone());
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                let dropping = async {
                    tokio::time::timeout(DROP_PATIENCE, drop_database(&beside, &name)).await
                };
                // Reached on the way out of another error, which is the one to report; what stays
                // is dropped by a run of another day.
                drop(runtime.block_on(dropping));
            }
        });
        drop(dropping.join());
    }
}

/// Whether a database is one that a restore was tried in, by its name.
fn is_guarded(name: &str) -> bool {
    let chance = name
        .strip_prefix(GUARD)
        .and_then(|rest| rest.strip_prefix('_'));
    chance.is_some_and(|chance| {
        chance.len() == CHANCE && chance.bytes().all(|byte| DIGITS.contains(&byte))
    })
}

/// Connects to a database from which others can be made.
async fn connect_beside(url: &PostgresUrl) -> Result<(PostgresUrl, PgConnection), ScratchError> {
    let [first, second] = BESIDE;
    let beside = in_database(url, first)?;
    match connect(&beside).await {
        Ok(connection) => Ok((beside, connection)),
        // There is no such database.
        Err(error) if code_of(&error).as_deref() == Some("3D000") => {
            let beside = in_database(url, second)?;
            let connection = connect(&beside).await?;
            Ok((beside, connection))
        }
        Err(error) => Err(error.into()),
    }
}

/// A URL that names a database with data in it was not meant for this.
async fn check_name(connection: &mut PgConnection, name: &str) -> Result<(), ScratchError> {
    if name == BESIDE[0] || name.starts_with(GUARD) {
        return Ok(());
    }
    let exists: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)")
            .bind(name)
            .fetch_one(connection)
            .await?;
    if exists {
        return Err(ScratchError::NotGuarded(name.to_owned()));
    }
    Ok(())
}

async fn check_server(
    connection: &mut PgConnection,
    url: &PostgresUrl,
    needs: &Needs,
) -> Result<(), ScratchError> {
    let version: String = sqlx::query_scalar("SHOW server_version")
        .fetch_one(&mut *connection)
        .await?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    if digits.parse().unwrap_or(0_u32) < needs.at_least_major {
        return Err(ScratchError::OldServer {
            needed: needs.at_least_major,
            found: vec![format!("{} ({version})", url.place())],
        });
    }
    let installed: Vec<(String, Option<String>)> =
        sqlx::query_as(EXTENSIONS).fetch_all(connection).await?;
    needs.check_extensions(
        &format!("PostgreSQL {version} at {}", url.place()),
        |name| {
            let found = installed.iter().find(|(found, _)| found == name);
            found.map(|(_, version)| version.clone().unwrap_or_default())
        },
    )
}

/// Makes the database with the encoding of the backup, and its order of texts where the server has
/// that.
async fn create(
    connection: &mut PgConnection,
    name: &str,
    needs: &Needs,
) -> Result<(), ScratchError> {
    let clauses = |collation: &str| {
        let encoding = literal(&needs.encoding);
        let collation = literal(collation);
        format!(" ENCODING {encoding} LC_COLLATE {collation} LC_CTYPE {collation}")
    };
    if let Some(wished) = needs.wished_collation() {
        match create_database(connection, name, &clauses(wished)).await {
            Err(error) if is_answer(&error) => {}
            result => return result,
        }
    }
    create_database(connection, name, &clauses("C")).await
}

/// Drops what killed runs left: databases with the name and the comment of one, more than a day
/// old, and used by nobody. Returns the time of the server, and their names.
async fn drop_left_overs(
    connection: &mut PgConnection,
) -> Result<(String, Vec<String>), ScratchError> {
    let now: String = sqlx::query_scalar(NOW).fetch_one(&mut *connection).await?;
    let found: Vec<(String, String)> = sqlx::query_as(COMMENTED)
        .bind(GUARD)
        .fetch_all(&mut *connection)
        .await?;
    let mut dropped = Vec::new();
    for (name, comment) in found {
        if !is_guarded(&name) || !is_left_over(&comment, &now) {
            continue;
        }
        let sql = format!("DROP DATABASE {}", quoted(&name));
        // One in use, or of another role, stays.
        if connection.execute(AssertSqlSafe(sql)).await.is_ok() {
            dropped.push(name);
        }
    }
    Ok((now, dropped))
}

/// Whether a comment says that a database was made more than a day ago.
fn is_left_over(comment: &str, now: &str) -> bool {
    let made: Option<Timestamp> = comment
        .strip_prefix(COMMENT)
        .and_then(|time| time.parse().ok());
    let now: Option<Timestamp> = now.parse().ok();
    matches!((made, now), (Some(made), Some(now)) if now.duration_since(made) > LEFT_OVER_AFTER)
}

async fn drop_database(beside: &PostgresUrl, name: &str) -> Result<(), sqlx::Error> {
    let mut connection = connect(beside).await?;
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name));
    connection.execute(AssertSqlSafe(sql)).await?;
    drop(connection.close().await);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_database_with_the_whole_name_is_one_of_a_restore_test() {
        assert!(is_guarded("embsec_restore_test_abcdefghijklm234"));
        for other in [
            "embsec_restore_test",
            "embsec_restore_test_",
            "embsec_restore_test_abcdefghijklm23",
            "embsec_restore_test_abcdefghijklm2345",
            "embsec_restore_test_ABCDEFGHIJKLM234",
            "embsec_restore_tests_abcdefghijklm23",
        ] {
            assert!(!is_guarded(other), "{other}");
        }
    }

    #[test]
    fn only_a_comment_of_ours_makes_a_database_old() {
        let now = "2026-11-28T18:24:17Z";
        let of = |time: &str| is_left_over(&format!("{COMMENT}{time}"), now);
        assert!(of("2026-11-27T18:24:16Z") && of("2020-01-01T00:00:00Z"));
        assert!(!of("2026-11-27T18:24:17Z") && !of("2027-01-01T00:00:00Z") && !of("long ago"));
        assert!(!is_left_over("2020-01-01T00:00:00Z", now) && !is_left_over("", now));
    }
}
