//! The README's tour, run as it stands: every `bash` block in order, and what a `text` or `json`
//! block right after it shows is compared.

use crate::support::{embsec, find_address, variable, within};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const SECTION: &str = "## Five-minute tour";

/// The address that the tour speaks of; the test serves on a free port instead.
const ADDRESS: &str = "127.0.0.1:8880";

/// Stands between the outputs of two blocks.
const MARK: &str = "--- next block ---";

struct Block {
    language: String,
    text: String,
}

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

/// The fenced blocks of the tour.
fn blocks(readme: &str) -> Vec<Block> {
    let (_, tour) = readme.split_once(SECTION).expect("the README has a tour");
    let tour = tour.split("\n## ").next().unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in tour.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(language), None) => {
                open = Some(Block {
                    language: language.to_owned(),
                    text: String::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

#[test]
fn every_command_of_the_tour_works_and_shows_what_the_readme_shows() {
    let blocks = blocks(&readme());
    let folder = tempfile::tempdir().unwrap();
    stage(folder.path());
    let (start, rest) = blocks.split_first().unwrap();
    let (server, address) = serve(folder.path(), &start.text);

    let mut script = String::from("set -eu\n");
    let mut shown: Vec<String> = Vec::new();
    for block in rest {
        match block.language.as_str() {
            "bash" => {
                script.push_str(&block.text.replace(ADDRESS, &address));
                // An answer may end without a line break of its own; the mark must not hang on it.
                script.push_str(&format!("printf '%s\\n' '{MARK}'\n"));
                shown.push(String::new());
            }
            "text" | "json" => shown.last_mut().unwrap().push_str(&block.text),
            other => panic!("the tour has a block of {other:?}, which nothing runs"),
        }
    }
    assert!(shown.len() >= 8, "only {} blocks were found", shown.len());
    let output = bash(folder.path()).arg("-c").arg(&script).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).replace(&address, ADDRESS);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{complaint}");
    assert_eq!(complaint, "", "the tour complains");
    let printed: Vec<&str> = printed.split(&format!("{MARK}\n")).collect();
    for (number, expected) in shown.iter().enumerate() {
        assert_eq!(
            printed[number],
            expected,
            "what the block {} of the tour shows",
            number + 1
        );
    }
    drop(server);
}

#[test]
fn the_readme_names_the_commands_that_exist_and_no_others() {
    let readme = readme();
    let (_, status) = readme.split_once("These commands exist: ").unwrap();
    let sentence = status.split('.').next().unwrap();
    let mut named: Vec<&str> = sentence.split('`').skip(1).step_by(2).collect();
    let help = embsec(["--help"]);
    let help = String::from_utf8(help.stdout).unwrap();
    let (_, commands) = help.split_once("Commands:\n").unwrap();
    let listed = commands.lines().take_while(|line| line.starts_with("  "));
    let mut existing: Vec<&str> = listed
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    named.sort_unstable();
    existing.sort_unstable();
    assert_eq!(
        named, existing,
        "README on the left, `embsec --help` on the right"
    );
}

#[test]
fn links_of_the_readme_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = readme();
    let targets = readme
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    for target in targets.filter(|target| !target.starts_with("http")) {
        let (file, heading) = target.split_once('#').unwrap_or((target, ""));
        let page = root.join(file);
        let there = page.exists() && (heading.is_empty() || anchors(&page).contains(heading));
        assert!(there, "the README links to {target}, which is not there");
    }
}

/// The names by which links lead to the headings of a page.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| line.trim_start_matches('#').trim().to_lowercase())
        .map(|heading| heading.replace(|c: char| !c.is_alphanumeric() && c != ' ', ""))
        .map(|heading| heading.replace(' ', "-"))
        .collect()
}

/// A folder that looks like a clone, as far as the tour goes: `cargo run --release -- …` runs the
/// binary under test.
fn stage(folder: &Path) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["scripts", "tests"] {
        std::os::unix::fs::symlink(root.join(name), folder.join(name)).unwrap();
    }
    let bin = folder.join("bin");
    std::fs::create_dir(&bin).unwrap();
    let shim = format!(
        "#!/bin/sh\n[ \"$1 $2 $3\" = 'run --release --' ] || exit 2\nshift 3\nexec '{}' \"$@\"\n",
        env!("CARGO_BIN_EXE_embsec")
    );
    std::fs::write(bin.join("cargo"), shim).unwrap();
    std::fs::set_permissions(bin.join("cargo"), std::fs::Permissions::from_mode(0o755)).unwrap();
}

fn bash(folder: &Path) -> Command {
    let path = variable("PATH").unwrap_or_default();
    let mut command = Command::new("bash");
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
        .env("HOME", folder)
        .env("PATH", format!("{}:{path}", folder.join("bin").display()));
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// A server that was started by a command of the tour, and is ended with it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _killed = self.0.kill();
        let _waited = self.0.wait();
    }
}

/// Runs the tour's first command in the background, on a free port.
fn serve(folder: &Path, command: &str) -> (Running, String) {
    let log = folder.join("serve.log");
    let stderr = std::fs::File::create(&log).unwrap();
    let mut bash = bash(folder);
    bash.env("EMBSEC_SERVE__LISTEN", "127.0.0.1:0").arg("-c");
    // `exec`, so that ending the shell ends the server.
    bash.arg(format!("exec {command}"))
        .stderr(stderr)
        .stdout(Stdio::null());
    let running = Running(bash.spawn().unwrap());
    let mut address = None;
    let read = || std::fs::read_to_string(&log).unwrap();
    let serves = within(Duration::from_secs(60), || {
        address = find_address(&read());
        address.is_some()
    });
    assert!(serves, "{}", read());
    (running, address.unwrap().to_string())
}
