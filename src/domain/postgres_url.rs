//! The URL of a PostgreSQL database: checked, and never shown with its password.
//!
//! Connecting is the business of the engines; this only knows what a URL may say.

use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use url::{Host, Url};

/// The parameters that a URL may carry. Any other is refused rather than ignored, since a
/// misspelt `sslmode` would quietly take the protection away.
const PARAMETERS: [&str; 6] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "application_name",
];

/// The parameters that name a file, or hold what would be in it.
const TLS_FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];

/// How a certificate or key begins (RFC 7468).
const PEM: &str = "-----BEGIN ";

/// What `sslmode` may say, from the least to the most, as PostgreSQL's own library has it.
const SSL_MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// What stands in the place of a secret.
const HIDDEN: &str = "****";

/// A text that names a database, for messages: without the password, and without the parameters
/// that are none, among which a password is often found. It need not be a URL that can be used.
#[must_use]
pub fn without_secrets(text: &str) -> String {
    if text.starts_with("sqlite:") {
        return text.to_owned();
    }
    let (before, place) = text
        .rsplit_once('@')
        .map_or((None, text), |(before, place)| (Some(before), place));
    let mut shown = String::new();
    if let Some(before) = before {
        let start = before.find("//").map_or(0, |slashes| slashes + 2);
        let (scheme, user) = before.split_at(start);
        match user.find([':', '?']) {
            // A password may begin there, and where it ends is not known.
            Some(end) if user[end..].contains('?') => {
                return format!("{scheme}{}{HIDDEN}", &user[..=end]);
            }
            Some(end) => shown.extend([scheme, &user[..=end], HIDDEN, "@"]),
            None => shown.extend([before, "@"]),
        }
    }
    let Some((place, parameters)) = place.split_once('?') else {
        shown.push_str(place);
        return shown;
    };
    shown.push_str(place);
    for (number, parameter) in parameters.split('&').enumerate() {
        shown.push(if number == 0 { '?' } else { '&' });
        match parameter.split_once('=') {
            Some((name, value)) if !PARAMETERS.contains(&name) || value.starts_with("-----") => {
                shown.extend([name, "=", HIDDEN]);
            }
            _ => shown.push_str(parameter),
        }
    }
    shown
}

/// Why a text is no URL of a PostgreSQL database. None of them repeats the text, which may hold a
/// password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostgresUrlError {
    /// It has another form.
    #[error("expects postgres://USER@HOST:PORT/DATABASE")]
    Malformed,
    /// It names no database.
    #[error("the URL names no database: postgres://USER@HOST:PORT/DATABASE")]
    NoDatabase,
    /// A parameter that is not known.
    #[error("the URL has the parameter `{0}`, which embsec does not know; it knows {known}", known = PARAMETERS.join(", "))]
    UnknownParameter(String),
    /// A mode of TLS that there is not.
    #[error("`sslmode` is one of {modes}", modes = SSL_MODES.join(", "))]
    UnknownSslMode,
}

/// The URL of a PostgreSQL database. Shown, it has no password.
#[derive(Clone)]
pub struct PostgresUrl {
    text: SecretString,
    shown: String,
    has_password: bool,
    sets_ssl_mode: bool,
    is_local: bool,
    tls_files: Vec<PathBuf>,
}

impl PostgresUrl {
    /// Whether a text is meant as such a URL.
    #[must_use]
    pub fn is_meant_by(text: &str) -> bool {
        text.split_once(':').is_some_and(|(scheme, _)| {
            ["postgres", "postgresql"]
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known))
        })
    }

    /// Takes a URL.
    ///
    /// # Errors
    ///
    /// Any [`PostgresUrlError`].
    pub fn parse(text: &str) -> Result<Self, PostgresUrlError> {
        let url = Url::parse(text).map_err(|_| PostgresUrlError::Malformed)?;
        if !matches!(url.scheme(), "postgres" | "postgresql") || url.cannot_be_a_base() {
            return Err(PostgresUrlError::Malformed);
        }
        // A password with a `/`, `?` or `#` that is not percent-encoded ends the host before the
        // `@`; its rest must not be taken for the name of a database, which messages repeat.
        if url.path().contains('@') || url.fragment().is_some() {
            return Err(PostgresUrlError::Malformed);
        }
        if url.path().trim_start_matches('/').is_empty() {
            return Err(PostgresUrlError::NoDatabase);
        }
        let mut sets_ssl_mode = false;
        let mut socket = None;
        let mut tls_files = Vec::new();
        for (name, value) in url.query_pairs() {
            if name.contains('@') {
                return Err(PostgresUrlError::Malformed);
            }
            if !PARAMETERS.contains(&&*name) {
                return Err(PostgresUrlError::UnknownParameter(name.into_owned()));
            }
            if name == "sslmode" {
                sets_ssl_mode = true;
                if !SSL_MODES.contains(&&*value) {
                    return Err(PostgresUrlError::UnknownSslMode);
                }
            } else if name == "host" {
                socket = Some(value.into_owned());
            } else if TLS_FILES.contains(&&*name) && !value.starts_with(PEM) {
                tls_files.push(PathBuf::from(value.into_owned()));
            }
        }
        Ok(Self {
            shown: shown(&url, socket.as_deref()),
            has_password: url.password().is_some(),
            sets_ssl_mode,
            is_local: socket.map_or_else(
                || is_local(url.host().as_ref()),
                |host| is_local_name(&host),
            ),
            tls_files,
            text: SecretString::from(text.to_owned()),
        })
    }

    /// The whole URL, password included, for the driver.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.text.expose_secret()
    }

    /// Which database it is, whoever connects to it: the URL without user, password and
    /// parameters.
    #[must_use]
    pub fn place(&self) -> String {
        match self.shown.split_once('@') {
            Some((_, place)) => format!("postgres://{place}"),
            None => self.shown.clone(),
        }
    }

    /// Whether it carries a password.
    #[must_use]
    pub const fn has_password(&self) -> bool {
        self.has_password
    }

    /// Whether it says how TLS is to be used.
    #[must_use]
    pub const fn sets_ssl_mode(&self) -> bool {
        self.sets_ssl_mode
    }

    /// The files that it names: certificates and a key. A certificate in the URL itself is none.
    #[must_use]
    pub fn tls_files(&self) -> &[PathBuf] {
        &self.tls_files
    }

    /// Whether the server is on this machine: a socket, or a loopback address.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        self.is_local
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({})", self.shown)
    }
}

impl PartialEq for PostgresUrl {
    fn eq(&self, other: &Self) -> bool {
        self.reveal() == other.reveal()
    }
}

impl Eq for PostgresUrl {}

fn shown(url: &Url, socket: Option<&str>) -> String {
    let mut text = String::from("postgres://");
    if !url.username().is_empty() {
        text.push_str(url.username());
        text.push('@');
    }
    text.push_str(socket.or_else(|| url.host_str()).unwrap_or_default());
    if let Some(port) = url.port() {
        text.push(':');
        text.push_str(&port.to_string());
    }
    text.push_str(url.path());
    text
}

fn is_local(host: Option<&Host<&str>>) -> bool {
    match host {
        Some(Host::Domain(name)) => is_local_name(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => true,
    }
}

/// A socket's folder, in the clear or percent-encoded, or a name of this machine's loopback.
fn is_local_name(host: &str) -> bool {
    host.starts_with('/')
        || host.to_ascii_lowercase().starts_with("%2f")
        || host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_url_is_shown_without_its_password_and_parameters() {
        let url = "postgres://ann:secret@db.example.org:5433/embsec?sslmode=require";
        let url = PostgresUrl::parse(url).unwrap();
        assert_eq!(url.to_string(), "postgres://ann@db.example.org:5433/embsec");
        assert_eq!(url.place(), "postgres://db.example.org:5433/embsec");
        assert!(url.has_password() && url.sets_ssl_mode() && !url.is_local());
        assert!(!format!("{url:?}").contains("secret"));
    }

    #[test]
    fn a_text_that_may_be_a_url_is_shown_without_what_may_be_secret() {
        for (text, shown) in [
            (
                "postgres://ann@h/d?sslmode=require",
                "postgres://ann@h/d?sslmode=require",
            ),
            ("postgres://ann:secret@h:x/d", "postgres://ann:****@h:x/d"),
            ("postgres//ann:secret@h/d", "postgres//ann:****@h/d"),
            ("postgres:/ann:secret@h/d", "postgres:****@h/d"),
            ("ann:se@cr/et@h", "ann:****@h"),
            (
                "postgres://h/d?password=secret&sslmode=no&pass=1",
                "postgres://h/d?password=****&sslmode=no&pass=****",
            ),
            ("postgres://h/d?password=a@b", "postgres://h/d?****"),
            ("postgres://h:1/d?password=a@b", "postgres://h:****"),
            ("sqlite:/srv/a:b@c.db", "sqlite:/srv/a:b@c.db"),
            ("embsec.db", "embsec.db"),
        ] {
            assert_eq!(without_secrets(text), shown, "{text}");
        }
    }

    #[test]
    fn the_files_of_tls_are_known_and_what_is_given_in_place_is_no_file() {
        let url = "postgres://h/d?sslrootcert=/etc/ca.pem&sslcert=-----BEGIN%20CERTIFICATE-----";
        let url = PostgresUrl::parse(url).unwrap();
        assert_eq!(url.tls_files(), [PathBuf::from("/etc/ca.pem")]);
    }

    #[test]
    fn what_could_not_be_obeyed_is_refused() {
        for (url, error) in [
            ("mysql://h/d", PostgresUrlError::Malformed),
            ("postgres:d", PostgresUrlError::Malformed),
            ("postgres://h", PostgresUrlError::NoDatabase),
            ("postgres:/u:p@h/d", PostgresUrlError::Malformed),
            ("postgres://u:1/p@h/d", PostgresUrlError::Malformed),
            ("postgres://u:1/p?q@h/d", PostgresUrlError::Malformed),
            ("postgres://u:1/p#q@h/d", PostgresUrlError::Malformed),
            (
                "postgres://h/d?ssl_mode=require",
                PostgresUrlError::UnknownParameter("ssl_mode".to_owned()),
            ),
            (
                "postgres://h/d?sslmode=full",
                PostgresUrlError::UnknownSslMode,
            ),
        ] {
            assert_eq!(PostgresUrl::parse(url).unwrap_err(), error, "{url}");
        }
    }

    #[test]
    fn servers_on_this_machine_are_known_as_such() {
        for (url, local) in [
            ("postgres:///d", true),
            ("postgres://localhost/d", true),
            ("postgres://127.0.0.1:5432/d", true),
            ("postgres://[::1]/d", true),
            ("postgres://%2Fvar%2Frun%2Fpostgresql/d", true),
            ("postgres:///d?host=/var/run/postgresql", true),
            ("postgres://10.0.0.1/d", false),
            ("postgres://localhost/d?host=db.example.org", false),
        ] {
            assert_eq!(PostgresUrl::parse(url).unwrap().is_local(), local, "{url}");
        }
    }

    proptest! {
        #[test]
        fn a_password_is_never_shown(password in "[A-Z0-9%:/?#@]{8,20}") {
            let url = format!("postgres://user:{password}@host/db");
            let told = match PostgresUrl::parse(&url) {
                Ok(url) => format!("{url} {url:?}"),
                Err(error) => error.to_string(),
            };
            prop_assert!(!told.contains(&password), "{}", told);
            let hidden = without_secrets(&url);
            prop_assert!(!hidden.contains(&password), "{}", hidden);
            let hidden = without_secrets(&format!("postgres://h/d?password={password}"));
            prop_assert!(!hidden.contains(&password), "{}", hidden);
        }
    }
}
