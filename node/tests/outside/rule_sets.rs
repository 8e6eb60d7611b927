//! A rule set that comes into force while a node serves: what is on its way is prepared once more,
//! and what was issued before stays provable.

use std::path::Path;

use bytes::Bytes;
use piao_api::client::IssueOptions;
use piao_api::wire::OutcomeState;
use piao_chain::codec;
use piao_chain::digest::{ChainId, Hasher, Tag};
use piao_chain::genesis::Genesis;
use piao_chain::proof::Finding;
use piao_chain::signature::SecretKey;
use piao_chain::transaction::{
    ActivateRuleSet, Payload, SUITE, SignedTransaction, TransactionBody, VERSION,
};
use tokio::task::JoinSet;

use crate::process::{Node, SEED, draft, final_invoice, judge, key, now, piaod, run};

/// Invoices on their way while the rule set changes.
const IN_FLIGHT: usize = 24;

/// The one authority key of a development network.
pub(crate) fn authority() -> SecretKey {
    let hasher = Hasher::new(Tag::Dev).with(&SEED.to_be_bytes());
    SecretKey::from_seed(&hasher.with_prefixed(b"authority").finish())
}

/// Makes a network with a rule set and nothing in it, out of one that never ran for long.
fn begin_with(data: &Path, rule_set: u16) -> Genesis {
    for entry in std::fs::read_dir(data).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("keys") {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
    let path = data.join("genesis");
    let mut genesis = Genesis::decode(&std::fs::read(&path).unwrap()).unwrap();
    genesis.params.rule_set = rule_set;
    std::fs::write(&path, codec::encode(&genesis)).unwrap();
    genesis
}

fn activation(chain_id: ChainId, id: u16, from_height: u64) -> Bytes {
    let key = authority();
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id,
        account: 0,
        signers: vec![key.public_key().id()],
        idem: [id.to_be_bytes()[1]; 16],
        valid_until_ms: now().ms() + 600_000,
        fee_max_fen: 0,
        flags: 0,
        payload: Payload::ActivateRuleSet(ActivateRuleSet { id, from_height }),
    };
    Bytes::from(SignedTransaction::sign(body, &[&key]).unwrap().encode())
}

fn plain() -> String {
    draft(|draft| draft["lines"][0]["name"] = "餐费".into())
}

#[tokio::test]
async fn a_rule_set_comes_into_force_among_invoices_on_their_way_and_none_is_lost() {
    let mut node = Node::fresh();
    assert!(node.terminate().success());
    let genesis = begin_with(&node.data, 1);
    node.restart();
    let options = IssueOptions::default();
    let before = node.client.issue(plain(), &key("before"), &options).await;
    let before = final_invoice(before.unwrap()).document;
    assert_eq!(before.lines[0].name.as_deref(), Some("餐费"), "rule set 1");

    let height = node.client.chain().await.unwrap().height;
    let activate = activation(genesis.chain_id(), 2, height + 3);
    let outcome = node.client.submit(activate, &options).await.unwrap();
    assert_eq!((outcome.state, outcome.code), (OutcomeState::Final, None));
    let mut calls = JoinSet::new();
    for nth in 0..IN_FLIGHT {
        let client = node.client.clone();
        calls.spawn(async move {
            let key = key(&format!("flying {nth}").replace(' ', "-"));
            client.issue(plain(), &key, &IssueOptions::default()).await
        });
    }
    while let Some(issued) = calls.join_next().await {
        let invoice = final_invoice(issued.unwrap().unwrap()).document;
        let name = invoice.lines[0].name.clone().unwrap();
        assert!(
            ["餐费", "*生产生活服务*餐费"].contains(&name.as_str()),
            "{name}"
        );
    }

    node.kill();
    node.restart();
    let after = node.client.issue(plain(), &key("after"), &options).await;
    let after = final_invoice(after.unwrap()).document;
    assert_eq!(after.lines[0].name.as_deref(), Some("*生产生活服务*餐费"));
    let root = node.trust_root().await;
    for number in [&before.number, &after.number] {
        let verdict = judge(&node.proof(number).await, Some(&root));
        assert_eq!(verdict.verdict, Finding::InForce);
    }
}

#[test]
fn a_network_under_a_rule_set_of_a_later_version_is_refused_in_one_line() {
    let mut node = Node::fresh();
    assert!(node.terminate().success());
    begin_with(&node.data, 99);
    let mut command = piaod("dev", &node.data);
    command.args(["--listen", "127.0.0.1:0"]);
    let ended = run(command);
    assert!(!ended.status.success());
    let said = String::from_utf8_lossy(&ended.stderr);
    let line = said.lines().find(|line| line.contains("rule set 99"));
    assert!(
        line.is_some_and(|line| line.ends_with("upgrade it")),
        "{said}"
    );
}
