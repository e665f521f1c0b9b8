//! What a deployment holds, read from its database and its keyring by themselves, and what is left
//! when its work is finished.

use crate::support::reader::{self, Keys};
use crate::support::{Deployment, Link};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An embedding: its project and its text id.
pub(crate) type Place = (String, String);

/// What every value holds.
#[derive(Debug, PartialEq)]
pub(crate) struct Content {
    /// Text, metadata, and everything else of each embedding.
    pub(crate) rows: BTreeMap<Place, (String, Value, String)>,
    /// Provider keys, by the handles of their instances.
    pub(crate) provider_keys: BTreeMap<String, String>,
    /// For each scope and column, the states of the keys that values are sealed under, or `clear`.
    pub(crate) sealed: BTreeMap<(String, &'static str), BTreeSet<String>>,
}

/// What is there when nothing is left to do.
#[derive(Debug)]
pub(super) struct Finished {
    content: Content,
    /// Everything else, thing by thing: what must be the same after an undisturbed run.
    others: BTreeMap<&'static str, Vec<String>>,
}

impl Finished {
    /// Fails at the first difference, in words that one can read.
    #[track_caller]
    pub(super) fn assert_equals(&self, undisturbed: &Self) {
        let (rows, others) = (&self.content.rows, &undisturbed.content.rows);
        assert_eq!(rows.len(), others.len());
        for (row, other) in rows.iter().zip(others) {
            assert_eq!(row, other);
        }
        assert_eq!(
            self.content.provider_keys,
            undisturbed.content.provider_keys
        );
        assert_eq!(self.content.sealed, undisturbed.content.sealed);
        for (name, found) in &self.others {
            assert_eq!(found, &undisturbed.others[name], "{name}");
        }
    }
}

/// Opens the database of a deployment.
pub(super) fn link(deployment: &Deployment) -> Link {
    match deployment.url() {
        None => Link::to_file(&deployment.dir().join("embsec.db")),
        Some(_) => Link::to_server(&deployment.database().url()),
    }
}

/// A query for both engines, which gives each row as a JSON array.
fn arrays(link: &mut Link, sql: &str) -> Vec<Vec<Value>> {
    let (array, close, schema, vector) = match link {
        Link::File(_) => ("json_array(", ")", "", "hex(e.vector)"),
        Link::Server(..) => ("json_build_array(", ")::text", "embsec.", "e.vector::text"),
    };
    let sql = sql
        .replace("[", array)
        .replace("]", close)
        .replace("{schema}", schema)
        .replace("{vector}", vector);
    let rows = link.texts(&sql).into_iter();
    rows.map(|row| serde_json::from_str(&row).unwrap())
        .collect()
}

/// Opens every value. One that does not open, or that was sealed more than once, fails.
#[track_caller]
pub(crate) fn read(deployment: &Deployment, link: &mut Link) -> Content {
    let rows = arrays(
        link,
        "SELECT [e.project_id, e.instance_id, e.text_id, p.handle, e.text, e.metadata, {vector}, \
           e.vector_dim, i.handle] \
         FROM {schema}embeddings AS e JOIN {schema}projects AS p ON p.project_id = e.project_id \
         JOIN {schema}instances AS i ON i.instance_id = e.instance_id",
    );
    let instances = arrays(
        link,
        "SELECT [instance_id, handle, api_key] FROM {schema}instances WHERE api_key IS NOT NULL",
    );
    // Read last: whatever seals a value was there before it.
    let opener = Opener::new(deployment, link);
    let mut content = Content {
        rows: BTreeMap::new(),
        provider_keys: BTreeMap::new(),
        sealed: BTreeMap::new(),
    };
    for row in rows {
        let (project, instance) = (row[0].to_string(), row[1].to_string());
        let text_id = row[2].as_str().unwrap();
        let handle = row[3].as_str().unwrap();
        let mut open = |column: &'static str, value: &Value| {
            let place = ["embeddings", column, &project, &instance, text_id];
            let value = value.as_str().unwrap();
            let (opened, state) = opener.open(&format!("project:{project}"), &place, value);
            let scope = format!("project:{handle}");
            let states = content.sealed.entry((scope, column)).or_default();
            states.insert(state);
            opened
        };
        let (text, metadata) = (open("text", &row[4]), open("metadata", &row[5]));
        let metadata = serde_json::from_str(&metadata).unwrap();
        let rest = format!("{} {} {}", row[6], row[7], row[8]);
        let place = (handle.to_owned(), text_id.to_owned());
        let twice = content.rows.insert(place, (text, metadata, rest));
        assert_eq!(twice, None, "{text_id} is there twice");
    }
    for row in instances {
        let place = ["instances", "api_key", &row[0].to_string()];
        let (opened, state) = opener.open("system", &place, row[2].as_str().unwrap());
        let scope = ("system".to_owned(), "api_key");
        content.sealed.entry(scope).or_default().insert(state);
        let handle = row[1].as_str().unwrap().to_owned();
        content.provider_keys.insert(handle, opened);
    }
    content
}

/// The data keys of a deployment, opened.
struct Opener {
    keys: Keys,
    /// Scope and state, by the id.
    known: BTreeMap<String, (String, String)>,
}

impl Opener {
    #[track_caller]
    fn new(deployment: &Deployment, link: &mut Link) -> Self {
        let sql = "SELECT [key_id, scope, wrapped, master_id, state] FROM {schema}data_keys";
        let records = arrays(link, sql);
        let masters = reader::masters(&keyring(deployment));
        let (mut keys, mut known) = (Keys::new(), BTreeMap::new());
        for record in records {
            let text = |n: usize| record[n].as_str().unwrap().to_owned();
            let (id, master) = (text(0), text(3));
            let (master, _) = masters
                .get(&master)
                .unwrap_or_else(|| panic!("the keyring lost the master key {master}"));
            let key = reader::unwrap(master, &id, &text(1), &text(2));
            let key = key.unwrap_or_else(|| panic!("the data key {id} does not open"));
            keys.insert(id.clone(), key);
            known.insert(id, (text(1), text(4)));
        }
        Self { keys, known }
    }

    /// Opens a value once; says the state of the key that sealed it.
    #[track_caller]
    fn open(&self, scope: &str, place: &[&str], value: &str) -> (String, String) {
        if !value.starts_with("enc:") {
            return (value.to_owned(), "clear".to_owned());
        }
        let opened = reader::open_field(&self.keys, place, value);
        let (opened, id) = opened.unwrap_or_else(|| panic!("{place:?} does not open: {value}"));
        assert!(!opened.starts_with("enc:"), "{place:?} is sealed twice");
        let (sealed_in, state) = &self.known[&id];
        assert_eq!(sealed_in, scope, "{place:?}");
        (opened, state.clone())
    }
}

fn keyring(deployment: &Deployment) -> String {
    std::fs::read_to_string(deployment.dir().join("keyring.toml")).unwrap()
}

/// What there is of a deployment whose work is done and whose server has stopped.
#[track_caller]
pub(super) fn finished(deployment: &Deployment, status: &Value) -> Finished {
    let entries = deployment.dir().read_dir().unwrap();
    let mut files: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        // SQLite makes and removes these as it is opened and closed.
        .filter(|name| !name.ends_with("-wal") && !name.ends_with("-shm"))
        .collect();
    files.sort();
    let mut link = link(deployment);
    let content = read(deployment, &mut link);
    let mut others = BTreeMap::from([("files", files), ("schema", link.schema())]);
    let mut ask = |name: &'static str, sql: &str| {
        let rows = arrays(&mut link, sql).into_iter();
        let mut rows: Vec<String> = rows.map(|row| Value::from(row).to_string()).collect();
        rows.sort();
        rows.dedup();
        others.insert(name, rows);
    };
    // How many old keys there are tells how many rotations there were.
    ask(
        "data keys",
        "SELECT [CASE WHEN k.scope = 'system' THEN k.scope ELSE p.handle END, k.state] \
         FROM {schema}data_keys AS k \
         LEFT JOIN {schema}projects AS p ON k.scope = 'project:' || p.project_id",
    );
    ask(
        "open rotations",
        "SELECT [scope, to_key] FROM {schema}key_rotations WHERE finished_at IS NULL",
    );
    ask("leases", "SELECT [name, holder] FROM {schema}leases");
    ask(
        "destroyed keys",
        "SELECT [key_id] FROM {schema}destroyed_keys",
    );
    ask("users", "SELECT [handle, email, state] FROM {schema}users");
    ask(
        "projects",
        "SELECT [handle, description, metadata_scheme, public_read, encrypt_text, \
           encrypt_metadata, deleted_at, deleted_handle] FROM {schema}projects",
    );
    ask(
        "instances",
        "SELECT [handle, endpoint, model, dimensions, api_key IS NULL] FROM {schema}instances",
    );
    let active = masters_that_seal(deployment, &mut link);
    others.insert("master keys", active);
    others.insert("status", told(status));
    Finished { content, others }
}

/// The states of master keys, and of those among them that data keys are sealed by.
fn masters_that_seal(deployment: &Deployment, link: &mut Link) -> Vec<String> {
    let masters = reader::masters(&keyring(deployment));
    let states: BTreeSet<String> = masters.values().map(|(_, state)| state.clone()).collect();
    let sql = "SELECT [master_id] FROM {schema}data_keys";
    let used = arrays(link, sql).into_iter();
    let used: BTreeSet<String> = used
        .map(|row| masters[row[0].as_str().unwrap()].1.clone())
        .collect();
    vec![format!("{states:?}"), format!("{used:?}")]
}

/// What the status tells of each column, with the number of keys instead of the keys.
fn told(status: &Value) -> Vec<String> {
    let mut columns = status["columns"].as_array().unwrap().clone();
    for column in &mut columns {
        let keys = column["by_key"].as_object().unwrap().len();
        column["by_key"] = keys.into();
    }
    let verdict = [status["verdict"].to_string()].into_iter();
    let columns = columns.iter().map(Value::to_string);
    columns.chain(verdict).collect()
}
