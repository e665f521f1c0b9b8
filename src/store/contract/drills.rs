//! Drills: the last one that passed counts.

use super::world::{World, at};
use crate::domain::audit::Action;
use crate::domain::drill::{Drill, DrillKind};
use crate::domain::key::KeyId;
use crate::store::Store;

pub(crate) async fn the_last_drill_that_passed_is_remembered(store: &dyn Store) {
    let world = World::new(store);
    assert_eq!(store.last_passed_drill().await.unwrap(), None);
    let drill = |kind, time, passed| Drill {
        kind,
        at: at(time),
        master_id: KeyId(format!("master-{time}")),
        passed,
    };
    for (kind, time, passed) in [
        (DrillKind::Shares, 3, true),
        (DrillKind::Escrow, 2, true),
        (DrillKind::Escrow, 4, false),
    ] {
        let drill = drill(kind, time, passed);
        store.add_drill(&drill, &world.witness).await.unwrap();
        let change = world.witness.one();
        assert_eq!(change.action, Action::KeyringDrill);
        assert_eq!(change.details["passed"], passed);
        assert_eq!(change.details["kind"], kind.as_str());
    }
    assert_eq!(
        store.last_passed_drill().await.unwrap(),
        Some(drill(DrillKind::Shares, 3, true))
    );
}
