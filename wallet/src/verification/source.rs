//! The bytes of a proof, whichever of its two forms they come in.

use std::borrow::Cow;
use std::path::Path;

use piao_chain::limits::PROOF_BYTES_MAX;
use piao_chain::proof::ProofTwin;

use crate::context::input_error;
use crate::disk;
use crate::error::CommandError;

/// Bytes of a proof file in either form: the JSON twin spells every byte with two digits.
const FILE_BYTES_MAX: usize = 2 * PROOF_BYTES_MAX + 4 * 1024;

/// Reads a proof file. One that is too large to be a proof is cut just beyond the limit, where
/// the verifier calls it false.
///
/// # Errors
/// [`CommandError::NoSuchFile`], [`CommandError::File`].
pub(crate) fn read_proof_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    match disk::read_bounded(path, FILE_BYTES_MAX) {
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            Ok(vec![0; FILE_BYTES_MAX])
        }
        read => read.map_err(|source| input_error(path, source)),
    }
}

/// The binary form. Bytes that are neither form stay as they are, for the verifier to refuse.
pub(crate) fn proof_bytes(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Cow::Borrowed(bytes);
    }
    serde_json::from_slice::<ProofTwin>(bytes)
        .ok()
        .and_then(|twin| twin.to_file().ok())
        .map_or(Cow::Borrowed(bytes), Cow::Owned)
}
