//! Backups, and who opens them.

use super::restores::learn_identities;
use crate::canary::stage::{Run, Stage};
use crate::support::{backups, required};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

/// Somebody who can open backups.
pub(super) struct Operator {
    pub(super) file: String,
    pub(super) recipient: String,
    identity: String,
}

/// One of those whose identities were made by `keys generate backup-recipient`.
pub(super) fn operator(stage: &Stage, form: &str) -> Operator {
    let file = stage.beside(&format!("recipient{form}.identity"));
    let text = std::fs::read_to_string(&file).unwrap();
    let identity = text.lines().last().unwrap().to_owned();
    let parsed: age::x25519::Identity = identity.parse().unwrap();
    Operator {
        file,
        recipient: parsed.to_public().to_string(),
        identity,
    }
}

/// The first of them, who opens what is made here.
pub(super) fn opener(stage: &Stage) -> Operator {
    operator(stage, "--verbose")
}

/// A file of an identity that opens nothing.
pub(super) fn stranger(stage: &Stage) -> String {
    stage.keep("nobody", stage.secrets.text("stranger's identity"))
}

/// A store that refuses everybody, and tells the secret that it should not even have.
fn store(stage: &Stage) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let secret = stage.secrets.text("s3 secret");
    let body = format!("<Error><Code>AccessDenied</Code><Message>{secret}</Message></Error>");
    let answer = format!(
        "HTTP/1.1 403 Forbidden\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let heard = stream.read(&mut [0; 65536]);
            // Whoever does not listen to the answer got what it came for.
            if heard.is_ok() {
                drop(stream.write_all(answer.as_bytes()));
            }
        }
    });
    format!("http://{address}")
}

/// Runs with a destination in a store that refuses, and with one whose settings are wrong.
#[track_caller]
pub(super) fn in_a_store(stage: &mut Stage, arguments: &[&str]) {
    let endpoint = store(stage);
    let wrong = "s3.example.org";
    let codes: &[i32] = &[2, 3, 5];
    for (endpoint, form) in [
        (endpoint.as_str(), "--verbose"),
        (&endpoint, "--json"),
        (wrong, "--json"),
    ] {
        let run = stage.run(&[arguments, &[form]].concat());
        to_store(run, endpoint).ends(codes);
    }
}

fn to_store<'s>(run: Run<'s>, endpoint: &str) -> Run<'s> {
    let [id, secret] = ["s3 access key id", "s3 secret"].map(|name| run.stage_text(name));
    run.set("EMBSEC_BACKUP__DESTINATION", "s3://bucket/prefix")
        .set("EMBSEC_BACKUP__S3_ENDPOINT", endpoint)
        .set("EMBSEC_BACKUP__S3_PATH_STYLE", "true")
        .set("EMBSEC_BACKUP__S3_ACCESS_KEY_ID", &id)
        .set("EMBSEC_BACKUP__S3_SECRET_ACCESS_KEY", &secret)
}

/// Runs with identities that do not open a backup.
#[track_caller]
pub(super) fn with_wrong_identities(stage: &mut Stage, arguments: &[&str], codes: &[i32]) {
    let opener = opener(stage);
    let keyring = stage.deployment.dir().join("keyring.toml");
    let keyring = keyring.to_str().unwrap();
    let stranger = stranger(stage);
    // The third is what somebody types who takes the file for its content.
    for (file, codes) in [
        (stranger.as_str(), codes),
        (keyring, &[2, 6]),
        (&opener.identity, &[2]),
        ("env:WRONG", &[2]),
    ] {
        for form in ["--verbose", "--json"] {
            let run = stage.run(&[arguments, &["--identity-file", file, form]].concat());
            let wrong = opener.identity.replace("KEY-1", "KEY-2");
            run.set("WRONG", &wrong).ends(codes);
        }
    }
}

pub(super) fn create(stage: &mut Stage) {
    let opener = opener(stage);
    // Nobody could open it.
    stage.run(&["--verbose"]).ends(&[2]);
    for form in ["--verbose", "--json"] {
        let run = stage.run(&[form]);
        run.set("EMBSEC_BACKUP__RECIPIENTS", &opener.identity)
            .ends(&[2]);
    }
    backups::set(
        &stage.deployment,
        "backup",
        &format!(
            "recipients = [\"{}\"]\npg_bindir = \"{}\"",
            opener.recipient,
            required("EMBSEC_TEST_POSTGRES_BIN_18")
        ),
    );
    stage.tell(&["--dry-run"], 0);
    stage.run(&["--verbose", "--progress", "json"]).ends(&[0]);
    let secret = stage.secrets.text("healthcheck").to_owned();
    let portable = ["--portable", "--json"];
    for (arguments, database) in [
        (&portable[..], None),
        (&["--verbose"], Some(stage.url_of_nobody())),
    ] {
        for url in [
            format!("http://127.0.0.1:1/{secret}"),
            format!("https://u:{secret}@127.0.0.1:1/x?y={secret}"),
            format!("ftp://127.0.0.1/{secret}"),
        ] {
            let run = stage.run(arguments);
            let run = run.set("EMBSEC_BACKUP__HEALTHCHECK_URL", &url);
            match &database {
                None => run.ends(&[0, 2]),
                Some(away) => run.set("EMBSEC_DATABASE__URL", away).ends(&[2, 5]),
            };
        }
    }
    of_others(stage);
    in_a_store(stage, &[]);
    // This one has to wait until it gives up.
    let run = stage.run(&["--verbose"]);
    to_store(run, "https://127.0.0.1:1").ends(&[5]);
    stage.in_trouble(&[]);
    learn_identities(stage);
}

pub(super) fn create_by_one_word(stage: &mut Stage) {
    stage.run(&["--verbose"]).ends(&[0]);
    stage.with_damaged_keyring(&[]);
    stage.with_wrong_settings(&[]);
    learn_identities(stage);
}

/// Databases of other programs.
fn of_others(stage: &mut Stage) {
    let embapi = stage.url_of("embapi").unwrap();
    let proxy = match stage.url_of("proxy") {
        Some(url) => url,
        None => stage.beside("proxy/llm.db"),
    };
    let away = stage.url_of_nobody();
    for (url, codes) in [
        (&embapi, &[0][..]),
        (&proxy, &[0]),
        (&away, &[2, 5]),
        (&away.replace(":1/", ":port/"), &[2]),
        (&away.replace("postgres://", "postgres:/"), &[2]),
    ] {
        for form in ["--verbose", "--json"] {
            stage.run(&["--database", url, form]).ends(codes);
        }
    }
}

pub(super) fn list(stage: &mut Stage) {
    stage.tell(&[], 0);
    stage
        .run(&["--destination", "nowhere", "--json"])
        .ends(&[2]);
    let secret = stage.secrets.text("s3 secret").to_owned();
    let named = format!("s3://id:{secret}@bucket/x");
    for form in ["--verbose", "--json"] {
        stage.run(&["--destination", &named, form]).ends(&[2]);
    }
    in_a_store(stage, &[]);
    stage.with_damaged_keyring(&[]);
    stage.with_wrong_settings(&[]);
}

pub(super) fn show(stage: &mut Stage) {
    let opener = opener(stage);
    stage.tell(&["newest"], 0);
    stage.tell(&["newest", "--identity-file", &opener.file], 0);
    let run = stage.run(&["newest", "--identity-file", "env:RIGHT", "--json"]);
    run.set("RIGHT", &opener.identity).ends(&[0]);
    with_wrong_identities(stage, &["newest"], &[6]);
    stage.with_damaged_keyring(&["newest"]);
    stage.with_wrong_settings(&["newest"]);
}

pub(super) fn verify(stage: &mut Stage) {
    let opener = opener(stage);
    let with = ["newest", "--identity-file", &opener.file, "--level"];
    for level in ["0", "1", "2", "3", "4"] {
        // A backup of another program comes with no key of it.
        stage.tell_any(&[&with[..], &[level]].concat(), &[0, 3]);
    }
    stage.tell(&["newest", "--level", "2"], 3);
    let copy = stage.beside("tampered");
    copy_with_a_flip(&stage.deployment.dir().join("backups"), Path::new(&copy));
    let newest = [
        "newest",
        "--destination",
        &copy,
        "--identity-file",
        &opener.file,
    ];
    stage.tell(&newest, 6);
    with_wrong_identities(stage, &["newest", "--level", "2"], &[3, 6]);
    stage.with_wrong_settings(&["newest"]);
}

/// Copies a destination; one byte of every segment is another.
fn copy_with_a_flip(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_with_a_flip(&path, &target);
            continue;
        }
        let mut bytes = std::fs::read(&path).unwrap();
        if from.ends_with("seg") {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
        std::fs::write(target, bytes).unwrap();
    }
}

pub(super) fn decode(stage: &mut Stage) {
    let opener = opener(stage);
    let folder = stage.beside("decoded");
    std::fs::create_dir(&folder).unwrap();
    let settings = ["newest", "--file", "embsec.toml", "--out"];
    for (form, identity) in [("--verbose", opener.file.as_str()), ("--json", "env:RIGHT")] {
        let out = format!("{folder}/settings{form}");
        let arguments = [&settings[..], &[&out, "--identity-file", identity, form]].concat();
        let run = stage.run(&arguments).set("RIGHT", &opener.identity);
        run.ends(&[0]);
        stage
            .run(&arguments)
            .set("RIGHT", &opener.identity)
            .ends(&[4]);
    }
    // The settings hold no secret, whatever they were.
    stage.hear_files(Path::new(&folder), &[], &[]);
    let none = stage.beside("decoded-not");
    let arguments = [&settings[..], &[&none]].concat();
    with_wrong_identities(stage, &arguments, &[6]);
    let absent = [
        "newest",
        "--table",
        "none",
        "--out",
        &none,
        "--identity-file",
    ];
    stage
        .run(&[&absent[..], &[&opener.file]].concat())
        .ends(&[2]);
    let arguments = [&arguments[..], &["--identity-file", &opener.file]].concat();
    in_a_store(stage, &arguments);
    stage.with_wrong_settings(&arguments);
}

pub(super) fn prune(stage: &mut Stage) {
    stage.tell(&["--explain"], 0);
    stage.run(&["--pin", "newest", "--json"]).ends(&[0]);
    stage.run(&["--unpin", "newest", "--verbose"]).ends(&[0]);
    stage.run(&["--yes", "--verbose"]).ends(&[0]);
    stage.run(&["--yes", "--json"]).ends(&[0]);
    stage.run(&["--pin", "none"]).ends(&[2]);
    in_a_store(stage, &[]);
    stage.with_damaged_keyring(&["--yes"]);
    stage.with_wrong_settings(&["--yes"]);
}

pub(super) fn sync(stage: &mut Stage) {
    let to = stage.beside("offsite");
    stage.run(&["--to", &to, "--dry-run", "--json"]).ends(&[0]);
    stage.run(&["--to", &to, "--verbose"]).ends(&[0]);
    stage.run(&["--to", &to, "--json"]).ends(&[0]);
    stage.hear_files(Path::new(&to), &[], &[]);
    let secret = stage.secrets.text("s3 secret").to_owned();
    let named = format!("s3://id:{secret}@bucket/x");
    stage.run(&["--to", &named, "--verbose"]).ends(&[2]);
    let endpoint = store(stage);
    let [id, secret] =
        ["s3 access key id", "s3 secret"].map(|name| stage.secrets.text(name).to_owned());
    for form in ["--verbose", "--json"] {
        let run = stage.run(&["--to", "s3://bucket/prefix", form]);
        run.set("EMBSEC_BACKUP__S3_ENDPOINT", &endpoint)
            .set("EMBSEC_BACKUP__S3_PATH_STYLE", "true")
            .set("EMBSEC_BACKUP__S3_ACCESS_KEY_ID", &id)
            .set("EMBSEC_BACKUP__S3_SECRET_ACCESS_KEY", &secret)
            .ends(&[2, 5]);
    }
    stage.with_damaged_keyring(&["--to", &to]);
    stage.with_wrong_settings(&["--to", &to]);
}

pub(super) fn rotate_recipient(stage: &mut Stage) {
    let [old, new] = ["--verbose", "--json"].map(|form| operator(stage, form));
    let from_old = ["--identity-file", old.file.as_str()];
    stage
        .run(
            &[
                &from_old[..],
                &["--to", &new.recipient, "--dry-run", "--json"],
            ]
            .concat(),
        )
        .ends(&[0]);
    for identity in [&new.identity, &old.identity] {
        stage
            .run(&[&from_old[..], &["--to", identity, "--verbose"]].concat())
            .ends(&[2]);
    }
    with_wrong_identities(stage, &["--to", &new.recipient], &[1, 6]);
    stage
        .run(&[&from_old[..], &["--to", &new.recipient, "--verbose"]].concat())
        .ends(&[0]);
    let back = ["--identity-file", &new.file, "--to", &old.recipient];
    stage
        .run(&[&back[..], &["--reencrypt", "--json"]].concat())
        .ends(&[4]);
    stage
        .run(&[&back[..], &["--reencrypt", "--yes", "--json"]].concat())
        .ends(&[0]);
    learn_identities(stage);
    stage.with_damaged_keyring(&back);
    stage.with_wrong_settings(&back);
}
