//! What stands in the way is found before anything is written, and says what settles it.

use super::{
    ODDITIES, SCHEMA, Server, UNUSABLE, all, all_repairs, count, database, odd, open, renames,
};
use crate::domain::findings::{FindingKind, Findings, Repairs};
use crate::domain::ids::Handle;
use crate::domain::record::Table;
use crate::store::transfer::{RecordReader as _, TransferError};

fn lines(findings: &Findings, kind: FindingKind) -> Vec<String> {
    let of_kind = findings
        .shown()
        .iter()
        .filter(|finding| finding.kind == kind);
    of_kind
        .map(|finding| format!("{} {}: {}", finding.table, finding.row, finding.what))
        .collect()
}

fn counts(findings: &Findings) -> [(u64, u64); 3] {
    FindingKind::ALL.map(|kind| {
        let count = findings.count(kind);
        (count.all, count.open)
    })
}

#[tokio::test]
async fn each_kind_is_counted_and_settled_by_its_own_option() {
    let database = database(Server::V18, &[SCHEMA, ODDITIES, UNUSABLE]);
    let mut source = open(&database, Repairs::default()).await;
    let findings = source.survey().await.unwrap();
    assert_eq!(counts(&findings), [(5, 5), (3, 3), (8, 8)]);
    assert_eq!(
        lines(&findings, FindingKind::OldOwner),
        [
            "embeddings project 104 (bob/moved): 5 embeddings name its former owner alice (ids \
             1041 to 1047); 3 rows of the project stand beside a later one of the same text and \
             are left out"
        ]
    );
    assert_eq!(
        lines(&findings, FindingKind::UserHandle),
        [
            "users admin: this handle is reserved",
            "users mal/lory: a user's handle holds no `/`, no `*` and no control characters",
            "users public: this handle is reserved",
        ]
    );
    let unusable = lines(&findings, FindingKind::Unusable);
    assert_eq!(unusable[0], "embeddings 5001: it has no text id");
    assert_eq!(
        unusable[3],
        "embeddings 5004: it says 4 components and has 3"
    );

    for (repairs, expected) in [
        (renames(), [(5, 5), (3, 0), (8, 8)]),
        (
            Repairs {
                repair_owners: true,
                ..Repairs::default()
            },
            [(5, 0), (3, 3), (8, 8)],
        ),
        (
            Repairs {
                skip_unusable: true,
                ..Repairs::default()
            },
            [(5, 5), (3, 3), (8, 0)],
        ),
        (all_repairs(), [(5, 0), (3, 0), (8, 0)]),
    ] {
        let findings = open(&database, repairs).await.survey().await.unwrap();
        assert_eq!(counts(&findings), expected);
    }
}

#[tokio::test]
async fn unusable_rows_are_left_out_only_when_asked_for() {
    let database = database(Server::V16, &[SCHEMA, ODDITIES, UNUSABLE]);
    let with = count(&database, all_repairs(), Table::Embeddings).await;
    let sound = odd(Server::V16);
    let without = count(&sound, all_repairs(), Table::Embeddings).await;
    assert_eq!(with.unwrap(), without.unwrap());
    for (repairs, table) in [
        (renames(), Table::Embeddings),
        (Repairs::default(), Table::Users),
    ] {
        let error = count(&database, repairs, table).await.unwrap_err();
        assert!(matches!(error, TransferError::Unusable { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_new_name_must_be_free_fit_and_for_somebody() {
    let database = odd(Server::V18);
    for (old, new, what) in [
        ("admin", "alice", "another user's handle"),
        ("admin", "mallory", "as `admin` does"),
        ("admin", "system", "reserved"),
        ("nobody", "somebody", "no user has this handle"),
        ("_system", "somebody", "keeps its handle"),
    ] {
        let mut repairs = all_repairs();
        let new = Handle::parse(new).unwrap();
        repairs.renames.insert(old.to_owned(), new);
        let findings = open(&database, repairs).await.survey().await.unwrap();
        assert_eq!(findings.open(), 1, "{old}");
        let lines = lines(&findings, FindingKind::UserHandle);
        assert!(lines.iter().any(|line| line.contains(what)), "{lines:?}");
    }
    // Somebody else's name is free when they get another one themselves.
    let mut repairs = all_repairs();
    repairs
        .renames
        .insert("bob".to_owned(), Handle::parse("robert").unwrap());
    repairs
        .renames
        .insert("admin".to_owned(), Handle::parse("bob").unwrap());
    let findings = open(&database, repairs).await.survey().await.unwrap();
    assert_eq!(findings.open(), 0, "{:?}", findings.shown());
}

#[tokio::test]
async fn handles_too_short_to_hold_are_left_out_with_what_depends_on_them() {
    let database = odd(Server::V18);
    database.run(
        "UPDATE instances SET instance_handle = 'x' WHERE instance_id = 27; \
         UPDATE definitions SET definition_handle = 'y' WHERE definition_id = 21; \
         UPDATE projects SET project_handle = 'z' WHERE project_id = 102",
    );
    let findings = open(&database, renames()).await.survey().await.unwrap();
    // The instance and its project with 40 embeddings each, another project with two, a definition.
    assert_eq!(findings.count(FindingKind::Unusable).open, 41 + 41 + 3 + 1);
    let mut source = open(&database, all_repairs()).await;
    assert_eq!(source.survey().await.unwrap().open(), 0);
    let projects = format!("{:?}", all(&mut source, Table::Projects).await.unwrap());
    assert!(!projects.contains("crowd") && projects.contains("books"));
    let shares = all(&mut source, Table::ProjectShares).await.unwrap();
    assert_eq!(shares.len(), 5);
    let embeddings = all(&mut source, Table::Embeddings).await.unwrap();
    let sound = odd(Server::V18);
    let before = count(&sound, all_repairs(), Table::Embeddings).await;
    assert_eq!(embeddings.len(), before.unwrap() - 42);
    let instances = all(&mut source, Table::Instances).await.unwrap();
    assert!(format!("{:?}", instances[0]).contains("definition: None"));
}
