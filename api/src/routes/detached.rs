//! Work that must not stop because its caller hung up.

use core::future::Future;

use piao_chain::failure::FailureCode;

use crate::backend::Refusal;
use crate::door::Door;
use crate::problem::ApiResult;

/// Runs `work` on a task of its own and waits for it.
///
/// A caller who disconnects drops the handler, not the work: an invoice half issued would be worse
/// than one nobody waits for. How much of such work there may be is bounded.
pub(crate) async fn detached<T: Send + 'static>(
    door: &Door,
    work: impl Future<Output = Result<T, Refusal>> + Send + 'static,
) -> ApiResult<T> {
    let room = door.detached_room()?;
    let work = async move {
        let result = work.await;
        drop(room);
        result
    };
    match tokio::spawn(work).await {
        Ok(result) => Ok(result?),
        Err(error) => {
            tracing::error!(%error, "a call into the node ended early");
            Err(FailureCode::Internal.into())
        }
    }
}
