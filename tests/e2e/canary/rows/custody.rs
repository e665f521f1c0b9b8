//! The keyring in other hands: shares, an escrow copy, and back.

use crate::canary::stage::Stage;

/// Who holds shares and copies.
struct Holder {
    recipient: String,
    identity_file: String,
}

/// The holder of the identity that every story has.
fn holder(stage: &Stage) -> Holder {
    holder_of(stage, "identity")
}

fn holder_of(stage: &Stage, name: &str) -> Holder {
    let identity = stage.secrets.text(name);
    let parsed: age::x25519::Identity = identity.parse().unwrap();
    Holder {
        recipient: parsed.to_public().to_string(),
        identity_file: stage.keep(
            &name.replace(' ', "-"),
            &format!("# a holder\n{identity}\n"),
        ),
    }
}

/// A file of the identity that opens nothing.
fn stranger(stage: &Stage) -> String {
    stage.keep(
        "stranger.identity",
        stage.secrets.text("stranger's identity"),
    )
}

fn share(stage: &Stage, folder: &str, number: u8) -> String {
    let ending = if folder == "sealed" { "age" } else { "txt" };
    stage.beside(&format!("{folder}/embsec-share-{number}-of-3.{ending}"))
}

/// Takes over what a share holds.
fn learn_share(stage: &mut Stage, file: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let payload = text.split(':').nth(6).unwrap();
    let bytes = data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes());
    stage.secrets.learn("share", payload);
    stage.secrets.learn_bytes("share", &bytes.unwrap());
}

pub(super) fn split(stage: &mut Stage) {
    let holder = holder(stage);
    let (open, sealed) = (stage.beside("open"), stage.beside("sealed"));
    std::fs::create_dir(&open).unwrap();
    std::fs::create_dir(&sealed).unwrap();
    let numbers = ["--shares", "3", "--threshold", "2"];
    let into = |folder| [&numbers[..], &["--out", folder]].concat();
    stage
        .run(&[&into(&open)[..], &["--dry-run", "--json"]].concat())
        .ends(&[0]);
    stage
        .run(&[&into(&open)[..], &["--verbose"]].concat())
        .ends(&[0]);
    for number in 1..=3 {
        let file = share(stage, "open", number);
        learn_share(stage, &file);
    }
    let others = ["second identity", "third identity"].map(|name| holder_of(stage, name));
    let mut all = into(&sealed);
    for holder in [&holder, &others[0], &others[1]] {
        all.extend(["--to", &holder.recipient]);
    }
    stage.run(&[&all[..], &["--json"]].concat()).ends(&[0]);
    // They are there already.
    stage.run(&into(&open)).ends(&[4]);
    let identity = stage.secrets.text("identity").to_owned();
    let wrong = ["--to", &identity, "--verbose"];
    stage.run(&[&into(&open)[..], &wrong].concat()).ends(&[2]);
    let none = stage.beside("nowhere");
    stage.in_trouble(&into(&none));
}

pub(super) fn combine(stage: &mut Stage) {
    let holder = holder(stage);
    let out = ["--out", &stage.beside("combined.toml")];
    let [one, two] = [1, 2].map(|number| share(stage, "open", number));
    let [first, second] = [1, 2].map(|number| share(stage, "sealed", number));
    let with = |files: [&str; 2], more: &[&str]| {
        let all = [&files[..], &out, more].concat();
        all.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let other = holder_of(stage, "second identity");
    let identity = [
        "--identity-file",
        holder.identity_file.as_str(),
        "--identity-file",
        other.identity_file.as_str(),
    ];
    let runs = [
        (with([&one, &two], &["--dry-run", "--json"]), 0),
        (with([&first, &second], &identity), 0),
        (with([&one, &two], &["--verbose"]), 0),
        (with([&first, &second], &["--verbose"]), 2),
    ];
    for (arguments, code) in runs {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        stage.run(&arguments).without_folder().ends(&[code]);
    }
    let damaged = std::fs::read_to_string(&two).unwrap();
    let middle = damaged.len() - 60;
    let changed = if damaged.as_bytes()[middle] == b'A' {
        "B"
    } else {
        "A"
    };
    let damaged = format!("{}{changed}{}", &damaged[..middle], &damaged[middle + 1..]);
    let damaged = stage.keep("damaged.share", &damaged);
    let stranger = stranger(stage);
    let keyring = stage
        .deployment
        .dir()
        .join("keyring.toml")
        .display()
        .to_string();
    for (files, code) in [
        ([&one, &damaged], 6),
        // Files in each other's place.
        ([&one, &keyring], 6),
        ([&holder.identity_file, &stranger], 6),
        ([&one, &one], 3),
    ] {
        for form in ["--verbose", "--json"] {
            let run = stage.run(&[files[0], files[1], "--out", "none.toml", form]);
            run.without_folder().ends(&[code]);
        }
    }
    let run = stage.run(&[
        &first,
        &second,
        "--out",
        "none.toml",
        "--identity-file",
        &stranger,
    ]);
    run.without_folder().ends(&[6]);
    let run = stage.run(&[
        &first,
        &second,
        "--out",
        "none.toml",
        "--identity-file",
        &one,
    ]);
    run.without_folder().ends(&[2]);
}

pub(super) fn escrow(stage: &mut Stage) {
    let holder = holder(stage);
    let out = stage.beside("escrow.age");
    let to = ["--to", &holder.recipient, "--out", &out];
    stage
        .run(&[&to[..], &["--dry-run", "--json"]].concat())
        .ends(&[0]);
    stage.run(&[&to[..], &["--verbose"]].concat()).ends(&[0]);
    stage.run(&to).ends(&[4]);
    let identity = stage.secrets.text("identity").to_owned();
    stage
        .run(&["--to", &identity, "--out", "none.age"])
        .ends(&[2]);
    stage.in_trouble(&["--to", &holder.recipient, "--out", "none.age"]);
}

pub(super) fn recover(stage: &mut Stage) {
    let holder = holder(stage);
    let copy = stage.beside("escrow.age");
    let with = [copy.as_str(), "--identity-file", &holder.identity_file];
    stage
        .run(&[&with[..], &["--dry-run", "--json"]].concat())
        .ends(&[0]);
    stage.run(&[&with[..], &["--verbose"]].concat()).ends(&[0]);
    let out = stage.beside("recovered.toml");
    let run = stage.run(&[&with[..], &["--out", &out]].concat());
    run.without_folder().ends(&[0]);
    let keyring = stage.deployment.dir().join("keyring.toml");
    std::fs::remove_file(&keyring).unwrap();
    stage.run(&with).ends(&[0]);
    let elsewhere = stage.other.dir();
    stage.run(&with).within(elsewhere).ends(&[4]);
    let stranger = stranger(stage);
    let keyring = keyring.display().to_string();
    for (copy, identity, codes) in [
        (&copy, &stranger, &[6][..]),
        (&copy, &keyring, &[2, 6]),
        (&keyring, &holder.identity_file, &[2, 6]),
        (&holder.identity_file, &holder.identity_file, &[2, 6]),
    ] {
        for form in ["--verbose", "--json"] {
            stage
                .run(&[copy, "--identity-file", identity, form])
                .ends(codes);
        }
    }
    stage.with_wrong_settings(&with);
}

pub(super) fn drill(stage: &mut Stage) {
    let holder = holder(stage);
    let copy = stage.beside("escrow.age");
    let [one, two, three] = [1, 2, 3].map(|number| share(stage, "open", number));
    let escrow = ["--escrow", &copy, "--identity-file", &holder.identity_file];
    let shares = ["--shares", &one, &two, &three];
    stage.tell(&escrow, 0);
    stage.tell(&shares, 0);
    stage
        .run(&[&escrow[..], &["--dry-run"]].concat())
        .ends(&[0]);
    let stranger = stranger(stage);
    stage
        .run(&["--escrow", &copy, "--identity-file", &stranger])
        .ends(&[6]);
    stage.run(&["--shares", &one, &stranger]).ends(&[6]);
    stage.run(&["--shares", &one]).ends(&[3]);
    stage.in_trouble(&escrow);
    stage.in_trouble(&shares);
}
