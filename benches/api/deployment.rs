//! A deployment of its own, served by the real program, with a user, an instance and a project.

use crate::client::{Connection, request};
use crate::rows::DIM;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;

/// Handles of what is made.
pub(crate) const OWNER: &str = "alice";
/// The project.
pub(crate) const PROJECT: &str = "passages";
/// The instance.
pub(crate) const INSTANCE: &str = "minilm";

/// How long the server may take to listen.
const START_ATTEMPTS: usize = 500;
const START_PAUSE: Duration = Duration::from_millis(20);

/// A served deployment, stopped and removed with this value.
pub(crate) struct Deployment {
    pub(crate) address: SocketAddr,
    /// The key of the project's owner.
    pub(crate) key: String,
    process: Process,
    pub(crate) folder: TempDir,
}

/// Ends with this value.
struct Process(Child);

impl Deployment {
    /// Makes it below the folder of the build: a temporary folder in memory would know no fsync.
    /// `more` are further arguments of `embsec serve`.
    pub(crate) async fn start(more: &[&str]) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let dir = folder.path().join("deployment");
        let address = free_address();
        let process = Command::new(env!("CARGO_BIN_EXE_embsec"))
            .args(["serve", "--init", "--listen", &address.to_string(), "--dir"])
            .arg(&dir)
            .args(more)
            .env_clear()
            .stdin(Stdio::null())
            // A service's log goes to a collector; the file system is not to be measured twice.
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let process = Process(process);
        wait_for(address).await;
        let key = fill(address, &dir).await;
        Self {
            address,
            key,
            process,
            folder,
        }
    }

    /// Ends the server; the deployment stays.
    pub(crate) fn stop(&mut self) {
        self.process.0.kill().unwrap();
        self.process.0.wait().unwrap();
    }

    /// A place on the same disk for another database.
    pub(crate) fn other_database(&self) -> PathBuf {
        self.folder.path().join("other.db")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// A port that nobody has at this moment.
fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

async fn wait_for(address: SocketAddr) {
    for _ in 0..START_ATTEMPTS {
        if TcpStream::connect(address).await.is_ok() {
            return;
        }
        tokio::time::sleep(START_PAUSE).await;
    }
    panic!("the server did not start");
}

/// Makes what an upload needs. Returns the owner's key.
async fn fill(address: SocketAddr, dir: &Path) -> String {
    let admin_key = std::fs::read_to_string(dir.join("admin.key")).unwrap();
    let mut connection = Connection::open(address).await;
    let mut post = async |path: &str, key: &str, body: Value| -> Value {
        let bytes = request("POST", path, key.trim_end(), body.to_string().as_bytes());
        serde_json::from_slice(connection.send(&bytes, 201).await).unwrap()
    };
    let user = json!({"user_handle": OWNER, "email": "alice@example.org"});
    let user = post("/v1/users", &admin_key, user).await;
    let key = user["embapi_key"].as_str().unwrap().to_owned();
    let instance = json!({"instance_handle": INSTANCE, "dimensions": DIM});
    post(&format!("/v1/llm-instances/{OWNER}"), &key, instance).await;
    let project = json!({
        "project_handle": PROJECT, "instance_owner": OWNER, "instance_handle": INSTANCE
    });
    post(&format!("/v1/projects/{OWNER}"), &key, project).await;
    key
}
