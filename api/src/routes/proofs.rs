//! Proof files.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::response::Response;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use super::stored::{CACHE_AND_ASK, CACHE_FOR_EVER, CACHE_NEVER};
use super::{path, stored};
use crate::access::Anyone;
use crate::backend::{ProofForm, ProofOrder, Show};
use crate::limits::SHOW_FIELDS_MAX;
use crate::media_type;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::Problem;

/// The proof of an invoice, current at the tip.
///
/// Public facts need no key; with a key of the seller `show` discloses fields of the document.
#[utoipa::path(get, path = "/v1/invoices/{number}/proof", tag = "invoices",
    operation_id = "download_proof",
    params(("number" = String, Path, description = "20 digits"),
        ("show" = Option<String>, Query, description = "`all`, or names of fields with commas"),
        ("account" = Option<u32>, Query, description = "Only as this account")),
    responses((status = 200, content((Vec<u8> = "application/vnd.piao.proof"),
            (serde_json::Value = "application/vnd.piao.proof+json"))),
        (status = 404, body = Problem), (status = 406, body = Problem)))]
pub(crate) async fn show(
    State(node): State<Node>,
    Anyone(caller): Anyone,
    Path(number): Path<String>,
    mut parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let asked = parameters.account();
    let show = parameters
        .read("show", "all, or names of fields with commas", read_show)
        .unwrap_or(Show::Nothing);
    parameters.finish()?;
    let order = ProofOrder {
        number: path::number(&number)?.to_owned(),
        form: form(&headers)?,
        caller: caller.map(|caller| caller.narrowed(asked)).transpose()?,
        show,
    };
    if order.show != Show::Nothing && order.caller.is_none() {
        return Err(FailureCode::OperatorNotLoggedIn.into());
    }
    let form = media_type_of(order.form);
    let private = order.show != Show::Nothing;
    let file = node.backend.proof(order).await?;
    let cache = match (private, file.immutable) {
        (true, _) => CACHE_NEVER,
        (false, true) => CACHE_FOR_EVER,
        (false, false) => CACHE_AND_ASK,
    };
    let mut response = stored::reply(file, form, cache, &headers);
    let vary = axum::http::HeaderValue::from_static("accept");
    response
        .headers_mut()
        .insert(axum::http::header::VARY, vary);
    Ok(response)
}

/// What a form is called.
pub(super) fn media_type_of(form: ProofForm) -> &'static str {
    match form {
        ProofForm::Binary => media_type::PROOF,
        ProofForm::Json => media_type::PROOF_JSON,
    }
}

/// Reads `show=`.
fn read_show(text: &str) -> Option<Show> {
    if text == "all" {
        return Some(Show::All);
    }
    let names: Vec<_> = text.split(',').map(str::to_owned).collect();
    let sane = names.len() <= SHOW_FIELDS_MAX && !names.iter().any(String::is_empty);
    sane.then_some(Show::Fields(names))
}

/// The form a caller asks for; binary if it does not care.
pub(super) fn form(headers: &HeaderMap) -> Result<ProofForm, Box<Fault>> {
    let accept = match headers.get(ACCEPT) {
        None => return Ok(ProofForm::Binary),
        Some(value) => value.to_str().unwrap_or_default(),
    };
    let wanted = accept
        .split(',')
        .map(|range| range.split(';').next().unwrap_or_default().trim());
    for range in wanted {
        match range {
            media_type::PROOF | "*/*" | "application/*" | "application/octet-stream" | "" => {
                return Ok(ProofForm::Binary);
            }
            media_type::PROOF_JSON | media_type::JSON => return Ok(ProofForm::Json),
            _ => {}
        }
    }
    Err(Fault::new(FailureCode::FormatUnavailable)
        .expected(format!(
            "{} or {}",
            media_type::PROOF,
            media_type::PROOF_JSON
        ))
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_form_that_is_known_is_given() {
        let form_for = |accept: &'static str| {
            let value = axum::http::HeaderValue::from_static(accept);
            form(&HeaderMap::from_iter([(ACCEPT, value)])).map_err(|fault| fault.code)
        };
        assert_eq!(form(&HeaderMap::new()), Ok(ProofForm::Binary));
        assert_eq!(form_for("application/json"), Ok(ProofForm::Json));
        assert_eq!(
            form_for("text/html, application/vnd.piao.proof+json;q=1"),
            Ok(ProofForm::Json)
        );
        assert_eq!(form_for("text/html,*/*;q=0.8"), Ok(ProofForm::Binary));
        assert_eq!(form_for("image/png"), Err(FailureCode::FormatUnavailable));
    }
}
