//! The bytes of a proof, wherever they come from: a file of either form, or a PDF that carries one.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use piao_api::proof_form::FORM_BYTES_MAX;
use piao_chain::proof::file::MAGIC;

use super::attached::{self, Attached, PDF_START_MAX};
use crate::context::input_error;
use crate::disk;
use crate::error::CommandError;

/// Bytes of a PDF that is searched for a proof.
const PDF_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Reads a proof file, or the proof that a PDF carries. A file that is too large to be a proof is cut
/// just beyond the limit, where the verifier calls it false.
///
/// # Errors
/// [`CommandError::NoSuchFile`], [`CommandError::File`]; of a PDF [`CommandError::NoProofInside`],
/// [`CommandError::SeveralProofs`].
pub(crate) fn read_proof_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    let bytes = read(path).map_err(|source| input_error(path, source))?;
    if !attached::is_pdf(&bytes) {
        return Ok(bytes);
    }
    match attached::find(&bytes) {
        Attached::Proof(proof) => Ok(proof),
        Attached::Nothing => Err(CommandError::NoProofInside(path.to_owned())),
        Attached::Several => Err(CommandError::SeveralProofs(path.to_owned())),
    }
}

/// As [`read_proof_file`], for a file nobody named: one that neither is called a proof nor begins
/// like one holds none, and is not called false.
///
/// # Errors
/// As [`read_proof_file`]; [`CommandError::NoProofInside`] of a foreign file.
pub(crate) fn read_found_file(path: &Path) -> Result<Vec<u8>, CommandError> {
    let bytes = read_proof_file(path)?;
    let named = path.extension().is_some_and(|ending| ending == "proof");
    if named || bytes.starts_with(&MAGIC) || is_like_twin(&bytes) {
        Ok(bytes)
    } else {
        Err(CommandError::NoProofInside(path.to_owned()))
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let mut start = Vec::new();
    let look = u64::try_from(PDF_START_MAX * 2).unwrap_or(u64::MAX);
    file.by_ref().take(look).read_to_end(&mut start)?;
    let is_pdf = attached::is_pdf(&start);
    let most = if is_pdf {
        PDF_BYTES_MAX
    } else {
        FORM_BYTES_MAX
    };
    match disk::take_bounded(start.as_slice().chain(file), most) {
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge && !is_pdf => {
            // Its first bytes still tell what it is.
            start.resize(FORM_BYTES_MAX, 0);
            Ok(start)
        }
        read => read,
    }
}

/// Whether bytes look like the JSON twin of a proof or a statement, whole or damaged.
fn is_like_twin(bytes: &[u8]) -> bool {
    let holds = |name: &[u8]| bytes.windows(name.len()).any(|window| window == name);
    bytes.trim_ascii_start().starts_with(b"{")
        && holds(b"\"certificate\"")
        && (holds(b"\"transaction\"") || holds(b"\"validators\""))
}
