//! Announced maintenance, from outside: what is to be issued inside it is told when it ends, what is
//! kept waits for that and goes out by itself, each once, whatever happens to the node meanwhile.

use std::collections::BTreeSet;
use std::process::Command;

use bytes::Bytes;
use piao_api::client::{ClientError, IssueOptions, Issued};
use piao_api::wire::{AnnouncementState, Outcome, OutcomeState, RequestState, WaitingFor};
use piao_chain::genesis::Genesis;
use piao_chain::state::{IssueLimits, MaintenanceReason, QuotaStatus};
use piao_chain::time::BlockTime;
use piao_chain::transaction::{
    Announce, EndMaintenance, Payload, SUITE, SetLimits, SignedTransaction, TransactionBody,
    VERSION,
};

use crate::batches::invoice;
use crate::members::until;
use crate::process::{Node, draft, final_invoice, get, key, now, piaod, run};
use crate::rule_sets::authority;

/// One hour, in ms.
const HOUR_MS: u64 = 60 * 60 * 1000;

/// Requests that are kept while maintenance lasts.
const KEPT: usize = 50;

fn accepted() -> IssueOptions {
    IssueOptions {
        account: Some(1),
        accepted_is_enough: true,
        ..IssueOptions::default()
    }
}

fn order(name: &str) -> String {
    draft(|draft| draft["order_ref"] = name.into())
}

/// Hands in what the authority signs; what came of it.
async fn hand_in(node: &Node, payload: Payload) -> Result<Outcome, ClientError> {
    let genesis = Genesis::decode(&std::fs::read(node.data.join("genesis")).unwrap()).unwrap();
    let key = authority();
    let mut idem = [0; 16];
    idem[..8].copy_from_slice(&now().ms().to_be_bytes());
    let body = TransactionBody {
        version: VERSION,
        suite: SUITE,
        chain_id: genesis.chain_id(),
        account: 0,
        signers: vec![key.public_key().id()],
        idem,
        valid_until_ms: now().ms() + 600_000,
        fee_max_fen: 0,
        flags: 0,
        payload,
    };
    let bytes = SignedTransaction::sign(body, &[&key]).unwrap().encode();
    let options = IssueOptions::default();
    node.client.submit(Bytes::from(bytes), &options).await
}

async fn apply(node: &Node, payload: Payload) {
    let outcome = hand_in(node, payload).await.unwrap();
    assert_eq!((outcome.state, outcome.code), (OutcomeState::Final, None));
}

/// Announces maintenance from now on for so long; when it ends, in ms.
async fn announce(node: &Node, for_ms: u64) -> u64 {
    let from_ms = now().ms().saturating_sub(1_000);
    let until_ms = now().ms() + for_ms;
    let announce = Announce {
        reason: MaintenanceReason::Upgrade,
        from_ms,
        until_ms,
    };
    apply(node, Payload::Announce(announce)).await;
    until_ms
}

async fn end(node: &Node, announcement: u32) {
    let end = EndMaintenance { announcement };
    apply(node, Payload::EndMaintenance(end)).await;
}

async fn keep(node: &Node, name: &str) -> piao_api::wire::RequestView {
    let kept = node
        .client
        .issue(order(name), &key(name), &accepted())
        .await;
    match kept.unwrap() {
        Issued::Pending(view) => *view,
        Issued::Final { invoice, .. } => panic!("issued inside maintenance: {invoice:?}"),
    }
}

async fn is_final(node: &Node, name: &str) -> bool {
    let view = node.client.outcome(&key(name), Some(1)).await;
    view.is_ok_and(|view| view.state == RequestState::Final)
}

#[tokio::test]
async fn inside_maintenance_issuing_is_refused_with_its_end_and_reading_goes_on() {
    let node = Node::fresh();
    let client = &node.client;
    let options = IssueOptions::default();
    let before = client.issue(order("a"), &key("a"), &options).await;
    let number = final_invoice(before.unwrap()).document.number;
    assert!(client.announcements().await.unwrap().data.is_empty());
    let until_ms = announce(&node, HOUR_MS).await;

    let refused = client.issue(order("b"), &key("b"), &options).await;
    let refused = refused.unwrap_err();
    let ClientError::Refused {
        problem,
        status,
        retry_after,
    } = &refused
    else {
        panic!("{refused}");
    };
    assert_eq!((*status, problem.code.as_str()), (503, "E2201"));
    let wait = retry_after.unwrap();
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    let failure = &problem.failures[0];
    assert_eq!(failure.got.as_deref(), Some("1"), "the announcement");
    assert_eq!(failure.next_action, "wait_for_maintenance");
    let not_before = failure.not_before.as_deref().unwrap();
    let not_before = BlockTime::parse_rfc3339(not_before).unwrap();
    assert_eq!(not_before.ms(), until_ms);
    assert!(client.outcome(&key("b"), None).await.is_err(), "not kept");
    // What is wrong with the draft is told as well, and first.
    let wrong = draft(|draft| draft["lines"][0]["rate"] = "0.07".into());
    let refused = client.issue(wrong, &key("c"), &accepted()).await;
    let problem = refused.unwrap_err().problem().unwrap().clone();
    let codes: Vec<_> = problem
        .failures
        .iter()
        .map(|one| one.code.as_str())
        .collect();
    assert_eq!(problem.status, 422);
    assert!(codes.contains(&"E2201") && codes.len() > 1, "{codes:?}");
    let name = key("r");
    let red = client.red_letter(&number, ("02", &[]), &name, &options);
    let refused = red.await.unwrap_err().problem().unwrap().clone();
    assert_eq!(refused.code, "E2201");
    let chain_id = Genesis::decode(&std::fs::read(node.data.join("genesis")).unwrap());
    let raw = invoice(chain_id.unwrap().chain_id(), now(), "guard", "order");
    let refused = client.submit(raw, &options).await.unwrap_err();
    assert_eq!(refused.problem().unwrap().code, "E2201", "signed elsewhere");
    let again = client.issue(order("a"), &key("a"), &options).await;
    assert_eq!(
        final_invoice(again.unwrap()).document.number,
        number,
        "what is issued is told"
    );
    client.invoice(&number).await.unwrap();
    assert!(client.check(order("d"), None).await.unwrap().valid);
    let listed = client.announcements().await.unwrap().data;
    assert_eq!(listed.len(), 1);
    let one = &listed[0];
    assert_eq!((one.id, one.reason.as_str()), (1, "upgrade"));
    assert_eq!(one.state, AnnouncementState::Lasting);
    for page in ["/?lang=en", "/requests?lang=en"] {
        let page = get(client.base_url(), page);
        assert!(page.contains("Programs are being upgraded"), "{page}");
    }
}

#[tokio::test]
async fn what_is_ended_is_over_for_good_and_issuing_goes_on() {
    let node = Node::fresh();
    let client = &node.client;
    let options = IssueOptions::default();
    announce(&node, HOUR_MS).await;
    let refused = client.issue(order("b"), &key("b"), &options).await;
    assert_eq!(refused.unwrap_err().problem().unwrap().code, "E2201");
    end(&node, 1).await;
    let issued = client.issue(order("b"), &key("b"), &options).await;
    final_invoice(issued.unwrap());
    let one = &client.announcements().await.unwrap().data[0];
    assert_eq!(one.state, AnnouncementState::Over);
    assert!(one.ended_at.is_some());
    let twice = hand_in(
        &node,
        Payload::EndMaintenance(EndMaintenance { announcement: 1 }),
    );
    let refused = twice.await.unwrap_err();
    assert_eq!(refused.problem().unwrap().code, "E2210");
}

#[tokio::test]
async fn what_is_kept_inside_maintenance_goes_out_each_once_when_it_is_ended_also_across_a_kill() {
    let mut node = Node::fresh();
    let until_ms = announce(&node, HOUR_MS).await;
    for nth in 0..KEPT {
        let view = keep(&node, &format!("m{nth}")).await;
        assert_eq!(view.state, RequestState::Waiting);
        assert_eq!(view.waiting_for, Some(WaitingFor::Maintenance));
        assert_eq!(view.failures[0].code, "E2201");
        let not_before = BlockTime::parse_rfc3339(view.not_before.as_deref().unwrap());
        assert_eq!(not_before.unwrap().ms(), until_ms);
        if nth == KEPT / 2 {
            node.kill();
            node.restart();
        }
    }
    let waiting = node.client.outcome(&key("m0"), Some(1)).await.unwrap();
    assert_eq!(waiting.waiting_for, Some(WaitingFor::Maintenance));
    let before = node.client.account(Some(1)).await.unwrap();
    assert_eq!((before.issued_count, before.reserved.as_str()), (0, "0.00"));
    end(&node, 1).await;
    let mut numbers = BTreeSet::new();
    for nth in 0..KEPT {
        let name = format!("m{nth}");
        until(async || is_final(&node, &name).await).await;
        let view = node.client.outcome(&key(&name), Some(1)).await.unwrap();
        assert!(numbers.insert(view.number.unwrap()), "{name} twice");
    }
    let after = node.client.account(Some(1)).await.unwrap();
    assert_eq!(after.issued_count, u64::try_from(KEPT).unwrap());
}

#[tokio::test]
async fn maintenance_ends_by_its_own_time_and_what_is_kept_goes_out_then() {
    let node = Node::fresh();
    let until_ms = announce(&node, 4_000).await;
    keep(&node, "a").await;
    until(async || is_final(&node, "a").await).await;
    let view = node.client.outcome(&key("a"), Some(1)).await.unwrap();
    let invoice = node.client.invoice(&view.number.unwrap()).await.unwrap();
    let issued = BlockTime::parse_rfc3339(&invoice.document.final_at).unwrap();
    assert!(issued.ms() >= until_ms, "{} before {until_ms}", issued.ms());
}

#[tokio::test]
async fn the_authority_announces_and_ends_with_its_verbs() {
    let node = Node::fresh();
    let text = |ms: u64| BlockTime::from_ms(ms).to_rfc3339().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sign = |file: &str, change: &dyn Fn(&mut Command)| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_piaod"));
        command.arg("authority");
        change(&mut command);
        let out = folder.path().join(file);
        command.arg("--data").arg(&node.data).arg("--out").arg(&out);
        let ended = run(command);
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert!(ended.status.success(), "{said}");
        std::fs::read(out.with_extension("tx")).unwrap()
    };
    let (from, to) = (text(now().ms()), text(now().ms() + HOUR_MS));
    let announced = sign("announce", &|command| {
        command.args(["announce", "--reason", "repair"]);
        command.args(["--from", &from, "--until", &to]);
    });
    let options = IssueOptions::default();
    let outcome = node.client.submit(Bytes::from(announced), &options).await;
    assert_eq!(outcome.unwrap().state, OutcomeState::Final);
    let listed = node.client.announcements().await.unwrap().data;
    assert_eq!((listed[0].id, listed[0].reason.as_str()), (1, "repair"));
    let ended = sign("end", &|command| {
        command.args(["end-maintenance", "1"]);
    });
    let outcome = node.client.submit(Bytes::from(ended), &options).await;
    assert_eq!(outcome.unwrap().state, OutcomeState::Final);
    let listed = node.client.announcements().await.unwrap().data;
    assert_eq!(listed[0].state, AnnouncementState::Over);
    // A slip costs nothing but a line.
    let mut wrong = piaod("authority", &node.data);
    wrong.args(["announce", "--from", &to, "--until", &from, "--out", "x"]);
    assert!(!run(wrong).status.success());
}

#[tokio::test]
async fn what_waits_for_the_authority_to_lift_a_limit_goes_out_when_it_does() {
    let node = Node::fresh();
    let set = |quota| {
        Payload::SetLimits(SetLimits {
            account: 1,
            limits: Some(IssueLimits {
                quota,
                ..IssueLimits::default()
            }),
        })
    };
    apply(&node, set(QuotaStatus::Suspended)).await;
    let view = keep(&node, "a").await;
    assert_eq!(view.waiting_for, Some(WaitingFor::Limit), "{view:?}");
    assert_eq!(view.failures[0].code, "E1502");
    apply(&node, set(QuotaStatus::Open)).await;
    until(async || is_final(&node, "a").await).await;
}

#[tokio::test]
async fn the_authority_writes_its_change_where_it_stands() {
    let node = Node::fresh();
    let here = tempfile::tempdir().unwrap();
    let mut verb = Command::new(env!("CARGO_BIN_EXE_piaod"));
    verb.current_dir(here.path())
        .args([
            "authority",
            "announce",
            "--reason",
            "drill",
            "--out",
            "announce.json",
        ])
        .args([
            "--from",
            "2030-01-01T00:00:00Z",
            "--until",
            "2030-01-01T01:00:00Z",
        ])
        .arg("--data")
        .arg(&node.data);
    let said = run(verb);
    let error = String::from_utf8(said.stderr).unwrap();
    assert!(said.status.success(), "{error}");
    for name in ["announce.json", "announce.tx"] {
        assert!(here.path().join(name).is_file(), "{name}");
    }
}
