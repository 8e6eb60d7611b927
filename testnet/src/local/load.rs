//! `piao-testnet load`: drafts for the desk of a network that is up, at a steady rate.
//!
//! The rate is kept whatever becomes of the calls. One that finds every client waiting is left out and
//! counted: the rate is an aim, the clients are the bound.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use piao_api::client::{Client, ClientError, IssueOptions, Issued};
use piao_api::idempotency::IdempotencyKey;
use serde::Serialize;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::error::LocalError;
use super::layout::Layout;
use crate::invoices::draft_of;
use crate::latency::Latencies;
use crate::report;
use crate::scenario::duration;

/// What pays for any number of invoices.
const TOP_UP: &str = "1000000.00";
/// How long a call waits for its invoice.
const FINAL_WITHIN: Duration = Duration::from_secs(30);
/// Time between two lines of progress.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// Refusals that are told one by one.
const REFUSALS_KEPT: usize = 3;

/// What is offered.
#[derive(Args, Clone, Debug)]
pub(crate) struct Offer {
    /// Invoices a second.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    rate: u32,
    /// For how long: 500ms, 10s, 2m.
    #[arg(long = "for", value_parser = duration)]
    span: Duration,
    /// Calls in flight, at most.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u16).range(1..=4_096))]
    clients: u16,
    /// Print the figures as JSON; progress goes to stderr then.
    #[arg(long)]
    json: bool,
}

/// How the calls fared.
#[derive(Clone, Debug, Default, Serialize)]
struct Figures {
    rate_asked: u32,
    seconds: f64,
    sent: usize,
    /// Calls for which no client was free.
    left_out: usize,
    finals: usize,
    /// Accepted, and not final within half a minute.
    pending: usize,
    refused: usize,
    /// The first few refusals.
    refusals: Vec<String>,
    final_per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    blocks: u64,
}

/// What a call came to.
enum End {
    Final(Duration),
    Pending,
    Refused(String),
}

/// Offers work to the node that issues, and says how it fared; an error when nothing became final.
pub(super) async fn load(layout: &Layout, offer: &Offer) -> Result<(), LocalError> {
    let other = |what: &str| LocalError::Other(what.to_owned());
    let desk = layout.faucet().ok_or_else(|| other("no node issues"))?;
    let client = Client::new(&desk.url(), None)?;
    let before = client.chain().await?.height;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    // Another load than any before: keys bind for ever.
    let run = format!("load-{}", now.unwrap_or_default().as_millis());
    let key = idempotency_key(&format!("{run}-top-up"))?;
    client.top_up(Some(1), TOP_UP, &run, &key).await?;
    let began = Instant::now();
    let mut offered = Offered::default();
    offered.send(&client, &run, offer, began).await?;
    let took = began.elapsed().as_secs_f64();
    let height = client.chain().await?.height;
    let figures = offered.figures(offer.rate, took, height.saturating_sub(before));
    let printed = if offer.json {
        report::print_json(&figures)
    } else {
        report::say(&figures.line())
    };
    printed.map_err(|error| LocalError::Other(error.to_string()))?;
    match figures.finals {
        0 => Err(other("no invoice became final")),
        _ => Ok(()),
    }
}

/// What was offered so far.
#[derive(Default)]
struct Offered {
    sent: usize,
    left_out: usize,
    took: Vec<Duration>,
    pending: usize,
    refused: usize,
    refusals: Vec<String>,
}

impl Offered {
    /// Sends calls for as long as it is to, then waits for those under way.
    async fn send(
        &mut self,
        client: &Client,
        run: &str,
        offer: &Offer,
        began: Instant,
    ) -> Result<(), LocalError> {
        let free = Arc::new(Semaphore::new(usize::from(offer.clients)));
        let mut ticks = interval(Duration::from_secs(1) / offer.rate);
        // What the machine could not send in time it sends after: the rate is kept over the whole.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut tell = interval(TELL_EVERY);
        let mut calls = JoinSet::new();
        let mut number = 0_u64;
        loop {
            let is_over = began.elapsed() >= offer.span;
            tokio::select! {
                _now = ticks.tick(), if !is_over => {
                    let Ok(place) = Arc::clone(&free).try_acquire_owned() else {
                        self.left_out += 1;
                        continue;
                    };
                    number += 1;
                    let name = format!("{run}-{number}");
                    let (client, key) = (client.clone(), idempotency_key(&name)?);
                    self.sent += 1;
                    calls.spawn(async move {
                        let end = issue(&client, &name, &key).await;
                        drop(place);
                        end
                    });
                }
                Some(done) = calls.join_next() => {
                    self.note(done.map_err(|error| LocalError::Other(error.to_string()))?);
                }
                _now = tell.tick() => self.tell(offer, began),
            }
            if is_over && calls.is_empty() {
                return Ok(());
            }
        }
    }

    fn note(&mut self, end: End) {
        match end {
            End::Final(took) => self.took.push(took),
            End::Pending => self.pending += 1,
            End::Refused(why) => {
                self.refused += 1;
                if self.refusals.len() < REFUSALS_KEPT {
                    self.refusals.push(why);
                }
            }
        }
    }

    fn tell(&self, offer: &Offer, began: Instant) {
        let line = format!(
            "{:>4} s: {} sent, {} final, {} under way, {} refused, {} left out",
            began.elapsed().as_secs(),
            self.sent,
            self.took.len(),
            self.sent
                .saturating_sub(self.took.len() + self.pending + self.refused),
            self.refused,
            self.left_out
        );
        let told = if offer.json {
            report::tell(&line)
        } else {
            report::say(&line)
        };
        // Nobody looks any more; the figures at the end fail then.
        drop(told);
    }

    fn figures(self, rate_asked: u32, seconds: f64, blocks: u64) -> Figures {
        let finals = self.took.len();
        let latencies = Latencies::new(self.took);
        Figures {
            rate_asked,
            seconds,
            sent: self.sent,
            left_out: self.left_out,
            finals,
            pending: self.pending,
            refused: self.refused,
            refusals: self.refusals,
            final_per_second: u32::try_from(finals).map_or(0.0, f64::from) / seconds,
            p50_ms: latencies.per_mille_ms(500),
            p99_ms: latencies.per_mille_ms(990),
            blocks,
        }
    }
}

impl Figures {
    fn line(&self) -> String {
        let mut line = format!(
            "{} of {} final in {:.1} s: {:.1} a second of {} asked for, p50 {:.0} ms, p99 {:.0} ms, \
             {} blocks; {} pending, {} refused, {} left out",
            self.finals,
            self.sent,
            self.seconds,
            self.final_per_second,
            self.rate_asked,
            self.p50_ms,
            self.p99_ms,
            self.blocks,
            self.pending,
            self.refused,
            self.left_out
        );
        for why in &self.refusals {
            line.push_str("\n  refused: ");
            line.push_str(why);
        }
        line
    }
}

async fn issue(client: &Client, name: &str, key: &IdempotencyKey) -> End {
    let options = IssueOptions {
        account: Some(1),
        timeout: Some(FINAL_WITHIN),
        ..IssueOptions::default()
    };
    let sent = Instant::now();
    match client
        .issue(draft_of(name, "100.00", "0.06"), key, &options)
        .await
    {
        Ok(Issued::Final { .. }) => End::Final(sent.elapsed()),
        Ok(Issued::Pending(_)) => End::Pending,
        Err(error) => End::Refused(text(&error)),
    }
}

fn text(error: &ClientError) -> String {
    error.to_string().replace('\n', " ")
}

fn idempotency_key(text: &str) -> Result<IdempotencyKey, LocalError> {
    let no = |fault: Box<piao_chain::fault::Fault>| LocalError::Other(fault.code.code().to_owned());
    IdempotencyKey::parse(text).map_err(no)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_count_every_call_once() {
        let mut offered = Offered {
            sent: 7,
            left_out: 2,
            ..Offered::default()
        };
        for ms in [10, 20] {
            offered.note(End::Final(Duration::from_millis(ms)));
        }
        offered.note(End::Pending);
        for _call in 0..4 {
            offered.note(End::Refused("busy".to_owned()));
        }
        let figures = offered.figures(5, 2.0, 3);
        assert_eq!(
            (figures.finals, figures.pending, figures.refused),
            (2, 1, 4)
        );
        assert_eq!(figures.refusals.len(), REFUSALS_KEPT);
        assert!((figures.final_per_second - 1.0).abs() < 1e-9);
        assert!(figures.line().starts_with("2 of 7 final in 2.0 s"));
    }
}
