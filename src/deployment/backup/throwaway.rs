//! Throwaway places for restore tests: a server that is started for the test, a database of its own
//! on a server that is given, or a temporary file.

use super::{BackupOpenError, open_load};
use crate::app::backup::PrivateManifest;
use crate::app::job::Stop;
use crate::backup::manifest::SourceFacts;
use crate::config::{Config, Environment};
use crate::deployment::OtherSide;
use crate::sys::clock::Clock;
use crate::sys::rng::Rng;
use crate::sys::{account, fs};
use crate::target::load::Load;
use crate::target::scratch::{
    GuardedServer, Needs, ScratchCluster, ScratchError, ScratchOptions, ServerPlaces,
};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The database of a scratch server that is restored into.
const DATABASE: &str = "restore_test";
/// How the folder of a temporary file begins.
const FILE_FOLDER: &str = "embsec-restore-test-file";

/// What a throwaway place is made by.
pub struct ThrowawayRequest<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Where references of settings lead.
    pub environment: &'a Environment,
    /// A server to make a database on.
    pub into: Option<&'a OtherSide>,
    /// The folder for temporary files.
    pub temporary: &'a Path,
    /// Who may ask it to stop.
    pub stop: &'a Stop,
    /// Time.
    pub clock: &'a Arc<dyn Clock>,
    /// Randomness.
    pub rng: &'a Arc<dyn Rng>,
}

/// A throwaway place with a restore in it.
pub struct Throwaway {
    load: Box<dyn Load>,
    place: OtherSide,
    held: Held,
}

/// What is removed when the test is over.
enum Held {
    Cluster(ScratchCluster),
    Given(GuardedServer),
    File { _folder: TemporaryFolder },
}

/// A folder that goes with this value.
struct TemporaryFolder(PathBuf);

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What cannot be removed is in the folder for what is temporary.
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

impl Throwaway {
    /// Makes a place for a backup. The inner error is why there is none, which says nothing of the
    /// backup.
    ///
    /// # Errors
    ///
    /// When it was interrupted, or the place that was made cannot be used.
    pub async fn make(
        request: &ThrowawayRequest<'_>,
        manifest: &PrivateManifest,
    ) -> Result<Result<Self, String>, BackupOpenError> {
        let made = match (&manifest.source, request.into) {
            (SourceFacts::Sqlite(_), _) => return file(request, manifest).await.map(Ok),
            (SourceFacts::Postgres(facts), Some(OtherSide::Postgres(url))) => {
                let needs = Needs::of(facts, manifest.raw_bytes());
                GuardedServer::make(url, &needs, request.rng.as_ref())
                    .await
                    .map(|given| (OtherSide::Postgres(given.url().clone()), Held::Given(given)))
            }
            (SourceFacts::Postgres(_), Some(OtherSide::Sqlite(_))) => {
                return Err(BackupOpenError::OtherEngine(manifest.source.engine()));
            }
            (SourceFacts::Postgres(facts), None) => {
                let needs = Needs::of(facts, manifest.raw_bytes());
                cluster(request, needs).await
            }
        };
        match made {
            Ok((place, held)) => {
                let load = open_load(&place, manifest, request.clock).await?;
                Ok(Ok(Self { load, place, held }))
            }
            Err(ScratchError::Stopped) => Err(BackupOpenError::Interrupted),
            Err(error) => Ok(Err(error.to_string())),
        }
    }

    /// What restores into it.
    pub fn load(&mut self) -> &mut dyn Load {
        self.load.as_mut()
    }

    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> &OtherSide {
        &self.place
    }

    /// Removes it with everything in it. What cannot be removed is told in words.
    pub async fn remove(self) -> Option<String> {
        self.load.close().await;
        let removed = match self.held {
            Held::Cluster(cluster) => cluster.stop().await,
            Held::Given(given) => given.finish().await,
            Held::File { .. } => Ok(()),
        };
        removed.err().map(|error| error.to_string())
    }
}

async fn cluster(
    request: &ThrowawayRequest<'_>,
    needs: Needs,
) -> Result<(OtherSide, Held), ScratchError> {
    let settings = &request.config.restore_test;
    let exists = |name: &str| account::named(name).is_some();
    let options = ScratchOptions {
        places: ServerPlaces {
            bindir: settings.pg_bindir.clone(),
            path: request.environment.filled("PATH").map(Into::into),
        },
        needs,
        run_as: Some(settings.user(exists).to_owned()),
        parent: request.temporary.to_owned(),
    };
    let stop = request.stop.clone();
    let asked = move || stop.is_asked();
    let cluster = ScratchCluster::start(&options, request.rng.as_ref(), &asked).await?;
    let url = cluster.create_database(DATABASE).await?;
    Ok((OtherSide::Postgres(url), Held::Cluster(cluster)))
}

async fn file(
    request: &ThrowawayRequest<'_>,
    manifest: &PrivateManifest,
) -> Result<Throwaway, BackupOpenError> {
    let name = format!("{FILE_FOLDER}.{}", std::process::id());
    let folder = request.temporary.join(name);
    fs::remove_dir_all(&folder)?;
    fs::create_private_dir(&folder)?;
    let held = TemporaryFolder(folder.clone());
    let place = OtherSide::Sqlite(folder.join("database.sqlite"));
    Ok(Throwaway {
        load: open_load(&place, manifest, request.clock).await?,
        place,
        held: Held::File { _folder: held },
    })
}
