//! A batch of edits, as one `UPDATE` over a range of keys sees it: two functions of SQL tell it
//! which rows still hold their old value, and what the new one is.
//!
//! So a batch is one statement that walks the rows in the order of their keys, whatever the kind
//! of the key, and no value passes through the text of a statement.

use super::row_key;
use crate::target::cipher::{Value, ValueKind};
use crate::target::rows::{Check, Edit};
use crate::target::table::RowKey;
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// `(key, value)`: whether the batch replaces this row and it still holds the old value.
pub(super) const UNCHANGED: &str = "embsec_unchanged";
/// `(key)`: the new value of this row.
pub(super) const NEW: &str = "embsec_new";

/// A batch, and what became of each edit.
pub(super) struct Batch {
    edits: Vec<Edit>,
    fates: Vec<Fate>,
    /// Where the next row is looked for first: statements come to the rows in the order of the
    /// edits.
    next: usize,
    /// Where the others are, once one was not where it was looked for.
    places: Option<HashMap<RowKey, usize>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// The row held something else, or is gone.
    Unmatched,
    /// It was written.
    Written,
    /// It was written and read back.
    ReadBack,
}

impl Batch {
    pub(super) fn new(edits: Vec<Edit>) -> Self {
        Self {
            fates: vec![Fate::Unmatched; edits.len()],
            edits,
            next: 0,
            places: None,
        }
    }

    /// Which edit is of the row with this key.
    fn place(&mut self, key: ValueRef<'_>) -> Option<usize> {
        for place in [self.next, self.next + 1, 0] {
            if self
                .edits
                .get(place)
                .is_some_and(|edit| is_key(&edit.key, key))
            {
                self.next = place;
                return Some(place);
            }
        }
        let edits = &self.edits;
        let places = self.places.get_or_insert_with(|| {
            let edits = edits.iter().enumerate();
            edits
                .map(|(place, edit)| (edit.key.clone(), place))
                .collect()
        });
        let place = places.get(&row_key(key)?).copied()?;
        self.next = place;
        Some(place)
    }

    /// Answers [`UNCHANGED`].
    fn matches(&mut self, key: ValueRef<'_>, now: ValueRef<'_>) -> bool {
        let Some(place) = self.place(key) else {
            return false;
        };
        let is_old = self
            .edits
            .get(place)
            .is_some_and(|edit| is_value(&edit.old, now));
        if let (true, Some(fate)) = (is_old, self.fates.get_mut(place)) {
            *fate = Fate::Written;
        }
        is_old
    }

    /// Answers [`NEW`]; NULL for a row that is not in the batch, which no statement asks for.
    fn new_value(&mut self, key: ValueRef<'_>) -> Owned {
        let place = self.place(key);
        let edit = place.and_then(|place| self.edits.get(place));
        edit.map_or(Owned::Null, |edit| match edit.new.as_text() {
            Some(text) => Owned::Text(text.to_owned()),
            None => Owned::Blob(edit.new.as_bytes().to_owned()),
        })
    }

    /// Takes a row as it is after the statement.
    pub(super) fn read_back(&mut self, key: ValueRef<'_>, now: ValueRef<'_>, check: Check<'_>) {
        let Some(place) = self.place(key) else {
            return;
        };
        if let (Some(edit), Some(fate)) = (self.edits.get(place), self.fates.get_mut(place))
            && *fate == Fate::Written
            && is_value(&edit.new, now)
            && check(edit, &edit.new)
        {
            *fate = Fate::ReadBack;
        }
    }

    /// A row that was written and not read back as it should be; `None` when all of them were, and
    /// they are as many as the statement says.
    pub(super) fn not_as_written(&self, replaced: usize) -> Option<RowKey> {
        let read_back = self.fates.iter().filter(|fate| **fate == Fate::ReadBack);
        let failed = self.fates.iter().position(|fate| *fate == Fate::Written);
        let failed = match failed {
            None if read_back.count() == replaced => return None,
            None => 0,
            Some(place) => place,
        };
        self.edits.get(failed).map(|edit| edit.key.clone())
    }

    /// Rows that were left alone.
    pub(super) fn unmatched(&self) -> Vec<RowKey> {
        let fates = self.edits.iter().zip(&self.fates);
        fates
            .filter(|(_, fate)| **fate == Fate::Unmatched)
            .map(|(edit, _)| edit.key.clone())
            .collect()
    }
}

/// Whether a row has this key.
fn is_key(key: &RowKey, found: ValueRef<'_>) -> bool {
    match (key, found) {
        (RowKey::Integer(key), ValueRef::Integer(found)) => *key == found,
        (RowKey::Text(key) | RowKey::Uuid(key), ValueRef::Text(found)) => key.as_bytes() == found,
        (RowKey::Bytes(key), ValueRef::Blob(found)) => key == found,
        _ => false,
    }
}

/// Whether a column holds this value.
fn is_value(value: &Value, found: ValueRef<'_>) -> bool {
    match (value.kind(), found) {
        (ValueKind::Text, ValueRef::Text(found)) | (ValueKind::Bytes, ValueRef::Blob(found)) => {
            value.as_bytes() == found
        }
        _ => false,
    }
}

/// Makes the functions known to a connection. No view and no trigger of the file can call them.
pub(super) fn install(
    connection: &Connection,
    batch: &Arc<Mutex<Option<Batch>>>,
) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DIRECTONLY;
    let shared = Arc::clone(batch);
    connection.create_scalar_function(UNCHANGED, 2, flags, move |context| {
        let mut batch = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, now) = (context.get_raw(0), context.get_raw(1));
        Ok(batch.as_mut().is_some_and(|batch| batch.matches(key, now)))
    })?;
    let shared = Arc::clone(batch);
    connection.create_scalar_function(NEW, 1, flags, move |context| {
        let mut batch = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let key = context.get_raw(0);
        let new = batch
            .as_mut()
            .map_or(Owned::Null, |batch| batch.new_value(key));
        Ok(ToSqlOutput::Owned(new))
    })
}
