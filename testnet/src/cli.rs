//! The command line of `piao-testnet`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::bench::{self, BenchError, BenchOptions};
use crate::crash::{self, CrashError, CrashVerb};
use crate::report;

/// Local networks, load and benchmarks.
#[derive(Debug, Parser)]
#[command(name = "piao-testnet", version, about)]
pub(crate) struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Measure a network of one validator on this machine, and the machine beside it.
    Bench {
        /// Invoices to issue under load.
        #[arg(long, default_value_t = 20_000)]
        invoices: usize,
        /// Invoices to issue one by one on the idle network.
        #[arg(long, default_value_t = 200)]
        idle: usize,
        /// Requests in flight at once.
        #[arg(long, default_value_t = 512)]
        clients: usize,
        /// What is sent: signed transactions, or drafts for the desk.
        #[arg(long, value_enum, default_value_t = Via::Raw)]
        via: Via,
        /// Proofs to fetch and verify afterwards.
        #[arg(long, default_value_t = 50)]
        proofs: usize,
        /// Folder for the data directory; removed afterwards. Must be on a disk, not in memory.
        #[arg(long, default_value = ".")]
        dir: PathBuf,
        /// The node's program; by default the one beside this program.
        #[arg(long)]
        piaod: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
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
    /// A crash.
    #[error(transparent)]
    Crash(#[from] CrashError),
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
            invoices,
            idle,
            clients,
            via,
            proofs,
            dir,
            piaod,
            json,
        } => {
            let options = BenchOptions {
                invoices,
                idle,
                clients,
                via,
                proofs,
                dir,
                piaod,
            };
            let figures = bench::run(&options).await?;
            report::print(&figures, json)?;
            Ok(())
        }
        Verb::Crash { verb } => Ok(crash::run(verb).await?),
    }
}
