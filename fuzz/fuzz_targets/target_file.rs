//! A file that declares tables is read or refused with the line, never a panic; what is read has
//! tables with columns, none of them the key.

#![no_main]

use embsec::target::declared;
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|text: &str| {
    if let Ok(declared) = declared::parse(Path::new("target.toml"), text) {
        assert!(!declared.tables.is_empty());
        for table in declared.tables {
            assert!(!table.columns.is_empty());
            assert!(table.columns.iter().all(|column| column.name != table.key));
        }
    }
});
