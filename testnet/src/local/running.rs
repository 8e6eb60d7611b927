//! A network that another verb of this program starts, uses and stops.

use std::path::Path;
use std::time::{Duration, Instant};

use super::error::LocalError;
use super::layout::{Layout, NodeEntry};
use super::make;
use super::nodes::Nodes;
use super::verbs::wait_ready;
use crate::process::Usage;

/// Log filter of the nodes.
const LOG: &str = "warn";

/// A running network.
#[derive(Debug)]
pub(crate) struct Running {
    /// Who there is.
    pub(crate) layout: Layout,
    /// From the first command to the last node being ready.
    pub(crate) ready_after: Duration,
    nodes: Nodes,
}

impl Running {
    /// Makes a network in a folder and starts it.
    pub(crate) async fn up(
        piaod: &Path,
        dir: &Path,
        validators: u16,
        seed: u64,
    ) -> Result<Self, LocalError> {
        Self::up_with(piaod, dir, (validators, 0), seed).await
    }

    /// The same, with so many more members that are not started yet.
    pub(crate) async fn up_with(
        piaod: &Path,
        dir: &Path,
        (validators, late): (u16, u16),
        seed: u64,
    ) -> Result<Self, LocalError> {
        let began = Instant::now();
        let merchants = late.saturating_add(1);
        let mut layout = Layout::plan(dir, (validators, merchants), None)?;
        make::make(piaod, &layout, Some(seed)).await?;
        let started = layout.nodes.len().saturating_sub(usize::from(late));
        let nodes = Nodes::start_first(piaod, &mut layout, started, LOG)?;
        let ready = wait_ready(layout.nodes.get(..started).unwrap_or_default(), &layout);
        if let Err(error) = ready.await {
            nodes.stop().await?;
            return Err(error);
        }
        Ok(Self {
            layout,
            ready_after: began.elapsed(),
            nodes,
        })
    }

    /// Starts a member that was late, by its place in the layout.
    pub(crate) fn start_late(&mut self, piaod: &Path, at: usize) -> Result<(), LocalError> {
        self.nodes.start_one(piaod, &mut self.layout, at, LOG)
    }

    /// Kills the member that was started last.
    pub(crate) async fn kill_last(&mut self) -> Result<(), LocalError> {
        self.nodes.kill_last().await
    }

    /// The node that issues, and the seed its keys follow from.
    pub(crate) fn desk(&self, seed: u64) -> Option<(&NodeEntry, u64)> {
        let desk = self.layout.faucet()?;
        let place = self.layout.nodes.iter().position(|node| node == desk)?;
        Some((desk, seed.wrapping_add(u64::try_from(place).ok()?)))
    }

    /// What every node has used so far.
    pub(crate) fn usages(&self) -> Vec<Usage> {
        let pids = self.layout.nodes.iter().filter_map(|node| node.pid);
        pids.map(Usage::of).collect()
    }

    /// Stops it.
    pub(crate) async fn down(self) -> Result<(), LocalError> {
        self.nodes.stop().await
    }
}
