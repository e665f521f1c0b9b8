//! The whole binary: started, asked over its socket, killed, stopped and started again.
//!
//! What can be tested lower down is tested there. Here is what only a process can show.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod authorization_matrix;
#[cfg(test)]
mod backup_secrets;
#[cfg(test)]
mod backups;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod client;
#[cfg(test)]
mod compatibility;
#[cfg(test)]
mod content;
#[cfg(test)]
mod core_file;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod custody;
#[cfg(test)]
mod encryption;
#[cfg(test)]
mod from_elsewhere;
#[cfg(test)]
mod init;
#[cfg(test)]
mod keyring;
#[cfg(test)]
mod malformed;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod postgres_only;
#[cfg(test)]
mod projects_cli;
#[cfg(test)]
mod recovery;
#[cfg(test)]
mod rotating_target;
#[cfg(test)]
mod rotation;
#[cfg(test)]
mod schemathesis;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod sqlite_only;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod users_cli;
