//! `/v1/similars`.

use crate::app::search::{MetadataFilter, SearchQuery, Similar};
use crate::domain::access::ObjectPath;
use crate::http::problem::Problem;
use crate::http::reply::Reply;
use crate::http::request::{ApiRequest, RouteResult};
use crate::http::wire::embeddings::{SimilarInput, SimilarItem, SimilarResponse};
use axum::http::StatusCode;

const HANDLE: &str = "project_handle";

/// GET `/v1/similars/{user_handle}/{project_handle}/{text_id}`.
pub async fn by_id(request: ApiRequest) -> RouteResult {
    let path = request.object_path(HANDLE)?;
    let query = search_query(&request)?;
    let ids = request.text_ids();
    let found = request
        .app()
        .similar_to_embedding(request.call(), &path, &ids, &query)
        .await?;
    Ok(answer(&request, &path, found))
}

/// POST `/v1/similars/{user_handle}/{project_handle}`.
pub async fn by_vector(request: ApiRequest) -> RouteResult {
    let input: SimilarInput = request.input()?;
    let path = request.object_path(HANDLE)?;
    let query = search_query(&request)?;
    let found = request
        .app()
        .similar_to_vector(request.call(), &path, &input.vector, &query)
        .await?;
    Ok(answer(&request, &path, found))
}

fn answer(request: &ApiRequest, path: &ObjectPath, found: Vec<Similar>) -> Reply {
    let response = SimilarResponse {
        user_handle: path.owner.to_string(),
        project_handle: path.handle.to_string(),
        results: found
            .into_iter()
            .map(|similar| SimilarItem {
                id: similar.text_id,
                similarity: similar.similarity,
            })
            .collect(),
    };
    request.object(StatusCode::OK, &response)
}

fn search_query(request: &ApiRequest) -> Result<SearchQuery, Problem> {
    let text = |name| request.query().text(name).filter(|text| !text.is_empty());
    let without = match (text("metadata_path"), text("metadata_value")) {
        (None, None) => None,
        (Some(key), Some(value)) => Some(MetadataFilter {
            key: key.to_owned(),
            value: value.to_owned(),
        }),
        (Some(_), None) => {
            return Err(Problem::bad_request(
                "metadata_path is set but metadata_value is not",
            ));
        }
        (None, Some(_)) => {
            return Err(Problem::bad_request(
                "metadata_value is set but metadata_path is not",
            ));
        }
    };
    let page = request.page();
    let count = request
        .query()
        .integer("count")
        .and_then(|count| u32::try_from(count).ok());
    Ok(SearchQuery {
        // Upstream takes the smaller of the two, which its documents call aliases.
        limit: count.map_or(page.limit, |count| count.min(page.limit)),
        offset: page.offset,
        threshold: request.query().number("threshold").unwrap_or(0.0),
        without,
    })
}
