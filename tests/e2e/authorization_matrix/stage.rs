//! The people and things that the matrix is played with. After a change that succeeded, the
//! things are made anew, so that no cell depends on the one before.

use crate::support::{Client, Reply, World, item, vector, within};
use embsec::http::operation::Operation;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Users who keep their roles; the owner is a new user with every new set of things.
const PEOPLE: &[&str] = &["stranger", "reader", "editor", "disabled", "newcomer"];

pub(super) struct Stage {
    world: World,
    callers: BTreeMap<String, Client>,
    /// What the projects say about `public_read`.
    public_read: bool,
    /// Counts the sets of things, for fresh names.
    set: u32,
    is_fresh: bool,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::with(false)
    }

    /// Projects are `public_read`.
    pub(super) fn public() -> Self {
        Self::with(true)
    }

    fn with(public_read: bool) -> Self {
        let world = World::new();
        let mut callers = BTreeMap::new();
        for name in PEOPLE {
            callers.insert((*name).to_owned(), world.user(name));
        }
        callers.insert("unknown".to_owned(), world.user("forgotten"));
        world.admin.delete("/v1/users/forgotten").expect(204);
        callers.insert("nobody".to_owned(), world.server.client());
        callers.insert(
            "malformed".to_owned(),
            world.admin.with_key("emb_this-is-no-key"),
        );
        callers.insert("admin".to_owned(), world.admin.clone());
        let disabled = &callers["disabled"];
        disabled.get("/v1/users/disabled").expect(200);
        let output = world.deployment.embsec(&["users", "disable", "disabled"]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let is_refused = || disabled.get("/v1/users/disabled").status == 401;
        assert!(
            within(Duration::from_secs(2), is_refused),
            "the user was not disabled"
        );
        Self {
            world,
            callers,
            public_read,
            set: 0,
            is_fresh: false,
        }
    }

    /// Sends a request that would succeed for whoever may.
    pub(super) fn send(&mut self, operation: &Operation, caller: &str) -> Reply {
        if !self.is_fresh {
            self.make_things();
        }
        let client = &self.callers[caller];
        let path = self.path(operation);
        let body = self.body(operation.id);
        let reply = client.send(operation.method.as_str(), &path, body.as_ref());
        let changed = operation.method.as_str() != "GET" && reply.status < 400;
        self.is_fresh = !changed;
        reply
    }

    fn owner(&self) -> String {
        format!("owner-{}", self.set)
    }

    fn standard(&self) -> String {
        format!("standard-{}", self.set)
    }

    fn make_things(&mut self) {
        self.set += 1;
        let user = self.owner();
        let owner = self.world.user(&user);
        self.world.project(&owner, &user, "proj");
        self.world
            .upload(&owner, &user, "proj", &["text-one", "text-two"]);
        if self.public_read {
            let patch = json!({ "public_read": true });
            owner
                .send("PATCH", &format!("/v1/projects/{user}/proj"), Some(&patch))
                .expect(201);
        }
        let spare = json!({ "instance_handle": "spare", "dimensions": 8 });
        owner
            .put(&format!("/v1/llm-instances/{user}/spare"), &spare)
            .expect(201);
        let definition = json!({ "definition_handle": "defi", "api_standard": "openai" });
        owner
            .put(&format!("/v1/llm-definitions/{user}/defi"), &definition)
            .expect(201);
        for (with, role) in [
            ("reader", "reader"),
            ("editor", "editor"),
            ("disabled", "editor"),
        ] {
            let share = json!({ "share_with_handle": with, "role": role });
            owner
                .post(&format!("/v1/projects/{user}/proj/share"), &share)
                .expect(201);
            owner
                .post(&format!("/v1/llm-instances/{user}/spare/share"), &share)
                .expect(201);
            let share = json!({ "share_with_handle": with });
            owner
                .post(&format!("/v1/llm-definitions/{user}/defi/share"), &share)
                .expect(201);
        }
        let standard = self.standard_body();
        self.world
            .admin
            .post("/v1/api-standards", &standard)
            .expect(201);
        self.callers.insert("owner".to_owned(), owner);
        self.is_fresh = true;
    }

    fn path(&self, operation: &Operation) -> String {
        let path = operation
            .path
            .replace("{user_handle}", &self.owner())
            .replace("{project_handle}", "proj")
            .replace("{definition_handle}", "defi")
            .replace("{instance_handle}", "spare")
            .replace("{api_standard_handle}", &self.standard())
            .replace("{text_id}", "text-one")
            .replace("{unshare_with_handle}", "reader")
            .replace("{schema}", "ErrorModel.json");
        assert!(!path.contains('{'), "no value for a parameter of {path}");
        path
    }

    fn standard_body(&self) -> Value {
        json!({
            "api_standard_handle": self.standard(),
            "description": "for the matrix",
            "key_method": "auth_bearer",
            "key_field": "Authorization",
        })
    }

    fn body(&self, id: &str) -> Option<Value> {
        let owner = self.owner();
        let user = |handle: &str| json!({ "user_handle": handle, "email": format!("{handle}@example.org") });
        let project = |handle: &str| json!({ "project_handle": handle, "instance_owner": owner, "instance_handle": "inst" });
        Some(match id {
            "post-user" => user(&format!("newuser-{}", self.set)),
            "put-user" => user(&owner),
            "patch-user" => json!({ "name": "Somebody Else" }),
            "post-project" => project("another"),
            "put-project" => project("proj"),
            "patch-project" | "patch-definition" | "patch-instance" | "patch-api-standard" => {
                json!({ "description": "changed" })
            }
            "patch-project-policy" => json!({ "encrypt_metadata": true }),
            "share-project" | "share-instance" => {
                json!({ "share_with_handle": "newcomer", "role": "reader" })
            }
            "share-definition" => json!({ "share_with_handle": "newcomer" }),
            "transfer-project-ownership" => json!({ "new_owner_handle": "newcomer" }),
            "post-proj-embeddings" => {
                json!({ "embeddings": [item(&owner, "proj", "text-three", 3)] })
            }
            "post-similars" => json!({ "vector": vector(0) }),
            "post-definition" => {
                json!({ "definition_handle": "another", "api_standard": "openai" })
            }
            "put-definition" => json!({ "definition_handle": "defi", "api_standard": "openai" }),
            "post-instance" => json!({ "instance_handle": "another", "dimensions": 8 }),
            "post-instance-from-definition" => json!({
                "instance_handle": "derived",
                "definition_owner": owner,
                "definition_handle": "defi",
            }),
            "put-instance" => json!({ "instance_handle": "spare", "dimensions": 8 }),
            "post-api-standard" | "put-api-standard" => self.standard_body(),
            _ => return None,
        })
    }
}
