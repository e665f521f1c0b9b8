//! A deployment is made and served.

use crate::canary::requests;
use crate::canary::stage::Stage;

pub(super) fn init(stage: &mut Stage) {
    let urls = [&stage.deployment, &stage.other].map(|made| made.url().map(str::to_owned));
    let folders = [stage.deployment.dir(), stage.other.dir()];
    for (url, folder) in urls.iter().zip(folders) {
        let database = url.iter().flat_map(|url| ["--database", url.as_str()]);
        let arguments: Vec<&str> = database.collect();
        for form in [&["--dry-run", "--json"][..], &["--verbose"]] {
            let run = stage.run(&[&arguments, form].concat());
            run.within(folder.clone()).ends(&[0]);
        }
    }
    for (name, key) in [
        ("admin key", stage.deployment.admin_key()),
        ("other admin key", stage.other.admin_key()),
    ] {
        stage.secrets.learn(name, &key);
    }
    stage.run(&["--verbose"]).ends(&[4]);
    let (away, new) = (stage.url_of_nobody(), stage.beside.join("none"));
    for form in ["--verbose", "--json"] {
        let run = stage.run(&["--database", &away, form]);
        run.within(new.clone()).ends(&[5]);
        let wrong = away.replace(":1/", ":port/");
        let run = stage.run(&["--database", &wrong, form]);
        run.within(new.clone()).ends(&[2]);
    }
}

pub(super) fn up(stage: &mut Stage) {
    stage.tell(&["--dry-run"], 0);
    stage.tell(&[], 0);
    stage.in_other_trouble(&[]);
}

pub(super) fn status(stage: &mut Stage) {
    stage.tell(&[], 0);
    stage.in_other_trouble(&[]);
    stage
        .run(&["--database", &stage.url_of_nobody()])
        .ends(&[5]);
}

pub(super) fn serve(stage: &mut Stage) {
    let listen = ["--listen", "127.0.0.1:0"];
    stage.in_trouble(&listen);
    for level in ["debug", "trace"] {
        let away = stage.url_of_nobody();
        stage
            .run(&listen)
            .set("EMBSEC_LOG__LEVEL", level)
            .set("EMBSEC_DATABASE__URL", &away)
            .ends(&[5]);
    }
    let weak = stage.secrets.text("stray key")[..20].to_owned();
    stage.run(&listen).set("SERVICE_ADMINKEY", &weak).ends(&[2]);
    for format in ["text", "json"] {
        stage.start_server(format);
        if format == "text" {
            requests::fill(stage);
        }
        requests::read(stage);
        requests::mistake(stage);
        requests::upset_the_database(stage);
        if format == "text" {
            stage.stop_server();
        }
    }
    // A second one beside it.
    if stage.deployment.url().is_none() {
        stage
            .run(&listen)
            .set("EMBSEC_LOG__LEVEL", "trace")
            .ends(&[5]);
    }
}
