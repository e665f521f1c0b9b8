//! What stands in the way of taking over an embapi database, found before anything is written.

use super::error::failed;
use super::rows::{Rows, decode};
use super::sql;
use crate::domain::count::counted;
use crate::domain::findings::{Finding, FindingKind, Findings};
use crate::domain::ids::{Handle, SYSTEM_HANDLE};
use crate::domain::record::{RecordKey, Table};
use crate::store::transfer::TransferResult;
use futures_util::TryStreamExt as _;
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a page, for tables that are small.
const PAGE_ROWS: u32 = 500;

impl Rows {
    /// As [`crate::store::transfer::RecordReader::survey`]. Fails when a provider key does not
    /// open, since nothing but another key settles that.
    pub(super) async fn survey(&mut self) -> TransferResult<Findings> {
        let mut findings = Findings::default();
        self.open_every_provider_key().await?;
        self.survey_users(&mut findings).await?;
        self.survey_short_handles(&mut findings);
        self.survey_old_owners(&mut findings).await?;
        self.survey_embeddings(&mut findings).await?;
        Ok(findings)
    }

    async fn open_every_provider_key(&mut self) -> TransferResult<()> {
        let mut after = None;
        loop {
            let page = self
                .decoded_page(Table::Instances, after.as_ref(), PAGE_ROWS)
                .await?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.key.clone());
        }
    }

    async fn survey_users(&mut self, findings: &mut Findings) -> TransferResult<()> {
        let handles: Vec<String> = sqlx::query_scalar(sql::USER_HANDLES)
            .fetch_all(&mut self.connection)
            .await
            .map_err(failed)?;
        let known: BTreeSet<&str> = handles.iter().map(String::as_str).collect();
        let renames = &self.decoder.renames;
        let mut taken = BTreeMap::new();
        let mut add = |row: &str, what: String, settled: bool| {
            findings.add(Finding {
                kind: FindingKind::UserHandle,
                table: Table::Users,
                row: row.to_owned(),
                what,
                settled,
                rows: 1,
            });
        };
        for handle in &handles {
            let refused = Handle::parse_for_new_user(handle)
                .err()
                .filter(|_| handle != SYSTEM_HANDLE);
            match (renames.get(handle), refused) {
                (None, None) => {}
                (None, Some(refused)) => add(handle, refused.to_string(), false),
                (Some(new), refused) => {
                    let problem = problem_of(handle, new, &known, renames, &mut taken);
                    let settled = problem.is_none();
                    let why = refused.map_or_else(
                        || "it was asked for".to_owned(),
                        |refused| refused.to_string(),
                    );
                    let what =
                        problem.unwrap_or_else(|| format!("becomes `{new}`, disabled: {why}"));
                    add(handle, what, settled);
                }
            }
        }
        for old in renames.keys().filter(|old| !known.contains(old.as_str())) {
            add(old, "no user has this handle".to_owned(), false);
        }
        Ok(())
    }

    fn survey_short_handles(&self, findings: &mut Findings) {
        for short in &self.short.all {
            let also = match short.embeddings {
                0 => String::new(),
                count => format!(
                    "; {} with it",
                    counted(count, "embedding goes", "embeddings go")
                ),
            };
            findings.add(Finding {
                kind: FindingKind::Unusable,
                table: short.table,
                row: format!("{} ({})", short.id, short.handle),
                what: format!("its handle, or one that it depends on, is too short{also}"),
                settled: self.repairs.skip_unusable,
                rows: u64::try_from(short.embeddings).unwrap_or_default() + 1,
            });
        }
    }

    async fn survey_old_owners(&mut self, findings: &mut Findings) -> TransferResult<()> {
        if !self.has_old_owners {
            return Ok(());
        }
        let giving_way: Vec<(i64, i64)> = sqlx::query_as(sql::GIVING_WAY)
            .fetch_all(&mut self.connection)
            .await
            .map_err(failed)?;
        let giving_way: BTreeMap<i64, i64> = giving_way.into_iter().collect();
        let groups: Vec<(i64, String, String, String, i64, i64, i64)> =
            sqlx::query_as(sql::OLD_OWNERS)
                .fetch_all(&mut self.connection)
                .await
                .map_err(failed)?;
        for (project, owner, handle, old_owner, count, first, last) in groups {
            let twice = match giving_way.get(&project) {
                None => String::new(),
                Some(count) => {
                    let rows = counted(
                        *count,
                        "row of the project stands beside a later one of the same text and is",
                        "rows of the project stand beside a later one of the same text and are",
                    );
                    format!("; {rows} left out")
                }
            };
            findings.add(Finding {
                kind: FindingKind::OldOwner,
                table: Table::Embeddings,
                row: format!("project {project} ({owner}/{handle})"),
                what: format!(
                    "{} its former owner {old_owner} (ids {first} to {last}){twice}",
                    counted(count, "embedding names", "embeddings name")
                ),
                settled: self.repairs.repair_owners,
                rows: u64::try_from(count).unwrap_or_default(),
            });
        }
        Ok(())
    }

    async fn survey_embeddings(&mut self, findings: &mut Findings) -> TransferResult<()> {
        let mut rows = sqlx::query(sql::SUSPICIOUS_EMBEDDINGS).fetch(&mut self.connection);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            let decoded = decode(&self.decoder, Table::Embeddings, &row)?;
            let RecordKey::Id(id) = decoded.key else {
                continue;
            };
            if let Err(what) = decoded.row {
                findings.add(Finding {
                    kind: FindingKind::Unusable,
                    table: Table::Embeddings,
                    row: id.to_string(),
                    what,
                    settled: self.repairs.skip_unusable,
                    rows: 1,
                });
            }
        }
        Ok(())
    }
}

/// Why a user cannot get the new name.
fn problem_of(
    old: &str,
    new: &Handle,
    known: &BTreeSet<&str>,
    renames: &BTreeMap<String, Handle>,
    taken: &mut BTreeMap<String, String>,
) -> Option<String> {
    if old == SYSTEM_HANDLE {
        return Some("this account keeps its handle".to_owned());
    }
    if let Err(refused) = Handle::parse_for_new_user(new.as_str()) {
        return Some(format!("cannot become `{new}`: {refused}"));
    }
    let stays = known.contains(new.as_str()) && !renames.contains_key(new.as_str());
    if let Some(other) = taken.insert(new.as_str().to_owned(), old.to_owned()) {
        return Some(format!("cannot become `{new}`, as `{other}` does"));
    }
    stays.then(|| format!("cannot become `{new}`, which is another user's handle"))
}
