//! Statements about a number or an account, as files that anyone can check.

use axum::extract::{Path, State};
use axum::http::header::VARY;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::proof::StatementTwin;

use super::stored::CACHE_AND_ASK;
use super::{path, proofs, stored};
use crate::backend::{CompletenessOrder, ListRange, ProofForm, Refusal, StoredFile};
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::strict_json::shortened;
use crate::wire::Problem;

/// That a number is not issued, as of the tip.
#[utoipa::path(get, path = "/v1/invoices/{number}/absence", tag = "invoices",
    operation_id = "download_absence",
    params(("number" = String, Path, description = "20 digits")),
    responses((status = 200, content((Vec<u8> = "application/vnd.piao.proof"),
            (serde_json::Value = "application/vnd.piao.proof+json"))),
        (status = 406, body = Problem),
        (status = 404, body = Problem, description = "The number is issued")))]
pub(crate) async fn absence(
    State(node): State<Node>,
    Path(number): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    parameters.finish()?;
    let form = proofs::form(&headers)?;
    let file = node.backend.absence(path::number(&number)?).await?;
    reply(file, form, &headers)
}

/// All invoices of an account, by its count or by blocks; at most 800 in one file.
#[utoipa::path(get, path = "/v1/accounts/{account}/completeness", tag = "invoices",
    operation_id = "download_completeness",
    params(("account" = u32, Path, description = "Number of the account"),
        ("from" = Option<u64>, Query, description = "Counter of the first invoice, from 1"),
        ("to" = Option<u64>, Query, description = "Counter of the last; left out: the account's last"),
        ("from_height" = Option<u64>, Query, description = "In place of counters: first block"),
        ("to_height" = Option<u64>, Query, description = "Last block; left out: the tip")),
    responses((status = 200, content((Vec<u8> = "application/vnd.piao.proof"),
            (serde_json::Value = "application/vnd.piao.proof+json"))),
        (status = 406, body = Problem),
        (status = 400, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn completeness(
    State(node): State<Node>,
    Path(account): Path<String>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let number = |text: &str| path::height(text).ok();
    let from = parameters.read("from", "a counter", number);
    let to = parameters.read("to", "a counter", number);
    let from_height = parameters.read("from_height", "a height", number);
    let to_height = parameters.read("to_height", "a height", number);
    parameters.finish()?;
    let order = CompletenessOrder {
        account: account_number(&account)?,
        range: range((from, to), (from_height, to_height))?,
    };
    let form = proofs::form(&headers)?;
    let file = node.backend.completeness(order).await?;
    reply(file, form, &headers)
}

/// Hands a statement out in a form; what a node makes is binary.
fn reply(mut file: StoredFile, form: ProofForm, asked: &HeaderMap) -> ApiResult<Response> {
    if form == ProofForm::Json {
        let broken = |_source| Refusal::of(FailureCode::Internal);
        let twin = StatementTwin::of_file(&file.bytes)
            .map_err(|_source| Refusal::of(FailureCode::StoreCorrupt))?;
        file.bytes = serde_json::to_vec(&twin).map_err(broken)?.into();
        // Another representation has another strong tag (RFC 9110, 8.8.3).
        file.version.push_str("-json");
    }
    let media_type = proofs::media_type_of(form);
    let mut response = stored::reply(file, media_type, CACHE_AND_ASK, asked);
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

fn account_number(text: &str) -> Result<u32, Box<Fault>> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && *number > 0);
    number.ok_or_else(|| {
        Fault::at(FailureCode::ParameterInvalid, "/account")
            .got(shortened(text))
            .expected("an account number")
            .into()
    })
}

type Ends = (Option<u64>, Option<u64>);

/// Counters or blocks, not both; none is every counter.
fn range(counters: Ends, blocks: Ends) -> Result<ListRange, Box<Fault>> {
    let refused = |at: &'static str, expected: &'static str| {
        Err(Fault::at(FailureCode::ParameterInvalid, at)
            .expected(expected)
            .into())
    };
    match (counters, blocks) {
        ((from, to), (None, None)) => {
            let from = from.unwrap_or(1);
            if from == 0 {
                return refused("/from", "1 or more");
            }
            if to.is_some_and(|to| to < from) {
                return refused("/to", "a counter from the first on");
            }
            Ok(ListRange::Counters { from, to })
        }
        ((None, None), (from, to)) => {
            let from = from.unwrap_or(0);
            if to.is_some_and(|to| to < from) {
                return refused("/to_height", "a height from the first on");
            }
            Ok(ListRange::Blocks { from, to })
        }
        _ => refused("/from_height", "counters or heights, not both"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_of_counters_or_of_blocks() {
        let all = ListRange::Counters { from: 1, to: None };
        assert_eq!(range((None, None), (None, None)), Ok(all));
        let blocks = ListRange::Blocks {
            from: 0,
            to: Some(9),
        };
        assert_eq!(range((None, None), (None, Some(9))), Ok(blocks));
        for (counters, heights) in [
            ((Some(0), None), (None, None)),
            ((Some(3), Some(2)), (None, None)),
            ((None, None), (Some(3), Some(2))),
            ((Some(1), None), (Some(1), None)),
        ] {
            let fault = range(counters, heights).unwrap_err();
            assert_eq!(fault.code, FailureCode::ParameterInvalid);
        }
    }

    #[test]
    fn an_account_has_one_spelling() {
        assert_eq!(account_number("17"), Ok(17));
        for text in ["", "0", "+1", "1x", "4294967296"] {
            assert!(account_number(text).is_err(), "{text}");
        }
    }
}
