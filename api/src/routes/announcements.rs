//! Announced maintenance.

use axum::Json;
use axum::extract::State;

use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::router::Node;
use crate::wire::{Announcement, Page};

/// Maintenance that the authority announced, newest first; over or not, the latest 16.
#[utoipa::path(get, path = "/v1/announcements", tag = "catalogues",
    operation_id = "list_announcements",
    responses((status = 200, body = Page<Announcement>)))]
pub(crate) async fn list(
    State(node): State<Node>,
    parameters: Parameters,
) -> ApiResult<Json<Page<Announcement>>> {
    parameters.finish()?;
    Ok(Json(Page::last(node.backend.announcements().await?)))
}
