//! The command line of `piao-testnet`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::bench::{self, BenchError, BenchOptions};
use crate::bench_join;
use crate::bench_network;
use crate::crash::{self, CrashError, CrashVerb};
use crate::flood::{self, FloodOptions};
use crate::local::{self, LocalError, LocalVerb};
use crate::report;
use crate::scenario::{self, RunArgs, ScenarioError};

/// Local networks, load and benchmarks.
#[derive(Debug, Parser)]
#[command(name = "piao-testnet", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Measure a network on this machine, and the machine beside it.
    Bench {
        /// Nodes that vote. With more than one, a merchant's node without a vote takes the invoices,
        /// as raw transactions, and what is measured of one node alone is left out.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
        validators: u16,
        /// Invoices to issue under load.
        #[arg(long, default_value_t = 20_000)]
        invoices: usize,
        /// Invoices to issue one by one on the idle network.
        #[arg(long, default_value_t = 200)]
        idle: usize,
        /// Connections at work at once, each with one request in flight.
        #[arg(long, default_value_t = 32)]
        clients: usize,
        /// What is sent: signed transactions, or drafts for the desk.
        #[arg(long, value_enum, default_value_t = Via::Raw)]
        via: Via,
        /// Transactions in one request, 1 to 256; with `--via raw` only.
        #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
        batch: u16,
        /// Proofs to fetch and verify afterwards.
        #[arg(long, default_value_t = 50)]
        proofs: usize,
        /// Folder for the data directory; removed afterwards. Must be on a disk, not in memory.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// Leave the data directory behind.
        #[arg(long)]
        keep: bool,
        /// The node's program; by default the one beside this program.
        #[arg(long)]
        piaod: Option<PathBuf>,
        /// Measure how soon a node that comes late is level: the chain has `--invoices` in at least
        /// so many blocks by then. Once without a disturbance, once killed half-way.
        #[arg(long, value_name = "HEIGHT", requires = "validators")]
        join: Option<u64>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Offer a node far more than it can serve, and time a healthy client beside.
    Flood {
        /// For how long, in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Callers that offer work as fast as it is taken or refused.
        #[arg(long, default_value_t = 2_000)]
        clients: usize,
        /// Folder for the data directory; removed afterwards. Must be on a disk, not in memory.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// The node's program; by default the one beside this program.
        #[arg(long)]
        piaod: Option<PathBuf>,
    },
    #[command(flatten)]
    Local(LocalVerb),
    /// Break a network as a scenario says, heal it, and hold it against what it promised.
    Run(RunArgs),
    /// Crash a node on purpose, again and again, and hold what is left against what it promised.
    Crash {
        /// How.
        #[command(subcommand)]
        verb: CrashVerb,
    },
}

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// A benchmark.
    #[error(transparent)]
    Bench(#[from] BenchError),
    /// A local network.
    #[error(transparent)]
    Local(#[from] LocalError),
    /// A crash.
    #[error(transparent)]
    Crash(#[from] CrashError),
    /// A scenario.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The terminal is gone.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// What the benchmark sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Via {
    /// Pre-signed raw transactions.
    Raw,
    /// Drafts through the desk's HTTP door.
    Http,
}

/// Runs the verb.
pub(crate) async fn run(cli: Cli) -> Result<(), CliError> {
    match cli.verb {
        Verb::Bench {
            validators,
            invoices,
            idle,
            clients,
            via,
            batch,
            proofs,
            dir,
            keep,
            piaod,
            join,
            json,
        } => {
            let options = BenchOptions {
                invoices,
                idle,
                clients,
                via,
                batch: usize::from(batch),
                proofs,
                dir,
                keep,
                piaod,
            };
            if let Some(height) = join {
                let figures = bench_join::run(&options, validators, height).await?;
                report::print_json(&figures)?;
                return Ok(());
            }
            if validators > 1 {
                let figures = bench_network::run(&options, validators).await?;
                report::print_json(&figures)?;
                return Ok(());
            }
            let figures = bench::run(&options).await?;
            report::print(&figures, json)?;
            Ok(())
        }
        Verb::Flood {
            seconds,
            clients,
            dir,
            piaod,
        } => {
            let options = FloodOptions {
                seconds,
                clients,
                dir,
                piaod,
            };
            report::print_json(&flood::run(&options).await?)?;
            Ok(())
        }
        Verb::Local(verb) => Ok(local::run(verb).await?),
        Verb::Run(arguments) => Ok(scenario::run(arguments).await?),
        Verb::Crash { verb } => Ok(crash::run(verb).await?),
    }
}
