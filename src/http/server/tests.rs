//! Connections that misbehave.

use super::*;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// More than the buffers of a connection take.
const LARGE_BYTES: usize = 32 * 1024 * 1024;
const SMALL: &[u8] = b"GET /small HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

async fn server(limits: ConnectionLimits) -> SocketAddr {
    let router = Router::new()
        .route("/large", get(|| async { vec![b'x'; LARGE_BYTES] }))
        .route("/small", get(|| async { "small" }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, router, limits, std::future::pending()));
    address
}

async fn ask(address: SocketAddr, request: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    stream
}

#[tokio::test]
async fn a_client_that_does_not_read_gives_up_its_place() {
    let address = server(ConnectionLimits {
        max_connections: 1,
        write_timeout: Duration::from_millis(200),
        ..ConnectionLimits::with_shutdown_secs(1)
    })
    .await;
    let _unread = ask(address, b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await;
    // The first one must have the only place before the second one comes.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let mut second = ask(address, SMALL).await;
    let mut answer = String::new();
    let read = second.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(10), read)
        .await
        .expect("the place is still taken")
        .unwrap();
    assert!(answer.ends_with("small"), "{answer}");
}

#[tokio::test]
async fn a_client_that_reads_slowly_gets_everything() {
    let address = server(ConnectionLimits {
        write_timeout: Duration::from_millis(400),
        ..ConnectionLimits::with_shutdown_secs(1)
    })
    .await;
    let request = b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut stream = ask(address, request).await;
    let mut part = vec![0; LARGE_BYTES / 8];
    let mut whole = 0;
    loop {
        let size = stream.read(&mut part).await.unwrap();
        if size == 0 {
            break;
        }
        whole += size;
        if whole < LARGE_BYTES / 4 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    assert!(whole > LARGE_BYTES, "{whole}");
}
