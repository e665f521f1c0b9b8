//! A keyring put back from its copies: where it was, sealed as it was, or elsewhere.

use super::*;

#[test]
fn a_lost_keyring_comes_back_from_the_shares_of_its_holders() {
    let (deployment, beside) = made();
    let holders = ["ann", "ben", "cem"].map(|name| Holder::new(&beside, name));
    let mut arguments = vec!["--shares", "3", "--threshold", "2"];
    for holder in &holders {
        arguments.extend(["--to", &holder.recipient]);
    }
    let files = split(&deployment, &beside, &arguments);
    assert!(files.iter().all(|file| mode_of(Path::new(file)) == 0o600));
    assert_eq!(events(&deployment, "keyring.split").len(), 1);
    let keyring = deployment.dir().join("keyring.toml");
    let before = fs::read(&keyring).unwrap();
    fs::remove_file(&keyring).unwrap();
    ends_with(&deployment.embsec(&["users", "list"]), 2);

    let one = [
        "keys",
        "combine",
        &files[2],
        "--identity-file",
        holders[2].file(),
    ];
    let one = embsec([&one[..], &["--out", text(&keyring)]].concat());
    ends_with(&one, 3);
    assert!(stderr(&one).contains("1 is missing"), "{}", stderr(&one));
    let unopened = embsec(["keys", "combine", &files[2], "--out", text(&keyring)]);
    ends_with(&unopened, 2);
    assert!(!keyring.exists());

    let mut two = vec![
        "keys",
        "combine",
        &files[2],
        &files[0],
        "--out",
        text(&keyring),
    ];
    two.extend(["--identity-file", holders[0].file()]);
    two.extend(["--identity-file", holders[2].file()]);
    ends_with(&embsec(&two), 0);
    assert_eq!(fs::read(&keyring).unwrap(), before);
    assert_eq!(mode_of(&keyring), 0o600);
    drop(Server::start(&deployment));
    let mut drill = vec!["keys", "drill", "--shares", &files[0], &files[2]];
    drill.extend(["--identity-file", holders[0].file()]);
    drill.extend(["--identity-file", holders[2].file()]);
    let drill = deployment.embsec(&drill);
    ends_with(&drill, 0);
    assert!(stdout(&drill).contains("passed"), "{}", stdout(&drill));
}

#[test]
fn a_lost_keyring_comes_back_from_its_escrow_copy_and_another_is_never_overwritten() {
    let (deployment, beside) = made();
    let holder = Holder::new(&beside, "ann");
    let copy = beside.join("escrow.age");
    escrow(&deployment, &holder, &copy);
    let keyring = deployment.dir().join("keyring.toml");
    let before = fs::read(&keyring).unwrap();
    fs::remove_file(&keyring).unwrap();
    let recover = [
        "keys",
        "recover",
        text(&copy),
        "--identity-file",
        holder.file(),
    ];
    let dry = deployment.embsec(&[&recover[..], &["--dry-run"]].concat());
    ends_with(&dry, 0);
    assert!(!keyring.exists());
    ends_with(&deployment.embsec(&recover), 0);
    assert_eq!(fs::read(&keyring).unwrap(), before);
    assert_eq!(events(&deployment, "keyring.escrow").len(), 1);
    assert_eq!(events(&deployment, "keyring.recover").len(), 1);
    drop(Server::start(&deployment));

    let again = deployment.embsec(&recover);
    ends_with(&again, 0);
    assert!(stdout(&again).contains("already"), "{}", stdout(&again));
    let (stranger, _) = made();
    let refused = stranger.embsec(&recover);
    ends_with(&refused, 4);
    // Where none is in place, a keyring of another deployment is found out when it is tried.
    let theirs = stranger.dir().join("keyring.toml");
    fs::remove_file(&theirs).unwrap();
    let wrong = stranger.embsec(&recover);
    ends_with(&wrong, 6);
    assert!(
        stderr(&wrong).contains("has no master key"),
        "{}",
        stderr(&wrong)
    );
    let elsewhere = beside.join("recovered.toml");
    let out = [&recover[..], &["--out", text(&elsewhere)]].concat();
    ends_with(&embsec(&out), 0);
    assert_eq!(fs::read(&elsewhere).unwrap(), before);
}

/// Runs a command on a deployment whose keyring is sealed, with what opens it.
fn sealed_run(deployment: &Deployment, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = deployment.command(arguments);
    command.envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn a_keyring_that_is_sealed_is_put_back_sealed_or_not_at_all() {
    let (deployment, beside) = made();
    let (ann, eve) = (Holder::new(&beside, "ann"), Holder::new(&beside, "eve"));
    let copy = beside.join("escrow.age");
    escrow(&deployment, &ann, &copy);
    let keyring = deployment.dir().join("keyring.toml");
    let plain = fs::read(&keyring).unwrap();
    fs::remove_file(&keyring).unwrap();
    let recover = [
        "keys",
        "recover",
        text(&copy),
        "--identity-file",
        ann.file(),
    ];
    let identity = format!("file:{}", eve.file());
    let by_identity = [("EMBSEC_KEYRING__IDENTITY", identity.as_str())];
    let by_passphrase = [
        ("EMBSEC_KEYRING__PASSPHRASE", "env:PASS"),
        ("PASS", "correct horse battery staple"),
    ];
    for (variables, place) in [(&by_identity[..], 0), (&by_passphrase[..], 1)] {
        let dry = sealed_run(
            &deployment,
            variables,
            &[&recover[..], &["--dry-run"]].concat(),
        );
        ends_with(&dry, 0);
        assert!(!keyring.exists());
        ends_with(&sealed_run(&deployment, variables, &recover), 0);
        let sealed = fs::read(&keyring).unwrap();
        assert!(sealed.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----"));
        assert_eq!(mode_of(&keyring), 0o600);
        assert_eq!(events(&deployment, "keyring.recover").len(), place + 1);
        let again = sealed_run(&deployment, variables, &recover);
        ends_with(&again, 0);
        assert!(stdout(&again).contains("already"), "{}", stdout(&again));
        assert_eq!(fs::read(&keyring).unwrap(), sealed);
        ends_with(&deployment.embsec(&["users", "list"]), 2);
        fs::remove_file(&keyring).unwrap();
    }

    // Sealed as the generation before, although no setting says so; for others too, not at all.
    let identities = Identities::read(&fs::read(ann.file()).unwrap()).unwrap();
    let others = Identities::read(&fs::read(eve.file()).unwrap()).unwrap();
    let previous = deployment.dir().join("keyring.toml.previous");
    let both = [identities.recipients(), others.recipients()].concat();
    fs::write(&previous, sealed_file::seal(&both, &plain).unwrap()).unwrap();
    fs::set_permissions(&previous, fs::Permissions::from_mode(0o600)).unwrap();
    ends_with(&deployment.embsec(&recover), 2);
    ends_with(&sealed_run(&deployment, &by_identity, &recover), 4);
    assert!(!keyring.exists());
    let all = beside.join("all.identity");
    let lines = [fs::read(ann.file()).unwrap(), fs::read(eve.file()).unwrap()].concat();
    fs::write(&all, lines).unwrap();
    fs::set_permissions(&all, fs::Permissions::from_mode(0o600)).unwrap();
    let identity = format!("file:{}", text(&all));
    let by_both = [("EMBSEC_KEYRING__IDENTITY", identity.as_str())];
    ends_with(&sealed_run(&deployment, &by_both, &recover), 0);
    let sealed = fs::read(&keyring).unwrap();
    assert_eq!(*sealed_file::open(&identities, &sealed).unwrap(), plain);
    assert_eq!(*sealed_file::open(&others, &sealed).unwrap(), plain);
}

#[test]
fn a_keyring_written_elsewhere_is_recorded_where_there_is_a_deployment() {
    let (deployment, beside) = made();
    let holder = Holder::new(&beside, "ann");
    let copy = beside.join("escrow.age");
    escrow(&deployment, &holder, &copy);
    let shares = split(&deployment, &beside, &["--shares", "3", "--threshold", "2"]);
    let (first, second) = (beside.join("first.toml"), beside.join("second.toml"));
    let identity = ["--identity-file", holder.file()];
    let recover = [&["keys", "recover", text(&copy)][..], &identity].concat();
    let recover = [&recover[..], &["--out", text(&first)]].concat();
    let combine = [
        "keys",
        "combine",
        &shares[0],
        &shares[1],
        "--out",
        text(&second),
    ];
    for (command, path, count) in [(&recover[..], &first, 1), (&combine[..], &second, 2)] {
        ends_with(&deployment.embsec(&[command, &["--dry-run"]].concat()), 0);
        assert_eq!(events(&deployment, "keyring.recover").len(), count - 1);
        ends_with(&deployment.embsec(command), 0);
        let recorded = events(&deployment, "keyring.recover");
        assert_eq!(recorded.len(), count);
        assert_eq!(recorded[count - 1]["details"]["file"], text(path));
        // It is there already, and nothing is done.
        ends_with(&deployment.embsec(command), 0);
        assert_eq!(events(&deployment, "keyring.recover").len(), count);
    }
    // Nothing is written that the log does not tell of.
    let audit = deployment.dir().join("audit");
    fs::rename(&audit, beside.join("audit")).unwrap();
    fs::write(&audit, "no folder").unwrap();
    fs::remove_file(&second).unwrap();
    ends_with(&deployment.embsec(&combine), 5);
    assert!(!second.exists());
    // Where no deployment is, none is made.
    ends_with(&embsec(combine), 0);
    assert_eq!(fs::read(&second).unwrap(), fs::read(&first).unwrap());
}
