//! The whole of the configuration: the table, the file that `init` writes, and what may not be
//! combined.

use super::settings::{Kind, Preset, SETTINGS};
use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

fn loaded(text: &str, environment: &[(&str, &str)]) -> Loaded {
    try_load(text, environment).unwrap_or_else(|error| panic!("{error}"))
}

/// Loads a file that lies in a folder of its own and is gone afterwards.
fn try_load(text: &str, environment: &[(&str, &str)]) -> Result<Loaded, ConfigError> {
    let folder = tempfile::tempdir().expect("tempdir");
    let path = folder.path().join(FILE_NAME);
    fs::write(&path, text).expect("write");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("chmod");
    load(&Sources {
        config: Some(&path),
        dir: None,
        flags: &[],
        environment: &environment.iter().copied().collect(),
        uid: 0,
    })
}

fn problems(text: &str) -> Vec<String> {
    match loaded(text, &[]).config() {
        Err(ConfigError::Problems(problems)) => problems
            .iter()
            .map(|problem| {
                problem
                    .to_string()
                    .replace(&problem.origin.to_string(), "@")
            })
            .collect(),
        Err(other) => panic!("{other}"),
        Ok(_) => Vec::new(),
    }
}

#[test]
fn every_setting_is_read_by_a_concern() {
    let loaded = loaded("", &[]);
    let mut reader = Reader::new(&loaded.layers, &loaded.base);
    loaded.read(&mut reader).expect("the defaults");
    let table: std::collections::BTreeSet<_> = SETTINGS.iter().map(|setting| setting.key).collect();
    assert_eq!(reader.seen, table);
}

#[test]
fn the_defaults_are_the_published_ones() {
    let config = loaded("", &[]).config().expect("the defaults");
    assert_eq!(config.serve.listen.to_string(), "127.0.0.1:8880");
    assert_eq!(config.serve.shutdown, Duration::from_secs(30));
    assert_eq!(config.serve.metrics_listen, None);
    assert_eq!(config.api.max_body_bytes, 1_048_576);
    assert_eq!(config.api.body_timeout, Duration::from_secs(5));
    assert_eq!(config.api.cors, api::Cors::Origins(Vec::new()));
    assert!(!config.api.allow_reset && config.api.admin_key.is_none());
    assert_eq!(config.database.synchronous, database::Synchronous::Full);
    assert_eq!(config.search.memory_bytes, 512 << 20);
}

#[test]
fn every_word_of_a_choice_means_something() {
    for setting in SETTINGS {
        if let Kind::Choice(words) = setting.kind {
            for word in words {
                // On a server, since a file has no index to search by.
                let text = format!(
                    "[{}]\n{} = \"{word}\"\n[database]\nurl = \"postgres://localhost/db\"",
                    setting.section(),
                    setting.name()
                );
                let text = if setting.section() == "database" {
                    text.replace("\n[database]", "")
                } else {
                    text
                };
                assert_eq!(problems(&text), [""; 0], "{} {word}", setting.key);
            }
        }
    }
}

#[test]
fn a_file_has_no_index_to_search_by() {
    let found = problems("[search]\nmode = \"approximate\"");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("needs PostgreSQL"), "{found:?}");
}

#[test]
fn relative_paths_start_at_the_file_and_those_of_the_environment_do_not() {
    let loaded = loaded("", &[("EMBSEC_AUDIT__DIR", "log")]);
    let config = loaded.config().expect("sound");
    let database::Location::Sqlite(path) = &config.database.location else {
        panic!("a server")
    };
    assert_eq!(path, &loaded.dir().join("embsec.db"));
    assert_eq!(config.audit.dir, Path::new("log"));
    let keyring = format!("file:{}/keyring.toml", loaded.dir().display());
    assert_eq!(config.keyring.source.to_string(), keyring);
}

#[test]
fn the_file_of_init_sets_nothing_and_mentions_every_setting() {
    let text = render_default_file(None);
    let shown = loaded(&text, &[]).show();
    assert!(shown.iter().all(|shown| shown.origin == Origin::Default));
    for setting in SETTINGS {
        assert!(
            text.contains(&format!("\n#{} = ", setting.name())),
            "{}",
            setting.key
        );
    }
    assert!(text.lines().all(|line| line.chars().count() <= 90));
}

#[test]
fn the_file_of_init_with_its_defaults_taken_in_means_the_same() {
    let commented = render_default_file(None);
    let text: String = commented
        .lines()
        .filter(|line| {
            // Of settings without a default the file shows an example.
            let is_example = |setting: &&settings::Setting| {
                matches!(setting.preset, Preset::Absent(_))
                    && line.starts_with(&format!("#{} = ", setting.name()))
            };
            !SETTINGS.iter().any(is_example)
        })
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let shown = loaded(&text, &[]).show();
    let defaults = loaded("", &[]).show();
    for (shown, default) in shown.iter().zip(&defaults) {
        assert_eq!(shown.value, default.value, "{}", shown.setting.key);
        let absent = matches!(shown.setting.preset, Preset::Absent(_));
        let in_file = matches!(shown.origin, Origin::File { .. });
        assert!(in_file != absent, "{}", shown.setting.key);
    }
}

#[test]
fn the_default_file_is_as_reviewed() {
    insta::assert_snapshot!("default_file", render_default_file(None));
}

#[test]
fn the_schema_takes_the_defaults_and_refuses_what_the_reader_refuses() {
    let schema = jsonschema::draft7::new(&schema::json_schema()).expect("a schema");
    let takes = |text: &str| {
        let value: serde_json::Value = toml::from_str(text).expect("TOML");
        schema.is_valid(&value)
    };
    for good in [
        "",
        "[serve]\nlisten='127.0.0.1:1'\n[api]\ncors_origins=['*']\nadmin_key='x'",
    ] {
        assert!(takes(good) && try_load(good, &[]).is_ok(), "{good}");
    }
    for bad in [
        "[serve]\nlisen='x'",
        "[servee]\n",
        "listen='x'",
        "[log]\nformat='xml'",
        "[database]\npool_size=501",
        "[database]\npool_size='4'",
        "[api]\ncors_origins='*'",
    ] {
        assert!(!takes(bad) && try_load(bad, &[]).is_err(), "{bad}");
    }
}

#[test]
fn plaintext_that_other_machines_reach_must_be_allowed_by_name() {
    for open in ["0.0.0.0:1", "[::]:1", "192.0.2.1:1", "[::ffff:192.0.2.1]:1"] {
        let found = problems(&format!("[serve]\nlisten = \"{open}\""));
        assert_eq!(
            found,
            [format!(
                "`serve.listen` (@): {open} can be reached by other machines, and API keys would \
                 cross the network in clear"
            )]
        );
        let allowed = format!("[serve]\nlisten = \"{open}\"\nallow_plaintext = true");
        assert_eq!(problems(&allowed), [""; 0]);
    }
    for own in [
        "127.0.0.1:0",
        "127.8.8.8:1",
        "[::1]:1",
        "localhost:1",
        "[::ffff:127.0.0.1]:1",
    ] {
        assert_eq!(problems(&format!("[serve]\nlisten = \"{own}\"")), [""; 0]);
    }
    assert_eq!(
        problems("[serve]\nmetrics_listen = \"0.0.0.0:9880\"").len(),
        1
    );
}

#[test]
fn two_listeners_cannot_share_an_address() {
    let clash = "[serve]\nmetrics_listen = \"127.0.0.1:8880\"";
    assert_eq!(
        problems(clash),
        ["`serve.metrics_listen` (@): the API listens on the same address and port"]
    );
    let any_port = "[serve]\nlisten = \"127.0.0.1:0\"\nmetrics_listen = \"127.0.0.1:0\"";
    assert_eq!(problems(any_port), [""; 0]);
}

#[test]
fn every_origin_or_some_but_not_both() {
    assert_eq!(problems("[api]\ncors_origins = [\"*\"]"), [""; 0]);
    let both = problems("[api]\ncors_origins = [\"https://a.example\", \"*\"]");
    assert!(both[0].contains("must stand alone"), "{both:?}");
    let path = problems("[api]\ncors_origins = [\"https://a.example/\"]");
    assert!(path[0].contains("expects origins"), "{path:?}");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let text = "[serve]\nlisten = \"here\"\n[database]\nurl = \"postgres://u:pw@h/\"\n\
                [keyring]\nsource = \"keyring.toml\"\n[audit]\ndir = \"\"";
    let found = problems(text);
    assert_eq!(found.len(), 4, "{found:?}");
    assert!(found[1].contains("the URL names no database"));
    assert!(!found.join("\n").contains("pw"));
}

#[test]
fn a_secret_in_the_file_needs_a_private_file_and_is_never_shown() {
    let text = "[api]\nadmin_key = \"0123456789abcdefghijklmnopqrstuvwxyz\"";
    assert_eq!(
        problems(text),
        ["`api.admin_key` (@): the secret stands in a file that other users can read"]
    );
    let shown = loaded(text, &[]).show();
    assert!(!format!("{shown:?}").contains("0123456789"));
    let reference = loaded("[api]\nadmin_key = \"file:a.key\"", &[]).show();
    assert!(format!("{reference:?}").contains("file:a.key"));
}

#[test]
fn a_weak_administrators_key_is_refused_before_anything_starts() {
    let check = |key: &str| {
        let environment = [("SERVICE_ADMINKEY", key), ("RING", "keys")];
        let loaded = loaded("[keyring]\nsource = \"env:RING\"", &environment);
        let environment = environment.iter().copied().collect();
        match loaded.check(&environment) {
            Ok(_) => String::new(),
            Err(ConfigError::Problems(problems)) => problems[0].to_string(),
            Err(error) => error.to_string(),
        }
    };
    for weak in ["", "Ch4ngeM3!", "short", &"ab".repeat(20)] {
        let message = check(weak);
        assert!(
            message.starts_with("`api.admin_key` (SERVICE_ADMINKEY): the administrator's key is"),
            "{weak}: {message}"
        );
    }
    assert_eq!(check("Vq3pX9sLw0ZtR7yBn5KcJ2dFh8GmQ4aE"), "");
}

#[test]
fn a_keyring_that_cannot_be_fetched_is_found_before_anything_starts() {
    match loaded("", &[]).check(&Environment::default()) {
        Err(ConfigError::Problems(problems)) => {
            assert_eq!(problems.len(), 1);
            assert_eq!(problems[0].key, "keyring.source");
        }
        _ => panic!("there is no keyring"),
    }
}

/// A recipient whose identity nobody has.
const RECIPIENT: &str = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

#[test]
fn the_defaults_of_backups_are_the_published_ones() {
    let loaded = loaded("", &[]);
    let backup = loaded.config().expect("the defaults").backup;
    let folder = loaded.dir().join("backups");
    assert_eq!(backup.destination, backup::Destination::Folder(folder));
    assert_eq!(backup.spool, loaded.dir().join("backup-spool"));
    assert_eq!(backup.max_age, jiff::SignedDuration::from_hours(26));
    let keep = backup::Keep {
        daily: 7,
        weekly: 4,
        monthly: 12,
        yearly: 7,
    };
    assert_eq!(backup.keep, keep);
    assert_eq!(backup.time_zone, jiff::tz::TimeZone::UTC);
    assert!(backup.recipients.is_empty() && backup.verify_keys.is_empty());
    assert!(backup.s3.credentials.is_none() && !backup.s3.path_style);
    assert_eq!(
        (backup.pg_bindir, backup.s3.region.as_str()),
        (None, "us-east-1")
    );
}

#[test]
fn a_typo_in_a_recipient_is_an_error_that_names_the_setting() {
    let of = |members: &[&str]| problems(&format!("[backup]\nrecipients = {members:?}"));
    assert_eq!(of(&[RECIPIENT, RECIPIENT]), [""; 0]);
    let typo = RECIPIENT.replace('q', "p");
    for (wrong, why) in [
        (
            typo.as_str(),
            "it is mistyped, cut off, or of a kind that needs a plugin",
        ),
        (
            "ssh-ed25519 AAAA",
            "it does not begin with `age1`; no other kind of recipient is known",
        ),
        (
            "AGE-SECRET-KEY-1X",
            "it is a secret identity, not a recipient: keep it to yourself",
        ),
    ] {
        let expected = format!("`backup.recipients` (@): the recipient 2 cannot be used: {why}");
        assert_eq!(of(&[RECIPIENT, wrong]), [expected]);
    }
}

#[test]
fn settings_of_backups_that_cannot_be_meant_are_refused() {
    for (text, message) in [
        (
            "destination = \"s3:/bucket\"",
            "a destination is a folder or `s3://bucket/prefix`, without another scheme",
        ),
        ("destination = \"\"", "and this is empty"),
        (
            "time_zone = \"Europe/Berlim\"",
            "expects UTC, system, or the name of a time zone",
        ),
        (
            "keep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\nkeep_yearly = 0",
            "keeps no backup at all",
        ),
        (
            "s3_access_key_id = \"env:ID\"",
            "needs `backup.s3_secret_access_key` beside it",
        ),
        (
            "s3_secret_access_key = \"env:X\"",
            "needs `backup.s3_access_key_id` beside it",
        ),
        (
            "s3_endpoint = \"s3.example.org\"",
            "expects the URL of a store",
        ),
        (
            "s3_endpoint = \"https://u:canary@h\"",
            "expects the URL of a store",
        ),
        (
            "healthcheck_url = \"hc-ping.com/canary\"",
            "expects a URL that begins with https://",
        ),
        ("max_age_hours = 0", ""),
        ("verify_keys = [\" \"]", "expects public signing keys"),
        ("pg_bindir = \"\"", "expects a folder"),
    ] {
        let text = format!("[backup]\n{text}");
        let found = match try_load(&text, &[]) {
            Ok(_) => problems(&text),
            Err(error) => vec![error.to_string()],
        };
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].contains(message), "{text}: {found:?}");
        assert!(!found[0].contains("canary"), "{found:?}");
    }
    assert_eq!(problems("[restore_test]\nuser = \"root\"").len(), 1);
}

#[test]
fn the_programs_of_a_restore_test_are_its_own_then_those_of_backups() {
    let of = |text: &str| {
        let config = loaded(text, &[]).config().expect("sound");
        config.restore_test.pg_bindir
    };
    assert_eq!(of(""), None);
    let backup = "[backup]\npg_bindir = \"/b\"\n";
    assert_eq!(of(backup), Some("/b".into()));
    let own = format!("{backup}[restore_test]\npg_bindir = \"/r\"");
    assert_eq!(of(&own), Some("/r".into()));
}

#[test]
fn what_only_backups_need_is_fetched_by_the_check_but_stops_no_server() {
    let text = "[keyring]\nsource = \"env:RING\"\n[backup]\nhealthcheck_url = \"env:PING\"\n\
                s3_access_key_id = \"env:ID\"\ns3_secret_access_key = \"env:KEY\"";
    let found = |environment: &[(&str, &str)]| {
        let loaded = loaded(text, environment);
        let environment = environment.iter().copied().collect();
        assert!(loaded.check(&environment).is_ok());
        match loaded.check_all(&environment) {
            Ok(_) => Vec::new(),
            Err(ConfigError::Problems(problems)) => {
                problems.into_iter().map(|problem| problem.key).collect()
            }
            Err(error) => panic!("{error}"),
        }
    };
    let keys = [
        "healthcheck_url",
        "s3_access_key_id",
        "s3_secret_access_key",
    ];
    assert_eq!(
        found(&[("RING", "x")]),
        keys.map(|key| format!("backup.{key}"))
    );
    let all = [
        ("RING", "x"),
        ("PING", "https://h/"),
        ("ID", "i"),
        ("KEY", "k"),
    ];
    assert_eq!(found(&all), [""; 0]);
}

#[test]
fn secrets_of_backups_need_a_private_file_and_are_never_shown() {
    let text = "[backup]\nhealthcheck_url = \"https://h/canary\"\n\
                destination = \"s3://k:canary@b\"\ns3_access_key_id = \"canary\"\n\
                s3_secret_access_key = \"canary\"";
    let shown = format!("{:?}", loaded(text, &[]).show());
    assert!(!shown.contains("canary"), "{shown}");
    let sound = text.replace("s3://k:canary@b", "s3://bucket");
    assert_eq!(problems(&sound).len(), 3, "{:?}", problems(&sound));
}
