//! A property-based run over the OpenAPI document, by a tool that knows nothing of embsec.

use crate::support::{Client, World, variable};
use std::process::Command;
use std::time::Duration;

/// Names the tool; `scripts/test` provides it and sets this.
const TOOL: &str = "EMBSEC_TEST_SCHEMATHESIS";

/// What every answer must be, whatever was sent.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance";

/// Examples for each operation and caller; more belong into a long run.
const EXAMPLES: &str = "12";

#[test]
fn generated_requests_find_no_server_error_as_administrator() {
    let world = World::new();
    run(&world, &world.admin, "");
}

#[test]
fn generated_requests_find_no_server_error_as_user() {
    let world = World::new();
    let alice = world.user("alice");
    world.project(&alice, "alice", "books");
    world.upload(&alice, "alice", "books", &["text-one", "text-two"]);
    // Most paths are hers, so that generated requests get past the question of rights.
    run(&world, &alice, HER_PATHS);
}

/// Fixes parameters of paths, in the tool's configuration.
const HER_PATHS: &str = "
[parameters]
\"path.user_handle\" = \"alice\"
\"path.project_handle\" = \"books\"
\"path.instance_handle\" = \"inst\"
";

fn run(world: &World, client: &Client, parameters: &str) {
    let tool = variable(TOOL)
        .unwrap_or_else(|| panic!("{TOOL} is not set; run the tests by scripts/test"));
    let seed = variable("EMBSEC_TEST_SEED").unwrap_or_else(|| "20250101".to_owned());
    let examples = variable("EMBSEC_TEST_EXAMPLES").unwrap_or_else(|| EXAMPLES.to_owned());
    let folder = tempfile::tempdir().unwrap();
    let key = client.key.as_deref().unwrap();
    let settings = format!("headers = {{ Authorization = \"Bearer {key}\" }}\n{parameters}");
    std::fs::write(folder.path().join("schemathesis.toml"), settings).unwrap();
    let mut command = Command::new(tool);
    command
        .arg("run")
        .arg(format!("http://{}/openapi.json", world.server.address));
    command.args([
        "--header",
        &format!("Authorization: Bearer {}", client.key.as_ref().unwrap()),
    ]);
    command.args(["--checks", CHECKS, "--phases", "coverage,fuzzing"]);
    command.args(["--max-examples", &examples, "--seed", &seed]);
    command.args([
        "--continue-on-failure",
        "--no-shrink",
        "--no-color",
        "--warnings",
        "off",
    ]);
    command.args([
        "--suppress-health-check",
        "all",
        "--generation-database",
        "none",
    ]);
    command.args(["--request-timeout", "30"]);
    // What it writes belongs nowhere; what the environment says of proxies is not for loopback.
    command
        .current_dir(folder.path())
        .env_clear()
        .env("HOME", folder.path());
    if let Some(path) = variable("PATH") {
        command.env("PATH", path);
    }
    let begin = std::time::Instant::now();
    let output = command.output().unwrap();
    let took = begin.elapsed();
    let report = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "seed {seed}\n{report}\n{complaint}"
    );
    assert!(took < Duration::from_secs(600), "it took {took:?}");
    world.server.client().get("/healthz").expect(200);
    assert!(
        !world.server.log().contains("panicked"),
        "{}",
        world.server.log()
    );
}
