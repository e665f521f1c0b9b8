//! That the index is used, that the project is kept to, and that little is missed.

use super::*;
use crate::domain::postgres_url::PostgresUrl;
use crate::store::postgres::{PostgresOptions, schema};
use crate::store::testing::{Database, Server};
use sqlx::Row as _;
use std::collections::HashSet;

const SERVERS: [Server; 2] = [Server::V16, Server::V18];

const DIM: u32 = 384;

/// Two projects on one instance: every third row is the second's.
const ROWS: &str = "\
    INSERT INTO embeddings (project_id, instance_id, text_id, data_revision, vector_dim, vector, \
        created_at, updated_at) \
    SELECT CASE WHEN g % 3 = 0 THEN 2 ELSE 1 END, 1, 'text ' || g, 1, 384, \
        (SELECT array_agg(sin(g * 7919 + i * i * 0.37)) \
         FROM generate_series(1, 384) AS i)::halfvec(384), 0, 0 \
    FROM generate_series(1, 2000) AS g";

const PREPARE: [&str; 4] = [
    "INSERT INTO instances (owner_id, handle, dimensions, created_at, updated_at) \
     VALUES (1, 'mini', 384, 0, 0)",
    "INSERT INTO projects (owner_id, handle, public_read, instance_id, created_at, updated_at) \
     SELECT 1, 'project ' || g, false, 1, 0, 0 FROM generate_series(1, 2) AS g",
    ROWS,
    "ANALYZE embeddings",
];

async fn filled(server: Server) -> (PostgresStore, Database) {
    let database = Database::fresh(server);
    let url = PostgresUrl::parse(&database.url()).unwrap();
    let options = PostgresOptions::default();
    schema::migrate(&url, options.connect_timeout, None)
        .await
        .unwrap();
    let store = PostgresStore::open(&url, &options).await.unwrap();
    for sql in PREPARE {
        sqlx::query(sql).execute(store.pool()).await.unwrap();
    }
    (store, database)
}

/// Little-endian binary16 of a stored row.
async fn vector_of(store: &PostgresStore, text_id: &str) -> Vec<u8> {
    let row = sqlx::query("SELECT vector FROM embeddings WHERE text_id = $1")
        .bind(text_id)
        .fetch_one(store.pool())
        .await
        .unwrap();
    vectors::vector_half(&row, 0).unwrap()
}

#[tokio::test]
async fn the_query_is_answered_by_the_index_of_its_number_of_components() {
    for server in SERVERS {
        let (store, _database) = filled(server).await;
        let half = vector_of(&store, "text 100").await;
        let begin = AssertSqlSafe(begin_sql(20, store.features().iterative_scan));
        let mut transaction = store.pool().begin_with(begin).await.unwrap();
        let explain = format!("EXPLAIN {}", nearest_sql(DIM));
        let plan: Vec<String> = sqlx::query(AssertSqlSafe(explain))
            .bind(1_i64)
            .bind(vectors::half_vector(DIM, &half).unwrap())
            .bind(20_i64)
            .fetch_all(&mut *transaction)
            .await
            .unwrap()
            .iter()
            .map(|row| row.get(0))
            .collect();
        let plan = plan.join("\n");
        assert!(
            plan.contains("Index Scan using embeddings_nearest_384"),
            "{server:?}: {plan}"
        );
        assert!(!plan.contains("Sort"), "{server:?}: {plan}");
    }
}

#[tokio::test]
async fn candidates_are_of_the_project_and_hardly_one_of_the_nearest_is_missing() {
    const EXACT: &str = "\
        SELECT e.text_id FROM embeddings AS e WHERE e.project_id = 2 \
        ORDER BY e.vector <=> $1 LIMIT 10";
    for server in SERVERS {
        let (store, _database) = filled(server).await;
        let project = ProjectId(2);
        let (mut found, mut sought) = (0, 0);
        for number in (10..2_000).step_by(100) {
            let half = vector_of(&store, &format!("text {number}")).await;
            let candidates = store.nearest(project, DIM, &half, 20).await.unwrap();
            assert_eq!(candidates.len(), 20, "{server:?}");
            let numbers = candidates
                .iter()
                .map(|row| row.text_id.trim_start_matches("text "));
            assert!(
                numbers
                    .map(|n| n.parse::<u32>().unwrap())
                    .all(|n| n % 3 == 0)
            );
            let named: HashSet<&str> = candidates.iter().map(|row| &*row.text_id).collect();
            let nearest: Vec<String> = sqlx::query_scalar(EXACT)
                .bind(vectors::half_vector(DIM, &half).unwrap())
                .fetch_all(store.pool())
                .await
                .unwrap();
            sought += nearest.len();
            found += nearest.iter().filter(|id| named.contains(&***id)).count();
        }
        assert!(found * 20 >= sought * 19, "{server:?}: {found} of {sought}");
    }
}

#[test]
fn an_older_extension_is_not_asked_for_what_it_does_not_know() {
    assert!(!begin_sql(10, false).contains("iterative_scan"));
    assert!(begin_sql(10, true).contains("iterative_scan"));
    assert!(begin_sql(10, true).contains("ef_search = 240;"));
    assert!(begin_sql(5_000, true).contains("ef_search = 1000;"));
}
