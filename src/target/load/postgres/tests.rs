//! Restoring whole databases into PostgreSQL 16 and 18.

mod faults;
mod own;
mod round_trip;
mod swap;

use super::super::{BlockSource, SourceError};
use super::{Finished, LoadError, PostgresLoad, Standing, Step, StepProgress};
use crate::domain::backup::{BackupId, Block, PostgresFacts, TableShape};
use crate::domain::deletion::DestroyedKey;
use crate::domain::key::DataKeyRecord;
use crate::store::testing::{Database, Server};
use crate::target::dump::postgres::PostgresDump;
use crate::target::dump::postgres::tests::support::{Gathered, url};
use async_trait::async_trait;

/// From which server to which.
const PAIRS: [(Server, Server); 3] = [
    (Server::V16, Server::V16),
    (Server::V16, Server::V18),
    (Server::V18, Server::V18),
];

fn id() -> BackupId {
    BackupId::parse("20261128T182417Z-az27a7").unwrap()
}

fn other_id() -> BackupId {
    BackupId::parse("20261128T182418Z-az27a7").unwrap()
}

/// Gives the rows of a table in two blocks.
struct Rows(Vec<Block>);

#[async_trait]
impl BlockSource for Rows {
    async fn next(&mut self) -> Result<Option<Block>, SourceError> {
        Ok(self.0.pop())
    }
}

impl Rows {
    fn of(gathered: &Gathered) -> Self {
        let block = Block {
            bytes: gathered.bytes.clone(),
            rows: gathered.rows,
        };
        // An empty one in between is none that the server sees.
        Self(vec![block, Block::default()])
    }
}

/// Everything of a database, in memory.
struct Copy {
    facts: PostgresFacts,
    tables: Vec<(TableShape, Gathered)>,
    data_keys: Vec<DataKeyRecord>,
}

impl Copy {
    async fn of(mut dump: PostgresDump) -> Self {
        let mut tables = Vec::new();
        for table in dump.tables().to_vec() {
            let mut rows = Gathered::default();
            dump.copy(&table, &mut rows).await.unwrap();
            tables.push((table, rows));
        }
        let data_keys = match dump.facts().embsec_schema {
            Some(_) => dump.data_keys().await.unwrap(),
            None => Vec::new(),
        };
        let facts = dump.facts().clone();
        dump.close().await;
        Self {
            facts,
            tables,
            data_keys,
        }
    }

    fn shapes(&self) -> Vec<TableShape> {
        self.tables.iter().map(|(table, _)| table.clone()).collect()
    }

    /// The open restore with everything in it that comes before the commit.
    async fn loaded(&self, into: &Database) -> PostgresLoad {
        let mut load = PostgresLoad::open(&url(into)).await.unwrap();
        let standing = load.check(&self.facts, &self.shapes(), &id()).await;
        assert_eq!(standing.unwrap(), Standing::Empty);
        load.begin(&self.facts).await.unwrap();
        for (table, rows) in &self.tables {
            let taken = load.load(table, &mut Rows::of(rows)).await;
            let taken = taken.unwrap_or_else(|error| panic!("{table}: {error:?}"));
            assert_eq!(taken, rows.rows, "{table}");
        }
        load
    }

    /// Restores everything, and compares every table.
    async fn restored(&self, into: &Database, destroyed: &[DestroyedKey]) -> PostgresLoad {
        let mut load = self.loaded(into).await;
        self.compare(&mut load).await;
        load.finish_data(&id(), &self.facts, &self.data_keys, destroyed)
            .await
            .unwrap();
        let finished = load
            .finish_indexes(&self.facts, &mut Heard::default(), &|| false)
            .await;
        assert_eq!(finished.unwrap(), Finished::All);
        if destroyed.is_empty() {
            self.compare(&mut load).await;
        }
        load
    }

    async fn compare(&self, load: &mut PostgresLoad) {
        for (table, rows) in &self.tables {
            let mut now = Gathered::default();
            load.read_back(table, &mut now).await.unwrap();
            assert!(&now == rows, "{table} is another");
        }
    }
}

/// Remembers the steps.
#[derive(Default)]
struct Heard(Vec<Step>);

impl StepProgress for Heard {
    fn step(&mut self, step: Step) {
        self.0.push(step);
    }
}

/// Whether nothing of a restore is in a database.
fn is_empty(database: &Database) -> bool {
    database.run(
        "SELECT count(*) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'",
    ) == "0"
}

async fn refusal(copy: &Copy, into: &Database) -> LoadError {
    let mut load = PostgresLoad::open(&url(into)).await.unwrap();
    let checked = load.check(&copy.facts, &copy.shapes(), &id()).await;
    checked.unwrap_err()
}
