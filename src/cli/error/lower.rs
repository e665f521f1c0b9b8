//! From the errors of the layers below to exit codes and hints.

use super::{CliError, keyring};
use crate::app::error::AppError;
use crate::cli::exit::ExitKind;
use crate::deployment::{DatabaseError, InitError, OpenError, ServerError};
use crate::store::{Conflict, Missing, StoreError};

pub(super) const TRY_INIT: &str =
    "`embsec init --dir DIR` makes a deployment; `--dir DIR` names one.";

impl From<InitError> for CliError {
    fn from(error: InitError) -> Self {
        match &error {
            InitError::Exists(_) => Self::refused(error)
                .hinted("An existing folder is never touched. Choose another with `--dir DIR`."),
            InitError::DatabaseInUse(_) => Self::refused(error).hinted(
                "A second host of the same deployment gets a copy of its folder; a new deployment \
                 needs a database of its own.",
            ),
            InitError::Server(source) => {
                let (kind, hint) = of_server(source);
                hint.into_iter().fold(Self::new(kind, error), Self::hinted)
            }
            InitError::Busy(_) => Self::unavailable(error).hinted("Wait for the other process."),
            InitError::BadPath(_) => Self::usage(error).hinted("Name a folder with `--dir DIR`."),
            InitError::Io { .. } | InitError::Part { .. } => Self::unavailable(error)
                .hinted("Nothing was made. Check the space and the permissions of the folder."),
        }
    }
}

impl From<OpenError> for CliError {
    fn from(error: OpenError) -> Self {
        let (kind, hint) = match &error {
            OpenError::ForeignOwner { owner, .. } => (
                ExitKind::Refused,
                Some(format!("Run it as the owner: `sudo -u {owner} embsec …`.")),
            ),
            OpenError::Locked { .. } => (
                ExitKind::Unavailable,
                Some("Stop the other server, or serve another deployment.".to_owned()),
            ),
            OpenError::File(_) => (ExitKind::Usage, None),
            OpenError::Keyring(source) => keyring::of_source(source),
            OpenError::WrongKeyring(_) => (
                ExitKind::Integrity,
                Some("Set `keyring.source` to the keyring of this database.".to_owned()),
            ),
            OpenError::DataKey(_) => (
                ExitKind::Integrity,
                Some("The database is damaged, or not the one of this keyring.".to_owned()),
            ),
            OpenError::NoAdminKey => (
                ExitKind::Usage,
                Some(
                    "Set `api.admin_key`, or put back the database that `embsec init` made."
                        .to_owned(),
                ),
            ),
            OpenError::Database(source) => of_database(source),
            OpenError::Server(source) => of_server(source),
            OpenError::DatabaseUrl(source) => (ExitKind::Usage, source.hint()),
            OpenError::Store(source) => (kind_of_store(source), None),
            OpenError::Audit(_) | OpenError::Recover(_) | OpenError::AuditWrite(_) => (
                ExitKind::Unavailable,
                Some("Nothing is done unrecorded. Check the folder of the audit log.".to_owned()),
            ),
        };
        hint.into_iter().fold(Self::new(kind, error), Self::hinted)
    }
}

fn of_database(error: &DatabaseError) -> (ExitKind, Option<String>) {
    use DatabaseError as E;
    match error {
        E::NoSuchDatabase(_) => (ExitKind::Usage, Some(TRY_INIT.to_owned())),
        E::NotADatabase(_) => (
            ExitKind::Integrity,
            Some("Check `database.url`; a damaged file is put back from a backup.".to_owned()),
        ),
        E::Foreign(_) => (
            ExitKind::Refused,
            Some("Check `database.url`; embsec keeps to its own database.".to_owned()),
        ),
        E::Newer { .. } | E::Altered(_) => (
            ExitKind::Refused,
            Some("Run the embsec that wrote it, or a newer one.".to_owned()),
        ),
        E::Pending { .. } => (
            ExitKind::Refused,
            Some("`embsec serve` brings it up to date, after a copy of the file.".to_owned()),
        ),
        E::File { .. } | E::Unavailable(_) => (ExitKind::Unavailable, None),
        E::Fault(_) => (ExitKind::Internal, None),
    }
}

fn of_server(error: &ServerError) -> (ExitKind, Option<String>) {
    use ServerError as E;
    let (kind, hint) = match error {
        E::Unreachable { .. } => (
            ExitKind::Unavailable,
            "Check that the server runs, and host and port in `database.url`.",
        ),
        E::Tls { .. } => (
            ExitKind::Usage,
            "Check `sslmode` and `sslrootcert` in `database.url`, the server's certificate and its \
             name; only a server on the same machine is spoken to in clear unless `sslmode` says so.",
        ),
        E::TlsFile { .. } => (
            ExitKind::Usage,
            "Check `sslrootcert`, `sslcert` and `sslkey` in `database.url`.",
        ),
        E::Authentication(_) => (
            ExitKind::Usage,
            "Check the user and password in `database.url`, and pg_hba.conf.",
        ),
        E::NoSuchDatabase(_) => (
            ExitKind::Usage,
            "Make it with `CREATE DATABASE`, or correct `database.url`.",
        ),
        E::NoRight { .. } => (
            ExitKind::Usage,
            "Let its owner `GRANT` the right to the role, or use the role that ran `embsec migrate up`.",
        ),
        E::NoExtension(_) => (
            ExitKind::Usage,
            "Install pgvector on the server, then run `CREATE EXTENSION vector` in the database as \
             a superuser.",
        ),
        E::OldExtension { .. } => (
            ExitKind::Usage,
            "Install a newer pgvector, then run `ALTER EXTENSION vector UPDATE` as a superuser.",
        ),
        E::OldServer { .. } => (ExitKind::Usage, "Upgrade the server."),
        E::Encoding { .. } => (
            ExitKind::Usage,
            "Make a database with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`.",
        ),
        E::Foreign(_) => (
            ExitKind::Refused,
            "`embsec migrate import --from URL` moves the data of another program into an empty \
             database; name that one in `database.url`.",
        ),
        E::Newer { .. } | E::Altered(_) => (
            ExitKind::Refused,
            "Run the embsec that wrote it, or a newer one.",
        ),
        E::Pending { .. } => (
            ExitKind::Refused,
            "`embsec migrate up` brings it up to date; `database.auto_migrate = true` lets \
             `embsec serve` do that.",
        ),
        E::Busy(_) | E::MovingIn(_) => (ExitKind::Unavailable, "Wait for the other process."),
        E::Fault(_) => return (ExitKind::Internal, None),
    };
    (kind, Some(hint.to_owned()))
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::new(kind_of_store(&error), error)
    }
}

pub(super) fn kind_of_store(error: &StoreError) -> ExitKind {
    match error {
        StoreError::Missing(_) => ExitKind::Usage,
        StoreError::Conflict(_) | StoreError::ReadOnly(_) => ExitKind::Refused,
        StoreError::Audit(_) | StoreError::Unavailable(_) => ExitKind::Unavailable,
        StoreError::Unreadable(_) => ExitKind::Integrity,
        StoreError::Seal(_) | StoreError::Fault(_) => ExitKind::Internal,
    }
}

impl From<AppError> for CliError {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Missing(Missing::Project(_) | Missing::ProjectId(_)) => Self::usage(error)
                .hinted(
                    "`embsec projects list` names those in service, `embsec projects list \
                     --deleted` those that can be brought back.",
                ),
            AppError::Missing(_) | AppError::MissingTarget(_) | AppError::Empty(_) => {
                Self::usage(error)
            }
            AppError::Invalid(_) => Self::usage(error),
            AppError::Fields(errors) => {
                let told: Vec<String> = errors.into_iter().map(|error| error.message).collect();
                Self::usage(anyhow::anyhow!("{}", told.join("; ")))
            }
            AppError::Conflict(conflict) => of_conflict(conflict),
            AppError::Forbidden(_) => Self::refused(error),
            AppError::ReadOnly(_) => Self::refused(error)
                .hinted("`embsec migrate import --finish` ends an import and lets changes in."),
            AppError::Unavailable { .. } => {
                Self::unavailable(error).hinted("Nothing was changed. Try again when it works.")
            }
            AppError::Key(_) => Self::new(ExitKind::Integrity, error)
                .hinted("Set `keyring.source` to a keyring that has the key; nothing was changed."),
            AppError::Unreadable(_) => Self::new(ExitKind::Integrity, error)
                .hinted("Delete that embedding and upload it again, or restore it from a backup."),
            AppError::Internal(_) => Self::internal(error),
        }
    }
}

fn of_conflict(conflict: Conflict) -> CliError {
    let hint = match &conflict {
        Conflict::UserExists(_) => Some("`embsec users rotate` gives a user a new key."),
        Conflict::PathTaken(_) => Some("Give it another handle with `--as HANDLE`."),
        Conflict::InUse(_) => Some("Give those another instance, or delete them, first."),
        _ => None,
    };
    hint.into_iter()
        .fold(CliError::refused(conflict), CliError::hinted)
}
