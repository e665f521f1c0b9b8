//! A deployment in a throwaway folder, its router, and the transcript of what was asked of it.

use crate::engine::{Engine, Place};
use axum::Router;
use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, LOCATION};
use axum::http::header::{ALLOW, LINK, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, Request};
use embsec::config::{self, Environment, Sources};
use embsec::deployment::{self, Deployment, Layout, Purpose, Server};
use embsec::domain::postgres_url::PostgresUrl;
use embsec::http::router;
use embsec::sys::clock::{Clock, ManualClock};
use embsec::sys::owner::effective_uid;
use embsec::sys::rng::{Rng, SeededRng};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// The headers that a golden shows.
const SHOWN_HEADERS: [HeaderName; 4] = [CONTENT_TYPE, LINK, ALLOW, RETRY_AFTER];

/// The host by which every request reaches the server.
const HOST_NAME: &str = "localhost:8880";

/// A deployment to ask.
pub(crate) struct World {
    /// What was shown, in order.
    pub(crate) shown: Vec<Shown>,
    keys: BTreeMap<String, String>,
    router: Router,
    layout: Layout,
    _deployment: Deployment,
    _place: Option<Place>,
    _dir: TempDir,
}

/// One exchange of the transcript.
pub(crate) struct Shown {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: u16,
    text: String,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }
}

impl World {
    /// A fresh deployment with default settings.
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// A fresh deployment with these settings, named as in the environment.
    pub(crate) async fn with(settings: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let moment = "2026-03-04T05:06:07Z".parse().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(moment));
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(7));
        let path = dir.path().join("data");
        let place = Engine::chosen().place();
        let server = place.as_ref().map(|(_, url)| Server {
            url: PostgresUrl::parse(url).unwrap(),
            setting: SecretString::from(url.clone()),
        });
        let layout =
            deployment::initialise(&path, server.as_ref(), Arc::clone(&clock), rng.as_ref())
                .await
                .unwrap();
        let environment: Environment = settings.iter().copied().collect();
        let loaded = config::load(&Sources {
            config: None,
            dir: Some(&path),
            flags: &[],
            environment: &environment,
            uid: effective_uid(),
        });
        let config = loaded.unwrap().config().unwrap();
        let request = deployment::Request {
            config: &config,
            environment: &environment,
            keyring: deployment::KeyringSource::new(&config.keyring, &environment, None),
            admin_key: None,
            purpose: Purpose::Serve,
            clock,
            rng,
            uid: effective_uid(),
        };
        let deployment = Deployment::open(request).await.unwrap();
        let router = router::router(&deployment.api_state(&config.api));
        let admin = std::fs::read_to_string(layout.admin_key()).unwrap();
        Self {
            shown: Vec::new(),
            keys: BTreeMap::from([("admin".to_owned(), admin.trim().to_owned())]),
            router,
            layout,
            _deployment: deployment,
            _place: place,
            _dir: dir,
        }
    }

    /// The files of the deployment.
    pub(crate) const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// A request by somebody: `admin`, a user made by [`Self::user`], or `nobody`.
    pub(crate) fn ask<'a>(&'a mut self, who: &str, line: &str) -> Ask<'a> {
        let (method, target) = line.split_once(' ').unwrap();
        let key = match who {
            "nobody" => None,
            _ => Some(
                self.keys
                    .get(who)
                    .unwrap_or_else(|| panic!("no key of {who}")),
            ),
        };
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header(HOST, HOST_NAME)
            .header(ACCEPT, "*/*");
        if let Some(key) = key {
            request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        }
        Ask {
            head: format!("{line}\nby {who}\n"),
            path: target.split('?').next().unwrap_or_default().to_owned(),
            also_shown: &[],
            shows_body: true,
            request,
            body: Vec::new(),
            world: self,
        }
    }

    /// The key of somebody.
    pub(crate) fn key(&self, who: &str) -> String {
        self.keys[who].clone()
    }

    /// Asks, shows the answer, and returns it.
    pub(crate) async fn show(&mut self, who: &str, line: &str) -> Answer {
        self.ask(who, line).show().await
    }

    /// Sends JSON, shows the answer, and returns it.
    pub(crate) async fn show_json(&mut self, who: &str, line: &str, body: Value) -> Answer {
        self.ask(who, line).json(&body).show().await
    }

    /// Sends JSON that must succeed and is not shown.
    pub(crate) async fn done(&mut self, who: &str, line: &str, body: Value) -> Answer {
        let answer = self.ask(who, line).json(&body).send().await;
        assert!(answer.status < 300, "{line}: {}", answer.text());
        answer
    }

    /// Makes a user and remembers the key.
    pub(crate) async fn user(&mut self, handle: &str) {
        let email = format!("{handle}@example.org");
        let body = json!({"user_handle": handle, "email": email});
        self.done("admin", &format!("PUT /v1/users/{handle}"), body)
            .await;
    }

    /// Makes users.
    pub(crate) async fn users(&mut self, handles: &[&str]) {
        for handle in handles {
            self.user(handle).await;
        }
    }

    /// Makes an instance of this dimension.
    pub(crate) async fn instance(&mut self, owner: &str, handle: &str, dimensions: u32) {
        let body = json!({"instance_handle": handle, "dimensions": dimensions});
        self.done(
            owner,
            &format!("PUT /v1/llm-instances/{owner}/{handle}"),
            body,
        )
        .await;
    }

    /// Makes a project on an instance of the same owner.
    pub(crate) async fn project(&mut self, owner: &str, handle: &str, instance: &str) {
        let body = json!({"project_handle": handle, "instance_handle": instance});
        self.done(owner, &format!("PUT /v1/projects/{owner}/{handle}"), body)
            .await;
    }

    /// The user `alice` with the instance `mini` of three dimensions and the project `notes`.
    pub(crate) async fn alice_with_notes(&mut self) {
        self.user("alice").await;
        self.instance("alice", "mini", 3).await;
        self.project("alice", "notes", "mini").await;
    }

    /// Uploads vectors by id into `alice/notes`.
    pub(crate) async fn notes(&mut self, rows: &[(&str, [f64; 3])]) {
        let items: Vec<Value> = rows.iter().map(|(id, vector)| note(id, vector)).collect();
        self.done(
            "alice",
            "POST /v1/embeddings/alice/notes",
            json!({"embeddings": items}),
        )
        .await;
    }

    /// Everything that was shown, keys replaced by whose they are.
    pub(crate) fn transcript(&self) -> String {
        let texts: Vec<_> = self.shown.iter().map(|shown| shown.text.as_str()).collect();
        let mut text = texts.join("\n\n");
        for (who, key) in &self.keys {
            text = text.replace(key, &format!("[key of {who}]"));
        }
        text.replace(env!("CARGO_PKG_VERSION"), "[version]")
    }

    fn remember_key(&mut self, answer: &Answer) {
        let Ok(Value::Object(body)) = serde_json::from_slice(&answer.body) else {
            return;
        };
        let key = body.get("embapi_key").or_else(|| body.get("vdb_key"));
        if let (Some(Value::String(user)), Some(Value::String(key))) =
            (body.get("user_handle"), key)
            && key != "not changed"
        {
            self.keys.insert(user.clone(), key.clone());
        }
    }
}

/// One item of an upload into `alice/notes`.
pub(crate) fn note(text_id: &str, vector: &[f64]) -> Value {
    json!({
        "text_id": text_id, "user_handle": "alice", "project_handle": "notes",
        "instance_handle": "mini", "vector": vector, "vector_dim": vector.len(),
    })
}

/// A request that is being put together.
pub(crate) struct Ask<'a> {
    world: &'a mut World,
    head: String,
    path: String,
    also_shown: &'a [&'a str],
    shows_body: bool,
    request: axum::http::request::Builder,
    body: Vec<u8>,
}

impl<'a> Ask<'a> {
    /// Sends a header; it is shown.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        writeln!(self.head, "{name}: {value}").unwrap();
        self.request = self.request.header(name, value);
        self
    }

    /// Shows these headers of the answer too.
    pub(crate) fn showing(mut self, names: &'a [&'a str]) -> Self {
        self.also_shown = names;
        self
    }

    /// Sends JSON.
    pub(crate) fn json(self, body: &Value) -> Self {
        self.body(body.to_string())
    }

    /// Sends this body.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        writeln!(self.head, "{}", String::from_utf8_lossy(&self.body)).unwrap();
        self
    }

    /// Sends this many blanks, which are not shown.
    pub(crate) fn long_body(mut self, bytes: usize) -> Self {
        writeln!(self.head, "({bytes} bytes)").unwrap();
        self.body = vec![b' '; bytes];
        self
    }

    /// Sends it and puts all but the body of the answer into the transcript.
    pub(crate) async fn head(mut self) -> Answer {
        self.shows_body = false;
        self.show().await
    }

    /// Sends it.
    pub(crate) async fn send(self) -> Answer {
        self.exchange().await.2
    }

    /// Sends it and puts the exchange into the transcript.
    pub(crate) async fn show(self) -> Answer {
        let (path, also_shown) = (self.path.clone(), self.also_shown);
        let shows_body = self.shows_body;
        let (head, world, answer) = self.exchange().await;
        let body = if answer.body.is_empty() {
            "(no body)".to_owned()
        } else if !shows_body {
            "(a document)".to_owned()
        } else {
            let text = answer.text();
            match text.strip_suffix('\n') {
                Some(line) => line.to_owned(),
                None => format!("{text}\n(no newline at the end)"),
            }
        };
        let mut text = format!("{head}--\n{}\n", answer.status);
        let also = also_shown
            .iter()
            .map(|name| HeaderName::from_bytes(name.as_bytes()).unwrap());
        for name in SHOWN_HEADERS.into_iter().chain(also) {
            for value in answer.headers.get_all(&name) {
                writeln!(text, "{name}: {}", value.to_str().unwrap()).unwrap();
            }
        }
        text.push_str(&body);
        let method = head.split(' ').next().unwrap_or_default().to_owned();
        world.shown.push(Shown {
            method,
            path,
            status: answer.status,
            text,
        });
        answer
    }

    async fn exchange(self) -> (String, &'a mut World, Answer) {
        let request = self.request.body(Body::from(self.body)).unwrap();
        let response = self.world.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        // Upstream never sets these, and clients may act on them.
        assert!(!parts.headers.contains_key(LOCATION), "{}", self.head);
        assert!(
            !parts.headers.contains_key(WWW_AUTHENTICATE),
            "{}",
            self.head
        );
        let answer = Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: axum::body::to_bytes(body, usize::MAX)
                .await
                .unwrap()
                .to_vec(),
        };
        self.world.remember_key(&answer);
        (self.head, self.world, answer)
    }
}
