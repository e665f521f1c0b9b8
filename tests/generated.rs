//! The manual and the completions are checked in, and are what the commands of today make.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The files of a folder with what is in them.
fn files(folder: &Path) -> BTreeMap<String, String> {
    fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| {
            let entry = entry.expect("an entry");
            let name = entry.file_name().into_string().expect("UTF-8");
            (name, fs::read_to_string(entry.path()).expect("text"))
        })
        .collect()
}

#[test]
fn the_manual_and_the_completions_are_fresh() {
    let fresh = tempfile::tempdir().expect("a folder");
    let status = Command::new(env!("CARGO_BIN_EXE_embsec"))
        .args(["internal", "generate", "--quiet"])
        .arg(fresh.path())
        .env_clear()
        .status()
        .expect("embsec runs");
    assert!(status.success());
    for name in ["man", "completions"] {
        let made = files(&fresh.path().join(name));
        let kept = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name));
        for (file, text) in &made {
            assert!(
                kept.get(file) == Some(text),
                "{name}/{file} is stale: run `cargo run -- internal generate .`"
            );
        }
        for file in kept.keys() {
            assert!(
                made.contains_key(file),
                "{name}/{file} is made no more: delete it"
            );
        }
    }
}
