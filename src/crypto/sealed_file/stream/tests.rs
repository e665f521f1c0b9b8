//! What sealed streams promise.

use super::*;
use age::x25519;
use std::str::FromStr as _;

/// Lengths around the ends of chunks.
const LENGTHS: [usize; 9] = [
    0,
    1,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    2 * CHUNK_BYTES - 1,
    2 * CHUNK_BYTES,
    2 * CHUNK_BYTES + 1,
    3 * CHUNK_BYTES,
];

/// A sealed chunk.
const SEALED_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

fn bytes(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

fn seal(identity: &BackupIdentity, bytes: &[u8]) -> Vec<u8> {
    let mut writer = SealingWriter::new(Vec::new(), &identity.recipient()).unwrap();
    for piece in bytes.chunks(10_007) {
        writer.write_all(piece).unwrap();
    }
    writer.finish().unwrap()
}

/// What is read before the end or an error, and that.
fn open(identity: &BackupIdentity, sealed: &[u8]) -> (Vec<u8>, Result<(), OpenStreamError>) {
    let mut opened = Vec::new();
    let mut reader = match OpeningReader::new(sealed, identity) {
        Ok(reader) => reader,
        Err(error) => return (opened, Err(error)),
    };
    let outcome = reader.read_to_end(&mut opened).map(drop);
    let outcome = outcome.map_err(|error| match OpenFileError::within(&error) {
        Some(damage) => OpenStreamError::File(damage.clone()),
        None => OpenStreamError::Read(error),
    });
    (opened, outcome)
}

fn library(identity: &BackupIdentity) -> x25519::Identity {
    let line = identity.line();
    x25519::Identity::from_str(std::str::from_utf8(&line).unwrap().trim_end()).unwrap()
}

fn is_damaged(outcome: &Result<(), OpenStreamError>) -> bool {
    matches!(outcome, Err(OpenStreamError::File(OpenFileError::Damaged)))
}

#[test]
fn what_is_sealed_opens_here_and_in_the_library() {
    let identity = BackupIdentity::generate();
    for length in LENGTHS {
        let bytes = bytes(length);
        let sealed = seal(&identity, &bytes);
        let (opened, outcome) = open(&identity, &sealed);
        assert!(outcome.is_ok(), "{length} bytes");
        assert!(opened == bytes, "{length} bytes");
        let file = Decryptor::new(sealed.as_slice()).unwrap();
        let stock = library(&identity);
        let mut opened = Vec::new();
        let mut reader = file
            .decrypt(std::iter::once(&stock as &dyn Identity))
            .unwrap();
        reader.read_to_end(&mut opened).unwrap();
        assert!(opened == bytes, "{length} bytes");
    }
}

#[test]
fn what_the_library_seals_opens_here() {
    let identity = BackupIdentity::generate();
    let stock = library(&identity).to_public();
    for length in LENGTHS {
        let bytes = bytes(length);
        let one = std::iter::once(&stock as &dyn age::Recipient);
        let file = Encryptor::with_recipients(one).unwrap();
        let mut writer = file.wrap_output(Vec::new()).unwrap();
        writer.write_all(&bytes).unwrap();
        let (opened, outcome) = open(&identity, &writer.finish().unwrap());
        assert!(outcome.is_ok(), "{length} bytes");
        assert!(opened == bytes, "{length} bytes");
    }
}

#[test]
fn a_file_that_was_cut_or_grown_is_damaged() {
    let identity = BackupIdentity::generate();
    for length in [0, 2 * CHUNK_BYTES, 2 * CHUNK_BYTES + 9] {
        let sealed = seal(&identity, &bytes(length));
        let payload = sealed.len() - length - length.div_ceil(CHUNK_BYTES).max(1) * TAG_BYTES;
        let chunk_ends = (0..=2).map(|chunk| payload + chunk * SEALED_BYTES);
        let around = chunk_ends.flat_map(|end| [end - 1, end, end + 1, end + TAG_BYTES]);
        let header = 40..payload;
        for end in header.chain(around).filter(|end| *end < sealed.len()) {
            let (opened, outcome) = open(&identity, &sealed[..end]);
            assert!(
                is_damaged(&outcome),
                "{end} bytes of {}: {outcome:?}",
                sealed.len()
            );
            assert!(opened.len() <= end.saturating_sub(payload), "{end} bytes");
        }
        let grown = [sealed.as_slice(), b"\n"].concat();
        assert!(is_damaged(&open(&identity, &grown).1));
        let twice = [sealed.as_slice(), &sealed[payload..]].concat();
        assert!(is_damaged(&open(&identity, &twice).1));
    }
}

#[test]
fn no_byte_of_a_changed_chunk_is_handed_out() {
    let identity = BackupIdentity::generate();
    let bytes = bytes(2 * CHUNK_BYTES + 100);
    let sealed = seal(&identity, &bytes);
    let payload = sealed.len() - bytes.len() - 3 * TAG_BYTES;
    for place in 0..payload {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        let (opened, outcome) = open(&identity, &changed);
        assert!(outcome.is_err(), "byte {place} of the header");
        assert!(opened.is_empty(), "byte {place} of the header");
    }
    for chunk in 0..3 {
        for place in [0, 99, TAG_BYTES + 99] {
            let mut changed = sealed.clone();
            changed[payload + chunk * SEALED_BYTES + place] ^= 0x80;
            let (opened, outcome) = open(&identity, &changed);
            assert!(is_damaged(&outcome), "byte {place} of chunk {chunk}");
            assert!(
                opened == bytes[..chunk * CHUNK_BYTES],
                "byte {place} of chunk {chunk}"
            );
        }
    }
}

#[test]
fn chunks_cannot_be_swapped_or_left_out() {
    let identity = BackupIdentity::generate();
    let sealed = seal(&identity, &bytes(3 * CHUNK_BYTES));
    let (header, chunks) = sealed.split_at(sealed.len() - 3 * SEALED_BYTES);
    let chunks: Vec<&[u8]> = chunks.chunks(SEALED_BYTES).collect();
    for order in [&[1, 0, 2][..], &[0, 2], &[0, 1], &[0, 0, 1, 2], &[2]] {
        let chosen: Vec<u8> = order
            .iter()
            .flat_map(|chunk| chunks[*chunk].to_vec())
            .collect();
        let (_, outcome) = open(&identity, &[header, &chosen].concat());
        assert!(is_damaged(&outcome), "{order:?}");
    }
}

#[test]
fn another_identity_opens_nothing_and_other_files_are_told_apart() {
    let identity = BackupIdentity::generate();
    let sealed = seal(&identity, b"rows");
    let stranger = BackupIdentity::generate();
    let error = |outcome| match outcome {
        Err(OpenStreamError::File(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(error(open(&stranger, &sealed).1), OpenFileError::NoMatch);
    for other in [
        &b""[..],
        b"rows",
        b"PGDMP\n",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
    ] {
        assert_eq!(error(open(&identity, other).1), OpenFileError::NotSealed);
    }
    let endless = [
        b"age-encryption.org/v1\n",
        "-> x\n".repeat(1 << 16).as_bytes(),
    ]
    .concat();
    assert_eq!(error(open(&identity, &endless).1), OpenFileError::Damaged);
}

#[test]
fn an_unfinished_file_does_not_open() {
    let identity = BackupIdentity::generate();
    let mut file = Vec::new();
    let mut writer = SealingWriter::new(&mut file, &identity.recipient()).unwrap();
    writer.write_all(&bytes(3 * CHUNK_BYTES)).unwrap();
    drop(writer);
    assert!(is_damaged(&open(&identity, &file).1));
}

#[test]
fn an_empty_chunk_behind_others_is_damage() {
    let identity = BackupIdentity::generate();
    let mut writer = SealingWriter::new(Vec::new(), &identity.recipient()).unwrap();
    writer.write_all(&bytes(CHUNK_BYTES)).unwrap();
    writer.seal_chunk(false).unwrap();
    let sealed = writer.finish().unwrap();
    assert!(is_damaged(&open(&identity, &sealed).1));
}

#[test]
fn a_damaged_stream_stays_damaged() {
    let identity = BackupIdentity::generate();
    let mut sealed = seal(&identity, &bytes(2 * CHUNK_BYTES));
    let place = sealed.len() - SEALED_BYTES - 1;
    sealed[place] ^= 1;
    let mut reader = OpeningReader::new(sealed.as_slice(), &identity).unwrap();
    let mut buffer = [0; 64];
    assert!(reader.read(&mut buffer).is_err());
    assert!(reader.read(&mut buffer).is_err());
}

#[test]
fn the_identity_reads_back_from_its_line() {
    let identity = BackupIdentity::generate();
    let line = identity.line();
    assert!(line.starts_with(b"AGE-SECRET-KEY-1") && line.ends_with(b"\n"));
    let again = BackupIdentity::read(&line).unwrap();
    assert_eq!(again.recipient(), identity.recipient());
    assert_ne!(BackupIdentity::generate().recipient(), identity.recipient());
    let two = [line.as_slice(), &line].concat();
    let error = BackupIdentity::read(&two).err().unwrap();
    assert_eq!(error, crate::crypto::sealed_file::IdentityError::Several);
}
