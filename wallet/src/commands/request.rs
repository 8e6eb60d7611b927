//! `piao request`: what became of a request, and what its merchant does with it.

use std::path::PathBuf;

use clap::Args;
use piao_api::client::RequestQuery;
use piao_api::wire::{Attempt, RequestState, RequestView, WaitingFor};

use crate::cli::RequestCommand;
use crate::commands::request_proof;
use crate::confirmation_view;
use crate::context::Context;
use crate::draft_file;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::invoice_view::row_of;
use crate::node::Node;
use crate::output::{Line, Output, Tone};

/// Which request.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// Id of the request
    #[arg(value_parser = id)]
    id: String,
}

/// Which request, and the corrected draft.
#[derive(Debug, Args)]
pub(crate) struct RequestReissueArgs {
    /// Id of the request
    #[arg(value_parser = id)]
    id: String,
    /// The corrected draft, a JSON file; - reads standard input
    #[arg(value_name = "FILE|-")]
    draft: PathBuf,
}

/// Which requests.
#[derive(Debug, Args)]
pub(crate) struct RequestListArgs {
    /// Only this state: accepted, submitted, final, failed, unknown, waiting or cancelled
    #[arg(long, value_parser = status)]
    status: Option<RequestState>,
    /// Requests on the page
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=200))]
    limit: Option<u32>,
    /// Go on where an earlier page ended
    #[arg(long)]
    cursor: Option<String>,
    /// Account (default: the first of the API key)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, command: &RequestCommand) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let output = &context.output;
    let (request, is_read) = match command {
        RequestCommand::List(args) => return list(output, &node, args),
        RequestCommand::Proof(args) => return request_proof::run(context, args),
        RequestCommand::Show(args) => (node.wait(node.client.request(&args.id))?, true),
        RequestCommand::Cancel(args) => (node.wait(node.client.cancel(&args.id))?, true),
        RequestCommand::Retry(args) => (node.wait(node.client.retry(&args.id))?, false),
        RequestCommand::Reissue(args) => {
            let draft = draft_file::read(&args.draft)?;
            let call = node.client.reissue_request(&args.id, draft);
            (node.wait(call)?, false)
        }
    };
    show(output, &request)?;
    Ok(if is_read { Exit::Ok } else { exit_of(&request) })
}

fn list(output: &Output, node: &Node, args: &RequestListArgs) -> Result<Exit, CommandError> {
    let query = RequestQuery {
        account: args.account,
        state: args.status,
        limit: args.limit,
        cursor: args.cursor.clone(),
    };
    let page = node.wait(node.client.requests(&query))?;
    if output.json {
        output.json(&page)?;
        return Ok(Exit::Ok);
    }
    for request in &page.data {
        let code = request
            .failures
            .first()
            .map(|failure| failure.code.as_str());
        output.data(
            &Line::new()
                .add(Tone::Strong, &request.id)
                .add(Tone::Plain, "  ")
                .column(Tone::Plain, &words(output, request), 24)
                .column(Tone::Plain, code.unwrap_or_default(), 8)
                .add(
                    Tone::Plain,
                    request.order_ref.as_deref().unwrap_or_default(),
                ),
        )?;
    }
    if let Some(cursor) = page.next_cursor.filter(|_| page.has_more) {
        let text = output.pick("more: --cursor ", "还有：--cursor ");
        output.talk(&Line::new().add(Tone::Faint, text).add(Tone::Plain, &cursor));
    }
    Ok(Exit::Ok)
}

/// Shows a request, as JSON where that is asked for.
fn show(output: &Output, request: &RequestView) -> Result<(), CommandError> {
    if output.json {
        output.json(request)?;
        return Ok(());
    }
    let state = words(output, request);
    let confirmed = request.confirmation.as_ref();
    let confirmed = confirmed.map(|one| confirmation_view::words(output, one));
    let rows = [
        (("request", "请求"), Some(&request.id)),
        (("state", "状态"), Some(&state)),
        (("invoice", "发票"), request.number.as_ref()),
        (("order", "订单"), request.order_ref.as_ref()),
        (("key", "幂等键"), Some(&request.idempotency_key)),
        (("confirmed", "红字确认"), confirmed.as_ref()),
        (("until", "最迟"), request.possible_until.as_ref()),
        (("not before", "不早于"), request.not_before.as_ref()),
        (("next", "下一步"), request.next_action.as_ref()),
    ];
    for ((en, zh), value) in rows {
        if let Some(value) = value {
            row_of(output, output.pick(en, zh), value)?;
        }
    }
    for failure in &request.failures {
        let line = Line::new()
            .add(Tone::Careful, "! ")
            .add(Tone::Strong, &failure.code)
            .add(Tone::Plain, " ")
            .add(Tone::Plain, output.pick(&failure.en, &failure.zh));
        output.data(&line)?;
    }
    for attempt in &request.attempts {
        row_of(output, output.pick("try", "尝试"), &attempt_words(attempt))?;
    }
    Ok(())
}

fn attempt_words(attempt: &Attempt) -> String {
    let code = attempt.code.as_deref().unwrap_or("-");
    let txid = attempt.txid.as_deref().unwrap_or("-");
    format!("{} {} {code} {txid}", attempt.attempt, attempt.at)
}

/// Where it stands, in the words of the contract and of people.
fn words(output: &Output, request: &RequestView) -> String {
    let (en, zh) = match request.state {
        RequestState::Accepted => ("accepted", "已受理"),
        RequestState::Submitted => ("submitted", "已提交"),
        RequestState::Final => ("final", "已开具"),
        RequestState::Failed => ("failed", "失败"),
        RequestState::Unknown => ("unknown", "结果未知"),
        RequestState::Waiting => ("waiting", "等待"),
        RequestState::Cancelled => ("cancelled", "已取消"),
    };
    let state = output.pick(en, zh);
    match request.waiting_for {
        Some(cause) => format!("{state} ({})", cause.as_str()),
        None => state.to_owned(),
    }
}

/// The end of a call that was to take a request on.
fn exit_of(request: &RequestView) -> Exit {
    match (request.state, request.waiting_for) {
        (RequestState::Waiting, Some(WaitingFor::TopUp | WaitingFor::Limit)) => Exit::Limit,
        (RequestState::Waiting | RequestState::Unknown, _) => Exit::Retry,
        (RequestState::Failed, _) => Exit::of_failures(&request.failures),
        _ => Exit::Ok,
    }
}

fn status(text: &str) -> Result<RequestState, String> {
    let all = RequestState::ALL.map(RequestState::as_str).join(", ");
    RequestState::from_word(text).ok_or(all)
}

/// Reads the id of a request.
///
/// # Errors
/// A text for the usage message.
pub(crate) fn id(text: &str) -> Result<String, String> {
    let is_id = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_id
        .then(|| text.to_ascii_lowercase())
        .ok_or_else(|| "the id of a request has 32 hex digits".to_owned())
}
