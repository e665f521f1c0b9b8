//! A database of everything that is awkward to carry over.

/// Everything before and behind the rows.
pub(in crate::target) const SCHEMA: &str = r#"
CREATE SCHEMA "Odd ""schema""; --";
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s; "odd"');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN percent AS numeric CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN unit_vector AS vector(3);
CREATE TYPE float_range AS RANGE (subtype = float8);
CREATE TYPE mood_range AS RANGE (subtype = mood);

CREATE TABLE types (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 5 INCREMENT BY 3) PRIMARY KEY,
    b boolean, i2 smallint, i4 int DEFAULT 7, f4 real, f8 double precision, n numeric, m money,
    t text, vc varchar(20), c char(5), by bytea, j json, jb jsonb,
    ts timestamp, tz timestamptz, d date, ti time, tt timetz, iv interval,
    u uuid, ip inet, ci cidr, mac macaddr, mac8 macaddr8, tv tsvector, tq tsquery,
    bi bit(5), vb bit varying, p point, po polygon, ci2 circle,
    ia int[], ta text[], r int4range, tr tstzrange, mr int4multirange,
    mo mood, pc percent, fr float_range, mor mood_range,
    v vector(3), hv halfvec, sv sparsevec(5), uv unit_vector,
    o oid, lsn pg_lsn, xi xid8, jp jsonpath, na name, ch "char",
    doubled int GENERATED ALWAYS AS (i4 * 2) STORED
);
CREATE TABLE by_name (id int PRIMARY KEY, rc regclass, rt regtype, rp regprocedure, rn regnamespace);
CREATE TABLE moods (id int PRIMARY KEY, a mood[]);
CREATE TABLE pairs (id int PRIMARY KEY, one pair, many pair[]);
CREATE TABLE vectors (id int PRIMARY KEY, a vector[]);
CREATE DOMAIN several AS mood[];
CREATE TABLE deep (id int PRIMARY KEY, s several, acl aclitem);
CREATE TABLE "Odd ""schema""; --"."Odd ""table""; --" (
    "the ""column""" int PRIMARY KEY, "select" text COLLATE "C", dropped int);
ALTER TABLE "Odd ""schema""; --"."Odd ""table""; --" DROP COLUMN dropped;
CREATE TABLE no_columns ();
CREATE TABLE only_generated (g int GENERATED ALWAYS AS (1 + 1) STORED);
CREATE UNLOGGED TABLE fleeting (i int);

CREATE TABLE parted (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
CREATE INDEX parted_at ON parted (at);
CREATE TABLE parent (i int CHECK (i > 0), t text);
CREATE TABLE child (extra int) INHERITS (parent);

CREATE TABLE hen (id int PRIMARY KEY, egg_id int);
CREATE TABLE egg (id int PRIMARY KEY, hen_id int REFERENCES hen DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE hen ADD FOREIGN KEY (egg_id) REFERENCES egg DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE);

CREATE SEQUENCE never_used START 42;
CREATE SEQUENCE used AS smallint INCREMENT BY -2;

CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN NEW.t := coalesce(NEW.t, '') || '; touched'; RETURN NEW; END; $f$;
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON parent FOR EACH ROW EXECUTE FUNCTION touched();
CREATE FUNCTION atomic(i int) RETURNS int LANGUAGE sql IMMUTABLE
BEGIN ATOMIC SELECT CASE WHEN i > 1 THEN 2 ELSE 3 END; END;
CREATE RULE no_delete AS ON DELETE TO tree DO ALSO (SELECT 1; SELECT 2);
CREATE POLICY mine ON hen USING (id > 0);
CREATE STATISTICS related ON i4, i2 FROM types;
COMMENT ON TABLE tree IS 'it''s; a tree';

CREATE INDEX by_expression ON types (lower(left(t, 10)), atomic(i4));
CREATE UNIQUE INDEX in_part ON types (u) WHERE u IS NOT NULL AND b;
CREATE INDEX near ON types USING hnsw (v vector_cosine_ops);
ALTER TABLE types ADD CONSTRAINT apart EXCLUDE USING gist (tr WITH &&) WHERE (tr IS NOT NULL);
ALTER TABLE types ADD CONSTRAINT sane CHECK (i2 IS NULL OR i2 > -32769) NOT VALID;

CREATE VIEW between AS SELECT id, i4, doubled FROM types;
CREATE MATERIALIZED VIEW first AS SELECT count(*) AS n, sum(doubled) AS s FROM between;
CREATE MATERIALIZED VIEW second AS SELECT n + 1 AS n FROM first;
CREATE UNIQUE INDEX second_n ON second (n);
CREATE MATERIALIZED VIEW unfilled AS SELECT 1 AS one WITH NO DATA;
"#;

/// Its rows.
pub(in crate::target) const ROWS: &str = r#"
INSERT INTO types (i4) VALUES (NULL);
INSERT INTO types (b, i2, i4, f4, f8, n, m, t, vc, c, by, j, jb, ts, tz, d, ti, tt, iv, u, ip, ci,
    mac, mac8, tv, tq, bi, vb, p, po, ci2, ia, ta, r, tr, mr, mo, pc, fr, mor, v, hv, sv, uv, o,
    lsn, xi, jp, na, ch) VALUES
(true, -32768, -1073741824, 'NaN', '-Infinity', 'NaN', '-92233720368547758.08', '', '', '', '',
 '{"a":  1, "a": 2}', '{"b": [1e400, null, "\u00e9"]}', '-infinity', 'infinity', 'infinity',
 '00:00', '24:00:00-15:59', '-178000000 years', '00000000-0000-0000-0000-000000000000', '::1/64',
 '10.0.0.0/8', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff:ff:ff', '''it''''s'':1A,2B', 'a & !b <-> c:*',
 B'10101', B'', '(1e308,-0)', '((0,0),(1,1),(2,0))', '<(1,2),3>', '{}', '{}', 'empty', NULL, '{}',
 'sad', 0, '[-Infinity,NaN)', '[sad,ok]', '[0,-0,1e-40]', '[-0]', '{}/5', '[1,2,3]', 4294967295,
 'FFFFFFFF/FFFFFFFF', '18446744073709551615', '$.a ? (@ > 1)', 'a name', 'x')
"#;

/// More of them, of which none has an odd form that a server may refuse.
pub(in crate::target) const MORE_ROWS: &str = r#"
INSERT INTO types (b, i2, i4, f4, f8, n, t, vc, c, by, jb, ts, tz, d, ti, iv, u, bi, vb, ia, ta, r,
    tr, mr, mo, pc, fr, v, hv, sv) VALUES
(false, 32767, 1073741823, '-0', '-0', 'Infinity', E'tab\t, newline\n, back\\slash, \u00e9\U0001F600',
 '12345678901234567890', 'abc', '\x00ff0a5c', '[]', '4713-01-01 00:00:00 BC',
 '294276-12-31 23:59:59.999999+00', '4713-01-01 BC', '24:00:00', '178000000 years -1 mon 3 days 0.000001 sec',
 'ffffffff-ffff-ffff-ffff-ffffffffffff', B'00000', B'101', '[-1:0][2:3]={{1,2},{3,NULL}}',
 '{NULL,"NULL","",",{}\""}', '[1,)', '[2024-01-01,infinity)', '{[1,2),[5,)}', 'it''s; "odd"', 100,
 '(,)', '[3.4028235e38,-1.1754944e-38,0.1]', '[65504,-6.1e-5,5.96e-8]', '{1:0.5,5:-1}/5'),
(NULL, NULL, 0, 'Infinity', 'NaN', '-Infinity', repeat(md5('huge'), 300000), NULL, NULL,
 decode(repeat('00ff', 500000), 'hex'), jsonb_build_object('k', repeat('v', 100000)),
 'infinity', '-infinity', '-infinity', NULL, '0', NULL, NULL, NULL, ARRAY[[[1]],[[2]]], NULL, NULL,
 '[-infinity,2023-01-01]', NULL, NULL, 0.000000000000000000000000000001, NULL, NULL,
 '[1]', NULL),
(NULL, NULL, 1, 1.1754944e-38, 5e-324, 1e-1000::numeric + 1e1000::numeric, NULL, NULL, NULL, NULL,
 'null', NULL, '0001-01-01 00:00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
 NULL, NULL, NULL, NULL, '[1,2,3]', '[1,2]', NULL);
INSERT INTO by_name VALUES
    (1, 'types', 'mood[]', 'atomic(int)', 'public'),
    (2, '"Odd ""schema""; --"."Odd ""table""; --"', 'vector', 'lower(text)', '"Odd ""schema""; --"'),
    (3, NULL, NULL, NULL, NULL);
INSERT INTO moods VALUES (1, '{}'), (2, '{sad,NULL,"it''s; \"odd\""}'), (3, NULL);
INSERT INTO pairs VALUES (1, (1, 'a,"b)'), ARRAY[(NULL, '')::pair, NULL]), (2, NULL, '{}');
INSERT INTO vectors VALUES (1, ARRAY['[1,2]'::vector, NULL]), (2, NULL);
INSERT INTO deep VALUES (1, '{ok}', 'postgres=r/postgres'), (2, NULL, NULL);
INSERT INTO "Odd ""schema""; --"."Odd ""table""; --" VALUES (1, E'\\N'), (2, E'\\.'), (3, NULL);
INSERT INTO no_columns DEFAULT VALUES; INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO only_generated DEFAULT VALUES;
INSERT INTO fleeting VALUES (1);
INSERT INTO parted VALUES (1, '2024-06-01'), (2, '2030-01-01'), (3, '2024-12-31');
INSERT INTO parent VALUES (1, 'parent'); INSERT INTO child VALUES (2, 'child', 3);
BEGIN; INSERT INTO hen VALUES (1, 1); INSERT INTO egg VALUES (1, 1); COMMIT;
INSERT INTO tree VALUES (1, NULL), (3, 1), (2, 3);
SELECT nextval('used'), nextval('used');
REFRESH MATERIALIZED VIEW first; REFRESH MATERIALIZED VIEW second;
ANALYZE;
"#;
