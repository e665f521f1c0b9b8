//! Every command, each with the runs in which it meets secrets, in an order in which one prepares
//! what the next one needs.

mod backups;
mod custody;
mod keys;
mod making;
mod migrate;
mod people;
mod restores;
mod speaking;
mod target;

use super::stage::Stage;

/// A command by its words, and what tries it.
pub(super) type Row = (&'static str, fn(&mut Stage));

/// What a command that makes a key is for.
pub(super) const MADE_TO_BE_SHOWN: &str = "the new key is shown this once, to whoever asked for it";

/// Every command.
pub(super) const ALL: &[Row] = &[
    ("init", making::init),
    ("migrate up", making::up),
    ("migrate status", making::status),
    ("serve", making::serve),
    ("users create", people::create),
    ("users list", people::list),
    ("users show", people::show),
    ("users rotate", people::rotate),
    ("users disable", people::disable),
    ("users enable", people::enable),
    ("users delete", people::delete),
    ("projects list", people::list_projects),
    ("projects show", people::show_project),
    ("projects set", people::set_project),
    ("keys list", keys::list),
    ("keys show", keys::show),
    ("keys generate admin", keys::generate_admin),
    ("keys generate master", keys::generate_master),
    ("keys generate password", keys::generate_password),
    (
        "keys generate backup-signing",
        keys::generate_backup_signing,
    ),
    (
        "keys generate backup-recipient",
        keys::generate_backup_recipient,
    ),
    ("keys split", custody::split),
    ("keys combine", custody::combine),
    ("keys escrow", custody::escrow),
    ("keys recover", custody::recover),
    ("keys drill", custody::drill),
    ("keys rotate master", keys::rotate_master),
    ("keys rotate data", keys::rotate_data),
    ("keys rotate admin", keys::rotate_admin),
    ("keys rotate backup-signing", keys::rotate_backup_signing),
    ("keys retire", keys::retire),
    ("keys destroy", keys::destroy),
    ("migrate encrypt-status", target::status),
    ("migrate encrypt", target::encrypt),
    ("migrate decrypt", target::decrypt),
    ("keys rotate target", target::rotate),
    ("backup create", backups::create),
    ("backup", backups::create_by_one_word),
    ("backup list", backups::list),
    ("backup show", backups::show),
    ("backup verify", backups::verify),
    ("backup decode", backups::decode),
    ("backup prune", backups::prune),
    ("backup sync", backups::sync),
    ("restore", restores::restore),
    ("restore-test", restores::test),
    ("restore swap", restores::swap),
    ("keys rotate backup-recipient", backups::rotate_recipient),
    ("migrate import", migrate::import),
    ("migrate export", migrate::export),
    ("projects delete", people::delete_project),
    ("projects undelete", people::undelete_project),
    ("keys shred", keys::shred),
    ("config show", speaking::show),
    ("config check", speaking::check),
    ("config schema", speaking::schema),
    ("completions", speaking::completions),
    ("man", speaking::man),
    ("internal generate", speaking::generate),
];
