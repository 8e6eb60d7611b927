//! The three calls that change bytes on disk, apart, so that a test can make each of them fail.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Writes, cuts and syncs files.
pub(super) trait Disk: Send {
    /// Writes all bytes at an offset.
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()>;
    /// Sets the length of a file.
    fn set_length(&self, file: &File, length: u64) -> io::Result<()>;
    /// Makes what was written durable.
    fn sync(&self, file: &File) -> io::Result<()>;
}

/// The real thing.
pub(super) struct RealDisk;

impl Disk for RealDisk {
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        file.write_all_at(bytes, offset)
    }

    fn set_length(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
}

/// Makes a file durable. A failed sync leaves in doubt what is on disk, earlier writes included, so
/// it never passes for "no space".
pub(super) fn sync_or_stop(disk: &dyn Disk, file: &File) -> io::Result<()> {
    disk.sync(file).map_err(io::Error::other)
}

/// Whether an error only says that there is no room, so that later writes may succeed.
pub(super) fn is_no_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}
