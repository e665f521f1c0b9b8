//! From the errors of backups and restores to exit codes and hints.

use super::{CliError, keyring};
use crate::app::backup::{BackupError, BlobError, Fault};
use crate::app::restore::RestoreError;
use crate::cli::exit::ExitKind;
use crate::deployment::AuditOpenError;
use crate::deployment::backup::{
    BackupOpenError, DumpError, FileDumpError, FileLoadError, LoadError, ReadError,
    ServerDumpError, ServerError, ServerLoadError, SqliteFault, SwapError,
};

const NOTHING_LEFT: &str = "Nothing is left of it; backups that were there are whole.";
const AGAIN: &str = "Run the same command again: it goes on where it stopped.";
const MAKE_SIGNING: &str =
    "`embsec keys generate backup-signing` adds one to the keyring of this deployment.";
const MAKE_RECIPIENT: &str = "Make an identity with `embsec keys generate backup-recipient --out FILE`, keep it away from \
     this host, and put the `age1…` that it prints into `backup.recipients`.";
const LOOK_CLOSER: &str = "Do not restore it. `embsec backup list` names other backups; docs/runbooks/restore.md says \
     what to do about this one.";

type Judged = (ExitKind, Option<String>);

fn judged(kind: ExitKind, hint: &str) -> Judged {
    (kind, Some(hint.to_owned()))
}

impl CliError {
    fn of(error: impl Into<anyhow::Error>, (kind, hint): Judged) -> Self {
        hint.into_iter().fold(Self::new(kind, error), Self::hinted)
    }

    /// The audit log, without which nothing is done.
    pub(in crate::cli) fn of_audit(error: AuditOpenError) -> Self {
        Self::unavailable(error)
            .hinted("Nothing is done unrecorded. Check the folder of the audit log.")
    }

    /// A second Ctrl-C.
    pub(in crate::cli) fn interrupted(what: &'static str) -> Self {
        Self::new(ExitKind::Interrupted, anyhow::anyhow!(what))
    }
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        let judged = of_backup(&error);
        Self::of(error, judged)
    }
}

impl From<Fault> for CliError {
    fn from(fault: Fault) -> Self {
        BackupError::from(fault).into()
    }
}

impl From<BlobError> for CliError {
    fn from(error: BlobError) -> Self {
        BackupError::from(error).into()
    }
}

fn of_backup(error: &BackupError) -> Judged {
    use BackupError as E;
    match error {
        E::NoRecipient => judged(ExitKind::Usage, MAKE_RECIPIENT),
        E::NoSigningKey => judged(ExitKind::Usage, MAKE_SIGNING),
        E::NoKeyring => judged(
            ExitKind::Usage,
            "Set `keyring.source`, or run it on the host of the deployment.",
        ),
        E::Dump(error) => of_dump(error),
        E::Write(error) if error.is_of_the_disk() => judged(
            ExitKind::Unavailable,
            "Make room, or prune old backups; what was there is whole.",
        ),
        E::Write(_) => (ExitKind::Internal, None),
        E::ReadBack(fault) if !fault.is_damage() => (ExitKind::Unavailable, Some(AGAIN.to_owned())),
        E::ReadBack(_) => judged(
            ExitKind::Integrity,
            "The disk or the memory of this machine gives back other bytes than were written. It \
             is not called a backup; earlier ones are as they were.",
        ),
        E::Fault(fault) => of_fault(fault),
        E::Blob(error) => of_blob(error),
        E::Spool(error) => match error.is_tampered() {
            true => judged(
                ExitKind::Integrity,
                "Remove its folder below `.partial` when you know why; the next run begins anew.",
            ),
            false => (ExitKind::Unavailable, None),
        },
        E::File(_) | E::Known(_) | E::Store(_) | E::Audit(_) => (ExitKind::Unavailable, None),
        E::NoRoom { .. } => judged(
            ExitKind::Unavailable,
            "Make room, or prune old backups; nothing was written.",
        ),
        E::SealFile(_) | E::Seal(_) | E::Sign(_) | E::Rng(_) => (ExitKind::Internal, None),
        E::NoMaster(_) => judged(
            ExitKind::Usage,
            "Run it with the keyring that has this key.",
        ),
        E::Unwrap(_) => (ExitKind::Integrity, None),
        E::NoSuchBackup(_) | E::Ambiguous(_) => judged(
            ExitKind::Usage,
            "`embsec backup list` names them all; a whole id, its beginning, or `newest` will do.",
        ),
        E::NoNewest { listed: 0, .. } => judged(
            ExitKind::Usage,
            "`embsec backup` makes one; `--destination` looks elsewhere.",
        ),
        E::NoNewest { .. } => judged(
            ExitKind::Usage,
            "`embsec backup list` says what was found; one that is named by its id is taken anyway.",
        ),
        E::NotRestored(_) => judged(
            ExitKind::Usage,
            "`embsec restore ID --into …` restores it first, on this host.",
        ),
        E::NoSuchPart { .. } => judged(
            ExitKind::Usage,
            "`embsec backup show ID --identity-file FILE` names the parts.",
        ),
        E::Output(_) => (ExitKind::Unavailable, None),
        E::Interrupted(_) => (ExitKind::Interrupted, None),
    }
}

fn of_fault(fault: &Fault) -> Judged {
    match fault {
        Fault::NotFound(_) => judged(
            ExitKind::Usage,
            "`embsec backup list` names the backups of the destination.",
        ),
        Fault::Newer { .. } => judged(ExitKind::Usage, "Read it with a newer embsec."),
        Fault::Identity { .. } => judged(
            ExitKind::Integrity,
            "Name the identity of a recipient of this backup with `--identity-file FILE`.",
        ),
        Fault::Blob(error) => of_blob(error),
        Fault::Interrupted => (ExitKind::Interrupted, None),
        Fault::Segment { source, .. } if !source.is_damage() => {
            (ExitKind::Unavailable, Some(AGAIN.to_owned()))
        }
        _ => judged(ExitKind::Integrity, LOOK_CLOSER),
    }
}

fn of_blob(error: &BlobError) -> Judged {
    use BlobError as E;
    let kind = match error {
        E::NotFound { .. }
        | E::NoPlace { .. }
        | E::Options { .. }
        | E::Name { .. }
        | E::Denied { .. }
        | E::Unsupported { .. }
        | E::Refused { .. } => ExitKind::Usage,
        E::AlreadyExists { .. } => ExitKind::Refused,
        E::Changed { .. }
        | E::Unavailable { .. }
        | E::Locked { .. }
        | E::Lost { .. }
        | E::Full { .. }
        | E::Io { .. } => ExitKind::Unavailable,
        E::Damaged { .. } | E::TooLarge { .. } => ExitKind::Integrity,
        E::Interrupted => ExitKind::Interrupted,
    };
    (kind, error.hint())
}

fn of_dump(error: &DumpError) -> Judged {
    match error {
        DumpError::Postgres(error) => of_server_dump(error),
        DumpError::Sqlite(error) => of_file_dump(error),
        DumpError::Closed(_) => (ExitKind::Internal, None),
    }
}

fn of_server_dump(error: &ServerDumpError) -> Judged {
    use ServerDumpError as E;
    match error {
        E::Server(error) | E::Read(ReadError::Server(error)) => of_server(error),
        E::Read(ReadError::Closed(_)) => (ExitKind::Internal, None),
        E::Read(ReadError::Malformed) => (ExitKind::Integrity, None),
        E::NoPgDump { .. } => judged(
            ExitKind::Usage,
            "Install the client programs of that version, and name their folder in \
             `backup.pg_bindir`. Nothing was written.",
        ),
        E::LargeObjects(_) => judged(
            ExitKind::Usage,
            "Back such a database up with pg_dump, or move them into a column of type bytea.",
        ),
        E::OldServer(_) | E::NotEmbsec | E::NewerSchema { .. } | E::CertificateInUrl(_) => {
            (ExitKind::Usage, None)
        }
        E::Changed | E::PgDumpUnreachable(_) => (ExitKind::Unavailable, Some(AGAIN.to_owned())),
        E::PgDump(_) => (ExitKind::Usage, Some(NOTHING_LEFT.to_owned())),
    }
}

fn of_server(error: &ServerError) -> Judged {
    use ServerError as E;
    match error {
        E::Unavailable(_) => judged(
            ExitKind::Unavailable,
            "Check that the server runs and can be reached, and run the same command again.",
        ),
        E::Busy(_) | E::DiskFull(_) => (ExitKind::Unavailable, None),
        E::Refused(_) => judged(
            ExitKind::Usage,
            "Check user, password, database and `sslmode` in the URL, and pg_hba.conf.",
        ),
        E::NoRight(_) => judged(
            ExitKind::Usage,
            "The role must read every table; with row security it needs BYPASSRLS.",
        ),
        E::TlsFile { .. } => (ExitKind::Usage, None),
        E::Damage(_) => (ExitKind::Integrity, None),
        E::Fault(_) => (ExitKind::Internal, None),
    }
}

fn of_file_dump(error: &FileDumpError) -> Judged {
    use FileDumpError as E;
    match error {
        E::Open(_) | E::Foreign(_) | E::OldSchema(_) => (ExitKind::Usage, None),
        E::NoRoom { .. } | E::File(_) => (ExitKind::Unavailable, Some(NOTHING_LEFT.to_owned())),
        E::Malformed(_) => (ExitKind::Integrity, None),
        E::Sqlite(error) => of_sqlite(error),
    }
}

fn of_sqlite(error: &SqliteFault) -> Judged {
    use SqliteFault as E;
    match error {
        E::NotADatabase(_) => (ExitKind::Usage, None),
        E::Damaged(_) => judged(
            ExitKind::Integrity,
            "The database itself is damaged: restore the newest backup that holds.",
        ),
        E::DiskFull(_) | E::Disk { .. } | E::InUse(_) => (ExitKind::Unavailable, None),
        E::Stopped => (ExitKind::Interrupted, None),
        E::Store(_) => (ExitKind::Internal, None),
    }
}

impl From<RestoreError> for CliError {
    fn from(error: RestoreError) -> Self {
        let judged = match &error {
            RestoreError::Backup(error) => of_backup(error),
            RestoreError::Load(error) => of_load(error),
            RestoreError::Differs(_) => judged(ExitKind::Integrity, "Nothing of it was kept."),
            RestoreError::Interrupted => judged(ExitKind::Interrupted, AGAIN),
        };
        Self::of(error, judged)
    }
}

fn of_load(error: &LoadError) -> Judged {
    match error {
        LoadError::Postgres(error) => of_server_load(error),
        LoadError::Sqlite(error) => of_file_load(error),
        LoadError::Source(_) | LoadError::NotBegun => (ExitKind::Internal, None),
    }
}

fn of_server_load(error: &ServerLoadError) -> Judged {
    use ServerLoadError as E;
    match error {
        E::Refused(refusal) if refusal.is_occupied() => judged(
            ExitKind::Refused,
            "Restore into a new, empty database, and put it in place with `embsec restore swap`.",
        ),
        E::Refused(_) => judged(ExitKind::Usage, "Nothing was written."),
        E::Server(error) | E::Rows { source: error, .. } | E::Schema { source: error, .. } => {
            of_server(error)
        }
        E::Step { source, .. } => {
            let (kind, _) = of_server(source);
            (kind, Some(AGAIN.to_owned()))
        }
        E::Read(ReadError::Server(error)) => of_server(error),
        E::Read(_) | E::Source(_) | E::NotBegun => (ExitKind::Internal, None),
        E::RowCount { .. } => (ExitKind::Integrity, None),
        E::InUse(_) => judged(
            ExitKind::Refused,
            "Stop `embsec serve` and whatever else is connected, and run it again.",
        ),
        E::Unfinished(_) => judged(
            ExitKind::Refused,
            "Run the same `embsec restore` again: it goes on with the indexes.",
        ),
        E::NoSuchDatabase(_) | E::Name(_) => (ExitKind::Usage, None),
    }
}

fn of_file_load(error: &FileLoadError) -> Judged {
    use FileLoadError as E;
    match error {
        E::NotEmpty(_) | E::LeftOver(_) => judged(
            ExitKind::Refused,
            "Restore into a new file, and put it in place with `embsec restore swap`.",
        ),
        E::InProgress(_) | E::NoRoom { .. } | E::File(_) => (ExitKind::Unavailable, None),
        E::SizeDiffers { .. }
        | E::PagesDiffer { .. }
        | E::RowsDiffer(_)
        | E::BrokenReferences(_) => judged(ExitKind::Integrity, "Nothing of it was kept."),
        E::Sqlite(error) => of_sqlite(error),
    }
}

impl From<BackupOpenError> for CliError {
    fn from(error: BackupOpenError) -> Self {
        let judged = match error {
            BackupOpenError::Deployment(error) => return error.into(),
            BackupOpenError::Target(error) => return error.into(),
            BackupOpenError::Work(error) => return error.into(),
            BackupOpenError::Keyring(ref error) => keyring::of_source(error),
            BackupOpenError::Blob(ref error) => of_blob(error),
            BackupOpenError::Dump(ref error) => of_dump(error),
            BackupOpenError::Load(ref error) => of_load(error),
            BackupOpenError::Secret(ref error) => (ExitKind::Usage, error.hint()),
            BackupOpenError::NoCredentials | BackupOpenError::VerifyKey(_) => {
                (ExitKind::Usage, None)
            }
            BackupOpenError::OtherEngine(_) => judged(
                ExitKind::Usage,
                "A PostgreSQL backup goes into postgres://…, a SQLite backup into a new file.",
            ),
            BackupOpenError::NotBeside(_) => judged(
                ExitKind::Usage,
                "Restore into the folder, or onto the server, of the deployment's database.",
            ),
            BackupOpenError::Swap(ref error) => of_swap(error),
            BackupOpenError::File(_) | BackupOpenError::Audit(_) => (ExitKind::Unavailable, None),
            BackupOpenError::Interrupted => (ExitKind::Interrupted, None),
            BackupOpenError::Ended => (ExitKind::Internal, None),
        };
        Self::of(error, judged)
    }
}

fn of_swap(error: &SwapError) -> Judged {
    use SwapError as E;
    match error {
        E::Held { .. } => judged(ExitKind::Refused, "Stop `embsec serve`, and run it again."),
        E::NoSuchDatabase(_) => (ExitKind::Usage, None),
        E::BeforeExists(_) | E::LeftOver(_) => (ExitKind::Refused, None),
        E::Sqlite(SqliteFault::InUse(_)) => judged(
            ExitKind::Refused,
            "Stop whatever uses the database, and run it again.",
        ),
        E::Sqlite(error) => of_sqlite(error),
        E::File(_) => (ExitKind::Unavailable, None),
    }
}
