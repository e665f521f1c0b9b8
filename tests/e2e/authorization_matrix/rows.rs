//! What is expected, written out: upstream's table of who may do what, with 401 where it has 401
//! and 403 only where it has 403.

/// Who asks. Reader and editor have that role on the object that the route names; the disabled
/// user is an editor of everything.
pub(super) const CALLERS: &[&str] = &[
    "nobody",
    "malformed",
    "unknown",
    "stranger",
    "reader",
    "editor",
    "owner",
    "disabled",
    "admin",
];

/// The id of an operation and the status for each of [`CALLERS`], in that order.
#[rustfmt::skip]
pub(super) const ROWS: &[(&str, [u16; 9])] = &[
    //                           nobody malf  unkn  strang reader editor owner disab admin
    ("get-users",                   [401, 401, 401, 401, 401, 401, 401, 401, 200]),
    ("post-user",                   [401, 401, 401, 401, 401, 401, 401, 401, 201]),
    ("get-user",                    [401, 401, 401, 401, 401, 401, 200, 401, 200]),
    ("put-user",                    [401, 401, 401, 401, 401, 401, 401, 401, 201]),
    ("patch-user",                  [401, 401, 401, 401, 401, 401, 401, 401, 201]),
    ("delete-user",                 [401, 401, 401, 401, 401, 401, 204, 401, 204]),

    ("get-projects",                [401, 401, 401, 401, 401, 401, 200, 401, 200]),
    ("post-project",                [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("get-project",                 [401, 401, 401, 401, 200, 200, 200, 401, 200]),
    ("put-project",                 [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("patch-project",               [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("delete-project",              [401, 401, 401, 401, 401, 401, 204, 401, 204]),
    ("share-project",               [401, 401, 401, 401, 401, 401, 201, 401, 403]),
    ("unshare-project",             [401, 401, 401, 401, 401, 401, 204, 401, 403]),
    ("get-project-shared-users",    [401, 401, 401, 401, 401, 401, 200, 401, 403]),
    ("get-project-policy",          [401, 401, 401, 401, 200, 200, 200, 401, 200]),
    ("patch-project-policy",        [401, 401, 401, 401, 401, 401, 200, 401, 200]),
    ("transfer-project-ownership",  [401, 401, 401, 401, 401, 401, 200, 401, 403]),

    ("post-proj-embeddings",        [401, 401, 401, 401, 401, 201, 201, 401, 201]),
    ("get-proj-embeddings",         [401, 401, 401, 401, 200, 200, 200, 401, 200]),
    ("delete-proj-embeddings",      [401, 401, 401, 401, 401, 204, 204, 401, 204]),
    ("get-doc-embeddings",          [401, 401, 401, 401, 200, 200, 200, 401, 200]),
    ("delete-doc-embeddings",       [401, 401, 401, 401, 401, 204, 204, 401, 204]),
    ("get-similars",                [401, 401, 401, 401, 200, 200, 200, 401, 200]),
    ("post-similars",               [401, 401, 401, 401, 200, 200, 200, 401, 200]),

    ("get-definitions",             [401, 401, 401, 401, 401, 401, 200, 401, 200]),
    ("post-definition",             [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("get-definition",              [401, 401, 401, 401, 200, 200, 200, 401, 403]),
    ("put-definition",              [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("patch-definition",            [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("delete-definition",           [401, 401, 401, 401, 401, 401, 204, 401, 204]),
    ("share-definition",            [401, 401, 401, 401, 401, 401, 201, 401, 403]),
    ("unshare-definition",          [401, 401, 401, 401, 401, 401, 204, 401, 403]),
    ("get-definition-shared-users", [401, 401, 401, 401, 401, 401, 200, 401, 403]),

    ("get-instances",               [401, 401, 401, 401, 401, 401, 200, 401, 200]),
    ("post-instance",               [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("post-instance-from-definition", [401, 401, 401, 401, 401, 401, 200, 401, 200]),
    ("get-instance",                [401, 401, 401, 401, 200, 200, 200, 401, 403]),
    ("put-instance",                [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("patch-instance",              [401, 401, 401, 401, 401, 401, 201, 401, 201]),
    ("delete-instance",             [401, 401, 401, 401, 401, 401, 204, 401, 403]),
    ("share-instance",              [401, 401, 401, 401, 401, 401, 201, 401, 403]),
    ("unshare-instance",            [401, 401, 401, 401, 401, 401, 204, 401, 403]),
    ("get-instance-shared-users",   [401, 401, 401, 401, 401, 401, 200, 401, 403]),

    ("get-api-standards",           [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("post-api-standard",           [401, 401, 401, 401, 401, 401, 401, 401, 201]),
    ("get-api-standard",            [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("put-api-standard",            [401, 401, 401, 401, 401, 401, 401, 401, 201]),
    ("patch-api-standard",          [401, 401, 401, 401, 401, 401, 401, 401, 201]),
    ("delete-api-standard",         [401, 401, 401, 401, 401, 401, 401, 401, 204]),

    // With `api.allow_reset` at its default, not even the administrator may.
    ("get-footgun",                 [401, 401, 401, 401, 401, 401, 401, 401, 405]),
    ("post-footgun",                [401, 401, 401, 401, 401, 401, 401, 401, 403]),
    ("get-sanity-check",            [401, 401, 401, 401, 401, 401, 401, 401, 200]),

    ("get-root",                    [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-manifest",                [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-health",                  [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-readiness",               [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-openapi-json",            [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-openapi-yaml",            [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-openapi-3-0-json",        [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-openapi-3-0-yaml",        [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-docs",                    [200, 200, 200, 200, 200, 200, 200, 200, 200]),
    ("get-schema",                  [200, 200, 200, 200, 200, 200, 200, 200, 200]),
];
