//! The schema of a deployment's database: what it is, and bringing it up to date.

use super::database::{Migrated, lock, postgres_options, refuse_foreign_database, server_url};
use super::open::{OpenError, Purpose, schema_event};
use crate::audit::{AuditLog as _, AuditWriter};
use crate::config::database::Location;
use crate::config::{Config, Environment};
use crate::store::postgres::schema::Found;
use crate::store::postgres::{self, vector_index};
use crate::store::{SchemaStep, sqlite};
use crate::sys::clock::Clock;
use crate::sys::owner;
use crate::sys::rng::Rng;
use std::path::Path;
use std::sync::Arc;

/// What a database has and lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaState {
    /// The database, without a password.
    pub database: String,
    /// The version that it has; 0 for an empty one.
    pub version: i64,
    /// The lowest version that a binary must know to work on it.
    pub oldest_binary: i64,
    /// The newest version that this binary knows.
    pub newest: i64,
    /// What is still to be applied, in order.
    pub pending: Vec<SchemaStep>,
    /// Numbers of components that instances have and no index of nearest vectors serves.
    pub missing_indexes: Vec<u32>,
}

impl SchemaState {
    /// Whether a newer embsec wrote it in a way that this one does not understand.
    #[must_use]
    pub const fn is_too_new(&self) -> bool {
        self.oldest_binary > self.newest
    }

    /// Whether nothing is left to do.
    #[must_use]
    pub const fn is_current(&self) -> bool {
        self.pending.is_empty() && self.missing_indexes.is_empty()
    }
}

/// The parts of a command that works on the schema.
pub struct SchemaRequest<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Where references of settings lead.
    pub environment: &'a Environment,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub rng: Arc<dyn Rng>,
    /// The user that runs the command.
    pub uid: u32,
}

impl SchemaRequest<'_> {
    /// Looks at the schema, and changes nothing.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached, or is not embsec's.
    pub async fn state(&self) -> Result<SchemaState, OpenError> {
        match &self.config.database.location {
            Location::Sqlite(path) => self.state_of_file(path).await,
            Location::Postgres(_) => self.state_of_server().await,
        }
    }

    async fn state_of_file(&self, path: &Path) -> Result<SchemaState, OpenError> {
        refuse_foreign_database(path, self.uid)?;
        let found = sqlite::schema::inspect(path).await?;
        Ok(SchemaState {
            database: format!("sqlite:{}", path.display()),
            version: found.version,
            oldest_binary: found.oldest_binary,
            newest: sqlite::schema::newest(),
            pending: sqlite::schema::steps_after(found.version),
            missing_indexes: Vec::new(),
        })
    }

    async fn state_of_server(&self) -> Result<SchemaState, OpenError> {
        let url = server_url(&self.config.database, self.environment)?;
        let timeout = self.config.database.connect_timeout;
        let (version, oldest_binary) = match postgres::schema::inspect(&url, timeout).await? {
            Found::Nothing => (0, 0),
            Found::Foreign => return Err(postgres::OpenError::Foreign(url.to_string()).into()),
            Found::Schema {
                version,
                oldest_binary,
            } => (version, oldest_binary),
        };
        let newest = postgres::schema::newest();
        let missing_indexes = if version == 0 || oldest_binary > newest {
            Vec::new()
        } else {
            vector_index::missing(&url, timeout).await?
        };
        Ok(SchemaState {
            database: url.to_string(),
            version,
            oldest_binary,
            newest,
            pending: postgres::schema::steps_after(version),
            missing_indexes,
        })
    }

    /// Brings the schema to the newest version. `None` when it was.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached or is not embsec's, is too new, or is being served (a
    /// file) or migrated (on a server) by another process.
    pub async fn migrate(&self) -> Result<Option<Migrated>, OpenError> {
        let migrated = match &self.config.database.location {
            Location::Sqlite(path) => {
                refuse_foreign_database(path, self.uid)?;
                let _alone = lock(path, Purpose::Serve)?;
                sqlite::schema::migrate(path).await?.map(Migrated::from)
            }
            Location::Postgres(_) => {
                let url = server_url(&self.config.database, self.environment)?;
                let timeout = self.config.database.connect_timeout;
                let from = postgres::schema::migrate(&url, timeout, None).await?;
                let to = postgres::schema::newest();
                let copy = None;
                (from < to).then_some(Migrated { from, to, copy })
            }
        };
        if let Some(migrated) = &migrated {
            self.record(migrated).await?;
        }
        Ok(migrated)
    }

    /// Builds the index of nearest vectors for this number of components, while others read and
    /// write.
    ///
    /// # Errors
    ///
    /// When the database cannot be reached, or refuses.
    pub async fn build_index(&self, dim: u32) -> Result<(), OpenError> {
        let url = server_url(&self.config.database, self.environment)?;
        let timeout = postgres_options(&self.config.database).connect_timeout;
        Ok(vector_index::build(&url, timeout, dim).await?)
    }

    async fn record(&self, migrated: &Migrated) -> Result<(), OpenError> {
        let dir = &self.config.audit.dir;
        let (log, _) = AuditWriter::open(dir, &owner::host_name(), Arc::clone(&self.clock))?;
        let event = schema_event(self.clock.as_ref(), self.rng.as_ref(), migrated);
        let recorded = log.append(event).await;
        log.close().await;
        recorded?;
        Ok(())
    }
}
