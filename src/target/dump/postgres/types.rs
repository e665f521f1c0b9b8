//! Which types travel in binary form, and which columns are vectors.
//!
//! The binary form of arrays and rows names their types by number, and other numbers mean the same
//! types in the database that is restored into. The text form names nothing.

use super::error::ServerError;
use sqlx::Row as _;
use sqlx::postgres::{PgConnection, PgRow};
use std::collections::HashMap;

/// The first number that a type of a user or an extension can have (`FirstNormalObjectId`). Those
/// below are the same in every database.
const FIRST_OF_USERS: i64 = 16_384;

/// Types that hold the number of something else: `regproc`, `regprocedure`, `regoper`,
/// `regoperator`, `regclass`, `regtype`, `regconfig`, `regdictionary`, `regnamespace`, `regrole`,
/// `regcollation`.
const NAMES_BY_NUMBER: [i64; 11] = [
    24, 2202, 2203, 2204, 2205, 2206, 3734, 3769, 4089, 4096, 4191,
];

/// How deep types are looked into. Nobody nests them like this.
const DEEPEST: u32 = 32;

const TYPES: &str = "\
    SELECT t.oid::bigint, t.typtype::text, t.typbasetype::bigint, \
        CASE WHEN t.typsubscript = 'array_subscript_handler'::regproc THEN t.typelem::bigint \
            ELSE 0 END, \
        coalesce(r.rngsubtype::bigint, 0), t.typsend <> 0 AND t.typreceive <> 0, \
        CASE WHEN e.extname = 'vector' THEN t.typname::text END \
    FROM pg_type AS t \
    LEFT JOIN pg_range AS r ON t.oid IN (r.rngtypid, r.rngmultitypid) \
    LEFT JOIN pg_depend AS d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid \
        AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' \
    LEFT JOIN pg_extension AS e ON e.oid = d.refobjid";

/// What is known of a type.
#[derive(Clone, Copy, Debug)]
struct Kind {
    /// `b` base, `c` composite, `d` domain, `e` enum, `m` multirange, `p` pseudo, `r` range.
    letter: char,
    /// Of a domain: its type.
    base: i64,
    /// Of an array: the type of its elements.
    element: i64,
    /// Of a range: the type of its bounds.
    bound: i64,
    has_binary: bool,
    /// Of a vector: the bytes of its numbers.
    float_width: Option<u8>,
}

/// The types of a database.
pub(super) struct Types(HashMap<i64, Kind>);

impl Types {
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, ServerError> {
        let rows = sqlx::query(TYPES).fetch_all(connection).await?;
        let types: Result<_, sqlx::Error> = rows.iter().map(kind).collect();
        Ok(Self(types?))
    }

    /// Whether the binary form of a type means the same in every database.
    pub(super) fn travels_in_binary(&self, number: i64) -> bool {
        self.is_portable(number, DEEPEST)
    }

    fn is_portable(&self, number: i64, depth: u32) -> bool {
        let Some(kind) = self.0.get(&number) else {
            return false;
        };
        if depth == 0 || !kind.has_binary || NAMES_BY_NUMBER.contains(&number) {
            return false;
        }
        let depth = depth - 1;
        match kind.letter {
            'd' => self.is_portable(kind.base, depth),
            'r' | 'm' => self.is_portable(kind.bound, depth),
            'c' | 'p' => false,
            _ if kind.element != 0 => {
                kind.element < FIRST_OF_USERS && self.is_portable(kind.element, depth)
            }
            _ => true,
        }
    }

    /// The bytes of each number of a vector, or of a domain over one.
    pub(super) fn float_width(&self, number: i64) -> Option<u8> {
        let mut kind = self.0.get(&number)?;
        for _ in 0..DEEPEST {
            if kind.letter != 'd' {
                break;
            }
            kind = self.0.get(&kind.base)?;
        }
        kind.float_width
    }
}

fn kind(row: &PgRow) -> Result<(i64, Kind), sqlx::Error> {
    let letter: String = row.try_get(1)?;
    let vector: Option<String> = row.try_get(6)?;
    let kind = Kind {
        letter: letter.chars().next().unwrap_or('p'),
        base: row.try_get(2)?,
        element: row.try_get(3)?,
        bound: row.try_get(4)?,
        has_binary: row.try_get(5)?,
        float_width: match vector.as_deref() {
            Some("vector") => Some(4),
            Some("halfvec") => Some(2),
            _ => None,
        },
    };
    Ok((row.try_get(0)?, kind))
}
