//! Connections: accepted up to a limit, read under time limits, finished in order on shutdown.
//!
//! What a request means is the router's affair; nothing here looks into one.

mod patience;

use axum::Router;
use axum::body::Body;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use patience::Patient;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

/// The address that a request came from, as the connection has it.
#[derive(Clone, Copy, Debug)]
pub struct PeerIp(pub IpAddr);

/// How connections are bounded.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections served at once; further ones wait to be accepted.
    pub max_connections: usize,
    /// Time for a request's head, and for the next one on a kept-alive connection.
    pub header_timeout: Duration,
    /// Time in which a client that was sent something must read some of it.
    pub write_timeout: Duration,
    /// Time for requests in flight when the server is told to stop.
    pub shutdown_timeout: Duration,
}

impl ConnectionLimits {
    /// The limits of a server that is given `shutdown_secs` to stop.
    #[must_use]
    pub const fn with_shutdown_secs(shutdown_secs: u64) -> Self {
        Self {
            max_connections: 1_024,
            header_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(shutdown_secs),
        }
    }
}

/// Largest request head. Bounds the memory of a connection before its request is understood.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Pause after a failed accept, so that a full table of descriptors does not make a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything in flight was finished.
    Clean,
    /// The time ran out; the rest was cut.
    Cut,
}

/// Serves until `stop` is ready, then finishes what is in flight.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    stop: impl Future<Output = ()>,
) -> Stopped {
    let graceful = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(limits.max_connections));
    let mut stop = std::pin::pin!(stop);
    loop {
        // A slot is taken first: at the limit, new connections wait in the listener's backlog.
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await;
            (slot, listener.accept().await)
        };
        let (slot, connection) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let Ok(slot) = slot else { break };
        match connection {
            Ok((stream, peer)) => {
                let serving = connection_future(stream, peer, router.clone(), limits);
                let watched = graceful.watch(serving);
                tokio::spawn(async move {
                    metrics::gauge!("embsec_http_connections").increment(1);
                    // A broken connection is the client's affair; requests report themselves.
                    if let Err(error) = watched.await {
                        tracing::debug!(%error, "connection ended");
                    }
                    metrics::gauge!("embsec_http_connections").decrement(1);
                    drop(slot);
                });
            }
            Err(error) => pause_after(&error).await,
        }
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => Stopped::Clean,
        () = tokio::time::sleep(limits.shutdown_timeout) => Stopped::Cut,
    }
}

async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

fn connection_future(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: ConnectionLimits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> + Send {
    // Answers are small and whole; waiting to fill a segment only adds latency.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was not set");
    }
    let peer = PeerIp(canonical(peer.ip()));
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            Ok::<_, Infallible>(match router.oneshot(request).await {
                Ok(response) => response,
                Err(never) => match never {},
            })
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(
            TokioIo::new(Patient::new(stream, limits.write_timeout)),
            service,
        )
}

/// An IPv4 address that arrived over an IPv6 socket is told as IPv4.
fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

#[cfg(test)]
mod tests;
