-- What embapi needs to find, in the form of `db_version` 5 and with the names of constraints and
-- sequences that its own migrations would have left. The indexes on vectors come when the rows are
-- there (`indexes.sql`).

-- Stays empty until everything is there: embapi does not start on a database that has its tables
-- and no version.
CREATE TABLE db_version (version int4 NOT NULL);

-- Goes when everything is there.
CREATE TABLE embsec_export (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    source TEXT NOT NULL,
    started_at TIMESTAMP NOT NULL,
    last_run_at TIMESTAMP NOT NULL
);

CREATE TABLE users (
    user_handle VARCHAR(20) PRIMARY KEY,
    name TEXT,
    email TEXT NOT NULL UNIQUE,
    vdb_key CHAR(64) NOT NULL UNIQUE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE vdb_roles (vdb_role VARCHAR(20) PRIMARY KEY);
INSERT INTO vdb_roles VALUES ('owner'), ('editor'), ('reader');

CREATE TABLE key_methods (key_method VARCHAR(20) PRIMARY KEY);
INSERT INTO key_methods VALUES ('auth_bearer'), ('body_form'), ('query_param'), ('custom_header');

CREATE TABLE api_standards (
    api_standard_handle VARCHAR(20) PRIMARY KEY,
    description TEXT,
    key_method VARCHAR(20) NOT NULL REFERENCES key_methods (key_method),
    key_field VARCHAR(20),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);

CREATE TABLE definitions (
    definition_id SERIAL PRIMARY KEY,
    definition_handle VARCHAR(20) NOT NULL,
    owner VARCHAR(20) NOT NULL REFERENCES users (user_handle) ON DELETE CASCADE,
    endpoint TEXT NOT NULL,
    description TEXT,
    api_standard VARCHAR(20) NOT NULL REFERENCES api_standards (api_standard_handle),
    model TEXT NOT NULL,
    dimensions INTEGER,
    context_limit INTEGER,
    is_public BOOLEAN NOT NULL DEFAULT false,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    UNIQUE (owner, definition_handle)
);

CREATE TABLE definitions_shared_with (
    user_handle VARCHAR(20) NOT NULL REFERENCES users (user_handle) ON DELETE CASCADE,
    definition_id INTEGER NOT NULL REFERENCES definitions (definition_id) ON DELETE CASCADE,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_handle, definition_id)
);
CREATE INDEX definitions_shared_with_user ON definitions_shared_with (user_handle);
CREATE INDEX definitions_shared_with_definition ON definitions_shared_with (definition_id);

-- Was `llm_services` once.
CREATE SEQUENCE llm_services_llm_service_id_seq AS INTEGER;
CREATE TABLE instances (
    instance_id INTEGER NOT NULL DEFAULT nextval('llm_services_llm_service_id_seq')
        CONSTRAINT llm_services_pkey PRIMARY KEY,
    instance_handle VARCHAR(20) NOT NULL,
    owner VARCHAR(20) NOT NULL
        CONSTRAINT llm_services_owner_fkey REFERENCES users (user_handle) ON DELETE CASCADE,
    endpoint TEXT NOT NULL,
    description TEXT,
    api_standard VARCHAR(20) NOT NULL
        CONSTRAINT llm_services_api_standard_fkey REFERENCES api_standards (api_standard_handle),
    model TEXT NOT NULL,
    dimensions INTEGER,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    context_limit INTEGER,
    definition_id INTEGER REFERENCES definitions (definition_id) ON DELETE SET NULL,
    api_key_encrypted BYTEA,
    CONSTRAINT llm_services_owner_llm_service_handle_key UNIQUE (owner, instance_handle)
);
ALTER SEQUENCE llm_services_llm_service_id_seq OWNED BY instances.instance_id;
CREATE INDEX instances_owner_handle ON instances (owner, instance_handle);

CREATE TABLE instances_shared_with (
    user_handle VARCHAR(20) NOT NULL REFERENCES users (user_handle) ON DELETE CASCADE,
    instance_id INTEGER NOT NULL REFERENCES instances (instance_id) ON DELETE CASCADE,
    role VARCHAR(20) NOT NULL REFERENCES vdb_roles (vdb_role),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_handle, instance_id)
);

CREATE TABLE projects (
    project_id SERIAL PRIMARY KEY,
    project_handle VARCHAR(20) NOT NULL,
    owner VARCHAR(20) NOT NULL REFERENCES users (user_handle) ON DELETE CASCADE,
    description TEXT,
    metadata_scheme TEXT,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    public_read BOOLEAN DEFAULT false,
    instance_id INTEGER REFERENCES instances (instance_id) ON DELETE RESTRICT,
    UNIQUE (owner, project_handle)
);

CREATE TABLE users_projects (
    user_handle VARCHAR(20) NOT NULL REFERENCES users (user_handle) ON DELETE CASCADE,
    project_id SERIAL NOT NULL REFERENCES projects (project_id) ON DELETE CASCADE,
    role VARCHAR(20) NOT NULL REFERENCES vdb_roles (vdb_role),
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    PRIMARY KEY (user_handle, project_id)
);

-- `instance_id` was `llm_service_id` once, and has its sequence still.
CREATE SEQUENCE embeddings_llm_service_id_seq AS INTEGER;
CREATE TABLE embeddings (
    embeddings_id SERIAL PRIMARY KEY,
    text_id TEXT,
    owner VARCHAR(20) NOT NULL REFERENCES users (user_handle) ON DELETE CASCADE,
    project_id SERIAL NOT NULL REFERENCES projects (project_id) ON DELETE CASCADE,
    instance_id INTEGER NOT NULL DEFAULT nextval('embeddings_llm_service_id_seq')
        CONSTRAINT embeddings_llm_service_id_fkey REFERENCES instances (instance_id),
    text TEXT,
    vector HALFVEC NOT NULL,
    vector_dim INTEGER NOT NULL,
    metadata JSONB,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    CONSTRAINT embeddings_text_id_owner_project_id_llm_service_id_key
        UNIQUE (text_id, owner, project_id, instance_id)
);
ALTER SEQUENCE embeddings_llm_service_id_seq OWNED BY embeddings.instance_id;
CREATE INDEX embeddings_text_id ON embeddings (text_id);
