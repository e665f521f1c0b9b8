//! What a route answers when all is well.

use super::base_url::BaseUrl;
use super::json;
use super::wire::{SchemaLink, Wire};
use axum::body::Body;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LINK};
use axum::http::{Response, StatusCode};
use serde::Serialize;

/// An answer.
pub enum Reply {
    /// A body of JSON.
    Json {
        /// Status.
        status: StatusCode,
        /// The encoded body.
        body: Vec<u8>,
        /// The type that a `Link` header points to.
        linked: Option<&'static str>,
    },
    /// A ready document.
    Document {
        /// `Content-Type`.
        content_type: &'static str,
        /// The text.
        body: String,
        /// `Content-Security-Policy`, for pages.
        policy: Option<String>,
    },
    /// Nothing to say.
    Empty(StatusCode),
}

impl Reply {
    /// An object of a named type.
    #[must_use]
    pub fn object<T: Wire + Serialize>(status: StatusCode, base_url: &BaseUrl, value: &T) -> Self {
        match T::LINK {
            SchemaLink::Given => Self::linked(status, base_url, T::NAME, value),
            SchemaLink::Omitted => Self::bare(status, value),
        }
    }

    /// An object that names its schema.
    #[must_use]
    pub fn linked<T: Serialize>(
        status: StatusCode,
        base_url: &BaseUrl,
        name: &'static str,
        value: &T,
    ) -> Self {
        let body = json::encode_with_schema(value, name, base_url);
        Self::Json {
            status,
            body,
            linked: Some(name),
        }
    }

    /// A value that names no schema: arrays, and types that are a request body too.
    #[must_use]
    pub fn bare<T: Serialize>(status: StatusCode, value: &T) -> Self {
        Self::Json {
            status,
            body: json::encode(value),
            linked: None,
        }
    }

    /// 204.
    #[must_use]
    pub const fn no_content() -> Self {
        Self::Empty(StatusCode::NO_CONTENT)
    }

    /// 304.
    #[must_use]
    pub const fn not_modified() -> Self {
        Self::Empty(StatusCode::NOT_MODIFIED)
    }

    /// Builds the response.
    #[must_use]
    pub fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        match self {
            Self::Json {
                status,
                body,
                linked,
            } => {
                *response.status_mut() = status;
                let headers = response.headers_mut();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                let link =
                    linked.map(|name| format!("</schemas/{name}.json>; rel=\"describedBy\""));
                if let Some(link) = link.and_then(|link| HeaderValue::from_str(&link).ok()) {
                    headers.insert(LINK, link);
                }
                *response.body_mut() = Body::from(body);
            }
            Self::Document {
                content_type,
                body,
                policy,
            } => {
                let headers = response.headers_mut();
                headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
                let policy = policy.and_then(|policy| HeaderValue::from_str(&policy).ok());
                if let Some(policy) = policy {
                    headers.insert(CONTENT_SECURITY_POLICY, policy);
                }
                *response.body_mut() = Body::from(body);
            }
            Self::Empty(status) => *response.status_mut() = status,
        }
        response
    }
}
