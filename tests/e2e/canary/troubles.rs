//! Settings and keyrings that are wrong, with secrets where the mistake is.

use super::secrets::Secrets;

/// Files of settings, each with one mistake.
pub(super) fn settings(secrets: &Secrets) -> Vec<String> {
    let key = secrets.text("stray key");
    let password = secrets.text("database password");
    let passphrase = secrets.text("passphrase");
    let identity = secrets.text("identity");
    let proxy = secrets.text("proxy key");
    let store = secrets.text("s3 secret");
    let health = secrets.text("healthcheck");
    vec![
        format!("[api]\nadmin_key = \"{key}\n"),
        format!("[api]\nadmin_key = {key}\n"),
        format!("[api]\nadmin_key \"{key}\"\n"),
        format!("[api]\nadmin_kee = \"{key}\"\n"),
        format!("[api]\nadmin_key = [\"{key}\"]\n"),
        format!("[api]\nadmin_key = {{ key = \"{key}\" }}\n"),
        format!("[api]\nadmin_key = \"{}\"\n", &key[..24]),
        format!("admin_key = \"{key}\"\n[api]\nallow_reset = 7\n"),
        format!("[api]\nadmin_key = \"{key}\"\nadmin_key = \"{key}\"\n"),
        format!("[api]\nadmin_key = \"\"\"\n{key}\n\"\"\" \"\n"),
        format!("[api]\nadmin_key = \"{key}\\q\"\n"),
        format!("[database]\nurl = \"postgres://postgres:{password}@host:port/db\"\n"),
        format!("[database]\nurl = \"postgres//postgres:{password}@127.0.0.1:1/db\"\n"),
        format!("[database]\nurl = \"https://postgres:{password}@127.0.0.1:1/db\"\n"),
        format!("[database]\nurl = \"postgres://127.0.0.1:1/db?password={password}\"\n"),
        format!("[database]\nurl = \"postgres://u:{password}@127.0.0.1:1/db?sslmode=no\"\n"),
        format!("[database]\nurl = [\"postgres://u:{password}@127.0.0.1:1/db\"]\n"),
        format!("[keyring]\npassphrase = \"{passphrase}\n"),
        format!("[keyring]\npassphrase = \"{passphrase}\"\nsource = \"file:none.toml\"\n"),
        format!("[keyring]\nidentity = {identity}\n"),
        format!("[keyring]\nidentity = \"{identity}X\"\n"),
        format!("[keyring]\nsource = \"{identity}\"\n"),
        format!("[keyring]\nsource = \"cmd:false\"\nidentity = \"{identity}\"\n"),
        format!("[keyring]\nENCRYPTION_KEY = \"{proxy}\"\n"),
        format!("ENCRYPTION_KEY={proxy}\n"),
        format!("[backup]\ns3_secret_access_key = \"{store}\"\n"),
        format!("[backup]\ns3_secret_access_key = [\"{store}\"]\n"),
        format!("[backup]\ns3_secret_key = \"{store}\"\n"),
        format!("[backup]\ns3_endpoint = \"https://id:{store}@127.0.0.1:1\"\n"),
        format!("[backup]\ndestination = \"s3://id:{store}@bucket/prefix\"\n"),
        format!("[backup]\nhealthcheck_url = \"ftp://127.0.0.1/{health}\"\n"),
        format!("[restore_test]\nhealthcheck_url = \"{health}\"\n"),
        format!("[backup]\nrecipients = [\"{identity}\"]\n"),
        format!("[backup]\nverify_keys = [\"{key}\"]\n"),
    ]
}

/// Copies of a keyring, each with one mistake.
pub(super) fn keyrings(text: &str) -> Vec<String> {
    let line = text
        .lines()
        .find(|line| line.starts_with("material = "))
        .unwrap();
    let with = |changed: &str| text.replacen(line, changed, 1);
    let without_checksum = text
        .lines()
        .filter(|line| !line.starts_with("checksum"))
        .collect::<Vec<_>>()
        .join("\n");
    vec![
        with(&line[..line.len() - 1]),
        with(&line.replace("material = \"", "material = \"!")),
        with(&line.replace("material = ", "material ")),
        with(&line.replace("material", "materiel")),
        with(&line.replace("material = ", "id = ")),
        with(&format!("{line}\n{line}")),
        with(&line.replace('"', "")),
        with(
            &line
                .replace("material = ", "material = [")
                .replace("\"\n", "\"]\n"),
        ),
        without_checksum,
        text[..text.len() / 2].to_owned(),
        text.replacen(
            "format = \"embsec-keyring/1\"",
            "format = \"embsec-keyring/9\"",
            1,
        ),
        format!("{line}\n"),
    ]
}
