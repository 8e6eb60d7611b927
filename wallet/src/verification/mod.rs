//! From files and numbers to verdicts that people and programs can act on.
//!
//! Guards: what `piao_chain::proof::verify` says is never made better here, only stricter
//! (`--max-age`), and what was not checked is always said.

mod attached;
mod batch;
mod checklist;
mod judge;
mod refusal;
mod report;
mod source;
mod spreadsheet;
mod statement;
mod tally;
mod walk;
mod words;

pub(crate) use batch::{Subject, Workers};
pub(crate) use checklist::{show, summary};
pub(crate) use judge::{Judge, Judged};
pub(crate) use piao_api::proof_form::binary_form as proof_bytes;
pub(crate) use refusal::{JudgedRefusal, refusal_summary, show_refusal};
pub(crate) use report::{ReportPath, ReportWriter};
pub(crate) use source::read_proof_file;
pub(crate) use statement::{JudgedStatement, show_statement, statement_summary};
pub(crate) use tally::Tally;
pub(crate) use walk::{Found, files_below};
