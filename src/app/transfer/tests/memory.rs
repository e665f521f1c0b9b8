//! A database in memory that keeps the promises of a real one: what refers to something must find
//! it, what is unique stays so, and a batch is applied as a whole or not at all.

use crate::crypto::row_hash;
use crate::domain::findings::Findings;
use crate::domain::ids::ProjectId;
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::StoreError;
use crate::store::transfer::{
    Destination, Edit, Neighbour, RecordReader, RecordWriter, TransferResult,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a page, so that small worlds have many.
const PAGE: usize = 3;

#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    pub(crate) tables: BTreeMap<Table, BTreeMap<RecordKey, Record>>,
    pub(super) source: Option<String>,
    pub(super) occupied: bool,
    pub(super) read_only: bool,
    pub(super) findings: Findings,
    pub(crate) highest: BTreeMap<Table, i64>,
    /// How many batches are still taken before the database goes away.
    pub(super) batches_left: Option<usize>,
    pub(super) batches: usize,
    /// Changes what is read of a table, as a damaged disk would.
    pub(super) lies_about: Option<Table>,
}

fn fault(what: String) -> StoreError {
    StoreError::Fault(what.into())
}

impl Memory {
    pub(crate) fn put(&mut self, record: Record) {
        let table = self.tables.entry(record.table()).or_default();
        table.insert(record.key(), record);
    }

    /// Every row by its hash, which tells everything that travels.
    pub(crate) fn content(&self) -> BTreeMap<(Table, RecordKey), row_hash::RowHash> {
        let rows = self.tables.iter().flat_map(|(table, rows)| {
            rows.iter()
                .map(|(key, row)| ((*table, key.clone()), row_hash::of(row)))
        });
        rows.collect()
    }

    fn rows(&self, table: Table) -> impl Iterator<Item = &Record> {
        self.tables
            .get(&table)
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// What a row may share with no other row of its table.
    fn unique(record: &Record) -> Option<String> {
        match record {
            Record::User(row) => Some(row.email.clone()),
            Record::Definition(row) => Some(row.path.to_string()),
            Record::Instance(row) => Some(row.path.to_string()),
            Record::Project(row) => Some(row.path.to_string()),
            Record::Embedding(row) => {
                Some(format!("{} {} {}", row.project, row.instance, row.text_id))
            }
            _ => None,
        }
    }

    /// The rows that a row refers to.
    fn references(record: &Record) -> Vec<(Table, RecordKey)> {
        let user = |handle: &crate::domain::ids::Handle| {
            (Table::Users, RecordKey::Name(handle.as_str().to_owned()))
        };
        let id = |table, id| (table, RecordKey::Id(id));
        match record {
            Record::User(_) | Record::AdminKey(_) | Record::ApiStandard(_) => Vec::new(),
            Record::UserKey(row) => vec![user(&row.user)],
            Record::Definition(row) => {
                let standard = row.settings.api_standard.iter();
                let standard =
                    standard.map(|name| (Table::ApiStandards, RecordKey::Name(name.clone())));
                standard.chain([user(&row.path.owner)]).collect()
            }
            Record::DefinitionShare(row) => {
                vec![user(&row.user), id(Table::Definitions, row.definition.0)]
            }
            Record::Instance(row) => {
                let definition = row.definition.iter();
                let definition = definition.map(|definition| id(Table::Definitions, definition.0));
                definition.chain([user(&row.path.owner)]).collect()
            }
            Record::InstanceShare(row) => {
                vec![user(&row.user), id(Table::Instances, row.instance.0)]
            }
            Record::Project(row) => {
                let instance = row.instance.iter();
                let instance = instance.map(|instance| id(Table::Instances, instance.0));
                instance.chain([user(&row.path.owner)]).collect()
            }
            Record::ProjectShare(row) => {
                vec![user(&row.user), id(Table::Projects, row.project.0)]
            }
            Record::Embedding(row) => vec![
                id(Table::Projects, row.project.0),
                id(Table::Instances, row.instance.0),
            ],
        }
    }

    fn move_aside(&mut self, incoming: &Record) {
        let Some(value) = Self::unique(incoming) else {
            return;
        };
        let key = incoming.key();
        let rows = self.tables.entry(incoming.table()).or_default();
        for row in rows.values_mut().filter(|row| row.key() != key) {
            if Self::unique(row).as_ref() == Some(&value) {
                let aside =
                    crate::domain::ids::Handle::parse(&format!("aside {}", row.key())).unwrap();
                match row {
                    Record::User(row) => row.email = aside.to_string(),
                    Record::Definition(row) => row.path.handle = aside,
                    Record::Instance(row) => row.path.handle = aside,
                    Record::Project(row) => row.path.handle = aside,
                    Record::Embedding(row) => row.text_id = aside.to_string(),
                    _ => {}
                }
            }
        }
    }

    fn edit(&mut self, edit: Edit) -> Result<(), StoreError> {
        match edit {
            Edit::Insert(row) => {
                self.move_aside(&row);
                let rows = self.tables.entry(row.table()).or_default();
                match rows.insert(row.key(), row) {
                    None => Ok(()),
                    Some(there) => Err(fault(format!("{} is there", there.key()))),
                }
            }
            Edit::Update(row) => {
                self.move_aside(&row);
                self.put(row);
                Ok(())
            }
            Edit::Delete(_) => Ok(()),
        }
    }

    pub(crate) fn check(&self) -> Result<(), StoreError> {
        for table in Table::ALL {
            let mut values = BTreeSet::new();
            for row in self.rows(table) {
                for (other, key) in Self::references(row) {
                    if !self
                        .tables
                        .get(&other)
                        .is_some_and(|rows| rows.contains_key(&key))
                    {
                        return Err(fault(format!("{table} {}: no {other} {key}", row.key())));
                    }
                }
                if let Some(value) = Self::unique(row)
                    && !values.insert(value.clone())
                {
                    return Err(fault(format!("{table}: {value} twice")));
                }
            }
        }
        Ok(())
    }
}

#[async_trait]
impl RecordReader for Memory {
    async fn survey(&mut self) -> TransferResult<Findings> {
        Ok(self.findings.clone())
    }

    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        _limit: u32,
    ) -> TransferResult<Vec<Record>> {
        let rows = self.rows(table);
        let behind = rows.filter(|row| after.is_none_or(|after| row.key() > *after));
        let mut page: Vec<Record> = behind.take(PAGE).cloned().collect();
        if self.lies_about == Some(table) {
            for row in &mut page {
                if let Record::Project(row) = row {
                    row.updated_at += 1;
                }
            }
        }
        Ok(page)
    }

    async fn rough_count(&mut self, table: Table) -> TransferResult<u64> {
        Ok(self.rows(table).count() as u64)
    }

    async fn highest_id(&mut self, table: Table) -> TransferResult<i64> {
        Ok(self.highest.get(&table).copied().unwrap_or(0))
    }

    async fn nearest(
        &mut self,
        project: ProjectId,
        vector_half: &[u8],
        limit: u32,
    ) -> TransferResult<Vec<Neighbour>> {
        let rows = self.rows(Table::Embeddings).filter_map(|row| match row {
            Record::Embedding(row) if row.project == project => Some(Neighbour {
                id: row.id,
                similarity: super::similarity(vector_half, &row.vector_half)?,
            }),
            _ => None,
        });
        let mut found: Vec<Neighbour> = rows.collect();
        found.sort_by(|one, other| other.similarity.total_cmp(&one.similarity));
        found.truncate(limit as usize);
        Ok(found)
    }
}

#[async_trait]
impl RecordWriter for Memory {
    async fn state(&mut self) -> TransferResult<Destination> {
        Ok(match &self.source {
            _ if self.occupied => Destination::Occupied("it holds users".to_owned()),
            Some(source) => Destination::Unfinished {
                source: source.clone(),
            },
            None => Destination::Empty,
        })
    }

    async fn begin(&mut self, source: &str, _now: Timestamp) -> TransferResult<()> {
        self.source = Some(source.to_owned());
        self.read_only = true;
        Ok(())
    }

    async fn apply(&mut self, table: Table, edits: Vec<Edit>) -> TransferResult<()> {
        if let Some(left) = &mut self.batches_left {
            *left = left
                .checked_sub(1)
                .ok_or_else(|| StoreError::Unavailable("gone".into()))?;
        }
        assert!(self.read_only, "a client could write between two batches");
        self.batches += 1;
        let mut after = self.clone();
        for edit in edits {
            if let Edit::Delete(key) = &edit {
                after.tables.entry(table).or_default().remove(key);
            }
            after.edit(edit)?;
        }
        after.check()?;
        self.tables = after.tables;
        Ok(())
    }

    async fn settle(&mut self, highest_ids: &[(Table, i64)]) -> TransferResult<()> {
        for (table, id) in highest_ids {
            let highest = self.highest.entry(*table).or_default();
            *highest = (*highest).max(*id);
        }
        Ok(())
    }

    async fn finish(&mut self, _now: Timestamp) -> TransferResult<()> {
        self.source = None;
        self.read_only = false;
        Ok(())
    }
}
