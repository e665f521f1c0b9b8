//! How the server listens and stops.

use super::error::Fault;
use super::read::{Reader, Rejected};
use super::settings::{
    SERVE_ALLOW_PLAINTEXT, SERVE_LISTEN, SERVE_METRICS_LISTEN, SERVE_SHUTDOWN_SECS, Setting,
};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// The settings of `[serve]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServeConfig {
    /// Where the API listens.
    pub listen: SocketAddr,
    /// Whether an address that other machines reach may go without TLS.
    pub allow_plaintext: bool,
    /// How long a stopping server waits for the requests in flight.
    pub shutdown: Duration,
    /// Where the metrics are served; `None`: nowhere.
    pub metrics_listen: Option<SocketAddr>,
}

impl ServeConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let allow_plaintext = reader.bool(&SERVE_ALLOW_PLAINTEXT);
        let shutdown = Duration::from_secs(reader.int(&SERVE_SHUTDOWN_SECS));
        let listen = reader.parsed(
            &SERVE_LISTEN,
            "an IP address and a port, such as 127.0.0.1:8880",
            address,
        );
        let metrics = reader.parsed(
            &SERVE_METRICS_LISTEN,
            "an IP address and a port, such as 127.0.0.1:9880, or `off`",
            |text| match text {
                "off" => Some(None),
                _ => address(text).map(Some),
            },
        );
        if let Ok(listen) = listen {
            guard(reader, &SERVE_LISTEN, listen, allow_plaintext);
        }
        if let Ok(Some(metrics)) = metrics {
            guard(reader, &SERVE_METRICS_LISTEN, metrics, allow_plaintext);
            if listen.as_ref().is_ok_and(|listen| clash(*listen, metrics)) {
                reader.reject(&SERVE_METRICS_LISTEN, Fault::SameAddress);
            }
        }
        Ok(Self {
            listen: listen?,
            allow_plaintext,
            shutdown,
            metrics_listen: metrics?,
        })
    }
}

/// An address and a port; the name `localhost` stands for 127.0.0.1, and no other name is
/// looked up, because where a server listens must not depend on a name server.
fn address(text: &str) -> Option<SocketAddr> {
    match text.strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::new(
            Ipv4Addr::LOCALHOST.into(),
            port.parse().ok()?,
        )),
        None => text.parse().ok(),
    }
}

/// Refuses an address that other machines reach, unless plaintext is allowed by name.
fn guard(
    reader: &mut Reader<'_>,
    setting: &'static Setting,
    address: SocketAddr,
    allow_plaintext: bool,
) {
    if !allow_plaintext && !is_loopback(address.ip()) {
        let address = address.to_string();
        reader.reject(setting, Fault::Plaintext { address });
    }
}

/// Whether only this machine reaches the address; an IPv4 address in IPv6 clothes counts as
/// what it is (RFC 4291 section 2.5.5.2).
fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// Whether two listeners would meet. Port 0 asks for any free port and meets nothing.
fn clash(one: SocketAddr, other: SocketAddr) -> bool {
    one.port() != 0
        && one.port() == other.port()
        && (one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified())
}
