//! What one route is, as data: the router, both OpenAPI documents, `/docs`, the manifest and the
//! authorization test read the same table. No handler lives here.

use super::schema::{Schema, text, text_of};
use super::wire::{self, Wire};
use crate::domain::limits::{TEXT_ID_MAX_CHARS, TEXT_ID_MIN_CHARS};
use axum::http::Method;

/// The media type of ordinary bodies.
pub const JSON: &str = "application/json";
/// RFC 7396.
pub const MERGE_PATCH_JSON: &str = "application/merge-patch+json";
/// RFC 6902.
pub const JSON_PATCH_JSON: &str = "application/json-patch+json";

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The administrator's key.
    Admin,
    /// The key of the user whose handle is in the path.
    Owner,
    /// The key of a user with the role of editor on the object.
    Editor,
    /// The key of anybody that the object is shared with.
    Reader,
    /// Anybody, when the project is public.
    PublicRead,
    /// Anybody.
    Anyone,
}

/// The kind of object that `Owner`, `Editor`, `Reader` and `PublicRead` refer to. Its handles
/// are in the path: `{user_handle}` and one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectKind {
    /// None beyond the user in the path, if any.
    None,
    /// `{user_handle}/{project_handle}`.
    Project,
    /// `{user_handle}/{definition_handle}`.
    Definition,
    /// `{user_handle}/{instance_handle}`.
    Instance,
}

/// Who may use a route, on which object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Any of these.
    pub who: &'static [Who],
    /// The object.
    pub object: ObjectKind,
}

impl Access {
    /// Anybody.
    pub const ANYONE: Self = Self {
        who: &[Who::Anyone],
        object: ObjectKind::None,
    };
    /// The administrator.
    pub const ADMIN: Self = Self {
        who: &[Who::Admin],
        object: ObjectKind::None,
    };
    /// The administrator and the user in the path.
    pub const OWNER: Self = Self {
        who: &[Who::Admin, Who::Owner],
        object: ObjectKind::None,
    };

    /// The administrator and the owner of the object.
    #[must_use]
    pub const fn owner_of(object: ObjectKind) -> Self {
        Self {
            who: &[Who::Admin, Who::Owner],
            object,
        }
    }

    /// The administrator, the owner, and whoever may change what is in the object.
    #[must_use]
    pub const fn editor_of(object: ObjectKind) -> Self {
        Self {
            who: &[Who::Admin, Who::Owner, Who::Editor],
            object,
        }
    }

    /// The administrator, the owner, and whoever the object is shared with.
    #[must_use]
    pub const fn reader_of(object: ObjectKind) -> Self {
        Self {
            who: &[Who::Admin, Who::Owner, Who::Reader],
            object,
        }
    }

    /// Readers of a project, and everybody when it is public.
    pub const PUBLIC_READER: Self = Self {
        who: &[Who::Admin, Who::Owner, Who::Reader, Who::PublicRead],
        object: ObjectKind::Project,
    };

    /// Whether these are among those who may.
    #[must_use]
    pub fn admits(&self, who: Who) -> bool {
        self.who.contains(&who)
    }
}

/// A parameter of the query or of the path.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its type; the default is in it.
    pub schema: Schema,
}

/// What a route reads.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestBody {
    /// Media types and what is read in each; the first one is meant when none is named.
    pub content: Vec<(&'static str, Schema)>,
}

/// What a route answers when all is well.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// No body.
    Nothing,
    /// A JSON object that names its schema, with a `Link` header.
    Linked(&'static Schema),
    /// A JSON object without either.
    Plain(&'static Schema),
    /// A JSON list.
    List(&'static Schema),
    /// A document of another media type, or JSON that describes itself.
    Document(&'static str),
}

/// One route.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Method.
    pub method: Method,
    /// Path with parameters in braces, as the router takes it.
    pub path: &'static str,
    /// Name, unique.
    pub id: &'static str,
    /// What it does, imperative, without period.
    pub summary: &'static str,
    /// Under which heading it is documented.
    pub tag: &'static str,
    /// Who may use it.
    pub access: Access,
    /// Parameters of the query.
    pub query: Vec<Parameter>,
    /// What it reads.
    pub body: Option<RequestBody>,
    /// The status when all is well.
    pub success: u16,
    /// What it answers then.
    pub answer: Answer,
    /// Further statuses that are no error: 304 without a body, others with the same answer.
    pub also: &'static [u16],
    /// Error statuses beyond those that follow from the access, the parameters and the body.
    pub errors: &'static [u16],
}

impl Operation {
    /// A route of this method, for anybody, without body, that answers nothing (204).
    #[must_use]
    pub const fn new(method: Method, path: &'static str, id: &'static str) -> Self {
        Self {
            method,
            path,
            id,
            summary: "",
            tag: "",
            access: Access::ANYONE,
            query: Vec::new(),
            body: None,
            success: 204,
            answer: Answer::Nothing,
            also: &[],
            errors: &[],
        }
    }

    /// Says what it does.
    #[must_use]
    pub const fn summary(mut self, text: &'static str) -> Self {
        self.summary = text;
        self
    }

    /// Puts it under a heading.
    #[must_use]
    pub const fn tag(mut self, tag: &'static str) -> Self {
        self.tag = tag;
        self
    }

    /// Says who may use it.
    #[must_use]
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Adds a parameter of the query.
    #[must_use]
    pub fn query(mut self, name: &'static str, schema: Schema) -> Self {
        self.query.push(Parameter { name, schema });
        self
    }

    /// Reads a JSON body.
    #[must_use]
    pub fn reads(self, schema: &Schema) -> Self {
        self.reads_as(JSON, schema.clone())
    }

    /// Reads a body of this media type.
    #[must_use]
    pub fn reads_as(mut self, media_type: &'static str, schema: Schema) -> Self {
        self.body
            .get_or_insert_with(|| RequestBody {
                content: Vec::new(),
            })
            .content
            .push((media_type, schema));
        self
    }

    /// Answers this when all is well.
    #[must_use]
    pub fn answers(mut self, success: u16, answer: Answer) -> Self {
        self.success = success;
        self.answer = answer;
        self
    }

    /// Further statuses that are no error: 304 without a body, others with the same answer.
    #[must_use]
    pub const fn or_status(mut self, statuses: &'static [u16]) -> Self {
        self.also = statuses;
        self
    }

    /// Error statuses of its own.
    #[must_use]
    pub const fn fails(mut self, statuses: &'static [u16]) -> Self {
        self.errors = statuses;
        self
    }

    /// The method as text.
    #[must_use]
    pub fn method_name(&self) -> &'static str {
        match self.method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            // The table holds no other; a test says so.
            _ => "",
        }
    }

    /// The parameters of the path, in their order.
    #[must_use]
    pub fn path_parameters(&self) -> Vec<Parameter> {
        self.path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| Parameter {
                name,
                schema: path_schema(name),
            })
            .collect()
    }

    /// Every error status that the route documents, in order.
    #[must_use]
    pub fn error_statuses(&self) -> Vec<u16> {
        let mut statuses = self.errors.to_vec();
        if !self.access.admits(Who::Anyone) {
            statuses.push(401);
        }
        let path_is_limited = self
            .path_parameters()
            .iter()
            .any(|parameter| parameter.schema.kind != text().kind);
        if path_is_limited || !self.query.is_empty() {
            statuses.push(422);
        }
        if self.body.is_some() {
            statuses.extend([400, 408, 413, 415, 422]);
        }
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}

/// What a parameter of the path looks like. Handles and text ids have a length; the rest is
/// looked up as it is.
fn path_schema(name: &str) -> Schema {
    match name {
        "text_id" => text_of(TEXT_ID_MIN_CHARS, TEXT_ID_MAX_CHARS)
            .about("The text id, percent-encoded where needed."),
        _ if name.ends_with("_handle") => wire::handle(),
        _ => text(),
    }
}

/// An answer of a type that is the same in both dialects.
#[must_use]
pub fn answer<T: Wire>() -> Answer {
    match T::LINK {
        wire::SchemaLink::Given => Answer::Linked(T::schema()),
        wire::SchemaLink::Omitted => Answer::Plain(T::schema()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::schema::long;

    #[test]
    fn path_parameters_are_read_from_the_path() {
        let operation = Operation::new(
            Method::GET,
            "/v1/embeddings/{user_handle}/{project_handle}/{text_id}",
            "x",
        );
        let names: Vec<_> = operation.path_parameters().iter().map(|p| p.name).collect();
        assert_eq!(names, ["user_handle", "project_handle", "text_id"]);
    }

    #[test]
    fn error_statuses_follow_from_what_a_route_reads_and_who_may_use_it() {
        let open = Operation::new(Method::GET, "/", "x");
        assert!(open.error_statuses().is_empty());
        let list = Operation::new(Method::GET, "/v1/users", "x")
            .access(Access::ADMIN)
            .query("limit", long())
            .fails(&[404]);
        assert_eq!(list.error_statuses(), [401, 404, 422]);
        let write = Operation::new(Method::POST, "/v1/users", "x").reads(&long());
        assert_eq!(write.error_statuses(), [400, 408, 413, 415, 422]);
    }
}
