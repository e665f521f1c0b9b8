//! `embsec keys split|combine|escrow|recover|drill`: the keyring is lost and found again.

use crate::support::{Deployment, Server, embsec, mode_of};
use age::secrecy::ExposeSecret as _;
use embsec::crypto::sealed_file::{self, Identities};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

/// A person with an identity file of age.
struct Holder {
    recipient: String,
    identity_file: PathBuf,
}

impl Holder {
    fn new(folder: &Path, name: &str) -> Self {
        let identity = age::x25519::Identity::generate();
        let identity_file = folder.join(format!("{name}.identity"));
        let text = format!("# {name}\n{}\n", identity.to_string().expose_secret());
        fs::write(&identity_file, text).unwrap();
        fs::set_permissions(&identity_file, fs::Permissions::from_mode(0o600)).unwrap();
        Self {
            recipient: identity.to_public().to_string(),
            identity_file,
        }
    }

    fn file(&self) -> &str {
        self.identity_file.to_str().unwrap()
    }
}

/// A deployment that was made and is not served, with a folder beside it.
fn made() -> (Deployment, PathBuf) {
    let deployment = Deployment::nowhere();
    assert!(deployment.embsec(&["init"]).status.success());
    let beside = deployment.parent().join("beside");
    fs::create_dir(&beside).unwrap();
    (deployment, beside)
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[track_caller]
fn ends_with(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
}

#[track_caller]
fn document(output: &Output) -> Value {
    ends_with(output, 0);
    serde_json::from_str(&stdout(output)).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Splits the keyring; returns the files.
#[track_caller]
fn split(deployment: &Deployment, beside: &Path, more: &[&str]) -> Vec<String> {
    let mut arguments = vec!["keys", "split", "--json", "--out", text(beside)];
    arguments.extend(more);
    let document = document(&deployment.embsec(&arguments));
    let shares = document["shares"].as_array().unwrap();
    let file = |share: &Value| share["file"].as_str().unwrap().to_owned();
    shares.iter().map(file).collect()
}

#[track_caller]
fn escrow(deployment: &Deployment, holder: &Holder, out: &Path) {
    let arguments = [
        "keys",
        "escrow",
        "--to",
        &holder.recipient,
        "--out",
        text(out),
    ];
    ends_with(&deployment.embsec(&arguments), 0);
    assert_eq!(mode_of(out), 0o600);
}

fn drill(deployment: &Deployment, escrow: &Path, holder: &Holder) -> Output {
    let arguments = [
        "keys",
        "drill",
        "--escrow",
        text(escrow),
        "--identity-file",
        holder.file(),
    ];
    deployment.embsec(&arguments)
}

fn flip(path: &str, place: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[place] ^= 0x01;
    fs::write(path, bytes).unwrap();
}

/// The lines of the audit log with this action.
fn events(deployment: &Deployment, action: &str) -> Vec<Value> {
    let lines = deployment.audit_lines();
    let events = lines
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.filter(|event| event["action"] == action).collect()
}

#[test]
fn a_lost_keyring_comes_back_from_the_shares_of_its_holders() {
    let (deployment, beside) = made();
    let holders = ["ann", "ben", "cem"].map(|name| Holder::new(&beside, name));
    let mut arguments = vec!["--shares", "3", "--threshold", "2"];
    for holder in &holders {
        arguments.extend(["--to", &holder.recipient]);
    }
    let files = split(&deployment, &beside, &arguments);
    assert!(files.iter().all(|file| mode_of(Path::new(file)) == 0o600));
    assert_eq!(events(&deployment, "keyring.split").len(), 1);
    let keyring = deployment.dir().join("keyring.toml");
    let before = fs::read(&keyring).unwrap();
    fs::remove_file(&keyring).unwrap();
    ends_with(&deployment.embsec(&["users", "list"]), 2);

    let one = [
        "keys",
        "combine",
        &files[2],
        "--identity-file",
        holders[2].file(),
    ];
    let one = embsec([&one[..], &["--out", text(&keyring)]].concat());
    ends_with(&one, 3);
    assert!(stderr(&one).contains("1 is missing"), "{}", stderr(&one));
    let unopened = embsec(["keys", "combine", &files[2], "--out", text(&keyring)]);
    ends_with(&unopened, 2);
    assert!(!keyring.exists());

    let mut two = vec![
        "keys",
        "combine",
        &files[2],
        &files[0],
        "--out",
        text(&keyring),
    ];
    two.extend(["--identity-file", holders[0].file()]);
    two.extend(["--identity-file", holders[2].file()]);
    ends_with(&embsec(&two), 0);
    assert_eq!(fs::read(&keyring).unwrap(), before);
    assert_eq!(mode_of(&keyring), 0o600);
    drop(Server::start(&deployment));
    let mut drill = vec!["keys", "drill", "--shares", &files[0], &files[2]];
    drill.extend(["--identity-file", holders[0].file()]);
    drill.extend(["--identity-file", holders[2].file()]);
    let drill = deployment.embsec(&drill);
    ends_with(&drill, 0);
    assert!(stdout(&drill).contains("passed"), "{}", stdout(&drill));
}

#[test]
fn a_lost_keyring_comes_back_from_its_escrow_copy_and_another_is_never_overwritten() {
    let (deployment, beside) = made();
    let holder = Holder::new(&beside, "ann");
    let copy = beside.join("escrow.age");
    escrow(&deployment, &holder, &copy);
    let keyring = deployment.dir().join("keyring.toml");
    let before = fs::read(&keyring).unwrap();
    fs::remove_file(&keyring).unwrap();
    let recover = [
        "keys",
        "recover",
        text(&copy),
        "--identity-file",
        holder.file(),
    ];
    let dry = deployment.embsec(&[&recover[..], &["--dry-run"]].concat());
    ends_with(&dry, 0);
    assert!(!keyring.exists());
    ends_with(&deployment.embsec(&recover), 0);
    assert_eq!(fs::read(&keyring).unwrap(), before);
    assert_eq!(events(&deployment, "keyring.escrow").len(), 1);
    assert_eq!(events(&deployment, "keyring.recover").len(), 1);
    drop(Server::start(&deployment));

    let again = deployment.embsec(&recover);
    ends_with(&again, 0);
    assert!(stdout(&again).contains("already"), "{}", stdout(&again));
    let (stranger, _) = made();
    let refused = stranger.embsec(&recover);
    ends_with(&refused, 4);
    // Where none is in place, a keyring of another deployment is found out when it is tried.
    let theirs = stranger.dir().join("keyring.toml");
    fs::remove_file(&theirs).unwrap();
    let wrong = stranger.embsec(&recover);
    ends_with(&wrong, 6);
    assert!(
        stderr(&wrong).contains("has no master key"),
        "{}",
        stderr(&wrong)
    );
    let elsewhere = beside.join("recovered.toml");
    let out = [&recover[..], &["--out", text(&elsewhere)]].concat();
    ends_with(&embsec(&out), 0);
    assert_eq!(fs::read(&elsewhere).unwrap(), before);
}

/// Runs a command on a deployment whose keyring is sealed, with what opens it.
fn sealed_run(deployment: &Deployment, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = deployment.command(arguments);
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn a_keyring_that_is_sealed_is_put_back_sealed_or_not_at_all() {
    let (deployment, beside) = made();
    let (ann, eve) = (Holder::new(&beside, "ann"), Holder::new(&beside, "eve"));
    let copy = beside.join("escrow.age");
    escrow(&deployment, &ann, &copy);
    let keyring = deployment.dir().join("keyring.toml");
    let plain = fs::read(&keyring).unwrap();
    fs::remove_file(&keyring).unwrap();
    let recover = [
        "keys",
        "recover",
        text(&copy),
        "--identity-file",
        ann.file(),
    ];
    let identity = format!("file:{}", eve.file());
    let by_identity = [("EMBSEC_KEYRING__IDENTITY", identity.as_str())];
    let by_passphrase = [
        ("EMBSEC_KEYRING__PASSPHRASE", "env:PASS"),
        ("PASS", "correct horse battery staple"),
    ];
    for (variables, place) in [(&by_identity[..], 0), (&by_passphrase[..], 1)] {
        let dry = sealed_run(
            &deployment,
            variables,
            &[&recover[..], &["--dry-run"]].concat(),
        );
        ends_with(&dry, 0);
        assert!(!keyring.exists());
        ends_with(&sealed_run(&deployment, variables, &recover), 0);
        let sealed = fs::read(&keyring).unwrap();
        assert!(sealed.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----"));
        assert_eq!(mode_of(&keyring), 0o600);
        assert_eq!(events(&deployment, "keyring.recover").len(), place + 1);
        let again = sealed_run(&deployment, variables, &recover);
        ends_with(&again, 0);
        assert!(stdout(&again).contains("already"), "{}", stdout(&again));
        assert_eq!(fs::read(&keyring).unwrap(), sealed);
        ends_with(&deployment.embsec(&["users", "list"]), 2);
        fs::remove_file(&keyring).unwrap();
    }

    // Sealed as the generation before, although no setting says so; for others too, not at all.
    let identities = Identities::read(&fs::read(ann.file()).unwrap()).unwrap();
    let others = Identities::read(&fs::read(eve.file()).unwrap()).unwrap();
    let previous = deployment.dir().join("keyring.toml.previous");
    let both = [identities.recipients(), others.recipients()].concat();
    fs::write(&previous, sealed_file::seal(&both, &plain).unwrap()).unwrap();
    fs::set_permissions(&previous, fs::Permissions::from_mode(0o600)).unwrap();
    ends_with(&deployment.embsec(&recover), 2);
    ends_with(&sealed_run(&deployment, &by_identity, &recover), 4);
    assert!(!keyring.exists());
    let all = beside.join("all.identity");
    let lines = [fs::read(ann.file()).unwrap(), fs::read(eve.file()).unwrap()].concat();
    fs::write(&all, lines).unwrap();
    fs::set_permissions(&all, fs::Permissions::from_mode(0o600)).unwrap();
    let identity = format!("file:{}", text(&all));
    let by_both = [("EMBSEC_KEYRING__IDENTITY", identity.as_str())];
    ends_with(&sealed_run(&deployment, &by_both, &recover), 0);
    let sealed = fs::read(&keyring).unwrap();
    assert_eq!(*sealed_file::open(&identities, &sealed).unwrap(), plain);
    assert_eq!(*sealed_file::open(&others, &sealed).unwrap(), plain);
}

#[test]
fn a_keyring_written_elsewhere_is_recorded_where_there_is_a_deployment() {
    let (deployment, beside) = made();
    let holder = Holder::new(&beside, "ann");
    let copy = beside.join("escrow.age");
    escrow(&deployment, &holder, &copy);
    let shares = split(&deployment, &beside, &["--shares", "3", "--threshold", "2"]);
    let (first, second) = (beside.join("first.toml"), beside.join("second.toml"));
    let identity = ["--identity-file", holder.file()];
    let recover = [&["keys", "recover", text(&copy)][..], &identity].concat();
    let recover = [&recover[..], &["--out", text(&first)]].concat();
    let combine = [
        "keys",
        "combine",
        &shares[0],
        &shares[1],
        "--out",
        text(&second),
    ];
    for (command, path, count) in [(&recover[..], &first, 1), (&combine[..], &second, 2)] {
        ends_with(&deployment.embsec(&[command, &["--dry-run"]].concat()), 0);
        assert_eq!(events(&deployment, "keyring.recover").len(), count - 1);
        ends_with(&deployment.embsec(command), 0);
        let recorded = events(&deployment, "keyring.recover");
        assert_eq!(recorded.len(), count);
        assert_eq!(recorded[count - 1]["details"]["file"], text(path));
        // It is there already, and nothing is done.
        ends_with(&deployment.embsec(command), 0);
        assert_eq!(events(&deployment, "keyring.recover").len(), count);
    }
    // Nothing is written that the log does not tell of.
    let audit = deployment.dir().join("audit");
    fs::rename(&audit, beside.join("audit")).unwrap();
    fs::write(&audit, "no folder").unwrap();
    fs::remove_file(&second).unwrap();
    ends_with(&deployment.embsec(&combine), 5);
    assert!(!second.exists());
    // Where no deployment is, none is made.
    ends_with(&embsec(combine), 0);
    assert_eq!(fs::read(&second).unwrap(), fs::read(&first).unwrap());
}

#[test]
fn a_drill_tells_a_good_copy_from_an_old_and_from_a_damaged_one() {
    let (deployment, beside) = made();
    let holder = Holder::new(&beside, "ann");
    let copy = beside.join("escrow.age");
    escrow(&deployment, &holder, &copy);
    ends_with(&drill(&deployment, &copy, &holder), 0);

    let (other, _) = made();
    let lacking = drill(&other, &copy, &holder);
    ends_with(&lacking, 1);
    let keyring = fs::read_to_string(other.dir().join("keyring.toml")).unwrap();
    let id = keyring
        .lines()
        .find_map(|line| line.strip_prefix("id = "))
        .unwrap();
    let id = id.trim_matches('"');
    assert!(stdout(&lacking).contains(id), "{}", stdout(&lacking));

    let stranger = Holder::new(&beside, "eve");
    ends_with(&drill(&deployment, &copy, &stranger), 6);
    flip(text(&copy), 300);
    ends_with(&drill(&deployment, &copy, &holder), 6);
    ends_with(&drill(&deployment, &beside.join("none.age"), &holder), 2);
    let outcomes: Vec<Value> = events(&deployment, "keyring.drill")
        .into_iter()
        .map(|event| event["details"]["passed"].clone())
        .collect();
    assert_eq!(outcomes, [true, false, false]);
}

#[test]
fn a_copy_from_before_a_rotation_fails_its_drill_and_a_new_one_passes() {
    let (deployment, beside) = made();
    let holder = Holder::new(&beside, "ann");
    let (old, new) = (beside.join("old.age"), beside.join("new.age"));
    escrow(&deployment, &holder, &old);
    ends_with(
        &deployment.embsec(&["keys", "rotate", "master", "--yes"]),
        0,
    );
    let failed = drill(&deployment, &old, &holder);
    ends_with(&failed, 1);
    let told = [stdout(&failed), stderr(&failed)].concat();
    assert!(told.contains("It lacks the key"), "{told}");
    assert!(told.contains("older than the last rotation"), "{told}");
    escrow(&deployment, &holder, &new);
    ends_with(&drill(&deployment, &new, &holder), 0);
}

#[test]
fn a_changed_byte_of_a_share_or_a_bundle_is_damage_by_name() {
    let (deployment, beside) = made();
    let files = split(&deployment, &beside, &["--shares", "3", "--threshold", "2"]);
    let out = beside.join("keyring.toml");
    let combine = ["keys", "combine", &files[0], &files[1], "--out", text(&out)];
    let length = fs::read(&files[1]).unwrap().len();
    for place in [0, 14, 16, length / 2, length - 20, length - 2, length - 1] {
        flip(&files[1], place);
        let output = embsec(combine);
        ends_with(&output, 6);
        let told = stderr(&output);
        assert!(
            told.contains(&files[1]) && told.contains("damaged"),
            "{place}: {told}"
        );
        assert!(!told.contains(&files[0]), "{place}: {told}");
        flip(&files[1], place);
    }
    assert!(!out.exists());
    let holder = Holder::new(&beside, "ann");
    let copy = beside.join("escrow.age");
    escrow(&deployment, &holder, &copy);
    let recover = [
        "keys",
        "recover",
        text(&copy),
        "--identity-file",
        holder.file(),
    ];
    let recover = [&recover[..], &["--out", text(&out)]].concat();
    let length = fs::read(&copy).unwrap().len();
    for place in [0, 40, 120, length / 2, length - 60, length - 2, length - 1] {
        flip(text(&copy), place);
        let output = embsec(&recover);
        ends_with(&output, 6);
        assert!(
            stderr(&output).contains("damaged"),
            "{place}: {}",
            stderr(&output)
        );
        flip(text(&copy), place);
    }
    assert!(!out.exists());
    ends_with(&embsec(combine), 0);
    ends_with(&embsec(&recover), 0);
}

#[test]
fn shares_of_two_sets_are_told_apart() {
    let (deployment, beside) = made();
    let other = deployment.parent().join("other");
    fs::create_dir(&other).unwrap();
    let numbers = ["--shares", "4", "--threshold", "3"];
    let files = split(&deployment, &beside, &numbers);
    let others = split(&deployment, &other, &numbers);
    let out = beside.join("keyring.toml");
    let mut combine = vec!["keys", "combine", &files[0], &others[1], &files[2]];
    combine.extend(["--out", text(&out)]);
    let output = embsec(&combine);
    ends_with(&output, 6);
    let told = stderr(&output);
    assert!(
        told.contains(&others[1]) && !told.contains(&files[0]),
        "{told}"
    );
    assert!(!out.exists());
}

#[test]
fn what_cannot_be_meant_is_refused_before_anything_is_written() {
    let (deployment, beside) = made();
    let holder = Holder::new(&beside, "ann");
    let out = beside.join("escrow.age");
    let typo = holder.recipient.replace("age1", "age1q");
    for (code, arguments) in [
        (2, vec!["escrow", "--to", &typo, "--out", text(&out)]),
        (2, vec!["split", "--shares", "3", "--threshold", "1"]),
        (
            2,
            vec![
                "split",
                "--shares",
                "2",
                "--threshold",
                "3",
                "--out",
                text(&beside),
            ],
        ),
        (
            2,
            vec![
                "split",
                "--shares",
                "2",
                "--threshold",
                "2",
                "--to",
                &holder.recipient,
            ],
        ),
        (
            2,
            vec![
                "split",
                "--shares",
                "2",
                "--threshold",
                "2",
                "--out",
                text(&out),
            ],
        ),
        (
            4,
            vec!["escrow", "--to", &holder.recipient, "--out", holder.file()],
        ),
        (2, vec!["drill"]),
    ] {
        let output = deployment.embsec(&[&["keys"], &arguments[..]].concat());
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}",
            stderr(&output)
        );
    }
    let names = fs::read_dir(&beside).unwrap().count();
    assert_eq!(names, 1, "only the identity file is there");
    assert_eq!(events(&deployment, "keyring.escrow").len(), 0);
}

#[test]
fn no_secret_is_in_any_output_or_in_the_audit_log() {
    let (deployment, beside) = made();
    let holder = Holder::new(&beside, "ann");
    let copy = beside.join("escrow.age");
    let out = beside.join("keyring.toml");
    let mut said = Vec::new();
    for json in [&[][..], &["--json"], &["--verbose"]] {
        let mut say = |arguments: &[&str]| {
            let output = deployment.embsec(&[arguments, json].concat());
            said.extend([stdout(&output), stderr(&output)]);
        };
        let numbers = ["--shares", "2", "--threshold", "2", "--out", text(&beside)];
        say(&[&["keys", "split"], &numbers[..]].concat());
        let shares = ["embsec-share-1-of-2.txt", "embsec-share-2-of-2.txt"];
        let [first, second] = shares.map(|name| text(&beside.join(name)).to_owned());
        say(&["keys", "combine", &first, &second, "--out", text(&out)]);
        say(&["keys", "drill", "--shares", &first, &second]);
        say(&[
            "keys",
            "escrow",
            "--to",
            &holder.recipient,
            "--out",
            text(&copy),
        ]);
        say(&[
            "keys",
            "recover",
            text(&copy),
            "--identity-file",
            holder.file(),
        ]);
        say(&[
            "keys",
            "drill",
            "--escrow",
            text(&copy),
            "--identity-file",
            holder.file(),
        ]);
        // Files in each other's place.
        say(&[
            "keys",
            "combine",
            holder.file(),
            text(&copy),
            "--out",
            text(&out),
        ]);
        say(&["keys", "recover", &first, "--identity-file", text(&out)]);
        say(&[
            "keys",
            "escrow",
            "--to",
            "AGE-SECRET-KEY-1CANARY",
            "--out",
            text(&copy),
        ]);
        say(&[
            "keys",
            "drill",
            "--escrow",
            &first,
            "--identity-file",
            &second,
        ]);
    }
    said.extend(deployment.audit_lines());
    let keyring = fs::read_to_string(deployment.dir().join("keyring.toml")).unwrap();
    let material = keyring
        .lines()
        .find_map(|line| line.strip_prefix("material = "))
        .unwrap();
    let share = fs::read_to_string(beside.join("embsec-share-1-of-2.txt")).unwrap();
    let payload = share.split(':').nth(6).unwrap();
    let identity = fs::read_to_string(&holder.identity_file).unwrap();
    let identity = identity.lines().nth(1).unwrap();
    let secrets = [
        &material.trim_matches('"')[..20],
        &payload[..20],
        &identity[..40],
        "CANARY",
    ];
    for text in &said {
        for secret in secrets {
            assert!(!text.contains(secret), "{secret:?} is in {text}");
        }
    }
    assert!(said.iter().any(|text| text.contains("embsec.keys.drill/1")));
}
