//! Reading a draft: from a file or from standard input, exactly as it is.
//!
//! Guards: the text is posted untouched, so that the node judges what the merchant wrote.

use std::io;
use std::path::Path;

use piao_api::limits::HTTP_BODY_BYTES_MAX;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::context::input_error;
use crate::disk;
use crate::error::CommandError;

/// Reads the draft at `path`; `-` is standard input.
///
/// # Errors
/// [`CommandError::NoSuchFile`], [`CommandError::File`], [`FailureCode::BodyTooLarge`].
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    let bytes = if path == Path::new("-") {
        disk::take_bounded(io::stdin().lock(), HTTP_BODY_BYTES_MAX)
    } else {
        disk::read_bounded(path, HTTP_BODY_BYTES_MAX)
    };
    bytes.map_err(|source| {
        if source.kind() == io::ErrorKind::FileTooLarge {
            let limit = format!("at most {HTTP_BODY_BYTES_MAX} bytes");
            CommandError::refused(&Fault::new(FailureCode::BodyTooLarge).expected(limit))
        } else {
            input_error(path, source)
        }
    })
}
