//! From a deployment to a backup, to a new database, and into its place: everything means what it
//! meant.

use super::{Into, Vault, document, ends_with, on_a_server, said, says, upload};
use crate::rotation::stored;
use crate::support::{Client, Deployment, Link, Server, World, psql};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Rows of a project.
const ROWS: usize = 60;
/// What a provider gave.
const PROVIDER_KEY: &str = "sk-the-canary-of-a-provider";
/// What a client asks.
const QUESTIONS: [&str; 6] = [
    "/v1/users/alice",
    "/v1/projects/alice/novels",
    "/v1/llm-instances/alice/provider",
    "/v1/embeddings/alice/novels?limit=200",
    "/v1/embeddings/alice/novels/t000007",
    "/v1/similars/alice/novels/t000003?limit=10&threshold=0",
];

/// A deployment with people and things, and who asks.
fn peopled(deployment: Deployment) -> (World, Client) {
    let world = World::on(deployment, &[]);
    let alice = world.user("alice");
    world.user("bob");
    for project in ["books", "novels"] {
        if project == "books" {
            world.project(&alice, "alice", project);
        } else {
            let body = json!({
                "project_handle": project, "instance_owner": "alice", "instance_handle": "inst",
            });
            let path = format!("/v1/projects/alice/{project}");
            alice.put(&path, &body).expect(201);
        }
        let policy = json!({ "encrypt_metadata": true });
        let path = format!("/v1/projects/alice/{project}/policy");
        alice.send("PATCH", &path, Some(&policy)).expect(200);
        upload(&alice, project, 0..ROWS);
    }
    let instance =
        json!({ "instance_handle": "provider", "dimensions": 8, "api_key": PROVIDER_KEY });
    alice
        .put("/v1/llm-instances/alice/provider", &instance)
        .expect(201);
    (world, alice)
}

fn answers(alice: &Client) -> Vec<Value> {
    let ask = |path: &&str| {
        let mut told = alice.get(path).expect(200).json();
        // It names the port.
        told.as_object_mut().unwrap().remove("$schema");
        told
    };
    QUESTIONS.iter().map(ask).collect()
}

/// Every row of every table, but for who works at the moment.
fn tables(link: &mut Link) -> BTreeMap<String, Vec<String>> {
    let (of_file, names) = match link {
        Link::File(_) => (
            true,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        ),
        Link::Server(..) => (
            false,
            "SELECT tablename::text FROM pg_tables WHERE schemaname = 'embsec'",
        ),
    };
    let mut found = BTreeMap::new();
    for name in link.texts(names) {
        if name == "leases" {
            continue;
        }
        let sql = if of_file {
            let columns =
                format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{name}')");
            let columns = link.texts(&columns).join(" || ',' || ");
            format!("SELECT {columns} FROM \"{name}\" ORDER BY 1")
        } else {
            format!("SELECT t::text FROM embsec.\"{name}\" AS t ORDER BY 1")
        };
        let rows = link.texts(&sql);
        found.insert(name, rows);
    }
    assert!(
        found.values().any(|rows| rows.len() == 2 * ROWS),
        "{:?}",
        found.keys()
    );
    found
}

fn started(vault: &Vault, alice: &Client) -> (Server, Client) {
    let server = Server::start(&vault.deployment);
    let alice = Client {
        address: server.address,
        key: alice.key.clone(),
    };
    (server, alice)
}

/// Removes the database that was in place before.
fn forget_former(vault: &Vault, former: &Value) {
    if vault.deployment.url().is_some() {
        let former = former.as_str().unwrap().rsplit('/').next().unwrap();
        let beside = vault.deployment.database().url();
        psql(&beside, &format!("DROP DATABASE \"{former}\""));
    }
}

fn everything_comes_back(deployment: Deployment) {
    let (mut world, alice) = peopled(deployment);
    let told = answers(&alice);
    world.server.terminate();
    world.server.wait();
    let vault = Vault::of(world.deployment);
    let before = tables(&mut vault.link());
    let content = stored::read(&vault.deployment, &mut vault.link());
    assert_eq!(content.provider_keys["provider"], PROVIDER_KEY);

    // Beside a server, as it is mostly done.
    let (mut server, alice) = started(&vault, &alice);
    let id = vault.backup();
    let tested = vault.opening(&["restore-test", &id]).output().unwrap();
    ends_with(&tested, 0);
    let into = vault.place("restored");
    let restored = document(&vault.restore(&id, &into));
    assert_eq!(restored["destroyed_projects"], json!([]));
    let mut link = into.link();
    assert_eq!(tables(&mut link), before);
    assert_eq!(stored::read(&vault.deployment, &mut link), content);
    drop(link);
    // Nothing is restored over it.
    ends_with(&vault.restore(&id, &into), 4);

    // What was written since is not in the backup.
    upload(&alice, "novels", ROWS..ROWS + 5);
    let into = beside(&vault, &id, into);
    let swap = ["restore", "swap", &id, "--yes", "--json"];
    let refused = vault.run(&swap);
    ends_with(&refused, 4);
    says(&refused, &["Stop `embsec serve`"]);
    let path = format!("/v1/embeddings/alice/novels/t{ROWS:06}");
    alice.get(&path).expect(200);
    server.terminate();
    server.wait();
    let swapped = document(&vault.run(&swap));
    let (server, alice) = started(&vault, &alice);
    assert_eq!(answers(&alice), told);
    alice.get(&path).expect(404);
    drop(server);
    // The new one is backed up as the old one was.
    let next = vault.backup();
    vault.holds(&next);
    forget_former(&vault, &swapped["former"]);
    drop(into);
}

/// Restores beside the database, from where it can be put in its place.
fn beside(vault: &Vault, id: &str, elsewhere: Into) -> Into {
    match elsewhere {
        Into::Server(database) => Into::Server(database),
        Into::File(_) => {
            let into = Into::File(vault.deployment.dir().join("restored.db"));
            ends_with(&vault.restore(id, &into), 0);
            into
        }
    }
}

fn what_was_destroyed_stays_destroyed(deployment: Deployment) {
    let (mut world, alice) = peopled(deployment);
    let told = answers(&alice);
    world.server.terminate();
    world.server.wait();
    let vault = Vault::of(world.deployment);
    let id = vault.backup();
    let shred = ["keys", "shred", "project:alice/books", "--now", "--yes"];
    ends_with(&vault.run(&shred), 0);
    vault.holds(&id);
    let into = match vault.place("elsewhere") {
        Into::File(_) => Into::File(vault.deployment.dir().join("restored.db")),
        into @ Into::Server(_) => into,
    };
    let output = vault.restore(&id, &into);
    let restored = document(&output);
    let destroyed = restored["destroyed_projects"].as_array().unwrap();
    assert_eq!(destroyed.len(), 1, "{restored}");
    says(&output, &["stays destroyed"]);
    let (key, table) = match into.link() {
        Link::File(_) => ("data_keys", "destroyed_keys"),
        Link::Server(..) => ("embsec.data_keys", "embsec.destroyed_keys"),
    };
    let mut link = into.link();
    let scope = format!("project:{}", destroyed[0]);
    let keys = format!("SELECT key_id FROM {key} WHERE scope = '{scope}'");
    assert_eq!(link.texts(&keys), [""; 0]);
    assert!(
        !link
            .texts(&format!("SELECT key_id FROM {table}"))
            .is_empty()
    );
    drop(link);

    let swapped = document(&vault.run(&["restore", "swap", &id, "--yes", "--json"]));
    let (server, alice) = started(&vault, &alice);
    // The first two count the projects.
    let untouched = answers(&alice);
    assert_eq!(untouched[2..], told[2..]);
    alice.get("/v1/projects/alice/books").expect(404);
    alice.get("/v1/embeddings/alice/books/t000001").expect(404);
    drop(server);
    // Its rows go as those of any destroyed project do.
    ends_with(&vault.run(&["keys", "shred", "--due"]), 0);
    let status = vault.run(&["migrate", "encrypt-status", "--json"]);
    assert!(
        matches!(status.status.code(), Some(0 | 1)),
        "{}",
        said(&status)
    );
    let rows = match vault.link() {
        Link::File(_) => "SELECT text_id FROM embeddings",
        Link::Server(..) => "SELECT text_id FROM embsec.embeddings",
    };
    assert_eq!(vault.link().texts(rows).len(), ROWS);
    let content = stored::read(&vault.deployment, &mut vault.link());
    assert_eq!(content.provider_keys["provider"], PROVIDER_KEY);
    forget_former(&vault, &swapped["former"]);
}

#[test]
fn everything_of_a_file_comes_back() {
    everything_comes_back(Deployment::in_a_file());
}

#[test]
fn everything_on_a_server_comes_back() {
    everything_comes_back(on_a_server());
}

#[test]
fn what_was_destroyed_stays_destroyed_in_a_file() {
    what_was_destroyed_stays_destroyed(Deployment::in_a_file());
}

#[test]
fn what_was_destroyed_stays_destroyed_on_a_server() {
    what_was_destroyed_stays_destroyed(on_a_server());
}
