//! The way of one request through the edge: who, may they, is it well-formed, the route, the
//! event of a refusal.

use super::access;
use super::base_url::BaseUrl;
use super::body;
use super::operation::Operation;
use super::problem::Problem;
use super::request::{ApiRequest, Handler, PathValue, PathValues, RouteResult};
use super::server::PeerIp;
use super::state::ApiState;
use super::{metrics as names, validate};
use crate::app::Call;
use crate::audit::{Decision, Source, Suppressed};
use crate::domain::access::Caller;
use crate::domain::audit::{Action, Details, Origin, Outcome};
use crate::domain::ids::RequestId;
use crate::domain::limits::HANDLE_MAX_CHARS;
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::response::IntoResponse as _;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError};

/// Longest user agent that goes into the audit log.
const USER_AGENT_MAX_CHARS: usize = 200;

/// Answers one request of one operation.
pub async fn answer(
    state: Arc<ApiState>,
    route: usize,
    handler: Handler,
    parts: Parts,
    body: Body,
) -> Response<Body> {
    let Some(operation) = state.operations.get(route) else {
        return Problem::not_found("not found").into_response();
    };
    let request_id = parts.extensions.get::<RequestId>().cloned();
    let request_id = request_id.unwrap_or_else(|| state.app.new_request_id());
    let visit = Visit {
        state: &state,
        operation,
        parts: &parts,
        request_id: &request_id,
    };
    match visit.run(handler, body).await {
        Ok(reply) => reply.into_response(),
        Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => {
            Problem::internal(&request_id.0).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

struct Visit<'a> {
    state: &'a Arc<ApiState>,
    operation: &'a Operation,
    parts: &'a Parts,
    request_id: &'a RequestId,
}

impl Visit<'_> {
    async fn run(&self, handler: Handler, body: Body) -> RouteResult {
        let path = path_values(self.operation, self.parts.uri.path())?;
        let headers = &self.parts.headers;
        let caller = self
            .state
            .app
            .authenticator()
            .caller(authorization(headers))
            .await?;
        let call = Call {
            origin: self.origin(&caller, &path),
            caller,
        };
        let outcome = self.admitted(handler, call.clone(), path, body).await;
        if let Err(problem) = &outcome {
            self.record_refusal(&call, problem.status()).await?;
        }
        outcome
    }

    async fn admitted(
        &self,
        handler: Handler,
        call: Call,
        path: PathValues,
        body: Body,
    ) -> RouteResult {
        let settings = &self.state.settings;
        let checked = async {
            let app = &self.state.app;
            access::authorize(app, self.operation, &call.caller, &path).await?;
            self.check_path(&path)?;
            let query = self.parts.uri.query();
            validate::query(&self.operation.query, query).map_err(Problem::unprocessable)
        };
        let query = match checked.await {
            Ok(query) => query,
            Err(problem) => {
                body::drain(body).await;
                return Err(problem);
            }
        };
        let body = body::read(self.operation, settings, &self.parts.headers, body).await?;
        let _room = self.state.room.take(body.bytes.len()).await;
        let base_url = BaseUrl::of_request(&self.parts.headers);
        let state = Arc::clone(self.state);
        handler(ApiRequest {
            state,
            call,
            base_url,
            path,
            query,
            body,
        })
        .await
    }

    fn check_path(&self, path: &PathValues) -> Result<(), Problem> {
        let given = path
            .0
            .iter()
            .map(|value| (value.name, value.decoded.as_str()));
        validate::path(&self.operation.path_parameters(), given).map_err(Problem::unprocessable)
    }

    /// Every denial and every authentication failure leaves an event, before the answer goes out.
    async fn record_refusal(&self, call: &Call, status: StatusCode) -> Result<(), Problem> {
        let (action, outcome, counter) = match (status, &call.caller) {
            (
                StatusCode::UNAUTHORIZED,
                Caller::Anonymous | Caller::Unknown | Caller::Disabled(_),
            ) => (Action::AuthFailure, Outcome::Failure, names::AUTH_FAILURES),
            (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, _) => {
                (Action::AccessDenied, Outcome::Denied, names::ACCESS_DENIED)
            }
            _ => return Ok(()),
        };
        metrics::counter!(counter).increment(1);
        if action == Action::AuthFailure && self.is_suppressed(call.origin.client_ip) {
            return Ok(());
        }
        let mut details = call.origin.details.clone();
        details.insert("reason".to_owned(), reason(&call.caller, status).into());
        self.state
            .app
            .record(call.origin.clone(), action, outcome, details)
            .await?;
        Ok(())
    }

    fn is_suppressed(&self, address: Option<IpAddr>) -> bool {
        let Some(address) = address else { return false };
        let mut failures = self
            .state
            .failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        failures.on_failure(address, self.state.app.now()) == Decision::Suppress
    }

    fn origin(&self, caller: &Caller, path: &PathValues) -> Origin {
        let mut details = Details::new();
        details.insert("http_method".to_owned(), self.parts.method.as_str().into());
        details.insert("endpoint".to_owned(), endpoint(self.operation, path).into());
        if let Some(agent) = self.parts.headers.get(USER_AGENT) {
            let agent = String::from_utf8_lossy(agent.as_bytes());
            let agent: String = agent.chars().take(USER_AGENT_MAX_CHARS).collect();
            details.insert("user_agent".to_owned(), agent.into());
        }
        let actor = match caller {
            Caller::Admin => "admin",
            Caller::User(user) | Caller::Disabled(user) => user.handle.as_str(),
            Caller::Anonymous | Caller::Unknown => "anonymous",
        };
        Origin {
            actor: actor.to_owned(),
            request_id: self.request_id.clone(),
            client_ip: self.parts.extensions.get::<PeerIp>().map(|peer| peer.0),
            details,
        }
    }
}

/// Which of the failures that the throttle held back are to be recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldBack {
    /// Those whose minute is over.
    Due,
    /// All, because the server stops.
    All,
}

/// Records what the throttle held back, one event a minute and address.
///
/// # Errors
///
/// When the audit log cannot be written.
pub async fn record_held_back(state: &ApiState, which: HeldBack) -> Result<(), Problem> {
    let held_back: Vec<Suppressed> = {
        let mut failures = state
            .failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match which {
            HeldBack::Due => failures.due(state.app.now()),
            HeldBack::All => failures.drain(),
        }
    };
    for suppressed in held_back {
        let mut details = Details::new();
        details.insert("count".to_owned(), suppressed.count.into());
        let client_ip = match suppressed.source {
            Source::Address(address) => Some(address),
            Source::Network64(network) => {
                details.insert("network".to_owned(), format!("{network}/64").into());
                None
            }
            Source::Others => None,
        };
        let origin = Origin {
            actor: "anonymous".to_owned(),
            request_id: state.app.new_request_id(),
            client_ip,
            details: Details::new(),
        };
        state
            .app
            .record(origin, Action::AuthFailure, Outcome::Failure, details)
            .await?;
    }
    Ok(())
}

fn reason(caller: &Caller, status: StatusCode) -> &'static str {
    match caller {
        Caller::Anonymous => "no key",
        Caller::Unknown => "unknown key",
        Caller::Disabled(_) => "disabled user",
        Caller::Admin | Caller::User(_) if status == StatusCode::FORBIDDEN => "forbidden",
        Caller::Admin | Caller::User(_) => "no right",
    }
}

/// The route with its handles filled in. Text ids stay out: they may say what the text is about;
/// and so does what is too long for a handle: it may be a key in the wrong place.
fn endpoint(operation: &Operation, path: &PathValues) -> String {
    let segments = operation.path.split('/').map(|segment| {
        let name = segment
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        match name {
            Some(name) if name.ends_with("_handle") => path
                .get(name)
                .filter(|handle| handle.chars().count() <= HANDLE_MAX_CHARS)
                .unwrap_or(segment),
            _ => segment,
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    // A value that is no text is no key, but it is not "no key at all" either.
    headers
        .get(AUTHORIZATION)
        .map(|value| value.to_str().unwrap_or("invalid"))
}

/// Reads the parameters out of the path as it was sent: the router hands out decoded ones only,
/// and a text id may have to be looked up in the spelling of the client.
fn path_values(operation: &Operation, sent: &str) -> Result<PathValues, Problem> {
    let mut values = Vec::new();
    for (segment, raw) in operation.path.split('/').zip(sent.split('/')) {
        let name = segment
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        let Some(name) = name else { continue };
        let decoded = percent_encoding::percent_decode_str(raw)
            .decode_utf8()
            .map_err(|_| Problem::bad_request("the path is not valid UTF-8"))?;
        values.push(PathValue {
            name,
            raw: raw.to_owned(),
            decoded: decoded.into_owned(),
        });
    }
    Ok(PathValues(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::operations;

    fn operation() -> Operation {
        let operations = operations::all(crate::http::wire::Profile::Embapi);
        let mut operations = operations.into_iter();
        operations
            .find(|operation| operation.id == "get-doc-embeddings")
            .unwrap()
    }

    fn values(path: &str) -> Result<PathValues, Problem> {
        path_values(&operation(), path)
    }

    #[test]
    fn an_event_names_the_handles_of_a_path_and_nothing_that_may_be_a_secret() {
        let key = format!("emb_{}", "k".repeat(49));
        let path = values(&format!("/v1/embeddings/alice/{key}/about-me")).unwrap();
        let named = endpoint(&operation(), &path);
        assert_eq!(named, "/v1/embeddings/alice/{project_handle}/{text_id}");
    }

    #[test]
    fn parameters_are_decoded_once_and_kept_as_sent() {
        let found = values("/v1/embeddings/alice/notes/a%2Fb%252F").unwrap();
        assert_eq!(found.get("user_handle"), Some("alice"));
        assert_eq!(found.get("text_id"), Some("a/b%2F"));
        assert_eq!(found.0[2].raw, "a%2Fb%252F");
    }

    #[test]
    fn a_path_that_is_no_text_is_refused() {
        assert!(values("/v1/embeddings/alice/notes/%ff%fe").is_err());
    }
}
