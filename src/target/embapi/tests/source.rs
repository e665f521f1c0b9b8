//! Reading: what the database is, and its rows.

use super::{
    ODDITIES, SCHEMA, Server, VERSION_4, all, all_repairs, database, key, odd, open, renames,
    try_open, url,
};
use crate::domain::findings::Repairs;
use crate::domain::ids::ProjectId;
use crate::domain::record::{Record, Table};
use crate::domain::user::UserState;
use crate::store::transfer::{RecordReader as _, TransferError};
use crate::target::embapi::{EmbapiSource, OpenError};
use secrecy::ExposeSecret as _;

#[tokio::test]
async fn both_forms_of_the_schema_give_the_same_rows() {
    let newest = odd(Server::V18);
    let older = database(Server::V16, &[SCHEMA, VERSION_4, ODDITIES]);
    // Undoes what differs beside the form.
    older.run("UPDATE users SET email = 'system@embapi.internal' WHERE user_handle = '_system'");
    let renamed = database(Server::V18, &[SCHEMA, ODDITIES]);
    renamed.run("ALTER TABLE users RENAME COLUMN vdb_key TO embapi_key");
    // Moments at which the databases were made.
    for database in [&newest, &older, &renamed] {
        database.run(
            "UPDATE users SET created_at = '2025-01-01', updated_at = '2025-01-01' \
             WHERE user_handle = '_system'; \
             UPDATE definitions SET created_at = '2025-01-01', updated_at = '2025-01-01' \
             WHERE owner = '_system'; \
             UPDATE api_standards SET created_at = '2025-01-01', updated_at = '2025-01-01' \
             WHERE created_at > '2025-06-01'",
        );
    }
    let mut newest = open(&newest, all_repairs()).await;
    for other in [&older, &renamed] {
        let mut other = open(other, all_repairs()).await;
        for table in Table::ALL {
            let expected = all(&mut newest, table).await.unwrap();
            let found = all(&mut other, table).await.unwrap();
            assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{table}");
            assert!(table == Table::AdminKeys || !found.is_empty(), "{table}");
        }
    }
}

#[tokio::test]
async fn what_is_no_embapi_database_is_told_apart() {
    let empty = database(Server::V18, &[]);
    let error = try_open(&empty, Repairs::default()).await.err().unwrap();
    assert!(
        matches!(
            error,
            OpenError::NotEmbapi {
                missing: "db_version"
            }
        ),
        "{error}"
    );

    let other = database(
        Server::V18,
        &["CREATE TABLE db_version (version int); CREATE TABLE users (id int)"],
    );
    let error = try_open(&other, Repairs::default()).await.err().unwrap();
    assert!(matches!(error, OpenError::NotEmbapi { .. }), "{error}");

    let keyless = database(Server::V18, &[SCHEMA]);
    keyless.run("ALTER TABLE users DROP COLUMN vdb_key");
    let error = try_open(&keyless, Repairs::default()).await.err().unwrap();
    assert!(
        matches!(
            error,
            OpenError::NotEmbapi {
                missing: "users.vdb_key"
            }
        ),
        "{error}"
    );

    let old = database(Server::V18, &[SCHEMA]);
    old.run("UPDATE db_version SET version = 3");
    let error = try_open(&old, Repairs::default()).await.err().unwrap();
    assert!(
        matches!(
            error,
            OpenError::TooOld {
                found: 3,
                oldest: 4
            }
        ),
        "{error}"
    );

    let gone = url(&empty);
    drop(empty);
    let error = EmbapiSource::open(&gone, None, Repairs::default())
        .await
        .err()
        .unwrap();
    assert!(matches!(error, OpenError::Refused(_)), "{error}");
}

#[tokio::test]
async fn a_database_that_upstream_wiped_has_no_version_and_is_read() {
    let database = database(Server::V16, &[SCHEMA, "DELETE FROM db_version"]);
    let mut source = open(&database, Repairs::default()).await;
    assert_eq!(source.survey().await.unwrap().open(), 0);
    assert_eq!(all(&mut source, Table::Definitions).await.unwrap().len(), 4);
}

#[tokio::test]
async fn a_provider_key_needs_the_key_that_sealed_it() {
    let database = odd(Server::V18);
    let url = url(&database);
    let error = EmbapiSource::open(&url, None, Repairs::default())
        .await
        .err()
        .unwrap();
    assert!(matches!(error, OpenError::KeyNeeded(3)), "{error}");

    let mut source = open(&database, all_repairs()).await;
    let keys: Vec<_> = all(&mut source, Table::Instances)
        .await
        .unwrap()
        .into_iter()
        .map(|record| match record {
            Record::Instance(row) => row.provider_key.map(|key| key.expose_secret().to_owned()),
            other => panic!("{other:?}"),
        })
        .collect();
    let shared = Some("my-api-key-12345".to_owned());
    let bobs = Some("sk-bob-Zürich-0001".to_owned());
    assert_eq!(keys, [shared.clone(), shared, bobs, None, None, None]);

    let wrong = Some(key("test-encryption-key-12346"));
    let mut source = EmbapiSource::open(&url, wrong, all_repairs())
        .await
        .unwrap();
    let error = source.survey().await.unwrap_err();
    assert!(
        matches!(error, TransferError::ProviderKey { .. }),
        "{error}"
    );
    // One that is damaged among others that open.
    database.run("UPDATE instances SET api_key_encrypted = '\\x00' WHERE instance_id = 27");
    let error = open(&database, all_repairs())
        .await
        .survey()
        .await
        .unwrap_err();
    assert!(
        matches!(&error, TransferError::ProviderKey { instance, .. } if instance.0 == 27),
        "{error}"
    );
}

#[tokio::test]
async fn renamed_users_come_in_the_order_of_their_new_names_disabled_and_everywhere() {
    let database = odd(Server::V16);
    let mut source = open(&database, renames()).await;
    let mut handles = Vec::new();
    for record in all(&mut source, Table::Users).await.unwrap() {
        let Record::User(row) = record else {
            panic!("{record:?}")
        };
        let renamed = ["zz-admin", "aa-public", "mallory"].contains(&row.handle.as_str());
        assert_eq!(row.state == UserState::Disabled, renamed, "{row:?}");
        if !row.handle.as_str().starts_with("reader-") {
            handles.push(row.handle.as_str().to_owned());
        }
    }
    let expected = [
        "Zoë",
        "_system",
        "aa-public",
        "alice",
        "bob",
        "carol",
        "dave",
        "mallory",
        "zz-admin",
    ];
    assert_eq!(handles, expected);
    let mut found = Vec::new();
    for table in [Table::UserKeys, Table::Projects, Table::ProjectShares] {
        let rows = all(&mut source, table).await.unwrap();
        assert!(!format!("{rows:?}").contains("\"admin\""), "{table}");
        found.push(format!("{rows:?}").contains("zz-admin"));
    }
    assert_eq!(found, [true; 3]);
}

#[tokio::test]
async fn owners_links_are_no_shares_and_the_system_has_no_key() {
    let database = odd(Server::V18);
    let mut source = open(&database, all_repairs()).await;
    let shares = all(&mut source, Table::ProjectShares).await.unwrap();
    assert_eq!(shares.len(), 66);
    let keys = all(&mut source, Table::UserKeys).await.unwrap();
    assert_eq!(keys.len(), 68);
    // The key of upstream's own tests.
    let digest = "e1b85b27d6bcb05846c18e6a48f118e89f0c0587140de9fb3359f8370d0dba08";
    assert!(keys.iter().any(|row| matches!(
        row,
        Record::UserKey(row) if row.digest == digest && row.user.as_str() == "carol"
    )));
}

#[tokio::test]
async fn of_two_rows_for_one_text_the_later_one_is_taken_and_then_the_owners() {
    let database = odd(Server::V18);
    let mut source = open(&database, all_repairs()).await;
    let mut moved = Vec::new();
    for record in all(&mut source, Table::Embeddings).await.unwrap() {
        if let Record::Embedding(row) = record
            && row.project == ProjectId(104)
        {
            moved.push((row.id.0, row.text_id));
        }
    }
    let expected = [
        (1041, "kept-1"),
        (1042, "kept-2"),
        (1044, "again"),
        (1046, "again-2"),
        (1048, "again-3"),
        (1049, "bobs-own"),
    ];
    assert_eq!(moved, expected.map(|(id, text)| (id, text.to_owned())));
}

#[tokio::test]
async fn values_are_taken_as_they_are() {
    let database = odd(Server::V16);
    let mut source = open(&database, all_repairs()).await;
    let mut rows = all(&mut source, Table::Embeddings)
        .await
        .unwrap()
        .into_iter();
    let Some(Record::Embedding(first)) = rows.next() else {
        panic!("no rows")
    };
    let bits = [0xa556_u16, 0x24be, 0x2ad2, 0x2c92, 0x251f];
    let bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
    assert_eq!(first.vector_half, bytes);
    assert_eq!(first.created_at, 1_738_713_600_000);
    let Some(Record::Embedding(second)) = rows.next() else {
        panic!("one row")
    };
    assert_eq!(second.updated_at, 1_738_800_000_654);
    let metadata = second.metadata.unwrap();
    for kept in [
        "\"one\": 1.0",
        "123456789012345678901234567890",
        "0.1000000000000000055511151231257827",
        "2.50",
    ] {
        assert!(metadata.contains(kept), "{metadata}");
    }
    let metadata: Vec<_> = rows
        .take(5)
        .map(|row| match row {
            Record::Embedding(row) => (row.text, row.metadata),
            other => panic!("{other:?}"),
        })
        .collect();
    // NULL is not the empty text, and the `null` of JSON is no metadata.
    assert_eq!(metadata[0], (None, None));
    assert_eq!(metadata[1], (Some(String::new()), Some("{}".to_owned())));
    assert_eq!(metadata[4].1, None);
    // Empty texts and zeros stand for nothing in settings.
    let Some(Record::Instance(unsized_one)) =
        all(&mut source, Table::Instances).await.unwrap().pop()
    else {
        panic!("no instances")
    };
    let settings = unsized_one.settings;
    assert_eq!(
        (settings.endpoint, settings.model, settings.dimensions),
        (None, None, None)
    );
}

#[tokio::test]
async fn the_snapshot_does_not_move_and_ids_count_what_is_gone() {
    let database = odd(Server::V18);
    let mut source = open(&database, all_repairs()).await;
    let before = all(&mut source, Table::Embeddings).await.unwrap().len();
    database.run("DELETE FROM embeddings WHERE embeddings_id > 2000");
    assert_eq!(
        all(&mut source, Table::Embeddings).await.unwrap().len(),
        before
    );
    let mut highest = Vec::new();
    for table in Table::ALL {
        if table.has_ids() {
            highest.push(source.highest_id(table).await.unwrap());
        }
    }
    assert_eq!(highest, [0, 40, 41, 142, 4000]);
    let error = {
        use sqlx::Executor as _;
        source
            .rows
            .connection
            .execute("DELETE FROM users")
            .await
            .unwrap_err()
    };
    assert!(error.to_string().contains("read-only"), "{error}");
}

#[tokio::test]
async fn the_nearest_are_those_that_the_server_finds_among_what_is_taken() {
    let database = odd(Server::V18);
    let mut source = open(&database, all_repairs()).await;
    let query: Vec<u8> = [1.0_f32, 1.0, 1.0, 0.5, 0.5]
        .iter()
        .flat_map(|value| half::f16::from_f32(*value).to_le_bytes())
        .collect();
    let found = source.nearest(ProjectId(104), &query, 4).await.unwrap();
    let ids: Vec<i64> = found.iter().map(|neighbour| neighbour.id.0).collect();
    let expected = database.run(
        "SELECT string_agg(embeddings_id::text, ',' ORDER BY vector <=> '[1,1,1,0.5,0.5]') \
         FROM embeddings WHERE embeddings_id IN (1041, 1042, 1044, 1046, 1048, 1049)",
    );
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    assert!(expected.starts_with(&ids.join(",")), "{ids:?} {expected}");
    assert_eq!(ids.len(), 4);
    assert!(found.is_sorted_by(|a, b| a.similarity >= b.similarity));
}
