//! What the service says of itself.

use crate::world::World;
use serde_json::Value;

goldens! {
    root => "get-root",
    manifest => "get-manifest",
    health => "get-health",
    readiness => "get-readiness",
    openapi_json => "get-openapi-json",
    openapi_yaml => "get-openapi-yaml",
    openapi_3_0_json => "get-openapi-3-0-json",
    openapi_3_0_yaml => "get-openapi-3-0-yaml",
    docs => "get-docs",
    schema => "get-schema",
}

async fn root(world: &mut World) {
    world.show("nobody", "GET /").await;
}

async fn manifest(world: &mut World) {
    let answer = world.show("nobody", "GET /v1").await;
    let root = world.ask("nobody", "GET /").send().await;
    assert_eq!(answer.body, root.body);
}

async fn health(world: &mut World) {
    world.show("nobody", "GET /healthz").await;
    world.show("nobody", "HEAD /healthz").await;
}

async fn readiness(world: &mut World) {
    world.show("nobody", "GET /readyz").await;
    let keyring = world.layout().keyring();
    let aside = keyring.with_extension("aside");
    std::fs::rename(&keyring, &aside).unwrap();
    world.show("nobody", "GET /readyz").await;
    std::fs::rename(&aside, &keyring).unwrap();
    world.show("nobody", "GET /readyz").await;
}

/// The documents are long, and each edition has a snapshot of its own beside the code that draws
/// it; here it is held that they go over the wire whole.
async fn document(world: &mut World, path: &str, begins: &str) -> String {
    let line = format!("GET {path}");
    let answer = world
        .ask("nobody", &line)
        .showing(&["content-security-policy"])
        .head()
        .await;
    let text = answer.text();
    assert!(
        text.starts_with(begins),
        "{path} begins {:?}",
        text.get(..80)
    );
    text
}

async fn openapi_json(world: &mut World) {
    let text = document(world, "/openapi.json", "{\"components\":").await;
    let drawn: Value = serde_json::from_str(&text).unwrap();
    let snapshot = include_str!(
        "../../src/http/openapi/snapshots/\
         embsec__http__openapi__tests__the_document_in_edition_3_1.snap"
    );
    let snapshot = snapshot.splitn(3, "---\n").nth(2).unwrap();
    let snapshot: Value =
        serde_json::from_str(&snapshot.replace("[version]", env!("CARGO_PKG_VERSION"))).unwrap();
    assert_eq!(drawn, snapshot);
}

async fn openapi_yaml(world: &mut World) {
    document(world, "/openapi.yaml", "components:\n").await;
}

async fn openapi_3_0_json(world: &mut World) {
    let text = document(world, "/openapi-3.0.json", "{\"components\":").await;
    assert!(serde_json::from_str::<Value>(&text).is_ok());
}

async fn openapi_3_0_yaml(world: &mut World) {
    let text = document(world, "/openapi-3.0.yaml", "components:\n").await;
    let snapshot = include_str!(
        "../../src/http/openapi/snapshots/\
         embsec__http__openapi__tests__the_document_in_edition_3_0.snap"
    );
    let snapshot = snapshot.splitn(3, "---\n").nth(2).unwrap();
    let snapshot = snapshot.replace("[version]", env!("CARGO_PKG_VERSION"));
    assert_eq!(text.trim_end(), snapshot.trim_end());
}

async fn docs(world: &mut World) {
    let text = document(world, "/docs", "<!").await;
    // It needs no network: nothing is fetched from elsewhere.
    for fetches in ["src=\"http", "href=\"http", "@import", "url(http"] {
        assert!(!text.contains(fetches), "{fetches}");
    }
}

async fn schema(world: &mut World) {
    world.show("nobody", "GET /schemas/UserResponse.json").await;
    world.show("nobody", "GET /schemas/ErrorModel.json").await;
    world.show("nobody", "GET /schemas/None.json").await;
    world.show("nobody", "GET /schemas/UserResponse").await;
}

#[tokio::test]
async fn every_schema_that_an_answer_names_is_given_out() {
    let mut world = World::open().await;
    let document = world.ask("nobody", "GET /openapi.json").send().await.json();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for name in schemas.keys() {
        let answer = world
            .ask("nobody", &format!("GET /schemas/{name}.json"))
            .send()
            .await;
        assert_eq!(answer.status, 200, "{name}");
    }
}
