//! `embsec keys split|combine|escrow|recover|drill`: the keyring is lost and found again.

mod recover;

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
