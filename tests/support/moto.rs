//! A store that speaks S3 for one test: moto, which `scripts/test` provides.
//!
//! It keeps everything in memory, believes whoever names a key, and decides conditions by looking first
//! and writing then. What it holds is gone with it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// The program.
const TOOL: &str = "EMBSEC_TEST_MOTO";

/// The server, with one bucket.
pub(crate) struct Moto {
    /// None while it is away.
    process: Option<Child>,
    port: u16,
    bucket: String,
}

impl Moto {
    /// Starts it on a free port and makes the bucket.
    #[track_caller]
    pub(crate) fn start(bucket: &str) -> Self {
        let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut moto = Self {
            process: None,
            port,
            bucket: bucket.to_owned(),
        };
        moto.come_back();
        moto
    }

    /// Ends it: whoever asks hears nothing, and everything in it is lost.
    pub(crate) fn go_away(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap_or_default();
            process.wait().map(drop).unwrap_or_default();
        }
    }

    /// Starts it again at the same address, with an empty bucket.
    #[track_caller]
    pub(crate) fn come_back(&mut self) {
        let process = Command::new(tool())
            .args(["-H", "127.0.0.1", "-p", &self.port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = Some(process.unwrap());
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.put("", b"");
    }

    /// Where it is.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Puts what the client has no call for: behind the name of the bucket stand the name of an
    /// object with its slash, or a question.
    #[track_caller]
    pub(crate) fn put(&self, behind: &str, body: &[u8]) {
        self.ask("PUT", behind, body);
    }

    /// What an answer of the server holds, be it of an object or of a listing.
    #[track_caller]
    pub(crate) fn get(&self, behind: &str) -> Vec<u8> {
        self.ask("GET", behind, b"")
    }

    #[track_caller]
    fn ask(&self, method: &str, behind: &str, body: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let (bucket, port, length) = (&self.bucket, self.port, body.len());
        write!(
            stream,
            "{method} /{bucket}{behind} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=anybody/20260101/us-east-1/s3/aws4_request\r\n\
             Content-Length: {length}\r\n\r\n"
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        assert!(
            head.split(' ').nth(1) == Some("200"),
            "{method} {behind}: {head}"
        );
        answer.split_off(end + 4)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.go_away();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests are steered by the environment"
)]
#[track_caller]
fn tool() -> String {
    std::env::var(TOOL).unwrap_or_else(|_| panic!("{TOOL} is not set; scripts/test sets it"))
}
