//! The machine's own limits, measured beside the node in the same run.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use piao_chain::digest::ChainId;
use piao_chain::signature::{Purpose, SecretKey};

/// How long each limit is measured.
const MEASURE_FOR: Duration = Duration::from_secs(2);

/// Bytes of the message whose signature is checked: a small invoice.
const MESSAGE_BYTES: usize = 500;

/// Bytes written before each sync.
const SYNC_BYTES: usize = 4096;

/// Bytes of the file that is synced, laid out before the clock starts.
const SYNC_FILE_BYTES: usize = 16 * 1024 * 1024;

/// What the machine can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// Cores.
    pub(crate) cores: usize,
    /// Ed25519-strict checks a second, all cores together.
    pub(crate) verify_per_second: f64,
    /// `fdatasync` calls a second after 4 KiB each, one thread.
    pub(crate) sync_per_second: f64,
}

/// Measures the machine, syncing a file in this folder.
pub(crate) fn measure(folder: &Path) -> std::io::Result<Machine> {
    let cores = std::thread::available_parallelism()?.get();
    let rates = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_core| scope.spawn(verify_rate)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or(0.0))
            .sum()
    });
    Ok(Machine {
        cores,
        verify_per_second: rates,
        sync_per_second: sync_rate(folder)?,
    })
}

fn verify_rate() -> f64 {
    let key = SecretKey::from_seed(&[7; 32]);
    let (public, chain) = (key.public_key(), ChainId([1; 32]));
    let message = [5; MESSAGE_BYTES];
    let signature = key.sign(Purpose::Transaction, &chain, &message);
    let started = Instant::now();
    let mut checks = 0u32;
    while started.elapsed() < MEASURE_FOR {
        if !public.verify(Purpose::Transaction, &chain, &message, &signature) {
            return 0.0;
        }
        checks += 1;
    }
    f64::from(checks) / started.elapsed().as_secs_f64()
}

fn sync_rate(folder: &Path) -> std::io::Result<f64> {
    let mut file = tempfile::tempfile_in(folder)?;
    file.write_all(&vec![0; SYNC_FILE_BYTES])?;
    file.sync_all()?;
    std::io::Seek::rewind(&mut file)?;
    let page = [9; SYNC_BYTES];
    let started = Instant::now();
    let mut syncs = 0u32;
    while started.elapsed() < MEASURE_FOR {
        if usize::try_from(syncs).unwrap_or(usize::MAX) % (SYNC_FILE_BYTES / SYNC_BYTES) == 0 {
            std::io::Seek::rewind(&mut file)?;
        }
        file.write_all(&page)?;
        file.sync_data()?;
        syncs += 1;
    }
    Ok(f64::from(syncs) / started.elapsed().as_secs_f64())
}
