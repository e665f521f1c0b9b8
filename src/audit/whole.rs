//! The files of the log for a copy that is made while others write: what is there in whole lines,
//! which no writer changes any more.

use super::backward::LinesBackward;
use crate::sys::fs::{self, FsError};
use std::fs::File;
use std::path::{Path, PathBuf};

/// How the name of a file of the log ends.
const ENDING: &str = "jsonl";
/// No line is near this length, in bytes.
const MAX_LINE_BYTES: usize = 16 << 20;

/// Every file of a log, by name, each with how many of its bytes are whole lines. A folder that is
/// not there holds none.
///
/// # Errors
///
/// [`FsError::Io`].
pub fn whole_lines(dir: &Path) -> Result<Vec<(PathBuf, u64)>, FsError> {
    let listed = match std::fs::read_dir(dir) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fs::cannot("read", dir, error)),
    };
    let mut files = Vec::new();
    for entry in listed {
        let path = entry
            .map_err(|error| fs::cannot("read", dir, error))?
            .path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            let bytes = whole_bytes(&path).map_err(|error| fs::cannot("read", &path, error))?;
            files.push((path, bytes));
        }
    }
    files.sort();
    Ok(files)
}

fn whole_bytes(path: &Path) -> std::io::Result<u64> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let last = LinesBackward::new(&file, length, MAX_LINE_BYTES).next();
    Ok(match last.transpose()? {
        Some(line) if !line.bytes.ends_with(b"\n") => line.offset,
        _ => length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_being_written_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        write("b-0.jsonl", "one\ntwo\n");
        write("a-1.jsonl", "one\ntw");
        write("a-0.jsonl", "");
        write("a-0.torn-7", "half");
        let found = whole_lines(folder.path()).unwrap();
        let named: Vec<_> = found
            .iter()
            .map(|(path, bytes)| (path.file_name().unwrap().to_str().unwrap(), *bytes))
            .collect();
        assert_eq!(
            named,
            [("a-0.jsonl", 0), ("a-1.jsonl", 4), ("b-0.jsonl", 8)]
        );
        assert_eq!(whole_lines(&folder.path().join("none")).unwrap(), []);
    }
}
