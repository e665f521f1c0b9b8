//! No core files: the memory of a process that holds keys is never written to a disk.

use rustix::process::{Resource, Rlimit, setrlimit};

/// Forbids core files of this process and of those that it starts. Where the system hands crashes
/// to a collector, which need not heed the limit, the process is marked as not to be dumped.
///
/// That it could not be forbidden is no reason to refuse work: a system may forbid the asking.
pub fn forbid() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::debug!(%error, "core files cannot be limited");
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::debug!(%error, "core files cannot be forbidden");
        }
    }
}
