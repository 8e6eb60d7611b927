//! What the buyer has booked is taken back with its confirmation only, from outside.

use std::time::{Duration, Instant};

use piao_api::client::{ClientError, IssueOptions, Issued};
use piao_api::wire::{
    Confirmation, ConfirmationState, Invoice, InvoiceStatus, RequestState, RequestView, WaitingFor,
};

use crate::process::{Node, draft, final_invoice, key};
use crate::red_letters::{code, part, red};

/// Whatever is waited for here has happened by then.
const WITHIN: Duration = Duration::from_secs(20);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(20);

/// An invoice of account 1 that account 3 has booked.
async fn booked(node: &Node) -> Invoice {
    let buyer = piao_node::dev::people()[2].uscc().to_string();
    let to_buyer = draft(|draft| draft["buyer"]["tax_id"] = buyer.into());
    let options = IssueOptions::default();
    let blue = node.client.issue(to_buyer, &key("b"), &options).await;
    let blue = final_invoice(blue.unwrap());
    let number = blue.document.number.as_str();
    let month = blue.document.issued_at.get(..7).unwrap();
    let stranger = node.client.book(number, ("deducted", month), Some(2)).await;
    let error = stranger.unwrap_err();
    assert_eq!(error.problem().unwrap().code, "E1701");
    let booking = node.client.book(number, ("deducted", month), Some(3)).await;
    let booking = booking.unwrap();
    assert_eq!(
        (booking.booked_use.as_str(), booking.period.as_str()),
        ("deducted", month)
    );
    assert!(node.client.invoice(number).await.unwrap().booked);
    blue
}

/// 10.00 of it is asked back; the request that waits, and what the buyer is asked.
async fn proposed(node: &Node, number: &str) -> (RequestView, Confirmation) {
    let reply = red(node, number, ("02", &part("10.00")), "r").await;
    let Issued::Pending(view) = reply.unwrap() else {
        panic!("issued behind the buyer's back")
    };
    assert_eq!(
        (view.state, view.waiting_for),
        (RequestState::Waiting, Some(WaitingFor::Confirmation))
    );
    let end = Instant::now() + WITHIN;
    loop {
        let page = node.client.red_letters(Some(3), None).await.unwrap();
        if let Some(found) = page.data.into_iter().next() {
            return (*view, found);
        }
        assert!(Instant::now() < end, "nothing is proposed");
        tokio::time::sleep(PAUSE).await;
    }
}

async fn until(node: &Node, id: &str, state: RequestState) -> RequestView {
    let end = Instant::now() + WITHIN;
    loop {
        let view = node.client.request(id).await.unwrap();
        if view.state == state {
            return view;
        }
        assert!(Instant::now() < end, "{view:?}");
        tokio::time::sleep(PAUSE).await;
    }
}

fn refusal(refused: Result<Confirmation, ClientError>) -> String {
    let error = refused.unwrap_err();
    let problem = error.problem();
    problem.unwrap_or_else(|| panic!("{error}")).code.clone()
}

#[tokio::test]
async fn what_the_buyer_has_booked_is_not_taken_back_behind_its_back() {
    let mut node = Node::fresh();
    let blue = booked(&node).await;
    let number = blue.document.number.as_str();
    let (request, asked) = proposed(&node, number).await;
    assert_eq!(
        (asked.number.as_str(), asked.amount.as_str()),
        (number, "10.00")
    );
    assert_eq!((asked.proposed_by, asked.answered_by), (1, 3));
    let other = red(&node, number, ("02", &part("20.00")), "s").await;
    assert_eq!(code(other), "E1711");
    assert!(node.terminate().success());
    node.restart();

    let shown = node.client.invoice(number).await.unwrap().confirmation;
    assert_eq!(shown, Some(asked.clone()));
    let client = &node.client;
    let answer = |id: &str, accept, account| {
        let id = id.to_owned();
        async move { client.answer_red_letter(number, &id, accept, account).await }
    };
    assert_eq!(refusal(answer("open", true, Some(1)).await), "E2013");
    assert_eq!(refusal(answer("open", true, Some(2)).await), "E2605");
    assert_eq!(refusal(answer("5000000000", true, None).await), "E2605");
    let said = answer(&asked.id, true, None).await.unwrap();
    assert!(
        matches!(
            said.state,
            ConfirmationState::Accepted | ConfirmationState::Used
        ),
        "{said:?}"
    );
    let done = until(&node, &request.id, RequestState::Final).await;
    let red = client.invoice(&done.number.unwrap()).await.unwrap();
    assert_eq!(red.document.totals.amount, "-10.00");
    assert!(red.document.remark.unwrap().contains(&asked.id));
    let blue = client.invoice(number).await.unwrap();
    assert_eq!(blue.status, InvoiceStatus::PartlyReversed);
    // The same answer again is no other one; another one comes too late.
    let again = answer(&asked.id, true, None).await.unwrap();
    assert_eq!(again.state, ConfirmationState::Used);
    assert_eq!(refusal(answer("open", false, None).await), "E1709");
    let page = client.red_letters(Some(3), None).await.unwrap();
    assert!(page.data.is_empty() && !page.has_more, "{page:?}");
}

#[tokio::test]
async fn a_refusal_of_the_buyer_ends_the_request_until_its_merchant_tries_again() {
    let mut node = Node::fresh();
    let blue = booked(&node).await;
    let number = blue.document.number.as_str();
    let (request, asked) = proposed(&node, number).await;
    // As a network that an earlier version made: without a key to answer with.
    assert!(node.terminate().success());
    std::fs::remove_file(node.data.join("keys/buyer-1-admin.key")).unwrap();
    node.restart();
    let said = node
        .client
        .answer_red_letter(number, &asked.id, false, Some(3));
    assert_eq!(said.await.unwrap().state, ConfirmationState::Refused);
    let failed = until(&node, &request.id, RequestState::Failed).await;
    assert_eq!(failed.failures[0].code, "E1710");
    let again = red(&node, number, ("02", &part("10.00")), "r").await;
    assert_eq!(code(again), "E1710");

    let retried = node.client.retry(&request.id).await.unwrap();
    assert_eq!(retried.waiting_for, Some(WaitingFor::Confirmation));
    let (_request, asked) = proposed(&node, number).await;
    let cancelled = node.client.cancel(&request.id).await.unwrap();
    assert_eq!(cancelled.state, RequestState::Cancelled);
    let end = Instant::now() + WITHIN;
    loop {
        let shown = node.client.invoice(number).await.unwrap();
        if shown.confirmation.unwrap().state == ConfirmationState::Withdrawn {
            break;
        }
        assert!(Instant::now() < end, "{asked:?} is not taken back");
        tokio::time::sleep(PAUSE).await;
    }
}
