//! Databases of other programs, and what of the deployment's own is in clear.

use crate::canary::stage::Stage;
use crate::support::llm_proxy;
use embsec::crypto::embapi_blob::{self, EmbapiKey};
use embsec::sys::rng::SystemRng;
use rusqlite::Connection;

/// Files of keys, made when they are asked for.
fn key_file(stage: &Stage, name: &str) -> String {
    stage.keep(&name.replace(' ', "-"), stage.secrets.text(name))
}

/// What is in the databases of other programs.
fn fill(stage: &mut Stage) {
    let folder = stage.beside.join("proxy");
    std::fs::create_dir(&folder).unwrap();
    let token = stage.secrets.invent("proxy token");
    let api_key = stage.secrets.invent("proxy api key");
    let [note, pin] = ["note", "pin"].map(|name| stage.secrets.invent(name));
    let values = format!(
        "UPDATE projects SET api_key = 'sk-' || id || '-{api_key}'; \
         UPDATE tokens SET token = 'sk-' || id || '-{token}'; \
         CREATE TABLE ledger (k TEXT NOT NULL PRIMARY KEY, note TEXT, pin TEXT); \
         INSERT INTO ledger VALUES ('a', 'a {note}', 'a {pin}'), ('b', 'b {note}', 'b {pin}')"
    );
    if stage.deployment.url().is_some() {
        llm_proxy::postgres(stage.database("proxy"), 4, 6);
        stage.database("proxy").run(&values);
    } else {
        let connection = llm_proxy::sqlite(&folder.join("llm.db"), 4, 6);
        connection.execute_batch(&values).unwrap();
    }
    stage.keep(
        "ledger.toml",
        "name = \"ledger\"\n[[tables]]\ntable = \"ledger\"\nkey_column = \"k\"\n\
         encrypt = [\"note\"]\nhash = [\"pin\"]\n",
    );
    fill_embapi(stage);
}

/// A user of embapi with an instance, a project and a text.
fn fill_embapi(stage: &mut Stage) {
    let provider = stage.secrets.invent("embapi provider key");
    let text = stage.secrets.invent("embapi text");
    let key = stage.secrets.text("embapi key").to_owned().into();
    let sealed = embapi_blob::seal(&provider.into(), &EmbapiKey::from_text(&key), &SystemRng);
    let sealed = data_encoding::HEXLOWER.encode(&sealed.unwrap().unwrap());
    let database = stage.database("embapi");
    database.run(include_str!("../../../fixtures/embapi/schema.sql"));
    database.run(&format!(
        "INSERT INTO users (user_handle, email, vdb_key, created_at, updated_at) \
             VALUES ('dora', 'dora@example.org', repeat('1', 64), now(), now()); \
         INSERT INTO instances (instance_id, instance_handle, owner, endpoint, api_standard, \
                 model, dimensions, created_at, updated_at, api_key_encrypted) \
             VALUES (11, 'five', 'dora', 'https://llm.example.org/v1', 'openai', 'tiny', 5, \
                 now(), now(), '\\x{sealed}'); \
         INSERT INTO projects (project_id, project_handle, owner, created_at, updated_at, \
                 instance_id) VALUES (101, 'books', 'dora', now(), now(), 11); \
         INSERT INTO users_projects VALUES ('dora', 101, 'owner', now(), now()); \
         INSERT INTO embeddings (text_id, owner, project_id, instance_id, text, vector, \
                 vector_dim, metadata, created_at, updated_at) \
             VALUES ('one', 'dora', 101, 11, '{text}', '[1,2,3,4,5]', 5, \
                 '{{\"author\": \"nobody\"}}', now(), now())"
    ));
}

fn proxy(stage: &Stage) -> String {
    match stage.url_of("proxy") {
        Some(url) => url,
        None => format!("sqlite:{}", stage.beside.join("proxy/llm.db").display()),
    }
}

pub(super) fn status(stage: &mut Stage) {
    fill(stage);
    let url = proxy(stage);
    let keys = ["proxy key", "wrong proxy key"].map(|name| key_file(stage, name));
    let proxy = ["--database", url.as_str()];
    stage.tell(&proxy, 1);
    stage.tell(&[&proxy[..], &["--key-file", &keys[0]]].concat(), 1);
    let embapi = stage.url_of("embapi").unwrap();
    let key = key_file(stage, "embapi key");
    stage.tell(&["--database", &embapi, "--key-file", &key], 0);
    stage.tell(&["--database", &embapi, "--key-file", &keys[1]], 6);
    let ledger = stage.beside("ledger.toml");
    let target = ["--target", ledger.as_str(), "--key-file", &keys[0]];
    stage.tell(&[&proxy[..], &target].concat(), 1);
    // Its own.
    stage.tell(&[], 1);
    stage.in_trouble(&[]);
    // A key in the place of a key file, of a file of tables, of a URL; and half a key.
    let half = stage.secrets.text("proxy key")[..20].to_owned();
    let half = stage.keep("half.key", &half);
    let away = stage.url_of_nobody();
    for (arguments, codes) in [
        (["--database", &url, "--key-file", &half], &[2][..]),
        (["--database", &url, "--target", &keys[0]], &[2]),
        (["--database", &away, "--key-file", &keys[0]], &[5]),
        (["--database", &away, "--profile", "llm-proxy"], &[5]),
    ] {
        stage
            .run(&[&arguments[..], &["--verbose"]].concat())
            .ends(codes);
        stage
            .run(&[&arguments[..], &["--json"]].concat())
            .ends(codes);
    }
    for given in ["proxy key", "wrong proxy key", "passphrase"] {
        let key = stage.secrets.text(given).to_owned();
        let run = stage.run(&[&proxy[..], &["--verbose"]].concat());
        run.set("ENCRYPTION_KEY", &key).ends(&[1, 2]);
    }
}

pub(super) fn encrypt(stage: &mut Stage) {
    let url = proxy(stage);
    let keys = ["proxy key", "wrong proxy key"].map(|name| key_file(stage, name));
    let ledger = stage.beside("ledger.toml");
    let proxy = ["--database", url.as_str()];
    let target = [&proxy[..], &["--target", &ledger]].concat();
    for place in [&proxy[..], &target] {
        let right = [place, &["--key-file", &keys[0]]].concat();
        stage
            .run(&[&right[..], &["--dry-run", "--json"]].concat())
            .ends(&[0]);
        stage.run(&right).ends(&[4]);
        stage
            .run(&[&right[..], &["--yes", "--verbose", "--progress", "json"]].concat())
            .ends(&[0]);
        stage
            .run(&[&right[..], &["--yes", "--json"]].concat())
            .ends(&[0]);
        let wrong = [place, &["--key-file", &keys[1], "--yes", "--verbose"]].concat();
        stage.run(&wrong).ends(&[6]);
        let run = stage.run(&[place, &["--yes"]].concat());
        let wrong = run.stage_text("wrong proxy key");
        run.set("ENCRYPTION_KEY", &wrong).ends(&[6]);
    }
    let folder = stage.beside.join("proxy");
    stage.hear_files(&folder, &[], &[]);
    stage.hear_tables("proxy", "public", &[]);
    // A value that somebody wrote in clear since, and one that only looks sealed.
    let lookalike = format!("enc:v1:{}", stage.secrets.text("proxy api key"));
    let update = format!("UPDATE projects SET api_key = '{lookalike}' WHERE id = 'p1'");
    run_on_proxy(stage, &update);
    let right = [&proxy[..], &["--key-file", &keys[0], "--yes", "--verbose"]].concat();
    stage.run(&right).ends(&[6]);
    let named = ["--treat-as-plaintext", "projects.api_key:p1"];
    // Without a deployment, the audit log is elsewhere.
    stage
        .run(&[&right[..], &named].concat())
        .without_folder()
        .ends(&[0]);
    // Its own.
    stage.run(&["--dry-run", "--verbose"]).ends(&[0]);
    stage
        .run(&["--yes", "--verbose", "--progress", "lines"])
        .ends(&[0, 3]);
    stage.run(&["--yes", "--json"]).ends(&[0, 3]);
    stage.in_trouble(&["--yes"]);
}

fn run_on_proxy(stage: &Stage, sql: &str) {
    match stage.url_of("proxy") {
        Some(url) => drop(crate::support::psql(&url, sql)),
        None => Connection::open(stage.beside.join("proxy/llm.db"))
            .unwrap()
            .execute_batch(sql)
            .unwrap(),
    }
}

pub(super) fn decrypt(stage: &mut Stage) {
    let url = proxy(stage);
    let keys = ["proxy key", "wrong proxy key"].map(|name| key_file(stage, name));
    let ledger = stage.beside("ledger.toml");
    let proxy = ["--database", url.as_str()];
    let target = [&proxy[..], &["--target", &ledger]].concat();
    let wrong = ["--key-file", &keys[1], "--yes", "--verbose"];
    let right = ["--key-file", keys[0].as_str()];
    stage.run(&[&proxy[..], &wrong].concat()).ends(&[6]);
    stage.run(&[&target[..], &wrong].concat()).ends(&[6]);
    stage
        .run(&[&proxy[..], &right, &["--dry-run", "--json"]].concat())
        .ends(&[0]);
    stage
        .run(&[&target[..], &right, &["--yes", "--verbose"]].concat())
        .ends(&[0]);
    let embapi = stage.url_of("embapi").unwrap();
    let key = key_file(stage, "embapi key");
    stage
        .run(&["--database", &embapi, "--key-file", &key, "--yes"])
        .ends(&[4]);
    // Its own.
    stage.run(&["--dry-run", "--json"]).ends(&[0]);
    stage.run(&["--yes", "--verbose"]).ends(&[0, 3]);
    stage.in_trouble(&["--yes"]);
}

pub(super) fn rotate(stage: &mut Stage) {
    let embapi = stage.url_of("embapi").unwrap();
    let url = proxy(stage);
    for (name, url) in [("proxy", url), ("embapi", embapi)] {
        let old = key_file(stage, &format!("{name} key"));
        let wrong = key_file(stage, "wrong proxy key");
        let new = stage.beside(&format!("{name}-next.key"));
        let both = |old| {
            [
                "--database",
                &url,
                "--key-file",
                old,
                "--new-key-file",
                &new,
            ]
        };
        let right = both(&old);
        stage
            .run(&[&right[..], &["--dry-run", "--json"]].concat())
            .ends(&[0]);
        stage
            .run(&[&both(&wrong)[..], &["--yes", "--verbose"]].concat())
            .ends(&[6]);
        stage.run(&right).ends(&[4]);
        stage
            .run(&[&right[..], &["--yes", "--verbose", "--progress", "json"]].concat())
            .ends(&[0]);
        let made = std::fs::read_to_string(&new).unwrap();
        stage.secrets.learn("key of a target", made.trim_end());
        stage
            .run(&[&right[..], &["--undo", "--yes", "--json"]].concat())
            .ends(&[0]);
        stage
            .run(&[&right[..], &["--yes", "--json"]].concat())
            .ends(&[0]);
        stage
            .run(&[&right[..], &["--finish", "--yes", "--verbose"]].concat())
            .ends(&[0]);
        // Its keys in each other's place.
        let swapped = [
            "--database",
            &url,
            "--key-file",
            &new,
            "--new-key-file",
            &wrong,
        ];
        stage
            .run(&[&swapped[..], &["--finish", "--yes"]].concat())
            .ends(&[2, 4, 6]);
    }
    let old = key_file(stage, "proxy key");
    let away = stage.url_of_nobody();
    let rest = ["--key-file", &old, "--new-key-file", "none.key", "--yes"];
    stage
        .run(&[&["--database", away.as_str()][..], &rest].concat())
        .ends(&[5]);
}
