//! What a backup needs of a server to be restored there.

use super::error::ScratchError;
use crate::domain::backup::{Extension, PostgresFacts};

/// What a backup needs of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The major version of the server that it was made from.
    pub at_least_major: u32,
    /// Its extensions.
    pub extensions: Vec<Extension>,
    /// Its encoding.
    pub encoding: String,
    /// Its order of texts, which is taken where the system has it.
    pub collation: String,
    /// How many bytes it fills when it is restored, about.
    pub bytes: u64,
}

impl Needs {
    /// What a backup with these facts needs; `bytes` is its size when it is restored.
    #[must_use]
    pub fn of(facts: &PostgresFacts, bytes: u64) -> Self {
        Self {
            at_least_major: u32::try_from(facts.server_version_num / 10_000).unwrap_or_default(),
            extensions: facts.extensions.clone(),
            encoding: facts.encoding.clone(),
            collation: facts.collation.clone(),
            bytes,
        }
    }

    /// Whether texts are in the order of their bytes, which every system has.
    pub(super) fn orders_by_bytes(&self) -> bool {
        ["", "C", "POSIX"].contains(&self.collation.as_str())
    }

    /// The order of texts to ask for, when it is another than that of bytes.
    pub(super) fn wished_collation(&self) -> Option<&str> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.@-".contains(c);
        let name = self.collation.as_str();
        let is_wished =
            !self.orders_by_bytes() && !name.starts_with('-') && name.chars().all(is_plain);
        is_wished.then_some(name)
    }

    /// Whether all extensions are there, and none is older than in the backup. `installed` tells
    /// the version of one, `place` is for the error.
    pub(super) fn check_extensions(
        &self,
        place: &str,
        installed: impl Fn(&str) -> Option<String>,
    ) -> Result<(), ScratchError> {
        for Extension { name, version } in &self.extensions {
            let Some(found) = installed(name) else {
                return Err(ScratchError::NoExtension {
                    name: name.clone(),
                    version: version.clone(),
                    place: place.to_owned(),
                });
            };
            if is_older(&found, version) {
                return Err(ScratchError::OldExtension {
                    name: name.clone(),
                    version: version.clone(),
                    found,
                    place: place.to_owned(),
                });
            }
        }
        Ok(())
    }
}

/// Whether one version comes before another. Those that are no numbers with points cannot be told
/// apart.
fn is_older(found: &str, wanted: &str) -> bool {
    let parts = |text: &str| -> Option<Vec<u64>> {
        let parts = text.split('.').map(str::parse);
        parts.collect::<Result<_, _>>().ok()
    };
    matches!((parts(found), parts(wanted)), (Some(found), Some(wanted)) if found < wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers_where_they_are_some() {
        assert!(is_older("0.7.4", "0.8.0") && is_older("0.9", "0.10") && is_older("1", "1.1"));
        assert!(!is_older("0.8.5", "0.8.5") && !is_older("1.10", "1.9"));
        assert!(!is_older("2.0dev", "3.0") && !is_older("1.0", "unpackaged"));
    }

    #[test]
    fn an_extension_that_is_missing_or_older_is_named_with_its_versions() {
        let needs = Needs {
            extensions: vec![Extension {
                name: "vector".to_owned(),
                version: "0.8.5".to_owned(),
            }],
            ..Needs::default()
        };
        let check = |found: Option<&str>| {
            let found = found.map(str::to_owned);
            let result = needs.check_extensions("here", |_| found.clone());
            result.map_err(|error| error.to_string())
        };
        assert_eq!(check(Some("0.8.5")), Ok(()));
        let told = check(None).unwrap_err();
        assert!(told.contains("`vector` (0.8.5)"), "{told}");
        let told = check(Some("0.5.1")).unwrap_err();
        assert!(told.contains("0.8.5") && told.contains("0.5.1"), "{told}");
    }

    #[test]
    fn an_order_of_texts_is_asked_for_when_it_is_a_plain_name() {
        let wished = |name: &str| {
            let needs = Needs {
                collation: name.to_owned(),
                ..Needs::default()
            };
            needs.wished_collation().map(str::to_owned)
        };
        assert_eq!(
            wished("de_DE.UTF-8@euro").as_deref(),
            Some("de_DE.UTF-8@euro")
        );
        for none in ["", "C", "POSIX", "--x", "a'b", "a b"] {
            assert_eq!(wished(none), None, "{none}");
        }
    }
}
