//! A client in another language, written from the API's description alone, works unchanged.

use crate::support::{World, python};

#[test]
fn a_client_written_from_the_description_alone_works() {
    let world = World::new();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/client/test_client.py");
    let key = world.deployment.dir().join("admin.key");
    let mut command = python();
    command
        .arg(script)
        .arg(format!("http://{}", world.server.address));
    let output = command
        .arg(format!("file:{}", key.display()))
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{stdout}\n{stderr}\nserver:\n{}",
        world.server.log()
    );
    assert!(stdout.contains(" passed, 0 failed"), "{stdout}");
}
