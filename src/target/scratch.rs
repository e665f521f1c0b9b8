//! A throwaway place to try the restore of a PostgreSQL backup in: a server that embsec starts
//! itself, or a database of its own on a server that is given.
//!
//! What is restored there is as secret as the original. So a server of its own takes connections
//! by one socket and from one user of this machine, whom the kernel vouches for: there is no
//! password to leak, and no port to try. Its files and its socket lie behind a folder that only it
//! may pass. When this process is killed, a guard stops the server and removes its data, and the
//! next run removes what is left. Restoring itself belongs to others.

mod error;
mod given;
mod installation;
mod needs;
mod place;
mod server;
mod session;
mod settings;
mod user;

#[cfg(test)]
mod tests;

pub use error::ScratchError;
pub use given::GuardedServer;
pub use installation::ServerPlaces;
pub use needs::Needs;

use crate::domain::postgres_url::PostgresUrl;
use crate::sys::rng::Rng;
use crate::sys::{memory, space};
use crate::target::dump::postgres::quoted;
use installation::Installation;
use place::{DATA, Place};
use server::{Server, Stopped, run};
use sqlx::Connection as _;
use std::path::{Path, PathBuf};
use url::Url;
use user::RunAs;

/// The role that owns everything in a scratch server.
const ROLE: &str = "embsec";
/// The name of the map from users of the machine to roles.
const MAP: &str = "scratch";
/// How many bytes of chance a start takes: for the folder, and for the group.
const CHANCE: usize = 10;

/// How a scratch server is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScratchOptions {
    /// Where its programs may be.
    pub places: ServerPlaces,
    /// What the backup needs.
    pub needs: Needs,
    /// Who runs it when root asks; not given: `postgres`, or where there is no such user `nobody`.
    /// Anybody else runs it as they are.
    pub run_as: Option<String>,
    /// The folder for temporary files.
    pub parent: PathBuf,
}

/// A server that was started to try a restore on. It is stopped, and all that it held removed, by
/// [`Self::stop`], and with this value.
#[derive(Debug)]
pub struct ScratchCluster {
    // Dropped in this order: the folder goes when nobody writes to it any more.
    server: Server,
    place: Place,
    version: String,
    keeps_collation: bool,
    left_overs: Vec<PathBuf>,
}

impl ScratchCluster {
    /// Makes a server and starts it, after removing what killed runs left in the same folder.
    /// `stopped` is asked again and again whether to give up.
    ///
    /// # Errors
    ///
    /// Any [`ScratchError`]; nothing is left then.
    pub async fn start(
        options: &ScratchOptions,
        rng: &dyn Rng,
        stopped: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self, ScratchError> {
        let mut chance = [0; CHANCE];
        rng.fill(&mut chance)?;
        let copy = options.clone();
        let preparing = tokio::task::spawn_blocking(move || Prepared::make(&copy, chance));
        let prepared = preparing.await.map_err(|_| ScratchError::Stopped)??;
        let keeps_collation = prepared.make_cluster(&options.needs, stopped).await?;
        let server = prepared.start(&options.needs, stopped).await?;
        let cluster = Self {
            server,
            place: prepared.place,
            version: prepared.installation.version,
            keeps_collation,
            left_overs: prepared.left_overs,
        };
        // That it can be connected to is part of being there.
        let connection = session::connect(&cluster.url("postgres")?).await?;
        drop(connection.close().await);
        Ok(cluster)
    }

    /// The URL of one of its databases, for the user of this process and for this machine.
    ///
    /// # Errors
    ///
    /// [`ScratchError::Url`] when the name is empty.
    pub fn url(&self, database: &str) -> Result<PostgresUrl, ScratchError> {
        let base = format!("postgres://{ROLE}@localhost:{}/", settings::PORT);
        let malformed = |_| crate::domain::postgres_url::PostgresUrlError::Malformed;
        let mut url = Url::parse(&base).map_err(malformed)?;
        url.set_path(database);
        url.query_pairs_mut()
            .append_pair("host", &self.place.server().to_string_lossy())
            .append_pair("sslmode", "disable");
        Ok(PostgresUrl::parse(url.as_str())?)
    }

    /// Makes an empty database, and returns its URL.
    ///
    /// # Errors
    ///
    /// Those of the server.
    pub async fn create_database(&self, name: &str) -> Result<PostgresUrl, ScratchError> {
        let url = self.url(name)?;
        let mut connection = session::connect(&self.url("postgres")?).await?;
        session::create_database(&mut connection, name, "").await?;
        drop(connection.close().await);
        Ok(url)
    }

    /// The version of the server, as it writes it.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether its order of texts is that of the backup; else it is that of bytes.
    #[must_use]
    pub const fn keeps_collation(&self) -> bool {
        self.keeps_collation
    }

    /// The folder that holds it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.place.folder()
    }

    /// The folders of killed runs that were removed.
    #[must_use]
    pub fn left_overs(&self) -> &[PathBuf] {
        &self.left_overs
    }

    /// Why the server no longer runs, if so: a restore that fails then says nothing about the
    /// backup.
    pub fn ended(&mut self) -> Option<ScratchError> {
        self.server.ended(&self.place)
    }

    /// Stops the server at once and removes all that it held.
    ///
    /// # Errors
    ///
    /// [`ScratchError::Fs`] when something cannot be removed; the next start tries again.
    pub async fn stop(self) -> Result<(), ScratchError> {
        let stopping = tokio::task::spawn_blocking(move || {
            let Self { server, place, .. } = self;
            drop(server);
            place.remove()
        });
        Ok(stopping.await.map_err(|_| ScratchError::Stopped)??)
    }
}

/// Removes what killed runs left in a folder for temporary files, their servers included, and tells
/// which folders that were.
#[must_use]
pub fn remove_left_overs(parent: &Path) -> Vec<PathBuf> {
    place::resolved(parent).map_or_else(|_| Vec::new(), |parent| place::remove_left_overs(&parent))
}

/// Everything that a server needs, found or made.
struct Prepared {
    installation: Installation,
    run_as: RunAs,
    place: Place,
    left_overs: Vec<PathBuf>,
}

impl Prepared {
    /// Looks at all that can be wrong before anything is made. Blocks.
    fn make(options: &ScratchOptions, chance: [u8; CHANCE]) -> Result<Self, ScratchError> {
        let [a, b, c, d, name @ ..] = chance;
        let path = options.places.path.clone();
        let run_as = RunAs::choose(options.run_as.as_deref(), path, [a, b, c, d])?;
        let parent = place::resolved(&options.parent)?;
        let left_overs = place::remove_left_overs(&parent);
        let installation = Installation::find(&options.places, &options.needs, &run_as)?;
        let needed = settings::needed_bytes(options.needs.bytes);
        let free = space::free_bytes(&parent)?;
        if free < needed {
            return Err(ScratchError::NoSpace {
                folder: parent,
                needed,
                free,
            });
        }
        Ok(Self {
            installation,
            place: Place::make(&parent, &run_as, name)?,
            run_as,
            left_overs,
        })
    }

    /// Makes the files of the server, and says whether with the order of texts of the backup.
    async fn make_cluster(
        &self,
        needs: &Needs,
        stopped: Stopped<'_>,
    ) -> Result<bool, ScratchError> {
        if let Some(wished) = needs.wished_collation() {
            // It removes what it made when this system has no such order.
            match self.initdb(needs, Some(wished), stopped).await {
                Err(ScratchError::Failed { .. }) => {}
                result => return result.map(|()| true),
            }
        }
        self.initdb(needs, None, stopped).await?;
        Ok(needs.orders_by_bytes())
    }

    async fn initdb(
        &self,
        needs: &Needs,
        collation: Option<&str>,
        stopped: Stopped<'_>,
    ) -> Result<(), ScratchError> {
        let server = self.place.server();
        let program = self.installation.bin.join("initdb");
        let mut command = self.run_as.command(&program, &server);
        command
            .arg("--pgdata")
            .arg(server.join(DATA))
            .args(["--username", ROLE])
            .args(["--auth-local", "peer", "--auth-host", "reject"])
            .args(["--locale", "C", "--no-sync", "--no-instructions"])
            .arg(format!("--encoding={}", needs.encoding));
        if let Some(name) = collation {
            command.arg(format!("--lc-collate={name}"));
            command.arg(format!("--lc-ctype={name}"));
        }
        run("initdb", command, &self.place, stopped).await
    }

    async fn start(&self, needs: &Needs, stopped: Stopped<'_>) -> Result<Server, ScratchError> {
        let hba = format!("local all all peer map={MAP}\n");
        let hba = self.place.write_for_server("pg_hba.conf", &hba)?;
        let client = quoted(&self.run_as.client.name);
        let ident = format!("{MAP} {client} {ROLE}\n");
        let ident = self.place.write_for_server("pg_ident.conf", &ident)?;
        let server = self.place.server();
        let memory = memory::available_bytes();
        let settings = settings::settings(needs, memory, &server, &hba, &ident);
        let program = self.installation.bin.join("postgres");
        Server::start(&program, settings, &self.place, &self.run_as, stopped).await
    }
}
