//! What is kept: the files and the tables that the story leaves.

use super::Stage;
use crate::support::Database;
use std::path::Path;

impl Stage {
    /// Notes every file below a folder but these.
    pub(in crate::canary) fn hear_files(
        &mut self,
        folder: &Path,
        but: &[&str],
        shown: &[&'static str],
    ) {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if but.contains(&name) {
                continue;
            }
            if path.is_dir() {
                self.hear_files(&path, but, shown);
            } else if let Ok(bytes) = std::fs::read(&path) {
                // A socket has no bytes to read.
                self.hear(path.display().to_string(), bytes, shown);
            }
        }
    }

    /// Notes every row of a database of another program, if it is on a server.
    pub(in crate::canary) fn hear_tables(
        &mut self,
        name: &str,
        schema: &str,
        shown: &[&'static str],
    ) {
        if let Some(database) = self.databases.get(name) {
            let rows = rows(database, schema);
            self.hear(format!("the database {name}"), rows.into_bytes(), shown);
        }
    }

    /// Notes the audit log of everything that was done.
    pub(in crate::canary) fn hear_audit_logs(&mut self) {
        for folder in [
            self.deployment.dir().join("audit"),
            self.other.dir().join("audit"),
            self.state().join("embsec/audit"),
        ] {
            let before = self.heard.len();
            self.hear_files(&folder, &[], &[]);
            assert!(self.heard.len() > before, "{} is empty", folder.display());
        }
    }

    /// Ends the story: what is at rest is noted once nobody has it open.
    #[track_caller]
    pub(in crate::canary) fn close(&mut self) {
        self.stop_server();
        self.leaf = "migrate encrypt";
        if self.deployment.url().is_none() {
            self.run(&["--scrub-only", "--verbose"]).ends(&[0]);
        }
        self.learn_keys();
        self.hear_audit_logs();
        // That one was brought back in clear.
        self.hear_at_rest(true, &["opened text"]);
        self.hear_at_rest(false, &[]);
    }

    /// Notes what a deployment keeps, but for what is there to hold a secret.
    fn hear_at_rest(&mut self, is_main: bool, shown: &[&'static str]) {
        let deployment = if is_main {
            &self.deployment
        } else {
            &self.other
        };
        let folder = deployment.dir();
        let content = match deployment.url() {
            Some(_) => rows(deployment.database(), "embsec").into_bytes(),
            None => std::fs::read(folder.join("embsec.db")).unwrap(),
        };
        self.hear(
            format!("the database of {}", folder.display()),
            content,
            shown,
        );
        let kept = [
            "keyring.toml",
            "keyring.toml.previous",
            "admin.key",
            "embsec.toml",
            "embsec.db",
            "audit",
        ];
        self.hear_files(&folder, &kept, &[]);
    }
}

/// Every row of every table of a schema, as text.
fn rows(database: &Database, schema: &str) -> String {
    let tables = database.run(&format!(
        "SELECT format('SELECT t::text FROM %I.%I AS t;', schemaname, tablename) \
         FROM pg_tables WHERE schemaname = '{schema}'"
    ));
    assert!(!tables.is_empty());
    database.run(&tables)
}
