//! What the README promises.

use embsec::cli::exit::ExitKind;
use std::fs;
use std::path::Path;

#[test]
fn the_readme_lists_every_exit_code_with_its_meaning() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).expect("a README");
    for kind in ExitKind::ALL {
        let row = format!("| {} | {} |", kind.code(), kind.meaning());
        assert!(readme.contains(&row), "the README lacks:\n{row}");
    }
}
