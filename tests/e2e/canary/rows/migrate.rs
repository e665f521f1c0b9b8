//! Databases move in and out.

use crate::canary::stage::Stage;

pub(super) fn import(stage: &mut Stage) {
    let from = stage.url_of("embapi").unwrap();
    // Its key was rotated before.
    let key = stage.beside("embapi-next.key");
    let wrong = stage.keep("wrong.key", stage.secrets.text("wrong proxy key"));
    let other = stage.other.dir();
    let with = |key| ["--from", from.as_str(), "--from-key-file", key];
    for (key, more, code) in [
        (&key, &["--dry-run", "--json"][..], 0),
        (&wrong, &["--verbose"], 6),
        (&key, &["--verbose", "--progress", "json"], 0),
        (&key, &["--finish", "--json"], 0),
        (&key, &["--verbose"], 4),
    ] {
        let run = stage.run(&[&with(key)[..], more].concat());
        run.within(other.clone()).ends(&[code]);
    }
    let away = stage.url_of_nobody();
    let wrong_url = away.replace("postgres://", "postgres:/");
    for url in [away, wrong_url] {
        let variable = ["--from", "env:THERE", "--verbose"];
        let run = stage.run(&variable).within(other.clone());
        run.set("THERE", &url).ends(&[2, 5]);
        let run = stage.run(&["--from", &url, "--json"]);
        run.within(other.clone()).ends(&[2, 5]);
    }
    // Its own keyring does not open that of another.
    let own = match stage.deployment.url() {
        Some(url) => url.to_owned(),
        None => stage
            .deployment
            .dir()
            .join("embsec.db")
            .display()
            .to_string(),
    };
    let run = stage.run(&["--from", &own, "--verbose"]);
    run.within(other).ends(&[2, 4, 6]);
    stage.in_trouble(&["--from", &from]);
    // Into another database of the same deployment, whose keyring opens both.
    stage.database("moved");
    let moved = stage.url_of("moved").unwrap();
    let up = ["migrate", "up", "--database", &moved];
    assert!(stage.deployment.embsec(&up).status.success());
    let into = ["--database", moved.as_str(), "--from", &own];
    stage
        .run(&[&into[..], &["--finish", "--verbose"]].concat())
        .ends(&[0]);
    stage.hear_tables("moved", "embsec", &["opened text"]);
}

pub(super) fn export(stage: &mut Stage) {
    stage.database("export");
    let to = stage.url_of("export").unwrap();
    let key = stage.keep("export.key", stage.secrets.text("export key"));
    let with = ["--to", to.as_str(), "--to-key-file", &key];
    stage
        .run(&[&with[..], &["--dry-run", "--json"]].concat())
        .ends(&[0]);
    stage
        .run(&[&with[..], &["--verbose", "--progress", "json"]].concat())
        .ends(&[0]);
    // It is full.
    stage.run(&with).ends(&[4]);
    let away = stage.url_of_nobody();
    let run = stage.run(&["--to", &away, "--verbose"]);
    let key = run.stage_text("export key");
    run.set("ENCRYPTION_KEY", &key).ends(&[5]);
    stage.in_trouble(&with);
}
