//! The two forms of a file of SPEC 7: binary, and its JSON twin (7.5, 7.11.5).
//!
//! Guards: one text stands for one binary file, whoever reads it; bytes that are neither form stay as
//! they are, for a verifier to refuse.

use std::borrow::Cow;

use piao_chain::limits::PROOF_BYTES_MAX;
use piao_chain::proof::{ProofTwin, StatementTwin};

/// Bytes of a file in either form, at most: the JSON twin spells every byte with two digits.
pub const FORM_BYTES_MAX: usize = 2 * PROOF_BYTES_MAX + 4 * 1024;

/// The binary form of a proof or a statement.
#[must_use]
pub fn binary_form(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Cow::Borrowed(bytes);
    }
    // No text is both: a proof has a transaction, and no statement may have one.
    let file = match serde_json::from_slice::<ProofTwin>(bytes) {
        Ok(twin) => twin.to_file(),
        Err(_not_of_a_proof) => match serde_json::from_slice::<StatementTwin>(bytes) {
            Ok(twin) => twin.to_file(),
            Err(_not_of_a_statement) => return Cow::Borrowed(bytes),
        },
    };
    file.map_or(Cow::Borrowed(bytes), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_twin_stays_as_it_is() {
        for text in [
            &b""[..],
            b"{",
            b"{}",
            b" {\"version\":2}",
            b"\x89PIAO",
            b"hello",
        ] {
            assert_eq!(binary_form(text), text);
        }
    }
}
