//! What embapi cannot hold is taken away before anything is compared.

use super::all;
use crate::domain::access::ObjectPath;
use crate::domain::findings::{FindingKind, Findings, Repairs};
use crate::domain::ids::{DefinitionId, EmbeddingId, Handle, InstanceId, ProjectId, UserId};
use crate::domain::llm::{KeyMethod, LlmSettings};
use crate::domain::record::{
    AdminKeyRecord, ApiStandardRecord, DefinitionRecord, EmbeddingRecord, Record, RecordKey, Table,
    UserKeyRecord, UserRecord,
};
use crate::domain::user::UserState;
use crate::store::transfer::{Neighbour, RecordReader, TransferError, TransferResult};
use crate::target::embapi::Fitted;
use async_trait::async_trait;

/// Rows in memory, in the order of their keys.
struct Rows(Vec<Record>);

#[async_trait]
impl RecordReader for Rows {
    async fn survey(&mut self) -> TransferResult<Findings> {
        Ok(Findings::default())
    }

    async fn page(
        &mut self,
        table: Table,
        after: Option<&RecordKey>,
        limit: u32,
    ) -> TransferResult<Vec<Record>> {
        let rows = self.0.iter().filter(|row| row.table() == table);
        let mut rows: Vec<Record> = rows
            .filter(|row| after.is_none_or(|after| row.key() > *after))
            .cloned()
            .collect();
        rows.sort_by_key(Record::key);
        rows.truncate(usize::try_from(limit).unwrap());
        Ok(rows)
    }

    async fn rough_count(&mut self, _table: Table) -> TransferResult<u64> {
        Ok(0)
    }

    async fn highest_id(&mut self, _table: Table) -> TransferResult<i64> {
        Ok(0)
    }

    async fn nearest(
        &mut self,
        _project: ProjectId,
        _vector_half: &[u8],
        limit: u32,
    ) -> TransferResult<Vec<Neighbour>> {
        let found = (1..=i64::from(limit)).map(|id| Neighbour {
            id: EmbeddingId(id),
            similarity: 1.0,
        });
        Ok(found.collect())
    }
}

fn handle(text: &str) -> Handle {
    Handle::parse(text).unwrap()
}

fn user(name: &str, state: UserState) -> Record {
    Record::User(UserRecord {
        id: Some(UserId(7)),
        handle: handle(name),
        name: None,
        email: format!("{name}@example.org"),
        state,
        created_at: 1_000,
        updated_at: 2_000,
    })
}

fn key(digest: &str, user: &str, created_at: i64, expires_at: Option<i64>) -> Record {
    Record::UserKey(UserKeyRecord {
        digest: digest.to_owned(),
        user: handle(user),
        created_at,
        expires_at,
    })
}

fn standard(name: &str) -> Record {
    Record::ApiStandard(ApiStandardRecord {
        handle: handle(name),
        description: String::new(),
        key_method: KeyMethod::AuthBearer,
        key_field: String::new(),
        created_at: 1,
        updated_at: 1,
    })
}

fn definition(id: i64) -> Record {
    Record::Definition(DefinitionRecord {
        id: DefinitionId(id),
        path: ObjectPath {
            owner: handle("alice"),
            handle: handle("mine"),
        },
        settings: LlmSettings::default(),
        is_public: false,
        created_at: 1,
        updated_at: 1,
    })
}

fn embedding(id: i64, text: &str, metadata: &str) -> Record {
    Record::Embedding(EmbeddingRecord {
        id: EmbeddingId(id),
        project: ProjectId(1),
        instance: InstanceId(1),
        text_id: "text".to_owned(),
        vector_dim: 1,
        vector_half: vec![0, 60],
        text: Some(text.to_owned()),
        metadata: Some(metadata.to_owned()),
        created_at: 1,
        updated_at: 1,
    })
}

fn fitted(rows: Vec<Record>, repairs: Repairs) -> Fitted {
    Fitted::new(Box::new(Rows(rows)), repairs)
}

#[tokio::test]
async fn of_several_keys_the_newest_without_an_end_goes_out() {
    let rows = vec![
        user("alice", UserState::Active),
        user("bob", UserState::Disabled),
        user("carol", UserState::Active),
        key("a1", "alice", 10, None),
        key("a2", "alice", 30, None),
        key("a3", "alice", 20, None),
        key("a4", "alice", 40, Some(50)),
        key("b1", "bob", 10, None),
        key("c1", "carol", 10, Some(20)),
        Record::AdminKey(AdminKeyRecord {
            digest: "d1".to_owned(),
            created_at: 1,
            expires_at: None,
        }),
    ];
    let mut fitted = fitted(rows, Repairs::default());
    let keys = all(&mut fitted, Table::UserKeys).await.unwrap();
    let [Record::UserKey(key)] = keys.as_slice() else {
        panic!("{keys:?}")
    };
    // There is no place for when a key was made but that of its user.
    assert_eq!((key.digest.as_str(), key.created_at), ("a2", 1_000));
    assert!(all(&mut fitted, Table::AdminKeys).await.unwrap().is_empty());
    assert_eq!(fitted.rough_count(Table::UserKeys).await.unwrap(), 1);
    let users = all(&mut fitted, Table::Users).await.unwrap();
    assert!(users.iter().all(|user| match user {
        Record::User(row) => row.id.is_none(),
        _ => false,
    }));
}

#[tokio::test]
async fn what_has_no_standard_gets_the_one_that_upstream_would_choose() {
    let rows = vec![standard("openai"), definition(1)];
    let rows = all(&mut fitted(rows, Repairs::default()), Table::Definitions).await;
    let rows = rows.unwrap();
    let [Record::Definition(row)] = rows.as_slice() else {
        panic!("{rows:?}")
    };
    assert_eq!(row.settings.api_standard.as_deref(), Some("openai"));

    let mut without = fitted(vec![standard("other"), definition(1)], Repairs::default());
    let findings = without.survey().await.unwrap();
    assert_eq!(findings.count(FindingKind::Unusable).open, 1);
    let error = all(&mut without, Table::Definitions).await.unwrap_err();
    assert!(matches!(error, TransferError::Unusable { .. }), "{error}");
}

#[tokio::test]
async fn what_postgresql_cannot_hold_is_found_and_left_out_only_when_asked_for() {
    let rows = vec![
        embedding(1, "\\u0000", r#"{"a": "\\u0000"}"#),
        embedding(2, "a\0b", "{}"),
        embedding(3, "fine", "{}"),
        embedding(4, "fine", r#"{"a": [{"b\u0000": 1}]}"#),
        embedding(i64::from(i32::MAX) + 1, "too far", "{}"),
    ];
    let mut strict = fitted(rows.clone(), Repairs::default());
    let findings = strict.survey().await.unwrap();
    assert_eq!(findings.count(FindingKind::Unusable).open, 3);
    assert!(all(&mut strict, Table::Embeddings).await.is_err());

    let skip = Repairs {
        skip_unusable: true,
        ..Repairs::default()
    };
    let mut lenient = fitted(rows, skip);
    assert_eq!(lenient.survey().await.unwrap().open(), 0);
    assert_eq!(all(&mut lenient, Table::Embeddings).await.unwrap().len(), 2);
    let found = lenient.nearest(ProjectId(1), &[0, 60], 3).await.unwrap();
    let ids: Vec<i64> = found.iter().map(|neighbour| neighbour.id.0).collect();
    assert_eq!(ids, [1, 3, 5]);
}
