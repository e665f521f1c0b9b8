//! The outer layer, around every request, known path or not: request id, log line, metrics,
//! headers, and a panic that ends one request instead of the server.
//!
//! Never logs a key, a query or a body.

use super::base_url::BaseUrl;
use super::metrics as names;
use super::problem::{self, Problem};
use super::server::PeerIp;
use super::state::{ApiState, CorsOrigins};
use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    CACHE_CONTROL, HeaderName, HeaderValue, ORIGIN, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use axum::middleware::Next;
use axum::response::IntoResponse as _;
use futures_util::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument as _;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ALLOWED_METHODS: HeaderValue =
    HeaderValue::from_static("GET, POST, PUT, DELETE, OPTIONS, PATCH");
const ALLOWED_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept, Authorization, Content-Type, Content-Disposition, Origin, X-Requested-With",
);

/// Wraps one request.
pub async fn observe(
    State(state): State<Arc<ApiState>>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let started = Instant::now();
    let request_id = state.app.new_request_id();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let client_ip = request.extensions().get::<PeerIp>().map(|peer| peer.0);
    let origin = request.headers().get(ORIGIN).cloned();
    let base = BaseUrl::of_request(request.headers());
    request.extensions_mut().insert(request_id.clone());
    let span = tracing::info_span!("request", %request_id);

    let mut response = if method == Method::OPTIONS {
        Response::new(Body::empty())
    } else {
        let answered = AssertUnwindSafe(next.run(request))
            .catch_unwind()
            .instrument(span.clone());
        // The panic hook has told where it happened; what it said may hold a secret.
        answered
            .await
            .unwrap_or_else(|_| Problem::internal(&request_id.0).into_response())
    };
    response = finish(response, &base, &state.settings.cors, origin.as_ref());
    if let Ok(value) = HeaderValue::from_str(&request_id.0) {
        response.headers_mut().insert(REQUEST_ID, value);
    }

    let status = response.status();
    let duration = started.elapsed();
    let method = name_of(&method);
    count(method, &route, status, duration.as_secs_f64());
    let duration_ms = duration.as_millis();
    let client_ip = client_ip.map(|ip| ip.to_string()).unwrap_or_default();
    span.in_scope(|| {
        let status = status.as_u16();
        tracing::info!(method, route, status, duration_ms, client_ip, "answered");
    });
    response
}

fn finish(
    response: Response<Body>,
    base: &BaseUrl,
    cors: &CorsOrigins,
    origin: Option<&HeaderValue>,
) -> Response<Body> {
    let mut response = problem::with_base_url(response, base);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    allow_origin(headers, cors, origin);
    response
}

fn allow_origin(headers: &mut HeaderMap, cors: &CorsOrigins, origin: Option<&HeaderValue>) {
    let allowed = match cors {
        CorsOrigins::Any => HeaderValue::from_static("*"),
        CorsOrigins::Listed(listed) => {
            headers.append(VARY, HeaderValue::from_static("Origin"));
            let Some(origin) = origin else { return };
            if !listed
                .iter()
                .any(|listed| listed.as_bytes() == origin.as_bytes())
            {
                return;
            }
            origin.clone()
        }
    };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
}

/// What a method is called in the log and in the metrics. A client may invent methods, and may
/// send a key where the method belongs: one name for all of those keeps the series few and keys out
/// of the log.
const fn name_of(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

fn count(method: &'static str, route: &str, status: StatusCode, seconds: f64) {
    let status = status.as_str().to_owned();
    metrics::counter!(
        names::HTTP_REQUESTS,
        "method" => method, "route" => route.to_owned(), "status" => status
    )
    .increment(1);
    metrics::histogram!(
        names::HTTP_REQUEST_DURATION,
        "method" => method, "route" => route.to_owned()
    )
    .record(seconds);
}
