//! Puts data keys back into a copy of embsec's own database, and what was destroyed since out of
//! service: a project whose last key is destroyed is treated as one that was destroyed here.

use crate::domain::deletion::DestroyedKey;
use crate::domain::ids::ProjectId;
use crate::domain::key::{DataKeyRecord, KeyId, KeyScope};
use crate::store::hidden_handle;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};
use std::collections::BTreeSet;

/// What belongs into embsec's own database beside its rows.
#[derive(Clone, Copy, Debug)]
pub struct OwnKeys<'a> {
    /// The data keys that the backup carries, sealed.
    pub keys: &'a [DataKeyRecord],
    /// Those that were destroyed, in the backup or anywhere else. They are not put back.
    pub destroyed: &'a [DestroyedKey],
    /// When this happens.
    pub now: Timestamp,
}

const INSERT: &str = "\
    INSERT INTO data_keys \
        (key_id, scope, wrapped, master_id, state, messages, created_at, destroy_after) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";

const DESTROYED: &str = "SELECT key_id, scope FROM destroyed_keys";

/// The owner and the handle of a project, the former one of a deleted project, and whether it was
/// given up before.
const PROJECT: &str = "\
    SELECT o.handle, coalesce(p.deleted_handle, p.handle), \
        p.deleted_at IS NOT NULL AND p.deleted_handle IS NULL \
    FROM projects AS p JOIN users AS o ON o.user_id = p.owner_id \
    WHERE p.project_id = $1";

/// A path that is not known now may be known to the copy; one that is there already stays.
const NOTE: &str = "\
    INSERT INTO destroyed_keys (key_id, scope, project_owner, project_handle, destroyed_at) \
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (key_id) DO NOTHING";

/// One that was deleted before keeps its time. Its values are numbered with `?`: SQLite counts `$1` as
/// a name, in order of appearance.
const GIVE_UP: &str = "\
    UPDATE projects SET handle = ?2, deleted_handle = NULL, \
        deleted_at = coalesce(deleted_at, ?3), settings_revision = settings_revision + 1 \
    WHERE project_id = ?1";

const DROP_SHARES: &str = "DELETE FROM project_shares WHERE project_id = $1";

const DROP_ROTATIONS: &str = "DELETE FROM key_rotations WHERE scope = $1";

impl OwnKeys<'_> {
    /// Puts the keys back in one transaction. Returns the projects that came out of service.
    pub(super) fn put_back(&self, connection: &Connection) -> rusqlite::Result<Vec<ProjectId>> {
        let transaction = connection.unchecked_transaction()?;
        for key in self.destroyed {
            self.note(&transaction, key)?;
        }
        let destroyed = destroyed(&transaction)?;
        let is_destroyed = |id: &KeyId| destroyed.iter().any(|(key, _)| *key == id.0);
        let kept: Vec<&DataKeyRecord> = self
            .keys
            .iter()
            .filter(|record| !is_destroyed(&record.key.id))
            .collect();
        for record in &kept {
            insert(&transaction, record)?;
        }
        let living: BTreeSet<String> = kept
            .iter()
            .map(|record| record.key.scope.to_string())
            .collect();
        // One that lost an old key and has another is in service; what that key sealed is lost.
        let doomed: BTreeSet<&String> = destroyed
            .iter()
            .map(|(_, scope)| scope)
            .filter(|scope| !living.contains(*scope))
            .collect();
        let mut projects = Vec::new();
        for scope in doomed {
            if let Some(KeyScope::Project(id)) = KeyScope::parse(scope)
                && self.give_up(&transaction, id)?
            {
                projects.push(id);
            }
        }
        transaction.commit()?;
        Ok(projects)
    }

    fn note(&self, connection: &Connection, key: &DestroyedKey) -> rusqlite::Result<()> {
        let mut path = key
            .project
            .as_ref()
            .map(|path| (path.owner.to_string(), path.handle.to_string()));
        if let (None, KeyScope::Project(id)) = (&path, key.scope) {
            path = project(connection, id)?.map(|(owner, handle, _)| (owner, handle));
        }
        let (owner, handle) = path.unzip();
        let destroyed_at = key.destroyed_at.as_millisecond();
        let values = (
            &key.id.0,
            key.scope.to_string(),
            owner,
            handle,
            destroyed_at,
        );
        connection.execute(NOTE, values)?;
        Ok(())
    }

    /// Takes a project out of service for good. `false`: it is not there, or was so before.
    fn give_up(&self, connection: &Connection, id: ProjectId) -> rusqlite::Result<bool> {
        let Some((_, _, false)) = project(connection, id)? else {
            return Ok(false);
        };
        let values = (id.0, hidden_handle(id.0), self.now.as_millisecond());
        connection.execute(GIVE_UP, values)?;
        connection.execute(DROP_SHARES, [id.0])?;
        connection.execute(DROP_ROTATIONS, [KeyScope::Project(id).to_string()])?;
        Ok(true)
    }
}

fn destroyed(connection: &Connection) -> rusqlite::Result<Vec<(String, String)>> {
    let mut statement = connection.prepare(DESTROYED)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}

fn project(
    connection: &Connection,
    id: ProjectId,
) -> rusqlite::Result<Option<(String, String, bool)>> {
    connection
        .query_row(PROJECT, [id.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()
}

fn insert(connection: &Connection, record: &DataKeyRecord) -> rusqlite::Result<()> {
    let key = &record.key;
    let values = (
        &key.id.0,
        key.scope.to_string(),
        &key.wrapped,
        &key.master_id.0,
        key.state.as_str(),
        i64::try_from(record.messages).unwrap_or(i64::MAX),
        record.created_at.as_millisecond(),
        record.destroy_after.map(Timestamp::as_millisecond),
    );
    connection.execute(INSERT, values)?;
    Ok(())
}
