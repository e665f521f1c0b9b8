//! Rows of embsec's as embapi can hold them, so that what was written compares equal to what was
//! to be written.
//!
//! A user has one key there, and an administrator's key is no row at all. Everything that a move
//! to embapi loses is lost here.

use crate::domain::findings::{Finding, FindingKind, Findings, Repairs};
use crate::domain::ids::{Handle, ProjectId, SYSTEM_HANDLE};
use crate::domain::llm::LlmSettings;
use crate::domain::project::ContentPolicy;
use crate::domain::record::{Record, RecordKey, Table, UserKeyRecord};
use crate::domain::user::UserState;
use crate::store::transfer::{Neighbour, RecordReader, TransferError, TransferResult};
use async_trait::async_trait;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Upstream's own choice for an instance that names no API standard.
const DEFAULT_API_STANDARD: &str = "openai";

/// Rows read at once where all of a table are looked at.
const PAGE_ROWS: u32 = 500;

/// An embsec database as embapi can hold it.
pub struct Fitted {
    inner: Box<dyn RecordReader>,
    repairs: Repairs,
    people: Option<People>,
    left_out: BTreeSet<i64>,
}

/// What is known of users before their keys are read.
struct People {
    /// The one key of each user, by its digest.
    keys: BTreeMap<String, UserKeyRecord>,
    /// Whether there is the standard that takes the place of none.
    has_default_standard: bool,
}

impl Fitted {
    /// Looks at a database of embsec's. Of `repairs` only the leaving out matters.
    #[must_use]
    pub fn new(inner: Box<dyn RecordReader>, repairs: Repairs) -> Self {
        Self {
            inner,
            repairs,
            people: None,
            left_out: BTreeSet::new(),
        }
    }

    async fn people(&mut self) -> TransferResult<&People> {
        if self.people.is_none() {
            let people = self.read_people().await?;
            return Ok(self.people.insert(people));
        }
        // Filled above, if not before.
        Ok(self.people.get_or_insert_with(|| People {
            keys: BTreeMap::new(),
            has_default_standard: false,
        }))
    }

    async fn read_people(&mut self) -> TransferResult<People> {
        // When each user who may log in was created.
        let mut users: BTreeMap<Handle, i64> = BTreeMap::new();
        for record in self.all(Table::Users).await? {
            if let Record::User(row) = record
                && row.state == UserState::Active
                && row.handle.as_str() != SYSTEM_HANDLE
            {
                users.insert(row.handle, row.created_at);
            }
        }
        let mut chosen: BTreeMap<Handle, UserKeyRecord> = BTreeMap::new();
        for record in self.all(Table::UserKeys).await? {
            // A key that ends by itself must not become one that does not.
            if let Record::UserKey(row) = record
                && row.expires_at.is_none()
                && users.contains_key(&row.user)
            {
                let before = chosen.get(&row.user);
                if before.is_none_or(|before| before.created_at <= row.created_at) {
                    chosen.insert(row.user.clone(), row);
                }
            }
        }
        let keys = chosen.into_iter().map(|(user, key)| {
            let created_at = users.get(&user).copied().unwrap_or(key.created_at);
            let key = UserKeyRecord { created_at, ..key };
            (key.digest.clone(), key)
        });
        let keys = keys.collect();
        let standards = self.all(Table::ApiStandards).await?;
        let has_default_standard = standards.iter().any(|record| {
            matches!(record, Record::ApiStandard(row) if row.handle.as_str() == DEFAULT_API_STANDARD)
        });
        Ok(People {
            keys,
            has_default_standard,
        })
    }

    /// All rows of a table of people or standards.
    async fn all(&mut self, table: Table) -> TransferResult<Vec<Record>> {
        let mut all: Vec<Record> = Vec::new();
        loop {
            let after = all.last().map(Record::key);
            let page = self.inner.page(table, after.as_ref(), PAGE_ROWS).await?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    /// A page of keys, out of all of them.
    fn page_of_keys(people: &People, after: Option<&RecordKey>, limit: u32) -> Vec<Record> {
        let keys = people.keys.values().filter(|key| match after {
            Some(RecordKey::Name(name)) => key.digest > *name,
            _ => true,
        });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        keys.take(limit).cloned().map(Record::UserKey).collect()
    }

    /// A page with the reasons why some rows do not fit.
    async fn judged_page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<(RecordKey, Result<Record, String>)>> {
        let has_default = self.people().await?.has_default_standard;
        let page = self.inner.page(table, after, limit).await?;
        let fitted = page.into_iter().map(|record| {
            let key = record.key();
            (key, fit(record, has_default))
        });
        Ok(fitted.collect())
    }
}

#[async_trait]
impl RecordReader for Fitted {
    async fn survey(&mut self) -> TransferResult<Findings> {
        let mut findings = self.inner.survey().await?;
        for table in Table::ALL {
            let mut after = None;
            loop {
                let page = self.judged_page(table, after.as_ref(), PAGE_ROWS).await?;
                let Some((last, _)) = page.last() else {
                    break;
                };
                after = Some(last.clone());
                for (key, judged) in page {
                    let Err(what) = judged else { continue };
                    if let (Table::Embeddings, RecordKey::Id(id)) = (table, &key) {
                        self.left_out.insert(*id);
                    }
                    findings.add(Finding {
                        kind: FindingKind::Unusable,
                        table,
                        row: key.to_string(),
                        what,
                        // Other rows may refer to any but these.
                        settled: self.repairs.skip_unusable && table == Table::Embeddings,
                        rows: 1,
                    });
                }
            }
        }
        Ok(findings)
    }

    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>> {
        match table {
            Table::AdminKeys => return Ok(Vec::new()),
            Table::UserKeys => return Ok(Self::page_of_keys(self.people().await?, after, limit)),
            _ => {}
        }
        let mut after = after.cloned();
        loop {
            let page = self.judged_page(table, after.as_ref(), limit).await?;
            let Some((last, _)) = page.last() else {
                return Ok(Vec::new());
            };
            after = Some(last.clone());
            let mut kept = Vec::with_capacity(page.len());
            for (key, judged) in page {
                match judged {
                    Ok(record) => kept.push(record),
                    Err(_) if self.repairs.skip_unusable && table == Table::Embeddings => {}
                    Err(what) => {
                        return Err(TransferError::Unusable {
                            table,
                            row: key.to_string(),
                            what,
                        });
                    }
                }
            }
            if !kept.is_empty() {
                return Ok(kept);
            }
        }
    }

    async fn rough_count(&mut self, table: Table) -> TransferResult<u64> {
        match table {
            Table::AdminKeys => Ok(0),
            Table::UserKeys => {
                let count = self.people().await?.keys.len();
                Ok(u64::try_from(count).unwrap_or(u64::MAX))
            }
            _ => self.inner.rough_count(table).await,
        }
    }

    async fn highest_id(&mut self, table: Table) -> TransferResult<i64> {
        self.inner.highest_id(table).await
    }

    async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
    ) -> TransferResult<Vec<Neighbour>> {
        let left_out = u32::try_from(self.left_out.len()).unwrap_or(u32::MAX);
        let wanted = limit.saturating_add(left_out);
        let mut found = self.inner.nearest(project, vector_half, wanted).await?;
        found.retain(|neighbour| !self.left_out.contains(&neighbour.id.0));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found)
    }
}

/// The row as it will be there, or why it cannot be.
fn fit(mut record: Record, has_default_standard: bool) -> Result<Record, String> {
    if let RecordKey::Id(id) | RecordKey::Share(id, _) = record.key()
        && i32::try_from(id).is_err()
    {
        return Err(format!("ids end at {} there", i32::MAX));
    }
    match &mut record {
        Record::User(row) => row.id = None,
        Record::Definition(row) => fit_settings(&mut row.settings, has_default_standard)?,
        Record::Instance(row) => fit_settings(&mut row.settings, has_default_standard)?,
        Record::Embedding(row) => {
            let texts = [Some(&row.text_id), row.text.as_ref()];
            let in_text = texts.into_iter().flatten().any(|text| text.contains('\0'));
            if in_text || row.metadata.as_deref().is_some_and(json_has_nul) {
                return Err("it has the character U+0000".to_owned());
            }
        }
        Record::UserKey(_)
        | Record::AdminKey(_)
        | Record::ApiStandard(_)
        | Record::DefinitionShare(_)
        | Record::InstanceShare(_)
        | Record::ProjectShare(_) => {}
        // Everything is in clear there.
        Record::Project(row) => row.policy = ContentPolicy::default(),
    }
    Ok(record)
}

/// Whether a text or a key of a JSON document has the character U+0000, which `jsonb` refuses.
fn json_has_nul(text: &str) -> bool {
    fn has_nul(value: &Value) -> bool {
        match value {
            Value::String(text) => text.contains('\0'),
            Value::Array(items) => items.iter().any(has_nul),
            Value::Object(fields) => fields
                .iter()
                .any(|(key, value)| key.contains('\0') || has_nul(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        }
    }
    // It can stand there in this form only.
    text.contains("\\u0000") && serde_json::from_str(text).is_ok_and(|value| has_nul(&value))
}

fn fit_settings(settings: &mut LlmSettings, has_default_standard: bool) -> Result<(), String> {
    if settings.api_standard.is_some() {
        return Ok(());
    }
    if !has_default_standard {
        return Err(format!(
            "it has no API standard, and there is no `{DEFAULT_API_STANDARD}` to take its place"
        ));
    }
    settings.api_standard = Some(DEFAULT_API_STANDARD.to_owned());
    Ok(())
}
