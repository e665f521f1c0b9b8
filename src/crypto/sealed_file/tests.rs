//! What a sealed file promises.

use super::*;
use proptest::prelude::*;
use std::io::Cursor;

const TEXT: &[u8] = b"format = \"embsec-keyring/1\"\n";

fn passphrase(text: &str) -> SecretString {
    SecretString::from(text)
}

fn two() -> (Identities, Identities, Vec<Recipient>) {
    let (first, second) = (Identities::generate(), Identities::generate());
    let recipients = [first.recipients(), second.recipients()].concat();
    (first, second, recipients)
}

#[test]
fn each_recipient_alone_opens_the_file_and_nobody_else_does() {
    let (first, second, recipients) = two();
    let sealed = seal(&recipients, TEXT).unwrap();
    assert!(is_sealed(&sealed));
    assert_eq!(sealed_by(&sealed), Ok(SealedBy::Recipients { count: 2 }));
    assert_eq!(*open(&first, &sealed).unwrap(), TEXT);
    assert_eq!(*open(&second, &sealed).unwrap(), TEXT);
    let stranger = Identities::generate();
    assert_eq!(open(&stranger, &sealed), Err(OpenFileError::NoMatch));
    let any = passphrase("any");
    let refused = open_with_passphrase(&any, &sealed);
    assert_eq!(refused, Err(OpenFileError::NeedsIdentity));
}

#[test]
fn nothing_is_sealed_for_nobody() {
    assert_eq!(seal(&[], TEXT), Err(SealFileError::NoRecipient));
}

#[test]
fn any_single_changed_byte_of_a_file_in_armour_is_an_error() {
    let (first, _, recipients) = two();
    let sealed = seal(&recipients, TEXT).unwrap();
    for place in 0..sealed.len() {
        for flip in [1, 2, 7, 0x20, 0x2a, 0x80, 0xff] {
            let mut changed = sealed.clone();
            changed[place] ^= flip;
            let opened = open(&first, &changed);
            assert!(opened.is_err(), "byte {place} flipped by {flip:#x}");
        }
    }
}

#[test]
fn any_single_changed_byte_of_a_binary_file_is_an_error() {
    let (first, _, recipients) = two();
    let sealed = without_armor(&seal(&recipients, TEXT).unwrap()).unwrap();
    assert_eq!(*open(&first, &sealed).unwrap(), TEXT);
    for place in 0..sealed.len() {
        for flip in [1, 2, 0x20, 0x80, 0xff] {
            let mut changed = sealed.clone();
            changed[place] ^= flip;
            // A changed part of one recipient is found even by the other one.
            let opened = open(&first, &changed);
            assert!(opened.is_err(), "byte {place} flipped by {flip:#x}");
        }
    }
}

#[test]
fn a_file_that_is_cut_or_grown_is_an_error() {
    let (first, _, recipients) = two();
    let sealed = seal(&recipients, TEXT).unwrap();
    // The last line end alone may be lost.
    for length in 0..sealed.len() - 1 {
        assert!(open(&first, &sealed[..length]).is_err(), "{length} bytes");
    }
    assert!(open(&first, &sealed[..sealed.len() - 1]).is_ok());
    let binary = without_armor(&sealed).unwrap();
    for length in 0..binary.len() {
        assert!(open(&first, &binary[..length]).is_err(), "{length} bytes");
    }
    for file in [&sealed, &binary] {
        for more in [&b"\n\n"[..], b" ", b"\0"] {
            let grown = [file.as_slice(), more].concat();
            assert!(open(&first, &grown).is_err(), "{more:?}");
        }
    }
}

#[test]
fn the_line_ends_of_another_system_do_no_harm() {
    let (first, _, recipients) = two();
    let sealed = String::from_utf8(seal(&recipients, TEXT).unwrap()).unwrap();
    let sealed = sealed.replace('\n', "\r\n");
    assert_eq!(*open(&first, sealed.as_bytes()).unwrap(), TEXT);
}

#[test]
fn a_passphrase_opens_what_it_sealed_and_a_wrong_one_does_not() {
    let sealed = seal_with_passphrase(&passphrase("correct horse"), TEXT).unwrap();
    assert_eq!(sealed_by(&sealed), Ok(SealedBy::Passphrase));
    let opened = open_with_passphrase(&passphrase("correct horse"), &sealed).unwrap();
    assert_eq!(*opened, TEXT);
    let wrong = open_with_passphrase(&passphrase("battery staple"), &sealed);
    assert_eq!(wrong, Err(OpenFileError::WrongPassphrase));
    let identities = open(&Identities::generate(), &sealed);
    assert_eq!(identities, Err(OpenFileError::NeedsPassphrase));
}

#[test]
fn a_file_cannot_ask_for_boundless_work() {
    // Made by hand: a header that asks for 2^30.
    let header = "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 30\n\
                  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\
                  --- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    let file = [header.as_bytes(), &[0; 64]].concat();
    let refused = open_with_passphrase(&passphrase("any"), &file);
    assert_eq!(refused, Err(OpenFileError::TooCostly { log2: 30 }));
}

#[test]
fn what_is_sealed_is_an_age_file_for_any_other_reader() {
    let identity = age::x25519::Identity::generate();
    let recipient = Recipient::parse(&identity.to_public().to_string()).unwrap();
    let sealed = seal(&[recipient], TEXT).unwrap();
    assert_eq!(
        age::decrypt(&identity, &without_armor(&sealed).unwrap()).unwrap(),
        TEXT
    );
    let theirs = age::encrypt(&identity.to_public(), TEXT).unwrap();
    let ours = Identities::read(identity.to_string().expose_secret().as_bytes())
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(*open(&ours, &theirs).unwrap(), TEXT);
}

#[test]
fn a_large_content_comes_back_whole() {
    let identity = Identities::generate();
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| n.to_be_bytes()[3]).collect();
    let sealed = seal(&identity.recipients(), &bytes).unwrap();
    assert_eq!(*open(&identity, &sealed).unwrap(), bytes);
}

#[test]
fn an_identity_file_is_read_as_age_keygen_writes_it() {
    let (first, second, recipients) = two();
    let line = |identities: &Identities| {
        let secret = age::x25519::Identity::to_string(&identities.0[0]);
        secret.expose_secret().to_owned()
    };
    let text = format!(
        "# created: 2026-03-01T12:00:00Z\n# public key: {}\n{}\r\n\n{}\n",
        recipients[0],
        line(&first),
        line(&second)
    );
    let read = Identities::read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read.recipients(), recipients);
    let error = |bytes: &[u8]| Identities::read(bytes).err().unwrap();
    assert_eq!(error(b"# nothing\n"), IdentityError::Empty);
    assert_eq!(error(b"\xff"), IdentityError::NotText);
    let garbled = text.replace("AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1A");
    assert_eq!(
        error(garbled.as_bytes()),
        IdentityError::BadLine { line: 3 }
    );
    let sealed = seal(&recipients, text.as_bytes()).unwrap();
    assert_eq!(error(&sealed), IdentityError::Sealed);
}

#[test]
fn a_mistyped_recipient_is_no_recipient() {
    let recipient = Identities::generate().recipients()[0].to_string();
    assert_eq!(Recipient::parse(&recipient).unwrap().to_string(), recipient);
    let blanks = format!(" {recipient}\n");
    assert_eq!(Recipient::parse(&blanks).unwrap().to_string(), recipient);
    for place in 4..recipient.len() {
        let other = if recipient.as_bytes()[place] == b'q' {
            "p"
        } else {
            "q"
        };
        let mut typo = recipient.clone();
        typo.replace_range(place..=place, other);
        assert_eq!(
            Recipient::parse(&typo),
            Err(RecipientError::Mistyped),
            "{typo}"
        );
    }
    let cut = &recipient[..recipient.len() - 1];
    assert_eq!(Recipient::parse(cut), Err(RecipientError::Mistyped));
    assert_eq!(Recipient::parse(""), Err(RecipientError::OtherKind));
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN";
    assert_eq!(Recipient::parse(ssh), Err(RecipientError::OtherKind));
    let secret = "AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";
    assert_eq!(Recipient::parse(secret), Err(RecipientError::Identity));
}

#[test]
fn a_key_with_which_everybody_could_open_the_file_is_no_recipient() {
    for weak in [
        "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z",
        "age1qyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqj7vrya",
        "age1ur4h5lpmgxu2u9jku0a0r87ydtdqnr0tnsetrlvxvgz3vh6fhqqqzyt4v9",
        "age1t7wft09r2zxzfvwsk92eeql0tvzyghxytqwgapkcyf8dm5ylz9ts6wm9s8",
        "age1anlllllllllllllllllllllllllllllllllllllllllllllllals4n2t7m",
        "age1ahlllllllllllllllllllllllllllllllllllllllllllllllalsn46ayy",
        "age1amlllllllllllllllllllllllllllllllllllllllllllllllalselrwrv",
        "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqzqqsuwj9m",
    ] {
        assert_eq!(Recipient::parse(weak), Err(RecipientError::Weak), "{weak}");
    }
}

/// What the published vectors of the format hold, by its SHA-256 (C2SP CCTV, `age/testdata`).
const PUBLISHED_CONTENT: &str = "013f54400c82da08037759ada907a8b864e97de81c088a182062c4b5622fd2ab";
/// The identity of the vector `armor`.
const PUBLISHED_IDENTITY: &[u8] =
    b"AGE-SECRET-KEY-1EGTZVFFV20835NWYV6270LXYVK2VKNX2MMDKWYKLMGR48UAWX40Q2P2LM0\n";
/// The vector `armor`.
const PUBLISHED: &str = "\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBURWlGMHlwcXIrYnB2Y3FY
TnlDVkpwTDdPdXdQZFZ3UEw3S1FFYkZET0NjCmhqYWJHWHdTTFE5YzNTNkx3Mmkr
UzJUdTJmaXdRSEhzbGJCTjZCNDFGTEUKLS0tIFd5SnA5Ri85Rk9aaDdnSmRoZXEy
V0lKY3dIZ1ljOE5JVmgzZGR3aHJjTmcK7s9ix86RtDMnTmjU8vkTTLdMW/73vqpS
yPC8DpksHoMx+2Y=
-----END AGE ENCRYPTED FILE-----
";
/// The vector `scrypt` in armour; its passphrase is `password`.
const PUBLISHED_SCRYPT: &str = "\
-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCByRjAvTndibFVISFRwZ1Fn
UnBlNUNRIDEwCmdVakV5bUZLTVZYUUVLZE1NSEwyNG9ZZXhqRTNUSUMwTzB6R1Nx
SjJhVVkKLS0tIElPWGlRWVN0a29UMW12WlcydEZPcVpkaFJWdmo1OGVnQUJ4L3NX
ZlpRYmMKGzXG5ofdANo6w3msn3QsIf0YWhuePe1znRSsappQEk24Ztg=
-----END AGE ENCRYPTED FILE-----
";

#[test]
fn the_published_vectors_open() {
    use sha2::{Digest as _, Sha256};
    let hash = |content: &[u8]| data_encoding::HEXLOWER.encode(&Sha256::digest(content));
    let identity = Identities::read(PUBLISHED_IDENTITY).unwrap_or_else(|error| panic!("{error}"));
    let content = open(&identity, PUBLISHED.as_bytes()).unwrap();
    assert_eq!(hash(&content), PUBLISHED_CONTENT);
    let password = passphrase("password");
    let content = open_with_passphrase(&password, PUBLISHED_SCRYPT.as_bytes()).unwrap();
    assert_eq!(hash(&content), PUBLISHED_CONTENT);
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let identity = Identities::generate();
        let begun = [MAGIC, b"v1\n", &bytes].concat();
        let armored = [ARMOR_START, b"\n", &bytes].concat();
        for file in [&bytes, &begun, &armored] {
            prop_assert!(open(&identity, file).is_err());
            prop_assert!(sealed_by(file).is_err() || is_sealed(file));
        }
        drop(Identities::read(&bytes));
        drop(Recipient::parse(&String::from_utf8_lossy(&bytes)));
        drop(Decryptor::new(Cursor::new(&bytes)).err());
    }
}
