//! Handing out what is compiled in: JSON with a strong `ETag`, so that asking again costs nothing.

use axum::http::HeaderMap;
use axum::response::Response;
use piao_chain::failure::FailureCode;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::stored;
use crate::backend::StoredFile;
use crate::media_type;
use crate::problem::ApiResult;

/// Bytes of the digest that names a version.
const VERSION_BYTES: usize = 16;

/// Answers with `value`, or that the caller has it already.
pub(crate) fn reply(value: &impl Serialize, asked: &HeaderMap) -> ApiResult<Response> {
    let bytes = serde_json::to_vec(value).map_err(|_unwritable| FailureCode::Internal)?;
    let digest = Sha256::digest(&bytes);
    let file = StoredFile {
        version: hex::encode(digest.get(..VERSION_BYTES).unwrap_or_default()),
        bytes: bytes.into(),
        immutable: false,
    };
    Ok(stored::reply(
        file,
        media_type::JSON,
        stored::CACHE_AND_ASK,
        asked,
    ))
}
