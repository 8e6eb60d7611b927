//! The rules of the law as this version holds them.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::tax::RuleSet;
use piao_chain::time::{BlockTime, IssueDate};

use super::catalogue;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::strict_json::shortened;
use crate::wire::{Problem, Rules};

/// One rule set: rates with their dates, tolerances, lengths; what applies on a day is marked.
#[utoipa::path(get, path = "/v1/rules", tag = "catalogues",
    operation_id = "show_rules",
    params(("on" = Option<String>, Query, description = "A day, `yyyy-mm-dd` in UTC+8; default today by the node's clock"),
        ("rule_set" = Option<u16>, Query, description = "Number of a rule set; default the one new invoices name")),
    responses((status = 200, body = Rules), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub(crate) async fn show(
    State(node): State<Node>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let day = parameters.text("on");
    let wanted = parameters.read("rule_set", "a number", |text| text.parse::<u16>().ok());
    parameters.finish()?;
    let on = match day {
        Some(text) => read_day(&text)?,
        None => today(),
    };
    let current = node.backend.rule_set().await?;
    let rules = find(wanted.unwrap_or(current))?;
    catalogue::reply(&Rules::of(rules, current, on), &headers)
}

fn read_day(text: &str) -> Result<IssueDate, Box<Fault>> {
    IssueDate::parse(text).map_err(|_why| {
        Fault::at(FailureCode::DateInvalid, "/on")
            .got(shortened(text))
            .expected("a date, yyyy-mm-dd")
            .into()
    })
}

fn find(wanted: u16) -> Result<&'static RuleSet, Box<Fault>> {
    RuleSet::by_id(wanted).ok_or_else(|| {
        let known: Vec<String> = RuleSet::ALL.iter().map(|set| set.id.to_string()).collect();
        Fault::at(FailureCode::ResourceNotFound, "/rule_set")
            .got(wanted.to_string())
            .expected(format!("one of {}", known.join(", ")))
            .into()
    })
}

/// Today in China, by this machine's clock; a clock before 1970 is its first day.
fn today() -> IssueDate {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let ms = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    IssueDate::of(BlockTime::from_ms(ms))
}
