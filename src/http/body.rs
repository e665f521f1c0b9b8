//! Reads a request body under a size limit and a time limit.

use super::operation::Operation;
use super::problem::Problem;
use super::request::ReadBody;
use super::state::ApiSettings;
use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::time::Duration;

/// Longest time that is spent on the rest of a body that nobody is going to read.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);

/// Reads the body of an operation that has one. What it says is the route's affair.
///
/// # Errors
///
/// 400, 408, 413, 415.
pub async fn read(
    operation: &Operation,
    settings: &ApiSettings,
    headers: &HeaderMap,
    body: Body,
) -> Result<ReadBody, Problem> {
    let Some(accepted) = &operation.body else {
        return Ok(ReadBody::default());
    };
    let content_type = media_type(headers);
    let found = match &content_type {
        None => accepted.content.first(),
        Some(given) => accepted
            .content
            .iter()
            .find(|(accepted, _)| accepted == given),
    };
    if found.is_none() {
        drain(settings, body).await;
        return Err(Problem::unsupported_media_type());
    }
    let limited = Limited::new(body, settings.max_body_bytes);
    let bytes = match tokio::time::timeout(settings.body_timeout, limited.collect()).await {
        Err(_) => return Err(Problem::timeout()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(Problem::too_large(settings.max_body_bytes));
        }
        Ok(Err(_)) => return Err(Problem::unreadable_body("the body ended early")),
        Ok(Ok(collected)) => collected.to_bytes(),
    };
    Ok(ReadBody {
        content_type,
        bytes,
    })
}

/// Reads on after a refusal, within limits, so that the client gets to see the answer rather
/// than a reset connection.
pub async fn drain(settings: &ApiSettings, body: Body) {
    let rest = Limited::new(body, settings.max_body_bytes);
    let mut rest = std::pin::pin!(rest);
    let read = async { while let Some(Ok(_)) = rest.frame().await {} };
    let _elapsed = tokio::time::timeout(DRAIN_TIMEOUT, read).await;
}

/// The media type without its parameters, lower case; `None` when the client names none.
fn media_type(headers: &HeaderMap) -> Option<String> {
    // What cannot be read is a type of its own, which nothing accepts.
    let text = headers.get(CONTENT_TYPE)?.to_str().unwrap_or("invalid");
    let essence = text
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    (!essence.is_empty()).then_some(essence)
}
