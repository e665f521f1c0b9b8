-- Proofs that the keys can be recovered: `kind` is escrow or shares.
CREATE TABLE drills (
    drill_id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('escrow', 'shares')),
    drilled_at INTEGER NOT NULL,
    master_id TEXT NOT NULL,
    passed INTEGER NOT NULL CHECK (passed IN (0, 1))
) STRICT;

UPDATE embsec_schema SET version = 5;
