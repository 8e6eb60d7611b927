//! `piao listen`: events as they happen, one JSON value a line.
//!
//! Guards: a stream that ends or breaks is opened anew after the last event that was printed, so
//! nothing is missed; a node that says no ends it.

use std::time::Duration;

use clap::Args;
use piao_api::client::{ClientError, EventStream};
use piao_chain::time::BlockTime;

use crate::clock;
use crate::context::Context;
use crate::duration;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;
use crate::output::Line;

/// Pause before a broken stream is opened anew.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// A stream that says nothing for so long is broken: a node says something every ten seconds.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// Events asked for at once while looking for the last one.
const EVENTS_PER_PAGE: u32 = 200;

/// Arguments of `piao listen`.
#[derive(Debug, Args)]
pub(crate) struct ListenArgs {
    /// Only this account (default: all of the API key)
    #[arg(long, value_name = "N")]
    account: Option<u32>,
    /// Also what happened in this time before, for instance 1h
    #[arg(long, value_name = "D", value_parser = duration::parse_ms, conflicts_with = "after")]
    since: Option<u64>,
    /// Also everything after the event with this number
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
}

/// Runs the command; ends when it is interrupted or the node says no.
pub(crate) fn run(context: &Context, args: &ListenArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let not_before_ms = args.since.map(|ms| clock::now().ms().saturating_sub(ms));
    let mut after = match (args.after, args.since) {
        (Some(after), _) => after,
        (None, Some(_)) => 0,
        (None, None) => last(&node, args.account)?,
    };
    loop {
        let opened = node.wait(node.client.event_stream(args.account, after));
        let broken = match opened {
            Ok(mut stream) => {
                let ended = follow(context, &node, &mut stream, not_before_ms);
                after = stream.after();
                ended
            }
            Err(error) => Err(error),
        };
        match broken {
            // It ended as it should.
            Ok(()) => {}
            Err(CommandError::Node(ClientError::Unreachable(why))) => {
                let again = context.output.pick("trying again", "正在重连");
                context.output.talk(&Line::of(&format!("{why}; {again}")));
                node.wait(async {
                    tokio::time::sleep(AGAIN_AFTER).await;
                    Ok(())
                })?;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Prints what a stream tells until it ends.
fn follow(
    context: &Context,
    node: &Node,
    stream: &mut EventStream,
    not_before_ms: Option<u64>,
) -> Result<(), CommandError> {
    loop {
        let next = async {
            let next = tokio::time::timeout(SILENCE_MAX, stream.next()).await;
            next.unwrap_or_else(|_silent| Err(ClientError::Unreachable("silent".to_owned())))
        };
        let Some(event) = node.wait(next)? else {
            return Ok(());
        };
        let at_ms = BlockTime::parse_rfc3339(&event.at).map(BlockTime::ms);
        let is_old = not_before_ms.is_some_and(|from| at_ms.is_ok_and(|at| at < from));
        if !is_old {
            context.output.json(&event)?;
        }
    }
}

/// The number after which nothing has happened yet.
fn last(node: &Node, account: Option<u32>) -> Result<u64, CommandError> {
    let mut after = 0;
    loop {
        let page = node.wait(node.client.events(account, after, EVENTS_PER_PAGE))?;
        after = page.next_after;
        if !page.has_more {
            return Ok(after);
        }
    }
}
