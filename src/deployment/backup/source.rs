//! Opens the database that is to be backed up.

use super::BackupOpenError;
use crate::config::database::Location;
use crate::config::{Config, Environment};
use crate::deployment::database::server_url;
use crate::deployment::{OtherSide, Recognised, TargetError, recognise};
use crate::domain::backup::{Program, TableShape};
use crate::domain::key::DataKeyRecord;
use crate::domain::postgres_url::PostgresUrl;
use crate::sys::fs;
use crate::target::dump::postgres::{DumpScope, PgDumpPlaces, PostgresDump};
use crate::target::dump::sqlite::{SqliteCopy, copy_file};
use crate::target::dump::{BlockSink, Dump, DumpError, Facts};
use crate::target::sqlite::whole::Watch;
use async_trait::async_trait;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder for the copy of a file, within the deployment's.
const COPIES: &str = ".backup-copy";

/// Which database is to be read.
pub struct DumpRequest<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Where references of settings lead.
    pub environment: &'a Environment,
    /// A database other than the deployment's own, and whose tables it holds.
    pub other: Option<&'a (OtherSide, Program)>,
    /// The deployment's folder, where the copy of a file is made.
    pub scratch: &'a Path,
}

/// Removes the copy of a file that a run which was killed left in the deployment's folder.
///
/// # Errors
///
/// When it cannot be removed.
pub fn remove_copies(scratch: &Path) -> Result<(), BackupOpenError> {
    Ok(fs::remove_dir_all(&scratch.join(COPIES))?)
}

/// Whose tables a database holds.
///
/// # Errors
///
/// When it cannot be looked at, or holds the tables of several programs.
pub async fn program_of(database: &OtherSide) -> Result<Program, BackupOpenError> {
    match recognise(database).await {
        Ok(Recognised::Embsec) => Ok(Program::Embsec),
        Ok(Recognised::Embapi) => Ok(Program::Embapi),
        Ok(Recognised::LlmProxy) => Ok(Program::LlmProxy),
        // A backup is of the whole database, whoever uses it.
        Err(TargetError::Unknown(_)) => Ok(Program::Other),
        Err(TargetError::Ambiguous { programs, .. }) if !programs.contains(&"embsec") => {
            Ok(Program::Other)
        }
        Err(error) => Err(error.into()),
    }
}

impl DumpRequest<'_> {
    fn place(&self) -> Result<(OtherSide, Program), BackupOpenError> {
        if let Some((place, program)) = self.other {
            return Ok((place.clone(), *program));
        }
        let database = &self.config.database;
        let place = match &database.location {
            Location::Sqlite(path) => OtherSide::Sqlite(path.clone()),
            Location::Postgres(_) => OtherSide::Postgres(server_url(database, self.environment)?),
        };
        Ok((place, Program::Embsec))
    }

    /// The database in words that tell it from others, without user and password.
    ///
    /// # Errors
    ///
    /// When the settings do not say which.
    pub fn database_name(&self) -> Result<String, BackupOpenError> {
        let (place, _) = self.place()?;
        Ok(name_of(&place))
    }
}

fn name_of(place: &OtherSide) -> String {
    match place {
        OtherSide::Sqlite(path) => {
            let path = path.canonicalize().unwrap_or_else(|_| path.clone());
            format!("sqlite:{}", path.display())
        }
        OtherSide::Postgres(url) => url.place(),
    }
}

/// Opens the database: from here on what is read of it is of one moment.
///
/// # Errors
///
/// Any [`BackupOpenError`]. Nothing was changed.
pub async fn open_dump(request: &DumpRequest<'_>) -> Result<Box<dyn Dump>, BackupOpenError> {
    let (place, program) = request.place()?;
    let name = name_of(&place);
    match place {
        OtherSide::Postgres(url) => open_server(request, &url, name, program).await,
        OtherSide::Sqlite(path) => open_file(request, path, name, program).await,
    }
}

async fn open_server(
    request: &DumpRequest<'_>,
    url: &PostgresUrl,
    name: String,
    program: Program,
) -> Result<Box<dyn Dump>, BackupOpenError> {
    let places = PgDumpPlaces {
        bindir: request.config.backup.pg_bindir.clone(),
        path: request.environment.filled("PATH").map(Into::into),
        home: request.environment.filled("HOME").map(Into::into),
    };
    let scope = match program {
        Program::Embsec => DumpScope::Own,
        _ => DumpScope::Whole(&places),
    };
    let mut dump = PostgresDump::open(url, scope)
        .await
        .map_err(DumpError::from)?;
    let data_keys = match program {
        Program::Embsec => dump.data_keys().await.map_err(DumpError::from)?,
        _ => Vec::new(),
    };
    Ok(Box::new(ServerDump {
        dump,
        name,
        program,
        data_keys,
    }))
}

struct ServerDump {
    dump: PostgresDump,
    name: String,
    program: Program,
    data_keys: Vec<DataKeyRecord>,
}

#[async_trait]
impl Dump for ServerDump {
    fn database(&self) -> &str {
        &self.name
    }

    fn program(&self) -> Program {
        self.program
    }

    fn facts(&self) -> Facts {
        Facts::Postgres(self.dump.facts().clone())
    }

    fn tables(&self) -> &[TableShape] {
        self.dump.tables()
    }

    fn data_keys(&self) -> &[DataKeyRecord] {
        &self.data_keys
    }

    fn estimated_bytes(&self) -> u64 {
        self.dump.table_bytes().iter().sum()
    }

    fn file(&self) -> Option<&Path> {
        None
    }

    async fn copy(
        &mut self,
        table: &TableShape,
        sink: &mut dyn BlockSink,
    ) -> Result<u64, DumpError> {
        Ok(self.dump.copy(table, sink).await?)
    }

    async fn close(self: Box<Self>) {
        self.dump.close().await;
    }
}

async fn open_file(
    request: &DumpRequest<'_>,
    path: PathBuf,
    name: String,
    program: Program,
) -> Result<Box<dyn Dump>, BackupOpenError> {
    let folder = request.scratch.join(COPIES);
    remove_copies(request.scratch)?;
    fs::create_private_dir(&folder)?;
    let to = folder.join("database.sqlite");
    let is_own = program == Program::Embsec;
    let made = tokio::task::spawn_blocking(move || {
        let watch: Watch = Arc::new(|_| true);
        copy_file(&path, &to, is_own, &watch).map(|copy| (copy, to))
    });
    let made = made.await.map_err(|_| BackupOpenError::Ended)?;
    let (copy, file) = match made {
        Ok(made) => made,
        Err(error) => {
            fs::remove_dir_all(&folder)?;
            return Err(DumpError::from(error).into());
        }
    };
    Ok(Box::new(FileDump {
        copy,
        file,
        folder,
        name,
        program,
    }))
}

/// The copy of a file; it goes with this value.
struct FileDump {
    copy: SqliteCopy,
    file: PathBuf,
    folder: PathBuf,
    name: String,
    program: Program,
}

#[async_trait]
impl Dump for FileDump {
    fn database(&self) -> &str {
        &self.name
    }

    fn program(&self) -> Program {
        self.program
    }

    fn facts(&self) -> Facts {
        Facts::Sqlite(self.copy.facts.clone())
    }

    fn tables(&self) -> &[TableShape] {
        &[]
    }

    fn data_keys(&self) -> &[DataKeyRecord] {
        &self.copy.data_keys
    }

    fn estimated_bytes(&self) -> u64 {
        self.copy.facts.size_bytes
    }

    fn file(&self) -> Option<&Path> {
        Some(&self.file)
    }

    async fn copy(&mut self, _: &TableShape, _: &mut dyn BlockSink) -> Result<u64, DumpError> {
        // There is no table to ask for.
        Ok(0)
    }

    async fn close(self: Box<Self>) {}
}

impl Drop for FileDump {
    fn drop(&mut self) {
        // The next run removes what this one cannot.
        fs::remove_dir_all(&self.folder).unwrap_or_default();
    }
}
