//! How a server is reached: TLS in all its modes, and for everything that can be wrong an exit
//! code, a message that names the fix, and never the password.

use crate::support::{
    Cluster, Database, Deployment, Postgres, Server, Started, embsec_command, in_database, psql,
    required,
};
use std::net::{Ipv4Addr, TcpListener};
use std::process::Output;

/// What was named is not there, or the configuration is wrong: trying again does not help.
const WRONG: i32 = 2;
/// Trying again can help.
const UNAVAILABLE: i32 = 5;

/// A database that cannot be used, and what must be said about it.
struct Refusal {
    what: &'static str,
    url: String,
    code: i32,
    /// Words that the message or its hint must have.
    says: &'static [&'static str],
    /// The commands that meet it.
    commands: &'static [&'static str],
}

/// Most of what can be wrong is wrong for both.
const BOTH: &[&str] = &["init", "serve"];

/// Debian's server speaks TLS and has no pgvector, so whoever comes as far as the extension has
/// made a connection. Its user `embsec` is refused without TLS, and `plain` is not.
struct TlsServer {
    url: String,
    right_ca: String,
    wrong_ca: String,
}

impl TlsServer {
    fn find() -> Self {
        Self {
            url: required("EMBSEC_TEST_POSTGRES_TLS"),
            right_ca: required("EMBSEC_TEST_POSTGRES_TLS_CA"),
            wrong_ca: required("EMBSEC_TEST_POSTGRES_TLS_WRONG_CA"),
        }
    }

    /// The user may come without TLS too.
    fn plain_user(&self) -> String {
        self.url.replacen("//embsec:", "//plain:", 1)
    }

    /// Another name of the same server, one that its certificate does not have.
    fn elsewhere(&self) -> String {
        self.url.replacen("@localhost:", "@127.0.0.2:", 1)
    }
}

/// An exit code, and words that are said.
type Told = (i32, &'static [&'static str]);

/// What comes after a connection to Debian's server was made.
const CONNECTED: Told = (WRONG, &["extension", "vector", "CREATE EXTENSION"]);

#[test]
fn every_tls_mode_connects_or_says_what_is_wrong() {
    let server = TlsServer::find();
    let (url, plain, elsewhere) = (&server.url, &server.plain_user(), &server.elsewhere());
    let (right, wrong) = (&server.right_ca, &server.wrong_ca);
    let certificate: Told = (WRONG, &["certificate"]);
    let rows: Vec<(&'static str, String, Told)> = vec![
        ("disable", format!("{plain}?sslmode=disable"), CONNECTED),
        (
            "disable, where the server wants TLS",
            format!("{url}?sslmode=disable"),
            (WRONG, &["role"]),
        ),
        ("prefer", format!("{url}?sslmode=prefer"), CONNECTED),
        ("require", format!("{url}?sslmode=require"), CONNECTED),
        (
            "verify-ca",
            format!("{url}?sslmode=verify-ca&sslrootcert={right}"),
            CONNECTED,
        ),
        (
            "verify-ca, under another name",
            format!("{elsewhere}?sslmode=verify-ca&sslrootcert={right}"),
            CONNECTED,
        ),
        (
            "verify-ca, wrong authority",
            format!("{url}?sslmode=verify-ca&sslrootcert={wrong}"),
            certificate,
        ),
        (
            "verify-ca, authority of the system",
            format!("{url}?sslmode=verify-ca"),
            certificate,
        ),
        (
            "verify-full",
            format!("{url}?sslmode=verify-full&sslrootcert={right}"),
            CONNECTED,
        ),
        (
            "verify-full, wrong authority",
            format!("{url}?sslmode=verify-full&sslrootcert={wrong}"),
            certificate,
        ),
        (
            "verify-full, under another name",
            format!("{elsewhere}?sslmode=verify-full&sslrootcert={right}"),
            certificate,
        ),
        (
            "a file of authorities that is not there",
            format!("{url}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem"),
            (WRONG, &["sslrootcert"]),
        ),
        (
            "no such mode",
            format!("{url}?sslmode=sometimes"),
            (WRONG, &["sslmode"]),
        ),
        (
            "TLS where the server has none",
            format!("{}?sslmode=require", required("EMBSEC_TEST_POSTGRES_18")),
            (WRONG, &["TLS"]),
        ),
    ];
    for (what, url, (code, says)) in rows {
        assert_refused(&Refusal {
            what,
            url,
            code,
            says,
            commands: BOTH,
        });
    }
}

#[test]
fn what_is_missing_is_named_with_its_fix() {
    let tls = TlsServer::find();
    let password = password_of(&tls.url).to_owned();
    let without = Database::empty_at(&Postgres::V18.url());
    let foreign = Database::fresh(Postgres::V18);
    foreign.run("CREATE TABLE public.notes (id int)");
    let unused = Database::fresh(Postgres::V18);
    let used = Deployment::on(Database::fresh(Postgres::V18));
    assert!(used.embsec(&["init"]).status.success());
    let role = Role::make();
    for refusal in [
        Refusal {
            what: "no such database",
            url: in_database(&Postgres::V18.url(), "nosuchdatabase"),
            code: WRONG,
            says: &["no such database", "nosuchdatabase", "CREATE DATABASE"],
            commands: BOTH,
        },
        Refusal {
            what: "wrong password",
            url: tls.url.replace(&password, "not-the-password-7c1f"),
            code: WRONG,
            says: &["role", "password"],
            commands: BOTH,
        },
        Refusal {
            what: "no such role",
            url: Postgres::V18
                .url()
                .replacen("//postgres@", "//nosuchrole@", 1),
            code: WRONG,
            says: &["role"],
            commands: BOTH,
        },
        Refusal {
            what: "no right to make the schema",
            url: role.enters(&unused.url()),
            code: WRONG,
            says: &["right", "GRANT"],
            commands: &["init"],
        },
        Refusal {
            what: "no right to use the schema",
            url: role.enters(used.url().unwrap()),
            code: WRONG,
            says: &["right", "GRANT"],
            commands: &["serve"],
        },
        // `init` makes it, if the role may; on Debian's server nobody can.
        Refusal {
            what: "no extension",
            url: without.url(),
            code: WRONG,
            says: &["extension", "vector", "CREATE EXTENSION"],
            commands: &["serve"],
        },
        Refusal {
            what: "another program's tables",
            url: foreign.url(),
            code: 4,
            says: &["another program", "migrate import"],
            commands: BOTH,
        },
    ] {
        assert_refused(&refusal);
    }
}

#[test]
fn a_server_that_is_away_or_starting_is_worth_another_try() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let starting = Cluster::start();
    starting.keep_starting();
    for refusal in [
        Refusal {
            what: "nobody listens",
            url: format!("postgres://postgres:canary-password-51@127.0.0.1:{port}/postgres"),
            code: UNAVAILABLE,
            says: &["cannot be reached"],
            commands: BOTH,
        },
        Refusal {
            what: "no such host",
            url: "postgres://postgres:canary-password-51@nowhere.invalid/postgres".to_owned(),
            code: UNAVAILABLE,
            says: &["cannot be reached"],
            commands: BOTH,
        },
        Refusal {
            what: "a server that is starting",
            url: starting.url(),
            code: UNAVAILABLE,
            says: &["cannot be reached"],
            commands: BOTH,
        },
    ] {
        assert_refused(&refusal);
    }
}

#[test]
fn a_server_without_an_answer_is_given_up() {
    // It takes connections and never says a word.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = silent.local_addr().unwrap().port();
    assert_refused(&Refusal {
        what: "silence",
        url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
        code: UNAVAILABLE,
        says: &["cannot be reached"],
        commands: BOTH,
    });
}

/// A role that owns nothing. Dropped with this value.
struct Role(String);

impl Role {
    fn make() -> Self {
        let name = format!("embsec_test_role_{}", std::process::id());
        psql(&Postgres::V18.url(), &format!("CREATE ROLE {name} LOGIN"));
        Self(name)
    }

    /// The URL with this role instead of the superuser.
    fn enters(&self, url: &str) -> String {
        url.replacen("//postgres@", &format!("//{}@", self.0), 1)
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        psql(&Postgres::V18.url(), &format!("DROP ROLE {}", self.0));
    }
}

/// Asserts that these commands do not work with this database, that they say so in the same way,
/// and that `init` leaves nothing behind.
#[track_caller]
fn assert_refused(refusal: &Refusal) {
    let Refusal { what, url, .. } = refusal;
    if refusal.commands.contains(&"init") {
        let fresh = Deployment::in_a_file();
        let output = embsec_command()
            .args(["init", "--database", url, "--dir"])
            .arg(fresh.dir())
            .output()
            .unwrap();
        assert_told(refusal, "init", output.status.code(), &text_of(&output));
        assert!(!fresh.dir().exists(), "{what}: init left a folder");
    }
    if refusal.commands.contains(&"serve") {
        let whole = Deployment::in_a_file();
        assert!(whole.embsec(&["init"]).status.success());
        match Server::try_start(&whole, &[("EMBSEC_DATABASE__URL", url)]) {
            Started::Serving(server) => panic!("{what}: serve runs\n{}", server.log()),
            Started::Ended(status, log) => assert_told(refusal, "serve", status.code(), &log),
        }
    }
}

#[track_caller]
fn assert_told(refusal: &Refusal, command: &str, code: Option<i32>, text: &str) {
    let Refusal {
        what,
        url,
        code: expected,
        says,
        ..
    } = refusal;
    assert_eq!(code, Some(*expected), "{what}, {command}: {text}");
    let told = text.to_lowercase();
    for words in *says {
        assert!(
            told.contains(&words.to_lowercase()),
            "{what}, {command}: no {words:?} in {text}"
        );
    }
    assert!(
        text.contains("Hint: "),
        "{what}, {command}: no hint in {text}"
    );
    let password = password_of(url);
    assert!(
        password.is_empty() || !text.contains(password),
        "{what}, {command}: the password is in {text}"
    );
}

fn text_of(output: &Output) -> String {
    let stdout = String::from_utf8_lossy(&output.stdout);
    format!("{stdout}{}", String::from_utf8_lossy(&output.stderr))
}

/// The password in a URL, or nothing.
fn password_of(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap();
    let (user_info, _) = rest.split_once('@').unwrap();
    user_info
        .split_once(':')
        .map_or("", |(_, password)| password)
}
