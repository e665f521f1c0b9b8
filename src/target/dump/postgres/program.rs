//! PostgreSQL's own `pg_dump`, for the statements around the rows: finding one that is new enough,
//! and running it under the snapshot of the backup.

use super::error::DumpError;
use crate::domain::postgres_url::PostgresUrl;
use crate::store::connect_options;
use sqlx::postgres::PgSslMode;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use url::Url;

/// Where Debian and its kin keep the programs of each major version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Where the certificates of the system are, for programs before version 16.
const SYSTEM_CERTIFICATES: [&str; 2] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
];
/// The first version that asks the system for its certificates by itself.
const KNOWS_SYSTEM_CERTIFICATES: u32 = 16;
/// How long an attempt to connect may take.
const CONNECT_TIMEOUT_SECS: &str = "10";
/// How long it waits for a lock.
const LOCK_TIMEOUT: &str = "--lock-wait-timeout=60s";
/// How much of what it says is repeated.
const MOST_SAID_CHARS: usize = 500;

/// Where a `pg_dump` may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PgDumpPlaces {
    /// The folder that the settings name; no other is looked at then.
    pub bindir: Option<PathBuf>,
    /// The folders of the variable `PATH`.
    pub path: Option<OsString>,
    /// The home of whoever runs this, where libpq looks for `.pgpass` and certificates.
    pub home: Option<PathBuf>,
}

/// A `pg_dump` that was found, and runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PgDump {
    /// The program.
    pub program: PathBuf,
    /// Its major version.
    pub major: u32,
    path: Option<OsString>,
    home: Option<PathBuf>,
}

/// A part of the statements that make a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Everything before the rows.
    PreData,
    /// Everything behind them.
    PostData,
}

impl PgDump {
    /// Finds a program of at least this major version, and of those the one that is closest to it:
    /// what a newer one writes may need a newer server.
    ///
    /// # Errors
    ///
    /// [`DumpError::NoPgDump`].
    pub fn find(places: &PgDumpPlaces, at_least_major: u32) -> Result<Self, DumpError> {
        let mut found: Vec<Self> = Vec::new();
        let mut told = Vec::new();
        for program in candidates(places) {
            let candidate = Self {
                major: 0,
                path: places.path.clone(),
                home: places.home.clone(),
                program,
            };
            match candidate.version() {
                Some((major, _)) if major >= at_least_major => {
                    found.push(Self { major, ..candidate });
                }
                Some((_, version)) => {
                    told.push(format!("{} ({version})", candidate.program.display()));
                }
                None => told.push(format!("{} (does not run)", candidate.program.display())),
            }
        }
        // The first of several is the one that comes first in the order of places.
        found
            .into_iter()
            .min_by_key(|program| program.major)
            .ok_or(DumpError::NoPgDump {
                needed: at_least_major,
                found: told,
            })
    }

    /// Its major version, and the version as it writes it.
    fn version(&self) -> Option<(u32, String)> {
        let output = self.command().arg("--version").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        let version = text.trim().split(' ').nth(2)?.to_owned();
        let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
        let major = digits.parse().ok()?;
        output.status.success().then_some((major, version))
    }

    /// Knows nothing of the environment but where programs and the home are: what is set there for
    /// other connections must not lead this one elsewhere, and secrets are none of its business.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear().env("LC_ALL", "C").stdin(Stdio::null());
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        if let Some(home) = &self.home {
            command.env("HOME", home);
        }
        command
    }

    /// The statements of one section, without what only `psql` understands.
    pub(super) async fn schema(
        &self,
        url: &PostgresUrl,
        snapshot: &str,
        section: Section,
    ) -> Result<String, DumpError> {
        let mut command = self.command();
        command.envs(self.connection(url)?);
        command.args([
            "--schema-only",
            "--encoding=UTF8",
            "--no-owner",
            "--no-privileges",
            "--no-publications",
            "--no-subscriptions",
            "--no-tablespaces",
            "--no-security-labels",
            "--no-password",
            LOCK_TIMEOUT,
        ]);
        command.arg(match section {
            Section::PreData => "--section=pre-data",
            Section::PostData => "--section=post-data",
        });
        command.arg(format!("--snapshot={snapshot}"));
        let password = password(url);
        let run = tokio::task::spawn_blocking(move || command.output()).await;
        let output = run
            .map_err(|_| DumpError::PgDump("it was stopped".to_owned()))?
            .map_err(|error| DumpError::PgDump(error.to_string()))?;
        if !output.status.success() {
            return Err(failed(&output, password.as_deref()));
        }
        let text = String::from_utf8(output.stdout)
            .map_err(|_| DumpError::PgDump("its statements are not UTF-8".to_owned()))?;
        Ok(without_restrict(&text))
    }

    /// Variables that lead to the database of the URL, as the driver goes there.
    fn connection(&self, url: &PostgresUrl) -> Result<Vec<(&'static str, OsString)>, DumpError> {
        let options = connect_options(url)?;
        let host = options.get_socket().map_or_else(
            || OsString::from(options.get_host()),
            |socket| socket.clone().into_os_string(),
        );
        let mut variables = vec![
            ("PGHOST", host),
            ("PGPORT", options.get_port().to_string().into()),
            ("PGUSER", options.get_username().into()),
            ("PGAPPNAME", "embsec backup".into()),
            ("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT_SECS.into()),
            ("PGSSLMODE", ssl_mode(options.get_ssl_mode()).into()),
        ];
        if let Some(database) = options.get_database() {
            variables.push(("PGDATABASE", database.into()));
        }
        if let Some(password) = password(url) {
            variables.push(("PGPASSWORD", password.into()));
        }
        let parameters = Url::parse(url.reveal()).ok();
        let parameters = parameters.iter().flat_map(Url::query_pairs);
        let mut has_root = false;
        for (name, value) in parameters {
            let (parameter, variable) = match &*name {
                "sslrootcert" => ("sslrootcert", "PGSSLROOTCERT"),
                "sslcert" => ("sslcert", "PGSSLCERT"),
                "sslkey" => ("sslkey", "PGSSLKEY"),
                _ => continue,
            };
            if value.starts_with("-----") {
                return Err(DumpError::CertificateInUrl(parameter));
            }
            has_root |= parameter == "sslrootcert";
            variables.push((variable, value.into_owned().into()));
        }
        let verifies = matches!(
            options.get_ssl_mode(),
            PgSslMode::VerifyCa | PgSslMode::VerifyFull
        );
        if verifies && !has_root {
            // The driver asks the system for its certificates, so this must too.
            variables.extend(
                self.system_certificates()
                    .map(|file| ("PGSSLROOTCERT", file)),
            );
        }
        Ok(variables)
    }

    fn system_certificates(&self) -> Option<OsString> {
        if self.major >= KNOWS_SYSTEM_CERTIFICATES {
            return Some("system".into());
        }
        let mut files = SYSTEM_CERTIFICATES.iter();
        let file = files.find(|file| Path::new(file).exists())?;
        Some((*file).into())
    }
}

fn candidates(places: &PgDumpPlaces) -> Vec<PathBuf> {
    if let Some(folder) = &places.bindir {
        return vec![folder.join("pg_dump")];
    }
    let mut folders: Vec<PathBuf> = places
        .path
        .as_deref()
        .map(|path: &OsStr| std::env::split_paths(path).collect())
        .unwrap_or_default();
    if let Ok(versions) = fs::read_dir(DEBIAN) {
        let versions = versions.flatten().map(|version| version.path().join("bin"));
        folders.extend(versions);
    }
    let programs = folders.into_iter().map(|folder| folder.join("pg_dump"));
    programs.filter(|program| program.is_file()).collect()
}

const fn ssl_mode(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

fn password(url: &PostgresUrl) -> Option<String> {
    let url = Url::parse(url.reveal()).ok()?;
    let decoded = percent_encoding::percent_decode_str(url.password()?);
    Some(decoded.decode_utf8_lossy().into_owned())
}

/// What the program said, without the statements that it repeats and without the password.
fn failed(output: &Output, password: Option<&str>) -> DumpError {
    let said = String::from_utf8_lossy(&output.stderr);
    let lines = said.lines().filter_map(|line| {
        let line = line.strip_prefix("pg_dump: ").unwrap_or(line);
        let line = line.strip_prefix("error: ")?;
        Some(line.split("Command was:").next().unwrap_or(line).trim())
    });
    let mut text = lines.collect::<Vec<_>>().join("; ");
    if let Some(password) = password.filter(|password| !password.is_empty()) {
        text = text.replace(password, "****");
    }
    if text.is_empty() {
        text = output.status.to_string();
    }
    let text: String = text.chars().take(MOST_SAID_CHARS).collect();
    let is_away = [
        "connection to server",
        "could not connect",
        "server closed the connection",
    ]
    .iter()
    .any(|sign| text.contains(sign));
    if is_away {
        DumpError::PgDumpUnreachable(text)
    } else {
        DumpError::PgDump(text)
    }
}

/// The statements without the two lines that only `psql` understands: the first that begins with
/// `\restrict`, and the one that ends it with the same word.
fn without_restrict(text: &str) -> String {
    let first = text.lines().find(|line| line.starts_with("\\restrict "));
    let Some(first) = first else {
        return text.to_owned();
    };
    let last = first.replacen("\\restrict", "\\unrestrict", 1);
    let mut kept = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        if bare != first && bare != last {
            kept.push_str(line);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    #[test]
    fn only_the_two_lines_of_psql_are_taken_away() {
        let text = "--\n\\restrict aB1\n\nCREATE FUNCTION f() AS '\n\\restrict other\n';\n\\unrestrict aB1\n";
        assert_eq!(
            without_restrict(text),
            "--\n\nCREATE FUNCTION f() AS '\n\\restrict other\n';\n"
        );
        assert_eq!(without_restrict("SELECT 1;\n"), "SELECT 1;\n");
    }

    #[test]
    fn what_the_program_says_is_told_without_statements_and_secrets() {
        let output = Output {
            status: ExitStatus::from_raw(256),
            stdout: Vec::new(),
            stderr: b"pg_dump: error: query failed: ERROR:  permission denied for table canary hunter2\n\
                pg_dump: detail: Query was: LOCK TABLE public.canary IN ACCESS SHARE MODE\n"
                .to_vec(),
        };
        let told = failed(&output, Some("hunter2")).to_string();
        assert!(told.contains("permission denied"), "{told}");
        assert!(
            !told.contains("hunter2") && !told.contains("LOCK"),
            "{told}"
        );
    }

    #[test]
    fn a_program_that_is_too_old_or_missing_is_told() {
        let places = PgDumpPlaces {
            bindir: Some(PathBuf::from("/nonexistent")),
            ..PgDumpPlaces::default()
        };
        let told = PgDump::find(&places, 14).unwrap_err().to_string();
        assert_eq!(
            told,
            "no pg_dump of version 14 or newer was found; there is only /nonexistent/pg_dump (does not run)"
        );
    }

    #[test]
    fn passwords_and_sockets_reach_the_program_as_the_driver_has_them() {
        let program = PgDump {
            program: PathBuf::from("pg_dump"),
            major: 16,
            path: None,
            home: None,
        };
        let url = "postgres://ann:p%40ss%2F@%2Fvar%2Frun%2Fpg:5433/db?sslmode=verify-full";
        let variables = program
            .connection(&PostgresUrl::parse(url).unwrap())
            .unwrap();
        for (name, value) in [
            ("PGHOST", "/var/run/pg"),
            ("PGPORT", "5433"),
            ("PGUSER", "ann"),
            ("PGDATABASE", "db"),
            ("PGPASSWORD", "p@ss/"),
            ("PGSSLMODE", "verify-full"),
            ("PGSSLROOTCERT", "system"),
        ] {
            assert!(variables.contains(&(name, value.into())), "{name}");
        }
        let url = "postgres://db.example.org/db?sslrootcert=-----BEGIN%20CERTIFICATE-----";
        let refused = program.connection(&PostgresUrl::parse(url).unwrap());
        assert!(matches!(
            refused,
            Err(DumpError::CertificateInUrl("sslrootcert"))
        ));
    }
}
