//! Projects.

use super::world::{World, at, handle, instance_spec, page, path, project_spec, row, share};
use crate::domain::access::{Need, Role, Scope};
use crate::domain::audit::Action;
use crate::domain::page::Page;
use crate::domain::project::ContentPolicy;
use crate::store::{Missing, Store, StoreError, StoredKeyChange};

pub(crate) async fn a_project_is_created_and_replaced(store: &dyn Store) {
    let world = World::new(store);
    let alice = world.user("alice").await;
    world.user("bob").await;
    world.instance("alice/mini").await;
    let mut spec = project_spec("alice/docs");
    spec.description = Some("It's 100 % ours".to_owned());
    spec.metadata_scheme = Some(r#"{"type":"object"}"#.to_owned());
    spec.public_read = true;
    spec.instance = Some(path("alice/mini"));
    spec.shared_with = vec![share("bob", Role::Editor)];
    let brief = world.put_project(&spec).await.unwrap();
    assert_eq!((brief.role, brief.public_read), (Some(Role::Owner), true));
    assert_eq!((&brief.path, brief.number_of_embeddings), (&spec.path, 0));
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::ProjectCreate, Some(brief.id))
    );

    let found = store
        .project(&spec.path, Scope::User(alice))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.id, brief.id);
    assert_eq!(found.description, spec.description);
    assert_eq!(found.metadata_scheme, spec.metadata_scheme);
    assert_eq!(found.shared_with, spec.shared_with);
    assert_eq!(found.role, Some(Role::Owner));

    world
        .upload("alice/docs", &[row("a", 1.0), row("b", 1.0)])
        .await;
    world.witness.take();
    let again = world.put_project(&spec).await.unwrap();
    assert_eq!((again.id, again.number_of_embeddings), (brief.id, 2));
    assert_eq!(world.witness.action(), Action::ProjectUpdate);
}

pub(crate) async fn what_is_left_out_of_an_update_is_reset(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.user("bob").await;
    let mut spec = project_spec("alice/docs");
    spec.description = Some("ours".to_owned());
    spec.metadata_scheme = Some("{}".to_owned());
    spec.public_read = true;
    spec.instance = Some(path("alice/mini"));
    spec.shared_with = vec![share("bob", Role::Reader)];
    world.put_project(&spec).await.unwrap();
    world
        .put_project(&project_spec("alice/docs"))
        .await
        .unwrap();
    let found = store
        .project(&spec.path, Scope::Admin)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((found.description, found.metadata_scheme), (None, None));
    assert_eq!((found.instance, found.public_read), (None, false));
    // Shares are added, never taken back.
    assert_eq!(found.shared_with, spec.shared_with);
}

pub(crate) async fn a_project_needs_its_owner_and_its_sharees(store: &dyn Store) {
    let world = World::new(store);
    let mut spec = project_spec("alice/docs");
    let result = world.put_project(&spec).await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::User(_)))),
        "{result:?}"
    );
    world.users(["alice", "bob"]).await;
    spec.shared_with = vec![share("bob", Role::Reader), share("nobody", Role::Reader)];
    match world.put_project(&spec).await {
        Err(StoreError::Missing(Missing::User(who))) => assert_eq!(who, handle("nobody")),
        other => panic!("{other:?}"),
    }
    assert!(
        store
            .project(&spec.path, Scope::Admin)
            .await
            .unwrap()
            .is_none()
    );
    assert!(world.witness.take().is_empty());
}

pub(crate) async fn a_project_may_use_instances_of_its_owner_only(store: &dyn Store) {
    let world = World::new(store);
    world.users(["alice", "bob"]).await;
    world.instance("bob/large").await;
    let mut spec = project_spec("alice/docs");
    for unusable in ["bob/large", "alice/none", "nobody/none"] {
        spec.instance = Some(path(unusable));
        match world.put_project(&spec).await {
            Err(StoreError::Missing(Missing::Instance(which))) => {
                assert_eq!(which, path(unusable));
            }
            other => panic!("{other:?}"),
        }
    }
    let large = path("bob/large");
    let grant = share("alice", Role::Reader);
    store
        .share_instance(&large, &grant, at(1), &world.witness)
        .await
        .unwrap();
    spec.instance = Some(large.clone());
    world.put_project(&spec).await.unwrap();
    // What a project has, it keeps, even when the share is taken back; nothing new can use it.
    store
        .unshare_instance(&large, &handle("alice"), &world.witness)
        .await
        .unwrap();
    world.put_project(&spec).await.unwrap();
    spec.path = path("alice/more");
    let result = world.put_project(&spec).await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Instance(_)))),
        "{result:?}"
    );
}

pub(crate) async fn a_list_holds_owned_and_shared_projects_once(store: &dyn Store) {
    let world = World::new(store);
    world.users(["alice", "bob", "carol", "_dora"]).await;
    for owner in ["alice", "bob", "_dora"] {
        world.instance(&format!("{owner}/mini")).await;
    }
    for name in [
        "alice/shared",
        "alice/private",
        "bob/_late",
        "bob/early",
        "_dora/first",
    ] {
        let instance = format!("{}/mini", path(name).owner);
        world.project(name, &instance).await;
    }
    for name in ["alice/shared", "_dora/first", "bob/early"] {
        for with in ["bob", "carol"] {
            let grant = share(with, Role::Editor);
            store
                .share_project(&path(name), &grant, at(1), &world.witness)
                .await
                .unwrap();
        }
    }
    world
        .upload("alice/shared", &[row("a", 1.0), row("b", 2.0)])
        .await;
    let listed = store
        .list_projects(&handle("bob"), Page::ALL)
        .await
        .unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|p| (p.path.to_string(), p.role.unwrap(), p.number_of_embeddings))
        .collect();
    let expected = [
        ("alice/shared".to_owned(), Role::Editor, 2),
        ("bob/early".to_owned(), Role::Owner, 0),
        ("bob/_late".to_owned(), Role::Owner, 0),
        ("_dora/first".to_owned(), Role::Editor, 0),
    ];
    assert_eq!(seen, expected);
    let middle = store
        .list_projects(&handle("bob"), page(2, 1))
        .await
        .unwrap();
    assert_eq!(middle, listed[1..3]);
    let nobody = store
        .list_projects(&handle("nobody"), Page::ALL)
        .await
        .unwrap();
    assert!(nobody.is_empty());
}

pub(crate) async fn a_project_shows_its_instance(store: &dyn Store) {
    let world = World::new(store);
    let (alice, _) = world.docs().await;
    let [bob] = world.users(["bob"]).await;
    let docs = path("alice/docs");
    let grant = share("bob", Role::Reader);
    store
        .share_project(&docs, &grant, at(1), &world.witness)
        .await
        .unwrap();
    let seen = async |scope| {
        let found = store.project(&docs, scope).await.unwrap().unwrap();
        let instance = found.instance.unwrap();
        assert_eq!(instance.path, path("alice/mini"));
        (
            instance.access_role,
            instance.number_of_projects,
            instance.number_of_shared_users,
        )
    };
    assert_eq!(seen(Scope::User(alice)).await, (Some(Role::Owner), 1, 0));
    assert_eq!(seen(Scope::User(bob)).await, (None, 1, 0));
    assert_eq!(seen(Scope::Admin).await, (None, 1, 0));
    store
        .share_instance(&path("alice/mini"), &grant, at(1), &world.witness)
        .await
        .unwrap();
    assert_eq!(seen(Scope::User(bob)).await, (Some(Role::Reader), 1, 1));
}

pub(crate) async fn the_settings_revision_grows_with_every_change(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.user("bob").await;
    let mut last = world.context("alice/docs").await.settings_revision;
    let mut spec = project_spec("alice/docs");
    spec.instance = Some(path("alice/mini"));
    world.put_project(&spec).await.unwrap();
    let mut grown = async |at_path: &str| {
        let now = world.context(at_path).await.settings_revision;
        let grown = now > last;
        last = now;
        grown
    };
    assert!(grown("alice/docs").await);
    let mut mini = instance_spec("alice/mini");
    let keep = || StoredKeyChange::Keep;
    store
        .put_instance(&mini, keep(), at(1), &world.witness)
        .await
        .unwrap();
    assert!(!grown("alice/docs").await);
    mini.settings.dimensions = Some(4);
    store
        .put_instance(&mini, keep(), at(1), &world.witness)
        .await
        .unwrap();
    assert!(grown("alice/docs").await);
    store
        .transfer_project(&path("alice/docs"), &handle("bob"), at(1), &world.witness)
        .await
        .unwrap();
    assert!(grown("bob/docs").await);
    let context = world.context("bob/docs").await;
    assert_eq!(context.instance.unwrap().dimensions, Some(4));
}

pub(crate) async fn a_deleted_project_is_gone_with_its_embeddings(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    world.witness.take();
    let docs = path("alice/docs");
    world.delete_project("alice/docs").await.unwrap();
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::ProjectDelete, Some(id))
    );
    assert_eq!(change.details.get("embeddings").unwrap(), 1);
    let context = store
        .project_context(&docs, Scope::Admin, Need::Read)
        .await
        .unwrap();
    assert!(context.is_none());
    assert!(world.embedding("alice/docs", "a").await.is_none());
    assert!(world.text_ids("alice/docs").await.is_empty());
    let result = world.delete_project("alice/docs").await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Project(_)))),
        "{result:?}"
    );
    assert!(world.project("alice/docs", "alice/mini").await > id);
}

pub(crate) async fn health_tells_what_does_not_fit(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world
        .upload("alice/docs", &[row("a", 1.0), row("b", 1.0)])
        .await;
    let mut mini = instance_spec("alice/mini");
    mini.settings.dimensions = Some(4);
    let keep = StoredKeyChange::Keep;
    store
        .put_instance(&mini, keep, at(1), &world.witness)
        .await
        .unwrap();
    let mut four = row("c", 1.0);
    four.vector_half.extend([0, 0]);
    four.vector_dim = 4;
    world.upload("alice/docs", &[four]).await;
    world
        .put_project(&project_spec("alice/bare"))
        .await
        .unwrap();
    let health = store.project_health().await.unwrap();
    let seen: Vec<_> = health
        .iter()
        .map(|h| {
            (
                h.path.to_string(),
                h.number_of_embeddings,
                h.wrong_dimension,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("alice/docs".to_owned(), 3, 2),
            ("alice/bare".to_owned(), 0, 0)
        ]
    );
    assert_eq!(health[0].instance.as_ref().unwrap().dimensions, Some(4));
    assert_eq!(health[1].instance, None);
}

pub(crate) async fn a_policy_is_read_set_and_kept(store: &dyn Store) {
    let world = World::new(store);
    let (alice, id) = world.docs().await;
    let bob = world.user("bob").await;
    let docs = path("alice/docs");
    let read = async |scope| store.project_policy(&docs, scope).await.unwrap();
    assert_eq!(
        read(Scope::User(alice)).await,
        Some(ContentPolicy::default())
    );
    assert_eq!(read(Scope::User(bob)).await, None);
    let before = world.context("alice/docs").await;
    assert_eq!(before.policy, ContentPolicy::default());

    let policy = ContentPolicy {
        encrypt_text: false,
        encrypt_metadata: true,
    };
    let set = async || {
        store
            .set_project_policy(&docs, policy, at(1), &world.witness)
            .await
            .unwrap()
    };
    assert!(set().await);
    let change = world.witness.one();
    assert_eq!(
        (change.action, change.project_id),
        (Action::ProjectSetPolicy, Some(id))
    );
    assert_eq!(change.details.get("encrypt_text").unwrap(), false);
    assert_eq!(change.details.get("encrypt_metadata").unwrap(), true);
    // The same again changes nothing.
    assert!(!set().await);
    assert!(world.witness.take().is_empty());
    let after = world.context("alice/docs").await;
    assert_eq!(after.policy, policy);
    assert_eq!(after.settings_revision, before.settings_revision + 1);
    // What a client says of a project leaves the policy alone.
    world
        .put_project(&project_spec("alice/docs"))
        .await
        .unwrap();
    assert_eq!(read(Scope::Admin).await, Some(policy));
    world.witness.take();

    let none = path("alice/none");
    let result = store
        .set_project_policy(&none, policy, at(1), &world.witness)
        .await;
    assert!(
        matches!(result, Err(StoreError::Missing(Missing::Project(_)))),
        "{result:?}"
    );
    assert_eq!(
        store.project_policy(&none, Scope::Admin).await.unwrap(),
        None
    );
}

pub(crate) async fn every_project_is_listed_with_its_policy(store: &dyn Store) {
    let world = World::new(store);
    world.docs().await;
    world.user("bob").await;
    world.put_project(&project_spec("bob/cats")).await.unwrap();
    let policy = ContentPolicy {
        encrypt_text: false,
        encrypt_metadata: true,
    };
    store
        .set_project_policy(&path("bob/cats"), policy, at(1), &world.witness)
        .await
        .unwrap();
    world.upload("alice/docs", &[row("a", 1.0)]).await;
    let listed = store.all_projects().await.unwrap();
    let seen: Vec<_> = listed
        .iter()
        .map(|p| (p.path.to_string(), p.policy, p.number_of_embeddings))
        .collect();
    let expected = [
        ("alice/docs".to_owned(), ContentPolicy::default(), 1),
        ("bob/cats".to_owned(), policy, 0),
    ];
    assert_eq!(seen, expected);
    world.delete_project("alice/docs").await.unwrap();
    assert_eq!(store.all_projects().await.unwrap().len(), 1);
}

pub(crate) async fn rows_that_do_not_follow_a_policy_are_counted(store: &dyn Store) {
    let world = World::new(store);
    let (_, id) = world.docs().await;
    let with_text = |id: &str, text: &str| {
        let mut row = row(id, 1.0);
        row.text = Some(text.to_owned());
        row
    };
    let rows = [
        with_text("a", "in clear"),
        with_text("b", "enc:v2:sealed"),
        with_text("c", "enc:v2:sealed"),
        row("d", 1.0),
    ];
    world.upload("alice/docs", &rows).await;
    let count = async |encrypt_text| {
        let policy = ContentPolicy {
            encrypt_text,
            encrypt_metadata: true,
        };
        let unlike = store.unlike_policy(id, policy).await.unwrap();
        (unlike.texts, unlike.metadata)
    };
    assert_eq!(count(true).await, (1, 0));
    assert_eq!(count(false).await, (2, 0));
}
