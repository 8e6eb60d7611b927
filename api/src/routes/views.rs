//! The link of an invoice for its owner, and what it opens for whoever has it.
//!
//! Guards: a caller shows a digest of the secret, in a header that is not logged, and not too often;
//! what is wrong and what is not there are told alike.

use axum::extract::{Path, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use super::path;
use super::stored::CACHE_NEVER;
use crate::access::Desk;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::rate_limit::CallerId;
use crate::router::Node;
use crate::wire::{Problem, ViewLink, ViewedInvoice};

/// `H("view", secret)` in lower-case hex (SPEC 8.6).
pub(crate) const VIEW_HEADER: HeaderName = HeaderName::from_static("piao-view");

/// The link of an own invoice, with the secret that opens its document.
///
/// It follows from the document, so it is the same each time, and ends when the document is erased.
#[utoipa::path(get, path = "/v1/invoices/{number}/link", tag = "invoices",
    operation_id = "show_view_link",
    params(("number" = String, Path, description = "20 digits"),
        ("account" = Option<u32>, Query, description = "Only of this account")),
    responses((status = 200, body = ViewLink), (status = 404, body = Problem)),
    security(("api_key" = [])))]
pub(crate) async fn link(
    State(node): State<Node>,
    Desk(caller): Desk,
    Path(number): Path<String>,
    mut parameters: Parameters,
) -> ApiResult<Response> {
    let caller = caller.narrowed(parameters.account())?;
    parameters.finish()?;
    let number = path::number(&number)?;
    let secret = node.backend.view_secret(&caller, number).await?;
    Ok((
        [(CACHE_CONTROL, CACHE_NEVER)],
        Json(ViewLink::of(number, &secret)),
    )
        .into_response())
}

/// An invoice as it stands on paper, for whoever has its link.
///
/// 404 also for a wrong digest, another node's invoice and an erased document. At most 20 calls a
/// second and address.
#[utoipa::path(get, path = "/v1/invoices/{number}/view", tag = "invoices",
    operation_id = "view_invoice",
    params(("number" = String, Path, description = "20 digits"),
        ("Piao-View" = String, Header, description = "H(\"view\", secret), 64 lower-case hex digits")),
    responses((status = 200, body = ViewedInvoice), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub(crate) async fn view(
    State(node): State<Node>,
    Extension(caller): Extension<CallerId>,
    Path(number): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    parameters.finish()?;
    let number = path::number(&number)?;
    let shown = shown(&headers)?;
    node.door.charge_view(&caller)?;
    let document = node.backend.viewed_invoice(number, shown).await?;
    let viewed = ViewedInvoice::from(document);
    Ok(([(CACHE_CONTROL, CACHE_NEVER)], Json(viewed)).into_response())
}

/// The digest a caller shows. A refusal repeats nothing of it.
fn shown(headers: &HeaderMap) -> Result<[u8; 32], Box<Fault>> {
    let mut values = headers.get_all(VIEW_HEADER).iter();
    let one = values.next().filter(|_one| values.next().is_none());
    let text = one.and_then(|value| value.to_str().ok());
    let lower = text.filter(|text| !text.bytes().any(|byte| byte.is_ascii_uppercase()));
    let mut digest = [0; 32];
    let read = lower.and_then(|text| hex::decode_to_slice(text, &mut digest).ok());
    read.map(|()| digest).ok_or_else(|| {
        Fault::at(FailureCode::ParameterInvalid, "/Piao-View")
            .expected("64 lower-case hex digits, once")
            .into()
    })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_digest_has_one_spelling_and_stands_once() {
        let asked = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(VIEW_HEADER, HeaderValue::from_str(value).unwrap());
            }
            shown(&headers)
        };
        let right = "0f".repeat(32);
        assert_eq!(asked(&[&right]), Ok([15; 32]));
        let wrong: [&[&str]; 5] = [
            &[],
            &[""],
            &[&right[2..]],
            &[&right.to_uppercase()],
            &[&right, &right],
        ];
        for values in wrong {
            let fault = asked(values).unwrap_err();
            assert_eq!(
                (fault.code, &fault.got),
                (FailureCode::ParameterInvalid, &None)
            );
        }
    }
}
