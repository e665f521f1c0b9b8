//! References are followed, and nothing that others could read is believed to be secret.

use super::*;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

fn parse(text: &str) -> SecretRef {
    SecretRef::parse(text, Path::new("/base"))
        .expect("a sound reference")
        .expect("a reference")
}

fn exposed(reference: &SecretRef, environment: &Environment) -> String {
    let secret = reference.resolve(environment).expect("the secret");
    secret.expose_secret().to_owned()
}

fn failure(reference: &SecretRef) -> String {
    match reference.resolve(&Environment::default()) {
        Ok(_) => panic!("there was a secret"),
        Err(error) => error.to_string(),
    }
}

fn file(folder: &tempfile::TempDir, content: &[u8], mode: u32) -> SecretRef {
    let path = folder.path().join("secret");
    fs::write(&path, content).expect("write");
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
    SecretRef::File(path)
}

#[test]
fn a_relative_path_starts_at_the_base() {
    assert_eq!(parse("file:a.key").to_string(), "file:/base/a.key");
    assert_eq!(parse("file:/etc/a.key").to_string(), "file:/etc/a.key");
}

#[test]
fn text_without_a_known_word_is_the_secret_itself_and_never_shown() {
    let secret: SecretString = "hunter2:with-a-colon".into();
    let reference = SecretRef::parse_or_given(&secret, Path::new("")).expect("parse");
    assert_eq!(format!("{reference} {reference:?}"), "**** SecretRef(****)");
    assert_eq!(
        exposed(&reference, &Environment::default()),
        "hunter2:with-a-colon"
    );
}

#[test]
fn a_private_file_gives_its_text_without_the_line_end() {
    let folder = tempfile::tempdir().expect("tempdir");
    for (content, text) in [("key\n", "key"), ("key\r\n", "key"), ("a\nb\n", "a\nb")] {
        let reference = file(&folder, content.as_bytes(), 0o600);
        assert_eq!(exposed(&reference, &Environment::default()), text);
    }
}

#[test]
fn a_file_that_others_can_reach_is_refused() {
    let folder = tempfile::tempdir().expect("tempdir");
    for mode in [0o640, 0o604, 0o620, 0o644] {
        let message = failure(&file(&folder, b"key\n", mode));
        assert!(message.contains("is open to others"), "{message}");
    }
}

#[test]
fn an_empty_an_endless_and_a_binary_file_are_refused() {
    let folder = tempfile::tempdir().expect("tempdir");
    assert!(failure(&file(&folder, b"\n", 0o600)).ends_with("holds nothing"));
    assert!(failure(&file(&folder, b"\xff\xfe", 0o600)).ends_with("not UTF-8"));
    let large = vec![b'a'; 1024 * 1024 + 1];
    assert!(failure(&file(&folder, &large, 0o600)).ends_with("larger than 1048576 bytes"));
    assert!(failure(&SecretRef::File("/dev/zero".into())).ends_with("not a regular file"));
    assert!(failure(&parse("cmd:head -c 1048577 /dev/zero")).ends_with("more than 1 MiB"));
}

#[test]
fn a_variable_and_a_credential_are_found() {
    let folder = tempfile::tempdir().expect("tempdir");
    fs::write(folder.path().join("admin"), "from systemd\n").expect("write");
    let environment: Environment = [
        ("KEY", "from env"),
        (
            "CREDENTIALS_DIRECTORY",
            folder.path().to_str().expect("UTF-8"),
        ),
    ]
    .into_iter()
    .collect();
    assert_eq!(exposed(&parse("env:KEY"), &environment), "from env");
    assert_eq!(
        exposed(&parse("credential:admin"), &environment),
        "from systemd"
    );
    assert!(failure(&parse("env:KEY")).contains("is not set"));
    assert!(failure(&parse("credential:admin")).contains("CREDENTIALS_DIRECTORY"));
}

#[test]
fn a_credential_cannot_climb_out_of_its_folder() {
    for name in ["../shadow", "a/b", "", ".", ".."] {
        let result = SecretRef::parse(&format!("credential:{name}"), Path::new(""));
        assert!(
            matches!(result, Err(SecretError::CredentialName(_))),
            "{name:?}"
        );
    }
}

#[test]
fn a_command_is_run_without_a_shell() {
    let environment = Environment::default();
    assert_eq!(
        exposed(&parse("cmd:printf '%s\\n' $HOME;id"), &environment),
        "$HOME;id"
    );
    assert!(failure(&parse("cmd:false")).contains("failed"));
    assert!(failure(&parse("cmd:/no/such/program")).contains("cannot run"));
    assert!(matches!(
        SecretRef::parse("cmd: ", Path::new("")),
        Err(SecretError::CommandLine)
    ));
}
