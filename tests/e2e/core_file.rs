//! A process that holds keys leaves none of them in a core file.

use crate::support::World;
use rustix::process::Signal;
use std::os::unix::process::ExitStatusExt as _;

#[test]
fn a_server_that_crashes_writes_no_core_file() {
    let mut world = World::new();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", world.server.pid())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{core}");
    world.server.signal(Signal::ABORT);
    let status = world.server.wait();
    assert_eq!(status.signal(), Some(Signal::ABORT.as_raw()));
    assert!(!status.core_dumped(), "a core file was written");
}
