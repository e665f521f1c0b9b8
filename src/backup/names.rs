//! Where the parts of a backup are in its destination.

use crate::domain::backup::BackupId;
use jiff::Timestamp;

/// What is public of a backup: ids, sizes, hashes.
pub const PUBLIC_MANIFEST: &str = "manifest.pub.json";
/// What is known of it, sealed.
pub const PRIVATE_MANIFEST: &str = "manifest.json.age";
/// Signs [`PUBLIC_MANIFEST`]; written last: its presence makes a backup.
pub const MANIFEST_SIGNATURE: &str = "manifest.sig";
/// The identity of the backup, sealed to the recipients.
pub const KEYS: &str = "keys.age";
/// Signs [`KEYS`].
pub const KEYS_SIGNATURE: &str = "keys.sig";
/// The data keys, each sealed by a master key.
pub const DATA_KEYS: &str = "datakeys.json";
/// Signs [`DATA_KEYS`].
pub const DATA_KEYS_SIGNATURE: &str = "datakeys.sig";
/// The folder of segments.
pub const SEGMENTS: &str = "seg";

/// Every file of a backup but its segments, [`MANIFEST_SIGNATURE`] last, as they are sent.
pub const SMALL_FILES: [&str; 7] = [
    PRIVATE_MANIFEST,
    KEYS,
    KEYS_SIGNATURE,
    DATA_KEYS,
    DATA_KEYS_SIGNATURE,
    PUBLIC_MANIFEST,
    MANIFEST_SIGNATURE,
];

/// The folder of whole backups in a destination.
pub const BACKUPS: &str = "backup";
/// The folder of records of what was done with them.
pub const CATALOGUE: &str = "catalogue";
/// The folder of backups that are being made.
pub const PARTIAL: &str = ".partial";

/// The folder of a backup in its destination.
#[must_use]
pub fn of_backup(id: &BackupId) -> String {
    format!("{BACKUPS}/{id}")
}

/// The name of a file of a backup in its destination.
#[must_use]
pub fn of_file(id: &BackupId, file: &str) -> String {
    format!("{BACKUPS}/{id}/{file}")
}

/// The name of a segment within its backup; numbers begin at 1.
#[must_use]
pub fn of_segment(number: u64) -> String {
    format!("{SEGMENTS}/{number:06}.age")
}

/// The folder of the records of a backup.
#[must_use]
pub fn of_records(id: &BackupId) -> String {
    format!("{CATALOGUE}/{id}")
}

/// The name of a record of something that happened at this time.
#[must_use]
pub fn of_record(id: &BackupId, at: Timestamp, kind: &str) -> String {
    let time = at.strftime("%Y%m%dT%H%M%S");
    let millis = at.subsec_millisecond();
    format!("{CATALOGUE}/{id}/{time}.{millis:03}Z-{kind}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_in_the_order_in_which_things_were_made() {
        let id = BackupId::parse("20261128T182417Z-az27a7").unwrap();
        assert_eq!(of_segment(7), "seg/000007.age");
        assert_eq!(
            of_file(&id, &of_segment(1)),
            "backup/20261128T182417Z-az27a7/seg/000001.age"
        );
        let early = of_record(&id, "2026-11-28T18:24:17.009Z".parse().unwrap(), "verified");
        let late = of_record(&id, "2026-11-28T18:24:17.010Z".parse().unwrap(), "drilled");
        assert!(early < late, "{early} {late}");
        assert!(early.starts_with(&of_records(&id)));
    }
}
