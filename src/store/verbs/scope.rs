//! The scope of a caller, as part of a query.
//!
//! Every query that carries one binds, in this order: `$1` owner's handle, `$2` the object's
//! handle, `$3` whether everything is in reach, `$4` the user who asks, or NULL. The conditions
//! below are the only place where a right becomes SQL.

use super::engine::{Arguments, Database};
use crate::domain::access::{ObjectPath, Scope};
use sqlx::query::Query;

/// Rows of `p` (projects) that the caller may read.
macro_rules! project_readable {
    () => {
        "($3 OR p.public_read OR p.owner_id = $4 OR EXISTS (\
            SELECT 1 FROM project_shares AS s \
            WHERE s.project_id = p.project_id AND s.user_id = $4))"
    };
}

/// Rows of `p` (projects) whose embeddings the caller may change.
macro_rules! project_writable {
    () => {
        "($3 OR p.owner_id = $4 OR EXISTS (\
            SELECT 1 FROM project_shares AS s \
            WHERE s.project_id = p.project_id AND s.user_id = $4 \
                AND s.role IN ('editor', 'owner')))"
    };
}

/// Rows of `d` (definitions) that the caller may read.
macro_rules! definition_readable {
    () => {
        "($3 OR d.is_public OR d.owner_id = $4 OR EXISTS (\
            SELECT 1 FROM definition_shares AS s \
            WHERE s.definition_id = d.definition_id AND s.user_id = $4))"
    };
}

/// Rows of `i` (instances) that the caller may read.
macro_rules! instance_readable {
    () => {
        "($3 OR i.owner_id = $4 OR EXISTS (\
            SELECT 1 FROM instance_shares AS s \
            WHERE s.instance_id = i.instance_id AND s.user_id = $4))"
    };
}

pub(super) use {definition_readable, instance_readable, project_readable, project_writable};

/// Binds `$1` to `$4`.
pub(super) fn bind_scope<'q>(
    query: Query<'q, Database, Arguments>,
    path: &ObjectPath,
    scope: Scope,
) -> Query<'q, Database, Arguments> {
    query
        .bind(path.owner.as_str())
        .bind(path.handle.as_str())
        .bind(scope == Scope::Admin)
        .bind(user_of(scope))
}

/// The user who asks; `None` for one who needs no right, or has none.
pub(super) const fn user_of(scope: Scope) -> Option<i64> {
    match scope {
        Scope::User(id) => Some(id.0),
        Scope::Admin | Scope::Public => None,
    }
}
