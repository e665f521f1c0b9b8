//! An embapi database, and a deployment that it is to be moved to.

use crate::support::{Database, Deployment, Kills, Postgres, Server as Process, once_free};
use embsec::crypto::embapi_blob::{self, EmbapiKey};
use secrecy::{ExposeSecret as _, SecretString};
use std::path::PathBuf;

const SCHEMA: &str = include_str!("../../../fixtures/embapi/schema.sql");
const VERSION_4: &str = include_str!("../../../fixtures/embapi/version_4.sql");
const ODDITIES: &str = include_str!("../../../fixtures/embapi/oddities.sql");
const UNUSABLE: &str = include_str!("../../../fixtures/embapi/unusable.sql");
const MANY_ROWS: &str = include_str!("../../../fixtures/embapi/many_rows.sql");

/// What the source's provider keys are sealed with.
pub(super) const ENCRYPTION_KEY: &str = "test-encryption-key-12345";

/// What settles everything that stands in the way.
pub(super) const ALL_OPTIONS: &[&str] = &[
    "--repair-owners",
    "--skip-unusable",
    "--rename",
    "admin=zz-admin",
    "--rename",
    "public=aa-public",
    "--rename",
    "mal/lory=mallory",
];

/// A form of embapi's schema.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Form {
    /// That of dhamps-vdb.
    Version4,
    /// The newest.
    Version5,
}

/// Where the deployment keeps its data.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Engine {
    /// One file.
    Sqlite,
    /// A server.
    Postgres(Postgres),
}

/// A source and a deployment.
pub(super) struct Place {
    pub(super) source: Database,
    pub(super) deployment: Deployment,
}

/// How a command ended.
pub(super) struct Ended {
    code: Option<i32>,
    /// What it wrote.
    pub(super) said: String,
}

impl Ended {
    /// Fails unless it ended with this code.
    #[track_caller]
    pub(super) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}", self.said);
        self
    }
}

impl Place {
    /// An embapi database with everything that years of use leave, and an empty deployment.
    pub(super) fn new(server: Postgres, form: Form, engine: Engine) -> Self {
        let source = Database::fresh(server);
        source.run(SCHEMA);
        if form == Form::Version4 {
            source.run(VERSION_4);
        }
        source.run(ODDITIES);
        source.run(UNUSABLE);
        Self::beside(source, engine)
    }

    /// One with many rows and nothing odd about them, and an empty deployment.
    pub(super) fn with_many_rows(server: Postgres, engine: Engine) -> Self {
        let source = Database::fresh(server);
        source.run(SCHEMA);
        source.run(&MANY_ROWS.replace(":rows", "10000"));
        Self::beside(source, engine)
    }

    fn beside(source: Database, engine: Engine) -> Self {
        let deployment = match engine {
            Engine::Sqlite => Deployment::in_a_file(),
            Engine::Postgres(server) => Deployment::on(Database::fresh(server)),
        };
        let place = Self { source, deployment };
        place.run(&["init"]).expect(0);
        place
    }

    /// Runs a command on the deployment.
    pub(super) fn run(&self, arguments: &[&str]) -> Ended {
        let output = once_free(|| self.deployment.command(arguments));
        let said = [output.stdout, output.stderr].concat();
        Ended {
            code: output.status.code(),
            said: String::from_utf8(said).unwrap(),
        }
    }

    fn key_file(&self, key: &str) -> PathBuf {
        let path = self.deployment.parent().join("encryption.key");
        std::fs::write(&path, key).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        path
    }

    /// Moves in, with the right key.
    pub(super) fn import(&self, options: &[&str]) -> Ended {
        self.import_with_key(ENCRYPTION_KEY, options)
    }

    /// Moves in.
    pub(super) fn import_with_key(&self, key: &str, options: &[&str]) -> Ended {
        let (url, key_file) = (self.source.url(), self.key_file(key));
        let mut arguments = vec!["migrate", "import", "--from", &url];
        arguments.extend(["--from-key-file", key_file.to_str().unwrap()]);
        arguments.extend(options);
        self.run(&arguments)
    }

    /// Moves out.
    pub(super) fn export(&self, to: &Database) -> Ended {
        let (url, key_file) = (to.url(), self.key_file(ENCRYPTION_KEY));
        let mut arguments = vec!["migrate", "export", "--to", &url];
        arguments.extend(["--to-key-file", key_file.to_str().unwrap()]);
        self.run(&arguments)
    }

    /// Moves in, and is killed on the way if that is in time.
    pub(super) fn kill_import(&self, kills: &mut Kills) {
        let (url, key_file) = (self.source.url(), self.key_file(ENCRYPTION_KEY));
        let mut arguments = vec!["migrate", "import", "--from", &url];
        arguments.extend(["--from-key-file", key_file.to_str().unwrap()]);
        self.kill(&arguments, kills);
    }

    /// Moves out, and is killed on the way if that is in time.
    pub(super) fn kill_export(&self, to: &Database, kills: &mut Kills) {
        let (url, key_file) = (to.url(), self.key_file(ENCRYPTION_KEY));
        let mut arguments = vec!["migrate", "export", "--to", &url];
        arguments.extend(["--to-key-file", key_file.to_str().unwrap()]);
        self.kill(&arguments, kills);
    }

    fn kill(&self, arguments: &[&str], kills: &mut Kills) {
        let mut command = self.deployment.command(arguments);
        if let Some(output) = kills.strike(arguments[1], &mut command) {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(matches!(output.status.code(), Some(0 | 5)), "{said}");
        }
    }

    /// Serves the deployment.
    pub(super) fn serve(&self) -> Process {
        Process::start(&self.deployment)
    }

    /// What the deployment holds, as far as it can be seen from outside.
    pub(super) fn content(&self) -> String {
        match self.deployment.url() {
            Some(_) => self.deployment.database().run(
                "SELECT to_jsonb(t) FROM embsec.users AS t ORDER BY user_id; \
                 SELECT to_jsonb(t) FROM embsec.definitions AS t ORDER BY definition_id; \
                 SELECT count(*) FROM embsec.embeddings; SELECT count(*) FROM embsec.imports; \
                 SELECT read_only FROM embsec.embsec_state",
            ),
            None => self.run(&["users", "list"]).expect(0).said,
        }
    }
}

/// Opens every key of lines of an id and a sealed key in hexadecimal.
pub(super) fn open_all(lines: &str) -> Vec<(String, String)> {
    let key = EmbapiKey::from_text(&SecretString::from(ENCRYPTION_KEY));
    let open = |line: &str| {
        let (id, sealed) = line.split_once('|').unwrap();
        let sealed = data_encoding::HEXLOWER.decode(sealed.as_bytes()).unwrap();
        let opened = embapi_blob::open(&sealed, &key).unwrap();
        (id.to_owned(), opened.expose_secret().to_owned())
    };
    lines.lines().map(open).collect()
}
