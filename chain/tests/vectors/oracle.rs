//! The protocol a second time, from the words of `chain/SPEC.md`: slow, plain, and without any
//! encoder, digest or tree of the library.

use std::collections::BTreeMap;

use piao_chain::block::Header;
use piao_chain::document::Field;
use piao_chain::genesis::{Genesis, Network};
use piao_chain::outcome::{Effect, Outcome};
use piao_chain::state::{
    Account, AccountStatus, Fees, IssueLimits, KeyLeaf, KeyRole, Leaf, Params, QuotaStatus,
};
use piao_chain::tax::{Buyer, TaxFacts, TaxLine, Taxpayer};
use piao_chain::transaction::{Identity, IssueInvoice, Payload, TransactionBody};
use piao_chain::validator::ValidatorSet;
use sha2::Digest as _;

use crate::{announcements, deciders, oracle_red};

/// 32 bytes.
pub(crate) type D = [u8; 32];

/// SPEC 3.1.
pub(crate) fn h(tag: &str, parts: &[&[u8]]) -> D {
    blake3::derive_key(&format!("piao/1 {tag}"), &parts.concat())
}

/// SPEC 2: a byte string under construction.
#[derive(Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Bytes {
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }
    pub(crate) fn u8(self, value: u8) -> Self {
        self.raw(&[value])
    }
    pub(crate) fn u16(self, value: u16) -> Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn u32(self, value: u32) -> Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn u64(self, value: u64) -> Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn i64(self, value: i64) -> Self {
        self.raw(&value.to_be_bytes())
    }
    pub(crate) fn count(self, length: usize) -> Self {
        self.u64(u64::try_from(length).unwrap())
    }
    pub(crate) fn list<T>(self, items: &[T], one: impl Fn(Self, &T) -> Self) -> Self {
        items.iter().fold(self.count(items.len()), one)
    }
    pub(crate) fn option<T>(self, item: Option<T>, one: impl Fn(Self, T) -> Self) -> Self {
        match item {
            None => self.u8(0),
            Some(item) => one(self.u8(1), item),
        }
    }
}

/// SPEC 4.3.
pub(crate) fn header(header: &Header) -> Vec<u8> {
    Bytes::default()
        .u8(header.version)
        .u8(header.suite)
        .raw(&header.chain_id.0)
        .u64(header.height)
        .u64(header.time_ms)
        .raw(&header.parent_id.0)
        .raw(&header.hist_root)
        .u32(header.tx_count)
        .raw(&header.tx_root)
        .raw(&header.state_root)
        .raw(&header.extra_root)
        .raw(&header.valset_hash)
        .raw(&header.next_valset_hash)
        .raw(&header.params_hash)
        .raw(&header.proposer.0)
        .0
}

/// SPEC 4.4.
pub(crate) fn validator_set(set: &ValidatorSet) -> Vec<u8> {
    let list = Bytes::default().list(set.members(), |bytes, one| {
        bytes.raw(one.public_key.as_bytes()).u64(one.power)
    });
    list.0
}

fn fees(bytes: Bytes, fees: Fees) -> Bytes {
    bytes.u32(fees.issue_fen).u32(fees.failure_fen)
}

/// SPEC 4.7.
pub(crate) fn genesis(genesis: &Genesis) -> Vec<u8> {
    let network = match genesis.network {
        Network::Test => 0,
        Network::Production => 1,
    };
    let head = Bytes::default()
        .u8(genesis.version)
        .u8(genesis.suite)
        .u32(network)
        .u64(genesis.time_ms)
        .u8(genesis.channel)
        .u8(genesis.threshold)
        .list(&genesis.authority_keys, |bytes, key| {
            bytes.raw(key.as_bytes())
        })
        .raw(genesis.log_key.as_bytes())
        .raw(&validator_set(&genesis.validators))
        .u32(genesis.params.block_bytes_max);
    fees(head, genesis.params.fees)
        .u32(genesis.params.failures_per_account_per_day)
        .u16(genesis.params.rule_set)
        .raw(&genesis.nonce)
        .0
}

/// SPEC 6.2, kind 6.
pub(crate) fn params(params: &Params) -> Vec<u8> {
    fees(Bytes::default().u32(params.block_bytes_max), params.fees)
        .option(params.fees_next, |bytes, (from, next)| {
            fees(bytes.u64(from), next)
        })
        .u32(params.failures_per_account_per_day)
        .u16(params.rule_set)
        .u8(params.channel)
        .u8(params.authority_threshold)
        .list(&params.authority, |bytes, key| bytes.raw(key.as_bytes()))
        .0
}

fn identity(bytes: Bytes, identity: &Identity) -> Bytes {
    match identity {
        Identity::Clear(uscc) => bytes.u32(0).raw(uscc.as_bytes()),
        Identity::Sealed(digest) => bytes.u32(1).raw(digest),
    }
}

fn taxpayer(taxpayer: Taxpayer) -> u32 {
    match taxpayer {
        Taxpayer::General => 0,
        Taxpayer::SmallScale => 1,
    }
}

fn role(role: KeyRole) -> u32 {
    match role {
        KeyRole::Issue => 0,
        KeyRole::Admin => 1,
    }
}

fn account(bytes: Bytes, account: &Account) -> Bytes {
    let status = match account.status {
        AccountStatus::Active => 0,
        AccountStatus::Suspended => 1,
        AccountStatus::Revoked => 2,
    };
    bytes
        .u32(status)
        .u32(taxpayer(account.taxpayer))
        .u8(account.region)
        .i64(account.fee_balance_fen)
        .i64(account.month_quota_fen)
        .u32(account.quota_month)
        .i64(account.quota_used_fen)
        .u64(account.counter)
        .raw(&account.last_invoice_id.0)
        .u32(account.failures_day)
        .u32(account.failures)
}

fn key_leaf(bytes: Bytes, leaf: &KeyLeaf) -> Bytes {
    bytes
        .u32(leaf.account)
        .u32(role(leaf.role))
        .u64(leaf.from_height)
        .option(leaf.revoked_height, Bytes::u64)
        .option(leaf.disputed_since, Bytes::u64)
}

fn limits(bytes: Bytes, limits: IssueLimits) -> Bytes {
    bytes
        .i64(limits.single_invoice_fen)
        .u32(limits.invoices_per_day)
        .u32(match limits.quota {
            QuotaStatus::Open => 0,
            QuotaStatus::Suspended => 1,
        })
}

/// SPEC 6.2.
pub(crate) fn leaf(leaf: &Leaf) -> Vec<u8> {
    let bytes = Bytes::default();
    match leaf {
        Leaf::Account(owner, value) => account(identity(bytes, owner), value).0,
        Leaf::Key(key, value) => key_leaf(bytes.raw(key.as_bytes()), value).0,
        Leaf::Invoice(id, value) => oracle_red::invoice_leaf(bytes.raw(&id.0), value).0,
        Leaf::RedProposal(id, value) => oracle_red::proposal(bytes.raw(&id.0), value).0,
        Leaf::Params(value) => params(value),
        Leaf::SetCount(_) | Leaf::Validators(_) | Leaf::Misbehaviour(_) => {
            deciders::leaf(bytes, leaf).0
        }
        Leaf::Announcements(all) => announcements::leaf(bytes, all).0,
        Leaf::RuleSets(schedule) => {
            let entries: Vec<(u64, u16)> = schedule.entries().collect();
            bytes
                .list(&entries, |bytes, (from, id)| bytes.u64(*from).u16(*id))
                .0
        }
        Leaf::DefaultLimits(value) => limits(bytes, *value).0,
        Leaf::Limits(value) => {
            bytes
                .option(value.own, limits)
                .u32(value.day)
                .u32(value.issued)
                .0
        }
        Leaf::Totals(totals) => {
            bytes
                .i64(totals.minted_fen)
                .i64(totals.collected_fen)
                .u64(totals.issued_count)
                .u32(totals.accounts)
                .u32(totals.keys)
                .0
        }
    }
}

fn line(bytes: Bytes, line: &TaxLine) -> Bytes {
    bytes
        .u64(line.class_code)
        .u8(line.line_type)
        .i64(line.amount.fen())
        .i64(line.deduction.fen())
        .u32(line.rate.ppm())
        .option(line.zero_rate_kind, Bytes::u8)
        .u8(line.preference)
        .i64(line.tax.fen())
}

pub(crate) fn facts(bytes: Bytes, facts: &TaxFacts) -> Bytes {
    let head = bytes
        .u8(facts.kind)
        .u8(facts.issuing_mode)
        .u16(facts.rule_set)
        .u32(facts.issued_on.days())
        .u16(facts.currency);
    let buyer = match &facts.buyer {
        Buyer::Clear { uscc } => head.u32(0).raw(uscc.as_bytes()),
        Buyer::Sealed { commitment, class } => head.u32(1).raw(commitment).u8(*class),
    };
    buyer
        .u8(facts.special_business)
        .list(&facts.lines, line)
        .u8(facts.waive_reason)
        .option(facts.red, |bytes, red| {
            bytes
                .u64(red.original_slot)
                .u8(red.reason)
                .option(red.confirmation, Bytes::u64)
        })
        .i64(facts.totals.amount.fen())
        .i64(facts.totals.tax.fen())
        .i64(facts.totals.gross.fen())
}

pub(crate) fn invoice(bytes: Bytes, invoice: &IssueInvoice) -> Bytes {
    facts(bytes, &invoice.facts)
        .raw(&invoice.doc_root)
        .u16(invoice.field_count)
        .raw(&invoice.order_key)
        .option(invoice.holder, |bytes, holder| bytes.raw(&holder))
        .list(&invoice.payments, |bytes, slot| bytes.u64(slot.as_u64()))
}

/// SPEC 4.1 and 4.2.
pub(crate) fn body(body: &TransactionBody) -> Vec<u8> {
    let bytes = Bytes::default()
        .u8(body.version)
        .u8(body.suite)
        .raw(&body.chain_id.0)
        .u32(body.account)
        .list(&body.signers, |bytes, id| bytes.raw(&id.0))
        .raw(&body.idem)
        .u64(body.valid_until_ms)
        .u32(body.fee_max_fen)
        .u8(body.flags);
    let bytes = match &body.payload {
        Payload::RegisterMerchant(payload) => identity(bytes.u32(0), &payload.identity)
            .u32(taxpayer(payload.taxpayer))
            .u8(payload.region)
            .i64(payload.month_quota_fen)
            .raw(payload.key.as_bytes())
            .raw(&payload.pop.0)
            .raw(&payload.card_sig.0),
        Payload::AddKey(payload) => bytes
            .u32(1)
            .u32(payload.account)
            .raw(payload.key.as_bytes())
            .u32(role(payload.role))
            .raw(&payload.pop.0),
        Payload::CreditFees(payload) => bytes
            .u32(2)
            .u32(payload.account)
            .i64(payload.amount_fen)
            .raw(&payload.ref_hash),
        Payload::SetFeeSchedule(payload) => bytes
            .u32(3)
            .u32(payload.issue_fen)
            .u32(payload.failure_fen)
            .u64(payload.from_height),
        Payload::IssueInvoice(payload) => invoice(bytes.u32(4), payload),
        Payload::ActivateRuleSet(payload) => bytes.u32(5).u16(payload.id).u64(payload.from_height),
        Payload::SetLimits(payload) => bytes
            .u32(6)
            .u32(payload.account)
            .option(payload.limits, limits),
        Payload::SetValidators(_) | Payload::SetAuthority(_) | Payload::ReportMisbehaviour(_) => {
            deciders::payload(bytes, &body.payload)
        }
        Payload::Announce(_) | Payload::EndMaintenance(_) => {
            announcements::payload(bytes, &body.payload)
        }
        other => oracle_red::payload(bytes, other),
    };
    bytes.0
}

/// SPEC 4.1: the wire form of a body and its signatures.
pub(crate) fn transaction(body: &[u8], signatures: &[[u8; 64]]) -> Vec<u8> {
    Bytes::default()
        .count(body.len())
        .raw(body)
        .list(signatures, |bytes, one| bytes.raw(one))
        .0
}

/// SPEC 5.3.
pub(crate) fn outcome(outcome: &Outcome) -> Vec<u8> {
    Bytes::default()
        .u16(outcome.code)
        .list(&outcome.evidence, |bytes, number| bytes.i64(*number))
        .list(&outcome.effects, |bytes, effect| {
            bytes
                .u64(effect.slot)
                .raw(effect.number.as_bytes())
                .u64(effect.counter)
                .raw(&effect.prev_invoice_id.0)
        })
        .u32(outcome.fee_charged_fen)
        .0
}

/// SPEC 5.4.
pub(crate) fn invoice_id(txid: &D, sub_index: u32, effect: &Effect) -> D {
    h(
        "invoice-id",
        &[
            txid,
            &sub_index.to_be_bytes(),
            &effect.slot.to_be_bytes(),
            effect.number.as_bytes(),
            &effect.counter.to_be_bytes(),
            &effect.prev_invoice_id.0,
        ],
    )
}

/// SPEC 4.3: the leaf of a transaction with these bytes.
pub(crate) fn tx_leaf(body: &[u8], signatures: &[[u8; 64]], outcome: &[u8]) -> D {
    let list = Bytes::default().list(signatures, |bytes, one| bytes.raw(one));
    let txid = h("txid", &[body]);
    h("tx-leaf", &[&txid, &h("sigs", &[&list.0]), outcome])
}

/// SPEC 7.1: the root over a list, for a given way to join two digests.
pub(crate) fn list_root(leaves: &[D], empty: D, join: &dyn Fn(&D, &D) -> D) -> D {
    if leaves.len() < 2 {
        return leaves.first().copied().unwrap_or(empty);
    }
    let mut left = 1;
    while left * 2 < leaves.len() {
        left *= 2;
    }
    let (left, right) = leaves.split_at(left);
    join(
        &list_root(left, empty, join),
        &list_root(right, empty, join),
    )
}

/// SPEC 7.1, transactions.
pub(crate) fn tx_root(leaves: &[D]) -> D {
    let join = |left: &D, right: &D| h("tx-node", &[left, right]);
    list_root(leaves, h("tx-empty", &[]), &join)
}

/// SPEC 7.2.
pub(crate) fn history_root(block_ids: &[D]) -> D {
    let sha = |prefix: &[u8], parts: [&[u8]; 2]| -> D {
        sha2::Sha256::digest([prefix, parts[0], parts[1]].concat()).into()
    };
    let leaves: Vec<D> = block_ids.iter().map(|id| sha(&[0], [id, &[]])).collect();
    list_root(&leaves, sha(&[], [&[], &[]]), &|left, right| {
        sha(&[1], [left, right])
    })
}

/// SPEC 8.1: leaves of a document with decoys, and its root.
pub(crate) fn document(seed: &D, fields: &[Field]) -> (Vec<D>, D) {
    let mut leaves = Vec::new();
    for field in fields {
        let (id, line) = (field.id.to_be_bytes(), field.line.to_be_bytes());
        let salt = h("field-salt", &[seed, &id, &line]);
        let length = u32::try_from(field.value.len()).unwrap().to_be_bytes();
        leaves.push(h(
            "field-leaf",
            &[&salt[..16], &id, &line, &length, &field.value],
        ));
    }
    let mut decoy = 0_u32;
    while leaves.len() % 8 != 0 {
        leaves.push(h("field-decoy", &[seed, &decoy.to_be_bytes()]));
        decoy += 1;
    }
    let join = |left: &D, right: &D| h("field-node", &[left, right]);
    let root = list_root(&leaves, h("field-node", &[]), &join);
    (leaves, root)
}

/// SPEC 6.3: the digest of a leaf in its slot.
pub(crate) fn slot_leaf(slot: u64, leaf: &[u8]) -> D {
    h("state-leaf", &[&slot.to_be_bytes(), leaf])
}

/// SPEC 6.3: digests of empty subtrees, levels 0 to 40.
pub(crate) fn empty_levels() -> Vec<D> {
    let mut levels = vec![[0; 32]];
    for level in 0..40 {
        let below: D = levels[level];
        levels.push(h("state-node", &[&below, &below]));
    }
    levels
}

/// SPEC 6.3: the root over leaf digests by slot.
pub(crate) fn slot_root(leaves: &BTreeMap<u64, D>) -> D {
    let mut level: BTreeMap<u64, D> = leaves.clone();
    for empty in empty_levels().into_iter().take(40) {
        let at = |index: u64| level.get(&index).copied().unwrap_or(empty);
        level = level
            .keys()
            .map(|index| index / 2)
            .map(|parent| {
                let node = h("state-node", &[&at(parent * 2), &at(parent * 2 + 1)]);
                (parent, node)
            })
            .collect();
    }
    level.get(&0).copied().unwrap_or(empty_levels()[40])
}
