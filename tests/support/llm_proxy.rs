//! Databases as upstream llm-proxy makes them, on both engines, with rows in clear.
//!
//! Part of every crate of tests that needs one, the unit tests included.

use super::Database;
use rusqlite::Connection;
use std::path::Path;

/// The tables of upstream's `schema.sql`.
pub(crate) const SQLITE_SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    api_key TEXT NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT 1,
    deactivated_at DATETIME,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE IF NOT EXISTS tokens (
    id TEXT PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    expires_at DATETIME,
    is_active BOOLEAN NOT NULL DEFAULT 1,
    deactivated_at DATETIME,
    request_count INTEGER NOT NULL DEFAULT 0,
    max_requests INTEGER,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_used_at DATETIME,
    cache_hit_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS idx_tokens_token ON tokens(token);
CREATE INDEX IF NOT EXISTS idx_tokens_project_id ON tokens(project_id);
CREATE TABLE IF NOT EXISTS audit_events (
    id TEXT PRIMARY KEY,
    timestamp DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    project_id TEXT,
    request_id TEXT,
    correlation_id TEXT,
    client_ip TEXT,
    method TEXT,
    path TEXT,
    user_agent TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('success', 'failure', 'denied', 'error')),
    reason TEXT,
    token_id TEXT,
    metadata TEXT
);
";

/// The same as upstream's migrations leave it on PostgreSQL.
pub(crate) const POSTGRES_SCHEMA: &str = "
CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    api_key TEXT NOT NULL,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    deactivated_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    project_id TEXT NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    expires_at TIMESTAMPTZ,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    deactivated_at TIMESTAMPTZ,
    request_count INTEGER NOT NULL DEFAULT 0,
    max_requests INTEGER,
    created_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_used_at TIMESTAMPTZ,
    cache_hit_count INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX idx_tokens_project_id ON tokens(project_id);
CREATE TABLE audit_events (
    id TEXT PRIMARY KEY,
    timestamp TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    project_id TEXT,
    request_id TEXT,
    correlation_id TEXT,
    client_ip TEXT,
    method TEXT,
    path TEXT,
    user_agent TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('success', 'failure', 'denied', 'error')),
    reason TEXT,
    token_id TEXT,
    metadata TEXT
);
CREATE TABLE goose_db_version (
    id SERIAL PRIMARY KEY, version_id BIGINT NOT NULL, is_applied BOOLEAN NOT NULL,
    tstamp TIMESTAMP DEFAULT now()
);
";

/// How the rows of both engines are made: `n` counts up from 1.
const PROJECTS: &str = "\
    INSERT INTO projects (id, name, api_key, created_at, updated_at) \
    SELECT 'p' || n, 'Project ' || n, 'sk-canary-' || substr('000000' || n, -6) || \
      '-0123456789abcdef0123456789abcdef0123456789abcd', \
      '2024-05-01 10:00:00.123456+00:00', '2024-05-01 10:00:00.123456+00:00'";
const TOKENS: &str = "\
    INSERT INTO tokens (id, token, project_id, expires_at, created_at) \
    SELECT 't' || n, 'sk-token-' || substr('000000' || n, -6) || '-abcdefg', \
      'p' || (1 + (n - 1) % {projects}), '2030-01-01 00:00:00.5+00:00', \
      '2024-05-01 10:00:00.123456+00:00'";

/// Makes a file in WAL mode with so many projects and tokens, all in clear.
pub(crate) fn sqlite(path: &Path, projects: u32, tokens: u32) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON;")
        .unwrap();
    connection.execute_batch(SQLITE_SCHEMA).unwrap();
    let counted = |sql: &str, rows: u32| {
        format!(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {rows}) \
             {sql} FROM c WHERE n <= {rows};"
        )
    };
    let tokens_sql = TOKENS.replace("{projects}", &projects.max(1).to_string());
    let sql = format!(
        "BEGIN; {} {} COMMIT;",
        counted(PROJECTS, projects),
        counted(&tokens_sql, tokens)
    );
    connection.execute_batch(&sql).unwrap();
    connection
}

/// Fills an empty database on a server in the same way.
pub(crate) fn postgres(database: &Database, projects: u32, tokens: u32) {
    let right = |sql: &str| {
        sql.replace("substr('000000' || n, -6)", "lpad(n::text, 6, '0')")
            .replace("+00:00'", "+00:00'::timestamptz")
    };
    let tokens_sql = TOKENS.replace("{projects}", &projects.max(1).to_string());
    database.run(POSTGRES_SCHEMA);
    database.run(&format!(
        "{} FROM generate_series(1, {projects}) AS n; {} FROM generate_series(1, {tokens}) AS n",
        right(PROJECTS),
        right(&tokens_sql)
    ));
}
