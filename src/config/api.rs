//! How the API answers.

use super::error::Fault;
use super::read::{Reader, Rejected};
use super::secret::SecretRef;
use super::settings::{
    API_ADMIN_KEY, API_ALLOW_RESET, API_BODY_TIMEOUT_SECS, API_COMPAT, API_CORS_ORIGINS,
    API_KEY_FORMAT, API_MAX_BODY_BYTES,
};
use std::time::Duration;

/// The settings of `[api]`.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Which version of upstream clients meet.
    pub compat: Compat,
    /// The form of new API keys.
    pub key_format: KeyFormat,
    /// Whether the administrator may wipe all data through the API.
    pub allow_reset: bool,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long a request body may take to arrive.
    pub body_timeout: Duration,
    /// The origins whose pages may call the API.
    pub cors: Cors,
    /// The administrator's key, when it is not the one whose digest the database holds.
    pub admin_key: Option<SecretRef>,
}

/// Which version of the upstream API clients meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compat {
    /// The newest.
    Embapi,
    /// The one before it, by its names of key fields.
    Vdb,
}

/// The form of new API keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFormat {
    /// `emb_`, 43 base62 digits and 6 check digits.
    Embsec,
    /// 64 hexadecimal digits, as upstream makes them.
    Hex,
}

/// The origins whose pages may call the API from a browser. Credentials in the sense of the
/// Fetch standard (cookies, client certificates) are never allowed, for any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cors {
    /// These; none when the list is empty.
    Origins(Vec<String>),
    /// All.
    Any,
}

impl ApiConfig {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Rejected> {
        let compat = reader.parsed(&API_COMPAT, "embapi or vdb", |word| match word {
            "embapi" => Some(Compat::Embapi),
            "vdb" => Some(Compat::Vdb),
            _ => None,
        });
        let key_format = reader.parsed(&API_KEY_FORMAT, "embsec or hex", |word| match word {
            "embsec" => Some(KeyFormat::Embsec),
            "hex" => Some(KeyFormat::Hex),
            _ => None,
        });
        let allow_reset = reader.bool(&API_ALLOW_RESET);
        let max_body_bytes = reader.narrow(&API_MAX_BODY_BYTES);
        let body_timeout = Duration::from_secs(reader.int(&API_BODY_TIMEOUT_SECS));
        let cors = cors(reader);
        let admin_key = reader.secret(&API_ADMIN_KEY);
        Ok(Self {
            compat: compat?,
            key_format: key_format?,
            allow_reset,
            max_body_bytes: max_body_bytes?,
            body_timeout,
            cors: cors?,
            admin_key: admin_key?,
        })
    }
}

fn cors(reader: &mut Reader<'_>) -> Result<Cors, Rejected> {
    let origins = reader.list(&API_CORS_ORIGINS);
    if origins == ["*"] {
        return Ok(Cors::Any);
    }
    if origins.iter().any(|origin| origin == "*") {
        return Err(reader.reject(&API_CORS_ORIGINS, Fault::WildcardNotAlone));
    }
    match origins.iter().find(|origin| !is_origin(origin)) {
        Some(origin) => {
            let fault = Fault::unexpected("origins, such as https://app.example.org", origin);
            Err(reader.reject(&API_CORS_ORIGINS, fault))
        }
        None => Ok(Cors::Origins(origins.to_vec())),
    }
}

/// Whether this is an origin as browsers write it (RFC 6454 section 6.2): scheme, host and, when
/// it is not the scheme's own, port, all in lower case and nothing after them. Anything else
/// would never match and only look like a permission.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_host = match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(ip) => ip.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && host
                    .chars()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-._".contains(c))
        }
    };
    let usual = match scheme {
        "http" => Some("80"),
        "https" => Some("443"),
        _ => None,
    };
    let is_port = port.is_none_or(|port| {
        port.parse::<u16>().is_ok() && !port.starts_with(['0', '+']) && Some(port) != usual
    });
    is_scheme && is_host && is_port
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn origins_are_taken_as_browsers_send_them() {
        for good in [
            "https://app.example.org",
            "http://localhost:3000",
            "https://[::1]:8443",
            "chrome-extension://abcdef",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "null",
            "app.example.org",
            "https://",
            "https://App.example.org",
            "https://app.example.org/",
            "https://app.example.org:443",
            "http://app.example.org:80",
            "http://app.example.org:080",
            "https://*.example.org",
            "https://user@example.org",
            "https://[::1",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn reading_an_origin_never_panics(text in ".*") {
            let _ = is_origin(&text);
        }
    }
}
