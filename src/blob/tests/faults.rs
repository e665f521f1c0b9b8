//! A store that fails, and what is told of it.

use super::server::{Fault, Server};
use super::{BUCKET, KEY_ID, SECRET, all, connect, names, options};
use crate::blob::s3::{S3, S3Options};
use crate::blob::{Blob as _, BlobError};
use secrecy::SecretString;
use std::time::{Duration, Instant};

const FOR_EVER: usize = usize::MAX;

async fn world() -> (Server, S3) {
    let server = Server::start().await;
    let blob = connect(&options(&server.endpoint(), "p"));
    (server, blob)
}

/// A store whose patience is short.
async fn hurried_world() -> (Server, S3) {
    let server = Server::start().await;
    let mut hurried = options(&server.endpoint(), "p");
    hurried.timing.request = Duration::from_millis(300);
    hurried.timing.retry = Duration::from_millis(150);
    let blob = connect(&hurried);
    (server, blob)
}

/// An error of each call, all at once.
async fn errors(blob: &S3) -> Vec<BlobError> {
    let (list, size, read, open, create, replace, remove, lock) = tokio::join!(
        blob.list(""),
        blob.size("x"),
        blob.read("x", 10),
        blob.open("x"),
        blob.create("y", b"y"),
        blob.replace("x", b"z", None),
        blob.remove("x"),
        blob.lock("a backup"),
    );
    vec![
        list.unwrap_err(),
        size.unwrap_err(),
        read.unwrap_err(),
        open.err().unwrap(),
        create.unwrap_err(),
        replace.unwrap_err(),
        remove.unwrap_err(),
        lock.err().unwrap(),
    ]
}

fn tells_no_secret(error: &BlobError) {
    let told = format!("{error} {error:?} {:?}", error.hint());
    assert!(!told.contains(SECRET) && !told.contains(KEY_ID), "{told}");
    assert!(
        !told.contains("Signature=") && !told.contains("X-Amz"),
        "{told}"
    );
}

#[tokio::test]
async fn errors_of_the_server_that_pass_are_not_seen() {
    let (server, blob) = world().await;
    for method in ["GET", "PUT", "HEAD", "DELETE"] {
        server.fail(method, "", 2, Fault::Status(500));
    }
    blob.create("x", b"hello").await.unwrap();
    assert_eq!(blob.read("x", 10).await.unwrap().bytes, b"hello");
    assert_eq!(blob.size("x").await.unwrap(), Some(5));
    blob.remove("x").await.unwrap();
    assert_eq!(names(&blob, "").await, [""; 0]);
    assert_eq!(server.count("PUT", "/p/x"), 3);
}

#[tokio::test]
async fn a_server_that_fails_for_ever_is_unavailable_after_a_bounded_time() {
    let (server, blob) = hurried_world().await;
    blob.create("x", b"x").await.unwrap();
    for fault in [Fault::Status(500), Fault::Status(503), Fault::Stall] {
        for method in ["GET", "PUT", "HEAD", "DELETE"] {
            server.fail(method, "", FOR_EVER, fault);
        }
        let started = Instant::now();
        for error in errors(&blob).await {
            assert!(
                matches!(error, BlobError::Unavailable { .. }),
                "{fault:?}: {error:?}"
            );
            assert!(error.is_temporary() && error.hint().is_some());
            tells_no_secret(&error);
        }
        let error = blob.keeps_old_versions().await.unwrap_err();
        assert!(matches!(error, BlobError::Unavailable { .. }), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{fault:?}");
        server.heal();
    }
    assert_eq!(blob.read("x", 1).await.unwrap().bytes, b"x");
    assert_eq!(names(&blob, "").await, ["x"]);
}

#[tokio::test]
async fn no_server_at_all_is_unavailable() {
    let closed = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let mut hurried = options(&format!("http://127.0.0.1:{port}"), "");
    hurried.timing.retry = Duration::from_millis(30);
    for error in errors(&connect(&hurried)).await {
        assert!(matches!(error, BlobError::Unavailable { .. }), "{error:?}");
        assert!(error.to_string().contains("refused"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_ends_early_is_asked_for_again_and_else_damaged() {
    let (server, blob) = hurried_world().await;
    blob.create("x", b"a small object").await.unwrap();
    server.fail("GET", "/p/x", 1, Fault::CutAnswer);
    assert_eq!(blob.read("x", 100).await.unwrap().bytes, b"a small object");
    server.fail("GET", "/p/x", 1, Fault::CutAnswer);
    assert_eq!(all(&blob, "x").await, b"a small object");

    server.fail("GET", "/p/x", FOR_EVER, Fault::CutAnswer);
    let short = blob.read("x", 100).await.unwrap_err();
    assert!(matches!(short, BlobError::Damaged { .. }), "{short:?}");
    let mut reader = blob.open("x").await.unwrap();
    let short = reader.next().await.unwrap_err();
    assert!(matches!(short, BlobError::Damaged { .. }), "{short:?}");
}

#[tokio::test]
async fn an_object_that_is_replaced_while_it_is_read_is_told() {
    let (_server, blob) = world().await;
    blob.create("x", b"one").await.unwrap();
    let mut reader = blob.open("x").await.unwrap();
    blob.replace("x", b"two", None).await.unwrap();
    let changed = reader.next().await.unwrap_err();
    assert!(matches!(changed, BlobError::Changed { .. }), "{changed:?}");
}

#[tokio::test]
async fn what_was_done_although_the_answer_was_lost_is_known_for_ours() {
    let (server, blob) = world().await;
    server.fail("PUT", "/p/x", 1, Fault::LostAnswer);
    let version = blob.create("x", b"one").await.unwrap();
    assert_eq!(server.count("PUT", "/p/x"), 2);
    assert!(blob.create("x", b"one").await.unwrap_err().already_exists());

    server.fail("PUT", "/p/x", 1, Fault::LostAnswer);
    let version = blob.replace("x", b"two", Some(&version)).await.unwrap();
    assert_eq!(blob.read("x", 10).await.unwrap().version, version);

    // Somebody else's object, and a first try that did not get through.
    server.fail("PUT", "/p/x", 1, Fault::Status(500));
    assert!(blob.create("x", b"one").await.unwrap_err().already_exists());
    server.fail("DELETE", "/p/x", 1, Fault::LostAnswer);
    blob.remove("x").await.unwrap();
}

#[tokio::test]
async fn wrong_keys_are_denied_with_a_hint_and_without_telling_them() {
    let server = Server::start().await;
    let good = options(&server.endpoint(), "p");
    connect(&good).create("x", b"x").await.unwrap();
    let wrong_secret = S3Options {
        secret_access_key: SecretString::from("wrong-but-still-secret"),
        ..good.clone()
    };
    let wrong_id = S3Options {
        access_key_id: "AKIAUNKNOWNUNKNOWN".to_owned(),
        ..good
    };
    for wrong in [wrong_secret, wrong_id] {
        let blob = connect(&wrong);
        let mut all = errors(&blob).await;
        let (local, sum) = super::local_file(server.bucket().parent().unwrap(), 10);
        all.push(blob.upload("u", &local, &sum, &|_| {}).await.unwrap_err());
        for error in all {
            assert!(matches!(error, BlobError::Denied { .. }), "{error:?}");
            assert!(error.hint().unwrap().contains("access key"), "{error:?}");
            let told = format!("{error} {error:?}");
            assert!(
                !told.contains("still-secret") && !told.contains("UNKNOWN"),
                "{told}"
            );
            tells_no_secret(&error);
        }
        assert_eq!(blob.keeps_old_versions().await.unwrap(), None);
    }
    assert_eq!(
        server.count("PUT", "/p/y"),
        2,
        "a denial is not tried again"
    );
}

#[tokio::test]
async fn a_bucket_that_is_missing_is_not_an_empty_one() {
    let server = Server::start().await;
    let missing = S3Options {
        bucket: "missing".to_owned(),
        ..options(&server.endpoint(), "p")
    };
    let blob = connect(&missing);
    for error in [
        blob.size("x").await.unwrap_err(),
        blob.list("").await.unwrap_err(),
        blob.open("x").await.err().unwrap(),
    ] {
        assert!(matches!(error, BlobError::NoPlace { .. }), "{error:?}");
        assert!(error.to_string().contains("s3://missing/p"), "{error}");
    }
}

#[test]
fn nothing_shows_a_secret() {
    let mut options = options("https://s3.example.com", "p");
    options.session_token = Some(SecretString::from(SECRET));
    let blob = connect(&options);
    let shown = format!(
        "{options:?} {blob:?} {} {}",
        blob.describe(),
        blob.address()
    );
    assert!(!shown.contains(SECRET), "{shown}");
    assert!(shown.contains(BUCKET));
}

#[test]
fn buckets_of_one_name_in_two_stores_have_two_addresses() {
    let in_store = |endpoint, prefix| connect(&options(endpoint, prefix));
    let one = in_store("https://one.example.com", "p");
    let other = in_store("https://other.example.com", "p");
    assert_eq!(one.describe(), other.describe());
    assert_ne!(one.address(), other.address());
    let again = in_store("https://one.example.com/", "p");
    assert_eq!(one.address(), again.address());
    let beside = in_store("https://one.example.com", "q");
    assert_ne!(one.address(), beside.address());
}

#[test]
fn an_endpoint_without_tls_must_be_this_machine_or_allowed_by_name() {
    let made = |endpoint: &str, allow_http| {
        let options = S3Options {
            allow_http,
            ..options(endpoint, "")
        };
        S3::new(
            &options,
            std::sync::Arc::new(crate::sys::clock::SystemClock),
            std::sync::Arc::new(crate::sys::rng::SystemRng),
        )
        .err()
    };
    for fine in [
        "https://s3.example.com",
        "http://127.0.0.1:9000",
        "http://[::1]:9",
        "http://localhost",
    ] {
        assert!(made(fine, false).is_none(), "{fine}");
    }
    assert!(made("http://s3.example.com", true).is_none());
    for odd in [
        "http://s3.example.com",
        "http://127.0.0.1.example.com",
        "http://localhost.example.com",
        "https://key:hunter2@s3.example.com",
        "https://s3.example.com?x=1",
        "ftp://s3.example.com",
        "s3.example.com",
    ] {
        let error = made(odd, false).unwrap();
        assert!(
            matches!(error, BlobError::Options { .. }),
            "{odd}: {error:?}"
        );
        assert!(!error.to_string().contains("hunter2"));
    }
}
