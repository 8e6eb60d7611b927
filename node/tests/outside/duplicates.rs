//! Duplicates in a crowd: a key that is bound stays bound to its draft, whoever asks beside it.

use piao_api::client::IssueOptions;

use crate::process::{Node, draft, final_invoice, key};

/// Pairs of calls at once; fewer than may wait for one key.
const PAIRS: usize = 7;
/// Rounds of them.
const ROUNDS: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn an_issued_draft_is_never_refused_because_another_draft_comes_with_its_key() {
    let node = Node::fresh();
    let send = |price: &'static str| {
        let client = node.client.clone();
        async move {
            let draft = draft(|draft| draft["lines"][0]["unit_price"] = price.into());
            client
                .issue(draft, &key("one"), &IssueOptions::default())
                .await
        }
    };
    let number = final_invoice(send("100.00").await.unwrap()).document.number;
    for round in 0..ROUNDS {
        let mut same = Vec::new();
        let mut other = Vec::new();
        for _pair in 0..PAIRS {
            other.push(tokio::spawn(send("101.00")));
            same.push(tokio::spawn(send("100.00")));
        }
        for call in same {
            let issued = call.await.unwrap();
            let issued = issued.unwrap_or_else(|error| panic!("round {round}: {error}"));
            assert_eq!(final_invoice(issued).document.number, number);
        }
        for call in other {
            let error = call.await.unwrap().unwrap_err();
            assert_eq!(error.problem().unwrap().code, "E1408", "round {round}");
        }
    }
}
