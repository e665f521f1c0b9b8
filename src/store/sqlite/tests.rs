//! The contract on SQLite, and what only this engine has: the file, its modes, its pragmas.

use super::{SqliteOptions, SqliteStore};
use crate::store::Store;
use tempfile::TempDir;

/// A store on a file of its own, which goes with it.
struct Opened {
    store: SqliteStore,
    _folder: TempDir,
}

impl Opened {
    fn store(&self) -> &dyn Store {
        &self.store
    }
}

async fn fresh() -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions {
        create: true,
        ..SqliteOptions::default()
    };
    let store = SqliteStore::open(&folder.path().join("embsec.db"), options)
        .await
        .unwrap();
    Opened {
        store,
        _folder: folder,
    }
}

mod contract {
    crate::store::contract::run_contract!(super::super::fresh);
}
