//! The script that reads a backup without embsec: it joins what embsec splits, finds changed files,
//! and opens the values that `docs/formats.md` publishes.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests fail by panicking, outside of test functions too"
)]

use embsec::backup::segment::{SegmentEncoder, SegmentFormat};
use embsec::domain::backup::{Block, Column, RowFormat, TableShape};
use sha2::{Digest as _, Sha256};
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Output, Stdio};

const FORMATS: &str = include_str!("../docs/formats.md");
/// The data key `K` of that page and what seals it, for the scopes `system` and `project:12`.
const DATA_KEY: &str = "6ao4zfsmgfws5hae";
const WRAPPED: [(&str, &str); 2] = [
    (
        "system",
        "sLGys7S1tre4ubq7AwGChsVP7Z4z5y3z4ftCxK4ZljtQAMCI6996IJWt7I8ceFkx53KISnMMzlyMAqp8",
    ),
    (
        "project:12",
        "sLGys7S1tre4ubq7AwGChsVP7Z4z5y3z4ftCxK4ZljtQAMCI6996IJWt7I8ZIbuf7Q6sFCMONmtSHZ1J",
    ),
];

/// Runs the script with this on its standard input.
fn script<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>, input: &[u8]) -> Output {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/recover-backup.py");
    let mut child = Command::new("python3")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(path)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A script that refuses may not read to the end.
    let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

/// What the script says when it refuses.
fn refusal(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn shape() -> TableShape {
    let columns = [
        ("id", None),
        ("text", None),
        ("vector", Some(4)),
        ("short", Some(2)),
    ];
    let columns = columns.map(|(name, float_width)| Column {
        name: name.to_owned(),
        type_name: "any".to_owned(),
        float_width,
    });
    TableShape {
        schema: "public".to_owned(),
        name: "documents".to_owned(),
        format: RowFormat::Binary,
        columns: columns.to_vec(),
    }
}

/// Rows of every kind: NULL, vectors of many lengths, among them those whose length does not fit.
fn rows(numbers: Range<u16>) -> Block {
    let rows = u64::try_from(numbers.len()).unwrap();
    let mut bytes = Vec::new();
    for row in numbers {
        let dimensions = row % 97;
        let values = (0..dimensions).map(|value| f32::from(value * 31 % 29 + row).sin());
        let mut vector = [dimensions.to_be_bytes(), [0, 0]].concat();
        vector.extend(values.flat_map(f32::to_be_bytes));
        let words = b"some words that come again and again".as_slice();
        let short = &vector[..vector.len() - usize::from(row % 11 == 0)];
        bytes.extend(4_u16.to_be_bytes());
        field(&mut bytes, Some(&row.to_be_bytes()));
        field(&mut bytes, (row % 5 > 0).then_some(words));
        field(&mut bytes, (row % 7 > 0).then_some(&vector));
        field(&mut bytes, Some(short));
    }
    Block { bytes, rows }
}

fn field(bytes: &mut Vec<u8>, field: Option<&[u8]>) {
    let length = field.map_or(-1, |field| i32::try_from(field.len()).unwrap());
    bytes.extend(length.to_be_bytes());
    bytes.extend(field.unwrap_or_default());
}

#[test]
fn a_split_segment_is_joined_to_the_stream_that_it_was() {
    let blocks = [rows(0..900), rows(900..2000)];
    let format = SegmentFormat::PgcopySplit;
    let mut encoder = SegmentEncoder::rows(Vec::new(), format, &shape()).unwrap();
    for block in &blocks {
        encoder.block(block).unwrap();
    }
    let (stored, totals) = encoder.finish().unwrap();
    assert_eq!(totals.rows, 2000);
    let joined = script(["segment"], &stored);
    assert!(joined.status.success(), "{}", refusal(&joined));
    let mut stream = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    stream.extend(blocks.iter().flat_map(|block| &block.bytes));
    stream.extend([0xff, 0xff]);
    assert!(joined.stdout == stream);
    for length in [0, 7, 100, stored.len() / 2, stored.len() - 1] {
        assert!(refusal(&script(["segment"], &stored[..length])).starts_with("Error: "));
    }
    let grown = [stored.as_slice(), b"E"].concat();
    assert!(refusal(&script(["segment"], &grown)).contains("the end does not fit"));
}

#[test]
fn files_that_were_changed_or_are_missing_are_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("seg")).unwrap();
    let entry = |name: &str, content: &[u8]| {
        fs::write(folder.path().join(name), content).unwrap();
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(content));
        serde_json::json!({ "name": name, "size_bytes": content.len(), "sha256": digest })
    };
    let manifest = serde_json::json!({
        "segments": [entry("seg/000001.age", b"one"), entry("seg/000002.age", b"two")],
        "manifest": entry("manifest.json.age", b"sealed"),
    });
    let public = folder.path().join("manifest.pub.json");
    fs::write(&public, manifest.to_string()).unwrap();
    let check = || script([OsStr::new("check"), folder.path().as_os_str()], b"");
    let fine = check();
    assert!(fine.status.success(), "{}", refusal(&fine));
    fs::write(folder.path().join("seg/000001.age"), b"One").unwrap();
    fs::remove_file(folder.path().join("seg/000002.age")).unwrap();
    let found = check();
    assert!(refusal(&found).contains("2 of 3 files"));
    let named = String::from_utf8(found.stdout).unwrap();
    assert!(named.contains("seg/000001.age: is not as it was written"));
    assert!(named.contains("seg/000002.age: No such file"));
    assert!(named.contains("manifest.json.age: ok"));
    let outside = manifest
        .to_string()
        .replace("seg/000001.age", "../000001.age");
    fs::write(&public, outside).unwrap();
    assert!(refusal(&check()).contains("../000001.age"));
}

#[test]
fn the_published_values_open() {
    let folder = tempfile::tempdir().unwrap();
    let (_, keyring) = FORMATS.split_once("```toml\n").unwrap();
    let (keyring, _) = keyring.split_once("```").unwrap();
    let keyring_file = folder.path().join("keyring.toml");
    fs::write(&keyring_file, keyring).unwrap();
    let datakeys_file = folder.path().join("datakeys.json");
    let open = |wrapped: (&str, &str), place: &[&str], value: &str| {
        let (scope, wrapped) = wrapped;
        assert!(FORMATS.contains(wrapped) && FORMATS.contains(value));
        let master = "m7tzhniacoua76le";
        let key = serde_json::json!({
            "key_id": DATA_KEY, "scope": scope, "master_id": master, "wrapped": wrapped,
        });
        fs::write(
            &datakeys_file,
            serde_json::json!({ "keys": [key] }).to_string(),
        )
        .unwrap();
        let files = [keyring_file.as_os_str(), datakeys_file.as_os_str()];
        let place = place.iter().map(OsStr::new);
        let arguments = [OsStr::new("open-field")]
            .into_iter()
            .chain(files)
            .chain(place);
        script(arguments, value.as_bytes())
    };
    let [system, project] = WRAPPED;
    let key = "enc:v2:6ao4zfsmgfws5hae:oKGio6SlpqeoqaqrlXNRXTekaJJSVLXgM0_26UiVOHLx0ycK_xOLRMdhEGvRPBZjxobsWQ";
    let text = "enc:v2:6ao4zfsmgfws5hae:oKGio6SlpqeoqaqrtWwOTIZUZxn159y88JbR-4-vbIlSwaw";
    let metadata =
        "enc:v2:6ao4zfsmgfws5hae:oKGio6SlpqeoqaqrnToFSCS5IIVTXbHqeln1RjZTTF-4xC-d18ZDgiw";
    let row = ["12", "7", "passage/1"];
    for (wrapped, place, value, expected) in [
        (
            system,
            &["instances", "provider_key", "7"][..],
            key,
            "sk-proj-0123456789abcdef",
        ),
        (
            project,
            &[&["embeddings", "text"], &row[..]].concat(),
            text,
            "Straße",
        ),
        (
            project,
            &[&["embeddings", "metadata"], &row[..]].concat(),
            metadata,
            "{\"year\":1869}",
        ),
    ] {
        let opened = open(wrapped, place, value);
        assert!(opened.status.success(), "{}", refusal(&opened));
        assert_eq!(opened.stdout, expected.as_bytes());
    }
    let elsewhere = open(
        project,
        &["embeddings", "text", "12", "7", "passage/2"],
        text,
    );
    assert!(refusal(&elsewhere).contains("of another place or key"));
    let (scope, _) = project;
    let swapped = open(
        (scope, system.1),
        &["embeddings", "text", "12", "7", "passage/1"],
        text,
    );
    assert!(refusal(&swapped).contains("of another place or key"));
}
