//! From files and numbers to verdicts that people and programs can act on.
//!
//! Guards: what `piao_chain::proof::verify` says is never made better here, only stricter
//! (`--max-age`), and what was not checked is always said.

mod checklist;
mod judge;
mod source;
mod statement;
mod walk;
mod words;

pub(crate) use checklist::{show, summary};
pub(crate) use judge::{Judge, Judged};
pub(crate) use source::{proof_bytes, read_proof_file};
pub(crate) use statement::{JudgedStatement, show_statement, statement_summary};
pub(crate) use walk::proofs_below;
