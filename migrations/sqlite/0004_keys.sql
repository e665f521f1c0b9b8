-- What of a project is sealed, projects that are out of service until their key is destroyed, and
-- everything that rotating and destroying keys must remember.

-- Text is sealed by default, metadata when the project says so.
ALTER TABLE projects ADD COLUMN encrypt_text INTEGER NOT NULL DEFAULT 1
    CHECK (encrypt_text IN (0, 1));
ALTER TABLE projects ADD COLUMN encrypt_metadata INTEGER NOT NULL DEFAULT 0
    CHECK (encrypt_metadata IN (0, 1));

-- A deleted project keeps its rows until its data keys are destroyed. Its handle becomes `~<id>`,
-- which no client can name, so that the handle is free at once.
ALTER TABLE projects ADD COLUMN deleted_at INTEGER;
ALTER TABLE projects ADD COLUMN deleted_handle TEXT;

-- An instance that only deleted projects use belongs to `_system` as `~<id>`, without its key.
ALTER TABLE instances ADD COLUMN deleted_at INTEGER;
ALTER TABLE instances ADD COLUMN deleted_handle TEXT;

-- When a data key is to be destroyed; nothing while it is not.
ALTER TABLE data_keys ADD COLUMN destroy_after INTEGER;

CREATE INDEX data_keys_by_scope ON data_keys (scope);

-- Data keys that are gone for good. Every backup carries this table, and every restore applies it.
CREATE TABLE destroyed_keys (
    key_id TEXT PRIMARY KEY,
    scope TEXT NOT NULL,
    project_owner TEXT,
    project_handle TEXT,
    destroyed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Rotations of data keys: at most one of a scope is not finished. `after_row` is the row id up to
-- which everything is sealed under the new key.
CREATE TABLE key_rotations (
    rotation_id INTEGER PRIMARY KEY AUTOINCREMENT,
    scope TEXT NOT NULL,
    to_key TEXT NOT NULL,
    after_row INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

CREATE UNIQUE INDEX key_rotations_one_open ON key_rotations (scope) WHERE finished_at IS NULL;

-- Work that only one process may do at a time. A lease that was not renewed is free.
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Servers of this database, and the master keys that each can open: a JSON array of key ids.
CREATE TABLE processes (
    process_id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    keyring_generation INTEGER NOT NULL,
    master_ids TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A binary that does not know sealed texts would hand out what is sealed.
UPDATE embsec_schema SET version = 4, oldest_binary = 4;
