//! Audit events: what happened, who did it, how it ended.
//!
//! The line format and the files are in `crate::audit`; here is what an event says.

use super::ids::{ProjectId, RequestId};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::net::IpAddr;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// What was done, or tried. The words are a published contract.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            /// Every action, in the order of the table above.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in the log: `noun.verb`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

actions! {
    /// No key, or one that opens nothing.
    AuthFailure = "auth.failure",
    /// A valid key without the right.
    AccessDenied = "access.denied",
    /// A user was created.
    UserCreate = "user.create",
    /// A user's name or address was changed.
    UserUpdate = "user.update",
    /// A user's key was replaced.
    UserRotateKey = "user.rotate_key",
    /// A user's keys stopped being honoured.
    UserDisable = "user.disable",
    /// A user's keys are honoured again.
    UserEnable = "user.enable",
    /// A user and all their data were deleted.
    UserDelete = "user.delete",
    /// A project was created.
    ProjectCreate = "project.create",
    /// A project's settings were changed.
    ProjectUpdate = "project.update",
    /// What of a project is sealed was changed.
    ProjectSetPolicy = "project.set_policy",
    /// A project was taken out of service.
    ProjectDelete = "project.delete",
    /// A deleted project was brought back.
    ProjectUndelete = "project.undelete",
    /// A project was shared.
    ProjectShare = "project.share",
    /// A share of a project was taken back.
    ProjectUnshare = "project.unshare",
    /// A project got another owner.
    ProjectTransfer = "project.transfer",
    /// Embeddings were uploaded.
    EmbeddingsUpload = "embeddings.upload",
    /// Embeddings were deleted.
    EmbeddingsDelete = "embeddings.delete",
    /// A definition was created.
    DefinitionCreate = "definition.create",
    /// A definition was changed.
    DefinitionUpdate = "definition.update",
    /// A definition was deleted.
    DefinitionDelete = "definition.delete",
    /// A definition was shared.
    DefinitionShare = "definition.share",
    /// A share of a definition was taken back.
    DefinitionUnshare = "definition.unshare",
    /// An instance was created.
    InstanceCreate = "instance.create",
    /// An instance was changed.
    InstanceUpdate = "instance.update",
    /// An instance was deleted.
    InstanceDelete = "instance.delete",
    /// An instance was shared.
    InstanceShare = "instance.share",
    /// A share of an instance was taken back.
    InstanceUnshare = "instance.unshare",
    /// An API standard was created.
    ApiStandardCreate = "api_standard.create",
    /// An API standard was changed.
    ApiStandardUpdate = "api_standard.update",
    /// An API standard was deleted.
    ApiStandardDelete = "api_standard.delete",
    /// A new data key became the one that seals in its scope.
    DataKeyActivate = "data_key.activate",
    /// The administrator's key was replaced.
    AdminRotateKey = "admin.rotate_key",
    /// Contents that were in clear and should not be were sealed.
    ContentEncrypt = "content.encrypt",
    /// Contents that were sealed and need not be were stored in clear.
    ContentDecrypt = "content.decrypt",
    /// A master key was made, or became the one that seals.
    MasterKeyRotate = "master_key.rotate",
    /// A key that signs backups was made, or became the one that signs.
    SigningKeyRotate = "signing_key.rotate",
    /// Everything of a scope is sealed under its newest data key.
    DataKeyRotate = "data_key.rotate",
    /// Data keys are sealed by another master key now.
    MasterKeyRewrap = "master_key.rewrap",
    /// Data keys were destroyed for good.
    DataKeyDestroy = "data_key.destroy",
    /// The keyring was split into shares, or that failed.
    KeyringSplit = "keyring.split",
    /// An escrow copy of the keyring was made, or that failed.
    KeyringEscrow = "keyring.escrow",
    /// The keyring was put back from its escrow copy.
    KeyringRecover = "keyring.recover",
    /// It was tried whether the keys could be recovered.
    KeyringDrill = "keyring.drill",
    /// All data were wiped by `api.allow_reset`.
    AdminReset = "admin.reset",
    /// A server started.
    ServerStart = "server.start",
    /// A server stopped.
    ServerStop = "server.stop",
    /// A deployment was made.
    DeploymentInit = "deployment.init",
    /// The schema of the database was migrated.
    SchemaMigrate = "schema.migrate",
    /// Another database is being moved in, or a run of that ended.
    MigrateImport = "migrate.import",
    /// The database is being moved out, or a run of that ended.
    MigrateExport = "migrate.export",
    /// What another program has in clear is being encrypted, or a run of that ended.
    MigrateEncrypt = "migrate.encrypt",
    /// What is encrypted for another program is being brought back, or a run of that ended.
    MigrateDecrypt = "migrate.decrypt",
    /// A key of the keyring is kept for nothing new from now on.
    KeyringRetire = "keyring.retire",
    /// A key of the keyring was destroyed.
    KeyringDestroy = "keyring.destroy",
    /// A data key is kept for nothing new from now on.
    DataKeyRetire = "data_key.retire",
    /// A key for what is declared of another program's database was made in the keyring, or that
    /// failed.
    TargetCreateKey = "target.create_key",
    /// The key of another program's database is being replaced, or that ended.
    TargetRotateKey = "target.rotate_key",
    /// A backup was made.
    BackupCreate = "backup.create",
    /// A backup was looked at, and holds or does not.
    BackupVerify = "backup.verify",
    /// Destroyed keys were taken out of a backup.
    BackupForgetKey = "backup.forget_key",
    /// A backup was sealed to other recipients.
    BackupRewrap = "backup.rewrap",
    /// A backup was removed by retention.
    BackupPrune = "backup.prune",
    /// A backup is kept whatever its age, or no longer so.
    BackupPin = "backup.pin",
    /// Backups were brought to another destination.
    BackupSync = "backup.sync",
    /// A backup was restored, or that failed.
    BackupRestore = "backup.restore",
    /// A restored database was put in the place of another.
    BackupSwap = "backup.swap",
    /// A backup was restored for a test.
    BackupDrill = "backup.drill",
    /// A torn last line was found and set aside at start.
    AuditTorn = "audit.torn",
    /// The log ends before an event that the database saw committed.
    AuditCut = "audit.cut",
}

impl Action {
    /// The action of this word; `None` for a word that this version does not know.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.as_str() == word)
    }

    /// Whether this is the event of a change that a transaction makes, so that the event can be
    /// in the log without its change when the commit failed.
    #[must_use]
    pub const fn is_change(self) -> bool {
        !matches!(
            self,
            Self::AuthFailure
                | Self::AccessDenied
                | Self::ServerStart
                | Self::ServerStop
                | Self::DeploymentInit
                | Self::SchemaMigrate
                | Self::MigrateImport
                | Self::MigrateExport
                | Self::KeyringSplit
                | Self::KeyringEscrow
                | Self::KeyringRecover
                | Self::ContentEncrypt
                | Self::ContentDecrypt
                | Self::MasterKeyRotate
                | Self::SigningKeyRotate
                | Self::DataKeyRotate
                | Self::MigrateEncrypt
                | Self::MigrateDecrypt
                | Self::KeyringRetire
                | Self::KeyringDestroy
                | Self::TargetCreateKey
                | Self::TargetRotateKey
                | Self::BackupCreate
                | Self::BackupVerify
                | Self::BackupForgetKey
                | Self::BackupRewrap
                | Self::BackupPrune
                | Self::BackupPin
                | Self::BackupSync
                | Self::BackupRestore
                | Self::BackupSwap
                | Self::BackupDrill
                | Self::AuditTorn
                | Self::AuditCut
        )
    }
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As asked.
    Success,
    /// The caller could not prove who they are.
    Failure,
    /// The caller has no right to it.
    Denied,
    /// It was recorded and then did not happen.
    Error,
}

impl Outcome {
    /// The word in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Denied => "denied",
            Self::Error => "error",
        }
    }

    /// The outcome of this word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Success, Self::Failure, Self::Denied, Self::Error]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

/// Further facts of an event. Keys are kept sorted. Never a secret, a text or a vector.
pub type Details = Map<String, Value>;

/// Where an event comes from: one request, or one command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Who: `admin`, `anonymous`, `system`, or a user's handle.
    pub actor: String,
    /// The request or command.
    pub request_id: RequestId,
    /// The peer's address, for requests.
    pub client_ip: Option<IpAddr>,
    /// Facts of the request that every event of it carries (method, route, user agent).
    pub details: Details,
}

/// One event, before the log gives it a time and a number.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    /// What.
    pub action: Action,
    /// How it ended.
    pub outcome: Outcome,
    /// Who and where from.
    pub origin: Origin,
    /// The project it concerns.
    pub project_id: Option<ProjectId>,
    /// Further facts, added to those of the origin.
    pub details: Details,
}

/// The place of a durable event in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditMark {
    /// The stream: the name of its file without `.jsonl`.
    pub stream: String,
    /// The number of the event in its stream, from 1.
    pub seq: u64,
}

/// Which events of a stream the database knows to be those of committed transactions.
///
/// Transactions of one process may commit in another order than their events were recorded in, so
/// one number is not enough to tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommittedEvents {
    /// Up to this number everything is settled: what did not commit then, never will, and was told
    /// of long ago.
    pub settled_to: u64,
    /// The numbers above it whose transactions committed.
    pub later: BTreeSet<u64>,
}

impl CommittedEvents {
    /// The highest number that committed; 0 for none.
    #[must_use]
    pub fn last(&self) -> u64 {
        self.later.last().copied().unwrap_or(self.settled_to)
    }

    /// Whether the transaction of this event committed, or it is too old to be asked about.
    #[must_use]
    pub fn holds(&self, seq: u64) -> bool {
        seq <= self.settled_to || self.later.contains(&seq)
    }
}

/// What a transaction is about to change, told by the store to its [`crate::store::Witness`].
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What.
    pub action: Action,
    /// The project it concerns.
    pub project_id: Option<ProjectId>,
    /// Further facts.
    pub details: Details,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_word_of_the_log_is_one_of_a_kind_and_reads_back() {
        let mut words = HashSet::new();
        for action in Action::ALL {
            assert!(words.insert(action.as_str()), "{action:?}");
            assert_eq!(Action::parse(action.as_str()), Some(*action));
        }
        assert_eq!(Action::parse("user.creat"), None);
        for outcome in [
            Outcome::Success,
            Outcome::Failure,
            Outcome::Denied,
            Outcome::Error,
        ] {
            assert_eq!(Outcome::parse(outcome.as_str()), Some(outcome));
        }
        assert_eq!(Outcome::parse("ok"), None);
    }

    #[test]
    fn only_what_a_transaction_makes_is_a_change() {
        let outside: Vec<&str> = Action::ALL
            .iter()
            .filter(|action| !action.is_change())
            .map(|action| action.as_str())
            .collect();
        assert_eq!(
            outside,
            [
                "auth.failure",
                "access.denied",
                "content.encrypt",
                "content.decrypt",
                "master_key.rotate",
                "signing_key.rotate",
                "data_key.rotate",
                "keyring.split",
                "keyring.escrow",
                "keyring.recover",
                "server.start",
                "server.stop",
                "deployment.init",
                "schema.migrate",
                "migrate.import",
                "migrate.export",
                "migrate.encrypt",
                "migrate.decrypt",
                "keyring.retire",
                "keyring.destroy",
                "target.create_key",
                "target.rotate_key",
                "backup.create",
                "backup.verify",
                "backup.forget_key",
                "backup.rewrap",
                "backup.prune",
                "backup.pin",
                "backup.sync",
                "backup.restore",
                "backup.swap",
                "backup.drill",
                "audit.torn",
                "audit.cut"
            ]
        );
    }
}
