//! What anyone can check for ever without trusting a node (SPEC 7).

mod cache;
mod decided;
pub mod file;
pub mod history;
mod included;
mod links;
pub mod merkle;
mod object;
pub mod refusal;
pub mod slot;
pub mod statement;
mod status;
mod steps;
pub mod trust_root;
pub mod twin;
pub mod verdict;

pub use cache::VerifierCache;
pub use file::{KeyProof, Latest, Proof, ProofError, SignedCard, StatusProof};
pub use links::SetLink;
pub use refusal::{RefusalProof, RefusalVerdict, is_refusal, verify_refusal};
pub use slot::SlotProof;
pub use statement::{
    StatementFinding, StatementTwin, StatementVerdict, is_statement, verify_statement,
};
pub use trust_root::{
    Checkpoint, EnvelopeSignature, TrustRoot, TrustRootBody, TrustRootEnvelope, TrustRootError,
};
pub use twin::ProofTwin;
pub use verdict::{
    AsOf, Check, CheckResult, Finding, Freshness, Reason, Verdict, VerdictRedLetter, VerifyOptions,
    verify, verify_with,
};
