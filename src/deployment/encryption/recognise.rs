//! Whose tables a database holds.

use super::TargetError;
use crate::deployment::transfer::OtherSide;
use crate::store::postgres;
use crate::store::postgres::schema::Found;
use crate::target::embapi;
use crate::target::error::OpenError;
use crate::target::llm_proxy;
use crate::target::postgres::PostgresRows;
use crate::target::sqlite::SqliteRows;
use std::time::Duration;

/// What every database of embsec's has on SQLite.
const EMBSEC_FILE: (&str, &[&str]) = ("embsec_migrations", &["version"]);
/// How long the server may take to answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Whose tables were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// Those of embsec.
    Embsec,
    /// Those of embapi.
    Embapi,
    /// Those of llm-proxy.
    LlmProxy,
}

impl Recognised {
    const fn program(self) -> &'static str {
        match self {
            Self::Embsec => "embsec",
            Self::Embapi => "embapi",
            Self::LlmProxy => "llm-proxy",
        }
    }
}

/// Looks whose tables a database holds, and leaves no trace.
///
/// # Errors
///
/// [`TargetError::Ambiguous`] or [`TargetError::Unknown`], or when it cannot be opened.
pub async fn recognise(database: &OtherSide) -> Result<Recognised, TargetError> {
    let mut found = Vec::new();
    match database {
        OtherSide::Sqlite(path) => {
            let mut rows = SqliteRows::open_to_read(path)?;
            if rows.has_columns(EMBSEC_FILE.0, EMBSEC_FILE.1)? {
                found.push(Recognised::Embsec);
            }
            let mut is_llm_proxy = true;
            for (table, columns) in llm_proxy::MARKS {
                is_llm_proxy = is_llm_proxy && rows.has_columns(table, columns)?;
            }
            if is_llm_proxy {
                found.push(Recognised::LlmProxy);
            }
        }
        OtherSide::Postgres(url) => {
            let mut rows = PostgresRows::open_to_read(url).await?;
            let own = postgres::schema::inspect(url, CONNECT_TIMEOUT).await;
            let own = own.map_err(|error| OpenError::Fault(Box::new(error)))?;
            if matches!(own, Found::Schema { .. }) {
                found.push(Recognised::Embsec);
            }
            if embapi::is_embapi(url).await.map_err(OpenError::from)? {
                found.push(Recognised::Embapi);
            }
            let mut is_llm_proxy = true;
            for (table, columns) in llm_proxy::MARKS {
                is_llm_proxy = is_llm_proxy && rows.has_columns(table, columns).await?;
            }
            if is_llm_proxy {
                found.push(Recognised::LlmProxy);
            }
        }
    }
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(TargetError::Unknown(database.name())),
        several => Err(TargetError::Ambiguous {
            database: database.name(),
            programs: several.iter().map(|one| one.program()).collect(),
        }),
    }
}
