//! Encrypting a database of another program, killed at any moment beside a service that goes on
//! writing in clear.

use super::json;
use super::place::{Engine, KEY, Place, code, stderr};
use crate::support::reader::{self, Keys};
use crate::support::{Kills, Link, StopAtEnd, many_rows, once_free, rounds};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What every value in clear begins with.
const CANARY: &str = "the canary of";

/// How a value is protected.
#[derive(Clone, Copy)]
enum Form {
    /// `enc:v1:`
    LlmProxy,
    /// `enc:v2:`, bound to its place.
    Bound,
    /// Its SHA-256.
    Hash,
}

/// A column that is protected.
struct Column {
    table: &'static str,
    key: &'static str,
    column: &'static str,
    form: Form,
}

const LLM_PROXY: [Column; 2] = [
    Column {
        table: "projects",
        key: "id",
        column: "api_key",
        form: Form::LlmProxy,
    },
    Column {
        table: "tokens",
        key: "id",
        column: "token",
        form: Form::Hash,
    },
];
const DECLARED: [Column; 2] = [
    Column {
        table: "notes",
        key: "k",
        column: "note",
        form: Form::Bound,
    },
    Column {
        table: "notes",
        key: "k",
        column: "pin",
        form: Form::Hash,
    },
];

/// What a column's rows hold, by their keys.
type Values = BTreeMap<String, String>;

/// A database with a service, and what that wrote last.
struct Scene {
    place: Place,
    columns: &'static [Column],
    model: Mutex<Vec<Values>>,
}

impl Scene {
    fn new(engine: Engine, columns: &'static [Column]) -> Self {
        let rows = many_rows();
        let place = match columns[0].form {
            Form::LlmProxy => Place::with_rows(engine, rows, rows),
            Form::Bound | Form::Hash => Place::declared_with_rows(engine, rows),
        };
        let scene = Self {
            model: Mutex::default(),
            place,
            columns,
        };
        let mut link = scene.place.link();
        let values = columns.iter().map(|column| column.read(&mut link));
        let values: Vec<Values> = values.collect();
        *scene.model.lock().unwrap() = values;
        scene.bring_plaintext(&mut link, 0);
        scene
    }

    /// Puts every value in clear, another one than before.
    fn bring_plaintext(&self, link: &mut Link, round: usize) {
        let mut model = self.model.lock().unwrap();
        for (column, values) in self.columns.iter().zip(model.iter_mut()) {
            let Column { table, key, .. } = column;
            let name = column.column;
            link.run(&format!(
                "UPDATE {table} SET {name} = '{CANARY} {name} ' || {key} || ', {round}'"
            ));
            for (row, value) in values {
                *value = format!("{CANARY} {name} {row}, {round}");
            }
        }
    }

    /// Writes in clear until it is asked to stop.
    fn write(&self, stop: &AtomicBool) {
        let mut link = self.place.link();
        let rows = usize::try_from(many_rows()).unwrap();
        for number in 1_usize.. {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let mut model = self.model.lock().unwrap();
            let column = number % self.columns.len();
            let place = number.wrapping_mul(7919) % rows;
            let (row, value) = model[column].iter_mut().nth(place).unwrap();
            let text = format!("{CANARY} {row}, written later, {number}");
            let Column {
                table, key, column, ..
            } = &self.columns[column];
            link.set(
                (table, "true"),
                key,
                &[column],
                &[vec![row.clone(), text.clone()]],
            );
            *value = text;
            drop(model);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Every value is what was written last: in clear, or protected once. For each column, how
    /// many are protected.
    #[track_caller]
    fn check(&self, link: &mut Link) -> Vec<usize> {
        let model = self.model.lock().unwrap();
        let columns = self.columns.iter().zip(model.iter());
        columns
            .map(|(column, expected)| {
                let found = column.read(link);
                assert_eq!(found.len(), expected.len(), "rows of {}", column.table);
                let protected = found.iter().filter(|(row, value)| {
                    let clear = &expected[*row];
                    let is_clear = *value == clear;
                    let name = column.column;
                    assert!(
                        is_clear || column.holds(row, value, clear),
                        "{name} of {row} is {value} and not {clear}"
                    );
                    !is_clear
                });
                protected.count()
            })
            .collect()
    }

    /// What there is once everything is protected, and nobody has it open.
    #[track_caller]
    fn finished(&self) -> BTreeMap<&'static str, Vec<String>> {
        let done = once_free(|| self.place.command("encrypt", &["--yes", "--json"], KEY));
        assert_eq!(code(&done), 0, "{}", stderr(&done));
        assert_eq!(json(&done)["remaining"], 0);
        assert!(!self.place.raw_files_hold(CANARY));
        let status = self.place.run("encrypt-status", &["--json"], KEY);
        assert_eq!(code(&status), 0, "{}", stderr(&status));
        let status = json(&status);
        let files: BTreeSet<String> = self.place.files();
        let mut link = self.place.link();
        let protected = self.check(&mut link);
        let model = self.model.lock().unwrap();
        let whole: Vec<usize> = model.iter().map(BTreeMap::len).collect();
        assert_eq!(protected, whole);
        let values = model.iter().flatten();
        BTreeMap::from([
            (
                "values",
                values.map(|(row, text)| format!("{row} {text}")).collect(),
            ),
            (
                "status",
                vec![status["columns"].to_string(), status["verdict"].to_string()],
            ),
            ("files", files.into_iter().collect()),
            ("schema", link.schema()),
            ("others", self.place.others_of(self.columns[0].table)),
        ])
    }
}

impl Column {
    /// Whether a stored value is the protected form of this text, and of nothing else.
    fn holds(&self, row: &str, value: &str, text: &str) -> bool {
        let key = reader::key_of(KEY);
        match self.form {
            Form::LlmProxy => reader::open_llm_proxy(&key, value).as_deref() == Some(text),
            Form::Bound => {
                let keys = Keys::from([(reader::key_id(&key), key)]);
                let opened = reader::open_field(&keys, &[self.table, self.column, row], value);
                opened.is_some_and(|(opened, _)| opened == text)
            }
            Form::Hash => value == data_encoding::HEXLOWER.encode(&Sha256::digest(text)),
        }
    }

    fn read(&self, link: &mut Link) -> Values {
        let Self {
            table, key, column, ..
        } = self;
        // A blank stands in no key.
        let rows = link.texts(&format!("SELECT {key} || ' ' || {column} FROM {table}"));
        let rows = rows.iter().map(|row| row.split_once(' ').unwrap());
        rows.map(|(row, value)| (row.to_owned(), value.to_owned()))
            .collect()
    }
}

fn encrypting_killed(engine: Engine, columns: &'static [Column]) {
    let scene = Scene::new(engine, columns);
    let mut link = scene.place.link();
    let mut kills = Kills::wanted(rounds());
    let stop = AtomicBool::new(false);
    let mut round = 0;
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| scene.write(&stop));
        let stopper = StopAtEnd(&stop);
        while kills.are_missing() {
            let mut command = scene.place.command("encrypt", &["--yes"], KEY);
            let ended = kills.strike("encrypt", &mut command);
            scene.check(&mut link);
            if let Some(output) = ended {
                // 1: something was written in clear behind the last look; 3: the file is in use;
                // 5: one that was killed still holds on.
                assert!([0, 1, 3, 5].contains(&code(&output)), "{}", stderr(&output));
                round += 1;
                scene.bring_plaintext(&mut link, round);
            }
        }
        // To the end, beside the writer.
        let done = once_free(|| scene.place.command("encrypt", &["--yes"], KEY));
        assert!([0, 1, 3].contains(&code(&done)), "{}", stderr(&done));
        drop(stopper);
        writer.join().unwrap();
    });
    drop(link);
    let killed = scene.finished();

    let undisturbed = Scene::new(engine, columns);
    {
        let (model, mut others) = (
            scene.model.lock().unwrap(),
            undisturbed.model.lock().unwrap(),
        );
        let mut link = undisturbed.place.link();
        for (column, values) in columns.iter().zip(model.iter()) {
            let rows = values
                .iter()
                .map(|(row, text)| vec![row.clone(), text.clone()]);
            let rows: Vec<Vec<String>> = rows.collect();
            link.set((column.table, "true"), column.key, &[column.column], &rows);
        }
        others.clone_from(&model);
    }
    let undisturbed = undisturbed.finished();
    for (name, found) in &killed {
        for (found, expected) in found.iter().zip(&undisturbed[name]) {
            assert_eq!(found, expected, "{name}");
        }
        assert_eq!(found.len(), undisturbed[name].len(), "{name}");
    }
}

#[test]
fn encrypting_a_file_of_llm_proxy_ends_like_an_undisturbed_run() {
    encrypting_killed(Engine::Sqlite, &LLM_PROXY);
}

#[test]
fn encrypting_llm_proxy_on_a_server_ends_like_an_undisturbed_run() {
    encrypting_killed(Engine::Postgres, &LLM_PROXY);
}

#[test]
fn encrypting_a_declared_table_of_a_file_ends_like_an_undisturbed_run() {
    encrypting_killed(Engine::Sqlite, &DECLARED);
}

#[test]
fn encrypting_a_declared_table_on_a_server_ends_like_an_undisturbed_run() {
    encrypting_killed(Engine::Postgres, &DECLARED);
}
