//! Many files judged at once, on every core, in the order they were given.
//!
//! Guards: what is held in memory is a batch, not a directory; no result is lost or out of place.

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use piao_chain::proof::VerifierCache;

use super::judge::{Judge, Judged};
use super::source::{read_found_file, read_proof_file};
use crate::error::CommandError;

/// Threads at work, at most.
const WORKERS_MAX: usize = 16;
/// Files of one batch for each worker: enough that waiting for the last of them costs little.
const FILES_EACH: usize = 256;

/// One thing to judge.
#[derive(Debug)]
pub(crate) enum Subject {
    /// A file that was named.
    File(PathBuf),
    /// A file of a directory that was named.
    Found(PathBuf),
    /// Part of a directory that can not be looked at, and why.
    Unreadable(PathBuf, std::io::Error),
    /// The number of an invoice, whose proof the node has.
    Number(String),
}

impl Subject {
    /// What it is called.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) | Self::Found(path) | Self::Unreadable(path, _) => {
                path.display().to_string()
            }
            Self::Number(number) => number.clone(),
        }
    }

    /// Whether it lies on this machine.
    pub(crate) fn is_file(&self) -> bool {
        matches!(self, Self::File(_) | Self::Found(_))
    }
}

/// What came of a file.
pub(crate) type Outcome = Result<Judged, CommandError>;

/// The threads that judge, and what each of them need not check again.
#[derive(Debug)]
pub(crate) struct Workers {
    caches: Vec<VerifierCache>,
}

impl Workers {
    /// As many as this machine has cores, and as there is work for.
    pub(crate) fn for_subjects(count: usize) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let workers = cores.min(WORKERS_MAX).min(count).max(1);
        Self {
            caches: (0..workers).map(|_| VerifierCache::default()).collect(),
        }
    }

    /// Subjects to give them at once.
    pub(crate) fn batch(&self) -> usize {
        self.caches.len().saturating_mul(FILES_EACH)
    }

    /// Judges a proof on this thread.
    pub(crate) fn judge(&mut self, judge: &Judge, name: &str, bytes: &[u8]) -> Judged {
        let mut fresh = VerifierCache::default();
        judge.judge(name, bytes, self.caches.first_mut().unwrap_or(&mut fresh))
    }

    /// Judges the files of a batch, one outcome for each subject; `None` for what is no file.
    pub(crate) fn files(&mut self, judge: &Judge, batch: &[Subject]) -> Vec<Option<Outcome>> {
        let next = AtomicUsize::new(0);
        let work = |cache: &mut VerifierCache| {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                let Some(subject) = batch.get(at) else {
                    return done;
                };
                if subject.is_file() {
                    done.push((at, read_and_judge(judge, subject, cache)));
                }
            }
        };
        let work = &work;
        let done: Vec<(usize, Outcome)> = thread::scope(|scope| {
            let caches = self.caches.iter_mut();
            let threads: Vec<_> = caches.map(|cache| scope.spawn(|| work(cache))).collect();
            let ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
            ended.flat_map(Result::unwrap_or_default).collect()
        });
        let mut outcomes: Vec<Option<Outcome>> = batch
            .iter()
            .map(|subject| subject.is_file().then(lost))
            .collect();
        for (at, outcome) in done {
            if let Some(place) = outcomes.get_mut(at) {
                *place = Some(outcome);
            }
        }
        outcomes
    }
}

/// What stands for a file until it is judged: a thread that ended early is no verdict.
fn lost() -> Outcome {
    Err(CommandError::System("a thread ended early".to_owned()))
}

fn read_and_judge(judge: &Judge, subject: &Subject, cache: &mut VerifierCache) -> Outcome {
    let bytes = match subject {
        Subject::File(path) => read_proof_file(path)?,
        Subject::Found(path) => read_found_file(path)?,
        Subject::Unreadable(..) | Subject::Number(_) => return lost(),
    };
    Ok(judge.judge(&subject.name(), &bytes, cache))
}
