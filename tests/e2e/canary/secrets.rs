//! The secrets of a story, and the search for them in whatever shape they might leave in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

/// How much of the beginning or of the end of a secret counts as the secret.
const PART: usize = 12;
/// The same of a list of numbers, which says less with each character.
const PART_OF_LIST: usize = 30;
/// What a place is looked up by before it is compared.
const HEAD: usize = 8;

/// Every secret by its name, with all the bytes that give it away.
#[derive(Default)]
pub(crate) struct Secrets {
    texts: BTreeMap<String, String>,
    /// What is searched for, by its first bytes: the rest of it, and whose it is.
    needles: HashMap<[u8; HEAD], Vec<(Vec<u8>, String)>>,
    known: BTreeSet<Vec<u8>>,
}

impl Secrets {
    /// Makes up a secret of 52 letters and digits. The same name gives the same secret.
    pub(crate) fn invent(&mut self, name: &str) -> String {
        let digest = Sha256::digest(format!("canary of {name}"));
        let text = data_encoding::BASE32_NOPAD.encode(&digest).to_lowercase();
        self.learn(name, &text);
        text
    }

    /// Makes up a key of 32 bytes, in base64.
    pub(crate) fn invent_key(&mut self, name: &str) -> String {
        let bytes = Sha256::digest(format!("canary of {name}"));
        let text = STANDARD.encode(bytes);
        self.learn(name, &text);
        self.learn_bytes(name, &bytes);
        text
    }

    /// Takes a text over that is a secret. Several texts may have one name.
    pub(crate) fn learn(&mut self, name: &str, text: &str) {
        self.learn_part(name, text, text);
    }

    /// The same of a text of which only a part is secret.
    pub(crate) fn learn_part(&mut self, name: &str, whole: &str, text: &str) {
        self.texts.insert(name.to_owned(), whole.to_owned());
        self.learn_bytes(name, text.trim_end_matches('=').as_bytes());
    }

    /// The same of bytes that are no text.
    pub(crate) fn learn_bytes(&mut self, name: &str, bytes: &[u8]) {
        assert!(
            bytes.len() >= PART,
            "{name} is too short to be searched for"
        );
        if !self.known.insert(bytes.to_vec()) {
            return;
        }
        let list = list_of(bytes);
        let forms = forms(bytes).into_iter().map(|form| (form, PART));
        for (form, part) in forms.chain([(list, PART_OF_LIST)]) {
            let part = part.min(form.len());
            let ends = [&form[..part], &form[form.len() - part..]];
            for end in ends {
                let head = end[..HEAD].try_into().unwrap();
                let same = self.needles.entry(head).or_default();
                same.push((end[HEAD..].to_vec(), name.to_owned()));
            }
        }
    }

    /// The text of a secret.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> &str {
        let text = self.texts.get(name);
        text.unwrap_or_else(|| panic!("there is no secret {name:?}"))
    }

    /// The names of those that are in these bytes, in whatever shape, each with the place.
    pub(crate) fn found_in(&self, bytes: &[u8]) -> BTreeMap<&str, usize> {
        let mut found = BTreeMap::new();
        for (place, head) in bytes.windows(HEAD).enumerate() {
            let head: &[u8; HEAD] = head.try_into().unwrap();
            for (rest, name) in self.needles.get(head).into_iter().flatten() {
                if bytes[place + HEAD..].starts_with(rest) {
                    found.entry(name.as_str()).or_insert(place);
                }
            }
        }
        found
    }
}

/// Bytes as a list of numbers, as they look where they are written for developers.
fn list_of(bytes: &[u8]) -> Vec<u8> {
    let numbers = bytes.iter().fold(String::new(), |mut list, byte| {
        write!(list, "{byte}, ").unwrap();
        list
    });
    numbers.trim_end_matches(", ").as_bytes().to_vec()
}

/// The other shapes in which bytes are written: as they are, in hexadecimal, and in base64 wherever
/// they begin in what is encoded.
fn forms(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![
        bytes.to_vec(),
        data_encoding::HEXLOWER.encode(bytes).into_bytes(),
        data_encoding::HEXUPPER.encode(bytes).into_bytes(),
    ];
    for before in 0..3 {
        let shifted = [&vec![0; before], bytes].concat();
        let encoded = STANDARD.encode(&shifted[..shifted.len() / 3 * 3]);
        // The first group holds what stood before.
        let standard = if before == 0 { &encoded } else { &encoded[4..] };
        forms.push(standard.as_bytes().to_vec());
        forms.push(standard.replace('+', "-").replace('/', "_").into_bytes());
    }
    forms
}

#[test]
fn a_secret_is_found_in_every_shape() {
    let mut secrets = Secrets::default();
    let key = STANDARD.decode(secrets.invent_key("key")).unwrap();
    let text = secrets.invent("text");
    for around in ["", "a", "bc", "def"] {
        let whole = [around.as_bytes(), &key, around.as_bytes()].concat();
        for shape in [
            whole.clone(),
            STANDARD.encode(&whole).into_bytes(),
            data_encoding::BASE64URL_NOPAD.encode(&whole).into_bytes(),
            format!("{whole:?}").into_bytes(),
            format!("{whole:02x?}").replace(", ", "").into_bytes(),
            data_encoding::HEXUPPER.encode(&whole).into_bytes(),
        ] {
            let found = secrets.found_in(&shape);
            assert_eq!(found.keys().collect::<Vec<_>>(), [&"key"], "{shape:?}");
        }
    }
    for part in [&text[..20], &text[30..], &format!("url:{text}@host")] {
        assert!(
            secrets.found_in(part.as_bytes()).contains_key("text"),
            "{part}"
        );
    }
    assert!(secrets.found_in(&text.as_bytes()[15..35]).is_empty());
    assert!(
        secrets
            .found_in(b"nothing at all is in this one")
            .is_empty()
    );
}
