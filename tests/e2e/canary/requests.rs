//! Requests that carry secrets, in the places where they belong and in those where they do not.

use super::stage::Stage;
use crate::support::{Client, Deployment, item};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::time::Duration;

const INSTANCE: &str = "/v1/llm-instances/alice/inst";
/// Projects of alice. What is in `sealed` is sealed as it is written; what is in `closed` is
/// sealed by a command, and what is in `opened` brought back in clear by one.
pub(super) const PROJECTS: [&str; 3] = ["sealed", "closed", "opened"];

/// Makes alice, her instance and her projects, with everything that is to stay secret.
pub(super) fn fill(stage: &mut Stage) {
    let admin = stage.clients["admin"].clone();
    let alice = user(stage, &admin, "alice", "key of alice");
    stage.clients.insert("alice", alice.clone());
    let provider = stage.secrets.invent("provider key");
    let instance = json!({
        "instance_handle": "inst",
        "endpoint": "https://api.example.org/v1/embeddings",
        "model": "small",
        "dimensions": 8,
        "api_key": provider,
    });
    tell(stage, &alice, "PUT", INSTANCE, &instance, 201, &[]);
    let newer = json!({ "api_key": stage.secrets.invent("newer provider key") });
    tell(stage, &alice, "PATCH", INSTANCE, &newer, 201, &[]);
    for project in PROJECTS {
        let path = format!("/v1/projects/alice/{project}");
        let body = json!({
            "project_handle": project,
            "instance_owner": "alice",
            "instance_handle": "inst",
        });
        tell(stage, &alice, "PUT", &path, &body, 201, &[]);
        let policy = json!({ "encrypt_text": project != "closed", "encrypt_metadata": true });
        tell(
            stage,
            &alice,
            "PATCH",
            &format!("{path}/policy"),
            &policy,
            200,
            &[],
        );
        let (text, metadata) = invent(stage, project);
        let path = format!("/v1/embeddings/alice/{project}");
        let items: Vec<Value> = (0..3)
            .map(|n| {
                let mut item = item("alice", project, &format!("text-{n}"), n);
                item["text"] = format!("{n} {text}").into();
                item["metadata"] = json!({ "author": metadata, "n": n });
                item
            })
            .collect();
        let body = json!({ "embeddings": items });
        tell(stage, &alice, "POST", &path, &body, 201, &[]);
    }
    // From now on, the policy asks for what is not so yet.
    for (project, on) in [("closed", true), ("opened", false)] {
        let path = format!("/v1/projects/alice/{project}/policy");
        let policy = json!({ "encrypt_text": on });
        tell(stage, &alice, "PATCH", &path, &policy, 200, &[]);
    }
}

/// The text and the metadata of a project; only what they are names the secrets.
fn invent(stage: &mut Stage, project: &str) -> (String, String) {
    match project {
        "closed" => (
            stage.secrets.invent("closed text"),
            stage.secrets.invent("metadata"),
        ),
        "opened" => (
            stage.secrets.invent("opened text"),
            stage.secrets.invent("metadata"),
        ),
        _ => (
            stage.secrets.invent("text"),
            stage.secrets.invent("metadata"),
        ),
    }
}

fn user(stage: &mut Stage, admin: &Client, handle: &str, secret: &'static str) -> Client {
    let body = json!({ "user_handle": handle, "email": format!("{handle}@example.org") });
    let reply = admin.post("/v1/users", &body).expect(201);
    let key = reply.json()["embapi_key"].as_str().unwrap().to_owned();
    stage.secrets.learn(secret, &key);
    stage.hear_reply("POST /v1/users", &reply, &[secret]);
    admin.with_key(&key)
}

/// Sends a request whose answer shows these secrets and no other.
#[track_caller]
fn tell(
    stage: &mut Stage,
    client: &Client,
    method: &str,
    path: &str,
    body: &Value,
    status: u16,
    shown: &[&'static str],
) {
    let body = (!body.is_null()).then_some(body);
    let reply = client.send(method, path, body);
    stage.hear_reply(&format!("{method} {path}"), &reply, shown);
    reply.expect(status);
}

/// Reads what is there as its owner may.
pub(super) fn read(stage: &mut Stage) {
    let alice = stage.clients["alice"].clone();
    let content = &["text", "metadata"];
    let metadata = stage.secrets.text("metadata").to_owned();
    let filter = format!("metadata_path=author&metadata_value={metadata}");
    let similars = "/v1/similars/alice/sealed";
    for (path, shown) in [
        (INSTANCE.to_owned(), &[][..]),
        ("/v1/llm-instances/alice".to_owned(), &[]),
        ("/v1/projects/alice/sealed".to_owned(), &[]),
        ("/v1/embeddings/alice/sealed".to_owned(), content),
        ("/v1/embeddings/alice/sealed/text-1".to_owned(), content),
        (format!("{similars}/text-1?count=2"), &[]),
        ("/healthz".to_owned(), &[]),
        ("/readyz".to_owned(), &[]),
    ] {
        tell(stage, &alice, "GET", &path, &Value::Null, 200, shown);
    }
    let vector = json!({ "vector": crate::support::vector(1) });
    // The filter leaves out what has this value, which is everything.
    let (all, one) = (
        format!("{similars}?{filter}"),
        format!("{similars}/text-1?{filter}"),
    );
    tell(stage, &alice, "POST", &all, &vector, 404, &[]);
    tell(stage, &alice, "GET", &one, &Value::Null, 404, &[]);
    tell(
        stage,
        &alice.with_key(""),
        "GET",
        INSTANCE,
        &Value::Null,
        401,
        &[],
    );
}

/// Uploads what the database refuses to hold, whose errors may repeat the row.
pub(super) fn upset_the_database(stage: &mut Stage) {
    let alice = stage.clients["alice"].clone();
    let (refuse, allow) = match stage.deployment.url() {
        Some(_) => (
            "ALTER TABLE embsec.embeddings ADD CONSTRAINT upset CHECK (text_id <> 'upset') NOT VALID",
            "ALTER TABLE embsec.embeddings DROP CONSTRAINT upset",
        ),
        None => (
            "CREATE TRIGGER upset BEFORE INSERT ON embeddings WHEN NEW.text_id = 'upset' \
             BEGIN SELECT RAISE(ABORT, 'upset'); END",
            "DROP TRIGGER upset",
        ),
    };
    run(&stage.deployment, refuse);
    // What is in this project is not sealed before it is written.
    let mut row = item("alice", "opened", "upset", 1);
    row["text"] = stage.secrets.text("opened text").into();
    row["metadata"] = json!({ "author": stage.secrets.text("metadata") });
    let body = json!({ "embeddings": [row] });
    let path = "/v1/embeddings/alice/opened";
    tell(stage, &alice, "POST", path, &body, 500, &[]);
    run(&stage.deployment, allow);
}

fn run(deployment: &Deployment, sql: &str) {
    if deployment.url().is_some() {
        deployment.database().run(sql);
        return;
    }
    let connection = Connection::open(deployment.dir().join("embsec.db")).unwrap();
    connection.busy_timeout(Duration::from_secs(30)).unwrap();
    connection.execute_batch(sql).unwrap();
}

/// Sends what is wrong, with secrets in it: no answer repeats them.
pub(super) fn mistake(stage: &mut Stage) {
    let alice = stage.clients["alice"].clone();
    let admin = stage.clients["admin"].clone();
    let secrets = &stage.secrets;
    let [text, metadata, provider, stray] =
        ["text", "metadata", "provider key", "stray key"].map(|name| secrets.text(name).to_owned());
    let [key, admin_key] =
        [&alice, &admin].map(|client| client.key.clone().expect("a client with a key"));
    let mut requests = bodies(&alice, &text, &metadata, &provider);
    for path in [
        format!("{INSTANCE}?api_key={key}"),
        format!("/v1/projects/alice/sealed?metadata_value={metadata}"),
        format!("/v1/embeddings/alice/sealed?limit={metadata}"),
        format!("/v1/users/{key}"),
        format!("/v1/users/{admin_key}"),
        format!("/{admin_key}"),
        format!("/v1/similars/alice/sealed/text-1?count={provider}"),
    ] {
        requests.push(alice.request("GET", &path, &[], None));
        requests.push(admin.request("PATCH", &path, &[], Some(b"{}")));
    }
    let nobody = alice.with_key(&stray);
    requests.push(nobody.request("GET", INSTANCE, &[], None));
    let keyless = Client::new(alice.address);
    for (name, value) in [
        ("Authorization", format!("Basic {key}")),
        ("Authorization", key.clone()),
        ("Authorization", format!("Bearer  {admin_key} ")),
        ("Authorization", format!("Bearer {admin_key}\u{e9}")),
        ("X-API-Key", admin_key.clone()),
        ("Cookie", format!("session={admin_key}")),
        ("User-Agent", format!("client/{key}")),
        ("X-Request-Id", key.clone()),
        ("X-Forwarded-For", key.clone()),
        ("Host", format!("{key}.example.org")),
        ("Content-Type", format!("text/{key}")),
    ] {
        requests.push(keyless.request("GET", INSTANCE, &[(name, value.as_str())], None));
        requests.push(keyless.request("POST", "/v1/users", &[(name, value.as_str())], Some(b"{}")));
    }
    requests.push(format!("GET /v1/users {key}\r\n\r\n").into_bytes());
    requests.push(format!("{key} /v1/users HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes());
    requests.push(format!("GET / HTTP/1.1\r\nHost: a\r\nAuthorization {key}\r\n\r\n").into_bytes());
    // A thing is named in the answer that it is not there; nowhere else.
    let path = format!("/v1/embeddings/alice/sealed/{text}");
    tell(stage, &alice, "GET", &path, &Value::Null, 404, &["text"]);
    for (number, bytes) in requests.into_iter().enumerate() {
        // Some are not worth an answer.
        if let Ok(reply) = alice.exchange(&bytes) {
            assert!(reply.status < 500, "{}", reply.text());
            stage.hear_reply(&format!("mistake {number}"), &reply, &[]);
        }
    }
}

fn bodies(alice: &Client, text: &str, metadata: &str, provider: &str) -> Vec<Vec<u8>> {
    let uploads = "/v1/embeddings/alice/sealed";
    let good = || {
        let mut item = item("alice", "sealed", "wrong", 1);
        item["text"] = text.into();
        item["metadata"] = json!({ "author": metadata });
        item
    };
    let with = |field: &str, value: Value| {
        let mut item = good();
        item[field] = value;
        json!({ "embeddings": [item] }).to_string()
    };
    let whole = with("text", text.into());
    let mut all = Vec::new();
    for body in [
        whole[..whole.len() - 9].to_owned(),
        format!("{whole}{text}"),
        whole.replace("\"text\"", "\"txet\""),
        whole.replace("\"vector\"", text),
        with("vector", json!([0.5, 0.5])),
        with("vector", json!([text, metadata])),
        with("vector_dim", text.into()),
        with("metadata", metadata.into()),
        with("metadata", json!([metadata])),
        with("text", json!({ "text": text })),
        with("text_id", json!([text])),
        with("project_handle", text.into()),
        with("instance_handle", json!([provider])),
        with(text, metadata.into()),
        format!("{text}\u{0}"),
    ] {
        all.push(alice.request("POST", uploads, &[], Some(body.as_bytes())));
    }
    let instance = json!({ "instance_handle": "inst", "dimensions": 8, "api_key": provider });
    let instance = instance.to_string();
    for body in [
        instance.replace("\"dimensions\":8", "\"dimensions\":-8"),
        instance.replace("\"api_key\"", "\"apikey\""),
        instance.replace(&format!("\"{provider}\""), &format!("[\"{provider}\"]")),
        instance.replace(
            &format!("\"{provider}\""),
            &format!("\"{provider}\\u0000\""),
        ),
        instance[..instance.len() - 2].to_owned(),
        instance.replace("\"inst\"", &format!("\"{provider}\"")),
    ] {
        all.push(alice.request("PUT", INSTANCE, &[], Some(body.as_bytes())));
    }
    let patches = [
        (
            "application/merge-patch+json",
            json!({ "api_key": [provider] }),
        ),
        (
            "application/merge-patch+json",
            json!({ "secret": provider }),
        ),
        (
            "application/json-patch+json",
            json!([{ "op": "test", "path": "/api_key", "value": provider }]),
        ),
    ];
    for (media, body) in patches {
        let headers = [("Content-Type", media)];
        let body = body.to_string();
        all.push(alice.request("PATCH", INSTANCE, &headers, Some(body.as_bytes())));
    }
    all
}
