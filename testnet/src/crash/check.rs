//! After a crash: everything that was promised is held against what the node has now.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use piao_api::backend::{ProofForm, Show};
use piao_api::client::{Client, ClientError, Issued};
use piao_api::wire::invoice::DocumentState;
use piao_chain::proof::{Finding, TrustRoot, VerifyOptions, verify};
use piao_chain::time::BlockTime;
use tokio::task::JoinSet;

use super::draft::gross;
use super::load::{issue, lock};
use super::promises::{Entry, KEY_CONFLICT, Promises};
use super::world::World;
use super::{CrashError, other};

/// Calls in flight while checking.
const AT_ONCE: usize = 8;

/// Invoices of earlier rounds that are looked at again after each crash.
const OLD_ONES: usize = 8;

/// Asked at most so often what became of a key that is still being worked on.
const ASKED_MAX: usize = 20;

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What was promised since the last look, and some older invoices.
    New,
    /// Everything ever promised.
    All,
}

impl World {
    /// Settles what is in doubt, then looks at invoices, proofs, keys, counts, blocks and money. A
    /// node that goes away meanwhile has broken its promises.
    pub(crate) async fn check(&mut self, client: &Client, depth: Depth) -> Result<(), CrashError> {
        match self.look(client, depth).await {
            Err(CrashError::Client(error)) => {
                let words = self.launch.last_words();
                let line =
                    format!("while the node was looked at: {error}; its last words: {words}");
                lock(&self.promises).breach(line);
                Ok(())
            }
            other => other,
        }
    }

    async fn look(&mut self, client: &Client, depth: Depth) -> Result<(), CrashError> {
        self.settle(client).await?;
        let settled = self.top_ups.settle(client, depth == Depth::New).await;
        if let Err(line) = settled {
            lock(&self.promises).breach(line);
        }
        let keys = self.chosen(depth);
        self.figures.looked_at += keys.len();
        let mut tasks = JoinSet::new();
        for key in keys {
            if tasks.len() >= AT_ONCE {
                joined(tasks.join_next().await)?;
            }
            let look = Look {
                client: client.clone(),
                promises: Arc::clone(&self.promises),
                root: self.root.clone(),
                key,
            };
            tasks.spawn(look.run());
        }
        while let Some(done) = tasks.join_next().await {
            joined(Some(done))?;
        }
        self.check_blocks(client).await?;
        self.opening
            .check(client, &self.promises, &self.top_ups)
            .await?;
        Ok(())
    }

    /// Asks what became of every key without an answer, with each draft it was sent with.
    async fn settle(&mut self, client: &Client) -> Result<(), CrashError> {
        let doubted: Vec<(String, Entry)> = {
            let promises = lock(&self.promises);
            let doubted = promises
                .entries()
                .filter(|(_key, entry)| entry.is_in_doubt());
            doubted
                .map(|(key, entry)| (key.clone(), entry.clone()))
                .collect()
        };
        self.figures.in_doubt += doubted.len();
        for (key, entry) in doubted {
            for price in entry.prices {
                ask(client, &self.promises, entry.account, &key, price).await?;
            }
            let mut promises = lock(&self.promises);
            let is_issued = promises
                .entry(&key)
                .is_some_and(|entry| entry.promised.is_some());
            if !is_issued {
                promises.breach(format!(
                    "key {key}: sent again, and no draft of it is issued"
                ));
            }
            promises.settled(&key);
        }
        Ok(())
    }

    /// Which keys to look at.
    fn chosen(&mut self, depth: Depth) -> Vec<String> {
        let promises = lock(&self.promises);
        let issued = promises
            .entries()
            .filter(|(_key, entry)| entry.promised.is_some());
        let all: Vec<&String> = issued.map(|(key, _entry)| key).collect();
        let mut chosen: Vec<String> = all
            .iter()
            .filter(|key| depth == Depth::All || !self.checked.contains(**key))
            .map(|key| (*key).clone())
            .collect();
        if depth == Depth::New {
            for _old in 0..OLD_ONES.min(all.len()) {
                chosen.push(all[self.dice.at(all.len())].clone());
            }
        }
        self.checked.extend(chosen.iter().cloned());
        chosen
    }

    async fn check_blocks(&mut self, client: &Client) -> Result<(), CrashError> {
        let broken = self.walked.walk(client).await?;
        let mut promises = lock(&self.promises);
        for line in broken {
            promises.breach(line);
        }
        let unknown = |number: &&String| promises.key_of(number).is_none();
        let invented = self.walked.numbers().find(unknown).cloned();
        let (issued, promised) = (self.walked.count(), promises.promised_count());
        if invented.is_some() || issued != promised {
            promises.breach(format!(
                "the blocks issue {issued} invoices, {promised} were promised; not promised: {invented:?}"
            ));
        }
        Ok(())
    }
}

fn joined(done: Option<Result<(), tokio::task::JoinError>>) -> Result<(), CrashError> {
    match done {
        Some(Err(error)) => Err(other(error.to_string())),
        Some(Ok(())) | None => Ok(()),
    }
}

/// Sends a draft until the answer tells.
async fn ask(
    client: &Client,
    promises: &Mutex<Promises>,
    account: u32,
    key: &str,
    price: u64,
) -> Result<(), CrashError> {
    for _time in 0..ASKED_MAX {
        match issue(client, promises, account, key, price).await {
            Ok(Issued::Final { .. }) => return Ok(()),
            Ok(Issued::Pending(_)) => {}
            Err(ClientError::Refused { problem, .. }) if problem.code == KEY_CONFLICT => {
                return Ok(());
            }
            Err(ClientError::Refused { status, .. }) if status == 429 || status >= 500 => {}
            Err(ClientError::Refused { problem, .. }) if problem.code == "E1409" => {}
            Err(ClientError::Refused { problem, .. }) => {
                let line = format!("key {key}: sent again, refused: {}", problem.code);
                lock(promises).breach(line);
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        tokio::task::yield_now().await;
    }
    lock(promises).breach(format!(
        "key {key}: no answer that tells in {ASKED_MAX} calls"
    ));
    Ok(())
}

/// One promised invoice: read, proved, and asked for again.
struct Look {
    client: Client,
    promises: Arc<Mutex<Promises>>,
    root: TrustRoot,
    key: String,
}

impl Look {
    async fn run(self) {
        if let Err(why) = self.look().await {
            let line = format!("key {}: {why}", self.key);
            lock(&self.promises).breach(line);
        }
    }

    async fn look(&self) -> Result<(), String> {
        let entry = lock(&self.promises).entry(&self.key).cloned();
        let entry = entry.ok_or("unknown")?;
        let promised = entry.promised.ok_or("not promised")?;
        let number = &promised.number;
        let shown = self.client.invoice(number).await;
        let shown = shown.map_err(|error| format!("{number} can't be read: {error}"))?;
        let document = &shown.document;
        let is_whole = document.number == *number
            && document.counter == promised.counter
            && document.order_ref.as_ref() == Some(&self.key)
            && document.totals.gross == gross(entry.account, promised.price)
            && document.lines.len() == 1
            && document.buyer.name.is_some()
            && shown.document_state == DocumentState::Held;
        if !is_whole {
            let shown = (&document.number, &document.order_ref, document.lines.len());
            return Err(format!(
                "{number} is torn: {shown:?}, {}",
                document.totals.gross
            ));
        }
        let nothing = Show::Nothing;
        let proof = self.client.proof(number, ProofForm::Binary, &nothing).await;
        let proof = proof.map_err(|error| format!("{number} has no proof: {error}"))?;
        let options = VerifyOptions {
            now: now(),
            max_age_ms: None,
        };
        let verdict = verify(&proof.bytes, Some(&self.root), &options);
        if verdict.verdict != Finding::InForce || verdict.number.as_ref() != Some(number) {
            return Err(format!("{number} is not proved: {:?}", verdict.reason));
        }
        // The same again gives the same: the ledger of promises holds it against the first answer.
        ask(
            &self.client,
            &self.promises,
            entry.account,
            &self.key,
            promised.price,
        )
        .await
        .map_err(|error| error.to_string())?;
        // Another draft of the same key never does.
        let other_price = promised.price.saturating_add(1);
        let said = issue(
            &self.client,
            &self.promises,
            entry.account,
            &self.key,
            other_price,
        )
        .await;
        match said {
            Err(error)
                if error
                    .problem()
                    .is_some_and(|problem| problem.code == KEY_CONFLICT) =>
            {
                Ok(())
            }
            said => Err(format!(
                "another draft of an issued key was not refused: {said:?}"
            )),
        }
    }
}

fn now() -> BlockTime {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = elapsed.map_or(0, |elapsed| elapsed.as_millis());
    BlockTime::from_ms(u64::try_from(ms).unwrap_or(u64::MAX))
}
