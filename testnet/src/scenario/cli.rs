//! The arguments of `piao-testnet run`.

use std::path::PathBuf;

use clap::Args;

use super::fleet::Programs;
use super::format::parse;
use super::run::{Setting, perform};
use super::{ScenarioError, other};
use crate::bench::program;

/// What is run.
#[derive(Args, Clone, Debug)]
pub(crate) struct RunArgs {
    /// The scenario, TOML.
    scenario: PathBuf,
    /// What every choice follows from; the scenario's own without it.
    #[arg(long)]
    seed: Option<u64>,
    /// File for the report, JSON.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Folder that the data directories are made in; removed afterwards, kept when something broke.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// Leave the data behind in any case.
    #[arg(long)]
    keep: bool,
    /// The node's program; by default the one beside this program.
    #[arg(long)]
    piaod: Option<PathBuf>,
    /// The program of byzantine nodes; by default `piao-byzantine` beside the node's.
    #[arg(long)]
    byzantine: Option<PathBuf>,
}

/// Runs a scenario; an error when an invariant is broken.
pub(crate) async fn run(arguments: RunArgs) -> Result<(), ScenarioError> {
    let path = &arguments.scenario;
    let text = std::fs::read_to_string(path).map_err(ScenarioError::io(path))?;
    let scenario = parse(&text).map_err(|what| ScenarioError::Format {
        path: path.clone(),
        what,
    })?;
    let piaod = program(arguments.piaod.as_ref()).map_err(|error| other(error.to_string()))?;
    let absolute = |path: &PathBuf| std::path::absolute(path).map_err(ScenarioError::io(path));
    let piaod = absolute(&piaod)?;
    let seed = arguments.seed.unwrap_or(scenario.seed);
    let again = format!(
        "piao-testnet run {} --seed {seed} --piaod {}",
        path.display(),
        piaod.display()
    );
    let byzantine = match &arguments.byzantine {
        Some(path) => absolute(path)?,
        None => piaod.with_file_name("piao-byzantine"),
    };
    if scenario.byzantine.iter().any(Option::is_some) && !byzantine.is_file() {
        return Err(other(format!(
            "{} is not there: `cargo build --package piao-byzantine` makes it, --byzantine names \
             another place",
            byzantine.display()
        )));
    }
    let setting = Setting {
        programs: Programs { piaod, byzantine },
        dir: absolute(&arguments.dir)?,
        keep: arguments.keep,
        report: arguments.report,
        seed,
        again,
    };
    perform(&scenario, &setting).await
}
