//! The chain as a transparency log: checkpoints as signed notes (C2SP), for others' tools.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::path;
use super::stored::CACHE_AND_ASK;
use crate::media_type;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Consistency, Problem};

/// The newest checkpoint, signed by the log key.
#[utoipa::path(get, path = "/v1/checkpoint", tag = "chain",
    operation_id = "show_checkpoint",
    responses((status = 200, body = String, content_type = "text/plain",
            description = "A signed note: origin, size, root"),
        (status = 404, body = Problem, description = "This node does not hold the log key")))]
pub(crate) async fn checkpoint(
    State(node): State<Node>,
    parameters: Parameters,
) -> ApiResult<Response> {
    parameters.finish()?;
    Ok(text(node.backend.checkpoint().await?))
}

/// That an earlier checkpoint is a beginning of a later one.
#[utoipa::path(get, path = "/v1/checkpoint/consistency", tag = "chain",
    operation_id = "show_consistency",
    params(("from" = Option<u64>, Query, description = "Size of the earlier one, at least 1"),
        ("to" = Option<u64>, Query, description = "Size of the later one")),
    responses((status = 200, body = Consistency), (status = 400, body = Problem),
        (status = 404, body = Problem)))]
pub(crate) async fn consistency(
    State(node): State<Node>,
    mut parameters: Parameters,
) -> ApiResult<Json<Consistency>> {
    let size = |text: &str| path::height(text).ok();
    let from = parameters.read("from", "a size in blocks", size);
    let to = parameters.read("to", "a size in blocks", size);
    parameters.finish()?;
    // A size that is not given is 0, of which nothing is a beginning.
    let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
    Ok(Json(node.backend.consistency(from, to).await?))
}

/// That a block is in the newest checkpoint.
#[utoipa::path(get, path = "/v1/blocks/{height}/tlog-proof", tag = "chain",
    operation_id = "show_tlog_proof",
    params(("height" = u64, Path, description = "Height of the block, its index in the log")),
    responses((status = 200, body = String, content_type = "text/plain",
            description = "Index, path and checkpoint"),
        (status = 404, body = Problem)))]
pub(crate) async fn tlog_proof(
    State(node): State<Node>,
    Path(height): Path<String>,
    parameters: Parameters,
) -> ApiResult<Response> {
    parameters.finish()?;
    let height = path::height(&height)?;
    Ok(text(node.backend.tlog_proof(height).await?))
}

fn text(text: String) -> Response {
    let headers = [
        (CONTENT_TYPE, media_type::TEXT),
        (CACHE_CONTROL, CACHE_AND_ASK),
    ];
    (headers, text).into_response()
}
