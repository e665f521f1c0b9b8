//! What shares promise.

use super::*;
use crate::crypto::testing::{BrokenRng, CountingRng, assert_documented};
use crate::sys::rng::SeededRng;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;

fn threshold(needed: u8, total: u8) -> Threshold {
    Threshold::new(needed, total).unwrap()
}

fn shares_of(secret: &[u8], needed: u8, total: u8, seed: u64) -> Vec<Share> {
    split(secret, threshold(needed, total), &SeededRng::new(seed)).unwrap()
}

fn again(share: &Share) -> Share {
    parsed(share.render().as_bytes())
}

fn parsed(text: &[u8]) -> Share {
    Share::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(text: &[u8]) -> ShareTextError {
    Share::parse(text).err().unwrap()
}

/// The shares at the places whose bits are set.
fn chosen(shares: &[Share], bits: u32) -> Vec<Share> {
    let is_chosen = |place: &usize| *place < 32 && bits >> place & 1 == 1;
    let places = (0..shares.len()).filter(is_chosen);
    places.map(|place| again(&shares[place])).collect()
}

/// Puts a fitting checksum to fields that were changed on purpose.
fn with_checksum(share: &Share, change: impl Fn(usize, &str) -> String) -> String {
    use sha2::{Digest as _, Sha256};
    let text = share.render();
    let (content, _) = text.rsplit_once(':').unwrap();
    let fields: Vec<String> = content
        .split(':')
        .enumerate()
        .map(|(place, field)| change(place, field))
        .collect();
    let content = fields.join(":");
    let sum = data_encoding::HEXLOWER.encode(&Sha256::digest(&content)[..8]);
    format!("{content}:{sum}\n")
}

#[test]
fn the_documented_shares_are_written_and_combined() {
    let secret = b"a keyring, for instance";
    let shares = split(secret, threshold(2, 3), &CountingRng::from(0x80)).unwrap();
    for share in &shares {
        assert_documented(share.render().trim_end());
    }
    assert_eq!(*combine(&chosen(&shares, 0b101)).unwrap(), secret);
}

#[test]
fn every_subset_that_is_large_enough_combines_and_no_other_does() {
    let secret = b"format = \"embsec-keyring/1\"";
    for total in 2..=6 {
        for needed in 2..=total {
            let shares = shares_of(secret, needed, total, u64::from(total));
            for bits in 1..1_u32 << total {
                let some = chosen(&shares, bits);
                let outcome = combine(&some);
                if some.len() >= usize::from(needed) {
                    assert_eq!(*outcome.unwrap(), secret, "{needed} of {total}: {bits:b}");
                } else {
                    let have = some.len();
                    assert_eq!(outcome.err(), Some(CombineError::Missing { have, needed }));
                }
            }
        }
    }
}

#[test]
fn the_largest_set_combines() {
    let secret = [0, 1, 0xff, 0x80];
    let shares = shares_of(&secret, 255, 255, 1);
    assert_eq!(*combine(&shares).unwrap(), secret);
    let few = chosen(&shares, u32::MAX);
    assert_eq!(
        combine(&few),
        Err(CombineError::Missing {
            have: 32,
            needed: 255
        })
    );
}

#[test]
fn the_shares_of_two_splits_of_one_secret_have_nothing_in_common() {
    let (first, second) = (shares_of(b"secret", 2, 3, 1), shares_of(b"secret", 2, 3, 2));
    assert_ne!(first[0].set_id(), second[0].set_id());
    assert_ne!(first[0].payload, second[0].payload);
}

#[test]
fn numbers_that_protect_nothing_or_lose_the_secret_are_refused() {
    for needed in [0, 1] {
        assert_eq!(
            Threshold::new(needed, 3),
            Err(ThresholdError::TooFew { needed })
        );
    }
    assert_eq!(
        Threshold::new(4, 3),
        Err(ThresholdError::TooMany {
            needed: 4,
            total: 3
        })
    );
    let rng = SeededRng::new(1);
    assert!(matches!(
        split(b"", threshold(2, 3), &rng),
        Err(SplitError::Length { bytes: 0 })
    ));
    let long = vec![1; MAX_SECRET_BYTES + 1];
    assert!(split(&long, threshold(2, 3), &rng).is_err());
    let broken = split(b"secret", threshold(2, 3), &BrokenRng);
    assert!(matches!(broken, Err(SplitError::Rng(_))));
}

#[test]
fn any_single_changed_byte_of_a_share_is_an_error() {
    let text = shares_of(b"material = \"AAAA\"", 2, 3, 3)[1].render();
    for place in 0..text.len() {
        for flip in 1..=u8::MAX {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] ^= flip;
            assert!(
                Share::parse(&bytes).is_err(),
                "byte {place} flipped by {flip:#x}"
            );
        }
    }
}

#[test]
fn a_share_that_is_cut_or_grown_is_an_error() {
    let text = shares_of(b"secret", 2, 2, 3)[0].render();
    // The last line end alone may be lost.
    for length in 0..text.len() - 1 {
        assert!(
            Share::parse(&text.as_bytes()[..length]).is_err(),
            "{length} bytes"
        );
    }
    assert!(Share::parse(text.trim_end().as_bytes()).is_ok());
    assert!(Share::parse(text.replace('\n', "\r\n").as_bytes()).is_ok());
    for place in 0..=text.len() {
        for more in [" ", ":", "\n\n", "\r", "A"] {
            let mut grown = text.to_string();
            grown.insert_str(place, more);
            let is_line_end = place == text.len() - 1 && more == "\r";
            assert_eq!(
                Share::parse(grown.as_bytes()).is_ok(),
                is_line_end,
                "{more:?} at {place}"
            );
        }
    }
}

#[test]
fn errors_tell_another_file_from_a_damaged_share() {
    assert_eq!(refused(b""), ShareTextError::NotAShare);
    assert_eq!(refused(b"\xff"), ShareTextError::NotAShare);
    assert_eq!(refused(b"embsec-share-2:x"), ShareTextError::NotAShare);
    assert_eq!(refused(b"embsec-share-1:x"), ShareTextError::Damaged);
    assert_eq!(refused(b"embsec-share-1:x:y"), ShareTextError::Damaged);
}

#[test]
fn a_forged_share_is_no_share_of_the_set() {
    let share = &shares_of(b"secret", 2, 3, 5)[0];
    // Unchanged, so that each change below is the one that counts.
    assert!(Share::parse(with_checksum(share, |_, field| field.to_owned()).as_bytes()).is_ok());
    let forged: [(usize, &str); 9] = [
        (1, "aaaaaaaaaaaaaaaa"),
        (2, "3"),
        (2, "02"),
        (2, "1"),
        (3, "4"),
        (4, "2"),
        (4, "0"),
        (5, ""),
        (6, "AAAAAAAA"),
    ];
    for (changed, with) in forged {
        let text = with_checksum(share, |place, field| {
            if place == changed { with } else { field }.to_owned()
        });
        let error = refused(text.as_bytes());
        assert_eq!(error, ShareTextError::Inconsistent, "{changed}: {with}");
    }
    let more = with_checksum(share, |place, field| {
        if place == 6 {
            format!("{field}:x")
        } else {
            field.to_owned()
        }
    });
    assert_eq!(refused(more.as_bytes()), ShareTextError::Inconsistent);
}

/// A holder who wants another secret to come out can make a share that is whole in itself, but
/// not one of the same set.
#[test]
fn a_share_that_was_made_to_fit_its_own_digest_is_foreign_to_the_others() {
    let mut shares = shares_of(b"secret", 3, 4, 6);
    let payload = Zeroizing::new(b"sEcret".to_vec());
    let mut digests = shares[1].set.payloads.clone();
    digests[1] = payload_digest(2, &payload);
    let set = Set::new(shares[1].set.threshold, shares[1].set.secret, digests);
    shares[1] = again(&Share {
        set: Arc::new(set),
        index: 2,
        payload,
    });
    let set = shares[0].set_id().clone();
    let places = vec![1];
    assert_eq!(combine(&shares), Err(CombineError::Foreign { set, places }));
}

#[test]
fn foreign_shares_are_named_before_missing_ones() {
    let (mine, other) = (shares_of(b"secret", 4, 5, 7), shares_of(b"secret", 4, 5, 8));
    let mixed = vec![again(&mine[0]), again(&other[1]), again(&mine[2])];
    assert_eq!(
        combine(&mixed),
        Err(CombineError::Foreign {
            set: mine[0].set_id().clone(),
            places: vec![1],
        })
    );
    let tied = vec![again(&mine[0]), again(&other[1])];
    assert_eq!(
        combine(&tied),
        Err(CombineError::SeveralSets {
            sets: vec![mine[0].set_id().clone(), other[0].set_id().clone()],
        })
    );
    assert_eq!(combine(&[]), Err(CombineError::Empty));
}

#[test]
fn a_share_that_is_given_twice_counts_once() {
    let shares = shares_of(b"secret", 2, 3, 9);
    let twice = vec![again(&shares[2]), again(&shares[2])];
    assert_eq!(
        combine(&twice),
        Err(CombineError::Missing { have: 1, needed: 2 })
    );
    let enough = vec![again(&shares[2]), again(&shares[2]), again(&shares[0])];
    assert_eq!(*combine(&enough).unwrap(), b"secret");
}

#[test]
fn a_set_that_was_made_wrong_gives_no_secret() {
    let shares = shares_of(b"secret", 2, 2, 10);
    let wrong = Set::new(
        shares[0].set.threshold,
        secret_digest(b"another"),
        shares[0].set.payloads.clone(),
    );
    let wrong = Arc::new(wrong);
    let shares: Vec<Share> = shares
        .iter()
        .map(|share| Share {
            set: Arc::clone(&wrong),
            index: share.index,
            payload: share.payload.clone(),
        })
        .collect();
    assert_eq!(combine(&shares), Err(CombineError::NotTheSecret));
}

proptest! {
    #[test]
    fn any_secret_comes_back_from_any_large_enough_subset(
        secret in proptest::collection::vec(any::<u8>(), 1..200),
        total in 2_u8..=20,
        part in 0_u16..=100,
        seed in any::<u64>(),
        order in any::<u64>(),
    ) {
        let needed = 2 + u8::try_from(u16::from(total - 2) * part / 100).unwrap();
        let mut shares: Vec<Share> =
            shares_of(&secret, needed, total, seed).iter().map(again).collect();
        shares.sort_by_key(|share| order.rotate_left(u32::from(share.index) * 7) % 1009);
        shares.truncate(usize::from(needed));
        prop_assert_eq!(&*combine(&shares).unwrap(), &secret);
        shares.pop();
        prop_assert_eq!(
            combine(&shares).err(),
            Some(CombineError::Missing { have: usize::from(needed) - 1, needed })
        );
    }

    #[test]
    fn no_text_panics(text in ".*", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Share::parse(text.as_bytes()).is_err());
        prop_assert!(Share::parse(&bytes).is_err());
    }

    #[test]
    fn fields_with_a_fitting_checksum_do_not_panic(
        set in "[a-z2-7]{0,20}",
        numbers in proptest::array::uniform3(0_u16..300),
        digests in proptest::collection::vec(any::<u8>(), 0..200),
        payload in proptest::collection::vec(any::<u8>(), 0..50),
    ) {
        let share = &shares_of(b"secret", 2, 3, 11)[0];
        let text = with_checksum(share, |place, field| match place {
            1 => set.clone(),
            2..=4 => numbers[place - 2].to_string(),
            5 => URL_SAFE_NO_PAD.encode(&digests),
            6 => URL_SAFE_NO_PAD.encode(&payload),
            _ => field.to_owned(),
        });
        prop_assert_eq!(refused(text.as_bytes()), ShareTextError::Inconsistent);
    }
}
