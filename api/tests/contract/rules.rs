//! Goal: the rules and the catalogue can be read by anybody, are cached by their content, and say
//! what the chain's own tables say.

use piao_chain::failure::{FailureCode, Support};
use piao_chain::invoice::TEXT_LIMITS;
use piao_chain::tax::RuleSet;
use serde_json::{Value, json};

use crate::harness::{Server, draft, pair, problem, refusal};

/// The rates of a day, as a reader picks them.
fn applying(rules: &piao_api::wire::Rules) -> Vec<&str> {
    let rates = rules.rates.iter().filter(|rate| rate.applies);
    rates.map(|rate| rate.rate.as_str()).collect()
}

#[tokio::test]
async fn the_rates_of_a_day_are_marked_among_all_rates() {
    let server = Server::dev().await;
    let client = server.client();
    let rules = client.rules(Some("2026-11-21"), None).await.unwrap();
    assert_eq!(rules.rule_set, RuleSet::CURRENT.id);
    assert_eq!(rules.current, RuleSet::CURRENT.id);
    assert_eq!(rules.on, "2026-11-21");
    assert_eq!(
        applying(&rules),
        ["0.13", "0.09", "0.06", "0", "0.03", "0.01", "0.015"]
    );
    let before = client.rules(Some("2025-12-31"), None).await.unwrap();
    assert!(applying(&before).contains(&"0.05"));
    assert_eq!(before.rates.len(), rules.rates.len());
    let off = rules.rates.iter().find(|rate| !rate.in_force).unwrap();
    assert!(!off.applies && off.zh.contains("停用") && off.en.contains("off"));
    let tolerances: Vec<_> = rules
        .tolerances
        .iter()
        .map(|one| (one.code.as_str(), one.most.as_str()))
        .collect();
    assert_eq!(
        tolerances,
        [
            ("E1204", "0.01"),
            ("E1205", "0.06"),
            ("E1206", "0.01"),
            ("E1207", "1.27")
        ]
    );
    let today = client.rules(None, Some(1)).await.unwrap();
    assert_eq!((today.rule_set, today.current), (1, RuleSet::CURRENT.id));
    assert!(today.classes.is_none() && today.special_businesses.is_empty());
}

#[tokio::test]
async fn a_wrong_day_and_an_unknown_rule_set_are_refused() {
    let server = Server::dev().await;
    for day in ["2026-02-30", "21.11.2026", "today"] {
        let problem = problem(server.get(&format!("/v1/rules?on={day}")).await).await;
        assert_eq!((problem.status, problem.code.as_str()), (422, "E1105"));
        assert_eq!(problem.failures[0].pointer.as_deref(), Some("/on"));
    }
    let reply = server.get("/v1/rules?rule_set=999").await;
    assert_eq!(refusal(reply).await, pair(404, "E2605"));
    for query in ["rule_set=x", "nothing=1", "on=2026-01-01&on=2026-01-02"] {
        let reply = server.get(&format!("/v1/rules?{query}")).await;
        assert_eq!(refusal(reply).await, pair(400, "E2606"), "{query}");
    }
}

#[tokio::test]
async fn who_has_a_catalogue_already_is_told_so() {
    let server = Server::dev().await;
    let paths = [
        "/v1/rules?on=2026-11-21",
        "/v1/failures",
        "/v1/failures/E1205",
    ];
    for path in paths {
        let first = server.get(path).await;
        assert_eq!(first.status(), 200, "{path}");
        assert_eq!(first.headers()["content-type"], "application/json");
        assert_eq!(first.headers()["cache-control"], "public, no-cache");
        let etag = first.headers()["etag"].clone();
        let again = server
            .call(reqwest::Method::GET, path)
            .header("if-none-match", etag)
            .send()
            .await
            .unwrap();
        assert_eq!(again.status(), 304, "{path}");
        assert!(again.bytes().await.unwrap().is_empty());
    }
    let other = server.get("/v1/rules?on=2025-11-21").await.headers()["etag"].clone();
    assert_ne!(server.get(paths[0]).await.headers()["etag"], other);
}

#[tokio::test]
async fn a_code_is_explained_with_drafts_that_provoke_and_pass_it() {
    let server = Server::dev().await;
    let client = server.client();
    let told = client.failure("LINE_TAX_MISMATCH").await.unwrap();
    assert_eq!(told.entry.code, "E1205");
    assert!(told.advice.is_some() && told.occasion.is_none());
    assert_eq!(told.related, ["E1206", "E1207", "E1209"]);
    let example = told.example.unwrap();
    assert_eq!(
        example.refused.failures[0].expected.as_deref(),
        Some("6.00")
    );
    assert_eq!(
        example.refused.failures[0].suggested.as_deref(),
        Some("6.00")
    );
    assert_eq!(example.accepted.failures, []);
    let told = client.failure("E2102").await.unwrap();
    assert!(told.occasion.is_some() && told.example.is_none());
    let json: Value = server.get("/v1/failures/E1715").await.json().await.unwrap();
    assert_eq!(json["status"], "planned");
    assert_eq!(json["advice"], Value::Null);
}

#[tokio::test]
async fn a_check_names_the_rule_set_and_lists_every_fault_in_order() {
    let server = Server::dev().await;
    let mut draft = draft();
    draft["lines"][0]["tax"] = json!("7.00");
    draft["lines"][0]["name"] = json!("餐费");
    draft["buyer"]["tax_id"] = json!("91420100 maxh4xgp0h");
    draft["remarks"] = json!("x");
    let reply = server
        .post("/v1/invoices/check", "unused", draft.to_string())
        .await;
    let report: Value = reply.json().await.unwrap();
    assert_eq!(report["rule_set"], RuleSet::CURRENT.id);
    assert_eq!(report["valid"], false);
    let codes: Vec<_> = report["failures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|failure| failure["code"].as_str().unwrap())
        .collect();
    assert!(codes.is_sorted(), "{codes:?}");
    for code in ["E1014", "E1104", "E1205"] {
        assert!(codes.contains(&code), "{code} in {codes:?}");
    }
}

/// Every text is accepted at its limit and refused one character over it.
#[test]
fn the_listed_lengths_are_the_lengths_that_are_judged() {
    let judge = |pointer: &str, chars: usize| {
        let mut json = draft();
        json["payment_refs"] = json!(["x"]);
        json["tags"] = json!(["x"]);
        let pointer = pointer.replace("{i}", "0");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        // The node puts the short name of the code before an item without one.
        let start = match pointer.as_str() {
            "/lines/0/name" => "*生产生活服务*",
            _ => "",
        };
        let rest = chars - start.chars().count();
        let text = json!(format!("{start}{}", "字".repeat(rest)));
        match json.pointer_mut(parent).unwrap() {
            Value::Array(items) => items[name.parse::<usize>().unwrap()] = text,
            parent => parent[name] = text,
        }
        let (draft, _) = piao_api::wire::draft::read_bytes(json.to_string().as_bytes()).unwrap();
        let desk = piao_chain::invoice::sample::desk();
        let faults = piao_chain::invoice::preflight(&draft, &desk).faults;
        faults.iter().any(|fault| {
            let about = fault.pointer.as_deref() == Some(pointer.as_str());
            let long = [FailureCode::FieldTooLong, FailureCode::RemarkTooLong];
            about && long.contains(&fault.code)
        })
    };
    for limit in TEXT_LIMITS {
        assert!(!judge(limit.pointer, limit.chars_max), "{}", limit.pointer);
        assert!(
            judge(limit.pointer, limit.chars_max + 1),
            "{}",
            limit.pointer
        );
    }
    let remark = RuleSet::CURRENT.remark_chars_max;
    assert!(!judge("/remark", remark) && judge("/remark", remark + 1));
}

#[test]
fn every_code_this_version_raises_has_a_guide() {
    use piao_chain::failure::examples::Guide;
    let raised = FailureCode::ALL
        .iter()
        .filter(|code| code.support() == Support::Implemented);
    for &code in raised {
        let guide = Guide::of(code).unwrap_or_else(|| panic!("{code} has no guide"));
        assert_eq!(
            guide.example().is_some(),
            piao_api::examples::of(code).is_some(),
            "{code}: an example that cannot be carried out"
        );
    }
}
