//! A request that has passed authentication, authorization and validation, as a route sees it.

use super::base_url::BaseUrl;
use super::problem::{ErrorDetail, Problem};
use super::reply::Reply;
use super::schema::Schema;
use super::state::{ApiSettings, ApiState};
use super::text_id;
use super::validate::{self, Query};
use super::wire::{Profile, Wire};
use crate::app::{App, Call};
use crate::domain::access::{ObjectPath, Role};
use crate::domain::ids::Handle;
use crate::domain::page::Page;
use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::pin::Pin;
use std::sync::Arc;

/// What a route returns.
pub type RouteResult = Result<Reply, Problem>;

/// What a route is to the pipeline.
pub type Handler = fn(ApiRequest) -> Pin<Box<dyn Future<Output = RouteResult> + Send>>;

/// One parameter of the path.
#[derive(Clone, Debug)]
pub struct PathValue {
    /// Its name in the route.
    pub name: &'static str,
    /// As it was sent.
    pub raw: String,
    /// Percent-decoded.
    pub decoded: String,
}

/// The parameters of the path.
#[derive(Clone, Debug, Default)]
pub struct PathValues(pub Vec<PathValue>);

impl PathValues {
    /// A parameter by name, decoded.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|value| value.name == name)
            .map(|value| value.decoded.as_str())
    }
}

/// What of a body has been read.
#[derive(Debug, Default)]
pub struct ReadBody {
    /// The media type, without parameters, lower case.
    pub content_type: Option<String>,
    /// The bytes.
    pub bytes: Bytes,
}

/// A request.
pub struct ApiRequest {
    pub(super) state: Arc<ApiState>,
    pub(super) call: Call,
    pub(super) base_url: BaseUrl,
    pub(super) path: PathValues,
    pub(super) query: Query,
    pub(super) body: ReadBody,
}

impl ApiRequest {
    pub(super) fn app(&self) -> &App {
        &self.state.app
    }

    pub(super) fn state(&self) -> &ApiState {
        &self.state
    }

    pub(super) fn settings(&self) -> &ApiSettings {
        &self.state.settings
    }

    pub(super) fn profile(&self) -> Profile {
        self.settings().profile
    }

    pub(super) const fn call(&self) -> &Call {
        &self.call
    }

    pub(super) const fn base_url(&self) -> &BaseUrl {
        &self.base_url
    }

    /// A handle of the path. Its length was validated.
    pub(super) fn handle(&self, name: &str) -> Result<Handle, Problem> {
        let text = self.path.get(name).unwrap_or_default();
        Handle::parse(text).map_err(|error| field(format!("path.{name}"), error.to_string()))
    }

    /// The user of the path.
    pub(super) fn owner(&self) -> Result<Handle, Problem> {
        self.handle("user_handle")
    }

    /// The object of the path: the user and one more handle.
    pub(super) fn object_path(&self, name: &str) -> Result<ObjectPath, Problem> {
        Ok(ObjectPath {
            owner: self.owner()?,
            handle: self.handle(name)?,
        })
    }

    /// The stored ids that the text id of the path may mean.
    pub(super) fn text_ids(&self) -> Vec<String> {
        let value = self.path.0.iter().find(|value| value.name == "text_id");
        value
            .map(|value| text_id::candidates(&value.raw, &value.decoded))
            .unwrap_or_default()
    }

    /// The parameters of the query, checked, with defaults filled in.
    pub(super) const fn query(&self) -> &Query {
        &self.query
    }

    /// The page that was asked for.
    pub(super) fn page(&self) -> Page {
        self.query.page()
    }

    /// The bytes of the body.
    pub(super) fn body(&self) -> &[u8] {
        &self.body.bytes
    }

    /// The media type of the body.
    pub(super) fn content_type(&self) -> Option<&str> {
        self.body.content_type.as_deref()
    }

    /// The body, validated, as a type.
    pub(super) fn input<T: Wire + DeserializeOwned>(&self) -> Result<T, Problem> {
        validate::read(&self.body.bytes)
    }

    /// The body, validated by a schema that the type does not have to itself.
    pub(super) fn input_as<T: DeserializeOwned>(&self, schema: &Schema) -> Result<T, Problem> {
        validate::read_as(schema, &self.body.bytes)
    }

    /// A handle of the body.
    pub(super) fn handle_in_body(&self, name: &str, text: &str) -> Result<Handle, Problem> {
        Handle::parse(text).map_err(|error| field(format!("body.{name}"), error.to_string()))
    }

    /// A role of the body.
    pub(super) fn role_in_body(&self, name: &str, text: &str) -> Result<Role, Problem> {
        text.parse()
            .map_err(|error| field(format!("body.{name}"), format!("{error}")))
    }

    /// Answers with an object, as its type wants it.
    pub(super) fn object<T: Wire + Serialize>(&self, status: StatusCode, value: &T) -> Reply {
        Reply::object(status, &self.base_url, value)
    }
}

/// The handle of the body must be the one of the path.
pub(super) fn same_handle(name: &str, in_path: &Handle, in_body: &str) -> Result<(), Problem> {
    if in_path.as_str() == in_body {
        return Ok(());
    }
    Err(Problem::bad_request(format!(
        "{name} in the body does not match {name} in the path"
    )))
}

fn field(location: String, message: String) -> Problem {
    Problem::unprocessable(vec![ErrorDetail {
        message,
        location,
        value: None,
    }])
}
