//! What becomes a secret in the course of the story: the keys of every keyring, and the data keys that
//! they open.

use super::Stage;
use crate::support::Deployment;
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use data_encoding::BASE64URL_NOPAD;
use rusqlite::Connection;
use std::path::PathBuf;

impl Stage {
    /// Takes over the keys of every keyring that is in a file, and the data keys of the
    /// deployments.
    pub(in crate::canary) fn learn_keys(&mut self) {
        let folders = [self.deployment.dir(), self.other.dir(), self.beside.clone()];
        let entries = folders.iter().filter_map(|folder| folder.read_dir().ok());
        let files: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        for file in files {
            // A sealed file is no text that holds a key.
            if let Ok(text) = std::fs::read_to_string(file) {
                self.learn_keyring(&text);
            }
        }
        let wrapped = [&self.deployment, &self.other].map(wrapped_keys);
        for line in wrapped.iter().flat_map(|lines| lines.lines()) {
            self.learn_data_key(line);
        }
    }

    /// Takes over the keys of a keyring.
    fn learn_keyring(&mut self, text: &str) {
        let value = |line: &str, name: &str| {
            let rest = line.strip_prefix(name)?.strip_prefix(" = \"")?;
            rest.strip_suffix('"').map(str::to_owned)
        };
        let mut id = String::new();
        for line in text.lines() {
            if let Some(next) = value(line, "id") {
                id = next;
            }
            // What was damaged for the purpose is no key.
            let material = value(line, "material").filter(|text| text.len() == 43);
            let bytes = material.map(|text| (BASE64URL_NOPAD.decode(text.as_bytes()), text));
            if let Some((Ok(bytes), text)) = bytes {
                self.secrets.learn("key of the keyring", &text);
                self.secrets.learn_bytes("key of the keyring", &bytes);
                self.masters.insert(id.clone(), bytes);
            }
        }
    }

    /// Opens a data key, as `docs/formats.md` says, and takes it over.
    fn learn_data_key(&mut self, line: &str) {
        let fields: Vec<&str> = line.split('|').collect();
        let [id, scope, wrapped, master] = fields[..] else {
            panic!("{line}");
        };
        let master = &self.masters[master];
        let mut place = Vec::new();
        for part in ["embsec/data-key/v1", id, scope] {
            place.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
            place.extend(part.as_bytes());
        }
        let bytes = BASE64URL_NOPAD.decode(wrapped.as_bytes()).unwrap();
        let (nonce, msg) = bytes.split_at(12);
        let cipher = Aes256Gcm::new_from_slice(master).unwrap();
        let nonce: [u8; 12] = nonce.try_into().unwrap();
        let key = cipher.decrypt(&nonce.into(), Payload { msg, aad: &place });
        self.secrets.learn_bytes("data key", &key.unwrap());
    }
}

/// The wrapped data keys of a deployment; none where there is no database yet.
fn wrapped_keys(deployment: &Deployment) -> String {
    const FIELDS: &str = "SELECT key_id || '|' || scope || '|' || wrapped || '|' || master_id";
    if deployment.url().is_some() {
        let sql = format!("{FIELDS} FROM embsec.data_keys");
        return deployment.database().run(&sql);
    }
    let connection = Connection::open(deployment.dir().join("embsec.db")).unwrap();
    let sql = format!("{FIELDS} FROM data_keys");
    let mut statement = connection.prepare(&sql).unwrap();
    let lines = statement.query_map([], |row| row.get::<_, String>(0));
    let lines: Vec<String> = lines.unwrap().map(Result::unwrap).collect();
    lines.join("\n")
}
