//! The link of an invoice: what it opens on a real node, and that nothing of it is written down.

use piao_api::client::IssueOptions;
use piao_chain::digest::{Tag, hash};

use crate::process::{Node, draft, final_invoice, key};
use crate::wire::{Reply, exchange, get};

async fn issue(node: &Node, order: &str) -> String {
    let draft = draft(|draft| draft["order_ref"] = order.into());
    let options = IssueOptions::default();
    let issued = node.client.issue(draft, &key(order), &options).await;
    final_invoice(issued.unwrap()).document.number
}

/// The digest of a secret as it stands in a link, by another way than the node's.
fn digest(secret: &str) -> String {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: String = secret
        .chars()
        .map(|letter| format!("{:06b}", letters.find(letter).unwrap()))
        .collect();
    let bytes: Vec<u8> = (0..16)
        .map(|at| u8::from_str_radix(&bits[8 * at..8 * at + 8], 2).unwrap())
        .collect();
    hex::encode(hash(Tag::View, &bytes))
}

fn view(node: &Node, number: &str, digest: &str) -> Reply {
    let call = format!(
        "GET /v1/invoices/{number}/view HTTP/1.1\r\nHost: node\r\nPiao-View: {digest}\r\n\
         Connection: close\r\n\r\n"
    );
    exchange(&node.address(), call.as_bytes(), false)
}

#[tokio::test]
async fn a_link_opens_its_own_document_and_the_log_holds_neither_secret_nor_name() {
    let node = Node::fresh();
    let (first, second) = (issue(&node, "POS-1").await, issue(&node, "POS-2").await);
    let link = node.client.view_link(&first).await.unwrap();
    assert_eq!(
        node.client.view_link(&first).await.unwrap(),
        link,
        "the same each time"
    );
    let secret = link.path.strip_prefix(&format!("/i/{first}#")).unwrap();
    let shown = digest(secret);
    let invoice = node.client.invoice(&first).await.unwrap();
    let name = invoice.document.buyer.name.unwrap();

    let opened = view(&node, &first, &shown);
    assert_eq!(opened.status(), 200);
    assert!(opened.text.contains(&name), "{}", opened.text);
    let refused = view(&node, &second, &shown);
    assert_eq!(refused.status(), 404, "another invoice of the same seller");
    assert!(!refused.text.contains(&name));
    assert_eq!(view(&node, &first, &"00".repeat(32)).status(), 404);
    let public = get(&node.address(), &format!("/i/{first}"));
    assert_eq!(public.status(), 200);
    assert!(!public.text.contains(&name) && !public.text.contains(secret));

    let log = node.log();
    for private in [secret, &shown, &name] {
        assert!(!log.contains(private), "{private} stands in the log");
    }
}
