//! Whether a database is one to restore into. Reads only.

use super::error::{LackingExtension, LoadError, Refusal};
use super::progress;
use crate::domain::backup::{BackupId, Extension, PostgresFacts, TableShape};
use crate::store::schema_scripts;
use crate::target::dump::postgres::{major, server_facts};
use sqlx::postgres::PgConnection;
use std::cmp::Ordering;

/// What a database holds that a restore may go into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing: the restore begins.
    Empty,
    /// All rows of this backup, and not yet everything behind them: the restore goes on there.
    DataReadable,
}

/// The first thing that somebody made in the database. `$1` is the only schema that is looked at,
/// or nothing for all of them.
const SOMETHING: &str = "\
    WITH made AS ( \
        SELECT 'pg_class'::regclass AS class, c.oid, n.nspname, c.relname AS name \
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') \
        UNION ALL SELECT 'pg_proc'::regclass, p.oid, n.nspname, p.proname \
        FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace \
        UNION ALL SELECT 'pg_type'::regclass, t.oid, n.nspname, t.typname \
        FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace \
        WHERE t.typtype IN ('d', 'e', 'r') \
        UNION ALL SELECT 'pg_namespace'::regclass, n.oid, n.nspname, '' \
        FROM pg_namespace AS n WHERE n.nspname <> 'public' AND $1::text IS NULL) \
    SELECT nspname || CASE name WHEN '' THEN '' ELSE '.' || name END FROM made AS m \
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema' \
        AND ($1::text IS NULL OR nspname = $1) \
        AND NOT EXISTS (SELECT 1 FROM pg_depend AS d WHERE d.classid = m.class \
            AND d.objid = m.oid AND d.deptype = 'e') \
    ORDER BY 1 LIMIT 1";

/// What the server has of an extension, and whether the role may make it.
const AVAILABLE: &str = "\
    SELECT a.installed_version, coalesce(a.installed_version, a.default_version), \
        a.installed_version IS NOT NULL OR r.rolsuper OR NOT v.superuser OR (v.trusted \
            AND has_database_privilege(current_database(), 'CREATE')) \
    FROM pg_available_extensions AS a \
    JOIN pg_roles AS r ON r.rolname = current_user \
    LEFT JOIN pg_available_extension_versions AS v \
        ON v.name = a.name AND v.version = a.default_version \
    WHERE a.name = $1";

const RIGHTS: &str = "\
    SELECT has_database_privilege(current_database(), 'CREATE'), r.rolsuper, \
        coalesce((SELECT has_schema_privilege(n.oid, 'CREATE') FROM pg_namespace AS n \
            WHERE n.nspname = 'public'), true) \
    FROM pg_roles AS r WHERE r.rolname = current_user";

pub(super) async fn check(
    connection: &mut PgConnection,
    facts: &PostgresFacts,
    tables: &[TableShape],
    backup: &BackupId,
) -> Result<Standing, LoadError> {
    let server = server_facts(connection).await?;
    if major(server.version_num) < major(facts.server_version_num) {
        return Err(Refusal::OlderServer {
            found: server.version,
            needed: facts.server_version.clone(),
        }
        .into());
    }
    if server.encoding != facts.encoding {
        return Err(Refusal::Encoding {
            found: server.encoding,
            needed: facts.encoding.clone(),
        }
        .into());
    }
    if let Some(found) = facts.embsec_schema {
        let known = schema_scripts(i64::MAX).map(|(version, _)| version).max();
        let known = known.unwrap_or_default();
        if found > known {
            return Err(Refusal::NewerSchema { found, known }.into());
        }
    }
    if let Some(other) = progress::begun(connection).await? {
        if other != backup.as_str() {
            return Err(Refusal::OtherRestore(other).into());
        }
        return Ok(Standing::DataReadable);
    }
    let only = facts.embsec_schema.map(|_| "embsec");
    let something: Option<String> = sqlx::query_scalar(SOMETHING)
        .bind(only)
        .fetch_optional(&mut *connection)
        .await?;
    if let Some(something) = something {
        return Err(Refusal::NotEmpty(something).into());
    }
    extensions(connection, &facts.extensions).await?;
    rights(connection, facts, tables).await?;
    Ok(Standing::Empty)
}

async fn extensions(connection: &mut PgConnection, needed: &[Extension]) -> Result<(), LoadError> {
    let mut lacking = Vec::new();
    for extension in needed {
        let found: Option<(Option<String>, String, bool)> = sqlx::query_as(AVAILABLE)
            .bind(&extension.name)
            .fetch_optional(&mut *connection)
            .await?;
        match found {
            Some((_, version, may)) if is_at_least(&version, &extension.version) => {
                if !may {
                    let right = format!("to make the extension `{}`", extension.name);
                    return Err(Refusal::NoRight(right).into());
                }
            }
            found => lacking.push(LackingExtension {
                name: extension.name.clone(),
                needed: extension.version.clone(),
                found: found.map(|(_, version, _)| version),
            }),
        }
    }
    if lacking.is_empty() {
        Ok(())
    } else {
        Err(Refusal::Extensions(lacking).into())
    }
}

async fn rights(
    connection: &mut PgConnection,
    facts: &PostgresFacts,
    tables: &[TableShape],
) -> Result<(), LoadError> {
    let (may_create, is_superuser, may_use_public): (bool, bool, bool) =
        sqlx::query_as(RIGHTS).fetch_one(connection).await?;
    if !may_create {
        let right = "to create schemas (CREATE on the database)".to_owned();
        return Err(Refusal::NoRight(right).into());
    }
    if !may_use_public && tables.iter().any(|table| table.schema == "public") {
        let right = "to create tables in the schema `public`".to_owned();
        return Err(Refusal::NoRight(right).into());
    }
    if !is_superuser && facts.post_data.contains("\nCREATE EVENT TRIGGER ") {
        let right = "to create event triggers (a superuser)".to_owned();
        return Err(Refusal::NoRight(right).into());
    }
    Ok(())
}

/// Whether a version is another or a later one: numbers are compared as such.
fn is_at_least(found: &str, needed: &str) -> bool {
    let part = |text: &str| text.parse::<u64>().ok();
    let mut needed = needed.split(['.', '-']);
    let mut found = found.split(['.', '-']);
    loop {
        let (found, needed) = match (found.next(), needed.next()) {
            (_, None) => return true,
            (None, Some(needed)) => return part(needed) == Some(0),
            (Some(found), Some(needed)) => (found, needed),
        };
        let order = match (part(found), part(needed)) {
            (Some(found), Some(needed)) => found.cmp(&needed),
            _ => found.cmp(needed),
        };
        match order {
            Ordering::Greater => return true,
            Ordering::Less => return false,
            Ordering::Equal => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_extensions_are_compared_as_numbers() {
        for (found, needed, fits) in [
            ("0.8.5", "0.8.5", true),
            ("0.10.0", "0.9.9", true),
            ("0.8", "0.8.5", false),
            ("0.8.5", "0.8", true),
            ("1.0", "1.0.0", true),
            ("3.4.0dev", "3.4.0dev", true),
            ("1.2", "1.10", false),
        ] {
            assert_eq!(is_at_least(found, needed), fits, "{found} for {needed}");
        }
    }
}
