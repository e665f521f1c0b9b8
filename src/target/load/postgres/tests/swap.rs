//! A restored database takes the place of another.

use super::{Database, LoadError, Server, id};
use crate::store::testing::{in_database, psql};
use crate::target::dump::postgres::connect;
use crate::target::dump::postgres::tests::support::url;
use crate::target::load::postgres::swap;

#[tokio::test]
async fn databases_are_swapped_only_while_nobody_holds_them() {
    for server in [Server::V16, Server::V18] {
        let (restored, served) = (
            Database::empty_at(&server.url()),
            Database::empty_at(&server.url()),
        );
        restored.run("CREATE TABLE restored ()");
        served.run("CREATE TABLE served ()");
        let address = url(&served);
        for held in [&restored, &served] {
            let holder = connect(&url(held), "somebody", None).await.unwrap();
            let refused = swap(&address, restored.name(), served.name(), &id()).await;
            assert!(
                matches!(&refused, Err(LoadError::InUse(holders))
                    if holders.len() == 1 && holders[0].application_name == "somebody"),
                "{refused:?}"
            );
            drop(holder);
            let gone = format!(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'",
                held.name()
            );
            psql(&server.url(), &gone);
        }
        restored.run(
            "CREATE SCHEMA embsec_restore; CREATE TABLE embsec_restore.progress \
            (backup_id text, step bigint, statement text); \
            INSERT INTO embsec_restore.progress VALUES ('x', 1, 'ANALYZE')",
        );
        let refused = swap(&address, restored.name(), served.name(), &id()).await;
        assert!(
            matches!(refused, Err(LoadError::Unfinished(_))),
            "{refused:?}"
        );
        restored.run("DROP SCHEMA embsec_restore CASCADE");

        let expected = "embsec_short_before_20261128T182417Z-az27a7";
        let beside = server.url();
        psql(&beside, "DROP DATABASE IF EXISTS embsec_short");
        let sql = "DROP DATABASE IF EXISTS \"embsec_short_before_20261128T182417Z-az27a7\"";
        psql(&beside, sql);
        psql(
            &beside,
            &format!("ALTER DATABASE {} RENAME TO embsec_short", served.name()),
        );
        for _ in 0..2 {
            let swapped = swap(&address, restored.name(), "embsec_short", &id()).await;
            assert_eq!(swapped.unwrap().former.as_deref(), Some(expected));
        }
        let tables = "SELECT relname FROM pg_class WHERE relname IN ('restored', 'served')";
        let now = in_database(&beside, "embsec_short");
        assert_eq!(psql(&now, tables), "restored");
        let former = in_database(&beside, expected);
        assert_eq!(psql(&former, tables), "served");
        psql(&beside, sql);
        psql(
            &beside,
            &format!("ALTER DATABASE embsec_short RENAME TO {}", restored.name()),
        );

        let long = "l".repeat(60);
        let refused = swap(&address, restored.name(), &long, &id()).await;
        assert!(matches!(refused, Err(LoadError::Name(_))));
        let missing = swap(&address, "embsec_missing", "embsec_none", &id()).await;
        assert!(matches!(missing, Err(LoadError::NoSuchDatabase(_))));
    }
}
