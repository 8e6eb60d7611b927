//! Goal: every page exists in both languages, holds nothing inline and nothing from elsewhere, and
//! gives nobody's text back unescaped.

use piao_api::client::{InvoiceQuery, IssueOptions, Issued};
use piao_chain::failure::FailureCode;
use reqwest::Method;

use crate::harness::{Server, draft_of, key};
use crate::memory::Options;

async fn page(server: &Server, path: &str) -> String {
    let reply = server
        .call(Method::GET, path)
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    let policy = reply.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'self';"),
        "{path}: {policy}"
    );
    assert!(!policy.contains("unsafe"), "{path}: {policy}");
    assert_eq!(
        reply.headers()["content-type"],
        "text/html; charset=utf-8",
        "{path}"
    );
    let allowed = policy
        .split_once("; script-src '")
        .map(|(_, hash)| hash.to_owned());
    let html = reply.text().await.unwrap();
    match allowed {
        None => assert_is_plain(path, &html),
        Some(hash) => assert_is_plain(path, &without_its_script(path, &html, &hash)),
    }
    html
}

/// The page of an invoice without the one script that its policy names by hash.
fn without_its_script(path: &str, html: &str, hash: &str) -> String {
    assert!(path.starts_with("/i/"), "{path} has a script");
    let (before, rest) = html.split_once("<script>").unwrap();
    let (script, after) = rest.split_once("</script>").unwrap();
    assert!(script.starts_with("\"use strict\";") && script.contains("Piao-View"));
    assert!(
        hash.starts_with("sha256-") && hash.ends_with('\''),
        "{hash}"
    );
    format!("{before}{after}")
}

/// No script, no inline style or handler, and no address outside this node.
fn assert_is_plain(path: &str, html: &str) {
    let lower = html.to_ascii_lowercase();
    let forbidden = [
        "<script",
        "<style",
        " style=",
        " onclick",
        " onload",
        "javascript:",
        "//",
    ];
    for word in forbidden {
        assert!(!lower.contains(word), "{path} holds {word}");
    }
    assert!(lower.starts_with("<!doctype html><html lang="), "{path}");
    assert!(lower.contains("<main id=\"main\"><h1>"), "{path}");
}

/// A server with one invoice, and the path of its transaction's page.
async fn with_invoice() -> (Server, String) {
    let server = Server::dev().await;
    let client = server.client();
    client
        .issue(draft_of("A-1"), &key("k"), &IssueOptions::default())
        .await
        .unwrap();
    let invoice = client
        .invoices(&InvoiceQuery::default())
        .await
        .unwrap()
        .data
        .remove(0);
    (server, invoice.links.explorer)
}

#[tokio::test]
async fn every_failure_code_has_a_page_in_both_languages() {
    let server = Server::dev().await;
    let list = page(&server, "/errors").await;
    for code in FailureCode::ALL {
        assert!(list.contains(&format!("href=\"/errors/{code}\"")), "{code}");
        let path = format!("/errors/{code}");
        let html = page(&server, &path).await;
        assert!(html.contains("<html lang=\"zh-CN\">"), "{code}");
        assert!(html.contains("接下来怎么办"), "{code}");
        assert!(
            html.contains(code.zh()) && html.contains(code.retry().as_str()),
            "{code}"
        );
        let english = page(&server, &format!("{path}?lang=en")).await;
        assert!(english.contains("<html lang=\"en\">"), "{code}");
        assert!(english.contains("What to do next"), "{code}");
    }
    let by_name = page(&server, "/errors/LINE_TAX_MISMATCH").await;
    assert!(by_name.contains("E1205"));
    let by_number = page(&server, "/errors/1205").await;
    assert!(by_number.contains("LINE_TAX_MISMATCH"));
}

#[tokio::test]
async fn a_page_shows_the_drafts_and_the_answer_of_the_node() {
    let server = Server::dev().await;
    let html = page(&server, "/errors/E1205?lang=zh").await;
    for words in [
        "采用 suggested 的税额",
        "第1行 税额",
        "/lines/0/tax",
        "6.07",
        "6.06",
        "0.06",
        "实际",
        "所有验证者",
        "href=\"/errors/E1206?lang=zh-CN\"",
        "*生产生活服务*餐费",
    ] {
        assert!(html.contains(words), "{words} is missing");
    }
    let english = page(&server, "/errors/E1307?lang=en").await;
    for words in [
        "a small-scale taxpayer",
        "(left out)",
        "Expected",
        "公告2026年第10号",
    ] {
        assert!(english.contains(words), "{words} is missing");
    }
    let state = page(&server, "/errors/E1011?lang=en").await;
    assert!(state.contains("When it happens"));
    assert!(!state.contains("What the node answers"));
    let planned = page(&server, "/errors/E1715?lang=en").await;
    assert!(planned.contains("does not answer with this code"));
    let warning = page(&server, "/errors/W1002?lang=en").await;
    assert!(warning.contains("refuses nothing"));
}

#[tokio::test]
async fn the_list_of_codes_is_searched_by_the_server() {
    let server = Server::dev().await;
    let all = page(&server, "/errors?lang=en").await;
    for words in ["id=\"E12\"", "href=\"#E12\"", "id=\"E1205\"", "id=\"W\""] {
        assert!(all.contains(words), "{words} is missing");
    }
    let links = |html: &str| html.matches("<tr id=").count();
    assert_eq!(
        links(&all),
        FailureCode::ALL.len() + piao_chain::failure::WarningCode::ALL.len()
    );
    let cases = [
        ("q=line+TAX", "E1205", "E1201"),
        ("q=%E7%A8%8E%E9%A2%9D", "E1205", "E1201"),
        ("q=/totals/gross", "E1210", "E1209"),
        ("status=planned", "E1715", "E1205"),
        ("q=e12&status=implemented", "E1205", "E1301"),
        ("q=w1002", "W1002", "E1205"),
    ];
    for (query, found, left_out) in cases {
        let html = page(&server, &format!("/errors?{query}")).await;
        assert!(html.contains(&format!("id=\"{found}\"")), "{query}");
        assert!(!html.contains(&format!("id=\"{left_out}\"")), "{query}");
    }
    let none = page(&server, "/errors?q=%3Cscript%3E&status=nonsense").await;
    assert_eq!(links(&none), 0);
    assert!(none.contains("&lt;script&gt;"));
}

#[tokio::test]
async fn the_status_page_says_where_the_node_stands() {
    let (server, explorer) = with_invoice().await;
    let html = page(&server, "/").await;
    for text in [
        "测试网样票，不具税务效力",
        "26310000000000000001",
        "49.90",
        &explorer,
        "499",
    ] {
        assert!(html.contains(text), "{text} is missing");
    }
    let english = page(&server, "/?lang=en").await;
    assert!(english.contains("Test network"));
    assert!(
        english.contains("href=\"/explorer?lang=en\""),
        "links keep the language"
    );
    for private in [
        "武汉样例科技",
        "上海样例餐饮",
        "91420100MAXH4XGP0H",
        "餐费",
        "finance@",
    ] {
        assert!(!html.contains(private), "{private} is private");
    }
}

#[tokio::test]
async fn a_status_page_for_strangers_shows_no_balance() {
    let server = Server::start(Options {
        dev: false,
        ..Options::default()
    })
    .await;
    let html = page(&server, "/").await;
    assert!(!html.contains("手续费余额"));
    let server = Server::start(Options {
        synced: false,
        ..Options::default()
    })
    .await;
    assert!(page(&server, "/").await.contains("height 7 of 9"));
}

#[tokio::test]
async fn the_explorer_leads_from_block_to_transaction_to_invoice() {
    let (server, explorer) = with_invoice().await;
    assert!(
        page(&server, "/explorer")
            .await
            .contains("href=\"/explorer/1\"")
    );
    assert!(
        page(&server, "/explorer/1")
            .await
            .contains(&format!("href=\"{explorer}\""))
    );
    assert!(page(&server, "/explorer/0").await.contains("没有交易"));
    let html = page(&server, &explorer).await;
    assert!(html.contains("106.00") && html.contains("/v1/invoices/26310000000000000001/proof"));
    assert!(!html.contains("餐费"), "item texts are private");
}

#[tokio::test]
async fn a_search_leads_to_what_it_names() {
    let (server, explorer) = with_invoice().await;
    let txid = explorer.rsplit('/').next().unwrap().to_owned();
    let cases = [
        ("26310000000000000001".to_owned(), explorer.as_str()),
        (txid, explorer.as_str()),
        ("1".to_owned(), "/explorer/1"),
        ("+0+".to_owned(), "/explorer/0"),
    ];
    for (asked, place) in cases {
        let reply = server.get(&format!("/explorer?q={asked}")).await;
        assert_eq!(reply.status(), 303, "{asked}");
        assert_eq!(reply.headers()["location"], place, "{asked}");
    }
    for asked in ["26310000000000000009", "2", "nonsense", &"f".repeat(64)] {
        let reply = server.get(&format!("/explorer?q={asked}")).await;
        assert_eq!(reply.status(), 404, "{asked}");
        assert!(reply.text().await.unwrap().contains(asked), "{asked}");
    }
}

#[tokio::test]
async fn text_from_outside_is_escaped() {
    let server = Server::dev().await;
    let html = page(&server, "/explorer?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
    assert!(html.contains("&lt;script&gt;alert(1)"));
    let html = page(&server, "/errors/%3Cscript%3E").await;
    assert!(html.contains("E2605"));
    let html = page(&server, "/nothing/%22%3E%3Cscript%3E").await;
    assert!(html.contains("E2601"));
}

#[tokio::test]
async fn a_browser_gets_a_page_where_a_program_gets_a_problem() {
    let server = Server::dev().await;
    let html = page(&server, "/explorer/99").await;
    assert!(html.contains("href=\"/errors/E2605\""));
    let english = server
        .call(Method::GET, "/explorer/99")
        .header("accept", "text/html");
    let english = english
        .header("accept-language", "en")
        .send()
        .await
        .unwrap();
    assert_eq!(english.status(), 404);
    assert!(
        english
            .text()
            .await
            .unwrap()
            .contains("Back to the status page")
    );
    // The API answers browsers like everybody else.
    let api = server
        .call(Method::GET, "/v1/blocks/99")
        .header("accept", "text/html");
    let problem = crate::harness::problem(api.send().await.unwrap()).await;
    assert_eq!(problem.code, "E2605");
}

#[tokio::test]
async fn style_and_icon_are_files_of_this_node() {
    let server = Server::dev().await;
    let style = server.get("/style.css").await;
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    let style = style.text().await.unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
    assert_eq!(
        server.get("/icon.svg").await.headers()["content-type"],
        "image/svg+xml"
    );
}

#[tokio::test]
async fn the_verifier_is_one_file_and_the_node_adds_its_trust_root_alone() {
    let server = Server::dev().await;
    let file = verifier(&server, "/verify.html").await;
    assert_eq!(file, piao_api::web::verifier_file());
    let root: String = server
        .call(Method::GET, "/v1/trust-root")
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let page = verifier(&server, "/verify").await;
    let block =
        format!("<script type=\"application/json\" id=\"trust-root-data\">{root}</script>\n");
    assert!(!root.contains('<'));
    assert_eq!(page.replace(&block, ""), file);
    assert_ne!(page, file);
}

/// A page with the verifier's own policy: nothing inline but what its hashes name.
async fn verifier(server: &Server, path: &str) -> String {
    let reply = server.call(Method::GET, path).send().await.unwrap();
    assert_eq!(reply.status(), 200, "{path}");
    let policy = reply.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'sha256-"),
        "{policy}"
    );
    assert!(
        policy.ends_with("frame-ancestors 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(reply.headers()["content-type"], "text/html; charset=utf-8");
    let html = reply.text().await.unwrap();
    let within = policy.trim_end_matches("; frame-ancestors 'none'");
    assert!(
        html.contains(&format!("content=\"{within}\"")),
        "{path} has another policy"
    );
    html
}

#[tokio::test]
async fn a_merchants_requests_have_a_page_each_with_the_reason_and_what_to_do() {
    let server = Server::start(Options {
        balance: 0,
        ..Options::default()
    })
    .await;
    let options = IssueOptions {
        accepted_is_enough: true,
        ..IssueOptions::default()
    };
    let client = server.client();
    let kept = client.issue(draft_of("<b>A-1"), &key("k"), &options).await;
    let Issued::Pending(request) = kept.unwrap() else {
        panic!("short of fee it waits");
    };
    let list = page(&server, "/requests").await;
    assert!(
        list.contains(&format!("/requests/{}", request.id)),
        "{list}"
    );
    assert!(list.contains("等充值") && !list.contains("<b>"), "{list}");
    assert!(
        page(&server, "/requests?state=final")
            .await
            .contains("没有请求")
    );
    let shown = page(&server, &format!("/requests/{}?lang=en", request.id)).await;
    assert!(shown.contains("piao top-up") && shown.contains("for a top-up"));
    assert!(shown.contains(&format!("piao request cancel {}", request.id)));
}

#[tokio::test]
async fn requests_are_shown_to_nobody_but_their_merchant() {
    let server = Server::start(Options {
        dev: false,
        ..Options::default()
    })
    .await;
    let reply = server.call(Method::GET, "/requests").send().await.unwrap();
    assert_eq!(reply.status(), 401);
}

#[tokio::test]
async fn an_invoice_has_a_page_for_its_merchant_with_what_became_of_it_and_what_can_be_done() {
    let server = Server::start(Options::default()).await;
    let (client, key) = (server.client(), key("k"));
    let issued = client
        .issue(draft_of("<i>A-1"), &key, &IssueOptions::default())
        .await;
    let Issued::Final { invoice, .. } = issued.unwrap() else {
        panic!("final at once");
    };
    let number = &invoice.document.number;
    let shown = page(&server, &format!("/invoices/{number}")).await;
    assert!(
        shown.contains("有效") && shown.contains("&lt;i&gt;A-1"),
        "{shown}"
    );
    let shown = page(&server, &format!("/invoices/{number}?lang=en")).await;
    assert!(shown.contains("in force"), "{shown}");
    for command in ["proof get", "invoice reissue", "invoice red-letter"] {
        assert!(
            shown.contains(&format!("piao {command} {number}")),
            "{shown}"
        );
    }
    let unknown = server.call(Method::GET, "/invoices/26420000000000099999");
    assert_eq!(unknown.send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn the_page_of_a_link_shows_what_is_public_and_where_it_stands() {
    let (server, explorer) = with_invoice().await;
    let path = "/i/26310000000000000001";
    let html = page(&server, path).await;
    for text in [
        "26310000000000000001",
        "106.00",
        "100.00",
        "本页主机",
        "<svg class=\"qr\" role=\"img\"",
        "aria-label=\"本页链接的二维码\"",
        &explorer,
        "href=\"/v1/invoices/26310000000000000001/proof\"",
        // Nothing here makes a proof, and the page does not pretend one.
        "本节点现在无法证明其状态",
    ] {
        assert!(html.contains(text), "{text} is missing: {html}");
    }
    for private in ["武汉样例科技", "91420100MAXH4XGP0H", "餐费", "finance@"] {
        assert!(!html.contains(private), "{private} is private");
    }
    let english = page(&server, &format!("{path}?lang=en")).await;
    assert!(english.contains("This is the word of this node"));
    let unknown = server.get("/i/26310000000000009999").await;
    assert_eq!(unknown.status(), 404);
    assert_ne!(server.get("/i/1").await.status(), 200);
}
