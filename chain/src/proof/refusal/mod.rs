//! That a request was refused (SPEC 7.12).
//!
//! Guards: a refusal that stands in a block is as provable as an invoice: the transaction, the code it
//! failed with, and the block that every validator agreed on. What no block holds can't be shown so.

mod file;
mod verdict;

pub use file::RefusalProof;
pub use verdict::{RefusalVerdict, RefusedAt, is_refusal, verify_refusal};

/// Version of a file that shows a request to be refused.
const REFUSAL_VERSION: u8 = 4;
