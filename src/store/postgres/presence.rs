//! Whether the server is there at all, so that nobody waits for a connection that cannot come.
//!
//! The pool tries again for as long as a caller would wait for a free connection, also while the
//! server refuses every one. Here those who wait ask the server themselves, all of them together
//! twice a second, and give up when it is away: an outage is answered soon, and a health check
//! does not hang. A pool that is merely busy changes nothing.

use super::error;
use crate::store::StoreResult;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use std::fmt;
use std::future::Future;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a caller waits before the first doubt. Almost all have a connection long before.
const DOUBT: Duration = Duration::from_millis(250);
/// What the server shows of a connection that asks: it is not one of the pool.
const APPLICATION_NAME: &str = "embsec presence";
/// How long an answer is believed.
const BELIEVED: Duration = Duration::from_millis(500);

/// Knows how to ask the server.
pub(super) struct Presence {
    options: PgConnectOptions,
    timeout: Duration,
    /// When it was asked last, and whether it was away.
    last: Mutex<Option<(Instant, bool)>>,
}

impl Presence {
    pub(super) fn new(options: PgConnectOptions, timeout: Duration) -> Self {
        Self {
            options: options.application_name(APPLICATION_NAME),
            timeout,
            last: Mutex::new(None),
        }
    }

    /// Does what needs a connection, unless the server turns out to be away meanwhile.
    pub(super) async fn unless_away<T>(
        &self,
        work: impl Future<Output = StoreResult<T>>,
    ) -> StoreResult<T> {
        tokio::select! {
            biased;
            done = work => done,
            () = self.absence() => Err(sqlx::Error::PoolTimedOut.into()),
        }
    }

    /// Comes back when the server is known to be away.
    async fn absence(&self) {
        loop {
            tokio::time::sleep(DOUBT).await;
            if self.is_away().await {
                return;
            }
        }
    }

    async fn is_away(&self) -> bool {
        let mut last = self.last.lock().await;
        if let Some((asked, away)) = *last
            && asked.elapsed() < BELIEVED
        {
            return away;
        }
        let away = self.ask().await;
        *last = Some((Instant::now(), away));
        away
    }

    /// Only a clear answer counts: a server that is slow, full or choosy is there.
    async fn ask(&self) -> bool {
        let asked = tokio::time::timeout(self.timeout, self.options.connect());
        match asked.await {
            Ok(Ok(connection)) => {
                leave(connection).await;
                false
            }
            Ok(Err(error)) => error::is_away(&error),
            Err(_) => false,
        }
    }
}

async fn leave(connection: PgConnection) {
    // Whether it ends politely or not makes no difference any more.
    drop(connection.close().await);
}

/// The options hold the password.
impl fmt::Debug for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presence").finish_non_exhaustive()
    }
}
