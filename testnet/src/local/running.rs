//! A network that another verb of this program starts, uses and stops.

use std::path::Path;
use std::time::{Duration, Instant};

use super::error::LocalError;
use super::layout::{Layout, NodeEntry};
use super::make;
use super::nodes::Nodes;
use super::verbs::wait_ready;
use crate::process::Usage;

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
        let began = Instant::now();
        let mut layout = Layout::plan(dir, (validators, 1), None)?;
        make::make(piaod, &layout, Some(seed)).await?;
        let nodes = Nodes::start(piaod, &mut layout, "warn")?;
        if let Err(error) = wait_ready(&layout).await {
            nodes.stop().await?;
            return Err(error);
        }
        Ok(Self {
            layout,
            ready_after: began.elapsed(),
            nodes,
        })
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
