//! The catalogue of failures.

use axum::Json;
use axum::extract::Path;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::parameters::Parameters;
use crate::problem::ApiResult;
use crate::strict_json::shortened;
use crate::wire::{CatalogueEntry, FailureCatalogue, Problem};

/// Every failure code.
#[utoipa::path(get, path = "/v1/failures", tag = "catalogues",
    operation_id = "list_failures",
    responses((status = 200, body = FailureCatalogue)))]
pub(crate) async fn list(parameters: Parameters) -> ApiResult<Json<FailureCatalogue>> {
    parameters.finish()?;
    Ok(Json(FailureCatalogue::all()))
}

/// One failure code, by code or name.
#[utoipa::path(get, path = "/v1/failures/{code}", tag = "catalogues",
    operation_id = "show_failure",
    params(("code" = String, Path, description = "`E1205` or `LINE_TAX_MISMATCH`")),
    responses((status = 200, body = CatalogueEntry), (status = 404, body = Problem)))]
pub(crate) async fn show(
    Path(code): Path<String>,
    parameters: Parameters,
) -> ApiResult<Json<CatalogueEntry>> {
    parameters.finish()?;
    let found = FailureCode::from_code(&code.to_ascii_uppercase())
        .ok_or_else(|| Fault::at(FailureCode::ResourceNotFound, "/code").got(shortened(&code)))?;
    Ok(Json(found.into()))
}
