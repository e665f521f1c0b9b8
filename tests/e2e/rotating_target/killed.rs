//! A rotation killed at any moment, beside a service that goes on writing under its old key.

use super::service::{Key, Kind, Link, Service};
use super::stderr;
use crate::support::{Kills, StopAtEnd, many_rows, mode_of, rounds};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What the rows hold, as the service sees it. Whoever changes a row holds the lock.
type Model = Mutex<BTreeMap<u32, String>>;

/// Every row opens under one of the keys, once, and holds what was written last. How many are
/// under each key.
#[track_caller]
fn check(link: &mut Link, model: &Model, keys: &[Key]) -> Vec<usize> {
    let model = model.lock().unwrap();
    let rows = link.all();
    assert_eq!(rows.len(), model.len());
    let mut under = vec![0; keys.len()];
    for (row, value) in rows {
        let opened = keys.iter().map(|key| key.open(&value)).enumerate();
        let opened: Vec<_> = opened
            .filter_map(|(place, text)| Some((place, text?)))
            .collect();
        assert_eq!(
            opened.len(),
            1,
            "row {row} opens under {} keys",
            opened.len()
        );
        assert_eq!(opened[0].1, model[&row], "row {row}");
        under[opened[0].0] += 1;
    }
    under
}

fn keys(service: &Service) -> Vec<Key> {
    [service.old_key(), service.new_key()]
        .iter()
        .filter(|path| path.exists())
        .map(|path| Key::read(service.kind, path))
        .collect()
}

/// Writes as the service does, under the old key, until it is asked to stop.
fn write(service: &Service, model: &Model, stop: &AtomicBool) {
    let key = Key::read(service.kind, &service.old_key());
    let mut link = service.connect();
    let rows = u32::try_from(model.lock().unwrap().len()).unwrap();
    let mut number = 0_u32;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let row = 1 + number.wrapping_mul(7919) % rows;
        let text = format!("sk-later-{row}-{number}");
        let value = key.seal(&text);
        let mut model = model.lock().unwrap();
        link.write(row, &value);
        model.insert(row, text);
        drop(model);
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// A service with these rows under its old key.
fn filled(kind: Kind, texts: &BTreeMap<u32, String>) -> Service {
    let service = Service::new(kind);
    let old = Key::read(kind, &service.old_key());
    let count = u32::try_from(texts.len()).unwrap();
    let mut link = service.connect();
    link.fill(count, &old, |row| texts[&row].clone());
    service
}

/// What there is once a rotation is finished and the service runs under its new key.
#[track_caller]
fn finished(service: &Service, model: &Model) -> BTreeMap<&'static str, Vec<String>> {
    service.done(&["--finish"]);
    let mut link = service.connect();
    let under = check(&mut link, model, &keys(service));
    assert_eq!(under[0], 0, "values are left under the old key");
    let before = link.all();
    let again = service.done(&["--yes"]);
    let count = model.lock().unwrap().len();
    assert_eq!(
        (&again["changed"], &again["already"]),
        (&0.into(), &count.into())
    );
    assert_eq!(link.all(), before);
    assert_eq!(mode_of(&service.new_key()), 0o600);
    let others = link.others();
    drop(link);
    let entries = service.folder().read_dir().unwrap();
    let mut files: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let values = model.lock().unwrap().values().cloned().collect();
    BTreeMap::from([
        ("values", values),
        ("others", vec![others]),
        ("files", files),
        ("schema", service.schema()),
    ])
}

fn killed_at_random(kind: Kind) {
    let texts = (1..=many_rows()).map(|row| (row, format!("sk-secret-{row:040}")));
    let texts: BTreeMap<u32, String> = texts.collect();
    let service = filled(kind, &texts);
    let model: Model = Mutex::new(texts);
    let mut link = service.connect();
    let stop = AtomicBool::new(false);
    let mut kills = Kills::wanted(rounds());
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| write(&service, &model, &stop));
        let stopper = StopAtEnd(&stop);
        while kills.are_missing() {
            let step: &[&str] = match kills.random().next() % 3 {
                0 => &["--yes"],
                1 => &["--undo", "--yes"],
                _ => &["--finish"],
            };
            if let Some(output) = kills.strike(step[0], &mut service.command(step)) {
                // Refused where there is nothing to undo or to finish, or another still holds on.
                let code = output.status.code();
                assert!(matches!(code, Some(0 | 2 | 4 | 5)), "{}", stderr(&output));
            }
            check(&mut link, &model, &keys(&service));
        }
        service.done(&["--yes"]);
        drop(stopper);
        writer.join().unwrap();
    });
    drop(link);
    let killed = finished(&service, &model);

    let undisturbed = filled(kind, &model.lock().unwrap());
    undisturbed.done(&["--yes"]);
    let undisturbed = finished(&undisturbed, &model);
    for (name, found) in &killed {
        assert_eq!(found, &undisturbed[name], "{name}");
    }
}

#[test]
fn the_key_of_llm_proxy_in_a_file_is_rotated_as_without_kills() {
    killed_at_random(Kind::ProxyInAFile);
}

#[test]
fn the_key_of_llm_proxy_on_a_server_is_rotated_as_without_kills() {
    killed_at_random(Kind::ProxyOnAServer);
}

#[test]
fn the_key_of_embapi_is_rotated_as_without_kills() {
    killed_at_random(Kind::Embapi);
}
