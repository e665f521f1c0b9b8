//! The layers and their order: default, file, environment, flag. What a value means is decided
//! when it is read, by the file of its concern.

use super::environment::Environment;
use super::error::{Fault, Problem};
use super::settings::{self, SETTINGS, Setting};
use super::suggest;
use super::value::{self, Origin, Value};
use std::collections::BTreeMap;
use std::fmt;

/// Variables that begin like settings but are none.
const OTHER_VARIABLES: [&str; 1] = ["EMBSEC_CONFIG"];

/// A value for a setting from one of the layers.
pub(super) struct Entry {
    pub(super) setting: &'static Setting,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

impl Entry {
    pub(super) fn new(setting: &'static Setting, value: Value, origin: Origin) -> Self {
        Self {
            setting,
            value,
            origin,
        }
    }
}

/// A setting given on the command line.
#[derive(Clone, Debug)]
pub struct FlagValue {
    /// The setting.
    pub setting: &'static Setting,
    /// The flag with its dashes, such as `--listen`.
    pub flag: &'static str,
    /// The text given.
    pub value: String,
}

/// What people should be told about a variable that other systems use too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Announcement {
    /// It took the place of what the file says.
    Overrides {
        /// The variable or variables.
        alias: String,
        /// The setting.
        key: &'static str,
        /// The place in the file.
        file: Origin,
    },
    /// It was passed over because embsec's own variable is set too.
    Ignored {
        /// The variable or variables.
        alias: String,
        /// The setting.
        key: &'static str,
    },
}

impl fmt::Display for Announcement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Overrides { alias, key, file } => {
                write!(f, "{alias} in the environment overrides `{key}` of {file}.")
            }
            Self::Ignored { alias, key } => {
                let variable = settings::find(key).map_or_else(String::new, Setting::variable);
                write!(f, "{alias} is ignored, because {variable} sets `{key}`.")
            }
        }
    }
}

/// Every setting with the value that won and where it came from.
pub(super) struct Layers {
    values: BTreeMap<&'static str, (Value, Origin)>,
    pub(super) announcements: Vec<Announcement>,
}

impl Layers {
    /// Lays the environment and the flags over the file's entries and those over the defaults.
    pub(super) fn merge(
        file: Vec<Entry>,
        environment: &Environment,
        flags: &[FlagValue],
        problems: &mut Vec<Problem>,
    ) -> Self {
        let mut layers = Self {
            values: SETTINGS
                .iter()
                .map(|setting| {
                    let value = value::of_preset(setting.preset);
                    (setting.key, (value, Origin::Default))
                })
                .collect(),
            announcements: Vec::new(),
        };
        file.into_iter().for_each(|entry| layers.put(entry));
        layers.put_aliases(environment, problems);
        layers.put_variables(environment, problems);
        for flag in flags {
            let origin = Origin::Flag(flag.flag.to_owned());
            let value = value::of_text(flag.setting, &flag.value);
            layers.put_or_report(flag.setting, value, origin, problems);
        }
        layers
    }

    /// The value of a setting.
    pub(super) fn get(&self, setting: &Setting) -> Option<&(Value, Origin)> {
        self.values.get(setting.key)
    }

    fn put(&mut self, entry: Entry) {
        self.values
            .insert(entry.setting.key, (entry.value, entry.origin));
    }

    fn put_or_report(
        &mut self,
        setting: &'static Setting,
        value: Result<Value, Fault>,
        origin: Origin,
        problems: &mut Vec<Problem>,
    ) {
        match value {
            Ok(value) => self.put(Entry::new(setting, value, origin)),
            Err(fault) => problems.push(Problem::new(setting.key.to_owned(), origin, fault)),
        }
    }

    /// embsec's own variables. One that begins like them and is none is a slip, and refused.
    fn put_variables(&mut self, environment: &Environment, problems: &mut Vec<Problem>) {
        for name in environment.names_from("EMBSEC_") {
            if OTHER_VARIABLES.contains(&name) {
                continue;
            }
            let origin = Origin::Environment(name.to_owned());
            match SETTINGS.iter().find(|setting| setting.variable() == name) {
                Some(setting) => {
                    let value = text_of(environment, name)
                        .and_then(|text| value::of_text(setting, text.unwrap_or_default()));
                    self.put_or_report(setting, value, origin, problems);
                }
                None => problems.push(Problem::new(name.to_owned(), origin, unknown(name))),
            }
        }
    }

    /// The names that the source systems use for the same settings.
    fn put_aliases(&mut self, environment: &Environment, problems: &mut Vec<Problem>) {
        self.put_listen_alias(environment, problems);
        for (alias, setting) in [
            ("SERVICE_ADMINKEY", &settings::API_ADMIN_KEY),
            ("CORS_ALLOWED_ORIGINS", &settings::API_CORS_ORIGINS),
            ("DATABASE_POOL_SIZE", &settings::DATABASE_POOL_SIZE),
            (
                "DATABASE_MAX_IDLE_CONNS",
                &settings::DATABASE_MAX_IDLE_CONNECTIONS,
            ),
        ] {
            match text_of(environment, alias) {
                Ok(None) => {}
                Ok(Some(text)) => {
                    let value = value::of_text(setting, text);
                    self.put_alias(environment, alias, setting, value, problems);
                }
                Err(fault) => self.put_alias(environment, alias, setting, Err(fault), problems),
            }
        }
        self.put_lifetime_alias(environment, problems);
        // Upstream takes nothing but this very word for a yes, and its default is a yes; here
        // anything else leaves the level alone.
        if environment.filled("SERVICE_DEBUG") == Some("true") {
            let value = value::of_text(&settings::LOG_LEVEL, "debug");
            let setting = &settings::LOG_LEVEL;
            self.put_alias(environment, "SERVICE_DEBUG", setting, value, problems);
        }
    }

    /// `DATABASE_CONN_MAX_LIFETIME` is a duration with units, such as `30m` or `1h30m`.
    fn put_lifetime_alias(&mut self, environment: &Environment, problems: &mut Vec<Problem>) {
        let alias = "DATABASE_CONN_MAX_LIFETIME";
        let setting = &settings::DATABASE_MAX_LIFETIME_SECS;
        let value = match text_of(environment, alias) {
            Ok(None) => return,
            Ok(Some(text)) => match text.parse::<jiff::SignedDuration>() {
                Ok(duration) => value::of_text(setting, &duration.as_secs().to_string()),
                Err(_) => Err(Fault::unexpected("a duration, such as 30m", text)),
            },
            Err(fault) => Err(fault),
        };
        self.put_alias(environment, alias, setting, value, problems);
    }

    /// `SERVICE_HOST` and `SERVICE_PORT` are the two halves of `serve.listen`; a half that is
    /// not set stays as the layer below has it.
    fn put_listen_alias(&mut self, environment: &Environment, problems: &mut Vec<Problem>) {
        let setting = &settings::SERVE_LISTEN;
        let (host, port) = (
            text_of(environment, "SERVICE_HOST"),
            text_of(environment, "SERVICE_PORT"),
        );
        let (alias, value) = match (host, port) {
            (Ok(None), Ok(None)) => return,
            (Err(fault), _) => ("SERVICE_HOST", Err(fault)),
            (_, Err(fault)) => ("SERVICE_PORT", Err(fault)),
            (Ok(host), Ok(port)) => {
                let alias = match (host, port) {
                    (Some(_), Some(_)) => "SERVICE_HOST and SERVICE_PORT",
                    (Some(_), None) => "SERVICE_HOST",
                    _ => "SERVICE_PORT",
                };
                (alias, Ok(self.listen_from_halves(host, port)))
            }
        };
        self.put_alias(environment, alias, setting, value, problems);
    }

    fn listen_from_halves(&self, host: Option<&str>, port: Option<&str>) -> Value {
        let below = match self.get(&settings::SERVE_LISTEN) {
            Some((Value::Text(text), _)) => text.as_str(),
            _ => "",
        };
        let (below_host, below_port) = below.rsplit_once(':').unwrap_or((below, ""));
        let host = host.unwrap_or(below_host);
        let port = port.unwrap_or(below_port);
        Value::Text(if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        })
    }

    fn put_alias(
        &mut self,
        environment: &Environment,
        alias: &str,
        setting: &'static Setting,
        value: Result<Value, Fault>,
        problems: &mut Vec<Problem>,
    ) {
        let alias = alias.to_owned();
        let key = setting.key;
        if !matches!(environment.get(&setting.variable()), Ok(None)) {
            self.announcements
                .push(Announcement::Ignored { alias, key });
            return;
        }
        if let Some((_, file @ Origin::File { .. })) = self.get(setting) {
            let file = file.clone();
            self.announcements.push(Announcement::Overrides {
                alias: alias.clone(),
                key,
                file,
            });
        }
        self.put_or_report(setting, value, Origin::Environment(alias), problems);
    }
}

fn text_of<'a>(environment: &'a Environment, name: &str) -> Result<Option<&'a str>, Fault> {
    environment.get(name).map_err(|_| Fault::NotText)
}

fn unknown(name: &str) -> Fault {
    // Kubernetes gives each pod the addresses of the services of its namespace this way.
    if name == "EMBSEC_SERVICE_HOST"
        || name.starts_with("EMBSEC_SERVICE_PORT")
        || name.starts_with("EMBSEC_PORT")
    {
        return Fault::ServiceLink;
    }
    let variables: Vec<String> = SETTINGS.iter().map(|setting| setting.variable()).collect();
    let similar = suggest::nearest(name, variables.iter().map(String::as_str));
    Fault::Unknown {
        similar: similar.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests;
