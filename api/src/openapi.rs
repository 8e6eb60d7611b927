//! The `OpenAPI` 3.1 document: built from the handlers, committed as `api/openapi.json`, and served.
//!
//! Guards: a test fails when the committed document and the handlers differ, so a change of the
//! contract is seen in review.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::media_type;
use crate::routes::{
    accounts, blocks, failures, health, invoices, proofs, requests, stored, transactions,
};

/// The document as committed.
pub const COMMITTED: &str = include_str!("../openapi.json");

/// The whole contract.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Piao",
        description = "Invoices checked, signed, made final and proved. Errors are RFC 9457 \
                       problems that list every failure; money, rates and quantities are decimal \
                       strings; unknown members are refused.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        invoices::check, invoices::issue, invoices::list, invoices::show, invoices::deliverable,
        proofs::show,
        requests::show, requests::outcome,
        accounts::show, accounts::ledger, accounts::top_up,
        transactions::submit, transactions::show,
        blocks::chain, blocks::list, blocks::show, blocks::validators, blocks::trust_root,
        failures::list, failures::show,
        health::live, health::ready, health::metrics,
    ),
    modifiers(&ApiKey, &Problems)
)]
struct Contract;

/// Adds how a caller shows who it is.
struct ApiKey;

impl Modify for ApiKey {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("api_key", scheme);
    }
}

/// Gives every call its problem reply, every problem its media type, every reply its meaning.
struct Problems;

impl Modify for Problems {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for path in openapi.paths.paths.values_mut() {
            for operation in [&mut path.get, &mut path.post].into_iter().flatten() {
                let replies = &mut operation.responses.responses;
                replies
                    .entry("default".to_owned())
                    .or_insert_with(problem_reply);
                for (status, reply) in replies {
                    if let RefOr::T(reply) = reply {
                        complete(status, reply);
                    }
                }
            }
        }
    }
}

fn problem_reply() -> RefOr<utoipa::openapi::Response> {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let reply = ResponseBuilder::new().content(media_type::JSON, content);
    RefOr::T(reply.build())
}

/// Completes one reply; readiness is the one reply over 400 that is no problem.
fn complete(status: &str, reply: &mut utoipa::openapi::Response) {
    let refused = status == "default" || status.starts_with(['4', '5']);
    if refused
        && status != "503"
        && let Some(content) = reply.content.shift_remove(media_type::JSON)
    {
        reply
            .content
            .insert(media_type::PROBLEM.to_owned(), content);
    }
    if reply.description.is_empty() {
        let meaning = match status {
            "200" => "Found.",
            "201" => "Final.",
            "202" => "Kept, or not known yet.",
            "503" => "Not ready.",
            _ => "Refused; every failure is listed.",
        };
        meaning.clone_into(&mut reply.description);
    }
}

/// The document as the handlers describe it, indented, with a newline at its end.
///
/// # Panics
/// Never: the document holds nothing JSON cannot.
#[must_use]
pub fn document() -> String {
    let mut json = Contract::openapi()
        .to_pretty_json()
        .expect("the document holds nothing JSON cannot");
    json.push('\n');
    json
}

/// Serves the committed document.
pub(crate) async fn show() -> Response {
    let headers = [
        (CONTENT_TYPE, media_type::JSON),
        (CACHE_CONTROL, stored::CACHE_AND_ASK),
    ];
    (headers, COMMITTED).into_response()
}
