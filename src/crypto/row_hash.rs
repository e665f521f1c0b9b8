//! Hashes of rows that travel between databases: of one row, to see whether it changed, and of a
//! whole table, whatever the order of its rows.
//!
//! They stand here because a row may hold a provider's key in clear. A hash of a row is never
//! stored or shown; that of a table is shown in reports.

use crate::domain::access::ObjectPath;
use crate::domain::ids::Handle;
use crate::domain::llm::LlmSettings;
use crate::domain::record::{
    AdminKeyRecord, ApiStandardRecord, DefinitionRecord, DefinitionShareRecord, EmbeddingRecord,
    InstanceRecord, InstanceShareRecord, ProjectRecord, ProjectShareRecord, Record, UserKeyRecord,
    UserRecord,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// Sets this use of SHA-256 apart from every other.
const ROW_LABEL: &[u8] = b"embsec/row/v1\0";
/// A double of this size or more has no fraction and may be above every 64-bit integer.
const BEYOND_INTEGERS: f64 = 1.8e19;

/// The hash of one row, over its canonical form.
///
/// The canonical form is a label, the table's name and then every field in the order of its
/// struct, each behind its length in bytes as a big-endian u64; what is absent is eight bytes of
/// 0xff. Numbers are 8 bytes, big-endian. Metadata are a JSON text without spaces whose keys are
/// sorted and whose numbers are written by their value: `1`, `1.0` and `1e0` are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowHash([u8; 32]);

/// Hashes a row.
#[must_use]
pub fn of(record: &Record) -> RowHash {
    let mut form = Form::new();
    form.text(record.table().name());
    match record {
        Record::User(row) => form.user(row),
        Record::UserKey(row) => form.user_key(row),
        Record::AdminKey(row) => form.admin_key(row),
        Record::ApiStandard(row) => form.api_standard(row),
        Record::Definition(row) => form.definition(row),
        Record::DefinitionShare(row) => form.definition_share(row),
        Record::Instance(row) => form.instance(row),
        Record::InstanceShare(row) => form.instance_share(row),
        Record::Project(row) => form.project(row),
        Record::ProjectShare(row) => form.project_share(row),
        Record::Embedding(row) => form.embedding(row),
    }
    RowHash(Sha256::digest(&*form.0).into())
}

/// Counts rows and adds up their hashes, so that the order does not matter: the sum of the hashes
/// as 256-bit numbers, modulo 2^256.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableHash {
    rows: u64,
    /// Least significant limb first.
    limbs: [u64; 4],
}

impl TableHash {
    /// Takes a row in.
    pub fn add(&mut self, row: RowHash) {
        self.rows += 1;
        let mut carry = false;
        for (limb, bytes) in self.limbs.iter_mut().zip(row.0.rchunks_exact(8)) {
            let bytes = bytes.try_into().map_or(0, u64::from_be_bytes);
            let (sum, first) = limb.overflowing_add(bytes);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *limb = sum;
            carry = first || second;
        }
    }

    /// How many rows were taken in.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }
}

impl fmt::Display for TableHash {
    /// The sum as 64 lower-case hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.limbs
            .iter()
            .rev()
            .try_for_each(|limb| write!(f, "{limb:016x}"))
    }
}

/// The canonical form of a row, as it is built.
struct Form(Zeroizing<Vec<u8>>);

impl Form {
    fn new() -> Self {
        Self(Zeroizing::new(ROW_LABEL.to_vec()))
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX - 1);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    fn absent(&mut self) {
        self.0.extend_from_slice(&u64::MAX.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn optional_text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.absent(),
        }
    }

    fn number(&mut self, number: i64) {
        self.bytes(&number.to_be_bytes());
    }

    fn optional_number(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.number(number),
            None => self.absent(),
        }
    }

    fn handle(&mut self, handle: &Handle) {
        self.text(handle.as_str());
    }

    fn path(&mut self, path: &ObjectPath) {
        self.handle(&path.owner);
        self.handle(&path.handle);
    }

    fn times(&mut self, created_at: i64, updated_at: i64) {
        self.number(created_at);
        self.number(updated_at);
    }

    fn settings(&mut self, settings: &LlmSettings) {
        self.optional_text(settings.endpoint.as_deref());
        self.optional_text(settings.description.as_deref());
        self.optional_text(settings.api_standard.as_deref());
        self.optional_text(settings.model.as_deref());
        self.optional_number(settings.dimensions.map(i64::from));
        self.optional_number(settings.context_limit.map(i64::from));
    }

    fn user(&mut self, row: &UserRecord) {
        let UserRecord {
            id: _,
            handle,
            name,
            email,
            state,
            created_at,
            updated_at,
        } = row;
        self.handle(handle);
        self.optional_text(name.as_deref());
        self.text(email);
        self.text(state.as_str());
        self.times(*created_at, *updated_at);
    }

    fn user_key(&mut self, row: &UserKeyRecord) {
        let UserKeyRecord {
            digest,
            user,
            created_at,
            expires_at,
        } = row;
        self.text(digest);
        self.handle(user);
        self.number(*created_at);
        self.optional_number(*expires_at);
    }

    fn admin_key(&mut self, row: &AdminKeyRecord) {
        let AdminKeyRecord {
            digest,
            created_at,
            expires_at,
        } = row;
        self.text(digest);
        self.number(*created_at);
        self.optional_number(*expires_at);
    }

    fn api_standard(&mut self, row: &ApiStandardRecord) {
        let ApiStandardRecord {
            handle,
            description,
            key_method,
            key_field,
            created_at,
            updated_at,
        } = row;
        self.handle(handle);
        self.text(description);
        self.text(key_method.as_str());
        self.text(key_field);
        self.times(*created_at, *updated_at);
    }

    fn definition(&mut self, row: &DefinitionRecord) {
        let DefinitionRecord {
            id,
            path,
            settings,
            is_public,
            created_at,
            updated_at,
        } = row;
        self.number(id.0);
        self.path(path);
        self.settings(settings);
        self.number(i64::from(*is_public));
        self.times(*created_at, *updated_at);
    }

    fn definition_share(&mut self, row: &DefinitionShareRecord) {
        let DefinitionShareRecord {
            definition,
            user,
            created_at,
        } = row;
        self.number(definition.0);
        self.handle(user);
        self.number(*created_at);
    }

    fn instance(&mut self, row: &InstanceRecord) {
        let InstanceRecord {
            id,
            path,
            definition,
            settings,
            provider_key,
            created_at,
            updated_at,
        } = row;
        self.number(id.0);
        self.path(path);
        self.optional_number(definition.map(|definition| definition.0));
        self.settings(settings);
        self.optional_text(provider_key.as_ref().map(SecretString::expose_secret));
        self.times(*created_at, *updated_at);
    }

    fn instance_share(&mut self, row: &InstanceShareRecord) {
        let InstanceShareRecord {
            instance,
            user,
            role,
            created_at,
            updated_at,
        } = row;
        self.number(instance.0);
        self.handle(user);
        self.text(role.as_str());
        self.times(*created_at, *updated_at);
    }

    fn project(&mut self, row: &ProjectRecord) {
        let ProjectRecord {
            id,
            path,
            description,
            metadata_scheme,
            public_read,
            instance,
            policy,
            created_at,
            updated_at,
        } = row;
        self.number(id.0);
        self.path(path);
        self.optional_text(description.as_deref());
        self.optional_text(metadata_scheme.as_deref());
        self.number(i64::from(*public_read));
        self.optional_number(instance.map(|instance| instance.0));
        self.number(i64::from(policy.encrypt_text));
        self.number(i64::from(policy.encrypt_metadata));
        self.times(*created_at, *updated_at);
    }

    fn project_share(&mut self, row: &ProjectShareRecord) {
        let ProjectShareRecord {
            project,
            user,
            role,
            created_at,
            updated_at,
        } = row;
        self.number(project.0);
        self.handle(user);
        self.text(role.as_str());
        self.times(*created_at, *updated_at);
    }

    fn embedding(&mut self, row: &EmbeddingRecord) {
        let EmbeddingRecord {
            id,
            project,
            instance,
            text_id,
            vector_dim,
            vector_half,
            text,
            metadata,
            created_at,
            updated_at,
        } = row;
        self.number(id.0);
        self.number(project.0);
        self.number(instance.0);
        self.text(text_id);
        self.number(i64::from(*vector_dim));
        self.bytes(vector_half);
        self.optional_text(text.as_deref());
        match metadata.as_deref().map(canonical_json) {
            Some(json) => self.text(&json),
            None => self.absent(),
        }
        self.times(*created_at, *updated_at);
    }
}

/// A JSON text in one form; a text that is none, or holds a number that nobody can, as it is.
fn canonical_json(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(text) else {
        return text.to_owned();
    };
    by_value(&mut value);
    value.to_string()
}

/// Makes integers of the numbers that are written with a fraction or an exponent and have none,
/// since a database may write them either way. Keys are sorted already.
fn by_value(value: &mut Value) {
    match value {
        Value::Number(number) => {
            if let Some(integer) = as_integer(number) {
                *number = integer;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(by_value),
        Value::Object(fields) => fields.values_mut().for_each(by_value),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn as_integer(number: &Number) -> Option<Number> {
    let double = number.as_f64().filter(|_| number.is_f64())?;
    if double.fract() != 0.0 || double.abs() >= BEYOND_INTEGERS {
        return None;
    }
    // Prints without exponent and, having no fraction, as an integer.
    let digits = format!("{double:.0}");
    let digits = if digits == "-0" { "0" } else { &digits };
    digits
        .parse::<u64>()
        .map(Number::from)
        .or_else(|_| digits.parse::<i64>().map(Number::from))
        .ok()
}

#[cfg(test)]
mod tests;
