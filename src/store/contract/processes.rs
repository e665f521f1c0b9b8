//! Servers that tell of themselves, and leases.

use super::world::at;
use crate::domain::key::KeyId;
use crate::domain::rotation::ServerProcess;
use crate::store::Store;
use crate::store::rotation::LeaseRequest;

pub(super) fn process(id: &str, seen: i64, masters: &[&str]) -> ServerProcess {
    ServerProcess {
        id: id.to_owned(),
        host: "one.example".to_owned(),
        pid: 4321,
        started_at: at(1),
        seen_at: at(seen),
        keyring_generation: 7,
        master_ids: masters.iter().map(|id| KeyId((*id).to_owned())).collect(),
    }
}

pub(crate) async fn a_server_is_known_while_it_tells_of_itself(store: &dyn Store) {
    let (first, other) = (process("a", 10, &["m1"]), process("b", 12, &["m1", "m2"]));
    for process in [&first, &other] {
        store.beat(process).await.unwrap();
    }
    let live = store.processes(at(10)).await.unwrap();
    assert_eq!(live, [first.clone(), other.clone()]);
    assert!(!live[0].can_open(&KeyId("m2".to_owned())));
    assert!(live[1].can_open(&KeyId("m2".to_owned())));
    assert!(!live[1].seals_with(&KeyId("m2".to_owned())));

    let later = ServerProcess {
        keyring_generation: 8,
        ..process("a", 20, &["m2", "m1"])
    };
    store.beat(&later).await.unwrap();
    assert_eq!(
        store.processes(at(11)).await.unwrap(),
        [later.clone(), other]
    );
    assert_eq!(store.processes(at(13)).await.unwrap(), [later]);
    assert!(store.processes(at(21)).await.unwrap().is_empty());
}

pub(crate) async fn a_server_that_stopped_is_forgotten_with_those_long_gone(store: &dyn Store) {
    for (id, seen) in [("gone", 1), ("stops", 50), ("lives", 50)] {
        store.beat(&process(id, seen, &["m1"])).await.unwrap();
    }
    store.forget_process("stops", at(40)).await.unwrap();
    let left = store.processes(at(0)).await.unwrap();
    assert_eq!(left, [process("lives", 50, &["m1"])]);
}

pub(crate) async fn a_read_only_database_still_knows_its_servers(store: &dyn Store) {
    store
        .set_read_only(Some("it is being moved"))
        .await
        .unwrap();
    let process = process("a", 10, &["m1"]);
    store.beat(&process).await.unwrap();
    assert_eq!(store.processes(at(0)).await.unwrap(), [process]);
}

pub(crate) async fn a_lease_is_one_holders_until_it_expires_or_is_given_back(store: &dyn Store) {
    let lease = |holder: &'static str, second: i64| LeaseRequest {
        name: "rotate",
        holder,
        expires_at: at(second),
    };
    let holder_of = async |request: LeaseRequest<'static>, now: i64| {
        let taken = store.take_lease(&request, at(now)).await.unwrap();
        taken.map(|other| (other.holder, other.expires_at))
    };
    assert_eq!(holder_of(lease("one", 30), 0).await, None);
    let held = Some(("one".to_owned(), at(30)));
    assert_eq!(holder_of(lease("other", 31), 1).await, held);
    // Renewed by its holder, it is theirs for longer.
    assert_eq!(holder_of(lease("one", 40), 10).await, None);
    assert_eq!(
        holder_of(lease("other", 60), 39).await,
        Some(("one".to_owned(), at(40)))
    );
    assert_eq!(holder_of(lease("other", 70), 40).await, None);
    // Whoever lost it gives back nothing.
    store.release_lease("rotate", "one").await.unwrap();
    assert!(holder_of(lease("one", 80), 41).await.is_some());
    store.release_lease("rotate", "other").await.unwrap();
    assert_eq!(holder_of(lease("one", 80), 41).await, None);
    let elsewhere = LeaseRequest {
        name: "another",
        ..lease("other", 80)
    };
    assert_eq!(holder_of(elsewhere, 41).await, None);
}

pub(crate) async fn a_lease_of_a_holder_who_is_gone_is_taken_over_once(store: &dyn Store) {
    let lease = |holder: &'static str| LeaseRequest {
        name: "rotate",
        holder,
        expires_at: at(30),
    };
    assert_eq!(store.take_lease(&lease("gone"), at(0)).await.unwrap(), None);
    assert!(store.take_over_lease(&lease("one"), "gone").await.unwrap());
    assert!(!store.take_over_lease(&lease("two"), "gone").await.unwrap());
    let other = store.take_lease(&lease("two"), at(0)).await.unwrap();
    assert_eq!(other.unwrap().holder, "one");
}
