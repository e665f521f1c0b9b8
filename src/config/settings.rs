//! The table of settings: every key, what it takes, its default and what it means.
//!
//! The reader of the file, the environment's names, the commented `embsec.toml`, the JSON Schema
//! and `embsec config show` are all drawn from this table, so none of them can know a setting
//! that another does not. What a value means once it is read is not here: that is in the file of
//! its concern.

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number within these bounds, both included.
    Int {
        /// The least.
        min: u64,
        /// The greatest.
        max: u64,
    },
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Text, with what it should hold in words that follow "expects".
    Text(&'static str),
    /// A list of texts; separated by commas in the environment.
    List(&'static str),
    /// A secret or a reference to one; never printed.
    Secret,
}

/// The default of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    /// A truth value.
    Bool(bool),
    /// A number.
    Int(u64),
    /// A text or one of a choice.
    Text(&'static str),
    /// A list without members.
    EmptyList,
    /// None: the setting is absent unless it is given. Holds an example for the documentation.
    Absent(&'static str),
}

/// One setting.
#[derive(Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key: section, dot, name.
    pub key: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// Its default.
    pub preset: Preset,
    /// What it means, in full sentences.
    pub doc: &'static str,
}

impl Setting {
    /// The section of the file that holds it.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.key.split_once('.').map_or("", |(section, _)| section)
    }

    /// Its name within the section.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.key.split_once('.').map_or(self.key, |(_, name)| name)
    }

    /// The variable of the environment that sets it: `EMBSEC_SECTION__NAME`.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("EMBSEC_{}__{}", self.section(), self.name()).to_ascii_uppercase()
    }
}

/// The sections of the file, in its order, each with the sentence that heads it.
pub const SECTIONS: [(&str, &str); 10] = [
    ("serve", "How `embsec serve` listens and stops."),
    ("log", "What `embsec serve` writes about itself to stderr."),
    ("api", "How the API answers."),
    ("database", "Where everything is kept."),
    ("search", "How similar embeddings are found."),
    ("keyring", "Where the master key is."),
    ("keys", "What becomes of the keys of deleted projects."),
    ("audit", "The audit log."),
    (
        "backup",
        "Where backups go, for whom they are sealed, and how long they are kept.",
    ),
    ("restore_test", "How a restore is tried out."),
];

macro_rules! settings {
    ($($name:ident = $key:literal, $kind:expr, $preset:expr, $doc:literal;)*) => {
        $(
            #[doc = $doc]
            pub static $name: Setting =
                Setting { key: $key, kind: $kind, preset: $preset, doc: $doc };
        )*

        /// Every setting, in the order of the file.
        pub static SETTINGS: &[&Setting] = &[$(&$name),*];
    };
}

settings! {
    SERVE_LISTEN = "serve.listen",
        Kind::Text("an IP address and a port, such as 127.0.0.1:8880"),
        Preset::Text("127.0.0.1:8880"),
        "The address and port of the API.";
    SERVE_ALLOW_PLAINTEXT = "serve.allow_plaintext",
        Kind::Bool,
        Preset::Bool(false),
        "Whether an address that other machines can reach may be served without TLS. API keys \
         then cross the network in clear, so say yes only behind a proxy that does TLS.";
    SERVE_SHUTDOWN_SECS = "serve.shutdown_secs",
        Kind::Int { min: 0, max: 3600 },
        Preset::Int(30),
        "How long a stopping server waits for the requests in flight, in seconds.";
    SERVE_METRICS_LISTEN = "serve.metrics_listen",
        Kind::Text("an IP address and a port, such as 127.0.0.1:9880, or `off`"),
        Preset::Text("off"),
        "The address and port of the Prometheus metrics, or `off`.";
    LOG_FORMAT = "log.format",
        Kind::Choice(&["text", "json"]),
        Preset::Text("text"),
        "Lines for people, or one JSON object a line.";
    LOG_LEVEL = "log.level",
        Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
        Preset::Text("info"),
        "The least important lines that are still written.";
    API_COMPAT = "api.compat",
        Kind::Choice(&["embapi", "vdb"]),
        Preset::Text("embapi"),
        "Which version of the upstream API clients meet: the newest (embapi), or the older one \
         whose keys are named vdb_key (vdb).";
    API_KEY_FORMAT = "api.key_format",
        Kind::Choice(&["embsec", "hex"]),
        Preset::Text("embsec"),
        "The form of new API keys: recognisable to secret scanners, with check digits (embsec), \
         or 64 hexadecimal digits for clients that insist on them (hex).";
    API_ALLOW_RESET = "api.allow_reset",
        Kind::Bool,
        Preset::Bool(false),
        "Whether the administrator may wipe all data through the API.";
    API_MAX_BODY_BYTES = "api.max_body_bytes",
        Kind::Int { min: 1024, max: 1_073_741_824 },
        Preset::Int(1_048_576),
        "The largest request body, in bytes; a larger one is answered 413.";
    API_BODY_TIMEOUT_SECS = "api.body_timeout_secs",
        Kind::Int { min: 1, max: 3600 },
        Preset::Int(5),
        "How long a request body may take to arrive, in seconds; a slower one is answered 408.";
    API_CORS_ORIGINS = "api.cors_origins",
        Kind::List("origins, such as https://app.example.org, or `*` alone"),
        Preset::EmptyList,
        "The origins whose pages may call the API from a browser. `*` alone stands for all; \
         cookies and other ambient credentials are never allowed.";
    API_ADMIN_KEY = "api.admin_key",
        Kind::Secret,
        Preset::Absent("file:/run/secrets/admin.key"),
        "The administrator's key, instead of the one that `embsec init` made and whose digest \
         the database holds: a reference (file:PATH, env:NAME, credential:NAME of systemd, or \
         cmd:PROGRAM ARGUMENTS) or the key itself.";
    DATABASE_URL = "database.url",
        Kind::Text("sqlite:PATH, a path, postgres://USER@HOST:PORT/DATABASE, or a reference to one"),
        Preset::Text("sqlite:embsec.db"),
        "The database: sqlite:PATH, a plain path, or postgres://USER@HOST:PORT/DATABASE with the \
         parameters sslmode, sslrootcert, sslcert, sslkey, host and application_name. Without \
         sslmode, a server on another machine is spoken to over TLS and must prove its name \
         (verify-full). Also a reference to the URL: file:PATH, env:NAME, credential:NAME of \
         systemd, or cmd:PROGRAM ARGUMENTS.";
    DATABASE_SYNCHRONOUS = "database.synchronous",
        Kind::Choice(&["full", "normal"]),
        Preset::Text("full"),
        "When SQLite waits for the disk: at every commit (full), so that nothing acknowledged is \
         lost when the power fails, or at checkpoints only (normal).";
    DATABASE_POOL_SIZE = "database.pool_size",
        Kind::Int { min: 0, max: 500 },
        Preset::Int(0),
        "How many connections are used at the same time. On SQLite they only read, and there is \
         always one more, which writes. 0 stands for the usual number: 4 on SQLite, 10 on \
         PostgreSQL.";
    DATABASE_MAX_IDLE_CONNECTIONS = "database.max_idle_connections",
        Kind::Int { min: 0, max: 500 },
        Preset::Int(10),
        "How many connections to PostgreSQL stay open while nobody uses them.";
    DATABASE_IDLE_TIMEOUT_SECS = "database.idle_timeout_secs",
        Kind::Int { min: 1, max: 86_400 },
        Preset::Int(600),
        "After how long without use a connection to PostgreSQL is closed, in seconds.";
    DATABASE_MAX_LIFETIME_SECS = "database.max_lifetime_secs",
        Kind::Int { min: 1, max: 604_800 },
        Preset::Int(1_800),
        "After how long a connection to PostgreSQL is replaced by a new one, in seconds.";
    DATABASE_CONNECT_TIMEOUT_SECS = "database.connect_timeout_secs",
        Kind::Int { min: 1, max: 600 },
        Preset::Int(5),
        "How long to wait for a connection to PostgreSQL, in seconds; then a request is answered \
         503.";
    DATABASE_STATEMENT_TIMEOUT_SECS = "database.statement_timeout_secs",
        Kind::Int { min: 1, max: 86_400 },
        Preset::Int(30),
        "How long PostgreSQL may take for one statement of the API, waiting for locks included, in \
         seconds; then the request is answered 503.";
    DATABASE_AUTO_MIGRATE = "database.auto_migrate",
        Kind::Bool,
        Preset::Bool(false),
        "Whether `embsec serve` brings the schema on PostgreSQL up to date by itself, as it always \
         does on SQLite; otherwise `embsec migrate up` does.";
    SEARCH_MODE = "search.mode",
        Kind::Choice(&["auto", "exact", "approximate"]),
        Preset::Text("auto"),
        "How a search looks for what is similar: at every vector (exact), by the index of \
         PostgreSQL (approximate), or by the index in large projects only (auto). What an index \
         finds is compared by the same rule, but it may miss some of the most similar. SQLite has \
         no index and is always searched exactly.";
    SEARCH_MEMORY_MB = "search.memory_mb",
        Kind::Int { min: 1, max: 1_048_576 },
        Preset::Int(512),
        "How much memory holds vectors ready to be searched, in MiB. A project that does not fit \
         is read from the database at each search.";
    KEYRING_SOURCE = "keyring.source",
        Kind::Text("file:PATH, env:NAME, credential:NAME or cmd:PROGRAM ARGUMENTS"),
        Preset::Text("file:keyring.toml"),
        "Where the keyring is read: file:PATH, env:NAME, credential:NAME of systemd, or \
         cmd:PROGRAM ARGUMENTS. A file is plain, or sealed as age does: by a passphrase or to \
         recipients. Commands that change keys write a file only; from any other source the \
         changed keyring goes to a file of its own (--out FILE).";
    KEYRING_PASSPHRASE = "keyring.passphrase",
        Kind::Secret,
        Preset::Absent("credential:keyring-passphrase"),
        "The passphrase of a keyring that is sealed by one: a reference (file:PATH, env:NAME, \
         credential:NAME of systemd, or cmd:PROGRAM ARGUMENTS) or the passphrase itself. Without \
         it a command asks at the terminal; a server does not start.";
    KEYRING_IDENTITY = "keyring.identity",
        Kind::Secret,
        Preset::Absent("credential:keyring-identity"),
        "The age identities (AGE-SECRET-KEY-1…) that open a keyring which is sealed to \
         recipients: a reference to a file as age-keygen writes it, or one identity itself.";
    KEYS_SHRED_AFTER = "keys.shred_after",
        Kind::Text("a time such as 30d or 12h, at most 3650d"),
        Preset::Text("30d"),
        "How long a deleted project can be brought back by `embsec projects undelete`. After that, \
         `embsec keys shred --due` destroys its keys and its rows for good.";
    AUDIT_DIR = "audit.dir",
        Kind::Text("a folder"),
        Preset::Text("audit"),
        "The folder of the audit log.";
    BACKUP_DESTINATION = "backup.destination",
        Kind::Text("a folder or s3://BUCKET/PREFIX"),
        Preset::Text("backups"),
        "Where backups are kept: a folder, or `s3://BUCKET/PREFIX` of an S3-compatible store.";
    BACKUP_RECIPIENTS = "backup.recipients",
        Kind::List("recipients of age, such as age1…"),
        Preset::EmptyList,
        "Who can open backups: the public keys (age1…) that age-keygen prints. Two at least, so \
         that one lost identity is not the end: an operator's, and one that is kept for the worst \
         day. The identities themselves do not belong on this machine.";
    BACKUP_SPOOL = "backup.spool",
        Kind::Text("a folder"),
        Preset::Text("backup-spool"),
        "The folder in which a backup is made before it goes to an S3 store. It takes as much room \
         as one backup. A destination that is a folder has its own.";
    BACKUP_MAX_AGE_HOURS = "backup.max_age_hours",
        Kind::Int { min: 1, max: 87_600 },
        Preset::Int(26),
        "How old the newest verified backup may be, in hours. While it is older, no backup is \
         removed.";
    BACKUP_PG_BINDIR = "backup.pg_bindir",
        Kind::Text("a folder"),
        Preset::Absent("/usr/lib/postgresql/17/bin"),
        "The folder of pg_dump; without it, the folders of PATH are searched. It must be at least \
         as new as the server.";
    BACKUP_KEEP_DAILY = "backup.keep_daily",
        Kind::Int { min: 0, max: 3_660 },
        Preset::Int(7),
        "How many days keep their newest verified backup.";
    BACKUP_KEEP_WEEKLY = "backup.keep_weekly",
        Kind::Int { min: 0, max: 520 },
        Preset::Int(4),
        "How many weeks keep their newest verified backup. Weeks begin on Monday.";
    BACKUP_KEEP_MONTHLY = "backup.keep_monthly",
        Kind::Int { min: 0, max: 1_200 },
        Preset::Int(12),
        "How many months keep their newest verified backup.";
    BACKUP_KEEP_YEARLY = "backup.keep_yearly",
        Kind::Int { min: 0, max: 100 },
        Preset::Int(7),
        "How many years keep their newest verified backup.";
    BACKUP_TIME_ZONE = "backup.time_zone",
        Kind::Text("UTC, system, or the name of a time zone, such as Europe/Berlin"),
        Preset::Text("UTC"),
        "The time zone in which days, weeks, months and years begin: a name such as \
         Europe/Berlin, or `system` for that of this machine.";
    BACKUP_HEALTHCHECK_URL = "backup.healthcheck_url",
        Kind::Secret,
        Preset::Absent("credential:backup-healthcheck-url"),
        "A URL that is called after a backup that succeeded and, with /fail behind it, after one \
         that did not: a reference (file:PATH, env:NAME, credential:NAME of systemd, or \
         cmd:PROGRAM ARGUMENTS) or the URL itself. Whoever knows it can report in embsec's name.";
    BACKUP_S3_ENDPOINT = "backup.s3_endpoint",
        Kind::Text("the URL of a store, such as https://s3.example.org"),
        Preset::Absent("https://s3.example.org"),
        "The URL of the S3-compatible store; without it, that of Amazon in the region.";
    BACKUP_S3_REGION = "backup.s3_region",
        Kind::Text("the name of a region"),
        Preset::Text("us-east-1"),
        "The region of the bucket.";
    BACKUP_S3_ACCESS_KEY_ID = "backup.s3_access_key_id",
        Kind::Secret,
        Preset::Absent("credential:s3-access-key-id"),
        "The id of the access key of the S3 store: a reference (file:PATH, env:NAME, \
         credential:NAME of systemd, or cmd:PROGRAM ARGUMENTS) or the id itself.";
    BACKUP_S3_SECRET_ACCESS_KEY = "backup.s3_secret_access_key",
        Kind::Secret,
        Preset::Absent("credential:s3-secret-access-key"),
        "The secret of the access key: a reference (file:PATH, env:NAME, credential:NAME of \
         systemd, or cmd:PROGRAM ARGUMENTS) or the secret itself.";
    BACKUP_S3_PATH_STYLE = "backup.s3_path_style",
        Kind::Bool,
        Preset::Bool(false),
        "Whether the bucket stands in the path of a URL and not in the name of the host, as most \
         stores other than Amazon's expect it.";
    BACKUP_VERIFY_KEYS = "backup.verify_keys",
        Kind::List("public signing keys"),
        Preset::EmptyList,
        "The public signing keys whose backups are trusted beside those of the keyring: on a \
         host that only verifies, the keys of the hosts that make backups.";
    RESTORE_TEST_USER = "restore_test.user",
        Kind::Text("the name of a user, but not root"),
        Preset::Absent("postgres"),
        "Who runs the scratch server of PostgreSQL when root asks for a restore test, since it \
         does not start as root; without it, the user postgres where there is one, else nobody.";
    RESTORE_TEST_PG_BINDIR = "restore_test.pg_bindir",
        Kind::Text("a folder"),
        Preset::Absent("/usr/lib/postgresql/17/bin"),
        "The folder of the programs of PostgreSQL that run the scratch server; without it, that \
         of `backup.pg_bindir`, then the folders of PATH.";
    RESTORE_TEST_HEALTHCHECK_URL = "restore_test.healthcheck_url",
        Kind::Secret,
        Preset::Absent("credential:restore-test-healthcheck-url"),
        "A URL that is called after a restore test that ended well and, with /fail behind it, after \
         one that did not: as `backup.healthcheck_url`, and another one, so that neither speaks for \
         the other.";
}

/// The setting of this key.
#[must_use]
pub fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().copied().find(|setting| setting.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_lies_in_a_known_section_in_the_order_of_the_sections() {
        let order: Vec<usize> = SETTINGS
            .iter()
            .map(|setting| {
                SECTIONS
                    .iter()
                    .position(|(section, _)| *section == setting.section())
                    .unwrap_or_else(|| panic!("{} has no section", setting.key))
            })
            .collect();
        assert!(order.is_sorted());
    }

    #[test]
    fn every_default_is_of_the_kind_that_the_setting_takes() {
        for setting in SETTINGS {
            let fits = match (setting.kind, setting.preset) {
                (Kind::Int { min, max }, Preset::Int(n)) => (min..=max).contains(&n),
                (Kind::Choice(words), Preset::Text(word)) => words.contains(&word),
                (Kind::Bool, Preset::Bool(_))
                | (Kind::Text(_), Preset::Text(_) | Preset::Absent(_))
                | (Kind::List(_), Preset::EmptyList)
                | (Kind::Secret, Preset::Absent(_)) => true,
                _ => false,
            };
            assert!(fits, "{}", setting.key);
        }
    }

    #[test]
    fn a_variable_is_named_after_its_key() {
        assert_eq!(API_MAX_BODY_BYTES.variable(), "EMBSEC_API__MAX_BODY_BYTES");
    }
}
