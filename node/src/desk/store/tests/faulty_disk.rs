//! A disk that is full, fails or waits when a test says so.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use super::super::disk::Disk;

/// What goes wrong from now on.
#[derive(Default)]
pub(super) struct Faults {
    /// Writes put half of their bytes down and find no more room.
    pub(super) full: AtomicBool,
    /// Syncs fail.
    pub(super) sync_fails: AtomicBool,
    /// Syncs up to now.
    pub(super) syncs: AtomicUsize,
    closed: Mutex<bool>,
    opened: Condvar,
}

impl Faults {
    /// Syncs wait from now on.
    pub(super) fn close_gate(&self) {
        *self.closed.lock().unwrap() = true;
    }

    fn pass_gate(&self) {
        let closed = self.closed.lock().unwrap();
        drop(self.opened.wait_while(closed, |closed| *closed).unwrap());
    }

    /// Syncs go on.
    pub(super) fn open_gate(&self) {
        *self.closed.lock().unwrap() = false;
        self.opened.notify_all();
    }
}

pub(super) struct FaultyDisk(pub(super) Arc<Faults>);

impl Disk for FaultyDisk {
    fn write_at(&self, file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
        if self.0.full.load(Ordering::SeqCst) {
            file.write_all_at(&bytes[..bytes.len() / 2], offset)?;
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.write_all_at(bytes, offset)
    }

    fn set_length(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        self.0.syncs.fetch_add(1, Ordering::SeqCst);
        self.0.pass_gate();
        if self.0.sync_fails.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        file.sync_data()
    }
}
