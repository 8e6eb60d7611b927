//! Two nodes of one merchant that are asked with the same key.

use std::time::Duration;

use piao_api::backend::{IssueReply, Refusal, Wait};
use piao_api::wire::invoice::DocumentState;
use piao_api::wire::{Invoice, RequestState};
use piao_chain::failure::FailureCode;

use super::world::{World, draft};

const SOON: Wait = Wait::Final(Duration::from_millis(1));

fn replayed(reply: Result<IssueReply, Refusal>) -> Invoice {
    match reply {
        Ok(IssueReply::Final {
            invoice,
            replayed: true,
        }) => *invoice,
        other => panic!("not answered with what is there: {other:?}"),
    }
}

#[tokio::test]
async fn the_second_answers_with_the_invoice_of_the_first_also_after_its_guard_is_forgotten() {
    let mut world = World::with_fen(100).await;
    for (key, order) in [("ordered", Some("a")), ("bare", None)] {
        drop(world.accept(key, &draft(order, "")).await.unwrap());
        world.block_of_all().await;
        let number = world.view(key).unwrap().number.unwrap();
        for _window in 0..2 {
            world.become_another_node().await;
            let there = replayed(world.issue(key, &draft(order, "")).await);
            assert_eq!(there.document.number, number);
            assert_eq!(there.document_state, DocumentState::Elsewhere);
            let mut other = draft(order, "");
            other.lines[0].amount = Some("200.00".to_owned());
            other.lines[0].unit_price = Some("200.00".to_owned());
            let conflict = world.issue(key, &other).await.unwrap_err();
            assert_eq!(conflict.code(), FailureCode::IdempotencyKeyConflict);
            world.late_block().await;
            world.late_block().await;
        }
    }
    assert_eq!(world.guards().len(), 2);
}

#[tokio::test]
async fn of_two_that_were_signed_one_is_issued_and_the_other_node_shows_no_document_of_its_own() {
    let mut world = World::with_fen(100).await;
    let wanted = draft(Some("a"), "");
    drop(world.accept("k", &wanted).await.unwrap());
    world.gather();
    let first = std::mem::take(&mut world.out);
    world.become_another_node().await;
    drop(world.accept("k", &wanted).await.unwrap());
    world.block(first).await;
    let there = replayed(world.issue("k", &wanted).await);
    assert_eq!(there.document_state, DocumentState::Elsewhere);
    world.desk().pass().await;
    assert_eq!(world.view("k").unwrap().state, RequestState::Final);
    world.until_settled().await;
    assert_eq!(world.guards().len(), 1);
}

#[tokio::test]
async fn what_waits_on_one_node_ends_with_what_the_other_has_issued() {
    let mut world = World::with_fen(10).await;
    let wanted = draft(Some("a"), "");
    drop(world.accept("k", &wanted).await.unwrap());
    world.gather();
    let first = std::mem::take(&mut world.out);
    world.become_another_node().await;
    // Its twin's invoice is in a block and has taken the last fee; it is not asked of this node yet.
    world.block(first).await;
    drop(world.accept("other", &draft(Some("b"), "")).await.unwrap());
    assert_eq!(world.view("other").unwrap().state, RequestState::Waiting);
    let there = replayed(world.accept("k", &wanted).await);
    world.until_settled().await;
    assert_eq!(world.view("other").unwrap().state, RequestState::Final);
    assert_ne!(
        world.view("other").unwrap().number,
        Some(there.document.number)
    );
    assert_eq!(world.guards().len(), 2);
}

#[tokio::test]
async fn a_request_that_waited_here_is_final_as_soon_as_its_caller_hears_of_the_other_nodes_invoice()
 {
    let mut world = World::with_fen(10).await;
    let wanted = draft(Some("a"), "");
    drop(world.accept("k", &wanted).await.unwrap());
    world.gather();
    let first = std::mem::take(&mut world.out);
    world.become_another_node().await;
    drop(world.accept("spends", &draft(Some("b"), "")).await.unwrap());
    drop(world.accept("k", &wanted).await.unwrap());
    assert_eq!(world.view("k").unwrap().state, RequestState::Waiting);
    world.block(first).await;
    replayed(world.accept("k", &wanted).await);
    assert_eq!(world.view("k").unwrap().state, RequestState::Final);
}

#[tokio::test]
async fn a_red_letter_is_issued_once_by_both_and_another_one_needs_another_key() {
    let mut world = World::with_fen(100).await;
    drop(world.accept("a", &draft(Some("a"), "")).await.unwrap());
    world.block_of_all().await;
    let number = world.view("a").unwrap().number.unwrap();
    let part = (number.as_str(), Some(1_000));
    drop(world.take_back("r", part, Wait::Accepted).await.unwrap());
    world.block_of_all().await;
    for _window in 0..2 {
        world.become_another_node().await;
        replayed(world.take_back("r", part, SOON).await);
        let more = world.take_back("r", (&number, Some(1_001)), SOON).await;
        assert_eq!(
            more.unwrap_err().code(),
            FailureCode::IdempotencyKeyConflict
        );
        world.late_block().await;
        world.late_block().await;
    }
    assert_eq!(world.issued()[0].taken_fen, 1_000);
}
