//! Reads merged values for the concerns and gathers everything that is wrong with them, so that
//! people are told all of it at once.

use super::error::{Fault, Problem};
use super::layers::Layers;
use super::secret::{SecretError, SecretRef};
use super::settings::Setting;
use super::value::{Origin, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The value was refused and the reason has been noted.
#[derive(Debug)]
pub(super) struct Rejected;

/// Hands out values. Whatever can't be used is noted in `problems`.
pub(super) struct Reader<'a> {
    layers: &'a Layers,
    base: &'a Path,
    pub(super) problems: Vec<Problem>,
    /// The keys handed out; a test compares them with the table.
    pub(super) seen: BTreeSet<&'static str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a Layers, base: &'a Path) -> Self {
        Self {
            layers,
            base,
            problems: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    pub(super) fn bool(&mut self, setting: &'static Setting) -> bool {
        matches!(self.value(setting), Some(Value::Bool(true)))
    }

    pub(super) fn int(&mut self, setting: &'static Setting) -> u64 {
        match self.value(setting) {
            Some(Value::Int(number)) => *number,
            _ => 0,
        }
    }

    pub(super) fn text(&mut self, setting: &'static Setting) -> &'a str {
        match self.value(setting) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }

    /// A text without a default; `None` when the setting is absent.
    pub(super) fn optional_text(&mut self, setting: &'static Setting) -> Option<&'a str> {
        match self.value(setting) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&mut self, setting: &'static Setting) -> &'a [String] {
        match self.value(setting) {
            Some(Value::List(members)) => members,
            _ => &[],
        }
    }

    /// A number that has to fit a narrower type.
    pub(super) fn narrow<T: TryFrom<u64>>(
        &mut self,
        setting: &'static Setting,
    ) -> Result<T, Rejected> {
        let number = self.int(setting);
        T::try_from(number).map_err(|_| {
            self.reject(
                setting,
                Fault::unexpected("a smaller number", &number.to_string()),
            )
        })
    }

    /// A text that stands for something. `expects` completes "expects …" when it does not.
    pub(super) fn parsed<T>(
        &mut self,
        setting: &'static Setting,
        expects: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Rejected> {
        let text = self.text(setting);
        parse(text).ok_or_else(|| self.reject(setting, Fault::unexpected(expects, text)))
    }

    /// The path that a text names. From the file or by default it starts at the file's folder;
    /// from the environment or a flag, at the current one.
    pub(super) fn path(&mut self, setting: &'static Setting, text: &str) -> PathBuf {
        match self.origin(setting) {
            Origin::Default | Origin::File { .. } => self.base.join(text),
            Origin::Environment(_) | Origin::Flag(_) => PathBuf::from(text),
        }
    }

    /// A secret or a reference to one; `None` when the setting is absent.
    pub(super) fn secret(
        &mut self,
        setting: &'static Setting,
    ) -> Result<Option<SecretRef>, Rejected> {
        let Some(Value::Secret(secret)) = self.value(setting) else {
            return Ok(None);
        };
        let base = self.path(setting, "");
        let parsed = SecretRef::parse_or_given(secret, &base);
        self.accept(setting, parsed.map(Some))
    }

    /// A text that must be a reference.
    pub(super) fn reference(
        &mut self,
        setting: &'static Setting,
        expects: &'static str,
    ) -> Result<SecretRef, Rejected> {
        let text = self.text(setting);
        let base = self.path(setting, "");
        match self.accept(setting, SecretRef::parse(text, &base))? {
            Some(reference) => Ok(reference),
            None => Err(self.reject(setting, Fault::NoReference(expects))),
        }
    }

    /// Notes what is wrong with a setting.
    pub(super) fn reject(&mut self, setting: &'static Setting, fault: Fault) -> Rejected {
        let origin = self.origin(setting);
        self.problems
            .push(Problem::new(setting.key.to_owned(), origin, fault));
        Rejected
    }

    fn accept<T>(
        &mut self,
        setting: &'static Setting,
        result: Result<T, SecretError>,
    ) -> Result<T, Rejected> {
        result.map_err(|error| self.reject(setting, error.into()))
    }

    fn origin(&self, setting: &Setting) -> Origin {
        self.layers
            .get(setting)
            .map_or(Origin::Default, |(_, origin)| origin.clone())
    }

    fn value(&mut self, setting: &'static Setting) -> Option<&'a Value> {
        self.seen.insert(setting.key);
        self.layers.get(setting).map(|(value, _)| value)
    }
}
