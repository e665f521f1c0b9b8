//! What tests of reading and restoring share.

use super::super::{DumpScope, PgDumpPlaces, PostgresDump};
use crate::domain::backup::{Block, TableShape};
use crate::domain::postgres_url::PostgresUrl;
use crate::store::testing::{Database, Server, required};
use crate::target::dump::{BlockSink, SinkClosed};
use async_trait::async_trait;

/// The servers that everything is tested with.
pub(in crate::target) const BOTH: [Server; 2] = [Server::V16, Server::V18];

/// Keeps the rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::target) struct Gathered {
    pub(in crate::target) bytes: Vec<u8>,
    pub(in crate::target) rows: u64,
}

#[async_trait]
impl BlockSink for Gathered {
    async fn block(&mut self, block: Block) -> Result<(), SinkClosed> {
        self.bytes.extend_from_slice(&block.bytes);
        self.rows += block.rows;
        Ok(())
    }
}

/// The address of a database.
pub(in crate::target) fn url(database: &Database) -> PostgresUrl {
    PostgresUrl::parse(&database.url()).unwrap()
}

/// Where the `pg_dump` of a server is.
pub(in crate::target) fn places(server: Server) -> PgDumpPlaces {
    let folder = match server {
        Server::V16 => "EMBSEC_TEST_POSTGRES_BIN_16",
        Server::V18 => "EMBSEC_TEST_POSTGRES_BIN_18",
    };
    PgDumpPlaces {
        bindir: Some(required(folder).into()),
        ..PgDumpPlaces::default()
    }
}

/// Opens a whole database.
pub(in crate::target) async fn dump(database: &Database, server: Server) -> PostgresDump {
    let places = places(server);
    PostgresDump::open(&url(database), DumpScope::Whole(&places))
        .await
        .unwrap()
}

/// The table of this name.
pub(in crate::target) fn table(tables: &[TableShape], name: &str) -> TableShape {
    let found = tables.iter().find(|table| table.to_string() == name);
    found.unwrap_or_else(|| panic!("no {name}")).clone()
}

/// Ends the sessions of a program on a database.
pub(in crate::target) fn terminate(database: &Database, application_name: &str) {
    let ended = database.run(&format!(
        "SELECT count(*) FROM (SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = '{application_name}') AS t"
    ));
    assert_ne!(ended, "0");
}

/// The URL of a superuser on Debian's server, which has no extension `vector`.
pub(in crate::target) fn debian() -> String {
    let url = required("EMBSEC_TEST_POSTGRES_TLS");
    let (_, place) = url.rsplit_once(':').unwrap();
    // From this address, and as this role, it takes connections without TLS and a password.
    format!("postgres://postgres@127.0.0.1:{place}")
}
