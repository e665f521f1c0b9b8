//! Writing: what was written is what embapi would have, and steps that are done again do no harm.

use super::{Database, SCHEMA, Server, all, all_repairs, destination, odd, open, url};
use crate::domain::record::{Record, RecordKey, Table};
use crate::domain::user::UserState;
use crate::store::transfer::{Destination, Edit, RecordReader, RecordWriter as _};
use crate::sys::rng::SeededRng;
use crate::target::embapi::{EmbapiDestination, Fitted, OpenError};
use jiff::Timestamp;

/// Every column, every constraint, every index and every sequence, by name.
const CATALOGUE: &str = "\
    SELECT table_name, column_name, data_type, udt_name, character_maximum_length, is_nullable, \
           column_default \
    FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position; \
    SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint \
    WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2; \
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname; \
    SELECT c.relname, d.refobjid::regclass, d.refobjsubid FROM pg_class AS c \
    JOIN pg_depend AS d ON d.objid = c.oid AND d.deptype = 'a' \
    WHERE c.relkind = 'S' ORDER BY 1; \
    SELECT * FROM db_version; SELECT * FROM vdb_roles; SELECT * FROM key_methods";

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_760_000_000_000).unwrap()
}

/// What there is to be written.
async fn fitted(database: &Database) -> Fitted {
    let source = open(database, all_repairs()).await;
    Fitted::new(Box::new(source), all_repairs())
}

async fn copy(source: &mut dyn RecordReader, to: &mut EmbapiDestination) {
    to.begin("the source", now()).await.unwrap();
    let mut highest = Vec::new();
    for table in Table::ALL {
        let rows = all(source, table).await.unwrap();
        for chunk in rows.chunks(7) {
            let edits = chunk.iter().cloned().map(Edit::Insert).collect();
            to.apply(table, edits).await.unwrap();
        }
        if table.has_ids() {
            highest.push((table, source.highest_id(table).await.unwrap()));
        }
    }
    to.settle(&highest).await.unwrap();
}

async fn assert_same(one: &mut dyn RecordReader, other: &mut dyn RecordReader) {
    for table in Table::ALL {
        let expected = all(one, table).await.unwrap();
        let found = all(other, table).await.unwrap();
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{table}");
    }
}

#[tokio::test]
async fn the_schema_is_that_of_embapi_to_the_last_name() {
    for server in [Server::V16, Server::V18] {
        let made = Database::fresh(server);
        let mut to = destination(&made).await;
        to.begin("nothing", now()).await.unwrap();
        to.settle(&[]).await.unwrap();
        to.finish(now()).await.unwrap();
        let original = super::database(server, &[SCHEMA]);
        assert_eq!(made.run(CATALOGUE), original.run(CATALOGUE));
    }
}

#[tokio::test]
async fn rows_that_are_written_are_read_back_alike_and_again_without_harm() {
    let from = odd(Server::V18);
    let made = Database::fresh(Server::V16);
    let mut source = fitted(&from).await;
    let mut to = destination(&made).await;
    assert_eq!(to.state().await.unwrap(), Destination::Empty);
    assert!(to.page(Table::Users, None, 10).await.unwrap().is_empty());
    copy(&mut source, &mut to).await;
    assert_same(&mut source, &mut to).await;
    copy(&mut source, &mut to).await;
    assert_same(&mut source, &mut to).await;
    assert_eq!(made.run("SELECT count(*) FROM db_version"), "0");
    let unfinished = Destination::Unfinished {
        source: "the source".to_owned(),
    };
    assert_eq!(to.state().await.unwrap(), unfinished);
    to.finish(now()).await.unwrap();
    assert_eq!(made.run("SELECT version FROM db_version"), "5");
    let Destination::Occupied(what) = to.state().await.unwrap() else {
        panic!("not occupied")
    };
    assert_eq!(what, "an embapi database");
    // What upstream makes next gets an id that nothing had.
    let next = "\
        SELECT nextval('definitions_definition_id_seq'), \
               nextval('llm_services_llm_service_id_seq'), nextval('projects_project_id_seq'), \
               nextval('embeddings_embeddings_id_seq')";
    assert_eq!(made.run(next), "41|42|143|4001");
}

#[tokio::test]
async fn who_is_disabled_or_has_no_key_cannot_log_in() {
    let from = odd(Server::V18);
    let made = Database::fresh(Server::V18);
    let mut source = fitted(&from).await;
    let mut to = destination(&made).await;
    copy(&mut source, &mut to).await;
    let keys = "SELECT string_agg(left(vdb_key, 9), ' ' ORDER BY user_handle COLLATE \"C\") \
                FROM users WHERE vdb_key !~ '^[0-9a-f]{64}$' AND length(vdb_key) = 64";
    assert_eq!(made.run(keys), "disabled: disabled: disabled:");
    let system = "SELECT vdb_key FROM users WHERE user_handle = '_system'";
    assert_eq!(made.run(system), "0".repeat(64));

    // Enabled again, with a key; and bob without his.
    let mut users = all(&mut source, Table::Users).await.unwrap();
    let user = users.iter_mut().find_map(|record| match record {
        Record::User(row) if row.handle.as_str() == "zz-admin" => Some(row),
        _ => None,
    });
    let mut user = user.unwrap().clone();
    user.state = UserState::Active;
    to.apply(Table::Users, vec![Edit::Update(Record::User(user))])
        .await
        .unwrap();
    let mut source = open(&from, all_repairs()).await;
    let keys = all(&mut source, Table::UserKeys).await.unwrap();
    let key_of = |handle: &str| {
        let found = keys.iter().find_map(|record| match record {
            Record::UserKey(row) if row.user.as_str() == handle => Some(row),
            _ => None,
        });
        found.unwrap().clone()
    };
    let edits = vec![
        Edit::Insert(Record::UserKey(key_of("zz-admin"))),
        Edit::Delete(RecordKey::Name(key_of("bob").digest)),
    ];
    to.apply(Table::UserKeys, edits).await.unwrap();
    let state = "SELECT user_handle, left(vdb_key, 7) FROM users \
                 WHERE user_handle IN ('zz-admin', 'bob') ORDER BY 1";
    let digest = key_of("zz-admin").digest;
    assert_eq!(
        made.run(state),
        format!("bob|no-key:\nzz-admin|{}", &digest[..7])
    );
}

#[tokio::test]
async fn values_that_rows_exchange_are_moved_aside_first() {
    let from = odd(Server::V18);
    let made = Database::fresh(Server::V18);
    let mut source = fitted(&from).await;
    let mut to = destination(&made).await;
    copy(&mut source, &mut to).await;
    drop(source);
    from.run(
        "UPDATE users SET email = 'x' || email, vdb_key = 'x' || left(vdb_key, 63) \
         WHERE user_handle IN ('alice', 'bob'); \
         UPDATE users SET email = CASE user_handle WHEN 'alice' THEN 'bob' ELSE 'alice' END \
             || '@example.org', \
         vdb_key = encode(sha256(convert_to(CASE user_handle WHEN 'bob' THEN \
             '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff' \
             ELSE 'key of bob' END, 'UTF8')), 'hex') \
         WHERE user_handle IN ('alice', 'bob'); \
         UPDATE projects SET project_handle = 'tmp' WHERE project_id = 101; \
         UPDATE projects SET project_handle = 'books' WHERE project_id = 102; \
         UPDATE projects SET project_handle = 'notes' WHERE project_id = 101; \
         UPDATE instances SET instance_handle = 'tmp' WHERE instance_id = 11; \
         UPDATE instances SET instance_handle = 'five' WHERE instance_id = 12; \
         UPDATE instances SET instance_handle = 'three' WHERE instance_id = 11; \
         UPDATE definitions SET definition_handle = 'tmp' WHERE definition_id = 21; \
         UPDATE definitions SET definition_handle = 'own-small' WHERE definition_id = 22; \
         UPDATE definitions SET definition_handle = 'for-all' WHERE definition_id = 21; \
         UPDATE embeddings SET text_id = 'tmp' WHERE embeddings_id = 1007; \
         UPDATE embeddings SET text_id = '100%' WHERE embeddings_id = 1004; \
         UPDATE embeddings SET text_id = 'with+a+plus' WHERE embeddings_id = 1007; \
         UPDATE projects SET owner = 'carol' WHERE project_id = 107; \
         UPDATE users_projects SET user_handle = 'carol' \
         WHERE user_handle = 'bob' AND project_id = 107; \
         UPDATE embeddings SET owner = 'carol' WHERE project_id = 107",
    );
    let mut source = fitted(&from).await;
    for table in Table::ALL {
        let rows = all(&mut source, table).await.unwrap();
        for row in rows {
            to.apply(table, vec![Edit::Update(row)]).await.unwrap();
        }
    }
    assert_same(&mut source, &mut to).await;
    // Every row of a project names its owner, and so does one link and no other.
    let strangers = "SELECT count(*) FROM embeddings AS e JOIN projects AS p USING (project_id) \
                     WHERE e.owner <> p.owner";
    assert_eq!(made.run(strangers), "0");
    let links = "SELECT string_agg(user_handle || ' ' || role, ',' ORDER BY user_handle) \
                 FROM users_projects WHERE project_id = 107";
    assert_eq!(made.run(links), from.run(links));
}

#[tokio::test]
async fn rows_are_deleted_and_the_link_of_an_owner_is_not() {
    let from = odd(Server::V16);
    let made = Database::fresh(Server::V16);
    let mut source = fitted(&from).await;
    let mut to = destination(&made).await;
    copy(&mut source, &mut to).await;
    for handle in ["alice", "bob"] {
        let share = RecordKey::Share(101, handle.to_owned());
        to.apply(Table::ProjectShares, vec![Edit::Delete(share)])
            .await
            .unwrap();
    }
    let links = "SELECT string_agg(user_handle, ' ' ORDER BY user_handle) FROM users_projects \
                 WHERE project_id = 101";
    assert_eq!(made.run(links), "alice carol zz-admin");
    for table in Table::ALL.into_iter().rev() {
        let rows = all(&mut to, table).await.unwrap();
        let edits: Vec<Edit> = rows.iter().map(|row| Edit::Delete(row.key())).collect();
        to.apply(table, edits.clone()).await.unwrap();
        // They have gone already.
        to.apply(table, edits).await.unwrap();
        assert!(all(&mut to, table).await.unwrap().is_empty(), "{table}");
    }
}

#[tokio::test]
async fn what_cannot_become_an_embapi_database_is_refused() {
    let made = Database::empty_at(&Server::V18.url());
    let open_it = || {
        let url = url(&made);
        async move {
            let rng = std::sync::Arc::new(SeededRng::new(1));
            EmbapiDestination::open(&url, super::key("k"), rng).await
        }
    };
    assert!(matches!(open_it().await, Err(OpenError::NoVectorExtension)));
    made.run("CREATE EXTENSION vector; CREATE TABLE somebody (id int)");
    let mut to = open_it().await.unwrap();
    assert_eq!(
        to.state().await.unwrap(),
        Destination::Occupied("tables of another program, `public.somebody` first".to_owned())
    );
    assert!(matches!(open_it().await, Err(OpenError::Busy)));
}
