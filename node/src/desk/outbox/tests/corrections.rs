//! Red letters and reissues on their way through the outbox.

use piao_api::backend::{IssueReply, RequestAct, Wait};
use piao_api::wire::{RequestState, WaitingFor};
use piao_chain::failure::FailureCode;

use super::world::{World, draft};

async fn issued(world: &mut World, key: &str) -> String {
    let draft = draft(Some(key), "");
    drop(world.accept(key, &draft).await.unwrap());
    world.block_of_all().await;
    world.view(key).unwrap().number.unwrap()
}

#[tokio::test]
async fn a_red_letter_waits_for_a_top_up_and_goes_out_by_itself_once() {
    let mut world = World::with_fen(10).await;
    let number = issued(&mut world, "a").await;
    let wanted = (number.as_str(), Some(1_000));
    let refused = world.take_back("r", wanted, Wait::Final(std::time::Duration::ZERO));
    let code = refused.await.unwrap_err().code();
    assert_eq!(code, FailureCode::FeeBalanceInsufficient);
    let kept = world.take_back("r", wanted, Wait::Accepted).await.unwrap();
    assert!(matches!(kept, IssueReply::Pending(_)));
    let view = world.view("r").unwrap();
    assert_eq!(view.waiting_for, Some(WaitingFor::TopUp));
    world.restart().await;
    world.top_up(10).await;
    world.desk().pass().await;
    assert_eq!(world.view("r").unwrap().state, RequestState::Submitted);
    world.block_of_all().await;
    let view = world.view("r").unwrap();
    assert_eq!(view.state, RequestState::Final);
    assert_ne!(
        view.number.as_deref(),
        Some(number.as_str()),
        "its own number"
    );
    world.desk().pass().await;
    world.check_fees();
    assert_eq!(world.issued()[0].taken_fen, 1_000);
}

#[tokio::test]
async fn a_red_letter_that_became_final_unseen_is_not_made_again_when_the_chain_forgot_its_guard() {
    let mut world = World::with_fen(100).await;
    let number = issued(&mut world, "a").await;
    let wanted = (number.as_str(), Some(1_000));
    drop(world.take_back("r", wanted, Wait::Accepted).await.unwrap());
    let other = (number.as_str(), Some(2_000));
    drop(world.take_back("s", other, Wait::Accepted).await);
    // It stands on chain; the desk dies before anybody asks, and wakes after the window.
    world.block_of_all().await;
    world.late_block().await;
    world.late_block().await;
    world.restart().await;
    world.until_settled().await;
    for key in ["r", "s"] {
        assert_eq!(world.view(key).unwrap().state, RequestState::Final, "{key}");
    }
    assert_eq!(world.issued()[0].taken_fen, 3_000);
    assert_eq!(world.guards().len(), 3);
}

#[tokio::test]
async fn a_corrected_invoice_takes_the_place_of_the_wrong_one_under_one_request() {
    let mut world = World::with_fen(15).await;
    let number = issued(&mut world, "a").await;
    let right = draft(Some("a"), "right");
    let kept = world.replace("b", (&number, &right), Wait::Accepted).await;
    drop(kept.unwrap());
    let view = world.view("b").unwrap();
    assert_eq!(
        view.waiting_for,
        Some(WaitingFor::TopUp),
        "two invoices, two fees"
    );
    let conflict = world.take_back("b", (&number, None), Wait::Accepted).await;
    let code = conflict.unwrap_err().code();
    assert_eq!(code, FailureCode::IdempotencyKeyConflict);
    // Corrected once more before it goes out.
    let act = RequestAct::Reissue(Box::new(draft(None, "quite right")));
    let view = world.desk().act((1, "b".to_owned()), act).await.unwrap();
    assert_eq!(view.order_ref.as_deref(), Some("a"));
    world.until_settled().await;
    assert_eq!(world.view("b").unwrap().state, RequestState::Final);
    let issued = world.issued();
    assert_eq!(issued.len(), 2);
    assert_eq!(issued[0].taken_fen, issued[0].amount_fen);
    assert_eq!(issued[0].order_key, issued[1].order_key, "the same order");
}

#[tokio::test]
async fn a_red_letter_has_no_draft_to_correct() {
    let mut world = World::with_fen(10).await;
    let number = issued(&mut world, "a").await;
    let kept = world.take_back("r", (&number, None), Wait::Accepted).await;
    drop(kept.unwrap());
    let act = RequestAct::Reissue(Box::new(draft(None, "")));
    let refused = world
        .desk()
        .act((1, "r".to_owned()), act)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), FailureCode::ParameterInvalid);
}

#[tokio::test]
async fn an_order_that_is_free_again_is_not_issued_by_the_request_that_was_reversed() {
    let mut world = World::with_fen(100).await;
    let number = issued(&mut world, "a").await;
    drop(
        world
            .take_back("r", (&number, None), Wait::Accepted)
            .await
            .unwrap(),
    );
    world.restart().await;
    world.block_of_all().await;
    world.late_block().await;
    world.late_block().await;
    world.restart().await;
    world.until_settled().await;
    assert_eq!(
        world.view("a").unwrap().number.as_deref(),
        Some(number.as_str())
    );
    assert_eq!(world.issued().len(), 1);
}
