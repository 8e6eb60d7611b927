//! Raw transactions, many in one request, on a real chain.

use bytes::Bytes;
use piao_api::client::IssueOptions;
use piao_api::wire::OutcomeState;
use piao_chain::digest::{ChainId, Hasher, Tag, truncate};
use piao_chain::signature::SecretKey;
use piao_chain::tax::RuleSet;
use piao_chain::testing::sample_facts;
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::{
    IssueInvoice, Payload, SUITE, SignedTransaction, TransactionBody, VERSION,
};

use crate::process::{Node, SEED, now};

/// Merchant 1's key: those of a development network follow from its seed.
fn merchant_key() -> SecretKey {
    let hasher = Hasher::new(Tag::Dev).with(&SEED.to_be_bytes());
    SecretKey::from_seed(&hasher.with_prefixed(b"merchant-1").finish())
}

pub(crate) fn invoice(chain_id: ChainId, now: BlockTime, guard: &str, order: &str) -> Bytes {
    let digest = |text: &str| Hasher::new(Tag::Dev).with(text.as_bytes()).finish();
    let mut facts = sample_facts();
    facts.issued_on = IssueDate::of(now);
    facts.rule_set = RuleSet::CURRENT.id;
    let key = merchant_key();
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id,
        account: 1,
        signers: vec![key.public_key().id()],
        idem: truncate(&digest(guard)),
        valid_until_ms: now.ms() + 600_000,
        fee_max_fen: 100,
        flags: 0,
        payload: Payload::IssueInvoice(Box::new(IssueInvoice {
            facts,
            doc_root: digest("document"),
            field_count: 16,
            order_key: digest(order),
            holder: None,
            payments: Vec::new(),
        })),
    };
    Bytes::from(SignedTransaction::sign(body, &[&key]).unwrap().encode())
}

#[tokio::test]
async fn a_batch_becomes_final_but_for_what_is_refused_and_is_answered_the_same_after_a_restart() {
    let mut node = Node::fresh();
    let chain_id = node.client.chain().await.unwrap().chain_id;
    let mut id = [0; 32];
    hex::decode_to_slice(chain_id, &mut id).unwrap();
    let (id, now) = (ChainId(id), now());
    let batch = [
        invoice(id, now, "guard 1", "order 1"),
        invoice(id, now, "guard 2", "order 2"),
        invoice(id, now, "guard 3", "order 1"),
        Bytes::from_static(b"no transaction"),
    ];
    let options = IssueOptions::default();
    let first = node.client.submit_all(&batch, &options).await.unwrap();
    let (done, refused) = (OutcomeState::Final, OutcomeState::Refused);
    let states: Vec<_> = first.iter().map(|outcome| outcome.state).collect();
    assert_eq!(states, [done, done, refused, refused]);
    let counters: Vec<u64> = first[..2]
        .iter()
        .map(|one| one.effects[0].counter)
        .collect();
    assert_eq!(counters, [1, 2]);
    // In flight still, or already an invoice: either way the order is taken.
    let code = first[2].code.as_deref();
    assert!(matches!(code, Some("E1407" | "E1409")), "{code:?}");
    assert_eq!(first[3].code.as_deref(), Some("E2208"));
    assert!(first[3].txid.is_empty());

    node.kill();
    node.restart();
    let again = node.client.submit_all(&batch, &options).await.unwrap();
    assert_eq!(again[..2], first[..2]);
    assert_eq!(again[2].code.as_deref(), Some("E1407"));
    assert_eq!(again[3], first[3]);
}
