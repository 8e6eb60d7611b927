//! The `OpenAPI` 3.1 document: built from the handlers, committed as `api/openapi.json`, and served.
//!
//! Guards: a test fails when the committed document and the handlers differ, so a change of the
//! contract is seen in review.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::header::Header;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::media_type;
use crate::routes::{
    accounts, announcements, blocks, confirmations, corrections, events, failures, health,
    invoices, keys, proofs, request_proof, request_verbs, requests, rules, statements, stored,
    transactions, transparency, verdicts, views,
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
                       strings; unknown members are refused. A head that is no HTTP (400 E2608), \
                       comes too slowly (408 E2604) or is too large (431 E2609, 414 E2610) is \
                       refused before a call is known: a problem without `instance`, after which \
                       the connection ends. Bodies are never decompressed: any content or \
                       transfer coding but `chunked` is 415 E2603. Connections without a request \
                       are closed after 30 s, sooner when others need room.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        invoices::check, invoices::issue, invoices::list, invoices::show, invoices::deliverable,
        corrections::red_letter, corrections::reissue, corrections::book,
        confirmations::list, confirmations::answer,
    proofs::show, request_proof::show, requests::outcome, requests::show, statements::absence, statements::completeness, verdicts::judge, views::link, views::view,
        request_verbs::list, request_verbs::retry, request_verbs::cancel, request_verbs::reissue,
        accounts::show, accounts::ledger, accounts::limits, accounts::top_up,
        keys::show, transactions::submit, transactions::show,
        blocks::chain, blocks::list, blocks::show, blocks::validators, blocks::trust_root,
        transparency::checkpoint, transparency::consistency, transparency::tlog_proof,
        events::list, events::stream,
        failures::list, failures::show, rules::show, announcements::list,
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
                let is_operational = has_tag(operation, "operations");
                let replies = &mut operation.responses.responses;
                if !is_operational {
                    replies.insert("429".to_owned(), too_many());
                    replies.insert(
                        "503".to_owned(),
                        with_wait("Busy or behind: try again then."),
                    );
                }
                if KEEPS.contains(&operation.operation_id.as_deref().unwrap_or_default()) {
                    replies.insert(
                        "507".to_owned(),
                        with_wait("The node's disk is nearly full."),
                    );
                }
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

/// Calls that keep something, which a full disk forbids.
const KEEPS: [&str; 10] = [
    "issue_invoice",
    "issue_red_letter",
    "reissue_invoice",
    "book_invoice",
    "answer_red_letter",
    "top_up",
    "submit_transaction",
    "retry_request",
    "cancel_request",
    "reissue_request",
];

fn has_tag(operation: &utoipa::openapi::path::Operation, wanted: &str) -> bool {
    let mut tags = operation.tags.iter().flatten();
    tags.any(|tag| tag == wanted)
}

fn problem_reply() -> RefOr<utoipa::openapi::Response> {
    RefOr::T(problem().build())
}

fn problem() -> ResponseBuilder {
    let schema = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().content(media_type::PROBLEM, content)
}

fn header(description: &str) -> Header {
    let mut header = Header::default();
    header.description = Some(description.to_owned());
    header
}

/// A refusal for now, which says how long to wait.
fn waiting(description: &str) -> ResponseBuilder {
    let retry_after = header("Whole seconds to wait.");
    problem()
        .description(description)
        .header("Retry-After", retry_after)
}

fn with_wait(description: &str) -> RefOr<utoipa::openapi::Response> {
    RefOr::T(waiting(description).build())
}

fn too_many() -> RefOr<utoipa::openapi::Response> {
    let left = "What is left of the caller's rate, on every reply: `\"calls\";r=9999;t=1`, calls \
                and seconds until all are there again. Raw transactions: `\"transactions\"`.";
    let policy = "The rate, on every reply: `\"calls\";q=10000;w=2`, calls and seconds.";
    let reply = waiting("This caller calls too often, or has too many calls in flight (E1506).")
        .header("RateLimit", header(left))
        .header("RateLimit-Policy", header(policy));
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
