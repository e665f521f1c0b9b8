//! The contract on PostgreSQL 16 and 18, each test in a database of its own.

use super::{PostgresOptions, PostgresStore, schema};
use crate::domain::postgres_url::PostgresUrl;
use crate::store::Store;
use crate::store::testing::{Database, Server};

/// Few, since many tests run at once; more than one, so that transactions meet each other.
const CONNECTIONS: u32 = 3;

/// A store on a database of its own, which goes with it.
struct Opened {
    store: PostgresStore,
    _database: Database,
}

impl Opened {
    fn store(&self) -> &dyn Store {
        &self.store
    }
}

async fn fresh(server: Server) -> Opened {
    let database = Database::fresh(server);
    let url = PostgresUrl::parse(&database.url()).unwrap();
    let options = PostgresOptions {
        pool_size: CONNECTIONS,
        ..PostgresOptions::default()
    };
    schema::migrate(&url, options.connect_timeout, None)
        .await
        .unwrap();
    let store = PostgresStore::open(&url, &options).await.unwrap();
    Opened {
        store,
        _database: database,
    }
}

/// Everything below, on each server.
macro_rules! on_every_server {
    ($($name:ident on $server:expr;)*) => {
        $(mod $name {
            use super::*;

            async fn opened() -> Opened {
                fresh($server).await
            }

            mod contract {
                crate::store::contract::run_contract!(super::super::opened);
            }
        })*
    };
}

on_every_server! {
    postgres16 on Server::V16;
    postgres18 on Server::V18;
}
