//! Clients that issue until they are told to stop, or the node is gone.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use piao_api::client::{Client, ClientError, IssueOptions, Issued};
use piao_api::idempotency::IdempotencyKey;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::dice::Dice;
use super::draft::{PRICE_MAX, Price, SELLERS, draft};
use super::promises::{IN_FLIGHT, Promises, Told};
use super::{CrashError, other};

/// How long a call may wait for its invoice.
const FINAL_WITHIN: Duration = Duration::from_secs(10);

/// A load that has not got as far by then hangs.
const PROGRESS_WITHIN: Duration = Duration::from_secs(60);

/// Keys of other calls that a duplicate is chosen from.
const RECENT_KEYS: usize = 64;

/// What to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Calls in flight at once.
    pub(crate) clients: usize,
    /// Calls at most, duplicates included.
    pub(crate) calls_max: u64,
    /// Calls of a hundred that use a key again; half of them with another draft.
    pub(crate) duplicates_percent: u64,
    /// Tells the keys of one load from those of another.
    pub(crate) round: u64,
    /// What the choices follow from.
    pub(crate) seed: u64,
}

/// A load under way.
pub(crate) struct Load {
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    client: Client,
    promises: Arc<Mutex<Promises>>,
    plan: Plan,
    calls: AtomicU64,
    answered: AtomicU64,
    running: AtomicU64,
    stop: AtomicBool,
    /// Wakes who waits for progress.
    progress: Notify,
    recent: Mutex<Vec<(u32, String, Price)>>,
}

impl Load {
    /// Starts the clients.
    pub(crate) fn start(client: &Client, promises: &Arc<Mutex<Promises>>, plan: Plan) -> Self {
        let shared = Arc::new(Shared {
            client: client.clone(),
            promises: Arc::clone(promises),
            plan,
            calls: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            running: AtomicU64::new(u64::try_from(plan.clients).unwrap_or(u64::MAX)),
            stop: AtomicBool::new(false),
            progress: Notify::new(),
            recent: Mutex::default(),
        });
        let tasks = (0u64..).take(plan.clients).map(|number| {
            let shared = Arc::clone(&shared);
            tokio::spawn(async move {
                shared.run(number).await;
                shared.running.fetch_sub(1, Ordering::Relaxed);
                shared.progress.notify_one();
            })
        });
        let tasks = tasks.collect();
        Self { shared, tasks }
    }

    /// Waits until so many calls were answered, or every client has ended.
    pub(crate) async fn wait_for(&self, answers: u64) -> Result<(), CrashError> {
        let shared = &self.shared;
        let until = async {
            while shared.answered.load(Ordering::Relaxed) < answers
                && shared.running.load(Ordering::Relaxed) > 0
            {
                shared.progress.notified().await;
            }
        };
        let hangs = |_elapsed| other(format!("no {answers} answers within {PROGRESS_WITHIN:?}"));
        tokio::time::timeout(PROGRESS_WITHIN, until)
            .await
            .map_err(hangs)
    }

    /// Tells the clients to stop after their call, and waits for them.
    pub(crate) async fn end(self) -> Result<(), CrashError> {
        self.shared.stop.store(true, Ordering::Relaxed);
        for task in self.tasks {
            task.await.map_err(|error| other(error.to_string()))?;
        }
        Ok(())
    }
}

impl Shared {
    /// One client.
    async fn run(&self, number: u64) {
        let Plan { seed, round, .. } = self.plan;
        let mut dice = Dice::new(seed ^ (round << 20), number.wrapping_add(1));
        let mut own = 0u64;
        while !self.stop.load(Ordering::Relaxed)
            && self.calls.fetch_add(1, Ordering::Relaxed) < self.plan.calls_max
        {
            own += 1;
            let fresh = format!("r{round}-c{number}-{own}");
            let (account, key, price) = self.choose(&mut dice, fresh);
            let said = issue(&self.client, &self.promises, account, &key, price).await;
            if matches!(said, Err(ClientError::Unreachable(_))) {
                return;
            }
            self.answered.fetch_add(1, Ordering::Relaxed);
            self.progress.notify_one();
        }
    }

    /// A new key with a draft, or one of another call with the same draft or another.
    fn choose(&self, dice: &mut Dice, fresh: String) -> (u32, String, Price) {
        let mut recent = lock(&self.recent);
        if dice.below(100) < self.plan.duplicates_percent
            && let Some((account, key, price)) = recent.get(dice.at(recent.len())).cloned()
        {
            return (account, key, price.saturating_add(dice.below(2)));
        }
        let account = SELLERS[usize::from(dice.below(4) == 0)];
        let price = dice.below(PRICE_MAX).saturating_add(1);
        let chosen = (account, fresh, price);
        if recent.len() < RECENT_KEYS {
            recent.push(chosen.clone());
        } else {
            let at = dice.at(RECENT_KEYS);
            recent[at] = chosen.clone();
        }
        chosen
    }
}

/// One call, noted before it is made and when it is answered.
pub(crate) async fn issue(
    client: &Client,
    promises: &Mutex<Promises>,
    account: u32,
    key: &str,
    price: Price,
) -> Result<Issued, ClientError> {
    let call = Call {
        account,
        key,
        price,
        wait: FINAL_WITHIN,
    };
    send(client, promises, &call, draft(account, key, price)).await
}

/// A call to issue.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) account: u32,
    /// Idempotency key, and the order's reference.
    pub(crate) key: &'a str,
    pub(crate) price: Price,
    /// How long it may wait for its invoice.
    pub(crate) wait: Duration,
}

/// The same with a draft of the caller's, which must be of that order and price.
pub(crate) async fn send(
    client: &Client,
    promises: &Mutex<Promises>,
    call: &Call<'_>,
    body: Bytes,
) -> Result<Issued, ClientError> {
    let Call {
        account,
        key,
        price,
        wait,
    } = *call;
    let options = IssueOptions {
        account: Some(account),
        timeout: Some(wait),
        ..IssueOptions::default()
    };
    let unusable = |_fault| ClientError::Unusable(format!("{key} is no idempotency key"));
    let idempotency_key = IdempotencyKey::parse(key).map_err(unusable)?;
    lock(promises).sending(account, key, price);
    let said = client.issue(body, &idempotency_key, &options).await;
    let told = match &said {
        Ok(Issued::Final { invoice, .. }) => Told::Final(&invoice.document),
        Err(ClientError::Refused {
            problem, status, ..
        }) if *status < 500 && problem.code != IN_FLIGHT => Told::Refused {
            code: &problem.code,
        },
        Ok(Issued::Pending(_)) | Err(_) => Told::Nothing,
    };
    lock(promises).told(key, price, &told);
    said
}

/// The promises, or whatever else lies in a lock: a client that panicked ends the run anyway.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
