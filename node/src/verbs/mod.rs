//! What each verb of `piaod` does, and how it says what went wrong: in one line.

mod announcement;
mod authority;
mod membership;
mod merchant;
mod service;

use std::ffi::OsString;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use crate::cli::{Cli, Common, ConfigVerb, Verb};
use crate::config::{Flags, Loaded, SettingsError, load};
use crate::doctor::{self, DoctorError, Language};
use crate::merchants::MerchantError;
use crate::network::NetworkError;
use crate::node::{Mode, NodeError, OnLoss, Progress, Reindexed, Running, Stopped};
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
    /// A merchant's file.
    #[error(transparent)]
    Merchant(#[from] MerchantError),
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
        Verb::Merchant { verb } => merchant::run(verb),
        Verb::Service { common, user, .. } => service::print(&common, &user),
        Verb::Authority { verb } => authority::run(&verb),
        Verb::Keys {
            common,
            new_validator_key,
            json,
        } => membership::keys(&common, new_validator_key, json),
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
    let result: Result<Stopped, VerbError> = runtime.block_on(async {
        let running = Running::start(Arc::new(settings), mode, on_loss).await?;
        for notice in running.notices() {
            writeln!(std::io::stderr(), "piaod: {notice}")?;
        }
        announce(running.address())?;
        if let Some(hint) = running.hint() {
            writeln!(std::io::stderr(), "{hint}")?;
        }
        Ok(running.until_stopped().await?)
    });
    // A read that hangs on a dying disk must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    match result? {
        Stopped::ByOrder => Ok(()),
        Stopped::ToStartAgain(address) => Err(start_again(address)),
    }
}

/// Says that the node serves. Whoever started it may have heard it once and hung up: a node that
/// starts anew by itself, or serves on, does not end for that.
fn announce(address: SocketAddr) -> Result<(), std::io::Error> {
    match say(&format!("ready http://{address}")) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            tracing::warn!("nobody reads standard output");
            Ok(())
        }
        said => said,
    }
}

/// Replaces this process by the same command, with nothing left of it but its id: every socket,
/// thread and lock is gone. What was to be given up has been.
fn start_again(address: SocketAddr) -> VerbError {
    use std::os::unix::process::CommandExt as _;
    let given: Vec<OsString> = std::env::args_os().skip(1).collect();
    match std::env::current_exe() {
        Ok(program) => std::process::Command::new(program)
            .args(arguments_again(&given, address))
            .exec()
            .into(),
        Err(error) => error.into(),
    }
}

/// The arguments of a start that goes on: what was to be given up has been, and where the node
/// listens is where it is known to be, whatever port was asked for.
fn arguments_again(given: &[OsString], address: SocketAddr) -> Vec<OsString> {
    let mut arguments = Vec::new();
    let mut rest = given.iter();
    while let Some(argument) = rest.next() {
        let text = argument.to_string_lossy();
        if text == "--listen" {
            rest.next();
        } else if text != "--accept-loss" && !text.starts_with("--listen=") {
            arguments.push(argument.clone());
        }
    }
    arguments.extend(["--listen".into(), address.to_string().into()]);
    arguments
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_goes_on_listens_where_it_did_and_gives_nothing_up() {
        let address: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        let again = |given: &str| {
            let given: Vec<OsString> = given.split(' ').map(Into::into).collect();
            let again = arguments_again(&given, address);
            again.join(&OsString::from(" ")).into_string().unwrap()
        };
        let wanted = "run --data d --listen 127.0.0.1:4711";
        assert_eq!(again("run --data d"), wanted);
        assert_eq!(again("run --listen 127.0.0.1:0 --data d"), wanted);
        assert_eq!(
            again("run --listen=127.0.0.1:0 --accept-loss --data d"),
            wanted
        );
    }
}
