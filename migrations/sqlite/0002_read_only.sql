-- What holds for the whole database, in one row. While `read_only` holds a reason, nothing but what
-- that reason is about may write.
CREATE TABLE embsec_state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    read_only TEXT
) STRICT;

INSERT INTO embsec_state (only_row, read_only) VALUES (1, NULL);

UPDATE embsec_schema SET version = 2;
