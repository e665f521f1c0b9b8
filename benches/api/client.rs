//! A client that keeps its connections and sends a request when the one before is answered.
//!
//! It does no more with an answer than find its end, so that it costs both sides of a ratio as
//! little as it can.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

/// The address behind `http://` at the end of a line.
pub(crate) fn address_of(line: &str) -> Option<SocketAddr> {
    let (_, address) = line.trim_end().rsplit_once("http://")?;
    address.parse().ok()
}

/// The bytes of a request.
pub(crate) fn request(method: &str, path: &str, key: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut bytes = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A kept-alive connection.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

/// Where the parts of an answer are.
struct Head {
    status: u16,
    body_start: usize,
    body_length: usize,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            received: Vec::with_capacity(64 * 1024),
        }
    }

    /// Sends a request and returns the body of the answer, whose status must be this one.
    pub(crate) async fn send(&mut self, request: &[u8], status: u16) -> &[u8] {
        self.write(request).await;
        let head = self.read().await;
        let body = &self.received[head.body_start..][..head.body_length];
        assert!(
            head.status == status,
            "{}: {}",
            head.status,
            String::from_utf8_lossy(body)
        );
        body
    }

    async fn write(&self, mut rest: &[u8]) {
        while !rest.is_empty() {
            match self.stream.try_write(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.stream.writable().await.unwrap();
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    async fn read(&mut self) -> Head {
        self.received.clear();
        let mut head = None;
        loop {
            match self.stream.try_read_buf(&mut self.received) {
                Ok(0) => panic!("the server hung up"),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.stream.readable().await.unwrap();
                    continue;
                }
                Err(error) => panic!("{error}"),
            }
            head = head.or_else(|| parse_head(&self.received));
            if let Some(found) = head.take_if(|head: &mut Head| {
                self.received.len() >= head.body_start + head.body_length
            }) {
                return found;
            }
        }
    }
}

fn parse_head(received: &[u8]) -> Option<Head> {
    let end = received.windows(4).position(|four| four == b"\r\n\r\n")?;
    let text = std::str::from_utf8(&received[..end]).unwrap();
    let mut lines = text.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let length = lines
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or("0", |(_, value)| value);
    Some(Head {
        status: status.parse().unwrap(),
        body_start: end + 4,
        body_length: length.parse().unwrap(),
    })
}

/// Sends requests in turn over several connections for a time. Returns how many a second were
/// answered.
pub(crate) async fn requests_per_second(
    address: SocketAddr,
    requests: &Rc<Vec<Vec<u8>>>,
    connections: usize,
    time: Duration,
) -> f64 {
    let local = LocalSet::new();
    let mut clients = Vec::new();
    for client in 0..connections {
        let mut connection = Connection::open(address).await;
        let requests = Rc::clone(requests);
        clients.push(local.spawn_local(async move {
            let begin = Instant::now();
            let mine = requests.iter().cycle().skip(client * 37);
            let mut answered = 0_u32;
            for request in mine {
                connection.send(request, 200).await;
                answered += 1;
                if begin.elapsed() >= time {
                    break;
                }
            }
            f64::from(answered) / begin.elapsed().as_secs_f64()
        }));
    }
    local
        .run_until(async {
            let mut sum = 0.0;
            for client in clients {
                sum += client.await.unwrap();
            }
            sum
        })
        .await
}
