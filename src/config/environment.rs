//! The environment, read once at the start and handed on as data.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// The variables of the process. Some hold secrets, so it has no `Debug`.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, OsString>);

/// A variable whose value is no UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value is not UTF-8")]
pub struct NotUtf8;

impl Environment {
    /// The text of a variable; `None` when it is not set.
    ///
    /// # Errors
    ///
    /// [`NotUtf8`] when it is set to something that is no text.
    pub fn get(&self, name: &str) -> Result<Option<&str>, NotUtf8> {
        self.0
            .get(name)
            .map(|value| value.to_str().ok_or(NotUtf8))
            .transpose()
    }

    /// The text of a variable that is set, not empty, and text.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name)
            .ok()
            .flatten()
            .filter(|value| !value.is_empty())
    }

    /// The names that begin with this, in order.
    pub(super) fn names_from<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(move |name| name.starts_with(prefix))
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Environment {
    /// Takes the variables over. One whose name is no UTF-8 can't be a setting and is left out.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .filter_map(|(name, value)| Some((name.into().into_string().ok()?, value.into())))
                .collect(),
        )
    }
}
