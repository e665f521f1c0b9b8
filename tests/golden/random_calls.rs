//! Whatever is called by whomever, in whatever order: nobody gets to see the data of a project
//! that they have no right to, and no answer is a fault of the server.
//!
//! A model keeps who has which right. Everything that is put into a project carries the project's
//! own mark, so that data that turns up in a wrong place is known wherever in an answer it is.

use crate::dice::Dice;
use crate::world::{Answer, World};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const USERS: [&str; 3] = ["anna", "bert", "cleo"];
const PROJECTS: [&str; 2] = ["one", "two"];
const CALLERS: [&str; 7] = ["anna", "anna", "bert", "bert", "cleo", "admin", "nobody"];
const TEXTS: [&str; 3] = ["text-a", "text-b", "text-c"];

const SEEDS: u64 = 4;
const CALLS: usize = 1_200;

type Path = (&'static str, &'static str);

/// A project as the model knows it.
#[derive(Clone)]
struct Project {
    mark: String,
    is_public: bool,
    shared_with: BTreeMap<&'static str, &'static str>,
}

#[derive(Clone, Default)]
struct Model {
    users: BTreeSet<&'static str>,
    projects: BTreeMap<Path, Project>,
    marks: usize,
}

impl Model {
    fn may_read(&self, caller: &str, path: Path) -> bool {
        let Some(project) = self.projects.get(&path) else {
            return false;
        };
        let is_member = caller == path.0 || project.shared_with.contains_key(caller);
        project.is_public || caller == "admin" || (self.users.contains(caller) && is_member)
    }

    fn may_write(&self, caller: &str, path: Path) -> bool {
        let Some(project) = self.projects.get(&path) else {
            return false;
        };
        let is_editor = project.shared_with.get(caller) == Some(&"editor");
        caller == "admin" || (self.users.contains(caller) && (caller == path.0 || is_editor))
    }

    /// What of this text belongs to projects that the caller may not read.
    fn foreign(&self, caller: &str, text: &str) -> Vec<String> {
        let mut foreign = marks(text);
        foreign.retain(|mark| {
            let at = self
                .projects
                .iter()
                .find(|(_, project)| project.mark == *mark);
            !at.is_some_and(|(path, _)| self.may_read(caller, *path))
        });
        foreign
    }

    fn remove_user(&mut self, user: &'static str) {
        self.users.remove(user);
        self.projects.retain(|path, _| path.0 != user);
        for project in self.projects.values_mut() {
            project.shared_with.remove(user);
        }
    }
}

/// Every mark in a text: `zq`, a number, `qz`.
fn marks(text: &str) -> Vec<String> {
    let pieces = text.split("zq").skip(1);
    let numbers = pieces.filter_map(|piece| Some(piece.split_once("qz")?.0));
    numbers.map(|number| format!("zq{number}qz")).collect()
}

/// A world, what the model thinks of it, and chance.
struct Play {
    world: World,
    model: Model,
    dice: Dice,
    marks_seen: usize,
}

impl Play {
    async fn begin(seed: u64) -> Self {
        let mut play = Self {
            world: World::open().await,
            model: Model::default(),
            dice: Dice::of(seed),
            marks_seen: 0,
        };
        for user in USERS {
            play.put_user(user).await;
        }
        play
    }

    async fn put_user(&mut self, user: &'static str) {
        self.world.user(user).await;
        self.world.instance(user, "mini", 2).await;
        self.model.users.insert(user);
    }

    /// Any project, half of the time one of the caller's own.
    fn path(&self, caller: &str) -> Path {
        let own = USERS.into_iter().find(|user| *user == caller);
        let owner = match own {
            Some(own) if self.dice.once_in(2) => own,
            _ => self.dice.one(&USERS),
        };
        (owner, self.dice.one(&PROJECTS))
    }

    /// Calls; what comes back is no fault and holds nothing that the caller may not read, by
    /// the state before the call.
    async fn call(&mut self, caller: &str, line: &str, body: Option<Value>) -> Answer {
        let mut ask = self.world.ask(caller, line);
        if let Some(body) = body {
            ask = ask.json(&body);
        }
        let answer = ask.send().await;
        let text = answer.text();
        assert!(answer.status < 500, "{line} by {caller}: {text}");
        let foreign = self.model.foreign(caller, &text);
        assert!(
            foreign.is_empty(),
            "{line} by {caller} shows {foreign:?}: {text}"
        );
        self.marks_seen += marks(&text).len();
        answer
    }

    async fn turn(&mut self) {
        let caller = self.dice.one(&CALLERS);
        match self.dice.below(20) {
            0 => self.users_come_and_go(caller).await,
            1..4 => self.put(caller).await,
            4 if self.dice.once_in(2) => self.delete(caller).await,
            5..7 => self.publish(caller).await,
            7..9 => self.share(caller).await,
            9 => self.unshare(caller).await,
            10 => self.transfer(caller).await,
            11..14 => self.upload(caller).await,
            14 if self.dice.once_in(2) => self.remove(caller).await,
            15..17 => self.show(caller).await,
            _ => self.read(caller).await,
        }
    }

    async fn users_come_and_go(&mut self, caller: &str) {
        let user = self.dice.one(&USERS);
        if !self.model.users.contains(user) {
            self.put_user(user).await;
            return;
        }
        if self.dice.once_in(2) {
            let answer = self
                .call(caller, &format!("DELETE /v1/users/{user}"), None)
                .await;
            if answer.status == 204 {
                assert!(caller == "admin" || caller == user);
                self.model.remove_user(user);
            }
        }
    }

    async fn put(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let may = caller == "admin" || (caller == owner && self.model.users.contains(owner));
        let fresh = format!("zq{}qz", self.model.marks);
        self.model.marks += 1;
        let before = self.model.projects.get(&path).cloned();
        let mut project = before.unwrap_or(Project {
            mark: fresh,
            is_public: false,
            shared_with: BTreeMap::new(),
        });
        project.is_public = self.dice.once_in(4);
        let mut body = json!({
            "project_handle": handle, "public_read": project.is_public,
            "instance_handle": "mini", "description": if may { &project.mark } else { "" },
        });
        if self.dice.once_in(3) {
            let (with, role) = (self.dice.one(&USERS), self.dice.one(&["reader", "editor"]));
            body["shared_with"] = json!([{"user_handle": with, "role": role}]);
            project.shared_with.insert(with, role);
        }
        let line = match self.dice.below(2) {
            0 => format!("PUT /v1/projects/{owner}/{handle}"),
            _ => format!("POST /v1/projects/{owner}"),
        };
        let answer = self.call(caller, &line, Some(body)).await;
        if answer.status == 201 {
            assert!(may, "{line} by {caller}");
            self.model.projects.insert(path, project);
        }
    }

    async fn delete(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let line = format!("DELETE /v1/projects/{owner}/{handle}");
        if self.call(caller, &line, None).await.status == 204 {
            assert!(caller == "admin" || caller == owner);
            self.model.projects.remove(&path);
        }
    }

    async fn publish(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let is_public = self.dice.once_in(3);
        let line = format!("PATCH /v1/projects/{owner}/{handle}");
        let answer = self
            .call(caller, &line, Some(json!({"public_read": is_public})))
            .await;
        if matches!(answer.status, 201 | 304) {
            assert!(caller == "admin" || caller == owner);
            self.model.projects.get_mut(&path).unwrap().is_public = is_public;
        }
    }

    async fn share(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let (with, role) = (self.dice.one(&USERS), self.dice.one(&["reader", "editor"]));
        let line = format!("POST /v1/projects/{owner}/{handle}/share");
        let body = json!({"share_with_handle": with, "role": role});
        if self.call(caller, &line, Some(body)).await.status == 201 {
            assert_eq!(caller, owner);
            let project = self.model.projects.get_mut(&path).unwrap();
            project.shared_with.insert(with, role);
        }
    }

    async fn unshare(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let with = self.dice.one(&USERS);
        let line = format!("DELETE /v1/projects/{owner}/{handle}/share/{with}");
        if self.call(caller, &line, None).await.status == 204 {
            assert_eq!(caller, owner);
            let project = self.model.projects.get_mut(&path).unwrap();
            assert!(project.shared_with.remove(with).is_some());
        }
    }

    async fn transfer(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let to = self.dice.one(&USERS);
        let line = format!("POST /v1/projects/{owner}/{handle}/transfer-ownership");
        let answer = self
            .call(caller, &line, Some(json!({"new_owner_handle": to})))
            .await;
        if answer.status == 200 {
            assert_eq!(caller, owner);
            let mut project = self.model.projects.remove(&path).unwrap();
            project.shared_with.remove(to);
            assert!(self.model.projects.insert((to, handle), project).is_none());
        }
    }

    async fn upload(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let may = self.model.may_write(caller, path);
        let mark = match self.model.projects.get(&path) {
            Some(project) if may => project.mark.clone(),
            _ => String::new(),
        };
        let item = json!({
            "text_id": format!("{}{mark}", self.dice.one(&TEXTS)), "user_handle": owner,
            "project_handle": handle, "instance_handle": "mini", "text": mark,
            "vector": [1, self.dice.below(4)], "vector_dim": 2, "metadata": {"mark": mark},
        });
        let line = format!("POST /v1/embeddings/{owner}/{handle}");
        let answer = self
            .call(caller, &line, Some(json!({"embeddings": [item]})))
            .await;
        assert!(may || answer.status >= 400, "{line} by {caller}");
    }

    async fn remove(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let line = format!(
            "DELETE /v1/embeddings/{owner}/{handle}{}",
            self.text_id(path)
        );
        let answer = self.call(caller, &line, None).await;
        let may = self.model.may_write(caller, path);
        assert!(may || answer.status >= 400, "{line} by {caller}");
    }

    /// Nothing, or a slash and the id of a text that may be there.
    fn text_id(&self, path: Path) -> String {
        let mark = self
            .model
            .projects
            .get(&path)
            .map(|project| project.mark.as_str());
        match self.dice.below(4) {
            0 => String::new(),
            _ => format!("/{}{}", self.dice.one(&TEXTS), mark.unwrap_or_default()),
        }
    }

    /// A project is shown to exactly those who may read it, with what is in it.
    async fn show(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let line = format!("GET /v1/projects/{owner}/{handle}");
        let answer = self.call(caller, &line, None).await;
        let is_owner = caller == owner && self.model.users.contains(owner);
        let expected = match self.model.projects.get(&path) {
            Some(project) if self.model.may_read(caller, path) => {
                assert!(answer.text().contains(&project.mark), "{line} by {caller}");
                200
            }
            None if caller == "admin" || is_owner => 404,
            _ => 401,
        };
        assert_eq!(
            answer.status,
            expected,
            "{line} by {caller}: {}",
            answer.text()
        );
    }

    async fn read(&mut self, caller: &str) {
        let path @ (owner, handle) = self.path(caller);
        let text_id = self.text_id(path);
        let (line, body) = match self.dice.below(8) {
            0 => (format!("GET /v1/projects/{owner}"), None),
            1 => (format!("GET /v1/users/{owner}"), None),
            2 => (
                format!("GET /v1/projects/{owner}/{handle}/shared-with"),
                None,
            ),
            3 => (
                format!("POST /v1/similars/{owner}/{handle}"),
                Some(json!({"vector": [1, 1]})),
            ),
            4 => (
                format!("GET /v1/similars/{owner}/{handle}/text-a?threshold=0"),
                None,
            ),
            5 if !text_id.is_empty() => {
                (format!("GET /v1/similars/{owner}/{handle}{text_id}"), None)
            }
            _ => (
                format!("GET /v1/embeddings/{owner}/{handle}{text_id}"),
                None,
            ),
        };
        let answer = self.call(caller, &line, body).await;
        let is_of_the_project = !matches!(line.split('/').nth(2), Some("projects" | "users"));
        if is_of_the_project && answer.status < 400 {
            assert!(self.model.may_read(caller, path), "{line} by {caller}");
        }
    }
}

#[test]
fn nobody_sees_data_of_a_project_that_they_have_no_right_to() {
    let threads: Vec<_> = (0..SEEDS)
        .map(|seed| {
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                runtime.unwrap().block_on(async {
                    let mut play = Play::begin(seed).await;
                    for _ in 0..CALLS {
                        play.turn().await;
                    }
                    // Without enough data on display the test would show nothing.
                    assert!(play.marks_seen > CALLS / 10, "{}", play.marks_seen);
                });
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn the_model_would_notice_a_leak() {
    let mut model = Model::default();
    model.users.extend(["anna", "bert"]);
    let project = Project {
        mark: "zq7qz".to_owned(),
        is_public: false,
        shared_with: BTreeMap::new(),
    };
    model.projects.insert(("anna", "one"), project);
    assert!(model.foreign("anna", "text-azq7qz").is_empty());
    assert_eq!(model.foreign("bert", "text-azq7qz"), ["zq7qz"]);
    assert_eq!(
        model.foreign("anna", "of a project that is gone: zq3qz"),
        ["zq3qz"]
    );
}
