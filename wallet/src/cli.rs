//! The grammar of the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use piao_api::idempotency::IdempotencyKey;
use piao_chain::invoice::InvoiceNumber;

use crate::commands::balance::BalanceArgs;
use crate::commands::completions::CompletionsArgs;
use crate::commands::explain::ExplainArgs;
use crate::commands::invoice_answer::AnswerArgs;
use crate::commands::invoice_check::CheckArgs;
use crate::commands::invoice_download::DownloadArgs;
use crate::commands::invoice_issue::IssueArgs;
use crate::commands::invoice_list::ListArgs;
use crate::commands::invoice_qr::QrArgs;
use crate::commands::invoice_red_letter::RedLetterArgs;
use crate::commands::invoice_reissue::ReissueArgs;
use crate::commands::invoice_show::ShowArgs;
use crate::commands::key_list::KeyListArgs;
use crate::commands::key_new::KeyNewArgs;
use crate::commands::key_revoke::KeyRevokeArgs;
use crate::commands::key_rotate::KeyRotateArgs;
use crate::commands::key_show::KeyShowArgs;
use crate::commands::limits::LimitsArgs;
use crate::commands::listen::ListenArgs;
use crate::commands::proof_absence::AbsenceArgs;
use crate::commands::proof_complete::CompleteArgs;
use crate::commands::proof_export::ExportArgs;
use crate::commands::proof_get::GetArgs;
use crate::commands::proof_inspect::InspectArgs;
use crate::commands::request::{RequestArgs, RequestListArgs, RequestReissueArgs};
use crate::commands::request_proof::RequestProofArgs;
use crate::commands::top_up::TopUpArgs;
use crate::commands::trust_accept::TrustAcceptArgs;
use crate::commands::trust_fetch::TrustFetchArgs;
use crate::commands::trust_show::TrustShowArgs;
use crate::commands::verify::VerifyArgs;
use crate::commands::witness::WitnessArgs;
use crate::language::Language;
use crate::output::Colour;

/// Printed below `piao --help`.
const AFTER_HELP: &str = "\
Exit codes:
  0 ok   1 other   2 usage   3 refused (faults listed)   4 not found
  5 verification FALSE   6 cannot decide   7 fee or limit
  8 network, asking again is safe   9 genuine but NOT IN FORCE   130 interrupted

Examples:
  piao invoice check noodles.json
  piao invoice check --fix noodles.json -o fixed.json
  piao invoice issue noodles.json
  piao proof get 26427000000000000001 -o noodles.proof
  piao verify noodles.proof --trust trust-root.json && echo pay
  piao explain E1205";

/// piao: issue invoices, keep their proofs, verify them anywhere.
#[derive(Debug, Parser)]
#[command(name = "piao", version, propagate_version = true, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// Options every command understands.
    #[command(flatten)]
    pub(crate) globals: Globals,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options every command understands.
#[derive(Clone, Debug, Args)]
pub(crate) struct Globals {
    /// Address of the node
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "PIAO_NODE",
        default_value = "http://127.0.0.1:8080"
    )]
    pub(crate) node: String,
    /// File with the API key of the merchant's desk
    #[arg(long, global = true, value_name = "FILE", env = "PIAO_API_KEY_FILE")]
    pub(crate) api_key_file: Option<PathBuf>,
    /// Key file (default: a file of its own in the key directory)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Directory for the journal of requests
    #[arg(long, global = true, value_name = "DIR", env = "PIAO_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// Print JSON on stdout
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Say nothing but results and failures
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
    /// Language for people (default: that of the environment)
    #[arg(long, global = true, value_name = "LANG", env = "PIAO_LANG")]
    pub(crate) lang: Option<Language>,
    /// Use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Colour,
}

/// The nouns and verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Keys of this machine
    #[command(subcommand)]
    Key(KeyCommand),
    /// Check, issue and read invoices
    #[command(subcommand)]
    Invoice(InvoiceCommand),
    /// Requests the node keeps: what became of them, and what to do
    #[command(subcommand)]
    Request(RequestCommand),
    /// Show the fee balance
    Balance(BalanceArgs),
    /// Show what may be issued, and what is used of it
    Limits(LimitsArgs),
    /// List maintenance that was announced
    Announcements,
    /// Print events as they happen, one JSON value a line
    Listen(ListenArgs),
    /// Top up the fee balance
    TopUp(TopUpArgs),
    /// Verify proofs, offline unless told otherwise
    Verify(VerifyArgs),
    /// Fetch proofs and look into them
    #[command(subcommand)]
    Proof(ProofCommand),
    /// The trust root that verdicts rest on
    #[command(subcommand)]
    Trust(TrustCommand),
    /// Cosign the log's newest checkpoint, if it goes on from the one seen before
    Witness(WitnessArgs),
    /// Explain a failure code
    Explain(ExplainArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and keep it encrypted
    New(KeyNewArgs),
    /// List the keys, without opening them
    List(KeyListArgs),
    /// Show the public half of a key
    Show(KeyShowArgs),
    /// Put a new key in the place of one that signs for an account
    Rotate(KeyRotateArgs),
    /// Have a key sign no more, and say since when its signatures are disputed
    Revoke(KeyRevokeArgs),
}

/// What can be done with invoices.
#[derive(Debug, Subcommand)]
pub(crate) enum InvoiceCommand {
    /// Judge a draft by every rule; charges nothing
    Check(CheckArgs),
    /// Issue a draft, once
    Issue(IssueArgs),
    /// Show an invoice
    Show(ShowArgs),
    /// List invoices, newest first
    List(ListArgs),
    /// Save an invoice as a file
    Download(DownloadArgs),
    /// Draw the link of an invoice as a QR code
    Qr(QrArgs),
    /// Take back parts of an invoice, or all that is left of it
    RedLetter(RedLetterArgs),
    /// Replace an invoice by another, at once
    Reissue(ReissueArgs),
    /// Answer a red letter that the other party proposed
    Answer(AnswerArgs),
}

/// What can be done with requests.
#[derive(Debug, Subcommand)]
pub(crate) enum RequestCommand {
    /// Show a request: where it stands, why, and every try
    Show(RequestArgs),
    /// List requests, the last one touched first
    List(RequestListArgs),
    /// Try a request now; takes up one that failed or was cancelled
    Retry(RequestArgs),
    /// Go on with a corrected draft of the same order
    Reissue(RequestReissueArgs),
    /// Give a request up, while nothing of it may become final
    Cancel(RequestArgs),
    /// Fetch what shows that a request sent with --anchor-failure was refused
    Proof(RequestProofArgs),
}

/// What can be done with trust roots.
#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Show the one in use, or one in a file
    Show(TrustShowArgs),
    /// Save the one a node serves, to compare its fingerprint; it is not used yet
    Fetch(TrustFetchArgs),
    /// Use a trust root from now on
    Accept(TrustAcceptArgs),
}

/// What can be done with proofs.
#[derive(Debug, Subcommand)]
pub(crate) enum ProofCommand {
    /// Fetch the proof of an invoice
    Get(GetArgs),
    /// Fetch what shows that a number is not issued
    Absence(AbsenceArgs),
    /// Fetch the list of all invoices of an account in a range
    Complete(CompleteArgs),
    /// Show tools of transparency logs that an invoice's block is in the log
    Export(ExportArgs),
    /// Look into a proof file; verifies nothing
    Inspect(InspectArgs),
}

/// Reads an invoice number.
///
/// # Errors
/// A text for the usage message.
pub(crate) fn number(text: &str) -> Result<String, String> {
    text.parse::<InvoiceNumber>()
        .map(|number| number.to_string())
        .map_err(|_digits| "an invoice number has 20 digits".to_owned())
}

/// Reads an idempotency key.
///
/// # Errors
/// A text for the usage message.
pub(crate) fn idempotency_key(text: &str) -> Result<IdempotencyKey, String> {
    IdempotencyKey::parse(text).map_err(|_fault| "1 to 128 visible ASCII characters".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_option_takes_a_secret() {
        // Arguments of a process are public on its machine: secrets come by file or prompt.
        fn visit(command: &clap::Command) {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                let secret = ["passphrase", "password", "api_key", "secret", "seed"];
                let names_secret = secret.iter().any(|word| name.contains(word));
                assert!(!names_secret || name.ends_with("_file"), "{name}");
            }
            command.get_subcommands().for_each(visit);
        }
        visit(&Cli::command());
    }
}
