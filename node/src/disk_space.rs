//! Room on the disk: watched, so that the node stops taking work before a write can fail.
//!
//! Guards: below the low mark new work is refused while everything accepted still fits; reads go
//! on; when room returns, work is taken again without a restart.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// How often the room is measured. At 40 MB/s, ten megabytes are written meanwhile.
pub(crate) const MEASURE_EVERY: Duration = Duration::from_millis(250);

/// Files that must still fit; fewer count as no room at all.
const FILES_FREE_MIN: u64 = 256;

/// Room must come back to the low mark and one part in so many of it, so that a disk at the mark
/// does not switch to and fro.
const BACK_ABOVE_ONE_IN: u64 = 8;

/// Measures the free bytes.
type Probe = Box<dyn Fn() -> io::Result<u64> + Send + Sync>;

/// The room on one disk.
pub struct DiskSpace {
    probe: Probe,
    free_bytes_min: u64,
    free_bytes: AtomicU64,
    low: AtomicBool,
}

impl core::fmt::Debug for DiskSpace {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("DiskSpace")
            .field("free_bytes_min", &self.free_bytes_min)
            .field("free_bytes", &self.free_bytes)
            .field("low", &self.low)
            .finish_non_exhaustive()
    }
}

impl DiskSpace {
    /// The disk that this folder is on, measured once. Below `free_bytes_min` it is low; 0 never is.
    #[must_use]
    pub fn of(folder: &Path, free_bytes_min: u64) -> Self {
        let folder = folder.to_owned();
        Self::measured_by(Box::new(move || free_bytes(&folder)), free_bytes_min)
    }

    fn measured_by(probe: Probe, free_bytes_min: u64) -> Self {
        let space = Self {
            probe,
            free_bytes_min,
            free_bytes: AtomicU64::new(u64::MAX),
            low: AtomicBool::new(false),
        };
        space.measure();
        space
    }

    /// Measures again. A disk that does not tell stays as it was.
    pub fn measure(&self) {
        let free = match (self.probe)() {
            Ok(free) => free,
            Err(error) => {
                tracing::debug!(%error, "the disk does not tell its room");
                return;
            }
        };
        self.free_bytes.store(free, Ordering::Relaxed);
        let was_low = self.low.load(Ordering::Relaxed);
        let mark = match was_low {
            false => self.free_bytes_min,
            true => self
                .free_bytes_min
                .saturating_add(self.free_bytes_min / BACK_ABOVE_ONE_IN),
        };
        let is_low = free < mark;
        if is_low == was_low {
            return;
        }
        self.low.store(is_low, Ordering::Release);
        if is_low {
            let wanted = self.free_bytes_min;
            tracing::warn!(
                free,
                wanted,
                "the disk is nearly full: no new work is taken"
            );
        } else {
            tracing::info!(free, "there is room on the disk again: work is taken");
        }
    }

    /// Whether no new work may be taken.
    #[must_use]
    pub fn is_low(&self) -> bool {
        self.low.load(Ordering::Acquire)
    }

    /// Bytes free when last measured.
    #[must_use]
    pub fn free_bytes(&self) -> u64 {
        self.free_bytes.load(Ordering::Relaxed)
    }

    /// Bytes that must be free.
    #[must_use]
    pub fn free_bytes_min(&self) -> u64 {
        self.free_bytes_min
    }
}

/// Bytes this process may still write below a folder.
fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    // Some file systems do not count files: 0 of 0 is no lack.
    if disk.f_files > 0 && disk.f_favail < FILES_FREE_MIN {
        return Ok(0);
    }
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn adjustable(free_bytes_min: u64) -> (Arc<AtomicU64>, DiskSpace) {
        let free = Arc::new(AtomicU64::new(1_000));
        let probe = Arc::clone(&free);
        let probe = Box::new(move || match probe.load(Ordering::Relaxed) {
            u64::MAX => Err(io::ErrorKind::Other.into()),
            free => Ok(free),
        });
        (free, DiskSpace::measured_by(probe, free_bytes_min))
    }

    #[test]
    fn it_is_low_below_the_mark_until_clearly_above_it() {
        let (free, space) = adjustable(800);
        assert!(!space.is_low());
        for (bytes, low) in [
            (800, false),
            (799, true),
            (800, true),
            (899, true),
            // A disk that does not tell changes nothing.
            (u64::MAX, true),
            (900, false),
            (u64::MAX, false),
            (801, false),
        ] {
            free.store(bytes, Ordering::Relaxed);
            space.measure();
            assert_eq!(space.is_low(), low, "{bytes}");
        }
        assert_eq!(space.free_bytes(), 801);
    }

    #[test]
    fn a_mark_of_nothing_is_never_reached() {
        let (free, space) = adjustable(0);
        free.store(0, Ordering::Relaxed);
        space.measure();
        assert!(!space.is_low());
    }

    #[test]
    fn a_real_disk_tells_its_room_and_no_disk_has_all_the_bytes_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let space = DiskSpace::of(folder.path(), u64::MAX);
        assert!(space.is_low());
        assert!((1..u64::MAX).contains(&space.free_bytes()));
    }
}
