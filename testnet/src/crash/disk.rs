//! A disk of its own for the node, whose power can be cut: an ext4 image behind a loop device.
//!
//! The cut is the file system's own `shutdown` without flushing its journal: from that moment no
//! byte reaches the image any more, and what was not synced before is gone after mounting again.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::{CrashError, other};

/// Size of the image; it is sparse.
const IMAGE_BYTES: u64 = 1024 * 1024 * 1024;

/// `ioctl(FS_IOC_SHUTDOWN, NOLOGFLUSH)` of a folder. Perl is part of every Debian.
const SHUTDOWN: &str = "open(my $dir, '<', $ARGV[0]) or die \"$!\\n\"; \
    my $flag = pack('L', 2); ioctl($dir, 0x8004587D, $flag) or die \"$!\\n\";";

/// A mounted image.
#[derive(Debug)]
pub(crate) struct LoopDisk {
    device: String,
    mount: PathBuf,
}

/// Whether this process may mount.
pub(crate) fn is_root() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ids = status.lines().find_map(|line| line.strip_prefix("Uid:"));
    let effective = ids.and_then(|ids| ids.split_whitespace().nth(1));
    effective == Some("0")
}

impl LoopDisk {
    /// Makes an empty disk in a folder.
    pub(crate) async fn new(folder: &Path) -> Result<Self, CrashError> {
        let (image, mount) = (folder.join("disk.img"), folder.join("disk"));
        File::create(&image)?.set_len(IMAGE_BYTES)?;
        std::fs::create_dir(&mount)?;
        run("mkfs.ext4", &["-q", "-F", text(&image)?]).await?;
        let device = run("losetup", &["--find", "--show", text(&image)?]).await?;
        let disk = Self {
            device: device.trim().to_owned(),
            mount,
        };
        disk.mount().await?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub(crate) fn path(&self) -> &Path {
        &self.mount
    }

    /// Makes everything on it durable.
    pub(crate) async fn sync(&self) -> Result<(), CrashError> {
        run("sync", &["--file-system", text(&self.mount)?]).await?;
        Ok(())
    }

    /// Cuts the power.
    pub(crate) async fn cut(&self) -> Result<(), CrashError> {
        run("perl", &["-e", SHUTDOWN, text(&self.mount)?]).await?;
        Ok(())
    }

    /// The power is back. Nobody may have a file open.
    pub(crate) async fn power_on(&self) -> Result<(), CrashError> {
        run("umount", &[text(&self.mount)?]).await?;
        self.mount().await
    }

    async fn mount(&self) -> Result<(), CrashError> {
        run("mount", &["-t", "ext4", &self.device, text(&self.mount)?]).await?;
        Ok(())
    }

    /// Shows that a cut is one: what was synced stays, what was not is gone.
    pub(crate) async fn prove(&self) -> Result<(), CrashError> {
        let (kept, lost) = (self.mount.join("synced"), self.mount.join("unsynced"));
        let mut file = File::create(&kept)?;
        file.write_all(b"kept")?;
        file.sync_all()?;
        File::open(&self.mount)?.sync_all()?;
        File::create(&lost)?.write_all(b"lost")?;
        drop(file);
        self.cut().await?;
        self.power_on().await?;
        let is_kept = std::fs::read(&kept).is_ok_and(|bytes| bytes == b"kept");
        let is_lost = std::fs::read(&lost).map_or(true, |bytes| bytes.is_empty());
        if is_kept && is_lost {
            std::fs::remove_file(&kept)?;
            Ok(())
        } else {
            Err(other(format!(
                "the cut is none: synced bytes kept: {is_kept}, unsynced bytes lost: {is_lost}"
            )))
        }
    }
}

impl Drop for LoopDisk {
    fn drop(&mut self) {
        // Lazily: somebody may still look into it. The device goes with the mount.
        let quiet = |program: &str, arguments: &[&std::ffi::OsStr]| {
            let done = std::process::Command::new(program).args(arguments).status();
            if !done.is_ok_and(|status| status.success()) {
                drop(writeln!(
                    std::io::stderr(),
                    "{program} {arguments:?} failed"
                ));
            }
        };
        quiet("umount", &["--lazy".as_ref(), self.mount.as_os_str()]);
        quiet("losetup", &["--detach".as_ref(), self.device.as_ref()]);
    }
}

fn text(path: &Path) -> Result<&str, CrashError> {
    path.to_str().ok_or_else(|| other("a path that is no text"))
}

/// Runs a program of the system; its output.
async fn run(program: &str, arguments: &[&str]) -> Result<String, CrashError> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .await
        .map_err(|source| other(format!("{program}: {source}")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(other(format!("{program} {}: {why}", arguments.join(" "))))
}
