//! The other side of the reads: an empty handler on embsec's server code.

use crate::client::address_of;
use axum::Router;
use axum::routing::get;
use embsec::http::server::{ConnectionLimits, serve};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use tokio::net::TcpListener;

/// What makes this program the server.
pub(crate) const ARGUMENT: &str = "--bare-server";

/// Serves until stdin ends, and says on stdout where.
pub(crate) fn run() {
    // As `embsec serve` has it.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().route("/", get(|| async {}));
        let limits = ConnectionLimits::with_shutdown_secs(1);
        let stdin_ends = async {
            let read = || std::io::stdin().read_line(&mut String::new());
            tokio::task::spawn_blocking(read).await.unwrap().unwrap();
        };
        serve(listener, router, limits, stdin_ends).await;
    });
}

/// The server in a process of its own, which ends with this value.
pub(crate) struct BareServer {
    pub(crate) address: SocketAddr,
    process: Child,
    stdin: Option<ChildStdin>,
}

impl BareServer {
    pub(crate) fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .arg(ARGUMENT)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = process.stdin.take();
        let mut line = String::new();
        let stdout = process.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        Self {
            address: address_of(&line).unwrap(),
            process,
            stdin,
        }
    }
}

impl Drop for BareServer {
    fn drop(&mut self) {
        drop(self.stdin.take());
        self.process.wait().unwrap();
    }
}
