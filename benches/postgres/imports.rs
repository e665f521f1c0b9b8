//! Moving an embapi database in beside copying its tables.

use crate::Scale;
use crate::report::{Goal, Pairs, print_figure, print_ratio, time};
use crate::server::{Server, connect, execute};
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// embapi's schema, as it makes it.
const SCHEMA: &str = include_str!("../../tests/fixtures/embapi/schema.sql");

/// In the order that references need.
const TABLES: [&str; 8] = [
    "users",
    "definitions",
    "definitions_shared_with",
    "instances",
    "instances_shared_with",
    "projects",
    "users_projects",
    "embeddings",
];

const ENCRYPTION_KEY: &str = "a key that no provider's key was sealed with";

pub(crate) async fn measure(server: &Server, scale: &Scale) {
    let source = server.database("embapi_source", "vector").await;
    let mut rows = connect_to_embapi(&source).await;
    run(&mut rows, SCHEMA).await;
    fill(&mut rows, scale.imported).await;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let moved = scale.imported as f64;
    let mut pairs = Pairs::default();
    for round in 0..scale.import_rounds {
        let into = server
            .database(&format!("imported_{round}"), "vector")
            .await;
        let (_folder, import) = importer(&source, &into);
        let import = time(async { finish(import) }).await;
        let copied = server.database(&format!("copied_{round}"), "vector").await;
        let mut copies = connect_to_embapi(&copied).await;
        run(&mut copies, SCHEMA).await;
        for table in TABLES.iter().rev() {
            execute(&mut copies, &format!("DELETE FROM {table}")).await;
        }
        let copy = time(copy(server, &mut rows, &mut copies)).await;
        pairs.push(moved / import.as_secs_f64(), moved / copy.as_secs_f64());
    }
    print_figure("migrate import from embapi", pairs.api(), "rows/s");
    print_figure("COPY out | COPY in of its tables", pairs.other(), "rows/s");
    print_ratio(
        "import speed / COPY speed",
        pairs.ratio(),
        Goal::AtLeast(0.3),
    );
}

async fn connect_to_embapi(url: &str) -> PgConnection {
    let mut connection = connect(url).await;
    execute(&mut connection, "SET search_path = public").await;
    connection
}

async fn run(connection: &mut PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
        .execute(connection)
        .await
        .unwrap();
}

/// One user with one project and its rows, by the server itself.
async fn fill(connection: &mut PgConnection, rows: usize) {
    for sql in [
        "INSERT INTO users (user_handle, email, vdb_key, created_at, updated_at) \
         VALUES ('alice', 'alice@example.org', repeat('0123456789abcdef', 4), now(), now())",
        "INSERT INTO instances (instance_handle, owner, endpoint, api_standard, model, dimensions, \
         created_at, updated_at) \
         VALUES ('mini', 'alice', '', 'openai', '', 384, now(), now())",
        "INSERT INTO projects (project_handle, owner, instance_id, created_at, updated_at) \
         SELECT 'texts', 'alice', max(instance_id), now(), now() FROM instances",
        "INSERT INTO users_projects (user_handle, project_id, role, created_at, updated_at) \
         SELECT 'alice', max(project_id), 'owner', now(), now() FROM projects",
    ] {
        execute(connection, sql).await;
    }
    let sql = format!(
        "INSERT INTO embeddings (text_id, owner, project_id, instance_id, text, vector, \
             vector_dim, metadata, created_at, updated_at) \
         SELECT 'text ' || g, 'alice', p.project_id, p.instance_id, repeat('some words ', 12), \
             (SELECT array_agg(sin(g * 7919 + i * i * 0.37)) \
              FROM generate_series(1, 384) AS i)::halfvec(384), \
             384, jsonb_build_object('author', 'Matthew', 'number', g), now(), now() \
         FROM projects AS p, generate_series(1, {rows}) AS g"
    );
    execute(connection, &sql).await;
    execute(connection, "VACUUM ANALYZE").await;
}

/// The command that moves the source into a deployment on an empty database.
fn importer(source: &str, into: &str) -> (TempDir, Command) {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let dir = folder.path().join("deployment");
    let embsec = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_embsec"));
        command.env_clear().stdin(Stdio::null()).arg("--quiet");
        command.args(["--dir".as_ref(), dir.as_os_str()]);
        command
    };
    let mut init = embsec();
    init.args(["init", "--database", into]);
    finish(init);
    let mut import = embsec();
    import.env("ENCRYPTION_KEY", ENCRYPTION_KEY);
    import.args(["migrate", "import", "--from", source, "--finish", "--yes"]);
    (folder, import)
}

fn finish(mut command: Command) {
    let done = command.status().unwrap();
    assert!(done.success(), "{done}");
}

/// Every table, whole: from the server into a file, and from the file into the other database.
async fn copy(server: &Server, from: &mut PgConnection, to: &mut PgConnection) {
    for table in TABLES {
        let file = server.file(table);
        let file = file.to_str().unwrap();
        execute(from, &format!("COPY {table} TO '{file}' (FORMAT binary)")).await;
        execute(to, &format!("COPY {table} FROM '{file}' (FORMAT binary)")).await;
    }
}
