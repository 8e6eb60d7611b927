//! Keys of accounts, as the chain knows them.

use axum::Json;
use axum::extract::{Path, State};

use super::path;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Key, Problem};

/// A key: whose it is, what it may do, since and until when.
#[utoipa::path(get, path = "/v1/keys/{id}", tag = "chain",
    operation_id = "show_key",
    params(("id" = String, Path, description = "Id of the key, 32 hex digits")),
    responses((status = 200, body = Key),
        (status = 404, body = Problem, description = "Bound to no account")))]
pub(crate) async fn show(
    State(node): State<Node>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> ApiResult<Json<Key>> {
    parameters.finish()?;
    Ok(Json(node.backend.key(path::key_id(&id)?).await?))
}
