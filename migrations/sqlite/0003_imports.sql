-- Databases that were moved in, or are being moved in: at most one is not finished.
CREATE TABLE imports (
    import_id INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    last_run_at INTEGER NOT NULL,
    finished_at INTEGER
) STRICT;

CREATE UNIQUE INDEX imports_one_open ON imports ((finished_at IS NULL)) WHERE finished_at IS NULL;

UPDATE embsec_schema SET version = 3;
