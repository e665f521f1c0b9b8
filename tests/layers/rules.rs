//! The rules, as data.

/// What the modules below one name at the crate's root may use.
pub(crate) struct Layer {
    /// The name.
    pub(crate) module: &'static str,
    /// What it may use besides itself.
    pub(crate) uses: &'static [&'static str],
}

const fn layer(module: &'static str, uses: &'static [&'static str]) -> Layer {
    Layer { module, uses }
}

/// Who may use whom, from the bottom up. `docs/architecture.md` shows the same table.
pub(crate) const LAYERS: &[Layer] = &[
    layer("domain", &[]),
    layer("sys", &[]),
    layer("crypto", &["domain", "sys"]),
    layer("vector", &["domain"]),
    layer("store", &["domain", "crypto", "sys"]),
    layer("target", &["domain", "crypto", "store", "sys"]),
    layer("blob", &["domain", "sys"]),
    layer("backup", &["domain", "crypto", "blob", "sys"]),
    layer("audit", &["domain", "crypto", "sys"]),
    layer("config", &["domain", "crypto", "sys"]),
    layer(
        "app",
        &[
            "domain", "crypto", "vector", "store", "target", "blob", "backup", "audit", "sys",
        ],
    ),
    layer(
        "http",
        &["domain", "app", "config", "store", "audit", "sys"],
    ),
    layer(
        "cli",
        &["domain", "app", "config", "deployment", "store", "sys"],
    ),
    layer(
        "deployment",
        &[
            "domain", "app", "config", "store", "target", "blob", "backup", "audit", "crypto",
            "sys",
        ],
    ),
];

/// Parts that have a trait in front of them. Everybody else sees the trait.
pub(crate) const CONCRETE: &[&str] = &[
    "store::sqlite",
    "store::postgres",
    "target::declared::postgres",
    "target::declared::sqlite",
    "target::embapi",
    "target::lease::postgres",
    "target::lease::sqlite",
    "target::postgres",
    "target::scratch",
    "target::scrub::sqlite",
    "target::sqlite",
    "audit::writer",
    "blob::folder",
    "blob::s3",
    "target::dump::postgres",
    "target::dump::sqlite",
    "target::load::postgres",
    "target::load::sqlite",
];

/// Whether a file puts concrete parts together: the composition root, which also joins them to
/// the network edge.
pub(crate) fn wires(path: &str, used: &str) -> bool {
    let root = path == "src/deployment.rs" || path.starts_with("src/deployment/");
    root && (used.starts_with("http") || CONCRETE.iter().any(|parts| used.starts_with(parts)))
}

/// Crates that belong to one layer, with the paths that may name them.
pub(crate) const CRATES: &[(&str, &[&str])] = &[
    (
        "sqlx",
        &[
            "src/store/sqlite",
            "src/store/postgres",
            "src/store/driver.rs",
            "src/store/verbs",
            "src/target/declared/postgres.rs",
            "src/target/dump/postgres",
            "src/target/embapi",
            "src/target/error.rs",
            "src/target/lease/postgres.rs",
            "src/target/load/postgres",
            "src/target/postgres",
            "src/target/scratch",
        ],
    ),
    ("pgvector", &["src/store/postgres", "src/target/embapi"]),
    (
        "rusqlite",
        &[
            "src/store/sqlite",
            "src/target/contract.rs",
            "src/target/declared/sqlite.rs",
            "src/target/dump/sqlite",
            "src/target/error.rs",
            "src/target/load/sqlite",
            "src/target/scrub/sqlite",
            "src/target/sqlite",
        ],
    ),
    ("axum", &["src/http"]),
    ("hyper", &["src/http"]),
    ("hyper_util", &["src/http"]),
    ("tower", &["src/http"]),
    ("clap", &["src/cli", "src/main.rs"]),
    ("clap_complete", &["src/cli"]),
    ("clap_mangen", &["src/cli"]),
    ("dialoguer", &["src/cli"]),
    ("tabled", &["src/cli"]),
    ("indicatif", &["src/cli/progress.rs"]),
    ("anyhow", &["src/cli", "src/main.rs"]),
    ("object_store", &["src/blob/s3"]),
    ("reqwest", &["src/blob/s3", "src/deployment/healthcheck.rs"]),
    ("rustls", &["src/blob/s3", "src/deployment/healthcheck.rs"]),
    ("zstd", &["src/backup"]),
    ("blake3", &["src/backup"]),
    ("ed25519_dalek", &["src/crypto/signing.rs"]),
    ("ring", &["src/crypto/sealed_file"]),
    ("age", &["src/crypto/sealed_file"]),
    ("age_core", &["src/crypto/sealed_file"]),
];

/// Words that belong to single files: there is one door for output.
pub(crate) const WORDS: &[(&str, &[&str])] = &[
    ("println!", &["src/cli/ui.rs"]),
    ("eprintln!", &["src/cli/ui.rs"]),
    ("print!", &["src/cli/ui.rs"]),
    ("eprint!", &["src/cli/ui.rs"]),
];
