//! The merged settings for people and scripts: value and origin of each, secrets masked.

use super::layers::Layers;
use super::secret::SecretRef;
use super::settings::{
    BACKUP_DESTINATION, BACKUP_RECIPIENTS, BACKUP_S3_ENDPOINT, BACKUP_VERIFY_KEYS, DATABASE_URL,
    KEYRING_SOURCE, SETTINGS, Setting,
};
use super::value::{Origin, Value};
use crate::domain::postgres_url::without_secrets;
use serde_json::Value as Json;
use std::path::Path;

/// One setting as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value; null when it is absent. A reference to a secret is shown, a secret never.
    pub value: Json,
    /// Where the value came from.
    pub origin: Origin,
}

/// Every setting, in the order of the table.
pub(super) fn all(layers: &Layers) -> Vec<Shown> {
    SETTINGS
        .iter()
        .filter_map(|setting| {
            let (value, origin) = layers.get(setting)?;
            Some(Shown {
                setting,
                value: shown(setting, value),
                origin: origin.clone(),
            })
        })
        .collect()
}

fn holds_url(setting: &Setting) -> bool {
    [&DATABASE_URL, &BACKUP_DESTINATION, &BACKUP_S3_ENDPOINT]
        .iter()
        .any(|url| url.key == setting.key)
}

/// How each member of a list of public keys begins. What begins otherwise may be the secret that
/// belongs to one.
fn start_of_members(setting: &Setting) -> &'static str {
    if setting.key == BACKUP_RECIPIENTS.key {
        "age1"
    } else if setting.key == BACKUP_VERIFY_KEYS.key {
        "embsec-sign-"
    } else {
        ""
    }
}

fn shown(setting: &Setting, value: &Value) -> Json {
    match value {
        Value::Bool(yes) => Json::from(*yes),
        Value::Int(number) => Json::from(*number),
        // A password in a URL is shown to nobody, where it belongs or where it does not.
        Value::Text(text) if holds_url(setting) => Json::from(without_secrets(text)),
        // What is no reference may be the secret that belongs behind one.
        Value::Text(text) if setting.key == KEYRING_SOURCE.key => {
            match SecretRef::parse(text, Path::new("")) {
                Ok(Some(reference)) => reference.to_string().into(),
                _ => Json::from("****"),
            }
        }
        Value::Text(text) => Json::from(text.as_str()),
        Value::List(members) => {
            let start = start_of_members(setting);
            let is_one = |member: &&str| member.starts_with(start);
            let members = members.iter().map(String::as_str);
            members
                .map(|member| Some(member).filter(is_one).unwrap_or("****"))
                .collect()
        }
        // A relative path is shown as it was given.
        Value::Secret(secret) => SecretRef::parse_or_given(secret, Path::new("")).map_or_else(
            |_| Json::from("****"),
            |reference| reference.to_string().into(),
        ),
        Value::Absent => Json::Null,
    }
}
