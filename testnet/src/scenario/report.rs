//! What a run did and how it ended, as JSON; and the few lines for who waits for it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use serde::Serialize;

use super::ScenarioError;
use super::act::Happened;
use super::checks::{Judged, Verdict};
use super::proxy::Carried;
use super::settle::Settled;
use super::watch::Stall;
use super::world::{Acknowledged, ByzantineSeen};

/// A whole report.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) scenario: String,
    pub(crate) seed: u64,
    /// Of this program and of the node's.
    pub(crate) versions: Versions,
    pub(crate) backend: &'static str,
    /// Milliseconds since 1970 at the start.
    pub(crate) started_at_ms: u64,
    pub(crate) took_s: f64,
    /// The command that runs it again.
    pub(crate) again: String,
    pub(crate) passed: bool,
    pub(crate) invariants: Vec<Judged>,
    pub(crate) steps: Vec<Happened>,
    /// Times of two seconds and more without a new height on any node.
    pub(crate) stalls: Vec<Stall>,
    pub(crate) counts: Counts,
    pub(crate) nodes: Vec<NodeFigures>,
    /// What those did that were to break the rules.
    pub(crate) byzantine: Vec<ByzantineSeen>,
    /// Every 201, by key.
    pub(crate) acknowledged: Vec<Acknowledged>,
    /// Where the data was left, if it was.
    pub(crate) data: Option<String>,
}

/// Versions of what ran.
#[derive(Debug, Serialize)]
pub(crate) struct Versions {
    pub(crate) testnet: &'static str,
    pub(crate) piaod: serde_json::Value,
}

/// Figures over all.
#[derive(Debug, Serialize)]
pub(crate) struct Counts {
    pub(crate) calls: u64,
    pub(crate) calls_left_out: u64,
    pub(crate) keys: usize,
    pub(crate) acknowledged: usize,
    pub(crate) refusals: BTreeMap<String, usize>,
    pub(crate) settled: Settled,
    pub(crate) height: u64,
    pub(crate) new_height_after_s: Option<f64>,
    pub(crate) level_after_s: Option<f64>,
    pub(crate) proxy: Carried,
}

/// A node's figures.
#[derive(Debug, Serialize)]
pub(crate) struct NodeFigures {
    pub(crate) name: String,
    pub(crate) starts: usize,
    pub(crate) ready_ms: Vec<u64>,
    pub(crate) rss_peak_mib: u64,
    pub(crate) descriptors_peak: usize,
}

impl Report {
    /// Writes it to a file.
    pub(crate) fn write(&self, path: &Path) -> Result<(), ScenarioError> {
        let text =
            serde_json::to_string_pretty(self).map_err(|error| super::other(error.to_string()))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(ScenarioError::io(folder))?;
        }
        std::fs::write(path, text).map_err(ScenarioError::io(path))
    }

    /// Invariants that are broken.
    pub(crate) fn broken(&self) -> usize {
        let broken = |judged: &&Judged| judged.verdict == Verdict::Broken;
        self.invariants.iter().filter(broken).count()
    }

    /// Prints it in a few lines; what is broken to stderr.
    pub(crate) fn print(&self) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        let counts = &self.counts;
        writeln!(
            out,
            "{} (seed {}): {} steps, {} keys, {} acknowledged, {} in doubt and settled, height {}, \
             longest stall {:.1} s, {:.0} s",
            self.scenario,
            self.seed,
            self.steps.len(),
            counts.keys,
            counts.acknowledged,
            counts.settled.in_doubt,
            counts.height,
            self.stalls
                .iter()
                .fold(0.0, |most, one| one.for_s.max(most)),
            self.took_s
        )?;
        let mut err = std::io::stderr().lock();
        for judged in &self.invariants {
            let (name, first) = (judged.name, judged.evidence.first());
            let first = first.map_or("", String::as_str);
            match judged.verdict {
                Verdict::Holds => writeln!(out, "  {name:?} holds: {first}")?,
                Verdict::NotChecked => writeln!(out, "  {name:?} not checked: {first}")?,
                Verdict::Broken => {
                    for line in &judged.evidence {
                        writeln!(err, "  {name:?} BROKEN: {line}")?;
                    }
                }
            }
        }
        Ok(())
    }
}
