//! Commands that only tell something.

use crate::canary::stage::Stage;
use crate::canary::troubles;

/// Settings that hold secrets wherever they may.
fn full(stage: &Stage) -> String {
    let secrets = &stage.secrets;
    let keyring = stage.deployment.dir().join("keyring.toml");
    let text = format!(
        "[api]\nadmin_key = \"{}\"\n\
         [database]\nurl = \"postgres://postgres:{}@127.0.0.1:1/none\"\n\
         [keyring]\nsource = \"file:{}\"\npassphrase = \"{}\"\nidentity = \"{}\"\n",
        secrets.text("stray key"),
        secrets.text("database password"),
        keyring.display(),
        secrets.text("passphrase"),
        secrets.text("identity"),
    );
    stage.keep("full.toml", &text)
}

pub(super) fn show(stage: &mut Stage) {
    let file = full(stage);
    for form in [&["--verbose"][..], &["--json"], &["--output", "plain"]] {
        let run = stage.run(&[&["--config", &file], form].concat());
        run.without_folder().ends(&[0]);
        let (key, password) = (run_text(stage, "stray key"), stage.url_of_nobody());
        let run = stage.run(form).set("SERVICE_ADMINKEY", &key);
        run.set("EMBSEC_DATABASE__URL", &password).ends(&[0]);
    }
    everything_wrong(stage);
}

fn run_text(stage: &Stage, name: &str) -> String {
    stage.secrets.text(name).to_owned()
}

/// Every mistake in the settings, and in the keyring.
fn everything_wrong(stage: &mut Stage) {
    let any = [0, 2, 5, 6];
    for (number, text) in troubles::settings(&stage.secrets).iter().enumerate() {
        let file = stage.keep(&format!("wrong-{number}.toml"), text);
        for form in ["--verbose", "--json"] {
            let run = stage.run(&["--config", &file, form]);
            run.without_folder().ends(&any);
        }
    }
    let text = std::fs::read_to_string(stage.deployment.dir().join("keyring.toml")).unwrap();
    for (number, text) in troubles::keyrings(&text).iter().enumerate() {
        let file = stage.keep(&format!("ring-{number}.toml"), text);
        let run = stage.run(&["--verbose"]);
        run.set("EMBSEC_KEYRING__SOURCE", &format!("file:{file}"))
            .ends(&any);
        let run = stage
            .run(&["--json"])
            .set("EMBSEC_KEYRING__SOURCE", "env:RING");
        run.set("RING", text).ends(&any);
    }
    let secret = run_text(stage, "stray key");
    for name in ["EMBSEC_API__ADMIN_KEE", "EMBSEC_KEYRING__SOURCE"] {
        stage.run(&["--verbose"]).set(name, &secret).ends(&any);
    }
    stage
        .run(&["--json"])
        .set("SERVICE_ADMINKEY", &secret[..20])
        .ends(&any);
}

pub(super) fn check(stage: &mut Stage) {
    stage.tell(&[], 0);
    let file = full(stage);
    for form in ["--verbose", "--json"] {
        let run = stage.run(&["--config", &file, form]);
        run.without_folder().ends(&[0, 2, 5]);
    }
    everything_wrong(stage);
}

pub(super) fn schema(stage: &mut Stage) {
    let secret = run_text(stage, "stray key");
    let run = stage.run(&[]).set("SERVICE_ADMINKEY", &secret);
    run.ends(&[0]);
    stage.run(&["--nothing"]).ends(&[2]);
}

pub(super) fn completions(stage: &mut Stage) {
    stage.run(&["bash"]).ends(&[0]);
    stage.run(&["none"]).ends(&[2]);
}

pub(super) fn man(stage: &mut Stage) {
    stage.run(&["keys", "rotate"]).ends(&[0]);
    stage.run(&["none"]).ends(&[2]);
}

pub(super) fn generate(stage: &mut Stage) {
    let (folder, file) = (stage.beside("generated"), stage.keep("a-file", ""));
    stage.run(&[&folder]).ends(&[0]);
    stage.run(&[&file]).ends(&[5]);
}
