//! Speed of encrypting what another program has, beside what the database does by itself, on the
//! same 200,000 values of 64 bytes in one run.
//!
//! `cargo bench --bench migrate` prints these ratios, scrubbing apart:
//!
//! - SQLite: rows per second of `migrate encrypt`, proof and verification included, beside updates
//!   row by row that commit each (WAL, synchronous FULL), and beside one plain `UPDATE` that writes
//!   values of the same size;
//! - PostgreSQL: the same beside one plain `UPDATE`, and beside `UPDATE … pgp_sym_encrypt` and
//!   `UPDATE … encrypt_iv` of pgcrypto;
//! - rows per minute of `migrate encrypt-status` on both.
//!
//! It starts a server of its own from Debian's package, which has pgcrypto. Without `--bench`
//! everything is small and shows only that it works.

#![expect(
    clippy::print_stdout,
    reason = "the ratios are the result of this program"
)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a bench that cannot go on has to stop"
)]

#[path = "../api/report.rs"]
#[expect(dead_code, reason = "this bench needs only a part of it")]
mod report;
#[path = "../postgres/server.rs"]
mod server;

use embsec::app::encryption::{Direction, Watch};
use embsec::app::job::{Stop, Unheard};
use embsec::deployment::{OtherSide, Target, TargetProfile, TargetRequest};
use embsec::domain::audit::{Details, Origin};
use embsec::domain::ids::RequestId;
use embsec::domain::postgres_url::PostgresUrl;
use embsec::sys::clock::SystemClock;
use embsec::sys::rng::SystemRng;
use report::{Goal, print_figure, print_ratio};
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The server has the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// Characters of a sealed value of 64 bytes.
const SEALED_CHARS: u32 = 131;

const TABLES: &str = "\
    CREATE TABLE projects (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, api_key TEXT NOT NULL, \
      is_active BOOLEAN NOT NULL DEFAULT TRUE, updated_at TEXT NOT NULL DEFAULT 'now'); \
    CREATE TABLE tokens (id TEXT PRIMARY KEY, token TEXT NOT NULL UNIQUE, \
      project_id TEXT NOT NULL, expires_at TEXT);";

fn main() {
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    if has("--list") {
        return;
    }
    let rows = if has("--bench") { 200_000 } else { 500 };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        sqlite(rows).await;
        postgres(rows).await;
    });
}

/// Rows per second.
fn rate(rows: u32, took: Duration) -> f64 {
    f64::from(rows) / took.as_secs_f64()
}

fn target(database: OtherSide) -> Target {
    Target::of(TargetRequest {
        database,
        profile: TargetProfile::LlmProxy,
        columns: vec!["api_key".to_owned()],
        key: Some(KEY.into()),
        keyring: None,
        treat_as_plaintext: Vec::new(),
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
    })
    .unwrap()
}

/// Encrypts, then looks at it; returns how long each took, and scrubbing.
async fn encrypt(target: &Target, rows: u32, folder: &Path) -> [Duration; 3] {
    let stop = Stop::default();
    let watch = Watch {
        progress: &Unheard,
        stop,
    };
    let origin = Origin {
        actor: "admin".to_owned(),
        request_id: RequestId("bench".to_owned()),
        client_ip: None,
        details: Details::new(),
    };
    let begin = Instant::now();
    let mut run = target.begin(Direction::Encrypt).await.unwrap();
    let proven = run.prove(&watch).await.unwrap();
    let audit = folder.join("audit");
    let report = run.apply(proven, &watch, &audit, origin).await.unwrap();
    let encrypted = begin.elapsed();
    assert_eq!(report.changed(), u64::from(rows));
    let begin = Instant::now();
    run.scrub(folder, &|_| {}).unwrap();
    let scrubbed = begin.elapsed();
    let begin = Instant::now();
    let census = target.status(&watch).await.unwrap();
    let looked = begin.elapsed();
    assert_eq!(census.columns[0].encrypted, u64::from(rows));
    [encrypted, scrubbed, looked]
}

fn tell_status(engine: &str, rows: u32, took: Duration) {
    let name = format!("encrypt-status, {engine}, rows a minute");
    print_ratio(&name, rate(rows, took) * 60.0, Goal::AtLeast(5_000_000.0));
}

async fn sqlite(rows: u32) {
    let folder = tempfile::tempdir().unwrap();
    let fill = |name: &str| {
        let path = folder.path().join(name);
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
            .unwrap();
        connection.execute_batch(TABLES).unwrap();
        let insert = format!(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) \
             INSERT INTO projects (id, name, api_key) \
             SELECT printf('p%07d', n), printf('Project %d', n), printf('sk-%061d', n) FROM c"
        );
        connection.execute_batch(&insert).unwrap();
        connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
            .unwrap();
        (path, connection)
    };
    let (_, connection) = fill("plain.db");
    let plain = format!(
        "UPDATE projects SET api_key = printf('enc:v1:%0{}d', rowid)",
        SEALED_CHARS - 7
    );
    let begin = Instant::now();
    connection.execute_batch(&plain).unwrap();
    let plain = rate(rows, begin.elapsed());

    let (_, connection) = fill("single.db");
    let singles = rows.min(3_000);
    let mut statement = connection
        .prepare("UPDATE projects SET api_key = printf('enc:v1:%0124d', rowid) WHERE id = ?1")
        .unwrap();
    let begin = Instant::now();
    for row in 1..=singles {
        statement.execute([format!("p{row:07}")]).unwrap();
    }
    let single = rate(singles, begin.elapsed());

    let (path, connection) = fill("encrypted.db");
    drop(connection);
    let target = target(OtherSide::Sqlite(path));
    let [encrypted, scrubbed, looked] = encrypt(&target, rows, folder.path()).await;
    let encrypted = rate(rows, encrypted);
    print_figure("encrypt, SQLite", encrypted, "rows a second");
    print_figure("scrub, SQLite", scrubbed.as_secs_f64(), "s");
    print_ratio(
        "encrypt / update row by row, SQLite",
        encrypted / single,
        Goal::AtLeast(10.0),
    );
    print_ratio(
        "encrypt / one UPDATE, SQLite",
        encrypted / plain,
        Goal::AtLeast(0.5),
    );
    tell_status("SQLite", rows, looked);
}

async fn postgres(rows: u32) {
    let folder = tempfile::tempdir().unwrap();
    let server = server::Server::start("EMBSEC_TEST_POSTGRES_BIN_DEBIAN");
    let url = server.database("migrate", "pgcrypto").await;
    let mut connection = server::connect(&url).await;
    let fill = format!(
        "DROP TABLE IF EXISTS projects, tokens; {TABLES} \
         INSERT INTO projects (id, name, api_key) SELECT 'p' || lpad(n::text, 7, '0'), \
           'Project ' || n, 'sk-' || lpad(n::text, 61, '0') FROM generate_series(1, {rows}) AS n; \
         ANALYZE projects"
    );
    let measured = async |connection: &mut sqlx::PgConnection, update: &str| {
        run_all(connection, &fill).await;
        let begin = Instant::now();
        server::execute(connection, update).await;
        rate(rows, begin.elapsed())
    };
    let plain = format!("UPDATE projects SET api_key = rpad(api_key, {SEALED_CHARS}, 'x')");
    let plain = measured(&mut connection, &plain).await;
    let pgp = "UPDATE projects SET api_key = encode(pgp_sym_encrypt(api_key, 'key'), 'base64')";
    let pgp = measured(&mut connection, pgp).await;
    let raw = "UPDATE projects SET api_key = encode(encrypt_iv(api_key::bytea, \
        '0123456789abcdef0123456789abcdef', '0123456789abcdef', 'aes'), 'base64')";
    let raw = measured(&mut connection, raw).await;
    run_all(&mut connection, &fill).await;
    let target = target(OtherSide::Postgres(PostgresUrl::parse(&url).unwrap()));
    let [encrypted, _, looked] = encrypt(&target, rows, folder.path()).await;
    let encrypted = rate(rows, encrypted);
    print_figure("encrypt, PostgreSQL", encrypted, "rows a second");
    for (name, other, goal) in [
        ("one UPDATE", plain, 0.5),
        ("pgp_sym_encrypt", pgp, 10.0),
        ("encrypt_iv", raw, 0.7),
    ] {
        let name = format!("encrypt / {name}, PostgreSQL");
        print_ratio(&name, encrypted / other, Goal::AtLeast(goal));
    }
    tell_status("PostgreSQL", rows, looked);
}

async fn run_all(connection: &mut sqlx::PgConnection, statements: &str) {
    let statements = sqlx::AssertSqlSafe(statements.to_owned());
    sqlx::raw_sql(statements).execute(connection).await.unwrap();
}
