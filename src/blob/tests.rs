mod contract;
mod faults;
mod folder;
mod leases;
mod moto;
mod server;
mod uploads;

use super::s3::{S3, S3Options, S3Timing};
use super::{Blob, Sha256Sum};
use crate::sys::clock::SystemClock;
use crate::sys::rng::SystemRng;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

const KEY_ID: &str = "AKIAEXAMPLEEXAMPLE";
const SECRET: &str = "hunter2hunter2hunter2";
const BUCKET: &str = "backups-of-embsec";

/// The smallest part that stores take.
const PART: usize = 5 << 20;

fn options(endpoint: &str, prefix: &str) -> S3Options {
    S3Options {
        bucket: BUCKET.to_owned(),
        prefix: prefix.to_owned(),
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".to_owned(),
        access_key_id: KEY_ID.to_owned(),
        secret_access_key: SecretString::from(SECRET),
        session_token: None,
        path_style: true,
        allow_http: false,
        timing: S3Timing {
            connect: Duration::from_secs(5),
            request: Duration::from_secs(20),
            retry: Duration::from_secs(1),
            pause: Duration::from_millis(5),
            lease: Duration::from_secs(60),
            part_bytes: PART as u64,
            parallel: 2,
        },
    }
}

fn connect(options: &S3Options) -> S3 {
    S3::new(options, Arc::new(SystemClock), Arc::new(SystemRng)).unwrap()
}

/// A file of bytes that repeat nowhere, and its SHA-256.
fn local_file(folder: &Path, bytes: usize) -> (PathBuf, Sha256Sum) {
    let mut state = bytes as u64 | 1;
    let mut content = Vec::with_capacity(bytes + 8);
    while content.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        content.extend_from_slice(&state.to_le_bytes());
    }
    content.truncate(bytes);
    let path = folder.join(format!("{bytes}.age"));
    std::fs::write(&path, &content).unwrap();
    (path, Sha256::digest(&content).into())
}

async fn names(blob: &dyn Blob, prefix: &str) -> Vec<String> {
    let entries = blob.list(prefix).await.unwrap();
    entries.into_iter().map(|entry| entry.name).collect()
}

async fn all(blob: &dyn Blob, name: &str) -> Vec<u8> {
    let mut reader = blob.open(name).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(more) = reader.next().await.unwrap() {
        bytes.extend(more);
    }
    assert_eq!(reader.size_bytes(), bytes.len() as u64);
    bytes
}
