//! The verbs: `up`, `status`, `load`, `down`, `snapshot`, `restore`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use piao_api::client::Client;
use tokio::time::{Instant, sleep};

use super::banner::banner;
use super::error::LocalError;
use super::layout::{Layout, NodeEntry};
use super::load::{Offer, load};
use super::nodes::{ASK_EVERY, Nodes, READY_SECONDS, last_line, stop_recorded};
use super::status::status;
use super::{dashboard, make, snapshot};
use crate::bench::program;
use crate::report;

/// Where a network lies.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    /// Folder of the network.
    #[arg(long, default_value = "piao-testnet")]
    dir: PathBuf,
}

/// What can be done with a network on this machine.
#[derive(Debug, Subcommand)]
pub(crate) enum LocalVerb {
    /// Start a network of several nodes, made on first start; Ctrl-C stops it.
    Up {
        #[command(flatten)]
        place: Place,
        /// Nodes that vote; on first start.
        #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
        validators: u16,
        /// Nodes that serve merchants and do not vote; on first start.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
        merchants: u16,
        /// First of the ports, three a node; the system's choice without it.
        #[arg(long)]
        base_port: Option<u16>,
        /// Make keys that follow from this number; on first start.
        #[arg(long)]
        seed: Option<u64>,
        /// Log filter of the nodes.
        #[arg(long, default_value = "info")]
        log: String,
        /// Leave the nodes running and return when they are ready; `down` stops them.
        #[arg(long)]
        detach: bool,
        /// The node's program; by default the one beside this program.
        #[arg(long)]
        piaod: Option<PathBuf>,
    },
    /// Say how every node is.
    Status {
        #[command(flatten)]
        place: Place,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Issue invoices at a steady rate on a network that is up, and say how they fare.
    Load {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        offer: Offer,
    },
    /// Stop every node.
    Down {
        #[command(flatten)]
        place: Place,
    },
    /// Copy a stopped network under a name.
    Snapshot {
        #[command(flatten)]
        place: Place,
        /// The name.
        name: String,
    },
    /// Put a stopped network back to a copy.
    Restore {
        #[command(flatten)]
        place: Place,
        /// The name.
        name: String,
    },
}

/// Runs a verb.
pub(crate) async fn run(verb: LocalVerb) -> Result<(), LocalError> {
    match verb {
        LocalVerb::Up {
            place,
            validators,
            merchants,
            base_port,
            seed,
            log,
            detach,
            piaod,
        } => {
            let piaod = program(piaod.as_ref()).map_err(|error| other(&error))?;
            let began = Instant::now();
            let layout = prepare(&piaod, &place.dir, (validators, merchants), base_port, seed);
            up(&piaod, layout.await?, &log, detach, began).await
        }
        LocalVerb::Status { place, json } => {
            let status = status(&Layout::read(&place.dir)?).await?;
            if json {
                return report::print_json(&status).map_err(|error| other(&error));
            }
            for node in &status.nodes {
                let height = node
                    .height
                    .map_or_else(|| "no answer".to_owned(), |at| at.to_string());
                say(&format!(
                    "{:<12} {:<28} height {height}",
                    node.name, node.url
                ))?;
            }
            Ok(())
        }
        LocalVerb::Load { place, offer } => load(&Layout::read(&place.dir)?, &offer).await,
        LocalVerb::Down { place } => {
            let stopped = stop_recorded(&mut Layout::read(&place.dir)?).await?;
            say(&format!("{stopped} nodes stopped"))
        }
        LocalVerb::Snapshot { place, name } => {
            let to = snapshot::take(&Layout::read(&place.dir)?, &name)?;
            say(&to.display().to_string())
        }
        LocalVerb::Restore { place, name } => {
            snapshot::restore(&Layout::read(&place.dir)?, &name)?;
            say(&format!("{} is back at {name}", place.dir.display()))
        }
    }
}

/// The network of a folder, made there if there is none.
async fn prepare(
    piaod: &Path,
    dir: &Path,
    sizes: (u16, u16),
    base_port: Option<u16>,
    seed: Option<u64>,
) -> Result<Layout, LocalError> {
    std::fs::create_dir_all(dir).map_err(LocalError::io(dir))?;
    let dir = dir.canonicalize().map_err(LocalError::io(dir))?;
    if let Some(layout) = Layout::find(&dir)? {
        if layout.alive().is_empty() {
            return Ok(layout);
        }
        return Err(LocalError::IsUp(dir));
    }
    let layout = Layout::plan(&dir, sizes, base_port)?;
    make::make(piaod, &layout, seed).await?;
    Ok(layout)
}

async fn up(
    piaod: &Path,
    mut layout: Layout,
    log: &str,
    detach: bool,
    began: Instant,
) -> Result<(), LocalError> {
    let mut nodes = Nodes::start(piaod, &mut layout, log)?;
    let ready = tokio::select! {
        ready = wait_ready(&layout.nodes, &layout) => ready,
        ended = nodes.ended() => Err(ended),
    };
    if let Err(error) = ready {
        nodes.stop().await?;
        return Err(error);
    }
    let took_ms = began.elapsed().as_millis();
    if detach {
        nodes.detach();
        return say(&banner(&layout, None, took_ms));
    }
    let (dashboard, page) = dashboard::serve(&layout).await?;
    say(&banner(&layout, Some(&dashboard), took_ms))?;
    let result = tokio::select! {
        stop = tokio::signal::ctrl_c() => stop.map_err(|error| other(&error)),
        ended = nodes.ended() => Err(ended),
    };
    page.abort();
    nodes.stop().await?;
    for node in &mut layout.nodes {
        node.pid = None;
    }
    layout.write()?;
    result
}

/// Waits until every node serves and has blocks, and the sample merchant can issue.
pub(super) async fn wait_ready(nodes: &[NodeEntry], layout: &Layout) -> Result<(), LocalError> {
    let deadline = Instant::now() + Duration::from_secs(READY_SECONDS);
    for node in nodes {
        let client = Client::new(&node.url(), None)?;
        let is_faucet = layout.faucet() == Some(node);
        loop {
            let serves = client.chain().await.is_ok_and(|chain| chain.height > 0);
            if serves && (!is_faucet || client.account(Some(1)).await.is_ok()) {
                break;
            }
            if Instant::now() >= deadline {
                return Err(LocalError::NotReady {
                    name: node.name.clone(),
                    seconds: READY_SECONDS,
                    said: last_line(&layout.log(node)),
                    log: layout.log(node),
                });
            }
            sleep(ASK_EVERY).await;
        }
    }
    Ok(())
}

fn say(text: &str) -> Result<(), LocalError> {
    report::say(text).map_err(|error| other(&error))
}

fn other(error: &dyn core::fmt::Display) -> LocalError {
    LocalError::Other(error.to_string())
}
