//! The folder of a scratch server: made, marked as ours, and removed, also by the next run when its
//! own was killed.
//!
//! ```text
//! embsec-restore-test.xxxxxx/   ours; passable for the group of the server alone
//!     owner.json                 says whose it is
//!     lock                       held while its run lives
//!     log                        what the programs said
//!     pg_hba.conf, pg_ident.conf who may connect
//!     server/                    the server's own: its data, and its socket
//! ```

use super::error::ScratchError;
use super::user::RunAs;
use crate::sys::fs::{FsError, create_private_dir, write_new_file, write_secret_file_new};
use crate::sys::lock::LockFile;
use crate::sys::owner::{effective_uid, host_name, is_running, owner_uid, writable_by_others};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// How the names of such folders begin; six characters by chance follow.
const PREFIX: &str = "embsec-restore-test.";
/// The digits of chance (RFC 4648 section 6).
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// What says whose a folder is.
const MARKER: &str = "owner.json";
const LOCK: &str = "lock";
const LOG: &str = "log";
const SERVER: &str = "server";
/// The data of the server, in its folder.
pub(super) const DATA: &str = "data";
/// What `program` of the marker says.
const PROGRAM: &str = "embsec restore-test";
/// The longest path of a folder in which a socket can be: its own name follows, and systems take
/// 104 bytes or a little more.
const SOCKET_FOLDER_MAX_BYTES: usize = 85;
/// How long a server that was left behind may take to end.
const LEFT_OVER_PATIENCE: Duration = Duration::from_secs(10);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// How often removing is tried: a program that is about to end may still write.
const REMOVALS: u32 = 5;

/// Whose a folder is.
#[derive(Debug, Serialize, Deserialize)]
struct Marker {
    program: String,
    host: String,
    pid: u32,
}

/// The folder of a scratch server; removed when dropped.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    /// Empty once the folder is gone.
    lock: Option<LockFile>,
}

impl Place {
    /// Makes one below `parent`, for programs of this user.
    pub(super) fn make(
        parent: &Path,
        run_as: &RunAs,
        chance: [u8; 6],
    ) -> Result<Self, ScratchError> {
        let digits = chance
            .iter()
            .map(|byte| char::from(DIGITS[usize::from(byte % 32)]));
        let name: String = PREFIX.chars().chain(digits).collect();
        let folder = parent.join(name);
        check_path(parent, &folder)?;
        create_private_dir(&folder)?;
        let lock = LockFile::try_exclusive(&folder.join(LOCK));
        let place = Self {
            lock: lock?,
            folder,
        };
        let marker = Marker {
            program: PROGRAM.to_owned(),
            host: host_name(),
            pid: std::process::id(),
        };
        let marker = serde_json::to_vec(&marker).unwrap_or_default();
        write_secret_file_new(&place.folder.join(MARKER), &marker)?;
        write_new_file(&place.log(), b"", 0o600)?;
        create_private_dir(&place.server())?;
        if let Some(group) = run_as.group {
            let server = place.server();
            chown(&server, Some(run_as.account.uid), Some(group))
                .map_err(|source| io_error("give away", &server, source))?;
            chown(&place.folder, None, Some(group))
                .and_then(|()| fs::set_permissions(&place.folder, Permissions::from_mode(0o710)))
                .map_err(|source| io_error("open", &place.folder, source))?;
        }
        Ok(place)
    }

    /// The folder itself.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the server: its data and its socket.
    pub(super) fn server(&self) -> PathBuf {
        self.folder.join(SERVER)
    }

    /// The file that takes what programs say.
    pub(super) fn log(&self) -> PathBuf {
        self.folder.join(LOG)
    }

    /// Writes a file that the server reads and cannot change. It holds no secret.
    pub(super) fn write_for_server(&self, name: &str, text: &str) -> Result<PathBuf, FsError> {
        let path = self.folder.join(name);
        write_new_file(&path, text.as_bytes(), 0o644)?;
        // Whatever the umask of this process took away.
        fs::set_permissions(&path, Permissions::from_mode(0o644))
            .map_err(|source| io_error("open", &path, source))?;
        Ok(path)
    }

    /// Removes it.
    pub(super) fn remove(mut self) -> Result<(), FsError> {
        let result = remove(&self.folder);
        if result.is_ok() {
            self.lock = None;
        }
        result
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.lock.is_some() {
            // Reached on the way out of another error, which is the one to report; what stays is
            // removed by the next run.
            remove(&self.folder).unwrap_or_default();
        }
    }
}

fn io_error(action: &'static str, path: &Path, source: io::Error) -> FsError {
    FsError::Io {
        action,
        path: path.to_path_buf(),
        source,
    }
}

/// The folder for temporary files, as the system has it.
pub(super) fn resolved(parent: &Path) -> Result<PathBuf, FsError> {
    let found = parent.canonicalize();
    found.map_err(|source| io_error("use", parent, source))
}

/// A socket has a short path, and a list of folders of sockets is written with commas and quotes.
fn check_path(parent: &Path, folder: &Path) -> Result<(), ScratchError> {
    let unfit = |why: &str| {
        Err(ScratchError::UnfitFolder {
            folder: parent.to_path_buf(),
            why: why.to_owned(),
        })
    };
    let socket = folder.join(SERVER);
    match socket.to_str() {
        None => unfit("its path is not UTF-8"),
        Some(text) if text.len() > SOCKET_FOLDER_MAX_BYTES => {
            unfit("its path is too long for a socket")
        }
        Some(text) if text.contains([',', '"', '\'', '\\']) || text.contains(char::is_control) => {
            unfit("its path has a comma, a quote or a backslash")
        }
        Some(_) => Ok(()),
    }
}

/// Removes a folder with all that is in it; what says whose it is goes last.
fn remove(folder: &Path) -> Result<(), FsError> {
    let server = folder.join(SERVER);
    let mut attempt = 0;
    while let Err(source) = fs::remove_dir_all(&server) {
        attempt += 1;
        if source.kind() == io::ErrorKind::NotFound {
            break;
        }
        if attempt == REMOVALS {
            return Err(io_error("remove", &server, source));
        }
        thread::sleep(PAUSE);
    }
    let marker = folder.join(MARKER);
    let remove_rest = || {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path != marker {
                fs::remove_file(path)?;
            }
        }
        match fs::remove_file(&marker) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => fs::remove_dir(folder),
        }
    };
    remove_rest().map_err(|source| io_error("remove", folder, source))
}

/// Removes what killed runs left below a folder, after stopping the servers that they left, and
/// tells which folders that were. A folder is touched only when it is ours, carries our marker of
/// this very machine, and nobody holds its lock.
pub(super) fn remove_left_overs(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    let folders = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        name.to_string_lossy().starts_with(PREFIX)
    });
    let folders = folders.map(|entry| entry.path());
    folders
        .filter(|folder| remove_left_over(folder).unwrap_or(false))
        .collect()
}

fn remove_left_over(folder: &Path) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(folder)?;
    let is_ours =
        metadata.is_dir() && metadata.uid() == effective_uid() && !writable_by_others(&metadata);
    let marker_path = folder.join(MARKER);
    if !is_ours || fs::symlink_metadata(&marker_path)?.uid() != effective_uid() {
        return Ok(false);
    }
    let Ok(marker) = serde_json::from_slice::<Marker>(&fs::read(&marker_path)?) else {
        return Ok(false);
    };
    if marker.program != PROGRAM || marker.host != host_name() {
        return Ok(false);
    }
    // The kernel gives the lock back when a process ends, however it ends, and whoever has its
    // number now.
    let Ok(Some(lock)) = LockFile::try_exclusive(&folder.join(LOCK)) else {
        return Ok(false);
    };
    if !stop_left_over(&folder.join(SERVER)) {
        return Ok(false);
    }
    let removed = remove(folder).is_ok();
    drop(lock);
    Ok(removed)
}

/// Stops the server that a killed run left, and says whether none runs now.
fn stop_left_over(server: &Path) -> bool {
    let data = server.join(DATA);
    let begun = Instant::now();
    let mut signal = Signal::QUIT;
    while let Some(pid) = server_of(&data) {
        if begun.elapsed() > LEFT_OVER_PATIENCE {
            if signal == Signal::KILL {
                return false;
            }
            signal = Signal::KILL;
        }
        // One that just ended is what is wanted.
        kill_process(pid, signal).unwrap_or_default();
        thread::sleep(PAUSE);
    }
    true
}

/// The process of the server that has this folder. The number in its file is believed only when
/// such a process runs in that folder, since numbers are given again.
fn server_of(data: &Path) -> Option<Pid> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid: u32 = text.lines().next()?.trim().parse().ok()?;
    let is_it = is_running(pid) && works_in(pid, data);
    is_it
        .then(|| Pid::from_raw(i32::try_from(pid).ok()?))
        .flatten()
}

#[cfg(target_os = "linux")]
fn works_in(pid: u32, data: &Path) -> bool {
    let process = PathBuf::from(format!("/proc/{pid}"));
    let same_owner = matches!((owner_uid(&process), owner_uid(data)), (Ok(a), Ok(b)) if a == b);
    same_owner && fs::read_link(process.join("cwd")).is_ok_and(|folder| folder == data)
}

/// Where the system has no files about processes, its command line names the folder.
#[cfg(not(target_os = "linux"))]
fn works_in(pid: u32, data: &Path) -> bool {
    let output = std::process::Command::new("ps")
        .args(["-o", "uid=,args=", "-p", &pid.to_string()])
        .output();
    let (Ok(output), Ok(owner)) = (output, owner_uid(data)) else {
        return false;
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let is_owners = text.split_whitespace().next() == Some(owner.to_string().as_str());
    is_owners && text.contains(&*data.to_string_lossy())
}
