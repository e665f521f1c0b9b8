//! A deployment full of secrets, and every word that was said of it.

mod at_rest;
mod learning;

use super::secrets::Secrets;
use crate::support::{
    Client, Database, Deployment, Postgres, Reply, Server, embsec_command, within,
};
use age::secrecy::ExposeSecret as _;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// How long a server may take to read the keyring again, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Something that was written where others may read it.
struct Heard {
    from: String,
    bytes: Vec<u8>,
    /// The secrets that it is there to show.
    shown: BTreeSet<&'static str>,
}

/// What is under way: the deployments, the secrets, and what was heard.
pub(super) struct Stage {
    pub(super) secrets: Secrets,
    /// The deployment that most commands work on.
    pub(super) deployment: Deployment,
    /// One that nothing is in, for what is moved in.
    pub(super) other: Deployment,
    /// A folder for files of secrets.
    pub(super) beside: PathBuf,
    pub(super) server: Option<Server>,
    pub(super) clients: BTreeMap<&'static str, Client>,
    heard: Vec<Heard>,
    /// The command that is tried, and how it ended so far.
    leaf: &'static str,
    ended: BTreeSet<i32>,
    troubles: usize,
    /// The keys of the keyrings by their ids.
    masters: BTreeMap<String, Vec<u8>>,
    /// Databases of other programs.
    databases: BTreeMap<&'static str, Database>,
}

/// One run of a command.
pub(super) struct Run<'s> {
    stage: &'s mut Stage,
    command: Command,
    said: String,
    in_folder: Option<PathBuf>,
    shown: BTreeSet<&'static str>,
}

impl Stage {
    pub(super) fn new(mut deployments: impl FnMut(&str) -> Deployment) -> Self {
        let mut secrets = Secrets::default();
        let password = secrets.invent("database password");
        let deployment = deployments(&password);
        let other = deployments(&password);
        if let Some(own) = deployment.url().and_then(password_of) {
            secrets.learn("database password", own);
        }
        for name in [
            "passphrase",
            "wrong passphrase",
            "stray key",
            "embapi key",
            "export key",
            "healthcheck",
            "s3 access key id",
            "s3 secret",
        ] {
            secrets.invent(name);
        }
        for name in ["proxy key", "wrong proxy key"] {
            secrets.invent_key(name);
        }
        for name in [
            "identity",
            "second identity",
            "third identity",
            "stranger's identity",
        ] {
            let identity = age::x25519::Identity::generate().to_string();
            let text = identity.expose_secret();
            // What all identities begin with is no secret.
            let (_, part) = text.split_at("AGE-SECRET-KEY-1".len());
            secrets.learn_part(name, text, part);
        }
        let beside = deployment.parent().join("beside");
        std::fs::create_dir(&beside).unwrap();
        Self {
            secrets,
            deployment,
            other,
            beside,
            server: None,
            clients: BTreeMap::new(),
            heard: Vec::new(),
            leaf: "",
            ended: BTreeSet::new(),
            troubles: 0,
            masters: BTreeMap::new(),
            databases: BTreeMap::new(),
        }
    }

    /// A database on a server, empty when it is first asked for.
    pub(super) fn database(&mut self, name: &'static str) -> &Database {
        let made = || Database::fresh(Postgres::V18);
        self.databases.entry(name).or_insert_with(made)
    }

    /// Where it is, with the password, unless it was never asked for.
    pub(super) fn url_of(&self, name: &str) -> Option<String> {
        let password = self.secrets.text("database password");
        let url = self.databases.get(name)?.url();
        Some(with_password(&url, password))
    }

    /// Tries one command in all its ways. It must succeed at least once and fail at least once.
    pub(super) fn try_all(&mut self, leaf: &'static str, act: fn(&mut Self)) {
        self.leaf = leaf;
        self.ended.clear();
        act(self);
        self.learn_keys();
        assert!(self.ended.contains(&0), "`{leaf}` never succeeded");
        let failed = self.ended.iter().any(|code| *code > 1);
        assert!(failed, "`{leaf}` was never made to fail");
    }

    /// A run of the command that is tried, on the deployment.
    pub(super) fn run(&mut self, arguments: &[&str]) -> Run<'_> {
        let mut command = embsec_command();
        command.args(self.leaf.split(' ')).args(arguments);
        command.current_dir(self.deployment.parent());
        command.env("XDG_STATE_HOME", self.state());
        Run {
            said: format!("embsec {} {}", self.leaf, arguments.join(" ")),
            in_folder: Some(self.deployment.dir()),
            command,
            shown: BTreeSet::new(),
            stage: self,
        }
    }

    /// Runs of a command that changes nothing, in every form in which it can tell what it found.
    #[track_caller]
    pub(super) fn tell(&mut self, arguments: &[&str], code: i32) {
        self.tell_any(arguments, &[code]);
    }

    /// The same of one that may find several things.
    #[track_caller]
    pub(super) fn tell_any(&mut self, arguments: &[&str], codes: &[i32]) {
        for form in [&["--verbose"][..], &["--json"], &["--output", "plain"]] {
            self.run(&[arguments, form].concat()).ends(codes);
        }
    }

    /// Waits until a command would do, because every server has read the keyring again.
    #[track_caller]
    pub(super) fn wait_for(&self, arguments: &[&str]) {
        let would = || self.deployment.embsec(arguments).status.success();
        assert!(within(PATIENCE, would), "{arguments:?} would not do");
    }

    /// Runs while something is wrong with the deployment: with its settings, its keyring, or its
    /// database.
    #[track_caller]
    pub(super) fn in_trouble(&mut self, arguments: &[&str]) {
        self.with_damaged_keyring(arguments);
        self.in_other_trouble(arguments);
    }

    /// The same for a command that does not look at the keyring.
    #[track_caller]
    pub(super) fn in_other_trouble(&mut self, arguments: &[&str]) {
        self.with_wrong_settings(arguments);
        let away = self.url_of_nobody();
        self.run(&[arguments, &["--json"]].concat())
            .set("EMBSEC_DATABASE__URL", &away)
            .ends(&[2, 3, 5]);
    }

    /// Runs with a keyring that is damaged in one of many ways.
    #[track_caller]
    pub(super) fn with_damaged_keyring(&mut self, arguments: &[&str]) {
        self.troubles += 1;
        let text = std::fs::read_to_string(self.deployment.dir().join("keyring.toml")).unwrap();
        let all = super::troubles::keyrings(&text);
        let name = format!("keyring-{}.toml", self.troubles);
        let file = self.keep(&name, &all[self.troubles % all.len()]);
        self.run(&[arguments, &["--verbose"]].concat())
            .set("EMBSEC_KEYRING__SOURCE", &format!("file:{file}"))
            .ends(&[2, 6]);
    }

    /// Runs with settings that are wrong in one of many ways.
    #[track_caller]
    pub(super) fn with_wrong_settings(&mut self, arguments: &[&str]) {
        self.troubles += 1;
        let all = super::troubles::settings(&self.secrets);
        let text = &all[self.troubles % all.len()];
        let file = self.keep(&format!("settings-{}.toml", self.troubles), text);
        let arguments = [arguments, &["--config", &file]].concat();
        self.run(&arguments).without_folder().ends(&[2, 4, 5, 6]);
    }

    /// The URL of a server that is not there, with a password.
    pub(super) fn url_of_nobody(&self) -> String {
        let password = self.secrets.text("database password");
        format!("postgres://postgres:{password}@127.0.0.1:1/none")
    }

    /// Writes a file that only its owner reads; returns its path.
    pub(super) fn keep(&self, name: &str, text: &str) -> String {
        let path = self.beside(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    /// The path of a file that is not there yet.
    pub(super) fn beside(&self, name: &str) -> String {
        self.beside.join(name).to_str().unwrap().to_owned()
    }

    fn state(&self) -> PathBuf {
        self.beside.join("state")
    }

    /// Notes what was written somewhere.
    pub(super) fn hear(&mut self, from: String, bytes: Vec<u8>, shown: &[&'static str]) {
        let shown = shown.iter().copied().collect();
        self.heard.push(Heard { from, bytes, shown });
    }

    /// Notes an answer of the server, with its head.
    pub(super) fn hear_reply(&mut self, from: &str, reply: &Reply, shown: &[&'static str]) {
        let head = format!("{:?}\n", reply.headers).into_bytes();
        let from = format!("the answer {} to {from}", reply.status);
        self.hear(from, [head, reply.body.clone()].concat(), shown);
    }

    /// Starts the server, which logs all it can in this format.
    #[track_caller]
    pub(super) fn start_server(&mut self, format: &str) {
        let server = Server::start_with(
            &self.deployment,
            &[
                ("EMBSEC_LOG__LEVEL", "trace"),
                ("EMBSEC_LOG__FORMAT", format),
                ("EMBSEC_SERVE__METRICS_LISTEN", "127.0.0.1:0"),
            ],
        );
        let key = self.deployment.admin_key();
        let clients = &mut self.clients;
        clients.insert("admin", server.client().with_key(&key));
        for client in clients.values_mut() {
            client.address = server.address;
        }
        self.server = Some(server);
    }

    /// Asks for the metrics, stops the server, and notes its log.
    #[track_caller]
    pub(super) fn stop_server(&mut self) {
        let mut server = self.server.take().expect("a server");
        let log = server.log();
        let (_, rest) = log.split_once("Metrics on http://").expect("metrics");
        let address = rest.split('/').next().unwrap().parse().unwrap();
        let metrics = Client::new(address).get("/metrics").expect(200);
        self.hear_reply("GET /metrics", &metrics, &[]);
        server.terminate();
        assert!(server.wait().success(), "{}", server.log());
        let log = server.log();
        assert!(
            log.contains("DEBUG"),
            "the server did not say all it can: {log}"
        );
        self.hear("the server's log".to_owned(), log.into_bytes(), &[]);
        self.ended.insert(0);
    }

    /// Fails if anything that was heard holds a secret that it is not there to show, or does not
    /// show what it is there to show.
    #[track_caller]
    pub(super) fn judge(&self) {
        let mut wrong = Vec::new();
        for heard in &self.heard {
            let found = self.secrets.found_in(&heard.bytes);
            for (name, place) in &found {
                if !heard.shown.contains(name) {
                    wrong.push(format!(
                        "{} holds the {name}: …{}…",
                        heard.from,
                        around(&heard.bytes, *place)
                    ));
                }
            }
            for name in &heard.shown {
                if !found.contains_key(name) {
                    wrong.push(format!("{} was to show the {name}", heard.from));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

impl Run<'_> {
    /// Not in the deployment's folder.
    pub(super) fn without_folder(mut self) -> Self {
        self.in_folder = None;
        self
    }

    /// In another folder.
    pub(super) fn within(mut self, folder: PathBuf) -> Self {
        self.in_folder = Some(folder);
        self
    }

    /// With a variable of the environment.
    pub(super) fn set(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// The text of a secret of the stage.
    pub(super) fn stage_text(&self, name: &str) -> String {
        self.stage.secrets.text(name).to_owned()
    }

    /// It is there to show this secret on stdout, for this reason.
    pub(super) fn shows(mut self, secret: &'static str, _reason: &str) -> Self {
        self.shown.insert(secret);
        self
    }

    /// Runs it, and notes what it says; it must end with one of these codes. Returns its stdout.
    #[track_caller]
    pub(super) fn ends(mut self, codes: &[i32]) -> String {
        if let Some(folder) = &self.in_folder {
            self.command.arg("--dir").arg(folder);
        }
        let output = self.command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        assert!(
            code.is_some_and(|code| codes.contains(&code)),
            "{} ended with {}, not {codes:?}: {said}",
            self.said,
            output.status
        );
        self.stage.ended.extend(code);
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let shown: Vec<_> = self.shown.into_iter().collect();
        let (out, error) = ("stdout of", "stderr of");
        self.stage
            .hear(format!("{out} {}", self.said), output.stdout, &shown);
        self.stage
            .hear(format!("{error} {}", self.said), output.stderr, &[]);
        stdout
    }
}

/// The password in a URL.
fn password_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let (user, _) = rest.split_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

/// The URL with a password in it, unless it has one.
pub(crate) fn with_password(url: &str, password: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, host) = rest.split_once('@').unwrap();
    if user.contains(':') {
        return url.to_owned();
    }
    format!("{scheme}://{user}:{password}@{host}")
}

fn around(bytes: &[u8], place: usize) -> String {
    let end = bytes.len().min(place + 60);
    let part = &bytes[place.saturating_sub(60)..end];
    String::from_utf8_lossy(part).escape_debug().to_string()
}
