-- The first schema. Times are milliseconds since 1970 UTC. Row ids are never used again, because
-- sealed fields are bound to them. Texts compare byte by byte.

-- One row: what this schema is, and the lowest schema version that a binary must know to work
-- on it. A migration that an older binary can live with leaves the second number alone.
CREATE TABLE embsec_schema (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    version INTEGER NOT NULL,
    oldest_binary INTEGER NOT NULL
) STRICT;

INSERT INTO embsec_schema (only_row, version, oldest_binary) VALUES (1, 1, 1);

CREATE TABLE users (
    user_id INTEGER PRIMARY KEY AUTOINCREMENT,
    handle TEXT NOT NULL UNIQUE,
    name TEXT,
    email TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Several keys of one user are good during a rotation with a grace window.
CREATE TABLE user_keys (
    key_digest TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX user_keys_by_user ON user_keys (user_id);

CREATE TABLE admin_keys (
    key_digest TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE api_standards (
    handle TEXT PRIMARY KEY,
    description TEXT NOT NULL,
    key_method TEXT NOT NULL
        CHECK (key_method IN ('auth_bearer', 'body_form', 'query_param', 'custom_header')),
    key_field TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE definitions (
    definition_id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    handle TEXT NOT NULL,
    endpoint TEXT,
    description TEXT,
    api_standard TEXT REFERENCES api_standards (handle) ON DELETE RESTRICT,
    model TEXT,
    dimensions INTEGER CHECK (dimensions > 0),
    context_limit INTEGER CHECK (context_limit > 0),
    is_public INTEGER NOT NULL CHECK (is_public IN (0, 1)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, handle)
) STRICT;

CREATE INDEX definitions_by_api_standard ON definitions (api_standard);

CREATE TABLE definition_shares (
    definition_id INTEGER NOT NULL REFERENCES definitions (definition_id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (definition_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX definition_shares_by_user ON definition_shares (user_id);

-- `api_key` is the provider's key, sealed (`enc:v2:…`), bound to `instance_id`.
CREATE TABLE instances (
    instance_id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    handle TEXT NOT NULL,
    definition_id INTEGER REFERENCES definitions (definition_id) ON DELETE SET NULL,
    endpoint TEXT,
    description TEXT,
    api_standard TEXT REFERENCES api_standards (handle) ON DELETE RESTRICT,
    model TEXT,
    dimensions INTEGER CHECK (dimensions > 0),
    context_limit INTEGER CHECK (context_limit > 0),
    api_key TEXT CHECK (substr(api_key, 1, 7) = 'enc:v2:'),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, handle)
) STRICT;

CREATE INDEX instances_by_definition ON instances (definition_id);
CREATE INDEX instances_by_api_standard ON instances (api_standard);

CREATE TABLE instance_shares (
    instance_id INTEGER NOT NULL REFERENCES instances (instance_id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('reader', 'editor', 'owner')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (instance_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX instance_shares_by_user ON instance_shares (user_id);

-- The three revisions only grow: the first with the settings, the second with the embeddings, the
-- third is the data revision at which rows were last removed.
CREATE TABLE projects (
    project_id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    handle TEXT NOT NULL,
    description TEXT,
    metadata_scheme TEXT,
    public_read INTEGER NOT NULL CHECK (public_read IN (0, 1)),
    instance_id INTEGER REFERENCES instances (instance_id) ON DELETE RESTRICT,
    settings_revision INTEGER NOT NULL DEFAULT 1,
    data_revision INTEGER NOT NULL DEFAULT 0,
    removal_revision INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (owner_id, handle)
) STRICT;

CREATE INDEX projects_by_instance ON projects (instance_id);

CREATE TABLE project_shares (
    project_id INTEGER NOT NULL REFERENCES projects (project_id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('reader', 'editor', 'owner')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (project_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX project_shares_by_user ON project_shares (user_id);

-- The vector stands before the text, so that reading it does not walk a long text's pages. It is
-- IEEE 754 binary16, little endian. Rows belong to the project, whoever owns it.
CREATE TABLE embeddings (
    embedding_id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL REFERENCES projects (project_id) ON DELETE CASCADE,
    instance_id INTEGER NOT NULL REFERENCES instances (instance_id) ON DELETE RESTRICT,
    text_id TEXT NOT NULL,
    data_revision INTEGER NOT NULL,
    vector_dim INTEGER NOT NULL CHECK (vector_dim > 0),
    vector BLOB NOT NULL CHECK (length(vector) = 2 * vector_dim),
    text TEXT,
    metadata TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (project_id, text_id, instance_id)
) STRICT;

-- Scans by row id, the count of a project, and what changed after a revision.
CREATE INDEX embeddings_by_project ON embeddings (project_id);
CREATE INDEX embeddings_by_revision ON embeddings (project_id, data_revision);
CREATE INDEX embeddings_by_instance ON embeddings (instance_id, project_id);

-- Sealed by a master key that is never in the database. `messages` counts what each has sealed.
CREATE TABLE data_keys (
    key_id TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    wrapped TEXT NOT NULL,
    master_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'decrypt-only', 'retired')),
    messages INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX data_keys_one_active ON data_keys (scope) WHERE state = 'active';

-- The last event of each audit stream whose transaction committed.
CREATE TABLE audit_marks (
    stream TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO api_standards (handle, description, key_method, key_field, created_at, updated_at)
VALUES
    ('openai', 'OpenAI embeddings API', 'auth_bearer', 'Authorization',
     unixepoch() * 1000, unixepoch() * 1000),
    ('cohere', 'Cohere embed API', 'auth_bearer', 'Authorization',
     unixepoch() * 1000, unixepoch() * 1000),
    ('gemini', 'Google Gemini API', 'auth_bearer', 'x-goog-api-key',
     unixepoch() * 1000, unixepoch() * 1000);

-- Owns the definitions that every deployment starts with. It has no key, so nobody can be it.
INSERT INTO users (handle, name, email, state, created_at, updated_at)
VALUES ('_system', NULL, 'system@embsec.internal', 'active',
        unixepoch() * 1000, unixepoch() * 1000);

INSERT INTO definitions (owner_id, handle, endpoint, description, api_standard, model,
                         dimensions, context_limit, is_public, created_at, updated_at)
SELECT u.user_id, d.column1, d.column2, d.column3, d.column4, d.column5,
       d.column6, d.column7, 1, u.created_at, u.updated_at
FROM users AS u, (VALUES
    ('openai-large', 'https://api.openai.com/v1/embeddings',
     'OpenAI text-embedding-3-large', 'openai', 'text-embedding-3-large', 3072, 8192),
    ('openai-small', 'https://api.openai.com/v1/embeddings',
     'OpenAI text-embedding-3-small', 'openai', 'text-embedding-3-small', 1536, 8191),
    ('cohere-v4', 'https://api.cohere.com/v2/embed',
     'Cohere Embed 4', 'cohere', 'embed-v4.0', 1536, 128000),
    ('gemini-embedding-001',
     'https://generativelanguage.googleapis.com/v1beta/models/gemini-embedding-001:embedContent',
     'Google Gemini embedding', 'gemini', 'gemini-embedding-001', 3072, 2048)) AS d
WHERE u.handle = '_system';
