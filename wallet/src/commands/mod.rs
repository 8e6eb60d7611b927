//! One file for each command: its arguments and what it does.

pub(crate) mod announcements;
pub(crate) mod balance;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod invoice_answer;
pub(crate) mod invoice_check;
pub(crate) mod invoice_download;
pub(crate) mod invoice_issue;
pub(crate) mod invoice_list;
pub(crate) mod invoice_qr;
pub(crate) mod invoice_red_letter;
pub(crate) mod invoice_reissue;
pub(crate) mod invoice_show;
pub(crate) mod key_list;
pub(crate) mod key_new;
pub(crate) mod key_revoke;
pub(crate) mod key_rotate;
pub(crate) mod key_show;
pub(crate) mod limits;
pub(crate) mod listen;
pub(crate) mod proof_absence;
pub(crate) mod proof_complete;
pub(crate) mod proof_export;
pub(crate) mod proof_get;
pub(crate) mod proof_inspect;
mod proof_inspect_statement;
pub(crate) mod refusal_inspect;
pub(crate) mod request;
pub(crate) mod request_proof;
pub(crate) mod top_up;
pub(crate) mod trust_accept;
pub(crate) mod trust_fetch;
pub(crate) mod trust_show;
pub(crate) mod verify;
pub(crate) mod witness;

use crate::cli::{Command, InvoiceCommand, KeyCommand, ProofCommand, TrustCommand};
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;

/// Runs a command.
///
/// # Errors
/// Whatever the command fails with.
pub(crate) fn run(context: &Context, command: &Command) -> Result<Exit, CommandError> {
    match command {
        Command::Key(KeyCommand::New(args)) => key_new::run(context, args),
        Command::Key(KeyCommand::List(_)) => key_list::run(context),
        Command::Key(KeyCommand::Show(args)) => key_show::run(context, args),
        Command::Key(KeyCommand::Rotate(args)) => key_rotate::run(context, args),
        Command::Key(KeyCommand::Revoke(args)) => key_revoke::run(context, args),
        Command::Invoice(InvoiceCommand::Check(args)) => invoice_check::run(context, args),
        Command::Invoice(InvoiceCommand::Issue(args)) => invoice_issue::run(context, args),
        Command::Invoice(InvoiceCommand::Show(args)) => invoice_show::run(context, args),
        Command::Invoice(InvoiceCommand::List(args)) => invoice_list::run(context, args),
        Command::Invoice(InvoiceCommand::Download(args)) => invoice_download::run(context, args),
        Command::Invoice(InvoiceCommand::Qr(args)) => invoice_qr::run(context, args),
        Command::Invoice(InvoiceCommand::RedLetter(args)) => invoice_red_letter::run(context, args),
        Command::Invoice(InvoiceCommand::Answer(args)) => invoice_answer::run(context, args),
        Command::Invoice(InvoiceCommand::Reissue(args)) => invoice_reissue::run(context, args),
        Command::Request(command) => request::run(context, command),
        Command::Balance(args) => balance::run(context, args),
        Command::Limits(args) => limits::run(context, args),
        Command::Announcements => announcements::run(context),
        Command::Listen(args) => listen::run(context, args),
        Command::TopUp(args) => top_up::run(context, args),
        Command::Verify(args) => verify::run(context, args),
        Command::Proof(ProofCommand::Absence(args)) => proof_absence::run(context, args),
        Command::Proof(ProofCommand::Complete(args)) => proof_complete::run(context, args),
        Command::Proof(ProofCommand::Export(args)) => proof_export::run(context, args),
        Command::Proof(ProofCommand::Get(args)) => proof_get::run(context, args),
        Command::Proof(ProofCommand::Inspect(args)) => proof_inspect::run(context, args),
        Command::Trust(TrustCommand::Show(args)) => trust_show::run(context, args),
        Command::Trust(TrustCommand::Fetch(args)) => trust_fetch::run(context, args),
        Command::Trust(TrustCommand::Accept(args)) => trust_accept::run(context, args),
        Command::Witness(args) => witness::run(context, args),
        Command::Explain(args) => explain::run(context, args),
        Command::Completions(args) => completions::run(context, args),
    }
}
