//! The invariants, each a judgement over plain data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::byzantine;
use super::world::{NodeSeen, World};

/// Memory of a node, at most: a debug build under load stays far below.
const RSS_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Open descriptors of a node, at most.
const DESCRIPTORS_MAX: usize = 512;
/// Lines of evidence in a report, at most, for each invariant.
const LINES_MAX: usize = 20;

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Invariant {
    /// Every acknowledged invoice is on every node: number, transaction, height; and whole.
    I1,
    /// One block at a height, on every node, for ever.
    I2,
    /// What was minted is what accounts hold and what was collected.
    I3,
    /// No number twice, one invoice a key, counters without a gap.
    I4,
    /// Every acknowledged invoice's proof verifies offline.
    I5,
    /// Nothing private leaves the merchant's node.
    I6,
    /// After the healing the chain goes on, and every node with it.
    I7,
    /// No validator signs two different things.
    I8,
    /// Memory and descriptors stay below their caps.
    I9,
    /// No panic; every node starts and stops when told.
    I10,
}

impl Invariant {
    /// All of them.
    pub(crate) const ALL: [Self; 10] = [
        Self::I1,
        Self::I2,
        Self::I3,
        Self::I4,
        Self::I5,
        Self::I6,
        Self::I7,
        Self::I8,
        Self::I9,
        Self::I10,
    ];
}

/// How an invariant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Broken,
    /// There was nothing to look at.
    NotChecked,
}

/// An invariant judged.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Judged {
    pub(crate) name: Invariant,
    pub(crate) verdict: Verdict,
    /// What was looked at, or what is wrong.
    pub(crate) evidence: Vec<String>,
}

/// Judges what is asked for.
pub(crate) fn judge(world: &World, asked: &[Invariant]) -> Vec<Judged> {
    asked.iter().map(|name| judge_one(*name, world)).collect()
}

fn judge_one(name: Invariant, world: &World) -> Judged {
    if name == Invariant::I6 && world.leaks.is_none() {
        return Judged {
            name,
            verdict: Verdict::NotChecked,
            evidence: vec!["the load has no canary".to_owned()],
        };
    }
    let (looked_at, mut broken) = match name {
        Invariant::I1 => acknowledged_everywhere(world),
        Invariant::I2 => one_block_a_height(world),
        Invariant::I3 => money(world),
        Invariant::I4 => numbers_and_counters(world),
        Invariant::I5 => (
            format!("{} proofs verified offline", world.proofs),
            proofs(world),
        ),
        Invariant::I6 => (
            "data directories of other nodes, and every log".to_owned(),
            world.leaks.clone().unwrap_or_default(),
        ),
        Invariant::I7 => liveness(world),
        Invariant::I8 => misconduct(world),
        Invariant::I9 => caps(world),
        Invariant::I10 => panics(world),
    };
    if broken.is_empty() {
        return Judged {
            name,
            verdict: Verdict::Holds,
            evidence: vec![looked_at],
        };
    }
    let more = broken.len().saturating_sub(LINES_MAX);
    broken.truncate(LINES_MAX);
    if more > 0 {
        broken.push(format!("and {more} more"));
    }
    Judged {
        name,
        verdict: Verdict::Broken,
        evidence: broken,
    }
}

fn acknowledged_everywhere(world: &World) -> (String, Vec<String>) {
    let mut broken = world.torn.clone();
    if world.nodes.is_empty() {
        broken.push("no node was looked at".to_owned());
    }
    for one in &world.acknowledged {
        for node in &world.nodes {
            let block = node.blocks.get(&one.height);
            let is_there = block.is_some_and(|block| {
                let mut issued = block.issued.iter();
                issued.any(|(txid, number)| *txid == one.txid && *number == one.number)
            });
            if !is_there {
                broken.push(format!(
                    "{}: block {} does not issue {} (key {}, transaction {})",
                    node.name, one.height, one.number, one.key, one.txid
                ));
            }
        }
    }
    let looked_at = format!(
        "{} acknowledged invoices on {} nodes, {} read whole",
        world.acknowledged.len(),
        world.nodes.len(),
        world.read
    );
    (looked_at, broken)
}

fn one_block_a_height(world: &World) -> (String, Vec<String>) {
    let mut ids: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    for (height, said) in &world.history {
        let at = ids.entry(*height).or_default();
        at.extend(said.iter().map(String::as_str));
    }
    let mut broken = Vec::new();
    for node in &world.nodes {
        let mut before: Option<&str> = None;
        for (height, block) in &node.blocks {
            ids.entry(*height).or_default().insert(&block.id);
            if before.is_some_and(|before| before != block.parent) {
                broken.push(format!(
                    "{}: block {height} does not follow from the one before",
                    node.name
                ));
            }
            before = Some(&block.id);
        }
    }
    let forks = ids.iter().filter(|(_height, ids)| ids.len() > 1);
    broken.extend(forks.map(|(height, ids)| format!("height {height} has blocks {ids:?}")));
    let tip = ids.keys().next_back().copied().unwrap_or(0);
    (
        format!(
            "heights 1 to {tip} on {} nodes, {} sampled meanwhile",
            world.nodes.len(),
            world.history.len()
        ),
        broken,
    )
}

fn money(world: &World) -> (String, Vec<String>) {
    let mut broken = Vec::new();
    let mut fees: BTreeMap<u32, i64> = BTreeMap::new();
    for one in &world.acknowledged {
        *fees.entry(one.account).or_default() += one.fee_fen;
    }
    for account in &world.accounts {
        let paid = fees.get(&account.account).copied().unwrap_or(0);
        let expected = account.credited_fen - paid;
        if account.balance_fen != expected || account.reserved_fen != 0 {
            broken.push(format!(
                "account {}: {} fen, {expected} expected; {} reserved",
                account.account, account.balance_fen, account.reserved_fen
            ));
        }
    }
    let held: i64 = world.accounts.iter().map(|one| one.balance_fen).sum();
    let credited: i64 = world.accounts.iter().map(|one| one.credited_fen).sum();
    let paid: i64 = fees.values().sum();
    for node in &world.nodes {
        let NodeSeen {
            minted_fen,
            collected_fen,
            ..
        } = node;
        let holds = *minted_fen == held + collected_fen
            && *minted_fen == credited
            && *collected_fen == paid;
        if !holds {
            broken.push(format!(
                "{}: minted {minted_fen} fen, collected {collected_fen}; held {held}, \
                 credited {credited}, fees of acknowledged invoices {paid}",
                node.name
            ));
        }
    }
    (
        format!("minted {credited} fen = held {held} + collected {paid}, on every node"),
        broken,
    )
}

fn numbers_and_counters(world: &World) -> (String, Vec<String>) {
    let mut broken = world.contradictions.clone();
    for node in &world.nodes {
        let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
        for (height, block) in &node.blocks {
            for (_txid, number) in &block.issued {
                if let Some(before) = numbers.insert(number, *height) {
                    broken.push(format!(
                        "{}: number {number} in blocks {before} and {height}",
                        node.name
                    ));
                }
            }
        }
        let known: BTreeSet<&str> = world
            .acknowledged
            .iter()
            .map(|one| one.number.as_str())
            .collect();
        let nobodys = numbers.keys().find(|number| !known.contains(**number));
        if nobodys.is_some() || node.invoices != u64::try_from(known.len()).unwrap_or(0) {
            broken.push(format!(
                "{}: {} invoices on the chain, {} in its blocks, {} acknowledged; nobody's: {nobodys:?}",
                node.name,
                node.invoices,
                numbers.len(),
                known.len()
            ));
        }
    }
    let mut keys = BTreeSet::new();
    for one in &world.acknowledged {
        if !keys.insert(&one.key) {
            broken.push(format!("key {} has two invoices", one.key));
        }
    }
    for account in world.accounts.iter().filter(|one| one.is_seller) {
        let of_account = world
            .acknowledged
            .iter()
            .filter(|one| one.account == account.account);
        let mut counters: Vec<u64> = of_account.map(|one| one.counter).collect();
        counters.sort_unstable();
        let gap = (1u64..).zip(&counters).find(|(want, have)| want != *have);
        let count = u64::try_from(counters.len()).unwrap_or(0);
        if gap.is_some() || account.issued != count {
            broken.push(format!(
                "account {}: counts are not 1 to {count} (wanted and found {gap:?}); the chain says {}",
                account.account, account.issued
            ));
        }
    }
    (format!("{} keys, one invoice each", keys.len()), broken)
}

fn proofs(world: &World) -> Vec<String> {
    let mut broken = world.unproved.clone();
    if world.proofs == 0 && !world.acknowledged.is_empty() {
        broken.push("no proof was looked at".to_owned());
    }
    broken
}

fn liveness(world: &World) -> (String, Vec<String>) {
    let recovery = &world.recovery;
    let mut broken = recovery.unknown.clone();
    match recovery.new_height_after {
        Some(took) if took <= recovery.liveness_within => {}
        Some(took) => broken.push(format!(
            "a new height only {took:?} after the healing, {:?} are allowed",
            recovery.liveness_within
        )),
        None => broken.push("no new height after the healing".to_owned()),
    }
    if recovery.level_after.is_none() {
        broken.push("not every node came level".to_owned());
    }
    let (height, heights) = (recovery.height, recovery.heights);
    if height < heights {
        broken.push(format!(
            "height {height} at the end, {heights} were asked for"
        ));
    }
    (
        format!(
            "a new height {:?} after the healing, all nodes level after {:?}",
            recovery.new_height_after.unwrap_or_default(),
            recovery.level_after.unwrap_or_default()
        ),
        broken,
    )
}

fn misconduct(world: &World) -> (String, Vec<String>) {
    let mut broken = byzantine::misconduct(world);
    let mut wiped = 0;
    for node in &world.nodes {
        wiped += node.wiped;
        if node.said_it_forgot < node.wiped {
            broken.push(format!(
                "{} was wiped {} times and said {} times that it follows before it votes",
                node.name, node.wiped, node.said_it_forgot
            ));
        }
    }
    (
        format!(
            "every log; {wiped} wiped validators followed before they voted{}",
            byzantine::told(world)
        ),
        broken,
    )
}

fn caps(world: &World) -> (String, Vec<String>) {
    let mut broken = Vec::new();
    for node in &world.nodes {
        if node.rss_bytes > RSS_BYTES_MAX || node.descriptors > DESCRIPTORS_MAX {
            broken.push(format!(
                "{}: {} bytes in memory, {} descriptors; {RSS_BYTES_MAX} and {DESCRIPTORS_MAX} are allowed",
                node.name, node.rss_bytes, node.descriptors
            ));
        }
    }
    let rss = world.nodes.iter().map(|node| node.rss_bytes).max();
    let descriptors = world.nodes.iter().map(|node| node.descriptors).max();
    (
        format!(
            "at most {} MiB and {} descriptors",
            rss.unwrap_or(0) / (1024 * 1024),
            descriptors.unwrap_or(0)
        ),
        broken,
    )
}

fn panics(world: &World) -> (String, Vec<String>) {
    let mut broken = world.recovery.faults.clone();
    for node in &world.nodes {
        let lines = node.panics.iter();
        broken.extend(lines.map(|line| format!("{}: {line}", node.name)));
    }
    let looked_at = format!(
        "{} logs; every node started and stopped when told",
        world.nodes.len()
    );
    (looked_at, broken)
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
