//! Public rows of the chain.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use piao_chain::failure::FailureCode;

use super::stored::{CACHE_AND_ASK, CACHE_FOR_EVER};
use super::{path, stored};
use crate::backend::StoredFile;
use crate::media_type;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Block, BlockSummary, ChainStatus, Page, Problem, ValidatorSet};

/// Where the chain stands.
#[utoipa::path(get, path = "/v1/chain", tag = "chain",
    operation_id = "show_chain",
    responses((status = 200, body = ChainStatus)))]
pub(crate) async fn chain(
    State(node): State<Node>,
    parameters: Parameters,
) -> ApiResult<Json<ChainStatus>> {
    parameters.finish()?;
    Ok(Json(node.backend.chain().await?))
}

/// Blocks, newest first.
#[utoipa::path(get, path = "/v1/blocks", tag = "chain",
    operation_id = "list_blocks",
    params(("limit" = Option<u32>, Query, description = "1 to 200, default 50"),
        ("before" = Option<u64>, Query, description = "Only blocks below this height"),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before")),
    responses((status = 200, body = Page<BlockSummary>), (status = 400, body = Problem)))]
pub(crate) async fn list(
    State(node): State<Node>,
    mut parameters: Parameters,
) -> ApiResult<Json<Page<BlockSummary>>> {
    let limit = parameters.limit();
    let before = parameters.read("before", "a height", |text| path::height(text).ok());
    let cursor = parameters.read("cursor", "the next_cursor of a page", |text| {
        path::height(text).ok()
    });
    parameters.finish()?;
    let mut page = node.backend.blocks(cursor.or(before), limit).await?;
    let lowest = page.data.last().map(|block| block.height.to_string());
    page.next_cursor = lowest.filter(|_| page.has_more);
    Ok(Json(page))
}

/// A final block; the same for ever.
#[utoipa::path(get, path = "/v1/blocks/{height}", tag = "chain",
    operation_id = "show_block",
    params(("height" = u64, Path, description = "Height; 0 is the genesis header")),
    responses((status = 200, body = Block), (status = 404, body = Problem)))]
pub(crate) async fn show(
    State(node): State<Node>,
    Path(height): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    parameters.finish()?;
    let block = node.backend.block(path::height(&height)?).await?;
    let bytes = serde_json::to_vec(&block).map_err(|_never| FailureCode::Internal)?;
    let file = StoredFile {
        bytes: Bytes::from(bytes),
        version: block.block_id,
        immutable: true,
    };
    Ok(stored::reply(
        file,
        media_type::JSON,
        CACHE_FOR_EVER,
        &headers,
    ))
}

/// The validator set that decides the next height.
#[utoipa::path(get, path = "/v1/validators", tag = "chain",
    operation_id = "list_validators",
    responses((status = 200, body = ValidatorSet)))]
pub(crate) async fn validators(
    State(node): State<Node>,
    parameters: Parameters,
) -> ApiResult<Json<ValidatorSet>> {
    parameters.finish()?;
    Ok(Json(node.backend.validators().await?))
}

/// The trust root file, byte for byte.
#[utoipa::path(get, path = "/v1/trust-root", tag = "chain",
    operation_id = "download_trust_root",
    responses((status = 200, body = serde_json::Value, description = "Trust root file")))]
pub(crate) async fn trust_root(
    State(node): State<Node>,
    parameters: Parameters,
) -> ApiResult<Response> {
    parameters.finish()?;
    let file = node.backend.trust_root().await?;
    let headers = [
        (CONTENT_TYPE, media_type::JSON),
        (CACHE_CONTROL, CACHE_AND_ASK),
    ];
    Ok((headers, file).into_response())
}
