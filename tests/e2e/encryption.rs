//! Encrypting a database of another program where it is, as an operator does it.
//!
//! The table of situations in which upstream's own migration goes wrong, each row a test on both
//! engines: nothing is lost, nothing is encrypted twice, and nobody is told that all is well when
//! it is not.

mod from_keyring;
mod killed;
mod place;

use crate::support::StopAtEnd;
use place::{Engine, KEY, OTHER_KEY, Place, code, stderr, stdout};
use serde_json::Value;
use std::fs::File;
use std::sync::atomic::{AtomicBool, Ordering};

/// What begins every secret of the fixture.
const CANARY: &str = "canary";

fn json(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

fn count(document: &Value, name: &str) -> u64 {
    document[name].as_u64().unwrap()
}

#[test]
fn a_second_run_changes_nothing_and_only_the_columns_change() {
    for engine in Engine::BOTH {
        let place = Place::with_rows(engine, 40, 90);
        let (others, clear) = (place.others(), place.values());
        let first = place.run("encrypt", &["--yes", "--json"], KEY);
        assert_eq!(code(&first), 0, "{}", stderr(&first));
        let first = json(&first);
        assert_eq!(
            (count(&first, "changed"), count(&first, "skipped")),
            (130, 0)
        );
        assert_eq!(count(&first, "remaining"), 0);
        assert_eq!(place.others(), others);
        let sealed = place.values();
        assert!(!sealed.contains(CANARY) && !sealed.contains("sk-token"));
        let second = place.run("encrypt", &["--yes", "--json"], KEY);
        assert_eq!(code(&second), 0, "{}", stderr(&second));
        let second = json(&second);
        assert_eq!(
            (count(&second, "changed"), count(&second, "skipped")),
            (0, 130)
        );
        assert_eq!(place.values(), sealed);

        let back = place.run("decrypt", &["--yes", "--json"], KEY);
        assert_eq!(code(&back), 0, "{}", stderr(&back));
        assert_eq!(count(&json(&back), "changed"), 40);
        assert_eq!(place.others(), others);
        assert_eq!(place.keys(), clear.split('#').next().unwrap());
        assert!(!place.values().contains("sk-token"));
    }
}

#[test]
fn a_rehearsal_writes_nothing_and_tells_the_order_of_steps() {
    for engine in Engine::BOTH {
        let place = Place::with_rows(engine, 5, 5);
        let clear = place.values();
        let dry = place.run("encrypt", &["--dry-run", "--json"], KEY);
        assert_eq!(code(&dry), 0, "{}", stderr(&dry));
        assert_eq!(count(&json(&dry), "changed"), 10);
        let told = stderr(&dry);
        for words in ["1. Stop every llm-proxy", "no request is served", "took"] {
            assert!(told.contains(words), "{told}");
        }
        assert_eq!(place.values(), clear);
        assert_eq!(place.files(), place.files_of_the_database());
    }
}

#[test]
fn another_key_is_refused_and_nothing_is_changed() {
    for engine in Engine::BOTH {
        let place = Place::with_rows(engine, 10, 0);
        place.execute("UPDATE projects SET api_key = '' WHERE id = 'p10'");
        let half = place.run("encrypt", &["--yes"], KEY);
        assert_eq!(code(&half), 0, "{}", stderr(&half));
        place.execute("UPDATE projects SET api_key = 'sk-new' WHERE id = 'p10'");
        let before = place.values();
        let refused = place.run("encrypt", &["--yes"], OTHER_KEY);
        assert_eq!(code(&refused), 6);
        assert!(
            stderr(&refused).contains("projects.api_key:p1"),
            "{}",
            stderr(&refused)
        );
        let refused = place.run("decrypt", &["--yes"], OTHER_KEY);
        assert_eq!(code(&refused), 6);
        assert_eq!(place.values(), before);

        let status = place.run("encrypt-status", &["--json"], OTHER_KEY);
        assert_eq!(code(&status), 6);
        let status = json(&status);
        assert_eq!(status["verdict"], "undecryptable");
        assert_eq!(status["columns"][0]["undecryptable"], 9);
        assert_eq!(code(&place.run("encrypt-status", &[], KEY)), 1);
        // Without the key it is not said that all is well.
        assert_eq!(code(&place.run("encrypt", &["--yes"], "")), 2);
        assert_eq!(code(&place.run("encrypt-status", &[], "")), 1);
        place.execute("DELETE FROM projects WHERE id = 'p10'");
        let status = place.run("encrypt-status", &["--json"], "");
        assert_eq!(
            (code(&status), &json(&status)["verdict"]),
            (3, &"unopened".into())
        );
        let status = json(&place.run("encrypt-status", &["--json"], KEY));
        assert_eq!(status["verdict"], "protected");
        let by_key = status["columns"][0]["by_key"].as_object().unwrap();
        assert_eq!(
            by_key
                .values()
                .map(|count| count.as_u64().unwrap())
                .sum::<u64>(),
            9
        );
    }
}

#[test]
fn a_key_that_is_none_is_refused() {
    let place = Place::with_rows(Engine::Sqlite, 1, 0);
    for key in [
        "short",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        &"0".repeat(64),
    ] {
        let refused = place.run("encrypt-status", &[], key);
        assert_eq!(code(&refused), 2, "{}", stderr(&refused));
        assert!(!stderr(&refused).contains(key));
    }
}

#[test]
fn a_value_that_only_looks_encrypted_is_refused_by_name_until_it_is_named() {
    for engine in Engine::BOTH {
        let place = Place::with_rows(engine, 6, 0);
        place.execute("UPDATE projects SET api_key = 'enc:v1:not sealed' WHERE id = 'p3'");
        let before = place.values();
        let refused = place.run("encrypt", &["--yes"], KEY);
        assert_eq!(code(&refused), 6);
        assert!(
            stderr(&refused).contains("`projects.api_key:p3`"),
            "{}",
            stderr(&refused)
        );
        assert!(!stderr(&refused).contains("not sealed"));
        assert_eq!(place.values(), before);
        let named = ["--yes", "--treat-as-plaintext", "projects.api_key:p3"];
        for changed in [6, 0] {
            let done = place.run("encrypt", &[&named[..], &["--json"]].concat(), KEY);
            assert_eq!(code(&done), 0, "{}", stderr(&done));
            assert_eq!(count(&json(&done), "changed"), changed);
        }
        assert_eq!(code(&place.run("encrypt-status", &[], KEY)), 0);
        assert_eq!(code(&place.run("decrypt", &["--yes"], KEY)), 0);
        assert_eq!(place.values(), before);
    }
}

#[test]
fn a_token_that_looks_hashed_stays_and_that_is_said() {
    let place = Place::with_rows(Engine::Sqlite, 1, 2);
    let token = "AB".repeat(32);
    place.execute(&format!(
        "UPDATE tokens SET token = '{token}' WHERE id = 't1'"
    ));
    let done = place.run("encrypt", &["--yes"], KEY);
    assert_eq!(code(&done), 0);
    assert!(
        stderr(&done).contains("64 hexadecimal digits"),
        "{}",
        stderr(&done)
    );
    assert!(place.values().contains(&token));
}

#[test]
fn only_the_columns_that_are_named_are_touched() {
    for engine in Engine::BOTH {
        let place = Place::with_rows(engine, 4, 4);
        let done = place.run("encrypt", &["--yes", "--columns", "api_key"], KEY);
        assert_eq!(code(&done), 0, "{}", stderr(&done));
        let values = place.values();
        assert!(
            !values.contains(CANARY) && values.contains("sk-token"),
            "{values}"
        );
        let wrong = place.run("encrypt", &["--yes", "--columns", "name"], KEY);
        assert_eq!(code(&wrong), 2);
        assert!(
            stderr(&wrong).contains("projects.api_key"),
            "{}",
            stderr(&wrong)
        );
        // Hashing needs no key.
        let done = place.run("encrypt", &["--yes", "--columns", "tokens.token"], "");
        assert_eq!(code(&done), 0, "{}", stderr(&done));
        assert_eq!(code(&place.run("encrypt-status", &[], KEY)), 0);
    }
}

#[test]
fn what_cannot_be_undone_is_asked_for() {
    let place = Place::with_rows(Engine::Sqlite, 2, 2);
    let clear = place.values();
    let refused = place.run("encrypt", &[], KEY);
    assert_eq!(code(&refused), 4);
    assert!(stderr(&refused).contains("one-way"), "{}", stderr(&refused));
    assert_eq!(place.values(), clear);
}

#[test]
fn a_sealed_value_of_a_declared_table_is_bound_to_its_row() {
    for engine in Engine::BOTH {
        let place = Place::declared(engine);
        let done = place.run("encrypt", &["--yes", "--json"], KEY);
        assert_eq!(code(&done), 0, "{}", stderr(&done));
        assert_eq!(count(&json(&done), "changed"), 6);
        let select =
            |column| place.select(&format!("SELECT {column} FROM \"odd \"\"t\" WHERE k = 'a'"));
        assert!(select("note").starts_with("enc:v2:"));
        assert_eq!(select("kept"), "kept a");
        assert_eq!(code(&place.run("encrypt-status", &[], KEY)), 0);
        let other = json(&place.run("encrypt-status", &["--json"], OTHER_KEY));
        assert_eq!(other["columns"][0]["unknown_key"], 3);
        assert_eq!(code(&place.run("encrypt", &[], OTHER_KEY)), 6);
        // Moved to another row, it is known for what it is.
        place.execute(
            "UPDATE \"odd \"\"t\" SET note = (SELECT note FROM \"odd \"\"t\" WHERE k = 'a') \
             WHERE k = 'b'",
        );
        let status = place.run("encrypt-status", &["--json"], KEY);
        assert_eq!(code(&status), 6);
        assert_eq!(json(&status)["columns"][0]["undecryptable"], 1);
        let refused = place.run("encrypt", &[], KEY);
        assert_eq!(code(&refused), 6);
        assert!(stderr(&refused).contains(".note:b"), "{}", stderr(&refused));
    }
}

#[test]
fn a_database_that_is_not_there_is_empty_or_of_another_kind_is_told_and_nothing_is_made() {
    let place = Place::with_rows(Engine::Sqlite, 1, 1);
    let files = place.files();
    let fit = place.url();
    for url in ["none.db", "no/folder/none.db"] {
        for command in ["encrypt-status", "encrypt", "decrypt"] {
            let refused = place.run_at(url, command, &["--yes"], KEY);
            assert_eq!(code(&refused), 2, "{}", stderr(&refused));
        }
    }
    assert_eq!(place.files(), files);
    let declared = Place::declared(Engine::Sqlite);
    let url = declared.url();
    assert_eq!(code(&place.run_at(&url, "encrypt-status", &[], KEY)), 2);
    let profile = ["--profile", "llm-proxy"];
    assert_eq!(
        code(&place.run_at(&url, "encrypt-status", &profile, KEY)),
        2
    );
    let embapi = ["--profile", "embapi"];
    assert_eq!(code(&place.run_at(&fit, "encrypt-status", &embapi, KEY)), 2);
    let empty = Place::empty(Engine::Postgres);
    let refused = empty.run("encrypt", &["--yes", "--profile", "llm-proxy"], KEY);
    assert_eq!(code(&refused), 2, "{}", stderr(&refused));
    assert_eq!(code(&empty.run("encrypt-status", &[], KEY)), 2);
}

#[test]
fn looking_leaves_no_trace() {
    let place = Place::with_rows(Engine::Sqlite, 3, 3);
    let (files, bytes) = (place.files(), place.bytes());
    assert_eq!(code(&place.run("encrypt-status", &[], KEY)), 1);
    assert_eq!(code(&place.run("encrypt", &["--dry-run"], KEY)), 0);
    assert_eq!(place.files(), files);
    assert!(place.bytes() == bytes);
}

#[test]
fn old_values_are_nowhere_in_the_files_once_nobody_else_has_them_open() {
    let place = Place::with_rows(Engine::Sqlite, 3_000, 3_000);
    // A service that has it open, with a log full of values in clear.
    let service = place.connection();
    service
        .execute_batch(
            "PRAGMA wal_autocheckpoint = 0; UPDATE projects SET api_key = api_key || 'x'",
        )
        .unwrap();
    let done = place.run("encrypt", &["--yes", "--json"], KEY);
    assert_eq!(code(&done), 3, "{}", stderr(&done));
    assert_eq!(json(&done)["scrubbed"], false);
    assert!(stderr(&done).contains("--scrub-only"), "{}", stderr(&done));
    // It is not forgotten.
    assert_eq!(code(&place.run("encrypt", &["--yes"], KEY)), 3);
    let looked = place.run("encrypt-status", &[], KEY);
    assert_eq!(code(&looked), 0);
    assert!(
        stderr(&looked).contains("--scrub-only"),
        "{}",
        stderr(&looked)
    );
    drop(service);
    let scrubbed = place.run("encrypt", &["--scrub-only", "--json"], KEY);
    assert_eq!(code(&scrubbed), 0, "{}", stderr(&scrubbed));
    assert_eq!(json(&scrubbed)["scrubbed"], true);
    assert!(!place.raw_files_hold(CANARY));
    assert!(!place.raw_files_hold("sk-token"));
    let looked = place.run("encrypt-status", &[], KEY);
    assert_eq!(code(&looked), 0);
    assert!(
        !stderr(&looked).contains("--scrub-only"),
        "{}",
        stderr(&looked)
    );

    let alone = Place::with_rows(Engine::Sqlite, 3_000, 3_000);
    let done = alone.run("encrypt", &["--yes", "--json"], KEY);
    assert_eq!((code(&done), &json(&done)["scrubbed"]), (0, &true.into()));
    assert!(!alone.raw_files_hold(CANARY));
}

#[test]
fn two_operators_do_not_collide() {
    let place = Place::with_rows(Engine::Sqlite, 2, 0);
    assert_eq!(code(&place.run("encrypt", &["--yes"], KEY)), 0);
    let lock = File::open(place.folder().join("llm.db.embsec-lock")).unwrap();
    lock.lock().unwrap();
    let refused = place.run("encrypt", &["--yes"], KEY);
    assert_eq!(code(&refused), 5, "{}", stderr(&refused));
    assert_eq!(code(&place.run("encrypt-status", &[], KEY)), 0);
}

#[test]
fn what_others_write_meanwhile_is_never_overwritten() {
    for engine in Engine::BOTH {
        let place = Place::with_rows(engine, 6_000, 0);
        let stop = AtomicBool::new(false);
        let written = std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let mut written = 0;
                while !stop.load(Ordering::SeqCst) {
                    written += 1;
                    let row = 1 + written * 37 % 6_000;
                    place.execute(&format!(
                        "UPDATE projects SET api_key = 'theirs-{written}' WHERE id = 'p{row}'"
                    ));
                }
                written
            });
            let stopper = StopAtEnd(&stop);
            for _ in 0..3 {
                let done = place.run("encrypt", &["--yes"], KEY);
                // 1: something was written in clear behind the last look; 3: the file is in use.
                assert!([0, 1, 3].contains(&code(&done)), "{}", stderr(&done));
            }
            drop(stopper);
            writer.join().unwrap()
        });
        assert!(written > 10);
        assert_eq!(code(&place.run("encrypt", &["--yes"], KEY)), 0);
        assert_eq!(code(&place.run("decrypt", &["--yes"], KEY)), 0);
        // The last that was written to each row is there.
        let mut last = std::collections::BTreeMap::new();
        for number in 1..=written {
            last.insert(1 + number * 37 % 6_000, number);
        }
        for (row, number) in last {
            let value = place.select(&format!("SELECT api_key FROM projects WHERE id = 'p{row}'"));
            assert_eq!(value, format!("theirs-{number}"), "p{row}");
        }
    }
}

#[test]
fn no_secret_is_in_any_output_or_in_the_log() {
    for engine in Engine::BOTH {
        let place = Place::with_rows(engine, 3, 3);
        place.execute("UPDATE projects SET api_key = 'enc:v1:canary' WHERE id = 'p1'");
        let named = [
            "--yes",
            "--verbose",
            "--treat-as-plaintext",
            "projects.api_key:p1",
        ];
        for (command, arguments, key) in [
            ("encrypt-status", &["--verbose"][..], KEY),
            ("encrypt", &["--yes"], KEY),
            ("encrypt", &["--dry-run", "--verbose"], KEY),
            ("encrypt", &named, KEY),
            ("encrypt", &["--yes"], OTHER_KEY),
            ("decrypt", &["--yes", "--verbose"], KEY),
        ] {
            let done = place.run(command, arguments, key);
            for text in [stdout(&done), stderr(&done)] {
                assert!(
                    !text.contains(CANARY) && !text.contains(key),
                    "{command}: {text}"
                );
            }
        }
        let log = place.audit_log();
        assert!(
            log.contains("migrate.encrypt") && log.contains("migrate.decrypt"),
            "{log}"
        );
        assert!(!log.contains(CANARY) && !log.contains(KEY), "{log}");
    }
}

#[test]
fn a_database_of_embapi_is_looked_at_and_left_as_it_is() {
    let place = Place::embapi();
    let status = place.run("encrypt-status", &["--json"], "test-encryption-key-12345");
    assert_eq!(code(&status), 0, "{}", stderr(&status));
    let status = json(&status);
    assert_eq!(status["profile"], "embapi");
    let sealed = "SELECT count(*) FROM instances WHERE api_key_encrypted IS NOT NULL";
    let sealed: u64 = place.select(sealed).parse().unwrap();
    assert!(sealed > 0);
    assert_eq!(status["columns"][0]["encrypted"], sealed);
    assert_eq!(code(&place.run("encrypt-status", &[], "another")), 6);
    assert_eq!(code(&place.run("encrypt-status", &[], "")), 3);
    let done = place.run("encrypt", &["--yes", "--json"], "test-encryption-key-12345");
    assert_eq!(code(&done), 0, "{}", stderr(&done));
    assert_eq!(count(&json(&done), "changed"), 0);
    let refused = place.run("decrypt", &["--yes"], "test-encryption-key-12345");
    assert_eq!(code(&refused), 4, "{}", stderr(&refused));
}

#[test]
fn values_of_llm_proxy_itself_are_read_and_its_sealed_ones_brought_back() {
    for engine in Engine::BOTH {
        let place = Place::with_rows(engine, 2, 0);
        // A vector that upstream's own code opens.
        place.execute(
            "UPDATE projects SET api_key = 'enc:v1:AAAAAAAAAAAAAAAAfdeYqtBf95A5mpoBLRqmoetzNzFL5QVJEI1nKSjjV4iAVi0qFpNYKA==' \
             WHERE id = 'p1'",
        );
        let done = place.run("decrypt", &["--yes"], KEY);
        assert_eq!(code(&done), 0, "{}", stderr(&done));
        assert!(place.keys().contains("sk-test-1234567890abcdef"));
    }
}
