//! Asks for one address, so that whoever watches there knows how a run ended.

use std::time::Duration;

/// How long the answer may take: a timer's unit must not hang on it.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often it is tried.
const TRIES: usize = 3;

/// Why it was not told. The address, which is a secret, is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum PingError {
    /// The client cannot be made.
    #[error("the client for it cannot be made")]
    Client,
    /// Nobody answered.
    #[error("nobody answered")]
    Unreachable,
    /// It answered something else than yes.
    #[error("it answered with status {0}")]
    Refused(u16),
}

/// Asks for the address, or for the same with `/fail` behind it.
///
/// # Errors
///
/// Any [`PingError`], that of the last try.
pub async fn ping(url: &str, went_well: bool) -> Result<(), PingError> {
    // The second call of a process finds a provider, which is as good.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap_or_default();
    }
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .build()
        .map_err(|_| PingError::Client)?;
    let url = address(url, went_well);
    let mut last = PingError::Unreachable;
    for _ in 0..TRIES {
        match client.get(&url).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) => last = PingError::Refused(answer.status().as_u16()),
            Err(_) => last = PingError::Unreachable,
        }
    }
    Err(last)
}

/// The address, or the same with `/fail` behind its path.
fn address(url: &str, went_well: bool) -> String {
    if went_well {
        return url.to_owned();
    }
    let (path, query) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    format!("{}/fail{query}", path.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_failure_is_told_behind_the_path_and_before_the_query() {
        for (url, expected) in [
            ("https://a.example/x", "https://a.example/x/fail"),
            ("https://a.example/x/", "https://a.example/x/fail"),
            ("https://a.example/x?a=1/", "https://a.example/x/fail?a=1/"),
        ] {
            assert_eq!(address(url, false), expected);
            assert_eq!(address(url, true), url);
        }
    }
}
