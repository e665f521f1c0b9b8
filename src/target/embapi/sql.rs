//! The statements that read embapi's tables a page at a time, in the order of their keys.
//!
//! Every page statement takes the key behind which it begins and the number of rows. Users may
//! arrive under other names: statements whose order depends on that take the old and the new names
//! as their last two parameters.

use super::connect::KeyColumn;

/// Milliseconds since 1970 of a column without time zone. Upstream writes the time of its server,
/// which its documentation runs in UTC.
macro_rules! millis {
    ($column:literal) => {
        concat!("floor(extract(epoch FROM ", $column, ") * 1000)::int8")
    };
}

macro_rules! users {
    ($key:literal) => {
        concat!(
            "SELECT coalesce(r.new, u.user_handle) COLLATE \"C\", u.user_handle::text, u.name, \
             u.email, u.",
            $key,
            "::text, ",
            millis!("u.created_at"),
            ", ",
            millis!("u.updated_at"),
            " FROM users AS u \
             LEFT JOIN unnest($3::text[], $4::text[]) AS r (old, new) ON r.old = u.user_handle \
             WHERE $1::text IS NULL OR coalesce(r.new, u.user_handle) COLLATE \"C\" > $1 \
             ORDER BY 1 LIMIT $2"
        )
    };
}

/// A user whose column holds anything but a digest has no key.
macro_rules! user_keys {
    ($key:literal) => {
        concat!(
            "SELECT u.",
            $key,
            "::text COLLATE \"C\", u.user_handle::text, ",
            millis!("u.created_at"),
            " FROM users AS u WHERE u.",
            $key,
            "::text ~ '^[0-9a-f]{64}$' AND u.user_handle <> '_system' \
             AND ($1::text IS NULL OR u.",
            $key,
            "::text COLLATE \"C\" > $1) ORDER BY 1 LIMIT $2"
        )
    };
}

/// Users.
pub(super) const fn users(column: KeyColumn) -> &'static str {
    match column {
        KeyColumn::Vdb => users!("vdb_key"),
        KeyColumn::Embapi => users!("embapi_key"),
    }
}

/// Digests of users' keys.
pub(super) const fn user_keys(column: KeyColumn) -> &'static str {
    match column {
        KeyColumn::Vdb => user_keys!("vdb_key"),
        KeyColumn::Embapi => user_keys!("embapi_key"),
    }
}

/// API standards.
pub(super) const API_STANDARDS: &str = concat!(
    "SELECT api_standard_handle::text COLLATE \"C\", coalesce(description, ''), key_method::text, \
     coalesce(key_field, '')::text, ",
    millis!("created_at"),
    ", ",
    millis!("updated_at"),
    " FROM api_standards \
     WHERE $1::text IS NULL OR api_standard_handle::text COLLATE \"C\" > $1 ORDER BY 1 LIMIT $2"
);

/// Definitions.
pub(super) const DEFINITIONS: &str = concat!(
    "SELECT definition_id::int8, owner::text, definition_handle::text, endpoint, description, \
     api_standard::text, model, dimensions, context_limit, is_public, ",
    millis!("created_at"),
    ", ",
    millis!("updated_at"),
    " FROM definitions WHERE definition_id > $1 ORDER BY definition_id LIMIT $2"
);

/// Shares of definitions; one with the owner is none.
pub(super) const DEFINITION_SHARES: &str = concat!(
    "SELECT s.definition_id::int8, coalesce(r.new, s.user_handle) COLLATE \"C\", ",
    millis!("s.created_at"),
    " FROM definitions_shared_with AS s \
     JOIN definitions AS o ON o.definition_id = s.definition_id \
     LEFT JOIN unnest($4::text[], $5::text[]) AS r (old, new) ON r.old = s.user_handle \
     WHERE s.user_handle <> o.owner \
       AND (s.definition_id, coalesce(r.new, s.user_handle) COLLATE \"C\") > ($1, $2) \
     ORDER BY 1, 2 LIMIT $3"
);

/// Instances.
pub(super) const INSTANCES: &str = concat!(
    "SELECT instance_id::int8, owner::text, instance_handle::text, endpoint, description, \
     api_standard::text, model, dimensions, context_limit, definition_id::int8, \
     api_key_encrypted, ",
    millis!("created_at"),
    ", ",
    millis!("updated_at"),
    " FROM instances WHERE instance_id > $1 ORDER BY instance_id LIMIT $2"
);

/// Shares of instances; one with the owner is none.
pub(super) const INSTANCE_SHARES: &str = concat!(
    "SELECT s.instance_id::int8, coalesce(r.new, s.user_handle) COLLATE \"C\", s.role::text, ",
    millis!("s.created_at"),
    ", ",
    millis!("s.updated_at"),
    " FROM instances_shared_with AS s JOIN instances AS o ON o.instance_id = s.instance_id \
     LEFT JOIN unnest($4::text[], $5::text[]) AS r (old, new) ON r.old = s.user_handle \
     WHERE s.user_handle <> o.owner \
       AND (s.instance_id, coalesce(r.new, s.user_handle) COLLATE \"C\") > ($1, $2) \
     ORDER BY 1, 2 LIMIT $3"
);

/// Projects.
pub(super) const PROJECTS: &str = concat!(
    "SELECT project_id::int8, owner::text, project_handle::text, description, metadata_scheme, \
     coalesce(public_read, false), instance_id::int8, ",
    millis!("created_at"),
    ", ",
    millis!("updated_at"),
    " FROM projects WHERE project_id > $1 ORDER BY project_id LIMIT $2"
);

/// Shares of projects; upstream links the owner too, which is no share.
pub(super) const PROJECT_SHARES: &str = concat!(
    "SELECT s.project_id::int8, coalesce(r.new, s.user_handle) COLLATE \"C\", s.role::text, ",
    millis!("s.created_at"),
    ", ",
    millis!("s.updated_at"),
    " FROM users_projects AS s JOIN projects AS o ON o.project_id = s.project_id \
     LEFT JOIN unnest($4::text[], $5::text[]) AS r (old, new) ON r.old = s.user_handle \
     WHERE s.user_handle <> o.owner \
       AND (s.project_id, coalesce(r.new, s.user_handle) COLLATE \"C\") > ($1, $2) \
     ORDER BY 1, 2 LIMIT $3"
);

/// What is read of an embedding. The last column but one is never NULL for a row that was not
/// made by hand.
macro_rules! embedding_columns {
    () => {
        concat!(
            "SELECT e.embeddings_id::int8, e.project_id::int8, e.instance_id::int8, e.text_id, \
             e.vector_dim, e.vector, e.text, e.metadata::text, ",
            millis!("e.created_at"),
            ", ",
            millis!("e.updated_at")
        )
    };
}

/// Whether another row, left behind or uploaded again after a transfer, stands for the same text
/// of the same project and is to be kept instead: the one that was written last, among those of
/// one moment the one of the project's owner. A row that nobody can use does not count.
macro_rules! gives_way {
    () => {
        "EXISTS (SELECT 1 FROM embeddings AS o JOIN projects AS p ON p.project_id = o.project_id \
         WHERE o.text_id = e.text_id AND o.project_id = e.project_id \
           AND o.instance_id = e.instance_id AND o.embeddings_id <> e.embeddings_id \
           AND vector_dims(o.vector) = o.vector_dim AND l2_norm(o.vector) > 0 \
           AND coalesce(jsonb_typeof(o.metadata) IN ('object', 'null'), true) \
           AND (o.updated_at, o.owner = p.owner, o.embeddings_id) \
             > (e.updated_at, e.owner = p.owner, e.embeddings_id))"
    };
}

/// Embeddings.
pub(super) const EMBEDDINGS: &str = concat!(
    embedding_columns!(),
    " FROM embeddings AS e WHERE e.embeddings_id > $1 ORDER BY e.embeddings_id LIMIT $2"
);

/// Embeddings, without those that give way to another.
pub(super) const EMBEDDINGS_REPAIRED: &str = concat!(
    embedding_columns!(),
    " FROM embeddings AS e WHERE e.embeddings_id > $1 AND NOT ",
    gives_way!(),
    " ORDER BY e.embeddings_id LIMIT $2"
);

/// Embeddings of a project, nearest first. Nothing here lets the server use an index, so the
/// search is exact.
pub(super) const NEAREST: &str = concat!(
    embedding_columns!(),
    ", 1 - (e.vector <=> $2) FROM embeddings AS e \
     WHERE e.project_id = $1 AND e.vector_dim = $3 AND vector_dims(e.vector) = $3 \
       AND l2_norm(e.vector) > 0 AND NOT ",
    gives_way!(),
    " ORDER BY e.vector <=> $2, e.embeddings_id"
);

/// Embeddings that may be unusable. A document that a parser of JSON could refuse is long: it has
/// a number of more than 200 digits, since `jsonb` writes no exponents, or more than 100 levels.
pub(super) const SUSPICIOUS_EMBEDDINGS: &str = concat!(
    embedding_columns!(),
    " FROM embeddings AS e \
     WHERE e.text_id IS NULL OR e.text_id = '' OR vector_dims(e.vector) <> e.vector_dim \
        OR l2_norm(e.vector) = 0 OR jsonb_typeof(e.metadata) NOT IN ('object', 'null') \
        OR (length(e.metadata::text) > 200 \
            AND (e.metadata::text ~ '[0-9]{200}' \
                 OR length(e.metadata::text) \
                    - length(translate(e.metadata::text, '[{', '')) > 100)) \
     ORDER BY e.embeddings_id"
);

/// Whether any embedding names another owner than its project.
pub(super) const HAS_OLD_OWNERS: &str = "\
    SELECT EXISTS (SELECT 1 FROM embeddings AS e JOIN projects AS p ON p.project_id = e.project_id \
                   WHERE e.owner <> p.owner)";

/// Embeddings that name another owner, by project and that owner.
pub(super) const OLD_OWNERS: &str = "\
    SELECT p.project_id::int8, p.owner::text, p.project_handle::text, e.owner::text, count(*), \
           min(e.embeddings_id)::int8, max(e.embeddings_id)::int8 \
    FROM embeddings AS e JOIN projects AS p ON p.project_id = e.project_id \
    WHERE e.owner <> p.owner GROUP BY p.project_id, e.owner ORDER BY 1, 4";

/// Embeddings that give way to another, by project.
pub(super) const GIVING_WAY: &str = concat!(
    "SELECT e.project_id::int8, count(*) FROM embeddings AS e WHERE ",
    gives_way!(),
    " GROUP BY 1"
);

/// Handles that embsec could not hold, and what depends on them. Upstream takes none below three
/// characters, so that only a row that was written by hand has one.
pub(super) const SHORT_HANDLES: &str = "\
    SELECT 1, api_standard_handle::text, 0::int8, 0::int8 FROM api_standards \
    WHERE length(api_standard_handle) < 3 \
    UNION ALL SELECT 2, definition_handle::text, definition_id::int8, 0 FROM definitions \
    WHERE length(definition_handle) < 3 OR length(api_standard) < 3 \
    UNION ALL SELECT 3, instance_handle::text, instance_id::int8, \
        (SELECT count(*) FROM embeddings AS e WHERE e.instance_id = i.instance_id) \
    FROM instances AS i WHERE length(instance_handle) < 3 OR length(api_standard) < 3 \
    UNION ALL SELECT 4, project_handle::text, project_id::int8, \
        (SELECT count(*) FROM embeddings AS e WHERE e.project_id = p.project_id) \
    FROM projects AS p \
    WHERE length(project_handle) < 3 OR EXISTS (SELECT 1 FROM instances AS i \
        WHERE i.instance_id = p.instance_id \
          AND (length(i.instance_handle) < 3 OR length(i.api_standard) < 3))";

/// Every handle of a user.
pub(super) const USER_HANDLES: &str = "SELECT user_handle::text FROM users ORDER BY 1";

/// How many provider keys are sealed.
pub(super) const SEALED_KEYS: &str = "\
    SELECT count(*) FROM instances WHERE octet_length(api_key_encrypted) > 0";
