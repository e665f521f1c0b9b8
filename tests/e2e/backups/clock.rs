//! Other days: the binary as it is, which is told another time.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Answers instead of the C library, which Rust asks for the time.
const SOURCE: &str = r#"
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    long failed = syscall(SYS_clock_gettime, clock, now);
    const char *days = getenv("DAYS_AHEAD");
    if (!failed && clock == CLOCK_REALTIME && days) now->tv_sec += atol(days) * 86400;
    return failed ? -1 : 0;
}
"#;

/// Sets the clocks of commands.
pub(super) struct Calendar(PathBuf);

impl Calendar {
    /// Made in this folder, with the C compiler that the tests need anyway.
    pub(super) fn made(folder: &Path) -> Self {
        let (source, library) = (folder.join("calendar.c"), folder.join("calendar.so"));
        std::fs::write(&source, SOURCE).unwrap();
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-o"]);
        let compiled = compile.arg(&library).arg(&source).output().unwrap();
        assert!(compiled.status.success(), "{compiled:?}");
        Self(library)
    }

    /// Has a command run on a later day.
    pub(super) fn later(&self, mut command: Command, days: u32) -> Command {
        command.env("LD_PRELOAD", &self.0);
        command.env("DAYS_AHEAD", days.to_string());
        command
    }
}
