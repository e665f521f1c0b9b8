//! What becomes of one stored value: opened, and sealed anew where that is the aim.

use crate::app::keys::ScopeKeys;
use crate::crypto::SealError;
use crate::crypto::content;
use crate::crypto::field::{self, FieldContext, FieldOpenError, FieldParseError, SealedValue};
use crate::crypto::secret::DataKey;
use crate::domain::key::KeyId;
use crate::domain::rotation::{RowChange, RowPlace, SealedColumn, StoredRow, ValueChange};
use crate::sys::rng::Rng;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;

/// What stored values are to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::app) enum Aim {
    /// What is sealed is sealed under the active key.
    Rotate,
    /// What is in clear is sealed, in these columns.
    Seal {
        /// Texts.
        text: bool,
        /// Metadata.
        metadata: bool,
    },
    /// What is sealed is stored in clear, in these columns. A value that would be taken for a
    /// sealed one stays sealed.
    Open {
        /// Texts.
        text: bool,
        /// Metadata.
        metadata: bool,
    },
}

impl Aim {
    const fn seals(self, column: SealedColumn) -> bool {
        matches!(
            (self, column),
            (Self::Seal { text: true, .. }, SealedColumn::Text)
                | (Self::Seal { metadata: true, .. }, SealedColumn::Metadata)
        )
    }

    const fn opens(self, column: SealedColumn) -> bool {
        matches!(
            (self, column),
            (Self::Open { text: true, .. }, SealedColumn::Text)
                | (Self::Open { metadata: true, .. }, SealedColumn::Metadata)
        )
    }
}

/// Why a stored value does not open. Holds nothing of the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// It is no sealed value.
    #[error(transparent)]
    Parse(#[from] FieldParseError),
    /// No key at hand opens it, or it is damaged.
    #[error(transparent)]
    Open(#[from] FieldOpenError),
    /// Its key was destroyed: nobody will open it again.
    #[error("its key {id} was destroyed at {at:.0}")]
    Destroyed {
        /// The key.
        id: KeyId,
        /// When.
        at: Timestamp,
    },
}

/// A value that does not open, by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueFault {
    /// The column.
    pub column: SealedColumn,
    /// The row.
    pub place: RowPlace,
    /// Why.
    pub error: ValueError,
}

impl fmt::Display for ValueFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (table, column) = (self.column.table(), self.column.column());
        match &self.place {
            RowPlace::Instance(id) => write!(f, "{table}.{column} of instance {id}: ")?,
            RowPlace::Embedding {
                project,
                instance,
                text_id,
            } => write!(
                f,
                "{table}.{column} of {text_id:?} (project {project}, instance {instance}): "
            )?,
        }
        write!(f, "{}", self.error)
    }
}

/// A stored value that was looked at.
pub(in crate::app) enum Seen {
    /// Empty, which is never sealed.
    Empty,
    /// In clear.
    Plain,
    /// Sealed under this key.
    Sealed(KeyId, SecretString),
}

/// Opens a stored value.
pub(in crate::app) fn see(
    row: &StoredRow,
    column: SealedColumn,
    stored: &str,
    keys: &ScopeKeys,
) -> Result<Seen, ValueError> {
    if stored.is_empty() {
        return Ok(Seen::Empty);
    }
    // A provider key is never in clear; a text or metadata is, unless it says otherwise.
    if column != SealedColumn::ApiKey && !content::is_sealed(stored) {
        return Ok(Seen::Plain);
    }
    let Some(sealed) = SealedValue::parse(stored)? else {
        return Ok(Seen::Empty);
    };
    let key = keys
        .key(sealed.key_id())
        .ok_or_else(|| FieldOpenError::UnknownKey {
            id: sealed.key_id().clone(),
        })?;
    let opened = at_place(&row.place, column, |context| sealed.open(key, context))?;
    Ok(Seen::Sealed(sealed.key_id().clone(), opened))
}

/// What a row is to become; nothing when it is as it should be. Values that do not open are left
/// and told.
pub(super) fn change(
    row: &StoredRow,
    aim: Aim,
    keys: &ScopeKeys,
    active: Option<&DataKey>,
    rng: &dyn Rng,
    faults: &mut Vec<ValueFault>,
) -> Result<Option<RowChange>, SealError> {
    let mut values = Vec::new();
    for (column, stored) in &row.values {
        let seen = match see(row, *column, stored, keys) {
            Ok(seen) => seen,
            Err(error) => {
                faults.push(ValueFault {
                    column: *column,
                    place: row.place.clone(),
                    error,
                });
                continue;
            }
        };
        let sealed = |plain: &str, key: &DataKey| {
            at_place(&row.place, *column, |context| {
                field::seal(plain, key, context, rng)
            })
        };
        let new = match (&seen, active) {
            (Seen::Plain, Some(key)) if aim.seals(*column) => Some(sealed(stored, key)?),
            (Seen::Sealed(id, plain), Some(key)) if aim == Aim::Rotate && id != key.id() => {
                Some(sealed(plain.expose_secret(), key)?)
            }
            (Seen::Sealed(_, plain), _)
                if aim.opens(*column) && !content::must_be_sealed(plain.expose_secret()) =>
            {
                Some(plain.expose_secret().to_owned())
            }
            _ => None,
        };
        values.extend(new.map(|new| ValueChange {
            column: *column,
            old: stored.clone(),
            new,
        }));
    }
    Ok((!values.is_empty()).then_some(RowChange {
        row_id: row.row_id,
        values,
    }))
}

/// Runs with what a value of this row and column is bound to.
fn at_place<T>(
    place: &RowPlace,
    column: SealedColumn,
    run: impl FnOnce(&FieldContext<'_>) -> T,
) -> T {
    let parts: Vec<String> = match place {
        RowPlace::Instance(id) => vec![id.to_string()],
        RowPlace::Embedding {
            project,
            instance,
            text_id,
        } => vec![project.to_string(), instance.to_string(), text_id.clone()],
    };
    let row_key: Vec<&str> = parts.iter().map(String::as_str).collect();
    run(&FieldContext {
        table: column.table(),
        column: column.column(),
        row_key: &row_key,
    })
}
