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
use tokio::sync::{Semaphore, SemaphorePermit};

/// Longest time that is spent on the rest of a body that nobody is going to read.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(500);
/// Most that is read of such a rest.
const DRAIN_MAX_BYTES: usize = 64 * 1024 * 1024;

/// Bodies of up to this size are worked on at once, however many they are.
const SMALL_BODY_BYTES: usize = 64 * 1024;
/// Most bytes of larger bodies that are worked on at once. What is made of a body can take many
/// times its size, so that a thousand of them would take all memory; the others wait as bytes.
const IN_WORK_MAX_BYTES: u32 = 8 * 1024 * 1024;

/// Reads the body of an operation that has one. What it says is the route's affair.
///
/// # Errors
///
/// 400, 408, 413, 415.
pub async fn read(
    operation: &Operation,
    settings: &ApiSettings,
    headers: &HeaderMap,
    mut body: Body,
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
        drain(body).await;
        return Err(Problem::unsupported_media_type());
    }
    let limited = Limited::new(&mut body, settings.max_body_bytes);
    let bytes = match tokio::time::timeout(settings.body_timeout, limited.collect()).await {
        Err(_) => return Err(Problem::timeout()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            drain(body).await;
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
pub async fn drain(body: Body) {
    let rest = Limited::new(body, DRAIN_MAX_BYTES);
    let mut rest = std::pin::pin!(rest);
    let read = async { while let Some(Ok(_)) = rest.frame().await {} };
    let _elapsed = tokio::time::timeout(DRAIN_TIMEOUT, read).await;
}

/// Lets large bodies be worked on while there is room.
#[derive(Debug)]
pub struct Room(Semaphore);

impl Default for Room {
    fn default() -> Self {
        Self(Semaphore::new(
            usize::try_from(IN_WORK_MAX_BYTES).unwrap_or(usize::MAX),
        ))
    }
}

impl Room {
    /// Waits until there is room for a body of this size; it is taken until what is returned is
    /// dropped. A body larger than all the room has it to itself.
    pub async fn take(&self, size_bytes: usize) -> Option<SemaphorePermit<'_>> {
        if size_bytes <= SMALL_BODY_BYTES {
            return None;
        }
        let size = u32::try_from(size_bytes).unwrap_or(u32::MAX);
        // It fails only when the semaphore is closed, which it never is.
        self.0.acquire_many(size.min(IN_WORK_MAX_BYTES)).await.ok()
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[tokio::test]
    async fn large_bodies_wait_for_room_and_small_ones_do_not() {
        let room = Room::default();
        let all = usize::try_from(IN_WORK_MAX_BYTES).unwrap();
        let half = room.take(all / 2).await;
        assert!(half.is_some());
        assert!(room.take(usize::MAX).now_or_never().is_none());
        assert!(room.take(SMALL_BODY_BYTES).now_or_never().is_some());
        drop(half);
        assert!(room.take(usize::MAX).now_or_never().flatten().is_some());
    }
}
