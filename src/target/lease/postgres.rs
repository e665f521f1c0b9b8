//! The lease of a PostgreSQL database: a session lock on a connection that does nothing else.

use super::{Lease, LeaseError};
use crate::store::StoreError;
use async_trait::async_trait;
use sqlx::postgres::PgConnection;
use std::time::{Duration, Instant};

/// How long the lock is asked for: the server frees that of a process some time after it ended, and
/// a command that follows another one at once must not find it held.
const PATIENCE: Duration = Duration::from_secs(3);
/// The pause between two questions.
const PAUSE: Duration = Duration::from_millis(50);

/// Names the lock among those of the database: "embs", and a number that no lock of embsec's own
/// databases has.
const LOCK: &str = "SELECT pg_try_advisory_lock(1701667443, 20)";

/// Who has the lock of [`LOCK`]. The name and the time of another role's session are hidden from
/// ordinary roles.
const HOLDER: &str = "\
    SELECT a.pid, a.application_name, a.backend_start::timestamptz(0)::text \
    FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid \
    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 1701667443 AND l.objid = 20 \
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Whether this very session still has it; a pooler between could have given us another one.
const STILL_HELD: &str = "\
    SELECT EXISTS (SELECT FROM pg_locks \
    WHERE locktype = 'advisory' AND granted AND pid = pg_backend_pid() \
      AND classid = 1701667443 AND objid = 20)";

/// The lease of a database on a server.
#[derive(Debug)]
pub struct PostgresLease {
    connection: PgConnection,
}

/// The session went on without the lock.
#[derive(Debug, thiserror::Error)]
#[error("the session no longer has the lock")]
struct NotHeld;

impl PostgresLease {
    /// Takes it on a connection of its own, for as long as that connection lives. The server ends
    /// it with the process.
    ///
    /// # Errors
    ///
    /// Any [`LeaseError`].
    pub async fn take(mut connection: PgConnection) -> Result<Self, LeaseError> {
        const NAME: &str = "SELECT set_config('application_name', $1, false)";
        let _name: String = sqlx::query_scalar(NAME)
            .bind(format!("embsec, process {}", std::process::id()))
            .fetch_one(&mut connection)
            .await
            .map_err(StoreError::from)?;
        let asked = Instant::now();
        loop {
            let taken: bool = sqlx::query_scalar(LOCK)
                .fetch_one(&mut connection)
                .await
                .map_err(StoreError::from)?;
            if taken {
                return Ok(Self { connection });
            }
            if asked.elapsed() >= PATIENCE {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let holder: Option<(i32, Option<String>, Option<String>)> = sqlx::query_as(HOLDER)
            .fetch_optional(&mut connection)
            .await
            .map_err(StoreError::from)?;
        Err(LeaseError::Held {
            holder: holder.map_or_else(|| "another session".to_owned(), describe),
        })
    }
}

fn describe((pid, name, since): (i32, Option<String>, Option<String>)) -> String {
    let mut text = format!("the session {pid} of the server");
    let name = name.filter(|name| !name.is_empty());
    let details: Vec<String> = name
        .into_iter()
        .chain(since.map(|since| format!("since {since}")))
        .collect();
    if !details.is_empty() {
        text.push_str(&format!(" ({})", details.join(", ")));
    }
    text
}

#[async_trait]
impl Lease for PostgresLease {
    async fn check(&mut self) -> Result<(), LeaseError> {
        let held: Result<bool, _> = sqlx::query_scalar(STILL_HELD)
            .fetch_one(&mut self.connection)
            .await;
        match held {
            Ok(true) => Ok(()),
            Ok(false) => Err(LeaseError::Lost(StoreError::Fault(Box::new(NotHeld)))),
            Err(error) => Err(LeaseError::Lost(error.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Database, Server};
    use sqlx::Connection as _;

    async fn connection(database: &Database) -> PgConnection {
        PgConnection::connect(&database.url()).await.unwrap()
    }

    #[tokio::test]
    async fn a_database_is_held_by_one_session_and_freed_by_its_end() {
        for server in [Server::V16, Server::V18] {
            let database = Database::fresh(server);
            let mut lease = PostgresLease::take(connection(&database).await)
                .await
                .unwrap();
            lease.check().await.unwrap();
            let error = PostgresLease::take(connection(&database).await).await;
            let error = error.unwrap_err().to_string();
            assert!(error.contains(&std::process::id().to_string()), "{error}");
            // A session that ends only now does not stand in the way.
            let ends = tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(500)).await;
                drop(lease);
            });
            let mut lease = PostgresLease::take(connection(&database).await)
                .await
                .unwrap();
            ends.await.unwrap();
            // Another database of the same server is another thing.
            let other = Database::fresh(server);
            assert!(PostgresLease::take(connection(&other).await).await.is_ok());
            // The server sees the death of the process as the end of the connection.
            database.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE application_name LIKE 'embsec, process%' \
                   AND datname = current_database()",
            );
            assert!(matches!(lease.check().await, Err(LeaseError::Lost(_))));
            let mut again = PostgresLease::take(connection(&database).await)
                .await
                .unwrap();
            again.check().await.unwrap();
        }
    }
}
