//! The media types of this contract.

/// JSON.
pub const JSON: &str = "application/json";
/// Plain text.
pub const TEXT: &str = "text/plain; charset=utf-8";
/// A problem (RFC 9457).
pub const PROBLEM: &str = "application/problem+json";
/// A raw signed transaction.
pub const TRANSACTION: &str = "application/vnd.piao.transaction";
/// Several raw signed transactions, each behind its length: `u32` big-endian, then the bytes.
pub const TRANSACTIONS: &str = "application/vnd.piao.transactions";
/// A proof file, binary form.
pub const PROOF: &str = "application/vnd.piao.proof";
/// A proof file, JSON twin.
pub const PROOF_JSON: &str = "application/vnd.piao.proof+json";
