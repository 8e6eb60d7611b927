//! Keys whose request is being judged right now.
//!
//! Guards: of several calls with one key, one does the work and the others wait for it, whatever
//! draft they bring: only an accepted request binds a key, and whether there is one is known when the
//! work is done. A refusal binds nothing, so whoever waited then tries for itself.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

/// Calls that may wait for one key; one more is told that it is in flight.
const JOINERS_MAX: usize = 16;

/// A key of an account.
pub(super) type AccountKey = (u32, String);

#[derive(Debug)]
struct Running {
    done: watch::Receiver<()>,
    joiners: usize,
}

/// The keys being worked on.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    running: Mutex<HashMap<AccountKey, Running>>,
}

/// Holds a key until it is dropped.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    all: &'a InFlight,
    key: AccountKey,
    _done: watch::Sender<()>,
}

/// What a call with a key does now.
#[derive(Debug)]
pub(super) enum Turn<'a> {
    /// The work.
    Mine(Claim<'a>),
    /// Wait until this closes, then ask again.
    Wait(watch::Receiver<()>),
    /// Too many wait already.
    Crowded,
}

impl InFlight {
    /// Takes the key, or says what to do instead.
    pub(super) fn claim(&self, key: AccountKey) -> Turn<'_> {
        let mut running = self.lock();
        if let Some(other) = running.get_mut(&key) {
            if other.joiners >= JOINERS_MAX {
                return Turn::Crowded;
            }
            other.joiners += 1;
            return Turn::Wait(other.done.clone());
        }
        let (sender, done) = watch::channel(());
        let entry = Running { done, joiners: 0 };
        running.insert(key.clone(), entry);
        Turn::Mine(Claim {
            all: self,
            key,
            _done: sender,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountKey, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.all.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_works_the_others_wait_and_a_crowd_is_turned_away() {
        let all = InFlight::default();
        let key = || (1, "k".to_owned());
        let Turn::Mine(claim) = all.claim(key()) else {
            panic!("the first call has the key");
        };
        for _joiner in 0..JOINERS_MAX {
            assert!(matches!(all.claim(key()), Turn::Wait(_)));
        }
        assert!(matches!(all.claim(key()), Turn::Crowded));
        drop(claim);
        assert!(matches!(all.claim(key()), Turn::Mine(_)));
    }
}
