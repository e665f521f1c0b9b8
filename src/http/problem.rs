//! Error answers: problem details (RFC 9457), in the shape that upstream's clients know.
//!
//! A problem never carries database text, a secret or the request's body. Which error of the
//! application becomes which problem is decided where the application is called.

use super::base_url::{BaseUrl, schema_link};
use super::json;
use super::schema::{any, array, integer, text};
use super::wire::{Wire as _, nested, wire};
use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, LINK, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use serde::Serialize;
use serde_json::Value;

/// The media type of every error answer.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorDetail {
    /// What is wrong.
    pub message: String,
    /// Where: `body.embeddings[0].text_id`, `query.limit`, `path.text_id`.
    pub location: String,
    /// What was there, if it is short and may be repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

wire!(ErrorDetail, "ErrorDetail", |object| object
    .required("message", text().about("What is wrong."))
    .required(
        "location",
        text().about("Where: `body.embeddings[0].text_id`, `query.limit`, `path.text_id`.")
    )
    .optional(
        "value",
        any().about("What was there; only short values that are no secret.")
    ));

/// An error answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<ErrorDetail>,
    allow: Option<String>,
    retry_after_secs: Option<u64>,
}

wire!(Problem, "ErrorModel", |object| object
    .required("title", text().about("The reason phrase of the status."))
    .required("status", integer())
    .required("detail", text())
    .optional("errors", array(nested::<ErrorDetail>())));

/// What is written.
#[derive(Serialize)]
struct Document<'a> {
    title: &'a str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ErrorDetail],
}

impl Problem {
    /// Any status, for those that have no builder of their own.
    #[must_use]
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            errors: Vec::new(),
            allow: None,
            retry_after_secs: None,
        }
    }

    /// 400: the request makes no sense.
    #[must_use]
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// 400 for a body that cannot be read at all; `message` says why without repeating it.
    #[must_use]
    pub fn unreadable_body(message: impl Into<String>) -> Self {
        let mut problem = Self::bad_request("validation failed");
        problem.errors.push(ErrorDetail {
            message: message.into(),
            location: "body".to_owned(),
            value: None,
        });
        problem
    }

    /// 401, always in the same words: they must not tell what is wrong with the key.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Authentication failed. Perhaps a missing or incorrect API key?",
        )
    }

    /// 403: the caller is known and may not.
    #[must_use]
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 404.
    #[must_use]
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// 405. `allow` lists the methods that the path has, as in `GET, PUT`.
    #[must_use]
    pub fn not_allowed(allow: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
        problem.allow = Some(allow.into());
        problem
    }

    /// 408: the body did not arrive in time.
    #[must_use]
    pub fn timeout() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "request body read timeout")
    }

    /// 409: the state of the data does not allow it.
    #[must_use]
    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// 413: the body is larger than this many bytes.
    #[must_use]
    pub fn too_large(limit_bytes: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("request body is too large limit={limit_bytes} bytes"),
        )
    }

    /// 415: the body is of a type that the route does not read.
    #[must_use]
    pub fn unsupported_media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported content type",
        )
    }

    /// 422 with everything that is wrong.
    #[must_use]
    pub fn unprocessable(errors: Vec<ErrorDetail>) -> Self {
        let mut problem = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation failed");
        problem.errors = errors;
        problem
    }

    /// 500. The cause is in the log under this id, and nowhere else.
    #[must_use]
    pub fn internal(request_id: &str) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("internal error; the log has it under request id {request_id}"),
        )
    }

    /// 503: trying again after this many seconds can help.
    #[must_use]
    pub fn unavailable(retry_after_secs: u64) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the service is unavailable for the moment",
        );
        problem.retry_after_secs = Some(retry_after_secs);
        problem
    }

    /// 503, for a change while the database takes none; the text says why.
    #[must_use]
    pub fn read_only(detail: impl Into<String>, retry_after_secs: u64) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, detail);
        problem.retry_after_secs = Some(retry_after_secs);
        problem
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// What went wrong, in one sentence.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Everything that is wrong with the request, for a 400 or 422.
    #[must_use]
    pub fn errors(&self) -> &[ErrorDetail] {
        &self.errors
    }

    /// The body, with the URL of its schema first.
    #[must_use]
    pub fn body(&self, schema_url: &str) -> Vec<u8> {
        json::encode_with_schema_url(
            &Document {
                title: title(self.status),
                status: self.status.as_u16(),
                detail: &self.detail,
                errors: &self.errors,
            },
            schema_url,
        )
    }

    fn response(self, schema_url: &str) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body(schema_url)));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Ok(link) = HeaderValue::from_str(&schema_link(Self::NAME)) {
            headers.insert(LINK, link);
        }
        if let Some(allow) = self.allow.as_deref().map(HeaderValue::from_str)
            && let Ok(allow) = allow
        {
            headers.insert(ALLOW, allow);
        }
        if let Some(seconds) = self.retry_after_secs {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The reason phrase as upstream's clients know it: that of Go, which keeps an older name of 413.
fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        other => other.canonical_reason().unwrap_or("Error"),
    }
}

impl IntoResponse for Problem {
    /// The URL of the schema is relative here, since the host is not known;
    /// [`with_base_url`] makes it absolute. The problem stays in the response's extensions.
    fn into_response(self) -> Response<Body> {
        let relative = format!("/schemas/{}.json", Self::NAME);
        self.response(&relative)
    }
}

/// Writes the problem of a response again, with the absolute URL of its schema. A response that
/// is no problem stays as it is; headers that were added meanwhile stay too.
#[must_use]
pub fn with_base_url(mut response: Response<Body>, base: &BaseUrl) -> Response<Body> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        let body = problem.body(&base.schema_url(Problem::NAME));
        response
            .headers_mut()
            .remove(axum::http::header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::base_url::Transport;

    fn text(problem: &Problem) -> String {
        String::from_utf8(problem.body("/schemas/ErrorModel.json")).unwrap()
    }

    #[test]
    fn the_keys_of_a_problem_come_in_upstreams_order() {
        let problem = Problem::unprocessable(vec![ErrorDetail {
            message: "expected number >= 1".to_owned(),
            location: "query.limit".to_owned(),
            value: Some(Value::from(0)),
        }]);
        assert_eq!(
            text(&problem),
            concat!(
                r#"{"$schema":"/schemas/ErrorModel.json","title":"Unprocessable Entity","#,
                r#""status":422,"detail":"validation failed","errors":[{"message":"#,
                r#""expected number >= 1","location":"query.limit","value":0}]}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_refused_key_is_answered_in_constant_words() {
        assert_eq!(
            text(&Problem::unauthorized()),
            concat!(
                r#"{"$schema":"/schemas/ErrorModel.json","title":"Unauthorized","status":401,"#,
                r#""detail":"Authentication failed. Perhaps a missing or incorrect API key?"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn a_problem_brings_its_type_its_link_and_its_headers() {
        let response = Problem::not_allowed("GET, PUT").into_response();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(response.headers()[CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(
            response.headers()[LINK],
            "</schemas/ErrorModel.json>; rel=\"describedBy\""
        );
        assert_eq!(response.headers()[ALLOW], "GET, PUT");
        let busy = Problem::unavailable(2).into_response();
        assert_eq!(busy.headers()[RETRY_AFTER], "2");
    }

    #[tokio::test]
    async fn the_schema_of_a_problem_is_named_under_the_clients_address() {
        let base = BaseUrl::from_host(Some("localhost:1"), Transport::Plain);
        let response = with_base_url(Problem::timeout().into_response(), &base);
        let body = axum::body::to_bytes(response.into_body(), 4096)
            .await
            .unwrap();
        let value: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(
            value["$schema"],
            "http://localhost:1/schemas/ErrorModel.json"
        );
        assert_eq!(value["title"], "Request Timeout");
    }
}
