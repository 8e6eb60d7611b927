//! What a run did, for people or as JSON.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::latency::Latencies;

/// Wanted: a node is ready again after so long. Reported, not judged: the machine may be busy.
const READY_WANTED_MS: f64 = 3_000.0;

/// Broken promises that are shown, at most.
const LINES_MAX: usize = 20;

/// What a run did.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Figures {
    /// How often the node was ended by force.
    pub(crate) crashes: usize,
    /// Keys that were sent.
    pub(crate) keys: usize,
    /// Invoices that were promised.
    pub(crate) promised: usize,
    /// Keys that had no answer when the node died, and got one afterwards.
    pub(crate) in_doubt: usize,
    /// Invoices read, proved and asked for again after a crash, each time counted.
    pub(crate) looked_at: usize,
    /// Refusals by code.
    pub(crate) refusals: BTreeMap<String, usize>,
    /// What else there is to say, in lines.
    pub(crate) notes: Vec<String>,
    #[serde(skip)]
    ready: Vec<Duration>,
}

impl Figures {
    /// Notes how long a start took.
    pub(crate) fn ready_after(&mut self, took: Duration) {
        self.ready.push(took);
    }
}

/// A whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// What was run.
    pub(crate) verb: String,
    /// The command that runs it again.
    pub(crate) again: String,
    /// Promises that were broken.
    pub(crate) broken: Vec<String>,
    starts: usize,
    ready_p50_ms: f64,
    ready_p95_ms: f64,
    ready_max_ms: f64,
    slower_than_wanted: usize,
    #[serde(flatten)]
    figures: Figures,
}

impl Report {
    /// Puts a report together.
    pub(crate) fn new(verb: &str, again: String, broken: Vec<String>, figures: Figures) -> Self {
        let ready = Latencies::new(figures.ready.clone());
        let slow = |took: &&Duration| took.as_secs_f64() * 1_000.0 > READY_WANTED_MS;
        Self {
            verb: verb.to_owned(),
            again,
            broken,
            starts: ready.len(),
            ready_p50_ms: ready.per_mille_ms(500),
            ready_p95_ms: ready.per_mille_ms(950),
            ready_max_ms: ready.per_mille_ms(1_000),
            slower_than_wanted: figures.ready.iter().filter(slow).count(),
            figures,
        }
    }

    /// Prints it to stdout; what was broken also to stderr.
    pub(crate) fn print(&self, json: bool) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        if json {
            let text = serde_json::to_string_pretty(self).map_err(std::io::Error::other)?;
            writeln!(out, "{text}")?;
        } else {
            let f = &self.figures;
            writeln!(
                out,
                "crash {}: {} crashes, {} keys sent, {} invoices promised, {} in doubt and settled",
                self.verb, f.crashes, f.keys, f.promised, f.in_doubt
            )?;
            writeln!(
                out,
                "  broken promises  {} (invoices read, proved and asked for again: {})",
                self.broken.len(),
                f.looked_at
            )?;
            writeln!(
                out,
                "  ready after      {:.0} ms p50, {:.0} ms p95, {:.0} ms at most; {} of {} over 3 s",
                self.ready_p50_ms,
                self.ready_p95_ms,
                self.ready_max_ms,
                self.slower_than_wanted,
                self.starts
            )?;
            writeln!(out, "  refusals         {:?}", f.refusals)?;
            for note in &f.notes {
                writeln!(out, "  {note}")?;
            }
        }
        let mut err = std::io::stderr().lock();
        for line in self.broken.iter().take(LINES_MAX) {
            writeln!(err, "broken: {line}")?;
        }
        if let Some(more) = self
            .broken
            .len()
            .checked_sub(LINES_MAX)
            .filter(|more| *more > 0)
        {
            writeln!(err, "broken: and {more} more")?;
        }
        Ok(())
    }
}
