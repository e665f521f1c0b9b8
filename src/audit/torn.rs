//! Finds where the log ends, and sets aside what a crash left behind its last whole line.
//!
//! A crash can leave part of the lines that were being written. None of them was reported
//! durable, so no change was made on their word; they are kept in a file of their own and the log
//! goes on after the last whole line.

use super::backward::LinesBackward;
use super::line::{MAX_LINE_BYTES, Record};
use super::writer::QUEUE_EVENTS;
use jiff::Timestamp;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// One write holds at most a full queue of the longest lines; a crash can leave no more.
const MAX_TORN_BYTES: usize = QUEUE_EVENTS * MAX_LINE_BYTES;

/// How often another name is tried when the name of a torn file is taken.
const MAX_NAMES: u32 = 1000;

/// Where a log ends.
#[derive(Debug)]
pub(super) struct End {
    /// The length up to the newline of the last whole line, in bytes.
    pub(super) whole_len: u64,
    /// The length of the file, in bytes.
    pub(super) file_len: u64,
    /// The last whole line; `None` in a log without any.
    pub(super) last: Option<Record>,
}

/// Looks at the end of a log. `None` when more than a crash can leave is unreadable: the file is
/// damaged then, or never was a log, and is left alone.
pub(super) fn find_end(file: &File) -> io::Result<Option<End>> {
    let file_len = file.metadata()?.len();
    let mut whole_len = file_len;
    for line in LinesBackward::new(file, file_len, MAX_TORN_BYTES) {
        let line = match line {
            Ok(line) => line,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(None),
            Err(error) => return Err(error),
        };
        let last = Record::parse(&line.bytes);
        if last.is_some() && line.bytes.ends_with(b"\n") {
            return Ok(Some(End {
                whole_len,
                file_len,
                last,
            }));
        }
        whole_len = line.offset;
        if usize::try_from(file_len - whole_len).map_or(true, |torn| torn > MAX_TORN_BYTES) {
            return Ok(None);
        }
    }
    Ok(Some(End {
        whole_len: 0,
        file_len,
        last: None,
    }))
}

/// Copies what is behind the last whole line to `<stream>.torn-<unix seconds>` and cuts it off
/// the log; the copy is durable before the cut. Gives the copy's path.
pub(super) fn set_aside(
    log: &File,
    end: &End,
    dir: &Path,
    stream: &str,
    now: Timestamp,
) -> io::Result<PathBuf> {
    let size = usize::try_from(end.file_len - end.whole_len).map_err(io::Error::other)?;
    let mut torn = vec![0; size];
    log.read_exact_at(&mut torn, end.whole_len)?;
    let (path, mut copy) = create_copy(dir, stream, now)?;
    copy.write_all(&torn)?;
    copy.sync_all()?;
    File::open(dir)?.sync_all()?;
    log.set_len(end.whole_len)?;
    log.sync_all()?;
    Ok(path)
}

fn create_copy(dir: &Path, stream: &str, now: Timestamp) -> io::Result<(PathBuf, File)> {
    let name = format!("{stream}.torn-{}", now.as_second());
    for attempt in 0..MAX_NAMES {
        let path = match attempt {
            0 => dir.join(&name),
            again => dir.join(format!("{name}-{again}")),
        };
        let created = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match created {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        format!("too many files named \"{name}\""),
    ))
}
