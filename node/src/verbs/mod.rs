//! What each verb of `piaod` does, and how it says what went wrong: in one line.

mod membership;
mod service;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use crate::cli::{Cli, Common, ConfigVerb, Verb};
use crate::config::{Flags, Loaded, SettingsError, load};
use crate::doctor::{self, DoctorError, Language};
use crate::network::NetworkError;
use crate::node::{Mode, NodeError, OnLoss, Progress, Reindexed, Running};
use crate::telemetry;

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerbError {
    /// Configuration.
    #[error("configuration: {0}")]
    Settings(#[from] SettingsError),
    /// The node.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The network's files.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// Nothing could be examined.
    #[error(transparent)]
    Doctor(#[from] DoctorError),
    /// The doctor found something.
    #[error("the doctor has {0} findings")]
    Findings(usize),
    /// The async runtime could not start, or the terminal is gone.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// Runs a verb to its end.
///
/// # Errors
/// [`VerbError`]; each is one line for people.
pub fn run(cli: Cli) -> Result<(), VerbError> {
    match cli.verb {
        Verb::Dev {
            common,
            seed,
            accept_loss,
        } => serve(&common, Mode::Dev { seed }, accept_loss),
        Verb::Run {
            common,
            accept_loss,
        } => serve(&common, Mode::Existing, accept_loss),
        Verb::Doctor {
            common,
            deep,
            json,
            lang,
        } => doctor(&common, deep, json, lang),
        Verb::Init(args) => membership::init(&args),
        Verb::Network { verb } => membership::network(verb),
        Verb::Join { common, network } => membership::join(&common, &network),
        Verb::Service { common, user, .. } => service::print(&common, &user),
        Verb::Keys { common, json } => membership::keys(&common, json),
        Verb::ProbeState { copy, chain_id } => Ok(say(&doctor::probe(&copy, &chain_id)?)?),
        Verb::Reindex { common, json } => reindex(&common, json),
        Verb::Config { verb } => config(&verb),
        Verb::Version { json } => version(json),
    }
}

/// Says in one line on stderr why the program ends.
pub fn complain(error: &VerbError) {
    let line = error.to_string().replace('\n', " ");
    // Nobody is left to tell when stderr is gone.
    drop(writeln!(std::io::stderr(), "piaod: {line}"));
}

fn loaded(common: &Common) -> Result<Loaded, SettingsError> {
    let flags = Flags {
        data: common.data.clone(),
        listen: common.listen.clone(),
        log: common.log.clone(),
        unlock_file: common.unlock_file.clone(),
        clock_offset_ms: common.clock_offset,
    };
    let loaded = load(&flags, common.config.as_deref())?;
    for warning in &loaded.warnings {
        // Nobody is left to tell when stderr is gone.
        drop(writeln!(std::io::stderr(), "piaod: {warning}"));
    }
    Ok(loaded)
}

fn serve(common: &Common, mode: Mode, accept_loss: bool) -> Result<(), VerbError> {
    let on_loss = if accept_loss {
        OnLoss::Accept
    } else {
        OnLoss::Refuse
    };
    let settings = loaded(common)?.settings;
    telemetry::install(&settings.log, settings.log_format);
    crate::metrics::install();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("piaod")
        .build()?;
    let result = runtime.block_on(async {
        let running = Running::start(Arc::new(settings), mode, on_loss).await?;
        for notice in running.notices() {
            writeln!(std::io::stderr(), "piaod: {notice}")?;
        }
        say(&format!("ready http://{}", running.address()))?;
        if let Some(hint) = running.hint() {
            writeln!(std::io::stderr(), "{hint}")?;
        }
        running.until_stopped().await?;
        Ok(())
    });
    // A read that hangs on a dying disk must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}

fn reindex(common: &Common, json: bool) -> Result<(), VerbError> {
    let settings = loaded(common)?.settings;
    telemetry::install(&settings.log, settings.log_format);
    let begun = Instant::now();
    let Reindexed { height, invoices } =
        crate::node::reindex(&settings, &mut Progress::on_stderr("reindex"))?;
    let seconds = begun.elapsed().as_secs_f64();
    if json {
        let value =
            serde_json::json!({ "height": height, "invoices": invoices, "seconds": seconds });
        say(&value.to_string())?;
    } else {
        say(&format!(
            "state rebuilt from {height} blocks, {invoices} invoices, in {seconds:.1} s"
        ))?;
    }
    Ok(())
}

fn doctor(
    common: &Common,
    deep: bool,
    json: bool,
    language: Option<Language>,
) -> Result<(), VerbError> {
    let settings = loaded(common)?.settings;
    // What lower layers would say is said in the findings.
    telemetry::install("off", settings.log_format);
    let options = doctor::Options {
        deep,
        program: std::env::current_exe().ok(),
    };
    let mut progress = Progress::on_stderr("doctor");
    let report = doctor::examine(&settings, &options, &mut |height, of| {
        if height < of {
            progress.tell(height, of);
        }
    })?;
    if json {
        say(&report.json().to_string())?;
    } else {
        let language = language.unwrap_or_else(Language::of_environment);
        for line in report.lines(language) {
            say(&line)?;
        }
    }
    match report.count() {
        0 => Ok(()),
        count => Err(VerbError::Findings(count)),
    }
}

fn config(verb: &ConfigVerb) -> Result<(), VerbError> {
    match verb {
        ConfigVerb::Check { common } => {
            loaded(common)?;
            say("configuration is good")?;
        }
        ConfigVerb::Show { common, json } => {
            let loaded = loaded(common)?;
            if *json {
                say(&serde_json::to_string_pretty(&loaded.origins)
                    .map_err(std::io::Error::other)?)?;
            } else {
                for origin in &loaded.origins {
                    say(&format!(
                        "{} = {}  # {}",
                        origin.key, origin.value, origin.origin
                    ))?;
                }
            }
        }
    }
    Ok(())
}

fn version(json: bool) -> Result<(), VerbError> {
    let version = env!("CARGO_PKG_VERSION");
    let protocol = piao_chain::transaction::VERSION;
    if json {
        let mut value =
            serde_json::json!({ "name": "piaod", "version": version, "protocol": protocol });
        let crash_points = crate::crash_point::names();
        if !crash_points.is_empty() {
            value["crash_points"] = crash_points.into();
        }
        say(&value.to_string())?;
    } else {
        say(&format!("piaod {version}, protocol {protocol}"))?;
    }
    Ok(())
}

/// Data goes to stdout, talk to stderr.
fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
