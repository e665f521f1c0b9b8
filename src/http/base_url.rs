//! Under which address a client reached the server, for the links in answers.

use axum::http::HeaderMap;
use axum::http::header::HOST;
use std::fmt;

/// Longest `Host` that is repeated; a DNS name has at most 253 characters, a port 6.
const HOST_MAX_BYTES: usize = 259;

/// How the connection itself is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// TLS ends here.
    Tls,
    /// Plain HTTP.
    Plain,
}

/// Scheme and host, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(String);

impl BaseUrl {
    /// Builds it from the `Host` header as upstream does: `http` only without TLS and on a host
    /// that begins with `localhost` or `127.0.0.1`, since any other is taken to be behind a
    /// proxy with TLS. A host with characters that no host has is not repeated.
    #[must_use]
    pub fn from_host(host: Option<&str>, transport: Transport) -> Self {
        let host = host.filter(|host| is_host(host)).unwrap_or("localhost");
        let local = host.starts_with("localhost") || host.starts_with("127.0.0.1");
        let scheme = match transport {
            Transport::Plain if local => "http",
            Transport::Plain | Transport::Tls => "https",
        };
        Self(format!("{scheme}://{host}"))
    }

    /// The same for the headers of a request on a connection without TLS, the only kind that
    /// embsec serves.
    #[must_use]
    pub fn of_request(headers: &HeaderMap) -> Self {
        let host = headers.get(HOST).and_then(|value| value.to_str().ok());
        Self::from_host(host, Transport::Plain)
    }

    /// The URL of the schema of a type.
    #[must_use]
    pub fn schema_url(&self, type_name: &str) -> String {
        format!("{self}/schemas/{type_name}.json")
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of the `Link` header that points to the schema of a type (RFC 8288).
#[must_use]
pub fn schema_link(type_name: &str) -> String {
    format!("</schemas/{type_name}.json>; rel=\"describedBy\"")
}

fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= HOST_MAX_BYTES
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(host: &str) -> String {
        BaseUrl::from_host(Some(host), Transport::Plain).to_string()
    }

    #[test]
    fn plain_http_is_named_for_local_hosts_only() {
        assert_eq!(plain("localhost:8880"), "http://localhost:8880");
        assert_eq!(plain("127.0.0.1:8880"), "http://127.0.0.1:8880");
        assert_eq!(plain("api.example.org"), "https://api.example.org");
        let tls = BaseUrl::from_host(Some("localhost"), Transport::Tls);
        assert_eq!(tls.to_string(), "https://localhost");
    }

    #[test]
    fn what_is_no_host_is_not_repeated() {
        for bad in ["", "a b", "evil\"/", "x\u{e9}.example", &"a".repeat(300)] {
            assert_eq!(plain(bad), "http://localhost", "{bad:?}");
        }
        let none = BaseUrl::from_host(None, Transport::Plain);
        assert_eq!(
            none.schema_url("User"),
            "http://localhost/schemas/User.json"
        );
    }
}
