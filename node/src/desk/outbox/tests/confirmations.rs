//! Red letters of invoices that the buyer has booked: they go out with its confirmation only.

use std::time::Duration;

use piao_api::backend::{IssueReply, RequestAct, Wait};
use piao_api::wire::{ConfirmationState, RequestState, RequestView, WaitingFor};
use piao_chain::failure::FailureCode;
use piao_chain::invoice::InvoiceNumber;
use piao_chain::testing::{TestNet, buyer_uscc};
use piao_chain::time::IssueDate;
use piao_chain::transaction::{Payload, RedAnswer, SignedTransaction};

use super::world::{BEYOND_ANSWER_MS, World, draft};

fn index_of(number: &str) -> u64 {
    number.parse::<InvoiceNumber>().unwrap().sequence()
}

/// The buyer books an invoice as deducted.
async fn book(world: &mut World, number: &str) {
    let (year, month, _day) = IssueDate::of(world.net.now()).calendar().unwrap();
    let period = u32::from(year) * 100 + u32::from(month);
    let book = world.net.book(index_of(number), 2, period);
    world.block(vec![book]).await;
}

async fn issued(world: &mut World) -> String {
    let mut draft = draft(Some("a"), "");
    draft.buyer.as_mut().unwrap().tax_id = Some(buyer_uscc().to_string());
    drop(world.accept("a", &draft).await.unwrap());
    world.block_of_all().await;
    world.view("a").unwrap().number.unwrap()
}

/// A world in which the buyer has booked an invoice; its number.
async fn booked() -> (World, String) {
    let mut world = World::with_buyer().await;
    let number = issued(&mut world).await;
    book(&mut world, &number).await;
    (world, number)
}

fn is_proposal(transaction: &SignedTransaction) -> bool {
    let payload = &transaction.body().payload;
    matches!(payload, Payload::ProposeRedLetter(_))
}

/// Proposals on the chain, and different ones that left the node and are in no block.
fn proposals(world: &mut World) -> (usize, usize) {
    world.gather();
    let blocks = world.net.blocks.iter();
    let final_ones = blocks.flat_map(|decided| &decided.block.transactions);
    let final_ones = final_ones.filter(|one| is_proposal(one)).count();
    let out = world.out.iter().filter(|one| is_proposal(one)).count();
    (final_ones, out)
}

/// 10.00 is asked back and proposed to the buyer.
async fn proposed(world: &mut World, number: &str) {
    let wanted = (number, Some(1_000));
    let reply = world.take_back("r", wanted, Wait::Accepted).await;
    assert!(matches!(reply, Ok(IssueReply::Pending(_))), "{reply:?}");
    world.desk().pass().await;
    world.block_of_all().await;
    assert_eq!(stands(world), Some(ConfirmationState::Open));
}

async fn answer(world: &mut World, number: &str, answer: RedAnswer) {
    let buyer = (2, &TestNet::buyer_admin());
    let answer = world.net.answer(buyer, index_of(number), answer);
    world.block(vec![answer]).await;
    world.desk().pass().await;
}

fn view(world: &World) -> RequestView {
    world.view("r").unwrap()
}

fn stands(world: &World) -> Option<ConfirmationState> {
    view(world).confirmation.map(|one| one.state)
}

fn failed_with(world: &World) -> Option<String> {
    let view = view(world);
    assert_eq!(view.state, RequestState::Failed, "{view:?}");
    view.failures.first().map(|failure| failure.code.clone())
}

#[tokio::test]
async fn a_red_letter_of_a_booked_invoice_is_proposed_once_and_goes_out_when_it_is_accepted() {
    let (mut world, number) = booked().await;
    let wanted = (number.as_str(), Some(1_000));
    // Whoever waits for the end of it is told that it takes longer.
    let wait = Wait::Final(Duration::from_millis(1));
    let reply = world.take_back("r", wanted, wait).await.unwrap();
    assert!(matches!(reply, IssueReply::Pending(_)), "{reply:?}");
    assert_eq!(view(&world).state, RequestState::Waiting);
    assert_eq!(view(&world).waiting_for, Some(WaitingFor::Confirmation));
    world.restart().await;
    world.desk().pass().await;
    assert_eq!(proposals(&mut world), (0, 1));
    // It dies after the proposal left: the very same leaves again.
    world.restart().await;
    world.desk().pass().await;
    world.desk().pass().await;
    assert_eq!(proposals(&mut world), (0, 1));
    world.block_of_all().await;
    for _again in 0..3 {
        world.restart().await;
        world.desk().pass().await;
        let reply = world.take_back("r", wanted, Wait::Accepted).await.unwrap();
        assert!(matches!(reply, IssueReply::Pending(_)), "{reply:?}");
    }
    assert_eq!(proposals(&mut world), (1, 0));
    assert_eq!(stands(&world), Some(ConfirmationState::Open));
    assert_eq!(world.issued()[0].taken_fen, 0);

    answer(&mut world, &number, RedAnswer::Accept).await;
    assert_eq!(view(&world).state, RequestState::Submitted);
    world.block_of_all().await;
    assert_eq!(view(&world).state, RequestState::Final);
    assert_eq!(stands(&world), Some(ConfirmationState::Used));
    world.desk().pass().await;
    assert_eq!(world.issued()[0].taken_fen, 1_000);
    assert_eq!(proposals(&mut world), (1, 0));
    assert_eq!(world.desk().jobs.len(), 0);
}

#[tokio::test]
async fn what_the_buyer_refuses_fails_and_is_proposed_again_only_when_the_merchant_says_so() {
    let (mut world, number) = booked().await;
    proposed(&mut world, &number).await;
    answer(&mut world, &number, RedAnswer::Refuse).await;
    assert_eq!(failed_with(&world).as_deref(), Some("E1710"));
    for _again in 0..2 {
        let wanted = (number.as_str(), Some(1_000));
        let again = world.take_back("r", wanted, Wait::Accepted).await;
        assert_eq!(again.unwrap_err().code(), FailureCode::RedConfirmRefused);
        world.restart().await;
        world.desk().pass().await;
    }
    assert_eq!(proposals(&mut world), (1, 0));
    let retried = world.desk().act((1, "r".to_owned()), RequestAct::Retry);
    let retried = retried.await.unwrap();
    assert_eq!(retried.waiting_for, Some(WaitingFor::Confirmation));
    world.block_of_all().await;
    assert_eq!(proposals(&mut world), (2, 0));
    answer(&mut world, &number, RedAnswer::Accept).await;
    world.block_of_all().await;
    assert_eq!(view(&world).state, RequestState::Final);
}

#[tokio::test]
async fn what_nobody_answers_fails_when_it_lapses() {
    let (mut world, number) = booked().await;
    proposed(&mut world, &number).await;
    world.late_block().await;
    world.desk().pass().await;
    assert_eq!(view(&world).waiting_for, Some(WaitingFor::Confirmation));
    let later_ms = world.net.now().ms() + BEYOND_ANSWER_MS;
    world.block_at(later_ms).await;
    world.desk().pass().await;
    assert_eq!(failed_with(&world).as_deref(), Some("E1709"));
    world.restart().await;
    world.desk().pass().await;
    assert_eq!(failed_with(&world).as_deref(), Some("E1709"));
    assert_eq!(proposals(&mut world), (1, 0));
    let retried = world.desk().act((1, "r".to_owned()), RequestAct::Retry);
    assert_eq!(retried.await.unwrap().state, RequestState::Waiting);
    world.block_of_all().await;
    assert_eq!(proposals(&mut world), (2, 0));
    answer(&mut world, &number, RedAnswer::Accept).await;
    world.block_of_all().await;
    assert_eq!(view(&world).state, RequestState::Final);
}

#[tokio::test]
async fn a_proposal_that_no_block_took_is_made_anew_once_none_can_take_it() {
    let (mut world, number) = booked().await;
    let wanted = (number.as_str(), Some(1_000));
    drop(world.take_back("r", wanted, Wait::Accepted).await.unwrap());
    world.desk().pass().await;
    world.gather();
    world.out.clear();
    world.late_block().await;
    world.restart().await;
    world.desk().pass().await;
    assert_eq!(proposals(&mut world), (0, 1));
    world.block_of_all().await;
    answer(&mut world, &number, RedAnswer::Accept).await;
    world.block_of_all().await;
    assert_eq!(view(&world).state, RequestState::Final);
    assert_eq!(proposals(&mut world), (1, 0));
}

#[tokio::test]
async fn a_request_that_is_given_up_takes_its_proposal_back() {
    let (mut world, number) = booked().await;
    proposed(&mut world, &number).await;
    let other = (number.as_str(), Some(2_000));
    let refused = world.take_back("s", other, Wait::Accepted).await;
    let code = refused.unwrap_err().code();
    assert_eq!(code, FailureCode::RedConfirmPendingExists);
    assert!(world.view("s").is_none(), "nothing is kept");

    let cancelled = world.desk().act((1, "r".to_owned()), RequestAct::Cancel);
    assert_eq!(cancelled.await.unwrap().state, RequestState::Cancelled);
    world.restart().await;
    world.desk().pass().await;
    world.block_of_all().await;
    assert_eq!(stands(&world), Some(ConfirmationState::Withdrawn));
    world.desk().pass().await;
    assert_eq!(view(&world).state, RequestState::Cancelled);
    assert_eq!(world.desk().jobs.len(), 0);

    drop(world.take_back("s", other, Wait::Accepted).await.unwrap());
    world.desk().pass().await;
    world.block_of_all().await;
    // The one that was given up has nothing to do with it.
    world.restart().await;
    world.desk().pass().await;
    answer(&mut world, &number, RedAnswer::Accept).await;
    world.block_of_all().await;
    assert_eq!(world.view("s").unwrap().state, RequestState::Final);
    assert_eq!(world.issued()[0].taken_fen, 2_000);
}

#[tokio::test]
async fn what_is_booked_while_its_red_letter_is_under_way_waits_for_the_buyer() {
    let mut world = World::with_buyer().await;
    let number = issued(&mut world).await;
    let wanted = (number.as_str(), Some(1_000));
    drop(world.take_back("r", wanted, Wait::Accepted).await.unwrap());
    world.gather();
    let letter = world.out.pop().unwrap();
    book(&mut world, &number).await;
    world.drop_from_pool(&letter, FailureCode::OriginalUsedForDeduction);
    for _at in 0..3 {
        let retried = world.desk().act((1, "r".to_owned()), RequestAct::Retry);
        assert_eq!(
            retried.await.unwrap().waiting_for,
            Some(WaitingFor::Confirmation)
        );
    }
    assert_eq!(proposals(&mut world), (0, 1));
    world.block_of_all().await;
    answer(&mut world, &number, RedAnswer::Accept).await;
    world.block_of_all().await;
    assert_eq!(view(&world).state, RequestState::Final);
    assert_eq!(world.issued()[0].taken_fen, 1_000);
}

#[tokio::test]
async fn a_booked_invoice_is_replaced_with_the_buyers_confirmation() {
    let (mut world, number) = booked().await;
    let right = draft(Some("a"), "right");
    let wait = Wait::Final(Duration::from_millis(1));
    let reply = world.replace("r", (&number, &right), wait).await.unwrap();
    assert!(matches!(reply, IssueReply::Pending(_)), "{reply:?}");
    world.desk().pass().await;
    world.block_of_all().await;
    assert_eq!(view(&world).confirmation.unwrap().reason, "01");
    answer(&mut world, &number, RedAnswer::Accept).await;
    world.block_of_all().await;
    assert_eq!(view(&world).state, RequestState::Final);
    let issued = world.issued();
    assert_eq!(issued[0].taken_fen, issued[0].amount_fen);
    assert_eq!(issued.len(), 2);
}
