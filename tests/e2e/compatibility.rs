//! What is kept as upstream has it, and what is fixed: each line of `docs/compatibility.md`.

mod correctness;
mod kept;
mod security;
mod settings;

use std::collections::BTreeSet;
use std::path::Path;

/// Every test that the page names must exist, or the page promises what nothing holds.
#[test]
fn every_test_that_the_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = std::fs::read_to_string(root.join("docs/compatibility.md")).unwrap();
    let mut named = BTreeSet::new();
    for row in page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
    {
        let cell = row
            .trim_end()
            .trim_end_matches('|')
            .rsplit('|')
            .next()
            .unwrap();
        let tests: Vec<&str> = cell.split('`').skip(1).step_by(2).collect();
        assert!(!tests.is_empty(), "no test holds this line: {row}");
        named.extend(tests);
    }
    assert!(named.len() > 30, "only {} tests are named", named.len());
    let mut code = String::new();
    for folder in ["src", "tests"] {
        read_all(&root.join(folder), &mut code);
    }
    let missing: Vec<&&str> = named
        .iter()
        .filter(|name| {
            !code.contains(&format!("fn {name}(")) && !code.contains(&format!("def {name}("))
        })
        .collect();
    assert!(missing.is_empty(), "named and not there: {missing:?}");
}

fn read_all(folder: &Path, code: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, code);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "rs" || extension == "py")
        {
            code.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
