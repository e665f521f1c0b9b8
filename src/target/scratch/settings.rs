//! How a scratch server is set: fast, since nothing of it is kept; silent about values; reachable
//! by one socket only.

use super::needs::Needs;
use std::path::Path;
use std::thread::available_parallelism;

const MIB: u64 = 1 << 20;
/// Where the system does not tell how much memory there is.
const ASSUMED_MEMORY: u64 = 1 << 30;
/// What an empty cluster fills, with the log of its changes.
const EMPTY_BYTES: u64 = 192 * MIB;
/// The port in the name of the socket.
pub(super) const PORT: u16 = 5432;
/// The most processes that build one index.
const MOST_WORKERS: usize = 8;

/// The bytes that a disk must have for a backup that is restored: 1.3 times what it fills, for
/// indexes that are built and the log of changes, and an empty cluster.
pub(super) const fn needed_bytes(bytes: u64) -> u64 {
    (bytes / 10).saturating_mul(13).saturating_add(EMPTY_BYTES)
}

/// The settings, as the server takes them on its command line: its files stay as `initdb` wrote
/// them. `memory` is what may be used.
pub(super) fn settings(
    needs: &Needs,
    memory: Option<u64>,
    socket_folder: &Path,
    hba: &Path,
    ident: &Path,
) -> Vec<String> {
    let share = memory.unwrap_or(ASSUMED_MEMORY) / 8 / MIB;
    let log_of_changes = (needs.bytes / 4 / MIB).clamp(128, 2048);
    let workers = available_parallelism().map_or(1, |count| count.get().min(MOST_WORKERS));
    let quoted = |path: &Path| path.display().to_string();
    let mut settings = vec![
        // One socket, behind a folder that only the server's group may pass.
        "listen_addresses=".to_owned(),
        format!("unix_socket_directories=\"{}\"", quoted(socket_folder)),
        "unix_socket_permissions=0700".to_owned(),
        format!("port={PORT}"),
        format!("hba_file={}", quoted(hba)),
        format!("ident_file={}", quoted(ident)),
        // Memory.
        format!("shared_buffers={}MB", share.clamp(32, 512)),
        format!("maintenance_work_mem={}MB", share.clamp(64, 2048)),
        format!("max_wal_size={log_of_changes}MB"),
        format!("max_parallel_maintenance_workers={workers}"),
    ];
    settings.extend(FIXED.iter().map(|setting| (*setting).to_owned()));
    settings
}

const FIXED: [&str; 25] = [
    "ssl=off",
    // Nothing of this outlives the machine.
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "archive_mode=off",
    "checkpoint_timeout=1h",
    "autovacuum=off",
    "huge_pages=off",
    // In the folder of the data: small /dev/shm of containers does not matter, nobody else can
    // read it there, and a server that was killed leaves nothing behind.
    "dynamic_shared_memory_type=mmap",
    "max_connections=50",
    "max_locks_per_transaction=256",
    // Libraries of a service have no business here.
    "shared_preload_libraries=",
    // A crash is to be seen, not hidden.
    "restart_after_crash=off",
    "timezone=UTC",
    "log_timezone=UTC",
    "lc_messages=C",
    // What it says goes to one file and holds neither statements nor values.
    "logging_collector=off",
    "log_destination=stderr",
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
    "log_checkpoints=off",
    "log_line_prefix=",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_and_the_log_of_changes_follow_the_machine_and_the_backup() {
        let of = |bytes: u64, memory: Option<u64>| {
            let needs = Needs {
                bytes,
                ..Needs::default()
            };
            let path = Path::new("/x");
            settings(&needs, memory, path, path, path).join(" ")
        };
        let small = of(0, Some(64 * MIB));
        for part in [
            "shared_buffers=32MB",
            "maintenance_work_mem=64MB",
            "max_wal_size=128MB",
        ] {
            assert!(small.contains(part), "{small}");
        }
        let large = of(1 << 40, Some(1 << 40));
        for part in [
            "shared_buffers=512MB",
            "maintenance_work_mem=2048MB",
            "max_wal_size=2048MB",
        ] {
            assert!(large.contains(part), "{large}");
        }
    }

    #[test]
    fn a_restore_needs_a_third_more_and_an_empty_cluster() {
        assert_eq!(needed_bytes(0), EMPTY_BYTES);
        assert_eq!(needed_bytes(1000 * MIB), 1300 * MIB + EMPTY_BYTES);
        assert_eq!(needed_bytes(u64::MAX), u64::MAX);
    }
}
