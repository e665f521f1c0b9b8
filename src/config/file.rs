//! The file: where it is looked for, whether it may be believed, and what stands on which line.

use super::environment::Environment;
use super::error::{ConfigError, Fault, Problem};
use super::layers::Entry;
use super::settings::{self, SECTIONS, SETTINGS};
use super::suggest;
use super::value::{self, Origin};
use crate::sys::owner;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The name of the file in a deployment's folder and in every place of the search.
pub const FILE_NAME: &str = "embsec.toml";

/// The folder that `embsec init` makes when it is told no other.
pub const DEFAULT_DIR: &str = "embsec-data";

/// The system's folder, last in the search.
const SYSTEM_DIR: &str = "/etc/embsec";

/// A file that exists, opened.
pub(super) struct Found {
    pub(super) path: PathBuf,
    file: File,
}

/// Finds the file: the one that is named, or the first that exists in the order of the search.
/// `None`: nothing is named and nothing found.
pub(super) fn locate(
    config: Option<&Path>,
    dir: Option<&Path>,
    environment: &Environment,
    uid: u32,
) -> Result<Option<Found>, ConfigError> {
    let variable = environment.filled("EMBSEC_CONFIG").map(PathBuf::from);
    let named = config
        .map(|path| (path.to_owned(), "`--config`"))
        .or_else(|| dir.map(|dir| (dir.join(FILE_NAME), "`--dir`")))
        .or_else(|| variable.map(|path| (path, "`EMBSEC_CONFIG`")));
    if let Some((path, named_by)) = named {
        return match open(&path)? {
            Some(file) => Ok(Some(Found { path, file })),
            None => Err(ConfigError::Missing { path, named_by }),
        };
    }
    for path in places(environment) {
        if let Some(file) = open(&path)? {
            distrust(&path, &file, uid)?;
            return Ok(Some(Found { path, file }));
        }
    }
    Ok(None)
}

/// The places of the search, first to last.
fn places(environment: &Environment) -> Vec<PathBuf> {
    // XDG Base Directory Specification: a relative path in the variable is to be ignored.
    let user = environment
        .filled("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| {
            environment
                .filled("HOME")
                .map(|home| Path::new(home).join(".config"))
        });
    [
        Some(PathBuf::from(FILE_NAME)),
        Some(Path::new(DEFAULT_DIR).join(FILE_NAME)),
        user.map(|user| user.join("embsec").join(FILE_NAME)),
        Some(Path::new(SYSTEM_DIR).join(FILE_NAME)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn open(path: &Path) -> Result<Option<File>, ConfigError> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(None)
        }
        Err(source) => Err(unreadable(path, source)),
    }
}

fn unreadable(path: &Path, source: io::Error) -> ConfigError {
    ConfigError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

/// Refuses a file that somebody else could have laid in the way: the file and its folder (and
/// those that a symbolic link leads to) must belong to the caller or root, and nobody else may
/// write them.
fn distrust(path: &Path, file: &File, uid: u32) -> Result<(), ConfigError> {
    let real = path
        .canonicalize()
        .map_err(|error| unreadable(path, error))?;
    let folder_of = |path: &Path| {
        let parent = path.parent().unwrap_or(Path::new("/"));
        if parent.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            parent.to_owned()
        }
    };
    let mut checked = vec![(
        "the file".to_owned(),
        file.metadata().map_err(|error| unreadable(path, error))?,
    )];
    for folder in [folder_of(path), folder_of(&real)] {
        let metadata = fs::metadata(&folder).map_err(|error| unreadable(&folder, error))?;
        checked.push((format!("the folder \"{}\"", folder.display()), metadata));
    }
    match checked
        .iter()
        .find_map(|(what, metadata)| suspicion(what, metadata, uid))
    {
        Some(reason) => Err(ConfigError::Untrusted {
            path: path.to_owned(),
            reason,
        }),
        None => Ok(()),
    }
}

fn suspicion(what: &str, metadata: &Metadata, uid: u32) -> Option<String> {
    let owner = metadata.uid();
    if owner != uid && owner != 0 {
        let name = owner::user_name(owner);
        Some(format!("{what} belongs to another user ({name})"))
    } else if owner::writable_by_others(metadata) {
        let mode = metadata.mode() & 0o7777;
        Some(format!("other users can write {what} (mode {mode:04o})"))
    } else {
        None
    }
}

/// What a file says.
pub(super) struct Parsed {
    pub(super) entries: Vec<Entry>,
    pub(super) problems: Vec<Problem>,
    /// Whether others than the owner can read it.
    pub(super) exposed: bool,
}

/// Reads and parses a file that was found.
pub(super) fn read(found: Found) -> Result<Parsed, ConfigError> {
    let Found { path, file } = found;
    let metadata = file.metadata().map_err(|error| unreadable(&path, error))?;
    // The open file is read and not its path again: this is the file that was judged.
    let text = io::read_to_string(file).map_err(|error| unreadable(&path, error))?;
    let (entries, problems) = parse(&path, &text)?;
    Ok(Parsed {
        entries,
        problems,
        exposed: owner::reachable_by_others(&metadata),
    })
}

/// Takes a file apart into known settings and problems.
pub(super) fn parse(path: &Path, text: &str) -> Result<(Vec<Entry>, Vec<Problem>), ConfigError> {
    let line_at = |offset: usize| {
        let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
        before.split(|byte| *byte == b'\n').count()
    };
    let document = DeTable::parse(text).map_err(|error| ConfigError::Syntax {
        path: path.to_owned(),
        line: line_at(error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    let origin = |offset| Origin::File {
        path: path.to_owned(),
        line: line_at(offset),
    };
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    for (section, value) in document.get_ref() {
        let at = origin(section.span().start);
        let section = section.get_ref().as_ref();
        let known = SECTIONS.iter().any(|(name, _)| *name == section);
        let table = match value.get_ref() {
            DeValue::Table(table) if known => table,
            DeValue::Table(_) => {
                problems.push(unknown_section(section, at));
                continue;
            }
            _ => {
                problems.push(loose_value(section, known, at));
                continue;
            }
        };
        for (name, value) in table {
            let key = format!("{section}.{}", name.get_ref());
            let at = origin(name.span().start);
            match settings::find(&key) {
                Some(setting) => match value::of_toml(setting, value.get_ref()) {
                    Ok(value) => entries.push(Entry::new(setting, value, at)),
                    Err(fault) => problems.push(Problem::new(key, at, fault)),
                },
                None => problems.push(unknown_key(key, at)),
            }
        }
    }
    // The parser hands sections over by name; people read from top to bottom.
    problems.sort_by_key(|problem| match problem.origin {
        Origin::File { line, .. } => line,
        _ => 0,
    });
    Ok((entries, problems))
}

fn unknown_section(section: &str, at: Origin) -> Problem {
    let similar = suggest::nearest(section, SECTIONS.iter().map(|(name, _)| *name));
    let similar = similar.map(|name| format!("[{name}]"));
    Problem::new(format!("[{section}]"), at, Fault::Unknown { similar })
}

/// A value outside every section: perhaps the name of a setting whose section was forgotten.
fn loose_value(name: &str, is_section: bool, at: Origin) -> Problem {
    let fault = if is_section {
        Fault::NotASection
    } else {
        Fault::Unknown {
            similar: similar_key(name),
        }
    };
    Problem::new(name.to_owned(), at, fault)
}

fn unknown_key(key: String, at: Origin) -> Problem {
    let similar = similar_key(&key);
    Problem::new(key, at, Fault::Unknown { similar })
}

/// The setting that a wrong key most likely means: the same name in another section, or the key
/// that looks most alike.
fn similar_key(key: &str) -> Option<String> {
    let name = key.rsplit('.').next().unwrap_or(key);
    SETTINGS
        .iter()
        .find(|setting| setting.name() == name)
        .map(|setting| setting.key)
        .or_else(|| suggest::nearest(key, SETTINGS.iter().map(|setting| setting.key)))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
