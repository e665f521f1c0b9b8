//! What a store answers when it does not do what it was asked, and what is made of that.
//!
//! Answers other than success are read here, below the client, because their bodies quote
//! requests with the names of keys: only the store's own word for the error gets through.

use async_trait::async_trait;
use futures_util::StreamExt as _;
use object_store::client::{
    ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse,
    HttpService, ReqwestConnector,
};
use std::error::Error;

/// How much of an error's body is looked at.
const BODY_MAX_BYTES: usize = 16 * 1024;
/// The longest word for an error.
const CODE_MAX_BYTES: usize = 64;

/// Makes clients whose errors are told by this module.
#[derive(Debug)]
pub(super) struct Connector;

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        // The second call of a process finds a provider, which is as good.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            rustls::crypto::ring::default_provider()
                .install_default()
                .unwrap_or_default();
        }
        let inner = ReqwestConnector::default().connect(options)?;
        Ok(HttpClient::new(Told { inner }))
    }
}

#[derive(Debug)]
struct Told {
    inner: HttpClient,
}

#[async_trait]
impl HttpService for Told {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let response = self.inner.execute(request).await?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let mut body = Vec::new();
        let mut stream = response.into_body().bytes_stream();
        while let Some(Ok(bytes)) = stream.next().await {
            body.extend_from_slice(&bytes);
            if body.len() >= BODY_MAX_BYTES {
                break;
            }
        }
        let refusal = Refusal {
            status: status.as_u16(),
            code: code_in(&body),
        };
        Err(HttpError::new(HttpErrorKind::Unknown, refusal))
    }
}

/// A status other than success, and the store's word for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("status {status}")]
struct Refusal {
    status: u16,
    code: Option<String>,
}

/// What stands between `<Code>` and its end.
fn code_in(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'.';
    let fits = !code.is_empty() && code.len() <= CODE_MAX_BYTES && code.bytes().all(plain);
    fits.then(|| code.to_owned())
}

/// Why one try of a request did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There is no such object or upload. Without a word of the store it may as well be the
    /// bucket that is missing.
    Missing {
        /// Whether the store said which of them.
        told: bool,
    },
    /// The bucket is not there.
    NoBucket,
    /// A condition of the request does not hold.
    Condition,
    /// Wrong keys, or rights that are missing.
    Denied(String),
    /// The store does not know what it was asked.
    Unsupported,
    /// Another answer.
    Refused {
        /// Its status.
        status: u16,
        /// The store's word for it.
        code: Option<String>,
    },
    /// Trying again may help.
    Passing(String),
    /// The answer ended before all of it was there.
    Short {
        /// What came.
        got: u64,
        /// What was to come.
        expected: u64,
    },
    /// Something of this machine failed, which is told as it is.
    Local(String),
}

impl Trouble {
    /// Whether the same request may succeed a moment later.
    pub(super) const fn is_passing(&self) -> bool {
        matches!(self, Self::Passing(_) | Self::Short { .. })
    }

    /// What an error of the client stands for.
    pub(super) fn of(error: &object_store::Error) -> Self {
        let mut transport = None;
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        let mut last = String::new();
        while let Some(current) = cause {
            if let Some(refusal) = current.downcast_ref::<Refusal>() {
                return Self::of_refusal(refusal);
            }
            if let Some(error) = current.downcast_ref::<HttpError>() {
                transport = Some(error.kind());
            }
            last = current.to_string();
            cause = current.source();
        }
        match transport {
            Some(HttpErrorKind::Timeout) => Self::Passing("no answer in time".to_owned()),
            // The innermost cause is that of the system or of TLS, and names no address.
            Some(_) => Self::Passing(last),
            None if matches!(error, object_store::Error::Generic { .. }) => {
                Self::Passing("its answer makes no sense".to_owned())
            }
            None => Self::Local("the request could not be made".to_owned()),
        }
    }

    fn of_refusal(refusal: &Refusal) -> Self {
        let Refusal { status, code } = refusal.clone();
        let word = code.as_deref().unwrap_or_default();
        match (status, word) {
            (404, "NoSuchBucket") => Self::NoBucket,
            (404, _) => Self::Missing {
                told: code.is_some(),
            },
            (304 | 412, _) => Self::Condition,
            (401 | 403, _)
            | (
                400,
                "AuthorizationHeaderMalformed"
                | "ExpiredToken"
                | "InvalidAccessKeyId"
                | "InvalidToken",
            ) => Self::Denied(told(status, code.as_deref())),
            (501, _) => Self::Unsupported,
            (408 | 429 | 500.., _)
            | (409, "ConditionalRequestConflict" | "OperationAborted")
            | (
                400,
                "BadDigest"
                | "IncompleteBody"
                | "InvalidDigest"
                | "RequestTimeout"
                | "XAmzContentSHA256Mismatch",
            ) => Self::Passing(told(status, code.as_deref())),
            _ => Self::Refused { status, code },
        }
    }
}

fn told(status: u16, code: Option<&str>) -> String {
    code.map_or_else(
        || format!("status {status}"),
        |code| format!("status {status} ({code})"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, code: &str) -> Trouble {
        let code = (!code.is_empty()).then(|| code.to_owned());
        Trouble::of_refusal(&Refusal { status, code })
    }

    #[test]
    fn only_the_word_for_an_error_is_taken_from_its_body() {
        let body = b"<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code>\
            <AWSAccessKeyId>AKIAEXAMPLE</AWSAccessKeyId></Error>";
        assert_eq!(code_in(body).as_deref(), Some("SignatureDoesNotMatch"));
        for odd in [
            "",
            "<Code>",
            "<Code></Code>",
            "<Code>a b</Code>",
            "<Code>\n</Code>",
        ] {
            assert_eq!(code_in(odd.as_bytes()), None, "{odd}");
        }
        let long = format!("<Code>{}</Code>", "x".repeat(65));
        assert_eq!(code_in(long.as_bytes()), None);
    }

    #[test]
    fn an_answer_is_told_by_its_status_and_word() {
        assert_eq!(of(404, "NoSuchBucket"), Trouble::NoBucket);
        assert_eq!(of(404, "NoSuchKey"), Trouble::Missing { told: true });
        assert_eq!(of(404, ""), Trouble::Missing { told: false });
        assert_eq!(of(412, "PreconditionFailed"), Trouble::Condition);
        assert_eq!(of(501, "NotImplemented"), Trouble::Unsupported);
        assert!(matches!(of(403, ""), Trouble::Denied(_)));
        assert!(matches!(of(400, "InvalidAccessKeyId"), Trouble::Denied(_)));
        assert!(matches!(of(301, ""), Trouble::Refused { status: 301, .. }));
        assert!(matches!(of(409, ""), Trouble::Refused { .. }));
    }

    #[test]
    fn what_passes_is_tried_again_and_nothing_else() {
        for (status, code) in [
            (500, "InternalError"),
            (503, "SlowDown"),
            (429, ""),
            (408, ""),
            (409, "ConditionalRequestConflict"),
            (400, "BadDigest"),
        ] {
            assert!(of(status, code).is_passing(), "{status} {code}");
        }
        for (status, code) in [(400, ""), (403, ""), (404, ""), (412, ""), (501, "")] {
            assert!(!of(status, code).is_passing(), "{status} {code}");
        }
    }
}
