//! A proof speaks for its time, and whoever asks today hears what came since: the real `piao`, the
//! page behind a link, and the node between them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use piao_api::client::{IssueOptions, RedPart};
use piao_api::wire::Invoice;
use serde_json::Value;

use crate::process::{Node, draft, final_invoice, get, key};

/// The program of users, which is built with the workspace and lies beside the node's.
fn piao() -> PathBuf {
    let path = Path::new(env!("CARGO_BIN_EXE_piaod")).with_file_name("piao");
    assert!(
        path.exists(),
        "cargo build --workspace makes {}",
        path.display()
    );
    path
}

/// Runs it in a folder of its own; exit code, stdout, stderr.
fn run(folder: &Path, node: &str, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(piao())
        .env_clear()
        .env("HOME", folder)
        .env("LANG", "C")
        .env("PIAO_NODE", node)
        .current_dir(folder)
        .stdin(Stdio::null())
        .args(args)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

async fn issue(node: &Node, order: &str) -> Invoice {
    let draft = draft(|draft| draft["order_ref"] = order.into());
    let options = IssueOptions::default();
    let issued = node.client.issue(draft, &key(order), &options).await;
    final_invoice(issued.unwrap())
}

async fn red(node: &Node, number: &str, parts: &[RedPart], name: &str) -> Invoice {
    let options = IssueOptions::default();
    let what = ("02", parts);
    let key = key(name);
    let red = node.client.red_letter(number, what, &key, &options).await;
    final_invoice(red.unwrap())
}

#[tokio::test]
async fn an_old_proof_asked_online_and_a_new_one_offline_name_the_red_letter() {
    let mut node = Node::fresh();
    let folder = tempfile::tempdir().unwrap();
    let url = node.client.base_url().to_owned();
    let number = issue(&node, "POS-1").await.document.number;
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("root.json", &node.client.trust_root().await.unwrap());
    write("old.proof", &node.proof(&number).await);
    let verify = |more: &[&str]| {
        let mut args = vec!["verify", "--trust", "root.json"];
        args.extend(more);
        run(folder.path(), &url, &args)
    };
    assert_eq!(verify(&["old.proof"]).0, 0);
    assert_eq!(verify(&["old.proof", "--online"]).0, 0);

    let part = vec![RedPart {
        line: 1,
        amount: "40.00".to_owned(),
    }];
    let first = red(&node, &number, &part, "r1").await.document;
    let (code, said, _) = verify(&["old.proof", "--online"]);
    assert_eq!(code, 0, "reversed in part: {said}");
    assert!(said.contains(&first.number), "{said}");
    let last = red(&node, &number, &[], "r2").await.document;
    write("new.proof", &node.proof(&number).await);

    // Offline the old proof still says what held then, and that it did not ask.
    let (code, said, _) = verify(&["old.proof", "--max-age", "1h"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("later changes"), "{said}");
    let names_it = |said: &str| said.contains(&last.number) && said.contains(&last.final_at);
    for args in [
        &["old.proof", "--online"][..],
        &["new.proof"],
        &[number.as_str()],
        &["new.proof", "--online", "--max-age", "1h"],
    ] {
        let (code, said, _) = verify(args);
        assert_eq!(code, 9, "{args:?}: {said}");
        assert!(
            said.contains("NOT IN FORCE") && names_it(&said),
            "{args:?}: {said}"
        );
    }
    let (_, json, _) = verify(&["--json", "old.proof", "--online"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["verdict"], "in_force");
    assert_eq!(json["online"]["verdict"], "not_in_force");
    assert_eq!(json["online"]["red_letter"]["number"], last.number);
    assert_eq!(json["online"]["red_letter"]["time"], last.final_at);

    // With the node gone the new proof convinces still, and the question of today stays open.
    assert!(node.terminate().success());
    let (code, said, _) = verify(&["new.proof"]);
    assert!(code == 9 && names_it(&said), "{said}");
    assert_eq!(verify(&["old.proof", "--online"]).0, 8);
    assert_eq!(verify(&["new.proof", "--online"]).0, 9);
}

#[tokio::test]
async fn the_page_of_a_link_says_what_became_of_the_invoice() {
    let node = Node::fresh();
    let url = node.client.base_url().to_owned();
    let number = issue(&node, "POS-1").await.document.number;
    let root = node.trust_root().await;
    let path = format!("/i/{number}");
    let before = get(&url, &format!("{path}?lang=en"));
    let address = node.address();
    for text in [
        "HTTP/1.1 200",
        "content-security-policy: default-src 'self';",
        "script-src 'sha256-",
        "In force: genuine",
        "武汉市江岸区示例餐饮店",
        "106.00",
        "Test network: no legal effect",
        "<svg class=\"qr\"",
        &root.fingerprint(),
        &address,
    ] {
        assert!(before.contains(text), "{text}: {before}");
    }
    // The one that opens the document for whoever has the link's secret.
    assert_eq!(before.matches("<script").count(), 1, "{before}");
    assert!(
        !before.contains("深圳市示例科技有限公司"),
        "the buyer is private"
    );

    let last = red(&node, &number, &[], "r").await.document;
    let after = get(&url, &path);
    for text in ["不再有效", "已红冲", &last.number, &last.final_at] {
        assert!(after.contains(text), "{text}: {after}");
    }
    let of_red = get(&url, &format!("/i/{}", last.number));
    assert!(
        of_red.contains("所红冲发票") && of_red.contains(&number),
        "{of_red}"
    );
}
