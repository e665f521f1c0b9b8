//! `/v1/admin`.

use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult};
use crate::http::wire::admin::SanityCheckResponse;
use axum::http::StatusCode;

/// GET `/v1/admin/sanity-check`.
pub async fn sanity_check(request: ApiRequest) -> RouteResult {
    let report = request.app().sanity_check().await?;
    let response = SanityCheckResponse::new(report.total_projects, report.issues, report.warnings);
    Ok(request.object(StatusCode::OK, &response))
}

/// GET `/v1/admin/footgun`: upstream's way to wipe all data, only where `api.allow_reset` says so.
pub async fn reset_by_get(request: ApiRequest) -> RouteResult {
    if !request.settings().allow_reset {
        return Err(Problem::not_allowed("POST"));
    }
    reset(request).await
}

/// POST `/v1/admin/footgun`: the same by a method that no link and no crawler uses.
pub async fn reset_by_post(request: ApiRequest) -> RouteResult {
    if !request.settings().allow_reset {
        return Err(Problem::forbidden(
            "resetting is off; `api.allow_reset` would allow it",
        ));
    }
    reset(request).await
}

async fn reset(request: ApiRequest) -> RouteResult {
    request.app().reset(request.call()).await?;
    Ok(Reply::no_content())
}
