//! The file is found in the promised order, believed only when it is the caller's, and every
//! mistake in it is named with its line.

use super::*;
use crate::config::value::Value;
use proptest::prelude::*;
use std::os::unix::fs::PermissionsExt as _;

fn problems(text: &str) -> Vec<String> {
    let (_, problems) = parse(Path::new("embsec.toml"), text).expect("TOML");
    problems
        .into_iter()
        .map(|problem| {
            let hint = problem.fault.hint().unwrap_or_default();
            format!("{problem} | {hint}")
        })
        .collect()
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_what_it_resembles() {
    let text = "[serve]\nlisten = \"127.0.0.1:1\"\nlisen = 3\n\n[api]\ncompatt = 1\n";
    assert_eq!(
        problems(text),
        [
            "`serve.lisen` (\"embsec.toml\" line 3): there is no such setting | Did you mean \
             `serve.listen`?",
            "`api.compatt` (\"embsec.toml\" line 6): there is no such setting | Did you mean \
             `api.compat`?",
        ]
    );
}

#[test]
fn a_setting_in_the_wrong_section_or_in_none_is_led_home() {
    assert!(problems("[api]\npool_size = 3\n")[0].ends_with("Did you mean `database.pool_size`?"));
    assert!(problems("listen = \"x\"\n")[0].ends_with("Did you mean `serve.listen`?"));
    assert!(problems("[databse]\nurl = \"x\"\n")[0].ends_with("Did you mean `[database]`?"));
    assert!(problems("serve = 3\n")[0].contains("a section of settings belongs here"));
}

#[test]
fn a_value_of_the_wrong_type_or_out_of_bounds_is_named_with_what_belongs_there() {
    for (text, message) in [
        (
            "[serve]\nshutdown_secs = \"30\"",
            "a whole number from 0 to 3600, not text",
        ),
        ("[serve]\nshutdown_secs = -1", "not \"-1\""),
        ("[serve]\nshutdown_secs = 1e3", "not a fraction"),
        (
            "[serve]\nallow_plaintext = 1",
            "true or false, not a whole number",
        ),
        ("[log]\nformat = \"xml\"", "text or json, not \"xml\""),
        ("[api]\ncors_origins = [\"a\", 1]", "a list of texts"),
        ("[api]\ncors_origins = \"*\"", "a list of texts"),
        ("[database]\npool_size = 501", "from 0 to 500, not \"501\""),
        ("[api.admin_key]\nx = 1", "text, not a section"),
    ] {
        let found = problems(text);
        assert!(found[0].contains(message), "{text}: {found:?}");
    }
}

#[test]
fn a_secret_of_the_wrong_type_is_not_repeated() {
    assert!(!problems("[api]\nadmin_key = 31415926535")[0].contains("31415926535"));
}

#[test]
fn text_that_is_no_toml_is_refused_with_its_line() {
    let error = parse(Path::new("e.toml"), "[serve]\nlisten = \n")
        .err()
        .expect("an error");
    assert!(
        error
            .to_string()
            .starts_with("\"e.toml\" line 2 is no TOML"),
        "{error}"
    );
    let twice = parse(Path::new("e.toml"), "[log]\nlevel='warn'\nlevel='info'\n").err();
    assert!(twice.expect("an error").to_string().contains("line 3"));
}

fn deployment(mode_of_file: u32, mode_of_folder: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("tempdir");
    let home = folder.path().join("embsec");
    fs::create_dir(&home).expect("mkdir");
    fs::write(home.join(FILE_NAME), "[log]\nlevel = \"warn\"\n").expect("write");
    let chmod = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
    };
    chmod(&home.join(FILE_NAME), mode_of_file);
    chmod(&home, mode_of_folder);
    folder
}

fn search(folder: &tempfile::TempDir, uid: u32) -> Result<Option<Found>, ConfigError> {
    let environment: Environment = [("XDG_CONFIG_HOME", folder.path())].into_iter().collect();
    locate(None, None, &environment, uid)
}

#[test]
fn a_file_found_by_search_is_believed_only_when_nobody_else_can_write_it() {
    let uid = owner::effective_uid();
    let folder = deployment(0o644, 0o755);
    let found = search(&folder, uid).expect("trusted").expect("found");
    assert_eq!(found.path, folder.path().join("embsec/embsec.toml"));
    for (file, dir, whose) in [(0o664, 0o755, "the file"), (0o644, 0o777, "the folder")] {
        match search(&deployment(file, dir), uid) {
            Err(ConfigError::Untrusted { reason, .. }) => assert!(reason.contains(whose)),
            _ => panic!("{file:o} {dir:o} was believed"),
        }
    }
}

#[test]
fn a_file_of_another_user_is_not_believed_and_a_named_one_is_not_asked() {
    let folder = deployment(0o644, 0o755);
    // Root's files are everybody's, so the test needs files that are not root's.
    if owner::effective_uid() == 0 {
        std::os::unix::fs::chown(folder.path().join("embsec/embsec.toml"), Some(4242), None)
            .expect("chown");
    }
    let result = search(&folder, 999_999);
    assert!(matches!(result, Err(ConfigError::Untrusted { .. })));
    let named = locate(
        None,
        Some(&folder.path().join("embsec")),
        &Environment::default(),
        999_999,
    );
    assert!(named.expect("believed").is_some());
}

#[test]
fn a_named_file_that_is_missing_is_an_error_and_never_searched_for() {
    let environment: Environment = [("EMBSEC_CONFIG", "/no/such.toml")].into_iter().collect();
    let message = |config, dir| match locate(config, dir, &environment, 0) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("found"),
    };
    let no = Path::new("/no");
    assert!(message(Some(no), None).contains("`--config` names"));
    assert!(message(None, Some(no)).contains("\"/no/embsec.toml\", which `--dir` names"));
    assert!(message(None, None).contains("`EMBSEC_CONFIG` names"));
}

#[test]
fn the_search_goes_from_near_to_far() {
    let home = |pairs: &[(&str, &str)]| -> Vec<String> {
        places(&pairs.iter().copied().collect())
            .iter()
            .map(|path| path.display().to_string())
            .collect()
    };
    let near = ["embsec.toml", "embsec-data/embsec.toml"];
    assert_eq!(home(&[])[..2], near);
    assert_eq!(
        home(&[("HOME", "/h")])[2..],
        ["/h/.config/embsec/embsec.toml", "/etc/embsec/embsec.toml"]
    );
    assert_eq!(
        home(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/x")])[2],
        "/x/embsec/embsec.toml"
    );
    assert_eq!(
        home(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "relative")])[2],
        "/h/.config/embsec/embsec.toml"
    );
}

proptest! {
    #[test]
    fn reading_a_file_never_panics(text in "(\\[[a-z.]{0,9}\\]\n|[a-z_]{1,9} = .{0,9}\n|.){0,9}") {
        drop(parse(Path::new("embsec.toml"), &text));
    }

    #[test]
    fn numbers_are_read_within_their_bounds(number in any::<i64>()) {
        let text = format!("[serve]\nshutdown_secs = {number}\n");
        let (entries, problems) = parse(Path::new("embsec.toml"), &text).expect("TOML");
        if (0..=3600).contains(&number) {
            let read = entries.first().map(|entry| &entry.value);
            let right = matches!(read, Some(Value::Int(n)) if i64::try_from(*n) == Ok(number));
            prop_assert!(right);
        } else {
            prop_assert_eq!(problems.len(), 1);
        }
    }
}
