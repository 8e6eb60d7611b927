//! The command line of `piaod`.

mod authority;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use authority::AuthorityVerb;

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
    /// Make a node's keys, and the file in which it introduces itself to the others.
    Init(InitArgs),
    /// Put a network together from its members' introductions.
    Network {
        /// What to do with it.
        #[command(subcommand)]
        verb: NetworkVerb,
    },
    /// Change who decides, with the keys of the authority.
    Authority {
        /// What to change.
        #[command(subcommand)]
        verb: AuthorityVerb,
    },
    /// Take a network over into a node's data directory.
    Join {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Folder with genesis, members.json and trust-root.json.
        #[arg(long, value_name = "DIR")]
        network: PathBuf,
    },
    /// Have this node issue for a merchant.
    Merchant {
        /// What to do.
        #[command(subcommand)]
        verb: MerchantVerb,
    },
    /// Print the public halves of a node's keys.
    Keys {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Make the key that this validator votes with once the set names it.
        #[arg(long)]
        new_validator_key: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print a systemd unit that runs this node.
    Service {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// User the node runs as.
        #[arg(long, value_name = "NAME", default_value = "piao")]
        user: String,
        /// Print it: nothing is installed.
        #[arg(long, required = true)]
        print: bool,
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

/// Arguments of `piaod init`.
#[derive(Args, Clone, Debug)]
pub struct InitArgs {
    /// Common flags.
    #[command(flatten)]
    pub common: Common,
    /// Name of the node, for people.
    #[arg(long, value_name = "NAME")]
    pub moniker: String,
    /// Where consensus of this node is reached by the others.
    #[arg(long, value_name = "/ip4/ADDR/tcp/PORT")]
    pub consensus: String,
    /// Where its transaction gossip is.
    #[arg(long, value_name = "/ip4/ADDR/tcp/PORT")]
    pub gossip: String,
    /// The node votes: it gets a validator key.
    #[arg(long)]
    pub validator: bool,
    /// The node holds a key of the authority and the log key.
    #[arg(long)]
    pub authority: bool,
    /// The node issues for made-up merchants; on test networks only, with --authority.
    #[arg(long, requires = "authority")]
    pub sample_merchants: bool,
    /// Make keys that follow from this number. For tests.
    #[arg(long)]
    pub seed: Option<u64>,
}

/// What can be done with a network that is not there yet.
#[derive(Debug, Subcommand)]
pub enum NetworkVerb {
    /// Write genesis, the list of members, and a trust root to be signed.
    Create {
        /// The members' introductions, each a member.json.
        #[arg(long = "member", value_name = "FILE", required = true)]
        members: Vec<PathBuf>,
        /// Folder to write to.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Invoices are the real thing; a test network without it.
        #[arg(long)]
        production: bool,
        /// Signatures of the authority that are needed.
        #[arg(long, default_value_t = 1)]
        threshold: u8,
        /// Fee for an issued invoice, in fen.
        #[arg(long, value_name = "FEN", default_value_t = 10)]
        issue_fee: u32,
        /// Fee for a recorded failure, in fen.
        #[arg(long, value_name = "FEN", default_value_t = 0)]
        failure_fee: u32,
        /// Channel digit of invoice numbers, 0 to 9.
        #[arg(long, default_value_t = 7)]
        channel: u8,
        /// Make the network follow from this number. For tests.
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Add members to a network that runs, or take over their new keys and addresses. Every operator
    /// joins once more with the folder, and starts its node anew, one after the other.
    Admit {
        /// Folder of the network's files.
        #[arg(long, value_name = "DIR")]
        network: PathBuf,
        /// Their introductions, each a member.json.
        #[arg(long = "member", value_name = "FILE", required = true)]
        members: Vec<PathBuf>,
    },
    /// Sign the trust root with the authority's key of a node.
    Sign {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Folder of the network's files.
        #[arg(long, value_name = "DIR")]
        network: PathBuf,
    },
}

/// How a merchant comes to a node.
#[derive(Debug, Subcommand)]
pub enum MerchantVerb {
    /// Make the merchant's key here, and the application to give to the authority.
    Init {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Registered name.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Unified social credit code.
        #[arg(long, value_name = "CODE")]
        tax_id: String,
        /// What it is registered as: `general` or `small_scale`.
        #[arg(long, value_name = "KIND", default_value = "general")]
        taxpayer: String,
        /// Region digits of its invoice numbers, 0 to 99.
        #[arg(long, value_name = "NN")]
        region: u8,
    },
    /// Take over what the authority vouched for; the node serves it from its next start.
    Adopt {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// The file the authority gave back.
        #[arg(long, value_name = "FILE")]
        merchant: PathBuf,
    },
    /// Make the key it answers red letters with, and the card with which the authority binds it.
    AdminKey {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Unified social credit code.
        #[arg(long, value_name = "CODE")]
        tax_id: String,
    },
    /// Make another key to issue with, and the file with which the authority vouches for it. Again
    /// the same one, until the authority has.
    RotateKey {
        /// Common flags.
        #[command(flatten)]
        common: Common,
        /// Unified social credit code.
        #[arg(long, value_name = "CODE")]
        tax_id: String,
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
