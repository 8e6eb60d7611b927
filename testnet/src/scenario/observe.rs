//! After the healing: everything the nodes show is read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use piao_api::backend::{ProofForm, Show};
use piao_api::client::{Client, ClientError};
use piao_api::wire::invoice::DocumentState;
use piao_chain::proof::{Finding, TrustRoot, TrustRootEnvelope, VerifyOptions, verify};
use piao_chain::time::BlockTime;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::fleet::Fleet;
use super::load::Desk;
use super::world::{AccountSeen, Acknowledged, BlockSeen, NodeSeen};
use super::{ScenarioError, other};
use crate::crash::{ACCOUNTS, Dice, Promises, SELLERS, TopUps, fen, gross, lock, totals};

/// Calls in flight while reading.
const AT_ONCE: usize = 8;
/// Invoices that are read and proved, at most; all when there are fewer.
const SAMPLE_MAX: usize = 500;
/// Nodes that are not level by then are not.
const LEVEL_WITHIN: Duration = Duration::from_secs(180);
/// How often a state that nobody announces is asked for.
const ASK_EVERY: Duration = Duration::from_millis(100);
/// A node that is busy is asked again so often.
const TRIES: usize = 50;

/// Everything that was acknowledged, by key.
pub(crate) fn acknowledged(promises: &Promises) -> Vec<Acknowledged> {
    let issued = promises.entries().filter_map(|(key, entry)| {
        let promised = entry.promised.as_ref()?;
        Some(Acknowledged {
            key: key.clone(),
            account: entry.account,
            number: promised.number.clone(),
            counter: promised.counter,
            txid: promised.txid.clone(),
            height: promised.height,
            fee_fen: fen(&promised.fee).unwrap_or(0),
        })
    });
    issued.collect()
}

/// Waits until every node that keeps the rules is at the highest height that any has now, or higher; that height.
pub(crate) async fn level(fleet: &Fleet) -> Option<u64> {
    let deadline = Instant::now() + LEVEL_WITHIN;
    let mut target = 0;
    let honest = fleet.honest();
    for client in &honest {
        target = target.max(again(|| client.chain()).await.ok()?.height);
    }
    for client in &honest {
        loop {
            if client.chain().await.is_ok_and(|tip| tip.height >= target) {
                break;
            }
            if Instant::now() >= deadline {
                return None;
            }
            sleep(ASK_EVERY).await;
        }
    }
    Some(target)
}

/// Reads what a node shows of the chain, up to a height.
pub(crate) async fn node(
    client: &Client,
    name: &str,
    height: u64,
) -> Result<NodeSeen, ScenarioError> {
    let mut blocks = BTreeMap::new();
    let mut tasks = JoinSet::new();
    let mut next = 1..=height;
    loop {
        while tasks.len() < AT_ONCE
            && let Some(height) = next.next()
        {
            let client = client.clone();
            tasks.spawn(async move {
                let block = again(|| client.block(height)).await;
                block.map(|block| (height, block))
            });
        }
        let Some(read) = tasks.join_next().await else {
            break;
        };
        let (height, block) = read.map_err(|error| other(error.to_string()))??;
        let issued = block.transactions.into_iter();
        let issued = issued.filter_map(|one| Some((one.txid, one.number?)));
        let seen = BlockSeen {
            id: block.block_id,
            parent: block.parent_id,
            proposer: block.proposer,
            signers: block.certificate.map_or_else(Vec::new, |one| one.signers),
            issued: issued.collect(),
        };
        blocks.insert(height, seen);
    }
    let totals = again(|| totals(client)).await?;
    Ok(NodeSeen {
        name: name.to_owned(),
        blocks,
        minted_fen: totals.minted_fen,
        collected_fen: totals.collected_fen,
        invoices: u64::try_from(totals.invoices).unwrap_or(0),
        ..NodeSeen::default()
    })
}

/// Balances of a network before its first invoice.
pub(crate) async fn opening(client: &Client) -> Result<BTreeMap<u32, i64>, ScenarioError> {
    let mut opening = BTreeMap::new();
    for account in ACCOUNTS {
        let seen = again(|| client.account(Some(account))).await?;
        opening.insert(account, amount(&seen.fee_balance)?);
    }
    Ok(opening)
}

/// Accounts as they are at the merchant's node.
pub(crate) async fn accounts(
    client: &Client,
    opening: &BTreeMap<u32, i64>,
    top_ups: &TopUps,
) -> Result<Vec<AccountSeen>, ScenarioError> {
    let mut accounts = Vec::new();
    for account in ACCOUNTS {
        let seen = again(|| client.account(Some(account))).await?;
        let before = opening.get(&account).copied().unwrap_or(0);
        accounts.push(AccountSeen {
            account,
            credited_fen: before + top_ups.credited_fen(account),
            balance_fen: amount(&seen.fee_balance)?,
            reserved_fen: amount(&seen.reserved)?,
            issued: seen.issued_count,
            is_seller: SELLERS.contains(&account),
        });
    }
    Ok(accounts)
}

fn amount(text: &str) -> Result<i64, ScenarioError> {
    fen(text).ok_or_else(|| other(format!("{text} is no amount")))
}

/// The trust root as a node gives it, to be pinned.
pub(crate) async fn trust_root(client: &Client) -> Result<TrustRoot, ScenarioError> {
    let text = client.trust_root().await?;
    let envelope: TrustRootEnvelope =
        serde_json::from_slice(&text).map_err(|error| other(error.to_string()))?;
    TrustRoot::open(&envelope).map_err(|error| other(error.to_string()))
}

/// What reading and proving invoices came to.
#[derive(Default)]
pub(crate) struct Looked {
    pub(crate) count: usize,
    pub(crate) torn: Vec<String>,
    pub(crate) unproved: Vec<String>,
}

/// Reads invoices at the merchant's node, and has nodes in turn prove them.
pub(crate) async fn invoices(
    fleet: &Arc<Fleet>,
    desk: &Desk,
    root: &TrustRoot,
    acknowledged: &[Acknowledged],
    seed: u64,
) -> Result<Looked, ScenarioError> {
    let mut looked = Looked::default();
    let mut tasks = JoinSet::new();
    for (turn, one) in sample(acknowledged, seed).into_iter().enumerate() {
        if tasks.len() >= AT_ONCE
            && let Some(done) = tasks.join_next().await
        {
            note(&mut looked, done)?;
        }
        let provers = fleet.honest();
        let prover = provers.get(turn % provers.len().max(1)).copied();
        let prover = prover.cloned().ok_or_else(|| other("no nodes"))?;
        let (desk, root, one) = (desk.clone(), root.clone(), one.clone());
        tasks.spawn(async move {
            let torn = read(&desk, &one).await.err();
            (torn, prove(&prover, &root, &one.number).await.err())
        });
    }
    while let Some(done) = tasks.join_next().await {
        note(&mut looked, done)?;
    }
    Ok(looked)
}

type Wrong = (Option<String>, Option<String>);

fn note(
    looked: &mut Looked,
    done: Result<Wrong, tokio::task::JoinError>,
) -> Result<(), ScenarioError> {
    let (torn, unproved) = done.map_err(|error| other(error.to_string()))?;
    looked.count += 1;
    looked.torn.extend(torn);
    looked.unproved.extend(unproved);
    Ok(())
}

/// All of them, or some when there are many.
fn sample(all: &[Acknowledged], seed: u64) -> Vec<&Acknowledged> {
    let mut chosen: Vec<&Acknowledged> = all.iter().collect();
    let mut dice = Dice::new(seed, u64::MAX - 1);
    while chosen.len() > SAMPLE_MAX {
        let at = dice.at(chosen.len());
        chosen.swap_remove(at);
    }
    chosen
}

/// Reads an invoice: it must be what was acknowledged, whole.
async fn read(desk: &Desk, one: &Acknowledged) -> Result<(), String> {
    let number = &one.number;
    let shown = again(|| desk.client.invoice(number)).await;
    let shown = shown.map_err(|error| format!("{number} can't be read: {error}"))?;
    let document = &shown.document;
    let price = {
        let promises = lock(&desk.promises);
        let entry = promises.entry(&one.key);
        entry.and_then(|entry| Some(entry.promised.as_ref()?.price))
    };
    let is_whole = document.number == *number
        && document.counter == one.counter
        && document.txid == one.txid
        && document.height == one.height
        && document.order_ref.as_ref() == Some(&one.key)
        && price.is_some_and(|price| document.totals.gross == gross(one.account, price))
        && document.lines.len() == 1
        && document.buyer.name.is_some()
        && shown.document_state == DocumentState::Held;
    if is_whole {
        return Ok(());
    }
    Err(format!(
        "{number} is not what was acknowledged: count {}, block {}, order {:?}, {}",
        document.counter, document.height, document.order_ref, document.totals.gross
    ))
}

/// Fetches a proof from a node and verifies it offline.
async fn prove(client: &Client, root: &TrustRoot, number: &str) -> Result<(), String> {
    let nothing = Show::Nothing;
    let proof = again(|| client.proof(number, ProofForm::Binary, &nothing)).await;
    let from = client.base_url();
    let proof = proof.map_err(|error| format!("{number} has no proof at {from}: {error}"))?;
    let options = VerifyOptions {
        now: now(),
        max_age_ms: None,
    };
    let verdict = verify(&proof.bytes, Some(root), &options);
    if verdict.verdict == Finding::InForce && verdict.number.as_deref() == Some(number) {
        return Ok(());
    }
    Err(format!(
        "{number} is not proved by {from}: {:?}",
        verdict.reason
    ))
}

/// Asks again while a node is busy or its connection breaks.
async fn again<T, F>(mut call: impl FnMut() -> F) -> Result<T, ClientError>
where
    F: Future<Output = Result<T, ClientError>>,
{
    for _try in 1..TRIES {
        match call().await {
            Err(ClientError::Refused { status, .. }) if status == 429 || status >= 500 => {}
            Err(ClientError::Unreachable(_)) => {}
            done => return done,
        }
        sleep(ASK_EVERY).await;
    }
    call().await
}

fn now() -> BlockTime {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH);
    let ms = elapsed.map_or(0, |elapsed| elapsed.as_millis());
    BlockTime::from_ms(u64::try_from(ms).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_all_of_few_and_some_of_many() {
        let many: Vec<_> = (0..600)
            .map(|n| Acknowledged {
                counter: n,
                ..Acknowledged::default()
            })
            .collect();
        assert_eq!(sample(&many[..20], 1).len(), 20);
        assert_eq!(sample(&many, 1).len(), SAMPLE_MAX);
        assert_eq!(sample(&many, 1), sample(&many, 1));
    }
}
