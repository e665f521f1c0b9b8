//! Parts of a backup together: what is written is read, and nothing else is.

use super::manifest::SegmentEntry;
use super::names;
use super::opened::{self, Next, SegmentFault};
use super::record::{Event, Record};
use super::segment::SegmentFormat;
use super::signature::{SignatureEntry, SignatureError, SignatureFile, Signed, Signer, Trusted};
use super::spool::{Spool, SpoolError};
use super::writer::{Content, Made, SegmentWriter};
use crate::crypto::keyring::Keyring;
use crate::crypto::sealed_file::BackupIdentity;
use crate::domain::backup::{BackupId, Block, Column, RowFormat, RowSum, TableShape};
use crate::domain::key::KeyId;
use crate::sys::clock::ManualClock;
use crate::sys::rng::SeededRng;
use jiff::Timestamp;
use proptest::prelude::*;
use std::path::Path;
use std::sync::Arc;

fn id(random: u8) -> BackupId {
    BackupId::new(Timestamp::UNIX_EPOCH, [random; 6])
}

fn keyring(seed: u64) -> Keyring {
    let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
    Keyring::generate_whole(&SeededRng::new(seed), &clock)
        .ok()
        .unwrap()
}

fn trusted(keyring: &Keyring) -> Trusted {
    let signers = keyring.verifying_keys().map(|(id, key)| Signer {
        id: Some(id.clone()),
        key,
    });
    Trusted(signers.collect())
}

fn sign(what: Signed, id: &BackupId, generation: u64, content: &[u8]) -> SignatureEntry {
    let keyring = keyring(1);
    let key = keyring.signing_key().unwrap();
    SignatureEntry::sign(what, id, generation, content, key).unwrap()
}

#[test]
fn a_signature_is_of_one_content_one_backup_and_one_use() {
    let file = SignatureFile::of(sign(Signed::Keys, &id(1), 3, b"content"));
    let read = SignatureFile::parse(&file.render()).unwrap();
    let ours = trusted(&keyring(1));
    let verify = |what, id: &BackupId, content: &[u8], trusted: &Trusted| {
        read.verify(what, id, content, trusted)
            .map(|believed| believed.generation)
    };
    assert_eq!(verify(Signed::Keys, &id(1), b"content", &ours), Ok(3));
    assert_eq!(
        verify(Signed::Keys, &id(1), b"other", &ours),
        Err(SignatureError::OtherContent)
    );
    for (what, id) in [(Signed::Keys, id(2)), (Signed::DataKeys, id(1))] {
        assert_eq!(
            verify(what, &id, b"content", &ours),
            Err(SignatureError::Wrong)
        );
    }
    let strangers = trusted(&keyring(2));
    assert!(matches!(
        verify(Signed::Keys, &id(1), b"content", &strangers),
        Err(SignatureError::UnknownSigner(_))
    ));
    // Where nobody is known, it still shows that nothing changed.
    assert_eq!(
        verify(Signed::Keys, &id(1), b"content", &Trusted::default()),
        Ok(3)
    );
}

#[test]
fn a_generation_cannot_be_raised_without_the_key() {
    let mut file = SignatureFile::of(sign(Signed::Keys, &id(1), 3, b"content"));
    file.entries[0].generation = 4;
    let verified = file.verify(Signed::Keys, &id(1), b"content", &trusted(&keyring(1)));
    assert_eq!(verified, Err(SignatureError::Wrong));
}

#[test]
fn while_a_file_is_replaced_both_of_its_states_are_believed() {
    let entries = vec![
        sign(Signed::Keys, &id(1), 1, b"old"),
        sign(Signed::Keys, &id(1), 2, b"new"),
    ];
    let file = SignatureFile { entries };
    for (content, generation) in [(b"old", 1), (b"new", 2)] {
        let believed = file.verify(Signed::Keys, &id(1), content, &trusted(&keyring(1)));
        assert_eq!(believed.unwrap().generation, generation);
    }
}

#[test]
fn a_record_is_about_the_backup_that_it_lies_with() {
    let record = Record {
        backup_id: id(1),
        at: Timestamp::UNIX_EPOCH,
        host: "here".to_owned(),
        event: Event::Verified {
            level: 2,
            passed: false,
            reason: Some("gone".to_owned()),
        },
    };
    let keyring = keyring(1);
    let bytes = record.sign(keyring.signing_key().unwrap()).unwrap();
    let (read, _) = Record::open(&bytes, &id(1), &trusted(&keyring)).unwrap();
    assert_eq!(read, record);
    assert!(Record::open(&bytes, &id(2), &trusted(&keyring)).is_err());
    let changed = String::from_utf8(bytes)
        .unwrap()
        .replace("\"passed\":false", "\"passed\":true");
    let changed = Record::open(changed.as_bytes(), &id(1), &trusted(&keyring));
    assert_eq!(changed.err(), Some(SignatureError::OtherContent));
}

fn shape() -> Arc<TableShape> {
    Arc::new(TableShape {
        schema: "public".to_owned(),
        name: "docs".to_owned(),
        format: RowFormat::Text,
        columns: vec![Column {
            name: "id".to_owned(),
            type_name: "text".to_owned(),
            float_width: None,
        }],
    })
}

/// Segments of a table and of a file.
async fn segments(folder: &Path, identity: &Arc<BackupIdentity>) -> Vec<Made> {
    std::fs::create_dir(folder.join(names::SEGMENTS)).unwrap();
    let mut writer = SegmentWriter::new(folder, identity);
    let table = Content {
        format: SegmentFormat::PgcopyText,
        shape: Some(shape()),
    };
    let file = Content {
        format: SegmentFormat::Bytes,
        shape: None,
    };
    for rows in [b"one\ntwo\n".as_slice(), b"three\nfour\n"] {
        let bytes = rows.to_vec();
        writer.push(&table, Block { bytes, rows: 2 }).await.unwrap();
    }
    assert_eq!(writer.end().await, Ok(1));
    for _ in 0..3 {
        let bytes = vec![7; 100_000];
        writer.push(&file, Block { bytes, rows: 0 }).await.unwrap();
    }
    writer.finish().await.unwrap()
}

fn read(
    folder: &Path,
    entry: &SegmentEntry,
    identity: &BackupIdentity,
) -> Result<Vec<u8>, SegmentFault> {
    let file = std::fs::File::open(folder.join(&entry.file.name)).unwrap();
    let mut bytes = Vec::new();
    opened::read(file, entry, identity, |block| {
        bytes.extend_from_slice(&block.bytes);
        Next::More
    })?;
    Ok(bytes)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_segment_reads_as_it_was_written_and_belongs_to_one_table_or_file() {
    let folder = tempfile::tempdir().unwrap();
    let identity = Arc::new(BackupIdentity::generate());
    let made = segments(folder.path(), &identity).await;
    assert_eq!(made.len(), 2);
    assert_eq!((made[0].entry.rows, made[1].entry.rows), (4, 0));
    assert_ne!(made[0].sum, RowSum::default());
    assert_eq!(
        read(folder.path(), &made[0].entry, &identity).unwrap(),
        b"one\ntwo\nthree\nfour\n"
    );
    let bytes = read(folder.path(), &made[1].entry, &identity).unwrap();
    assert_eq!(bytes, vec![7; 300_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_changed_or_missing_byte_of_a_segment_is_damage() {
    let folder = tempfile::tempdir().unwrap();
    let identity = Arc::new(BackupIdentity::generate());
    let made = segments(folder.path(), &identity).await;
    let path = folder.path().join(&made[0].entry.file.name);
    let sound = std::fs::read(&path).unwrap();
    let is_damage = || {
        let fault = read(folder.path(), &made[0].entry, &identity).unwrap_err();
        assert!(fault.is_damage(), "{fault:?}");
    };
    for place in (0..sound.len()).step_by(7) {
        let mut changed = sound.clone();
        changed[place] ^= 0x10;
        std::fs::write(&path, changed).unwrap();
        is_damage();
    }
    for length in (0..sound.len()).step_by(11) {
        std::fs::write(&path, &sound[..length]).unwrap();
        is_damage();
    }
    std::fs::write(&path, [sound.as_slice(), b"x"].concat()).unwrap();
    is_damage();
    std::fs::write(&path, &sound).unwrap();
    assert!(read(folder.path(), &made[0].entry, &identity).is_ok());
    let stranger = BackupIdentity::generate();
    assert!(read(folder.path(), &made[0].entry, &stranger).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_none_end_the_writer_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(names::SEGMENTS)).unwrap();
    let identity = Arc::new(BackupIdentity::generate());
    let mut writer = SegmentWriter::new(folder.path(), &identity);
    let table = Content {
        format: SegmentFormat::PgcopyText,
        shape: Some(shape()),
    };
    let bytes = b"half a row".to_vec();
    // Whether this one or a later one notices is a matter of time.
    writer.push(&table, Block { bytes, rows: 1 }).await.ok();
    let error = writer.finish().await.unwrap_err();
    assert!(!error.is_of_the_disk(), "{error}");
    assert_eq!(error.to_string(), "rows cannot be encoded");
}

#[test]
fn only_what_was_left_in_a_spool_is_gone_on_with() {
    let root = tempfile::tempdir().unwrap();
    let (keyring, rng) = (keyring(1), SeededRng::new(9));
    let spool = Spool::begin(root.path(), &id(1)).unwrap();
    spool.write(names::PRIVATE_MANIFEST, b"sealed").unwrap();
    spool.write(names::DATA_KEYS, b"{}").unwrap();
    assert!(spool.journal().unwrap().is_none());
    let identity = BackupIdentity::generate();
    let master = keyring.active_master();
    spool
        .note_read("a database", Timestamp::UNIX_EPOCH, &identity, master, &rng)
        .unwrap();

    let found = Spool::unfinished(root.path()).unwrap();
    assert_eq!(found.len(), 1);
    let journal = found[0].journal().unwrap().unwrap();
    let of = |ring: &Keyring, spool: &Spool| {
        let master = |id: &KeyId| ring.master(id);
        spool
            .identity(&journal, master)
            .map(|identity| identity.recipient())
    };
    assert_eq!(of(&keyring, &spool).unwrap(), identity.recipient());
    assert!(matches!(
        of(&self::keyring(2), &spool),
        Err(SpoolError::NoMaster { .. })
    ));
    spool.write(names::DATA_KEYS, b"{ }").unwrap();
    let error = of(&keyring, &spool).err().unwrap();
    assert!(error.is_tampered(), "{error}");
    found.into_iter().next().unwrap().remove().unwrap();
    assert!(Spool::unfinished(root.path()).unwrap().is_empty());
}

proptest! {
    #[test]
    fn what_somebody_else_wrote_is_refused_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(SignatureFile::parse(&bytes).is_err());
        prop_assert!(Record::open(&bytes, &id(1), &Trusted::default()).is_err());
        prop_assert!(super::data_keys::DataKeysFile::parse(&bytes).is_none());
    }
}
