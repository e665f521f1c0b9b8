//! The contract on a second implementation of S3: moto.

use super::contract::{Abilities, run};
use super::{BUCKET, connect, options};
use crate::blob::Blob as _;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

const TOOL: &str = "EMBSEC_TEST_MOTO";

#[expect(
    clippy::disallowed_methods,
    reason = "what tests are given comes by the environment"
)]
fn tool() -> String {
    std::env::var(TOOL).unwrap_or_else(|_| panic!("{TOOL} is not set; scripts/test sets it"))
}

struct Moto {
    process: Child,
    port: u16,
}

impl Moto {
    /// Starts the server on a free port and makes the bucket.
    fn start() -> Self {
        let program = tool();
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let process = Command::new(program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let moto = Self { process, port };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        moto.put(&format!("/{BUCKET}"), "");
        moto
    }

    /// Sends what the client has no call for.
    fn put(&self, address: &str, body: &str) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(
            stream,
            "PUT {address} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.process.kill().unwrap_or_default();
        self.process.wait().map(drop).unwrap_or_default();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moto_keeps_the_contract_and_tells_of_versions() {
    let moto = Moto::start();
    let endpoint = format!("http://127.0.0.1:{}", moto.port);
    let blob = Arc::new(connect(&options(&endpoint, "p")));
    // It decides conditions by looking first and writing then.
    run(blob.clone(), Abilities { is_atomic: false }).await;

    assert_eq!(blob.keeps_old_versions().await.unwrap(), Some(false));
    moto.put(
        &format!("/{BUCKET}?versioning"),
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    );
    assert_eq!(blob.keeps_old_versions().await.unwrap(), Some(true));
}
