//! Pages of embapi's tables, from a source or from a destination.

use super::connect::KeyColumn;
use super::decode::{DecodeError, Decoded, Decoder};
use super::error::failed;
use super::handles::ShortHandles;
use super::sql;
use crate::domain::findings::Repairs;
use crate::domain::record::{Record, RecordKey, Table};
use crate::store::transfer::{TransferError, TransferResult};
use futures_util::TryStreamExt as _;
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;

/// A page ends early once its texts and vectors together are of this size, in bytes.
const PAGE_BYTES: usize = 16 << 20;

/// A connection to a database of embapi's, and how its rows are to be taken.
pub(super) struct Rows {
    /// The connection; of a source, within its one transaction.
    pub(super) connection: PgConnection,
    /// Where the digests of keys are.
    pub(super) column: KeyColumn,
    /// Makes rows of embsec's.
    pub(super) decoder: Decoder,
    /// What is to be done about what stands in the way.
    pub(super) repairs: Repairs,
    /// What has handles that embsec cannot hold.
    pub(super) short: ShortHandles,
    /// Whether embeddings give way to others.
    pub(super) has_old_owners: bool,
}

impl Rows {
    /// As [`crate::store::transfer::RecordReader::page`].
    pub(super) async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>> {
        let mut after = after.cloned();
        loop {
            let page = self.decoded_page(table, after.as_ref(), limit).await?;
            let Some(last) = page.last() else {
                return Ok(Vec::new());
            };
            after = Some(last.key.clone());
            let mut kept = Vec::with_capacity(page.len());
            for decoded in page {
                kept.extend(self.keep(table, decoded)?);
            }
            // Only the end of the table may look like it.
            if !kept.is_empty() {
                return Ok(kept);
            }
        }
    }

    fn keep(&self, table: Table, decoded: Decoded) -> TransferResult<Option<Record>> {
        match decoded.row {
            Ok(mut record) => Ok(self.short.keeps(&mut record).then_some(record)),
            Err(_) if self.repairs.skip_unusable && table != Table::Users => Ok(None),
            Err(what) => Err(TransferError::Unusable {
                table,
                row: decoded.key.to_string(),
                what,
            }),
        }
    }

    /// A page with its unusable rows.
    pub(super) async fn decoded_page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Decoded>> {
        let limit = i64::from(limit);
        let id = match after {
            Some(RecordKey::Id(id) | RecordKey::Share(id, _)) => *id,
            Some(RecordKey::Name(_)) | None => i64::MIN,
        };
        let name = match after {
            Some(RecordKey::Name(name) | RecordKey::Share(_, name)) => Some(name.as_str()),
            Some(RecordKey::Id(_)) | None => None,
        };
        let (old, new) = self.renames();
        let by_name = |text: &'static str| sqlx::query(text).bind(name).bind(limit);
        let by_id = |text: &'static str| sqlx::query(text).bind(id).bind(limit);
        let by_share = |text: &'static str| {
            let query = sqlx::query(text).bind(id).bind(name.unwrap_or_default());
            query.bind(limit).bind(&old).bind(&new)
        };
        let query = match table {
            Table::Users => by_name(sql::users(self.column)).bind(&old).bind(&new),
            Table::UserKeys => by_name(sql::user_keys(self.column)),
            Table::AdminKeys => return Ok(Vec::new()),
            Table::ApiStandards => by_name(sql::API_STANDARDS),
            Table::Definitions => by_id(sql::DEFINITIONS),
            Table::DefinitionShares => by_share(sql::DEFINITION_SHARES),
            Table::Instances => by_id(sql::INSTANCES),
            Table::InstanceShares => by_share(sql::INSTANCE_SHARES),
            Table::Projects => by_id(sql::PROJECTS),
            Table::ProjectShares => by_share(sql::PROJECT_SHARES),
            Table::Embeddings if self.repairs.repair_owners && self.has_old_owners => {
                by_id(sql::EMBEDDINGS_REPAIRED)
            }
            Table::Embeddings => by_id(sql::EMBEDDINGS),
        };
        collect(&mut self.connection, &self.decoder, table, query).await
    }

    /// Old and new names of users, for statements whose order depends on them.
    fn renames(&self) -> (Vec<String>, Vec<String>) {
        let renames = self.decoder.renames.iter();
        renames
            .map(|(old, new)| (old.clone(), new.as_str().to_owned()))
            .unzip()
    }

    /// As [`crate::store::transfer::RecordReader::rough_count`].
    pub(super) async fn count(&mut self, table: Table) -> TransferResult<u64> {
        let text = match table {
            Table::Users | Table::UserKeys => "SELECT count(*) FROM users",
            Table::AdminKeys => return Ok(0),
            Table::ApiStandards => "SELECT count(*) FROM api_standards",
            Table::Definitions => "SELECT count(*) FROM definitions",
            Table::DefinitionShares => "SELECT count(*) FROM definitions_shared_with",
            Table::Instances => "SELECT count(*) FROM instances",
            Table::InstanceShares => "SELECT count(*) FROM instances_shared_with",
            Table::Projects => "SELECT count(*) FROM projects",
            Table::ProjectShares => "SELECT count(*) FROM users_projects",
            Table::Embeddings => "SELECT count(*) FROM embeddings",
        };
        let count: i64 = self.number(text).await?;
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// As [`crate::store::transfer::RecordReader::highest_id`].
    pub(super) async fn highest_id(&mut self, table: Table) -> TransferResult<i64> {
        let Some((name, column)) = super::write::sequence_of(table) else {
            return Ok(0);
        };
        let from_rows: i64 = self
            .number_of(format!(
                "SELECT coalesce(max({column}), 0)::int8 FROM {name}"
            ))
            .await?;
        // A sequence that was never asked says so in a column of its own.
        let sequence: Option<String> = sqlx::query_scalar(
            "SELECT pg_get_serial_sequence(c.oid::regclass::text, $2) FROM pg_class AS c \
             WHERE c.oid = to_regclass($1)",
        )
        .bind(name)
        .bind(column)
        .fetch_one(&mut self.connection)
        .await
        .map_err(failed)?;
        let Some(sequence) = sequence else {
            return Ok(from_rows);
        };
        let given = self
            .number_of(format!(
                "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END \
                 FROM {sequence}"
            ))
            .await?;
        Ok(from_rows.max(given))
    }

    async fn number(&mut self, text: &'static str) -> TransferResult<i64> {
        let query = sqlx::query_scalar(text);
        query.fetch_one(&mut self.connection).await.map_err(failed)
    }

    /// The text is of names of embapi's own, and of one that the server has quoted.
    async fn number_of(&mut self, text: String) -> TransferResult<i64> {
        let query = sqlx::query_scalar(AssertSqlSafe(text));
        query.fetch_one(&mut self.connection).await.map_err(failed)
    }
}

/// Runs a statement to its end, or until the page is large enough.
pub(super) async fn collect(
    connection: &mut PgConnection,
    decoder: &Decoder,
    table: Table,
    query: Query<'_, sqlx::Postgres, PgArguments>,
) -> TransferResult<Vec<Decoded>> {
    let mut page = Vec::new();
    let mut bytes = 0;
    let mut rows = query.fetch(connection);
    while let Some(row) = rows.try_next().await.map_err(failed)? {
        let decoded = decode(decoder, table, &row)?;
        bytes += size_of(&decoded);
        page.push(decoded);
        if bytes > PAGE_BYTES {
            break;
        }
    }
    Ok(page)
}

/// Makes a row of embsec's.
pub(super) fn decode(decoder: &Decoder, table: Table, row: &PgRow) -> TransferResult<Decoded> {
    let decoded = match table {
        Table::Users => decoder.user_row(row),
        Table::UserKeys | Table::AdminKeys => decoder.user_key_row(row),
        Table::ApiStandards => decoder.api_standard_row(row),
        Table::Definitions => decoder.definition_row(row),
        Table::DefinitionShares => decoder.definition_share_row(row),
        Table::Instances => decoder.instance_row(row),
        Table::InstanceShares => decoder.instance_share_row(row),
        Table::Projects => decoder.project_row(row),
        Table::ProjectShares => decoder.project_share_row(row),
        Table::Embeddings => decoder.embedding_row(row),
    };
    decoded.map_err(|error| match error {
        DecodeError::Driver(error) => failed(error),
        DecodeError::Move(error) => error,
    })
}

fn size_of(decoded: &Decoded) -> usize {
    let Ok(Record::Embedding(row)) = &decoded.row else {
        return 0;
    };
    let texts = [&row.text, &row.metadata];
    let texts = texts.map(|text| text.as_ref().map_or(0, String::len));
    texts.iter().sum::<usize>() + row.vector_half.len()
}
