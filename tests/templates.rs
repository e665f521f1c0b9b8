//! The templates name commands that exist, a service for each timer, and give away no right.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What every service keeps itself from, with the values that do so.
const HARDENING: [(&str, &str); 22] = [
    ("NoNewPrivileges", "true"),
    ("CapabilityBoundingSet", ""),
    ("ProtectSystem", "strict"),
    ("ProtectHome", "true"),
    ("PrivateTmp", "true"),
    ("PrivateDevices", "true"),
    ("PrivateUsers", "true"),
    ("ProtectKernelTunables", "true"),
    ("ProtectKernelModules", "true"),
    ("ProtectKernelLogs", "true"),
    ("ProtectControlGroups", "true"),
    ("ProtectClock", "true"),
    ("ProtectHostname", "true"),
    ("ProtectProc", "invisible"),
    ("RestrictNamespaces", "true"),
    ("RestrictRealtime", "true"),
    ("RestrictSUIDSGID", "true"),
    ("LockPersonality", "true"),
    ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"),
    ("SystemCallArchitectures", "native"),
    ("UMask", "0077"),
    ("LimitCORE", "0"),
];

/// The name under which the templates call embsec, in units and in the crontab.
const NAMES: [&str; 2] = ["/usr/local/bin/embsec", "embsec"];

fn templates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The units that end so, by name.
fn units(ending: &str) -> BTreeMap<String, String> {
    let folder = templates().join("systemd");
    let listed = fs::read_dir(&folder).expect("the folder of units");
    let units: BTreeMap<String, String> = listed
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy();
            (name.into_owned(), read(&path))
        })
        .collect();
    assert!(!units.is_empty(), "no *.{ending}");
    units
}

/// The values of a key, in their order.
fn values<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    text.lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='))
        .collect()
}

/// The variables of the example of an environment file, as `${NAME}`.
fn variables() -> Vec<(String, String)> {
    read(&templates().join("systemd/embsec-backup-sync.env"))
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (format!("${{{name}}}"), value.to_owned()))
        .collect()
}

/// Every command line of embsec's in the templates, without the name of the program, and where it
/// stands. What the example sets is put in.
fn command_lines() -> Vec<(String, Vec<String>)> {
    let mut found = Vec::new();
    for (name, text) in units("service") {
        for line in values(&text, "ExecStart") {
            found.push((name.clone(), line.to_owned()));
        }
    }
    for line in read(&templates().join("cron/embsec-backup")).lines() {
        let line = line.strip_prefix("# ").unwrap_or(line);
        // Five fields of time and one of the user, also in the line that is to be enabled.
        let mut fields = line.splitn(7, ' ');
        let is_entry = fields.by_ref().take(5).all(|field| {
            !field.is_empty() && field.chars().all(|c| c.is_ascii_digit() || c == '*')
        });
        if let (true, Some("embsec"), Some(command)) = (is_entry, fields.next(), fields.next()) {
            found.push(("cron".to_owned(), command.to_owned()));
        }
    }
    let variables = variables();
    let of_embsec = found.into_iter().filter_map(|(name, line)| {
        let mut line = line;
        for (variable, value) in &variables {
            line = line.replace(variable, value);
        }
        let (program, rest) = line.split_once(' ')?;
        assert!(NAMES.contains(&program), "{name}: {program}");
        let words = rest.split_ascii_whitespace().map(str::to_owned);
        Some((name, words.collect()))
    });
    of_embsec.collect()
}

#[test]
fn every_command_line_is_understood() {
    let lines = command_lines();
    assert_eq!(
        lines.len(),
        10,
        "five in units, five in the crontab: {lines:?}"
    );
    for (name, words) in lines {
        assert!(!words.concat().contains('$'), "{name}: {words:?}");
        let shown = Command::new(env!("CARGO_BIN_EXE_embsec"))
            .args(&words)
            .arg("--help")
            .env_clear()
            .output()
            .expect("embsec runs");
        let said = String::from_utf8_lossy(&shown.stderr);
        assert!(shown.status.success(), "{name}: {words:?}: {said}");
        let help = String::from_utf8_lossy(&shown.stdout);
        let known: BTreeSet<&str> = help
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .collect();
        for option in words.iter().filter(|word| word.starts_with('-')) {
            assert!(known.contains(option.as_str()), "{name}: {option}");
        }
        // The help is that of the very command, not of one above it.
        let verbs = words.iter().take_while(|word| !word.starts_with('-'));
        let usage = verbs.fold("Usage: embsec".to_owned(), |usage, verb| usage + " " + verb);
        assert!(help.contains(&usage), "{name}: no {usage:?} in {help}");
    }
}

#[test]
fn no_variable_looks_like_a_setting_that_does_not_exist() {
    for (variable, _) in variables() {
        let is_setting = variable.contains("__");
        assert_eq!(variable.starts_with("${EMBSEC_"), is_setting, "{variable}");
    }
}

#[test]
fn nothing_asks_and_everything_says_nothing_when_it_goes_well() {
    for (name, words) in command_lines() {
        for option in ["--quiet", "--no-input"] {
            assert!(words.iter().any(|word| word == option), "{name}: {option}");
        }
    }
}

#[test]
fn every_timer_has_its_service_and_makes_up_for_what_it_missed() {
    let services = units("service");
    let timers = units("timer");
    let names = |units: &BTreeMap<String, String>| units.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&services), names(&timers));
    for (name, text) in timers {
        assert_eq!(values(&text, "Persistent"), ["true"], "{name}");
        assert_eq!(values(&text, "OnCalendar").len(), 1, "{name}");
        assert_eq!(values(&text, "RandomizedDelaySec").len(), 1, "{name}");
        assert_eq!(values(&text, "WantedBy"), ["timers.target"], "{name}");
        // Without `Unit=` it is the service of the same name.
        assert!(values(&text, "Unit").is_empty(), "{name}");
    }
}

#[test]
fn every_service_gives_up_what_it_does_not_need() {
    for (name, text) in units("service") {
        for (key, value) in HARDENING {
            assert_eq!(values(&text, key), [value], "{name}: {key}");
        }
        let calls = values(&text, "SystemCallFilter");
        assert_eq!(calls, ["@system-service", "~@privileged"], "{name}");
        // The scratch server compiles while it runs.
        let writes_and_executes: &[&str] = match name.as_str() {
            "embsec-restore-test" => &[],
            _ => &["true"],
        };
        let found = values(&text, "MemoryDenyWriteExecute");
        assert_eq!(found, writes_and_executes, "{name}");
        assert!(!values(&text, "ReadWritePaths").is_empty(), "{name}");
        assert_eq!(values(&text, "User"), ["embsec"], "{name}");
    }
}

#[test]
fn the_identity_is_a_credential_and_only_where_restores_are_tested() {
    for (name, text) in units("service") {
        let identities: Vec<&str> = values(&text, "LoadCredential")
            .into_iter()
            .filter(|value| value.starts_with("backup-identity:"))
            .collect();
        let is_test = name == "embsec-restore-test";
        assert_eq!(identities.len(), usize::from(is_test), "{name}");
        let is_named = text.contains("--identity-file credential:backup-identity ");
        assert_eq!(is_named, is_test, "{name}");
        assert_eq!(text.contains("--identity-file"), is_test, "{name}");
    }
}

#[test]
fn a_run_is_tried_again_only_after_what_may_pass_by_itself() {
    for (name, text) in units("service") {
        assert_eq!(values(&text, "Type"), ["oneshot"], "{name}");
        assert_eq!(values(&text, "Restart"), ["on-failure"], "{name}");
        let waits = values(&text, "RestartPreventExitStatus");
        assert_eq!(waits, ["1 2 3 4 6 7 130"], "{name}");
    }
}
