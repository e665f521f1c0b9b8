//! Against real servers: embapi databases of both forms, with everything that years of use leave.

mod destination;
mod findings;
mod fitted;
mod source;

use super::{EmbapiDestination, EmbapiSource, OpenError};
use crate::crypto::embapi_blob::EmbapiKey;
use crate::domain::findings::Repairs;
use crate::domain::ids::Handle;
use crate::domain::postgres_url::PostgresUrl;
use crate::domain::record::{Record, Table};
use crate::store::testing::{Database, Server};
use crate::store::transfer::{RecordReader, TransferResult};
use crate::sys::rng::SeededRng;
use secrecy::SecretString;

const SCHEMA: &str = include_str!("../../../tests/fixtures/embapi/schema.sql");
const VERSION_4: &str = include_str!("../../../tests/fixtures/embapi/version_4.sql");
const ODDITIES: &str = include_str!("../../../tests/fixtures/embapi/oddities.sql");
const UNUSABLE: &str = include_str!("../../../tests/fixtures/embapi/unusable.sql");

const ENCRYPTION_KEY: &str = "test-encryption-key-12345";

fn key(text: &str) -> EmbapiKey {
    EmbapiKey::from_text(&SecretString::from(text))
}

fn url(database: &Database) -> PostgresUrl {
    PostgresUrl::parse(&database.url()).unwrap()
}

/// A database with these statements run.
fn database(server: Server, texts: &[&str]) -> Database {
    let database = Database::fresh(server);
    for text in texts {
        database.run(text);
    }
    database
}

fn odd(server: Server) -> Database {
    database(server, &[SCHEMA, ODDITIES])
}

fn renames() -> Repairs {
    let renames = [
        ("admin", "zz-admin"),
        ("public", "aa-public"),
        ("mal/lory", "mallory"),
    ];
    Repairs {
        repair_owners: false,
        renames: renames
            .into_iter()
            .map(|(old, new)| (old.to_owned(), Handle::parse(new).unwrap()))
            .collect(),
        skip_unusable: false,
    }
}

fn all_repairs() -> Repairs {
    Repairs {
        repair_owners: true,
        skip_unusable: true,
        ..renames()
    }
}

async fn try_open(database: &Database, repairs: Repairs) -> Result<EmbapiSource, OpenError> {
    EmbapiSource::open(&url(database), Some(key(ENCRYPTION_KEY)), repairs).await
}

async fn open(database: &Database, repairs: Repairs) -> EmbapiSource {
    try_open(database, repairs).await.unwrap()
}

async fn destination(database: &Database) -> EmbapiDestination {
    let rng = std::sync::Arc::new(SeededRng::new(1));
    EmbapiDestination::open(&url(database), key("another key"), rng)
        .await
        .unwrap()
}

/// Every row of a table, in pages of three.
async fn all(reader: &mut dyn RecordReader, table: Table) -> TransferResult<Vec<Record>> {
    let mut rows: Vec<Record> = Vec::new();
    loop {
        let after = rows.last().map(Record::key);
        let page = reader.page(table, after.as_ref(), 3).await?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}

/// How many rows a source has.
async fn count(database: &Database, repairs: Repairs, table: Table) -> TransferResult<usize> {
    let mut source = open(database, repairs).await;
    all(&mut source, table).await.map(|rows| rows.len())
}
