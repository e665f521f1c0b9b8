//! One golden for one row of the table of operations.

use crate::world::World;
use embsec::http::operation::Operation;
use embsec::http::operations;
use embsec::http::wire::Profile;

/// Makes a test of every script and lists the operations that they stand for.
macro_rules! goldens {
    ($($script:ident => $id:literal,)*) => {
        pub(crate) const IDS: &[&str] = &[$($id),*];

        mod rows {
            $(
                #[tokio::test]
                async fn $script() {
                    crate::row::golden($id, super::$script).await;
                }
            )*
        }
    };
}

/// Runs a script in a fresh world and compares what it showed. The script must show the
/// operation's success, else it is no golden of it.
pub(crate) async fn golden(id: &str, script: impl AsyncFnOnce(&mut World)) {
    let mut world = World::open().await;
    script(&mut world).await;
    let operations = operations::all(Profile::Embapi);
    let operation = operations.iter().find(|operation| operation.id == id);
    let operation = operation.unwrap_or_else(|| panic!("{id} is no operation"));
    let shown = world.shown.iter().any(|shown| {
        let by_default = shown.status == operation.success;
        let is_refused_by_default = id.ends_with("-footgun") && shown.status >= 400;
        (by_default || is_refused_by_default)
            && operation.method_name() == shown.method
            && is_of(operation, &shown.path)
    });
    assert!(shown, "the script of {id} does not show its success");
    compare(id, &world);
}

/// Compares what a world showed with the snapshot of this name.
pub(crate) fn compare(name: &str, world: &World) {
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!(name, world.transcript());
    });
}

fn is_of(operation: &Operation, path: &str) -> bool {
    let template: Vec<_> = operation.path.split('/').collect();
    let segments: Vec<_> = path.split('/').collect();
    template.len() == segments.len()
        && template
            .iter()
            .zip(&segments)
            .all(|(template, segment)| template.starts_with('{') || template == segment)
}
