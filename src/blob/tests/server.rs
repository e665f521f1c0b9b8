//! A real S3 server over a folder, on a port of this machine, with faults on demand.
//!
//! The server decides conditions by looking first and writing then; the front lets one request
//! with a condition through at a time, which makes that the one decision that S3 promises.

use super::{BUCKET, KEY_ID, SECRET};
use futures_util::{StreamExt as _, stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// An answer with this status, and nothing is done.
    Status(u16),
    /// No answer.
    Stall,
    /// The connection ends when half of the request has come through.
    CutRequest,
    /// The connection ends when half of the answer has come through.
    CutAnswer,
    /// It is done, and the connection ends before the answer.
    LostAnswer,
    /// It is done, and a bit of what was stored flips.
    FlippedBit,
    /// It is said to be done.
    Pretence,
}

/// When a fault happens.
pub(super) struct Rule {
    method: &'static str,
    /// What the path or the query has in it.
    part: &'static str,
    times: usize,
    fault: Fault,
}

pub(super) struct Server {
    front: Arc<Front>,
    port: u16,
    task: JoinHandle<()>,
    root: tempfile::TempDir,
}

struct Front {
    service: S3Service,
    root: PathBuf,
    rules: Mutex<Vec<Rule>>,
    seen: Mutex<Vec<String>>,
    one_condition: tokio::sync::Mutex<()>,
}

impl Server {
    pub(super) async fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root.path()).unwrap());
        service.set_auth(SimpleAuth::from_single(KEY_ID, SECRET));
        let front = Arc::new(Front {
            service: service.build(),
            root: root.path().to_path_buf(),
            rules: Mutex::new(Vec::new()),
            seen: Mutex::new(Vec::new()),
            one_condition: tokio::sync::Mutex::new(()),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(serve(listener, Arc::clone(&front)));
        Self {
            front,
            port,
            task,
            root,
        }
    }

    pub(super) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Has a fault happen so many times.
    pub(super) fn fail(
        &self,
        method: &'static str,
        part: &'static str,
        times: usize,
        fault: Fault,
    ) {
        self.front.rules.lock().unwrap().push(Rule {
            method,
            part,
            times,
            fault,
        });
    }

    /// Ends all faults, and forgets the requests that were seen.
    pub(super) fn heal(&self) {
        self.front.rules.lock().unwrap().clear();
        self.front.seen.lock().unwrap().clear();
    }

    /// How many requests with this method and this in their address came.
    pub(super) fn count(&self, method: &str, part: &str) -> usize {
        let seen = self.front.seen.lock().unwrap();
        let begins = format!("{method} ");
        seen.iter()
            .filter(|line| line.starts_with(&begins) && line.contains(part))
            .count()
    }

    /// Where the objects are.
    pub(super) fn bucket(&self) -> PathBuf {
        self.root.path().join(BUCKET)
    }

    /// Has the server tell the state of an object by its bytes again, which were written behind
    /// its back.
    pub(super) fn forget_states(&self) {
        for entry in std::fs::read_dir(self.root.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.to_string_lossy().ends_with(".internal.json") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    /// Removes all objects.
    pub(super) fn empty(&self) {
        std::fs::remove_dir_all(self.bucket()).unwrap();
        std::fs::create_dir(self.bucket()).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, front: Arc<Front>) {
    while let Ok((socket, _)) = listener.accept().await {
        let front = Arc::clone(&front);
        tokio::spawn(async move {
            let service = service_fn(move |request| Arc::clone(&front).answer(request));
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(socket), service);
            // A connection that a fault ended is what was asked for.
            connection.await.unwrap_or_default();
        });
    }
}

impl Front {
    async fn answer(self: Arc<Self>, request: Request<Incoming>) -> io::Result<Response<Body>> {
        let line = format!("{} {}", request.method(), request.uri());
        let fault = self.fault(request.method().as_str(), &request.uri().to_string());
        self.seen.lock().unwrap().push(line);
        let path = request.uri().path().trim_start_matches('/').to_owned();
        match fault {
            None => self.pass(request.map(whole)).await,
            Some(Fault::Status(status)) => {
                // Whoever sends a large body would not read the answer otherwise.
                request
                    .into_body()
                    .collect()
                    .await
                    .map_err(io::Error::other)?;
                let mut response = Response::new(empty());
                *response.status_mut() = StatusCode::from_u16(status).unwrap();
                Ok(response)
            }
            Some(Fault::Stall) => {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                Err(cut())
            }
            Some(Fault::CutRequest) => {
                let (parts, body) = request.into_parts();
                let bytes = body.collect().await.map_err(io::Error::other)?.to_bytes();
                let half = half_of(&bytes);
                let answer = self.pass(Request::from_parts(parts, half)).await?;
                assert!(!answer.status().is_success());
                Err(cut())
            }
            Some(Fault::CutAnswer) => {
                let (parts, body) = self.pass(request.map(whole)).await?.into_parts();
                let bytes = body.collect().await?.to_bytes();
                Ok(Response::from_parts(parts, half_of(&bytes)))
            }
            Some(Fault::LostAnswer) => {
                let answer = self.pass(request.map(whole)).await?;
                assert!(answer.status().is_success());
                answer.into_body().collect().await?;
                Err(cut())
            }
            Some(Fault::FlippedBit) => {
                let answer = self.pass(request.map(whole)).await?;
                let file = self.root.join(path);
                let mut bytes = std::fs::read(&file)?;
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
                std::fs::write(&file, bytes)?;
                Ok(answer)
            }
            Some(Fault::Pretence) => {
                request
                    .into_body()
                    .collect()
                    .await
                    .map_err(io::Error::other)?;
                let mut response = Response::new(empty());
                response
                    .headers_mut()
                    .insert("etag", "\"pretended\"".parse().unwrap());
                Ok(response)
            }
        }
    }

    /// Has the real server answer.
    async fn pass(&self, request: Request<Body>) -> io::Result<Response<Body>> {
        let headers = request.headers();
        let has_condition =
            headers.contains_key("if-match") || headers.contains_key("if-none-match");
        let _one = if has_condition {
            Some(self.one_condition.lock().await)
        } else {
            None
        };
        let answer = self.service.clone().oneshot(request).await;
        let answer = answer.map_err(|error| io::Error::other(format!("{error:?}")))?;
        Ok(answer.map(|body| body.map_err(io::Error::other).boxed_unsync()))
    }

    fn fault(&self, method: &str, address: &str) -> Option<Fault> {
        let mut rules = self.rules.lock().unwrap();
        let rule = rules
            .iter_mut()
            .find(|rule| rule.method == method && address.contains(rule.part) && rule.times > 0)?;
        rule.times -= 1;
        Some(rule.fault)
    }
}

fn cut() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionReset)
}

fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

fn whole(body: Incoming) -> Body {
    body.map_err(io::Error::other).boxed_unsync()
}

/// A body that ends in the middle, after what came before it was sent.
fn half_of(bytes: &Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let frames = stream::iter([Some(half), None]).then(|half| async {
        match half {
            Some(half) => Ok(Frame::data(half)),
            None => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Err(cut())
            }
        }
    });
    StreamBody::new(frames).boxed_unsync()
}
