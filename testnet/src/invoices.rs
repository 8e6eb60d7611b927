//! Invoices to load a development network with.
//!
//! The network's keys follow from its seed, so this program can sign for merchant 1 beforehand and
//! the measured time holds no signing.

use bytes::Bytes;
use piao_chain::digest::{ChainId, Digest, Hasher, Tag, truncate};
use piao_chain::signature::SecretKey;
use piao_chain::tax::RuleSet;
use piao_chain::testing::sample_facts;
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::{
    IssueInvoice, Payload, SUITE, SignedTransaction, TransactionBody, VERSION,
};

/// How long signed invoices stay valid, in ms: an hour.
const VALID_FOR_MS: u64 = 60 * 60 * 1_000;

/// Fee agreed to, in fen.
const FEE_MAX_FEN: u32 = 100;

/// Fields of the document behind each invoice.
const FIELD_COUNT: u16 = 16;

/// The key of merchant 1 of a development network with this seed.
pub(crate) fn merchant_key(seed: u64) -> SecretKey {
    let hasher = Hasher::new(Tag::Dev).with(&seed.to_be_bytes());
    SecretKey::from_seed(&hasher.with_prefixed(b"merchant-1").finish())
}

/// Signed transactions of merchant 1, ready to post.
pub(crate) fn signed(
    key: &SecretKey,
    chain_id: ChainId,
    now: BlockTime,
    numbers: std::ops::Range<u64>,
) -> Vec<Bytes> {
    let mut facts = sample_facts();
    facts.issued_on = IssueDate::of(now);
    facts.rule_set = RuleSet::CURRENT.id;
    numbers
        .filter_map(|number| {
            let invoice = IssueInvoice {
                facts: facts.clone(),
                doc_root: unique("document", now, number),
                field_count: FIELD_COUNT,
                order_key: unique("order", now, number),
                holder: None,
                payments: Vec::new(),
            };
            let body = TransactionBody {
                version: VERSION,
                suite: SUITE,
                chain_id,
                account: 1,
                signers: vec![key.public_key().id()],
                idem: truncate(&unique("idem", now, number)),
                valid_until_ms: now.ms().saturating_add(VALID_FOR_MS),
                fee_max_fen: FEE_MAX_FEN,
                flags: 0,
                payload: Payload::IssueInvoice(Box::new(invoice)),
            };
            let signed = SignedTransaction::sign(body, &[key]).ok()?;
            Some(Bytes::from(signed.encode()))
        })
        .collect()
}

fn unique(what: &str, now: BlockTime, number: u64) -> Digest {
    Hasher::new(Tag::Dev)
        .with_prefixed(what.as_bytes())
        .with(&now.ms().to_be_bytes())
        .with(&number.to_be_bytes())
        .finish()
}

/// A draft for the desk, as JSON.
pub(crate) fn draft(number: u64) -> Bytes {
    draft_of(&format!("bench-{number}"), "100.00", "0.06")
}

/// The draft of an order for one meal, as JSON: its price without tax, and its rate.
pub(crate) fn draft_of(order_ref: &str, unit_price: &str, rate: &str) -> Bytes {
    let draft = serde_json::json!({
        "kind": "general",
        "order_ref": order_ref,
        "buyer": {
            "type": "enterprise",
            "name": "深圳市示例科技有限公司",
            "tax_id": "91420100MAXH4XGP0H",
        },
        "lines": [{
            "name": "*生产生活服务*餐费",
            "class_code": "3070401000000000000",
            "quantity": "1",
            "unit_price": unit_price,
            "rate": rate,
        }],
        "issuer": "开票人",
    });
    Bytes::from(draft.to_string())
}
