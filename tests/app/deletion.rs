//! Projects that are deleted, brought back and destroyed, beside a server that serves them.

use crate::desk::{Desk, admin, item, notes, notes_spec};
use embsec::app::error::AppError;
use embsec::app::job::{Stop, Unheard};
use embsec::app::search::SearchQuery;
use embsec::domain::audit::Action;
use embsec::domain::ids::ProjectId;
use embsec::domain::key::KeyScope;
use embsec::store::{Conflict, Missing};

const DAY_MILLIS: i64 = 24 * 3_600_000;

async fn upload(desk: &Desk, text_ids: &[&str]) {
    let items = text_ids.iter();
    let items: Vec<_> = items.map(|id| item(id, &[1.0, 0.0, 0.0], None)).collect();
    desk.app
        .upload_embeddings(&admin(), &notes(), &items)
        .await
        .unwrap();
}

async fn id_of_notes(desk: &Desk) -> ProjectId {
    desk.app.project(&admin(), &notes()).await.unwrap().id
}

fn actions(desk: &Desk) -> Vec<Action> {
    let events = desk.log.events.lock().unwrap();
    events.iter().map(|event| event.action).collect()
}

#[tokio::test]
async fn a_search_finds_nothing_in_a_project_that_was_deleted_elsewhere() {
    let desk = Desk::with_notes(3).await;
    upload(&desk, &["one", "two"]).await;
    let server = desk.beside(1 << 20);
    let query = SearchQuery {
        limit: 10,
        offset: 0,
        threshold: 0.0,
        without: None,
    };
    let search = async || {
        server
            .similar_to_vector(&admin(), &notes(), &[1.0, 0.0, 0.0], &query)
            .await
    };
    assert_eq!(search().await.unwrap().len(), 2);
    let id = id_of_notes(&desk).await;
    desk.app.delete_project(&admin(), &notes()).await.unwrap();
    let gone = search().await;
    assert!(matches!(gone, Err(AppError::Missing(_))), "{gone:?}");
    // Created anew under the same handle, it is another project.
    desk.app.put_project(&admin(), &notes_spec()).await.unwrap();
    let empty = search().await;
    assert!(matches!(empty, Err(AppError::Empty(_))), "{empty:?}");
    desk.app.delete_project(&admin(), &notes()).await.unwrap();
    desk.app
        .undelete_project(&admin(), id, &notes().handle)
        .await
        .unwrap();
    assert_eq!(search().await.unwrap().len(), 2);
}

#[tokio::test]
async fn of_several_deleted_projects_of_one_name_the_id_decides() {
    let desk = Desk::with_notes(3).await;
    let first = id_of_notes(&desk).await;
    desk.app.delete_project(&admin(), &notes()).await.unwrap();
    let only = desk.app.deleted_project(&notes(), None).await.unwrap();
    assert_eq!(only.id, first);
    desk.app.put_project(&admin(), &notes_spec()).await.unwrap();
    let second = id_of_notes(&desk).await;
    desk.app.delete_project(&admin(), &notes()).await.unwrap();
    match desk.app.deleted_project(&notes(), None).await {
        Err(AppError::Invalid(told)) => {
            assert!(told.contains(&format!("{first}, {second}")), "{told}");
        }
        other => panic!("{other:?}"),
    }
    let named = desk.app.deleted_project(&notes(), Some(second)).await;
    assert_eq!(named.unwrap().id, second);
    let none = desk
        .app
        .deleted_project(&notes(), Some(ProjectId(99)))
        .await;
    assert!(
        matches!(none, Err(AppError::Missing(Missing::Project(_)))),
        "{none:?}"
    );
    desk.app.put_project(&admin(), &notes_spec()).await.unwrap();
    let taken = desk.app.check_free(&notes()).await;
    assert!(
        matches!(taken, Err(AppError::Conflict(Conflict::PathTaken(_)))),
        "{taken:?}"
    );
}

#[tokio::test]
async fn what_is_due_is_destroyed_and_nothing_else() {
    let desk = Desk::with_notes(3).await;
    upload(&desk, &["one", "two"]).await;
    let until = desk.app.delete_project(&admin(), &notes()).await.unwrap();
    desk.app.put_project(&admin(), &notes_spec()).await.unwrap();
    let shred = async || {
        desk.app
            .shred_due(&admin(), &Unheard, &Stop::default())
            .await
            .unwrap()
    };
    desk.clock.time.advance_millis(30 * DAY_MILLIS - 1);
    assert!(desk.app.now() < until);
    let early = shred().await;
    assert_eq!((early.projects, early.embeddings), (0, 0));
    assert_eq!(desk.app.deleted_projects().await.unwrap().len(), 1);
    desk.clock.time.advance_millis(1);
    assert_eq!(desk.app.due().await.unwrap().0.len(), 1);
    let done = shred().await;
    assert_eq!((done.projects, done.embeddings), (1, 2));
    assert!(!done.interrupted);
    assert!(desk.app.deleted_projects().await.unwrap().is_empty());
    assert_eq!(actions(&desk).last(), Some(&Action::DataKeyDestroy));
    let events = actions(&desk).len();
    assert_eq!(shred().await.projects, 0);
    assert_eq!(actions(&desk).len(), events);
    id_of_notes(&desk).await;
}

#[tokio::test]
async fn a_run_that_was_stopped_is_finished_by_the_next() {
    let desk = Desk::with_notes(3).await;
    upload(&desk, &["one", "two"]).await;
    let id = id_of_notes(&desk).await;
    let stop = Stop::default();
    stop.ask();
    let stopped = desk.app.shred_now(&admin(), id, &Unheard, &stop).await;
    let stopped = stopped.unwrap();
    assert!(stopped.interrupted);
    assert_eq!((stopped.projects, stopped.embeddings), (0, 0));
    // It is out of service and cannot come back, and its rows are still there.
    let gone = desk.app.project(&admin(), &notes()).await;
    assert!(matches!(gone, Err(AppError::Missing(_))), "{gone:?}");
    let left = desk.app.deleted_projects().await.unwrap();
    assert_eq!(left[0].former_handle, None);
    let back = desk
        .app
        .undelete_project(&admin(), id, &notes().handle)
        .await;
    assert!(matches!(back, Err(AppError::Missing(_))), "{back:?}");
    let again = desk
        .app
        .shred_now(&admin(), id, &Unheard, &Stop::default())
        .await;
    assert!(matches!(again, Err(AppError::Missing(_))), "{again:?}");
    let rest = desk
        .app
        .shred_due(&admin(), &Unheard, &Stop::default())
        .await;
    let rest = rest.unwrap();
    assert_eq!((rest.projects, rest.embeddings), (1, 2));
}

#[tokio::test]
async fn a_server_forgets_the_keys_that_are_destroyed_elsewhere() {
    let desk = Desk::with_notes(3).await;
    upload(&desk, &["one"]).await;
    let server = desk.beside(1 << 20);
    let id = id_of_notes(&desk).await;
    let scope = KeyScope::Project(id);
    server.keys().active(scope).await.unwrap();
    let known = server.forget_destroyed(None).await.unwrap();
    let before = server.keys().of_scope(scope).await.unwrap();
    assert!(before.active().is_some());
    desk.app
        .shred_now(&admin(), id, &Unheard, &Stop::default())
        .await
        .unwrap();
    let after = server.forget_destroyed(Some(known)).await.unwrap();
    assert_eq!(after, known + 1);
    let keys = server.keys().of_scope(scope).await.unwrap();
    assert!(keys.active().is_none());
}

#[tokio::test]
async fn a_log_that_refuses_stops_a_destruction() {
    let desk = Desk::with_notes(3).await;
    upload(&desk, &["one"]).await;
    let id = id_of_notes(&desk).await;
    desk.log.refuse(true);
    let refused = desk
        .app
        .shred_now(&admin(), id, &Unheard, &Stop::default())
        .await;
    assert!(
        matches!(refused, Err(AppError::Unavailable { .. })),
        "{refused:?}"
    );
    desk.log.refuse(false);
    assert_eq!(id_of_notes(&desk).await, id);
}
