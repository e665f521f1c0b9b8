//! The settings as a backup carries them: what was set, secrets replaced by their names.

use super::layers::Layers;
use super::settings::Kind;
use super::show;
use super::value::Origin;
use serde_json::Value as Json;

/// What stands above the settings.
const HEAD: &str = "\
# The settings of a deployment, as they were when the backup was made. Secrets are not in it: each
# is replaced by the name of its setting.
";

/// The settings that are no defaults, as a file of settings; `key_ids` are those of the keyring.
pub(super) fn render(layers: &Layers, key_ids: &[String]) -> String {
    let mut sections = toml::Table::new();
    for shown in show::all(layers) {
        if shown.origin == Origin::Default {
            continue;
        }
        let key = shown.setting.key;
        let value = match (&shown.setting.kind, shown.value) {
            (_, Json::Null) => continue,
            (Kind::Secret, _) => toml::Value::from(format!("secret: {key}")),
            (_, value) => match toml::Value::try_from(value) {
                Ok(value) => value,
                // JSON that TOML cannot say is none of a setting.
                Err(_) => continue,
            },
        };
        let section = sections
            .entry(shown.setting.section())
            .or_insert_with(|| toml::Table::new().into());
        if let Some(section) = section.as_table_mut() {
            section.insert(shown.setting.name().to_owned(), value);
        }
    }
    let mut text = HEAD.to_owned();
    for id in key_ids {
        text.push_str(&format!("# key of the keyring: {id}\n"));
    }
    text.push('\n');
    text.push_str(&sections.to_string());
    text
}
