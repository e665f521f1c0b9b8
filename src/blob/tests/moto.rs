//! The contract on a second implementation of S3: moto.

use super::contract::{Abilities, run};
use super::{BUCKET, connect, options};
use crate::blob::{Blob as _, BlobError};
use server::Moto;
use std::sync::Arc;

#[path = "../../../tests/support/moto.rs"]
mod server;

#[tokio::test(flavor = "multi_thread")]
async fn moto_keeps_the_contract_and_tells_of_versions() {
    let mut moto = Moto::start(BUCKET);
    let blob = Arc::new(connect(&options(&moto.endpoint(), "p")));
    // It decides conditions by looking first and writing then.
    run(blob.clone(), Abilities { is_atomic: false }).await;

    assert_eq!(blob.keeps_old_versions().await.unwrap(), Some(false));
    moto.put(
        "?versioning",
        b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
    );
    assert_eq!(blob.keeps_old_versions().await.unwrap(), Some(true));
    let version = blob.create("x", b"hello").await.unwrap();
    assert_eq!(moto.get("/p/x"), b"hello");
    moto.put("/p/x", b"other");
    let read = blob.read("x", 5).await.unwrap();
    assert_eq!(read.bytes, b"other");
    assert_ne!(read.version, version);

    moto.go_away();
    let away = blob.read("x", 5).await.unwrap_err();
    assert!(matches!(away, BlobError::Unavailable { .. }), "{away:?}");
    moto.come_back();
    assert!(blob.read("x", 5).await.unwrap_err().is_not_found());
}
