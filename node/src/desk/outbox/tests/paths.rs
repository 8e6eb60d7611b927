//! The ways of single requests.

use piao_api::backend::{Cut, IssueReply, RequestAct};
use piao_api::wire::{Chance, DocumentState, RequestState, RequestView, WaitingFor};
use piao_chain::failure::FailureCode;
use piao_chain::proof::Finding;
use piao_chain::time::BlockTime;

use super::world::{World, draft};
use crate::backend::find;

fn pending(reply: Result<IssueReply, piao_api::backend::Refusal>) -> RequestView {
    match reply {
        Ok(IssueReply::Pending(view)) => *view,
        other => panic!("not pending: {other:?}"),
    }
}

fn key(text: &str) -> (u32, String) {
    (1, text.to_owned())
}

#[tokio::test]
async fn short_of_fee_a_request_is_kept_only_if_asked_and_goes_out_after_the_top_up() {
    let mut world = World::with_fen(5).await;
    let draft = draft(Some("a"), "");
    let refused = world.issue("a", &draft).await.unwrap_err();
    assert_eq!(refused.code(), FailureCode::FeeBalanceInsufficient);
    assert_eq!(world.view("a"), None, "nothing is kept");
    let view = pending(world.accept("a", &draft).await);
    assert_eq!(view.state, RequestState::Waiting);
    assert_eq!(view.waiting_for, Some(WaitingFor::TopUp));
    assert_eq!(view.next_action.as_deref(), Some("top_up"));
    assert_eq!((view.txid, view.chance), (None, Chance::Possible));
    world.restart().await;
    world.desk().pass().await;
    assert_eq!(world.view("a").unwrap().state, RequestState::Waiting);
    world.top_up(10).await;
    world.desk().pass().await;
    let view = world.view("a").unwrap();
    assert_eq!(view.state, RequestState::Submitted, "{view:?}");
    world.block_of_all().await;
    let view = world.view("a").unwrap();
    assert_eq!(view.state, RequestState::Final);
    let codes: Vec<_> = view
        .attempts
        .iter()
        .map(|one| one.code.as_deref())
        .collect();
    assert_eq!(codes, [Some("E1601"), None], "{:?}", view.attempts);
    world.desk().pass().await;
    world.check_fees();
    assert_eq!(world.desk().jobs.len(), 0);
}

#[tokio::test]
async fn the_next_attempt_is_signed_only_when_a_block_is_past_the_window_of_the_last() {
    let mut world = World::with_fen(100).await;
    let draft = draft(None, "");
    let first = pending(world.accept("a", &draft).await);
    assert_eq!(first.state, RequestState::Submitted);
    world.gather();
    let signed = world.out.clone();
    world.drop_from_pool(&signed[0], FailureCode::FeeBalanceInsufficient);
    world.desk().pass().await;
    let again = pending(world.accept("a", &draft).await);
    assert_eq!(again.txid, first.txid, "the same is handed in again");
    world.restart().await;
    world.desk().pass().await;
    assert_eq!(world.view("a").unwrap().txid, first.txid);
    world.late_block().await;
    world.desk().pass().await;
    let next = world.view("a").unwrap();
    assert_ne!(next.txid, first.txid);
    assert_eq!(next.attempts.len(), 2, "{:?}", next.attempts);
    assert_eq!(next.attempts[0].code.as_deref(), Some("E2018"));
    assert_eq!(next.attempts[1].attempt, 1);
    // The first one comes too late, and nothing but the second can be in a block.
    world.gather();
    world.block_of_all().await;
    assert_eq!(world.issued().len(), 1);
    assert_eq!(world.view("a").unwrap().state, RequestState::Final);
}

#[tokio::test]
async fn what_failed_is_corrected_under_its_key_and_order_and_what_is_signed_is_not_given_up() {
    let mut world = World::with_fen(5).await;
    let first = draft(Some("a"), "wrong");
    let view = pending(world.accept("a", &first).await);
    let corrected = draft(None, "right");
    let act = RequestAct::Reissue(Box::new(corrected));
    let view_after = world.desk().act(key("a"), act).await.unwrap();
    assert_eq!(view_after.id, view.id);
    assert_eq!(view_after.state, RequestState::Waiting);
    assert_eq!(view_after.order_ref.as_deref(), Some("a"), "the same order");
    let conflict = world.accept("a", &first).await.unwrap_err();
    assert_eq!(conflict.code(), FailureCode::IdempotencyKeyConflict);
    let other = RequestAct::Reissue(Box::new(draft(Some("b"), "right")));
    let refused = world.desk().act(key("a"), other).await.unwrap_err();
    assert_eq!(refused.code(), FailureCode::ParameterInvalid);
    world.top_up(10).await;
    world.desk().pass().await;
    let refused = world.desk().act(key("a"), RequestAct::Cancel).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), FailureCode::InFlight);
    assert!(refused.faults[0].not_before.is_some(), "says until when");
    world.block_of_all().await;
    let refused = world.desk().act(key("a"), RequestAct::Cancel).await;
    assert_eq!(refused.unwrap_err().code(), FailureCode::DuplicateOrder);
    let again = world.accept("a", &draft(Some("a"), "right")).await;
    assert!(matches!(
        again,
        Ok(IssueReply::Final { replayed: true, .. })
    ));
}

#[tokio::test]
async fn a_cancelled_request_stays_so_over_a_start_until_its_merchant_retries_it() {
    let mut world = World::with_fen(5).await;
    let wanted = draft(Some("a"), "");
    pending(world.accept("a", &wanted).await);
    let view = world
        .desk()
        .act(key("a"), RequestAct::Cancel)
        .await
        .unwrap();
    assert_eq!(view.state, RequestState::Cancelled);
    assert_eq!(view.chance, Chance::NotIssued);
    world.restart().await;
    world.top_up(100).await;
    world.desk().pass().await;
    let view = pending(world.accept("a", &wanted).await);
    assert_eq!(
        view.state,
        RequestState::Cancelled,
        "a late copy changes nothing"
    );
    assert_eq!(world.admission().pool().len(), 0);
    let view = world.desk().act(key("a"), RequestAct::Retry).await.unwrap();
    assert_eq!(view.state, RequestState::Submitted);
    world.block_of_all().await;
    assert_eq!(world.view("a").unwrap().state, RequestState::Final);
}

#[tokio::test]
async fn of_one_account_the_oldest_goes_out_first_and_one_that_fails_holds_up_nobody() {
    let mut world = World::with_fen(15).await;
    pending(world.accept("poisoned", &draft(Some("same"), "")).await);
    // The other one for the order becomes final elsewhere first.
    world.block_of_all().await;
    let names: Vec<String> = (0..5).map(|at| format!("k{at}")).collect();
    for name in &names {
        let order = if name == "k1" { "same" } else { name };
        let reply = world.accept(name, &draft(Some(order), "")).await;
        match name.as_str() {
            "k1" => assert_eq!(reply.unwrap_err().code(), FailureCode::DuplicateOrder),
            _ => assert_eq!(pending(reply).state, RequestState::Waiting),
        }
    }
    world.top_up(25).await;
    world.desk().pass().await;
    let states: Vec<_> = ["k0", "k2", "k3", "k4"]
        .map(|name| world.view(name).unwrap().state)
        .into();
    let (submitted, waiting) = (RequestState::Submitted, RequestState::Waiting);
    assert_eq!(states, [submitted, submitted, submitted, waiting]);
    let cut = Cut {
        limit: 10,
        cursor: None,
    };
    let page = world.desk().requests(1, Some(waiting), &cut).unwrap();
    let keys: Vec<_> = page
        .data
        .iter()
        .map(|view| view.idempotency_key.as_str())
        .collect();
    assert_eq!(keys, ["k4"]);
    assert!(!page.has_more);
}

#[tokio::test]
async fn what_waits_for_a_limit_says_until_when_and_goes_out_then() {
    let mut world = World::with_fen(100).await;
    world.limit_day(1).await;
    pending(world.accept("a", &draft(Some("a"), "")).await);
    let view = pending(world.accept("b", &draft(Some("b"), "")).await);
    assert_eq!(view.waiting_for, Some(WaitingFor::Limit));
    assert_eq!(view.next_action.as_deref(), Some("wait_for_window"));
    let not_before = BlockTime::parse_rfc3339(&view.not_before.unwrap()).unwrap();
    world.block_of_all().await;
    world.desk().pass().await;
    assert_eq!(world.view("b").unwrap().state, RequestState::Waiting);
    world.restart().await;
    world.block_at(not_before.ms() - 60_000).await;
    world.desk().pass().await;
    assert_eq!(world.view("b").unwrap().state, RequestState::Waiting);
    world.block_at(not_before.ms() + 1_000).await;
    world.desk().pass().await;
    world.block_of_all().await;
    assert_eq!(world.view("b").unwrap().state, RequestState::Final);
}

#[tokio::test]
async fn a_full_pool_keeps_requests_waiting_and_they_go_out_as_room_is_made() {
    let mut world = World::with_fen(1_000).await;
    let names: Vec<String> = (0..10).map(|at| format!("k{at}")).collect();
    for name in &names {
        pending(world.accept(name, &draft(Some(name), "")).await);
    }
    let view = world.view("k9").unwrap();
    assert_eq!(view.waiting_for, Some(WaitingFor::Network), "{view:?}");
    world.until_settled().await;
    for name in &names {
        assert_eq!(world.view(name).unwrap().state, RequestState::Final);
    }
    assert_eq!(world.issued().len(), 10);
}

#[tokio::test]
async fn an_invoice_whose_document_was_erased_is_still_proven_to_a_stranger() {
    let mut world = World::with_fen(100).await;
    drop(pending(world.accept("a", &draft(None, "")).await));
    world.block_of_all().await;
    let view = world.view("a").unwrap();
    let number = view.number.unwrap();
    assert_eq!(world.judge(&number), Finding::InForce);
    let mut id = [0; 16];
    hex::decode_to_slice(&view.id, &mut id).unwrap();
    assert!(world.desk().store.erase(id).await.unwrap() > 0);
    for _time in 0..2 {
        assert_eq!(world.judge(&number), Finding::InForce);
        // What was erased is gone for the node as well.
        let found = find(world.chain(), &number).unwrap();
        let invoice = world.desk().invoice_of(&found.issued().unwrap()).unwrap();
        assert_eq!(invoice.document_state, DocumentState::Erased);
        assert_eq!(invoice.document.buyer.name, None);
        world.restart().await;
    }
}

#[tokio::test]
async fn no_more_refusals_wait_for_a_block_than_an_account_may_have_in_a_day() {
    let mut world = World::with_fen(0).await;
    let most = world.net.genesis.params.failures_per_account_per_day;
    for nth in 0..most {
        let poor = world.net.anchored_invoice(&format!("order {nth}"));
        world.hand_in(poor).unwrap();
    }
    let more = world.net.anchored_invoice("one more");
    let faults = world.hand_in(more).unwrap_err();
    assert_eq!(faults[0].code, FailureCode::FailureAllowanceUsed);
    assert_eq!(faults.len(), 1);
}
