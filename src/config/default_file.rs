//! The `embsec.toml` that `embsec init` writes: every setting with its meaning and its default,
//! commented out, so that the file says what could be set and sets nothing.

use super::settings::{DATABASE_URL, Kind, Preset, SECTIONS, SETTINGS, Setting};
use std::fmt::Write as _;

/// The width of the comments.
const COLUMNS: usize = 90;

const HEAD: &str = "\
The configuration of embsec. Every line that begins with `#name =` shows a default: take the # \
away to change it. A flag wins over a variable of the environment (EMBSEC_SECTION__NAME), and \
that over this file. Relative paths start at this folder. `embsec config show` prints what is in \
force and where it comes from, `embsec config check` says what is wrong.";

/// The text of the file; with `database_url`, one that sets this.
#[must_use]
pub fn render(database_url: Option<&str>) -> String {
    let mut text = String::new();
    comment(&mut text, HEAD);
    for (section, meaning) in SECTIONS {
        text.push('\n');
        comment(&mut text, meaning);
        line(&mut text, format_args!("[{section}]"));
        for setting in SETTINGS
            .iter()
            .filter(|setting| setting.section() == section)
        {
            text.push('\n');
            comment(&mut text, &meaning_of(setting));
            line(
                &mut text,
                format_args!("#{} = {}", setting.name(), literal(setting.preset)),
            );
            if let Some(url) = database_url.filter(|_| setting.key == DATABASE_URL.key) {
                let value = toml::Value::from(url);
                line(&mut text, format_args!("{} = {value}", setting.name()));
            }
        }
    }
    text
}

fn meaning_of(setting: &Setting) -> String {
    let range = match setting.kind {
        Kind::Int { min, max } => format!(" From {min} to {max}."),
        Kind::Choice(words) => format!(" One of: {}.", words.join(", ")),
        Kind::Bool | Kind::Text(_) | Kind::List(_) | Kind::Secret => String::new(),
    };
    let absent = match setting.preset {
        Preset::Absent(_) => " Not set by default.",
        _ => "",
    };
    format!("{}{range}{absent}", setting.doc)
}

/// The default as TOML; of a setting without one, its example.
fn literal(preset: Preset) -> String {
    match preset {
        Preset::Bool(yes) => yes.to_string(),
        Preset::Int(number) => number.to_string(),
        Preset::Text(text) | Preset::Absent(text) => format!("\"{text}\""),
        Preset::EmptyList => "[]".to_owned(),
    }
}

/// Writes a comment, broken between words.
fn comment(text: &mut String, sentence: &str) {
    let mut current = String::from("#");
    for word in sentence.split_whitespace() {
        if current.chars().count() + 1 + word.chars().count() > COLUMNS {
            line(text, format_args!("{current}"));
            current = String::from("#");
        }
        current.push(' ');
        current.push_str(word);
    }
    line(text, format_args!("{current}"));
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a String can't fail.
    let _infallible = writeln!(text, "{content}");
}
