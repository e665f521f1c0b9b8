//! What only a database in a file has. On PostgreSQL any number of servers share one database, and
//! nothing here has a counterpart.
//!
//! These tests choose the file themselves, so they run once, whatever engine the rest of the suite
//! runs on.

use crate::support::{Deployment, Server, Started, mode_of};

#[test]
fn the_database_is_a_private_file_of_the_folder() {
    let deployment = Deployment::in_a_file();
    assert!(deployment.embsec(&["init"]).status.success());
    assert_eq!(mode_of(&deployment.dir().join("embsec.db")), 0o600);
}

#[test]
fn a_second_server_on_the_same_folder_is_refused_and_the_first_goes_on() {
    let deployment = Deployment::in_a_file();
    let first = Server::start(&deployment);
    match Server::try_start(&deployment, &[]) {
        Started::Serving(_) => panic!("two servers on one folder"),
        Started::Ended(status, log) => {
            assert_eq!(status.code(), Some(5), "{log}");
            assert!(log.contains("Error: "), "{log}");
        }
    }
    first.client().get("/readyz").expect(200);
}

#[test]
fn a_folder_is_free_again_after_its_server_was_killed() {
    let deployment = Deployment::in_a_file();
    let mut first = Server::start(&deployment);
    first.kill();
    let second = Server::start(&deployment);
    second.client().get("/readyz").expect(200);
}
