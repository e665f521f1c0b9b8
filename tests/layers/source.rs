//! Just enough understanding of Rust source to find paths in it.

use std::fs;
use std::path::Path;
use std::str::Lines;

/// Every `.rs` file below a folder with its text, sorted by path.
pub(crate) fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.to_str().unwrap().to_owned(), text));
        }
    }
    found.sort();
    found
}

/// Where a file stands in the tree of modules.
pub(crate) struct Place {
    /// The name at the crate's root.
    pub(crate) module: String,
    /// How many `super` lead from the file's module to the crate's root.
    depth: usize,
    names: Vec<String>,
}

impl Place {
    /// The place of `src/a/b.rs`; none for `lib.rs` and `main.rs`, which stand above the rules.
    pub(crate) fn of(path: &str) -> Option<Self> {
        let names: Vec<String> = path
            .strip_prefix("src/")?
            .strip_suffix(".rs")?
            .split('/')
            .map(str::to_owned)
            .collect();
        if names == ["lib"] || names == ["main"] {
            return None;
        }
        Some(Self {
            module: names.first()?.clone(),
            depth: names.len(),
            names,
        })
    }

    /// Whether the file is compiled for tests only: `tests.rs`, `testing.rs` and what is below.
    pub(crate) fn is_test(&self) -> bool {
        self.names
            .iter()
            .any(|name| name == "tests" || name == "testing")
    }
}

/// The text without comments, without the contents of strings, without unit tests and without
/// imports that only the documentation needs.
pub(crate) fn code_only(text: &str) -> String {
    let plain = strip(text);
    let mut kept = Vec::new();
    let mut lines = plain.lines();
    while let Some(line) = lines.next() {
        match line.trim() {
            "#[cfg(doc)]" => skip_statement(&mut lines),
            "#[cfg(test)]" => skip_item(&mut lines),
            _ => kept.push(line),
        }
    }
    kept.join("\n")
}

fn skip_statement(lines: &mut Lines<'_>) {
    for line in lines {
        if line.trim_end().ends_with(';') {
            return;
        }
    }
}

/// Skips to the end of an item: to the brace that closes it, or to a semicolon before any brace.
fn skip_item(lines: &mut Lines<'_>) {
    let mut open = 0_i64;
    let mut opened = false;
    for line in lines {
        for character in line.chars() {
            match character {
                '{' => {
                    open += 1;
                    opened = true;
                }
                '}' => open -= 1,
                _ => {}
            }
        }
        let ended = if opened {
            open <= 0
        } else {
            line.trim_end().ends_with(';')
        };
        if ended {
            return;
        }
    }
}

/// Blanks comments and the contents of string literals; line breaks stay.
fn strip(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if rest.starts_with('"') {
            string(rest)
        } else if rest.starts_with("'\"'") || rest.starts_with("'{'") || rest.starts_with("'}'") {
            3
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        out.extend(
            rest[..skipped]
                .chars()
                .filter(|character| *character == '\n'),
        );
        out.push(' ');
        rest = &rest[skipped..];
    }
    out
}

fn block_comment(rest: &str) -> usize {
    rest.find("*/").map_or(rest.len(), |end| end + 2)
}

fn raw_string(rest: &str) -> Option<usize> {
    let after = rest.strip_prefix('r')?;
    let hashes = after.len() - after.trim_start_matches('#').len();
    after[hashes..].strip_prefix('"')?;
    let closing = format!("\"{}", "#".repeat(hashes));
    let begin = 1 + hashes + 1;
    let end = rest[begin..].find(&closing)?;
    Some(begin + end + closing.len())
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (index, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return index + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Every path that starts at the crate's root, without `crate::`; braces are taken apart.
pub(crate) fn used_paths(place: &Place, code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (index, _) in code.match_indices("crate::") {
        if starts_word(code, index) {
            paths.extend(expand(&code[index + "crate::".len()..]));
        }
    }
    for (index, _) in code.match_indices("super::") {
        if !starts_word(code, index) || code[..index].ends_with("super::") {
            continue;
        }
        let chain = &code[index..];
        let after = chain.trim_start_matches("super::");
        let length = (chain.len() - after.len()) / "super::".len();
        if length >= place.depth {
            paths.extend(expand(after));
        }
    }
    paths
}

fn starts_word(code: &str, index: usize) -> bool {
    let before = code[..index].chars().next_back();
    !before.is_some_and(|character| character.is_alphanumeric() || character == '_')
}

/// The paths that `a::{b, c::d}` stands for.
fn expand(rest: &str) -> Vec<String> {
    let is_path = |character: char| character.is_alphanumeric() || "_:".contains(character);
    let end = rest
        .find(|character| !is_path(character))
        .unwrap_or(rest.len());
    let (prefix, after) = rest.split_at(end);
    if !after.starts_with('{') {
        return vec![prefix.trim_end_matches(':').to_owned()];
    }
    let mut paths = Vec::new();
    let mut depth = 0_usize;
    let mut begin = 1;
    for (index, character) in after.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        let ends_member = (depth == 1 && character == ',') || depth == 0;
        if ends_member {
            let member = after[begin..index].trim();
            if !member.is_empty() {
                paths.extend(expand(member).iter().map(|path| format!("{prefix}{path}")));
            }
            begin = index + 1;
        }
        if depth == 0 {
            break;
        }
    }
    paths
}

/// Whether the code names an external crate: at the start of a path or of a `use`.
pub(crate) fn names_crate(code: &str, name: &str) -> bool {
    let uses = [
        format!("{name}::"),
        format!("use {name};"),
        format!("use {name} as"),
    ];
    uses.iter().any(|text| {
        code.match_indices(text.as_str())
            .any(|(index, _)| starts_word(code, index) && !code[..index].ends_with("::"))
    })
}

/// Whether a word such as `println!` stands in the code by itself.
pub(crate) fn has_word(code: &str, word: &str) -> bool {
    code.match_indices(word)
        .any(|(index, _)| starts_word(code, index))
}
