//! Why a command did not do what it was asked.
//!
//! Guards: every failure has an exit code, a sentence in both languages, and a next step; with
//! `--json` it is a problem of the same shape a node sends.

use std::io;
use std::path::PathBuf;

use piao_api::client::ClientError;
use piao_api::wire::{Failure, Problem, RequestView};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::exit::Exit;
use crate::journal::{Call, JournalError};
use crate::keystore::KeystoreError;
use crate::language::Text;
use crate::passphrase::PassphraseError;
use crate::trust::TrustError;
use crate::witness_state::WitnessError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum CommandError {
    /// A key.
    #[error(transparent)]
    Keystore(#[from] KeystoreError),
    /// A passphrase.
    #[error(transparent)]
    Passphrase(#[from] PassphraseError),
    /// The journal of requests; nothing was sent.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The trust root.
    #[error(transparent)]
    Trust(#[from] TrustError),
    /// A witness that does not cosign.
    #[error(transparent)]
    Witness(#[from] WitnessError),
    /// The node, or the way to it.
    #[error(transparent)]
    Node(#[from] ClientError),
    /// Refused here, before anything was sent.
    #[error("{} {}", .0.code, .0.title)]
    Refused(Box<Problem>),
    /// The node keeps the request, but the invoice is not final within the time given.
    #[error("not final yet")]
    Pending(Box<RequestView>),
    /// A request was sent and its outcome is not known.
    #[error("{source}")]
    Unsettled {
        /// What was sent.
        call: Call,
        /// The idempotency key it carries.
        key: String,
        /// What ended the waiting.
        source: Box<Self>,
    },
    /// The input is not there.
    #[error("no such file: {}", .0.display())]
    NoSuchFile(PathBuf),
    /// A directory without a file in it.
    #[error("no file below {}", .0.display())]
    NoProofs(PathBuf),
    /// More files than one call judges.
    #[error("more than {most} files, or directories too deep, below {}", .dir.display())]
    TooManyProofs {
        /// Which directory.
        dir: PathBuf,
        /// The bound.
        most: usize,
    },
    /// A file that is there and cannot be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that should hold a proof and does not.
    #[error("{}: {why}", .path.display())]
    NotAProof {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A PDF or a foreign file, and nothing to verify in it.
    #[error("{}: no proof in this file", .0.display())]
    NoProofInside(PathBuf),
    /// A PDF with proofs that differ: which one it stands for can not be said.
    #[error("{}: several proofs in this file, none is picked", .0.display())]
    SeveralProofs(PathBuf),
    /// The node answered with the proof of another invoice.
    #[error("asked for invoice {asked}, and the node's proof is of {got}")]
    OtherInvoice {
        /// What was asked for.
        asked: String,
        /// What came.
        got: String,
    },
    /// The API key cannot be read.
    #[error("API key file {}: {source}", .path.display())]
    ApiKey {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Neither an XDG variable nor `HOME` says where to keep files.
    #[error("no directory to keep files in; give {0}")]
    NoDirectory(&'static str),
    /// Not a code or name of the catalogue.
    #[error("no failure code or name {given}")]
    UnknownCode {
        /// What was asked for.
        given: String,
        /// What may have been meant.
        near: Vec<String>,
    },
    /// A command line that the grammar allows and the command cannot use.
    #[error("{}", .0.en)]
    Usage(Text),
    /// The system refused something basic: random numbers, threads.
    #[error("{0}")]
    System(String),
    /// Standard output is closed or full.
    #[error("cannot write: {0}")]
    Stdout(#[from] io::Error),
    /// Stopped by the user.
    #[error("interrupted")]
    Interrupted,
}

impl CommandError {
    /// A refusal said by this program in the words of the catalogue.
    #[must_use]
    pub(crate) fn refused(fault: &Fault) -> Self {
        Self::Refused(Box::new(problem_of(fault)))
    }

    /// The exit code.
    #[must_use]
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Node(ClientError::Refused {
                problem, status, ..
            }) => Exit::of_refusal(*status, &problem.code),
            Self::Node(ClientError::Unusable(_))
            | Self::Passphrase(PassphraseError::NobodyToAsk)
            | Self::ApiKey { .. }
            | Self::NoDirectory(_)
            | Self::Usage(_) => Exit::Usage,
            Self::Node(_) | Self::Pending(_) => Exit::Retry,
            Self::Refused(problem) => Exit::of_refusal(problem.status, &problem.code),
            Self::Unsettled { source, .. } => source.exit(),
            Self::NoSuchFile(_)
            | Self::NoProofs(_)
            | Self::UnknownCode { .. }
            | Self::Keystore(KeystoreError::NotFound(_)) => Exit::NotFound,
            Self::Keystore(
                KeystoreError::Exists(_)
                | KeystoreError::Ambiguous(_)
                | KeystoreError::Exposed { .. }
                | KeystoreError::WrongPassphrase
                | KeystoreError::NotAKey { .. }
                | KeystoreError::UnknownVersion { .. },
            )
            | Self::Passphrase(_) => Exit::Refused,
            Self::Trust(_)
            | Self::TooManyProofs { .. }
            | Self::NoProofInside(_)
            | Self::SeveralProofs(_) => Exit::Undecided,
            Self::Witness(WitnessError::Behind { .. }) => Exit::Undecided,
            Self::NotAProof { .. }
            | Self::OtherInvoice { .. }
            | Self::Witness(WitnessError::Inconsistent { .. } | WitnessError::NotTheLogs(_)) => {
                Exit::False
            }
            Self::Keystore(_)
            | Self::Journal(_)
            | Self::Witness(_)
            | Self::File { .. }
            | Self::System(_)
            | Self::Stdout(_) => Exit::Other,
            Self::Interrupted => Exit::Interrupted,
        }
    }

    /// A word for programs; a code of the catalogue where there is one.
    #[must_use]
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Keystore(KeystoreError::NotFound(_)) => "KEY_NOT_FOUND",
            Self::Keystore(KeystoreError::Exists(_)) => "KEY_EXISTS",
            Self::Keystore(KeystoreError::WrongPassphrase) => "WRONG_PASSPHRASE",
            Self::Keystore(_) => "KEY_UNUSABLE",
            Self::Passphrase(_) => "PASSPHRASE_UNUSABLE",
            Self::Journal(_) => "JOURNAL_UNUSABLE",
            Self::Trust(_) => "TRUST_ROOT_UNUSABLE",
            Self::Witness(WitnessError::Inconsistent { .. }) => "LOG_INCONSISTENT",
            Self::Witness(WitnessError::NotTheLogs(_)) => "CHECKPOINT_FALSE",
            Self::Witness(WitnessError::Behind { .. }) => "LOG_BEHIND",
            Self::Witness(_) => "WITNESS_STATE_UNUSABLE",
            Self::Node(ClientError::Refused { problem, .. }) | Self::Refused(problem) => {
                &problem.code
            }
            Self::Node(ClientError::Unreachable(_)) => "NODE_UNREACHABLE",
            Self::Node(ClientError::Unusable(_)) => "NODE_ADDRESS_UNUSABLE",
            Self::Node(_) => "NODE_REPLY_UNUSABLE",
            Self::Pending(_) => FailureCode::ConfirmTimeout.code(),
            Self::Unsettled { source, .. } => source.code(),
            Self::NoSuchFile(_) => "FILE_NOT_FOUND",
            Self::NoProofs(_) => "NO_PROOFS",
            Self::TooManyProofs { .. } => "TOO_MANY_PROOFS",
            Self::File { .. } => "FILE_UNUSABLE",
            Self::NotAProof { .. } => "NOT_A_PROOF",
            Self::NoProofInside(_) => "NO_PROOF_INSIDE",
            Self::SeveralProofs(_) => "SEVERAL_PROOFS",
            Self::OtherInvoice { .. } => "OTHER_INVOICE",
            Self::ApiKey { .. } => "API_KEY_UNUSABLE",
            Self::NoDirectory(_) => "NO_DIRECTORY",
            Self::UnknownCode { .. } => "UNKNOWN_CODE",
            Self::Usage(_) => "USAGE",
            Self::System(_) => "SYSTEM",
            Self::Stdout(_) => "STDOUT",
            Self::Interrupted => "INTERRUPTED",
        }
    }

    /// The problem body: the node's own, or one of the same shape with status 0.
    #[must_use]
    pub(crate) fn problem(&self) -> Problem {
        match self {
            Self::Node(ClientError::Refused { problem, .. }) | Self::Refused(problem) => {
                Problem::clone(problem)
            }
            Self::Pending(_) => problem_of(&Fault::new(FailureCode::ConfirmTimeout)),
            Self::Unsettled { source, .. } => source.problem(),
            _ => Problem {
                kind: "about:blank".to_owned(),
                title: self.to_string(),
                status: 0,
                detail: None,
                instance: String::new(),
                code: self.code().to_owned(),
                request_id: String::new(),
                failures: Vec::new(),
            },
        }
    }

    /// The idempotency key to ask again with, if a request may be in flight.
    #[must_use]
    pub(crate) fn idempotency_key(&self) -> Option<&str> {
        match self {
            Self::Unsettled { key, .. } => Some(key),
            _ => None,
        }
    }
}

/// A problem with one failure, as a node would say it.
fn problem_of(fault: &Fault) -> Problem {
    let code = fault.code;
    Problem {
        kind: format!("/errors/{}", code.code()),
        title: code.en().to_owned(),
        status: code.http_status(),
        detail: None,
        instance: String::new(),
        code: code.code().to_owned(),
        request_id: String::new(),
        failures: vec![Failure::from_fault(fault, None)],
    }
}
