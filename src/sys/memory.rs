//! How much memory there is to use.
//!
//! How it is divided is the callers' business.

use std::fs;

/// The limits of a container, of both generations of control groups.
const LIMITS: [&str; 2] = [
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory/memory.limit_in_bytes",
];

/// The bytes that can be used without taking them from others: what the kernel says is available,
/// and no more than the limit of the container. `None` where the system does not tell.
#[must_use]
pub fn available_bytes() -> Option<u64> {
    let available = available_in(&fs::read_to_string("/proc/meminfo").ok()?)?;
    let limits = LIMITS.iter().filter_map(|path| {
        let text = fs::read_to_string(path).ok()?;
        text.trim().parse().ok()
    });
    limits.chain([available]).min()
}

fn available_in(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_is_read_from_the_kernels_table() {
        let table = "MemTotal:       24689440 kB\nMemAvailable:       2048 kB\nBuffers: 1 kB\n";
        assert_eq!(available_in(table), Some(2 << 20));
        assert_eq!(available_in("MemTotal: 1 kB\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_has_memory() {
        assert!(available_bytes().unwrap() > 0);
    }
}
