//! A server with people and things on it.

use super::http::Client;
use super::process::{Deployment, Server};
use serde_json::{Value, json};

/// Components of the vectors of [`vector`].
const DIMENSIONS: usize = 8;

/// A fresh deployment, its server, and its administrator.
pub(crate) struct World {
    /// The server; dropped before its folder.
    pub(crate) server: Server,
    /// The folder.
    pub(crate) deployment: Deployment,
    /// A client with the administrator's key.
    pub(crate) admin: Client,
}

impl World {
    /// Makes one.
    pub(crate) fn new() -> Self {
        Self::with(&[])
    }

    /// Makes one with variables of the environment.
    pub(crate) fn with(variables: &[(&str, &str)]) -> Self {
        Self::on(Deployment::nowhere(), variables)
    }

    /// Makes one of this deployment.
    pub(crate) fn on(deployment: Deployment, variables: &[(&str, &str)]) -> Self {
        let server = Server::start_with(&deployment, variables);
        let admin = server.client().with_key(&deployment.admin_key());
        Self {
            server,
            deployment,
            admin,
        }
    }

    /// Kills the server, if it still runs, and starts another on the same folder.
    pub(crate) fn restart(&mut self) {
        self.server.kill();
        self.server = Server::start(&self.deployment);
        self.admin.address = self.server.address;
    }

    /// Creates a user; returns their client.
    pub(crate) fn user(&self, handle: &str) -> Client {
        let body = json!({ "user_handle": handle, "email": format!("{handle}@example.org") });
        let reply = self.admin.post("/v1/users", &body).expect(201);
        let key = reply.json()["embapi_key"].as_str().unwrap().to_owned();
        self.admin.with_key(&key)
    }

    /// Gives a user an instance `inst` and a project with it.
    pub(crate) fn project(&self, owner: &Client, user: &str, project: &str) {
        let instance = json!({
            "instance_handle": "inst",
            "endpoint": "https://api.example.org/v1/embeddings",
            "model": "small",
            "dimensions": DIMENSIONS,
        });
        owner
            .put(&format!("/v1/llm-instances/{user}/inst"), &instance)
            .expect(201);
        let body = json!({
            "project_handle": project,
            "instance_owner": user,
            "instance_handle": "inst",
        });
        owner
            .put(&format!("/v1/projects/{user}/{project}"), &body)
            .expect(201);
    }

    /// Uploads items of these ids.
    pub(crate) fn upload(&self, owner: &Client, user: &str, project: &str, ids: &[&str]) {
        let items: Vec<Value> = ids
            .iter()
            .enumerate()
            .map(|(n, id)| item(user, project, id, n))
            .collect();
        let path = format!("/v1/embeddings/{user}/{project}");
        owner
            .post(&path, &json!({ "embeddings": items }))
            .expect(201);
    }
}

/// One item of an upload; `variant` tells vectors apart.
pub(crate) fn item(user: &str, project: &str, text_id: &str, variant: usize) -> Value {
    json!({
        "text_id": text_id,
        "user_handle": user,
        "project_handle": project,
        "instance_handle": "inst",
        "text": format!("the text of {text_id}"),
        "vector": vector(variant),
        "vector_dim": DIMENSIONS,
        "metadata": { "author": "nobody" },
    })
}

/// A vector near all others of its kind, and equal to few.
pub(crate) fn vector(variant: usize) -> Vec<f32> {
    let mut vector = vec![0.5_f32; DIMENSIONS];
    vector[variant % DIMENSIONS] += 0.25;
    vector
}
