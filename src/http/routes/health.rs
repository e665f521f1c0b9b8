//! `/healthz` and `/readyz`.

use crate::http::metrics as names;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult};
use crate::http::wire::health::{Health, PartStatus, Readiness, ReadinessParts};
use axum::http::StatusCode;

/// GET `/healthz`: the process answers.
pub async fn health(request: ApiRequest) -> RouteResult {
    Ok(request.object(
        StatusCode::OK,
        &Health {
            status: PartStatus::Ok,
        },
    ))
}

/// GET `/readyz`: the parts work.
pub async fn readiness(request: ApiRequest) -> RouteResult {
    let unready = request.app().unready_parts().await;
    let keyring_works = request.state().keyring.ask().await;
    let part = |name: &'static str, works: bool| {
        metrics::gauge!(names::READY, "part" => name).set(if works { 1.0 } else { 0.0 });
        if works {
            PartStatus::Ok
        } else {
            PartStatus::Failing
        }
    };
    let parts = ReadinessParts {
        database: part("database", !unready.contains(&"database")),
        audit: part("audit", !unready.contains(&"audit")),
        keyring: part("keyring", keyring_works),
    };
    let readiness = Readiness::from(parts);
    let status = match readiness.status {
        PartStatus::Ok => StatusCode::OK,
        PartStatus::Failing => StatusCode::SERVICE_UNAVAILABLE,
    };
    Ok(Reply::object(status, request.base_url(), &readiness))
}
