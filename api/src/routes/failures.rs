//! The catalogue of failures.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use super::catalogue;
use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::strict_json::shortened;
use crate::wire::{Explanation, FailureCatalogue, Problem};

/// Every failure code.
#[utoipa::path(get, path = "/v1/failures", tag = "catalogues",
    operation_id = "list_failures",
    responses((status = 200, body = FailureCatalogue)))]
pub(crate) async fn list(parameters: Parameters, headers: HeaderMap) -> ApiResult<Response> {
    parameters.finish()?;
    catalogue::reply(&FailureCatalogue::all(), &headers)
}

/// One failure code, by code or name: its line, what to do, and drafts that provoke and pass it.
#[utoipa::path(get, path = "/v1/failures/{code}", tag = "catalogues",
    operation_id = "show_failure",
    params(("code" = String, Path, description = "`E1205` or `LINE_TAX_MISMATCH`")),
    responses((status = 200, body = Explanation), (status = 404, body = Problem)))]
pub(crate) async fn show(
    Path(code): Path<String>,
    parameters: Parameters,
    headers: HeaderMap,
) -> ApiResult<Response> {
    parameters.finish()?;
    let found = FailureCode::from_code(&code.to_ascii_uppercase())
        .ok_or_else(|| Fault::at(FailureCode::ResourceNotFound, "/code").got(shortened(&code)))?;
    catalogue::reply(&Explanation::of(found), &headers)
}
