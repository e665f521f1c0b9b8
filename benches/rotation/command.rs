//! Commands beside the server.

use crate::deployment::Deployment;
use std::process::{Command, Stdio};

/// Runs a command on the deployment.
pub(crate) async fn embsec(deployment: &Deployment, arguments: &[&str]) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_embsec"))
        .args(arguments)
        .arg("--dir")
        .arg(deployment.folder.path().join("deployment"))
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // The clients of this program share its one thread.
    let ended = tokio::task::spawn_blocking(move || child.wait().unwrap());
    assert!(ended.await.unwrap().success(), "{arguments:?} failed");
}
