//! What the text of a keyring promises.

use super::*;
use crate::crypto::testing::{CountingRng, assert_documented};
use crate::sys::rng::SeededRng;
use proptest::prelude::*;

fn entry(material: Material, state: KeyState, rotated_at: Option<&str>) -> Entry {
    let purpose = match &material {
        Material::Master(_) => KeyPurpose::Master,
        Material::Target(_) => KeyPurpose::parse("target:proxy").unwrap(),
        Material::Signing(_) => KeyPurpose::BackupSigning,
    };
    Entry {
        material,
        purpose,
        state,
        created_at: "2026-03-01T12:00:00Z".parse().unwrap(),
        rotated_at: rotated_at.map(|time| time.parse().unwrap()),
    }
}

fn key(seed: u64) -> MasterKey {
    MasterKey::generate(&SeededRng::new(seed)).ok().unwrap()
}

fn target_key(seed: u64) -> DataKey {
    DataKey::generate(&SeededRng::new(seed)).ok().unwrap()
}

fn signing_key(seed: u64) -> SigningKey {
    SigningKey::generate(&SeededRng::new(seed)).ok().unwrap()
}

fn signing(seed: u64) -> Material {
    Material::Signing(Arc::new(signing_key(seed)))
}

fn master(seed: u64) -> Material {
    Material::Master(Arc::new(key(seed)))
}

fn target(seed: u64) -> Material {
    Material::Target(Arc::new(target_key(seed)))
}

/// Keys of every purpose in every state.
fn full() -> Keyring {
    let rotated = Some("2026-06-01T00:00:00Z");
    Keyring {
        generation: 12,
        active: Arc::new(key(1)),
        entries: vec![
            entry(master(1), KeyState::Active, None),
            entry(master(2), KeyState::DecryptOnly, rotated),
            entry(master(3), KeyState::Retired, rotated),
            entry(master(4), KeyState::Pending, None),
            entry(target(5), KeyState::DecryptOnly, rotated),
            entry(target(6), KeyState::Active, None),
            entry(target(7), KeyState::Pending, None),
            entry(signing(11), KeyState::Retired, rotated),
            entry(signing(12), KeyState::DecryptOnly, rotated),
            entry(signing(13), KeyState::Active, None),
            entry(signing(14), KeyState::Pending, None),
        ],
    }
}

/// Puts a fitting checksum into a text that was changed on purpose.
fn with_checksum(text: &str) -> String {
    let mut hasher = Sha256::new();
    let others = text
        .split_inclusive('\n')
        .filter(|line| !line.starts_with(CHECKSUM_START));
    others.for_each(|line| hasher.update(line));
    let checksum = checksum_line(hasher);
    text.split_inclusive('\n')
        .map(|line| {
            if line.starts_with(CHECKSUM_START) {
                checksum.as_str()
            } else {
                line
            }
        })
        .collect()
}

fn error_of(text: &str) -> KeyringTextError {
    parse(text.as_bytes()).err().unwrap()
}

#[test]
fn the_documented_keyring_is_written_and_read() {
    let key = MasterKey::generate(&CountingRng::from(0x40)).ok().unwrap();
    let key = Arc::new(key);
    let keyring = Keyring {
        generation: 1,
        active: Arc::clone(&key),
        entries: vec![entry(Material::Master(key), KeyState::Active, None)],
    };
    let text = render(&keyring);
    assert_documented(&text);
    let read = parse(text.as_bytes()).ok().unwrap();
    assert_eq!(render(&read), text);
}

#[test]
fn every_state_and_time_comes_back() {
    let text = render(&full());
    let read = parse(text.as_bytes()).ok().unwrap();
    assert_eq!(render(&read), text);
    assert_eq!(read.generation(), 12);
    assert_eq!(read.active_master().id(), key(1).id());
    for seed in 1..=4 {
        let id = key(seed).id().clone();
        let found = read.master(&id).unwrap();
        assert_eq!(found.expose(), key(seed).expose());
        assert!(read.target_key(&id).is_none());
    }
    for seed in 5..=7 {
        let id = target_key(seed).id().clone();
        let found = read.target_key(&id).unwrap();
        assert_eq!(found.expose(), target_key(seed).expose());
        assert!(read.master(&id).is_none());
    }
    assert_eq!(
        read.signing_key().map(SigningKey::id),
        Some(signing_key(13).id())
    );
    for seed in 11..=14 {
        let key = signing_key(seed);
        assert_eq!(read.public_key(key.id()), Some(key.verifying_key()));
        assert!(read.master(key.id()).is_none() && read.target_key(key.id()).is_none());
    }
}

#[test]
fn any_single_flipped_byte_is_an_error() {
    let text = render(&full());
    for place in 0..text.len() {
        for flip in 1..=u8::MAX {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] ^= flip;
            assert!(parse(&bytes).is_err(), "byte {place} flipped by {flip:#x}");
        }
    }
}

#[test]
fn a_file_that_is_cut_or_grown_is_an_error() {
    let text = render(&full());
    for length in 0..text.len() {
        assert!(parse(&text.as_bytes()[..length]).is_err(), "{length} bytes");
    }
    for place in 0..text.len() {
        let mut padded = text.to_string();
        padded.insert(place, ' ');
        assert!(parse(padded.as_bytes()).is_err(), "a blank at {place}");
    }
    for more in ["\n", "# note\n", " ", "\0", "checksum = \"\"\n"] {
        let grown = format!("{}{more}", text.as_str());
        assert!(parse(grown.as_bytes()).is_err(), "{more:?}");
    }
}

#[test]
fn a_later_version_is_called_that_and_not_damaged() {
    let text = render(&full()).replace("keyring/1", "keyring/2");
    assert_eq!(error_of(&text), KeyringTextError::OtherFormat);
    assert_eq!(parse(b"").err(), Some(KeyringTextError::Empty));
    assert_eq!(parse(b"\xff").err(), Some(KeyringTextError::NotText));
    let text = render(&full()).replace("generation = 12", "generation = 13");
    assert_eq!(error_of(&text), KeyringTextError::Damaged);
}

#[test]
fn unknown_and_missing_fields_are_named_with_their_line() {
    for (from, to, line, problem) in [
        (
            "generation = 12",
            "generation = 12\ncolour = 1",
            6,
            "unknown field `colour`",
        ),
        ("check = ", "czech = ", 13, "unknown field `czech`"),
        ("generation = 12\n", "", 1, "missing field `generation`"),
    ] {
        let text = with_checksum(&render(&full()).replacen(from, to, 1));
        let KeyringTextError::Malformed {
            line: found,
            problem: said,
        } = error_of(&text)
        else {
            panic!("{to}: {}", error_of(&text));
        };
        assert!(said.contains(problem), "{said}");
        assert_eq!(found, line, "{to}");
    }
}

#[test]
fn no_error_repeats_a_value() {
    let secret = URL_SAFE_NO_PAD.encode(key(1).expose());
    for (from, to) in [
        ("generation = 12", format!("generation = \"{secret}\"")),
        ("generation = 12", format!("generation = {secret}")),
        ("state = \"active\"", format!("state = \"{secret}\"")),
        ("state = \"active\"", format!("state = [\"{secret}\"]")),
        (
            "format = \"embsec-keyring/1\"",
            format!("format = [\"{secret}\"]"),
        ),
    ] {
        let error = error_of(&with_checksum(&render(&full()).replacen(from, &to, 1)));
        assert!(!format!("{error:?} {error}").contains(&secret), "{error:?}");
    }
}

#[test]
fn a_key_that_does_not_fit_its_own_description_is_refused() {
    let text = render(&full());
    let id = key(1).id().0.clone();
    let other_id = key(9).id().0.clone();
    let check = check_value(&master(1));
    let material = URL_SAFE_NO_PAD.encode(key(1).expose());
    let other_material = URL_SAFE_NO_PAD.encode(key(9).expose());
    let bad = |problem| KeyringTextError::BadKey { number: 1, problem };
    for (from, to, problem) in [
        (id.as_str(), other_id.as_str(), KeyProblem::Id),
        (&id, "UPPER", KeyProblem::Id),
        (&material, &other_material, KeyProblem::Id),
        (&material, "AAAA", KeyProblem::Material),
        (&material, "!", KeyProblem::Material),
        (&check, "0000000000000000", KeyProblem::Check),
        (&check, &check.to_uppercase(), KeyProblem::Check),
        ("\"master\"", "\"audit\"", KeyProblem::Purpose),
        ("\"active\"", "\"Active\"", KeyProblem::State),
        ("2026-03-01T12:00:00Z", "yesterday", KeyProblem::Time),
    ] {
        let changed = with_checksum(&text.replacen(from, to, 1));
        assert_eq!(error_of(&changed), bad(problem), "{from} -> {to}");
    }
}

#[test]
fn exactly_one_master_key_is_active() {
    let text = render(&full());
    for (from, to, count) in [
        ("\"active\"", "\"retired\"", 0),
        ("\"decrypt-only\"", "\"active\"", 2),
    ] {
        let changed = with_checksum(&text.replacen(from, to, 1));
        assert_eq!(
            error_of(&changed),
            KeyringTextError::ActiveMasters { count }
        );
    }
}

#[test]
fn no_key_is_in_it_twice_whatever_its_purpose() {
    for again in [
        master(1),
        Material::Target(Arc::new(DataKey::from_bytes(
            key_bytes(key(1).expose()).unwrap(),
        ))),
    ] {
        let mut twice = full();
        twice.entries.push(entry(again, KeyState::Retired, None));
        let id = key(1).id().clone();
        assert_eq!(error_of(&render(&twice)), KeyringTextError::Twice { id });
    }
}

#[test]
fn a_purpose_has_one_pending_and_one_active_key_at_most() {
    for (more, state) in [
        (master(9), KeyState::Pending),
        (target(9), KeyState::Pending),
        (target(9), KeyState::Active),
        (signing(9), KeyState::Pending),
        (signing(9), KeyState::Active),
    ] {
        let mut rivals = full();
        rivals.entries.push(entry(more, state, None));
        let purpose = rivals.entries.last().unwrap().purpose.clone();
        let error = error_of(&render(&rivals));
        assert_eq!(error, KeyringTextError::Rivals { purpose, state });
    }
    // Another target is another purpose.
    let mut other = full();
    other.entries.push(Entry {
        purpose: KeyPurpose::parse("target:other").unwrap(),
        ..entry(target(9), KeyState::Active, None)
    });
    assert!(parse(render(&other).as_bytes()).is_ok());
}

proptest! {
    #[test]
    fn parsing_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(parse(&bytes).is_err());
    }

    #[test]
    fn parsing_what_almost_is_a_keyring_never_panics(
        place in any::<prop::sample::Index>(),
        length in 0..80_usize,
        put in "\\PC{0,20}",
    ) {
        let mut text = render(&full()).as_bytes().to_vec();
        let from = place.index(text.len());
        let to = (from + length).min(text.len());
        let before = text.clone();
        text.splice(from..to, put.bytes());
        // With a fitting checksum, so that what lies behind it is reached.
        let text = with_checksum(&String::from_utf8(text).unwrap());
        let was_changed = text.as_bytes() != before;
        prop_assert!(parse(text.as_bytes()).is_ok() || was_changed);
    }
}
