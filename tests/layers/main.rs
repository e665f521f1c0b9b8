//! Holds "Who may use whom" of `docs/architecture.md`, by reading the paths in `src/`.
//!
//! Looks at code, not at comments, and not at unit tests, which may build what they like. It does
//! not understand Rust: it finds `crate::name`, `crate::{name, …}` and `super::` chains that reach
//! the crate's root, which is how this code base writes its paths.

#[cfg(test)]
mod rules;
#[cfg(test)]
mod source;

use rules::{CRATES, LAYERS, WORDS};
use std::fs;
use std::path::Path;

/// One broken rule, as it is told.
type Violation = String;

#[test]
fn every_module_uses_only_what_its_layer_may() {
    let files = source::files(Path::new("src"));
    assert!(files.len() > 20, "only {} files were read", files.len());
    let violations: Vec<Violation> = files
        .iter()
        .flat_map(|(path, text)| check(path, text))
        .collect();
    assert!(violations.is_empty(), "\n{}", violations.join("\n"));
}

#[test]
fn every_module_at_the_root_has_a_rule() {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let declared = text.lines().filter_map(|line| {
        let line = line.trim();
        line.strip_prefix("pub mod ")
            .or_else(|| line.strip_prefix("mod "))?
            .strip_suffix(';')
    });
    let without: Vec<&str> = declared
        .filter(|name| !LAYERS.iter().any(|layer| layer.module == *name))
        .collect();
    assert!(
        without.is_empty(),
        "no rule says what these modules may use: {without:?}"
    );
}

#[test]
fn the_architecture_page_names_the_same_rules() {
    let page = fs::read_to_string("docs/architecture.md").unwrap();
    for layer in LAYERS {
        let uses = match layer.uses {
            [] => "nothing".to_owned(),
            names => names
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let row = format!("| `{}` | {uses} |", layer.module);
        assert!(
            page.contains(&row),
            "docs/architecture.md has no row that begins: {row}"
        );
    }
}

#[test]
fn a_broken_rule_is_seen() {
    let broken: &[(&str, &str)] = &[
        ("src/domain/user.rs", "use crate::store::Store;"),
        ("src/domain/user.rs", "use super::super::store::Store;"),
        ("src/domain/user.rs", "fn f() -> crate::app::App {}"),
        (
            "src/domain/user.rs",
            "use crate::{domain::ids::Handle, store::Store};",
        ),
        (
            "src/domain/user.rs",
            "use crate::{\n    domain::ids::Handle,\n    sys::clock,\n};",
        ),
        ("src/domain.rs", "use super::store::Store;"),
        ("src/app/users.rs", "use crate::store::sqlite::SqliteStore;"),
        (
            "src/app/users.rs",
            "use crate::store::{Missing, sqlite::SqliteStore};",
        ),
        ("src/app/users.rs", "use crate::http::problem::Problem;"),
        ("src/app/users.rs", "let row = sqlx::query(\"\");"),
        ("src/app/users.rs", "println!(\"{}\", 1);"),
        ("src/http/routes/users.rs", "use crate::cli::ui::Ui;"),
        (
            "src/http/routes/users.rs",
            "use crate::store::sqlite::connect;",
        ),
        ("src/http.rs", "use sqlx::SqlitePool;"),
        ("src/cli/users/create.rs", "use crate::http::router;"),
        ("src/cli/users/create.rs", "use axum::Router;"),
        ("src/cli/users/create.rs", "eprintln!(\"done\");"),
        ("src/vector/simd.rs", "use crate::sys::rng::Rng;"),
        ("src/audit/writer.rs", "use crate::store::Witness;"),
    ];
    for (path, text) in broken {
        assert!(!check(path, text).is_empty(), "not seen in {path}: {text}");
    }
}

#[test]
fn a_kept_rule_is_not_complained_about() {
    let fine: &[(&str, &str)] = &[
        ("src/domain/user.rs", "use super::ids::Handle;"),
        ("src/domain/user.rs", "//! See [`crate::store::Store`]."),
        ("src/domain/user.rs", "/* crate::store */ fn f() {}"),
        (
            "src/domain/user.rs",
            "let text = \"crate::store println!\";",
        ),
        (
            "src/domain/audit.rs",
            "#[cfg(doc)]\nuse crate::store::Witness;",
        ),
        ("src/app/users.rs", "use crate::store::{Missing, Put};"),
        (
            "src/app/users.rs",
            "#[cfg(test)]\nmod tests {\n    use crate::store::sqlite::X;\n}",
        ),
        (
            "src/app/users/tests.rs",
            "use crate::store::sqlite::SqliteStore;",
        ),
        ("src/cli/ui.rs", "fn f() { println!(\"a\"); }"),
        ("src/store/sqlite/write.rs", "use sqlx::SqliteConnection;"),
    ];
    for (path, text) in fine {
        assert_eq!(
            check(path, text),
            Vec::<Violation>::new(),
            "in {path}: {text}"
        );
    }
}

/// Everything that is wrong with one file.
fn check(path: &str, text: &str) -> Vec<Violation> {
    let Some(place) = source::Place::of(path) else {
        return Vec::new();
    };
    if place.is_test() {
        return Vec::new();
    }
    let code = source::code_only(text);
    let mut violations = Vec::new();
    for used in source::used_paths(&place, &code) {
        let module = used.split("::").next().unwrap_or_default();
        let layer = LAYERS.iter().find(|layer| layer.module == place.module);
        let known = LAYERS.iter().any(|layer| layer.module == module);
        let allowed = module == place.module
            || rules::wires(path, &used)
            || layer.is_none_or(|layer| layer.uses.contains(&module));
        if known && !allowed {
            violations.push(format!("{path}: `{}` must not use `{used}`", place.module));
        }
        let concrete = rules::CONCRETE
            .iter()
            .find(|parts| used.starts_with(*parts));
        if let Some(parts) = concrete
            && module != place.module
            && !rules::wires(path, &used)
        {
            violations.push(format!("{path}: only the composition root wires `{parts}`"));
        }
    }
    for (name, homes) in CRATES {
        if source::names_crate(&code, name) && !homes.iter().any(|home| path.starts_with(home)) {
            violations.push(format!("{path}: `{name}` belongs to {}", homes.join(", ")));
        }
    }
    for (word, homes) in WORDS {
        if source::has_word(&code, word) && !homes.contains(&path) {
            violations.push(format!("{path}: `{word}` belongs to {}", homes.join(", ")));
        }
    }
    violations
}
