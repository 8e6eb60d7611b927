//! The command line of `piaod`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::doctor::Language;

/// The Piao invoice node.
#[derive(Debug, Parser)]
#[command(name = "piaod", version, about, disable_help_subcommand = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs of this version.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run a development network of one validator; made on first start.
    Dev {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Make keys and ids that follow from this number; takes effect on first start.
        #[arg(long)]
        seed: Option<u64>,
        /// Go on without blocks that were final and are lost or damaged. Says which, and refuses
        /// when nothing is lost.
        #[arg(long)]
        accept_loss: bool,
    },
    /// Run a node on an existing data directory.
    Run {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Go on without blocks that were final and are lost or damaged. Says which, and refuses
        /// when nothing is lost.
        #[arg(long)]
        accept_loss: bool,
    },
    /// Say what is wrong with a stopped node's data, and the way out. Changes nothing; ends with 1
    /// when it finds something.
    Doctor {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Read everything: every record and value, every document, every block executed again.
        #[arg(long)]
        deep: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
        /// Language of the findings; the environment's without it.
        #[arg(long, value_enum)]
        lang: Option<Language>,
    },
    /// Look at a copy of the state; `doctor` calls it in a process of its own.
    #[command(hide = true)]
    ProbeState {
        /// Folder of the copy.
        copy: PathBuf,
        /// The network, in hex.
        chain_id: String,
    },
    /// Build the state anew from the journal.
    Reindex {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// What it came to, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Look at the configuration.
    Config {
        /// What to do with it.
        #[command(subcommand)]
        verb: ConfigVerb,
    },
    /// Print the version.
    Version {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigVerb {
    /// Print every value and where it came from.
    Show {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say whether it is good.
    Check {
        /// Common flags.
        #[command(flatten)]
        common: Common,
    },
}

/// Flags of every verb that needs the configuration.
#[derive(Args, Clone, Debug, Default)]
pub struct Common {
    /// Configuration file, TOML.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of journal, state, keys and documents.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where HTTP listens; port 0 picks one.
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// Log filter, as `info` or `piao_node=debug`.
    #[arg(long, value_name = "FILTER")]
    pub log: Option<String>,
    /// File with the unlock secret.
    #[arg(long, value_name = "FILE")]
    pub unlock_file: Option<PathBuf>,
    /// Run the clock ahead or behind, as `+3s`, `-2m`, `+1h`.
    #[arg(long, value_name = "D", allow_hyphen_values = true, value_parser = parse_offset)]
    pub clock_offset: Option<i64>,
}

/// Reads `+3s`, `-2m`, `+1h`, `500ms` into milliseconds.
fn parse_offset(text: &str) -> Result<i64, String> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = rest.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit_ms: i64 = match rest.get(digits.len()..) {
        Some("ms") => 1,
        Some("s") => 1_000,
        Some("m") => 60_000,
        Some("h") => 3_600_000,
        Some("d") => 86_400_000,
        _ => return Err("write a number and ms, s, m, h or d, as +3s or -2m".to_owned()),
    };
    let count: i64 = digits
        .parse()
        .map_err(|_source| format!("{digits:?} is not a whole number"))?;
    count
        .checked_mul(unit_ms)
        .map(|ms| sign * ms)
        .ok_or_else(|| "too far away".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_with_their_unit() {
        assert_eq!(parse_offset("+3s"), Ok(3_000));
        assert_eq!(parse_offset("-2m"), Ok(-120_000));
        assert_eq!(parse_offset("500ms"), Ok(500));
        assert!(parse_offset("3").is_err());
        assert!(parse_offset("+xs").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
