//! A draft as it arrives: read strictly, with the faults of reading kept for the reply.

use axum::extract::{FromRequest, Request};
use piao_chain::fault::Fault;
use piao_chain::invoice::Draft;

use super::detached::detached;
use crate::backend::{DraftVerdict, Refusal};
use crate::body::JsonBody;
use crate::idempotency::IdempotencyKey;
use crate::problem::{ApiError, ApiResult};
use crate::router::Node;
use crate::wire::draft;
use crate::wire::{CheckReport, Failure};

/// A draft and what was wrong with its JSON.
#[derive(Debug)]
pub(crate) struct DraftBody {
    draft: Draft,
    faults: Vec<Fault>,
}

impl FromRequest<Node> for DraftBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, node: &Node) -> ApiResult<Self> {
        let JsonBody(body) = JsonBody::from_request(request, node).await?;
        let (draft, faults) = draft::read(body)?;
        Ok(Self { draft, faults })
    }
}

impl DraftBody {
    /// What a check of this draft replies.
    pub(crate) async fn report(self, node: &Node, account: u32) -> ApiResult<CheckReport> {
        let verdict = self.judge(node, account).await?;
        let faults = &verdict.faults;
        Ok(CheckReport {
            valid: faults.is_empty(),
            failures: faults
                .iter()
                .map(|fault| Failure::from_fault(fault, None))
                .collect(),
            warnings: verdict.warnings.iter().map(Into::into).collect(),
            totals: verdict.totals,
            fee: verdict.fee.to_string(),
            rule_set: verdict.rule_set,
        })
    }

    /// The draft and the key, if reading found nothing wrong; else every fault there is, those of
    /// the rules included, so that one reply is enough to correct the draft.
    pub(crate) async fn demand(
        self,
        node: &Node,
        account: u32,
        key: Result<IdempotencyKey, Box<Fault>>,
    ) -> ApiResult<(Draft, IdempotencyKey)> {
        match key {
            Ok(key) if self.faults.is_empty() => Ok((self.draft, key)),
            key => {
                let mut faults = self.judge(node, account).await?.faults;
                faults.extend(key.err().map(|fault| *fault));
                let refusal = Refusal::sorted(faults);
                Err(refusal.map_or_else(internal, ApiError::from))
            }
        }
    }

    /// The draft, if reading found nothing wrong; else every fault there is.
    pub(crate) async fn sound(self, node: &Node, account: u32) -> ApiResult<Draft> {
        if self.faults.is_empty() {
            return Ok(self.draft);
        }
        let refusal = Refusal::sorted(self.judge(node, account).await?.faults);
        Err(refusal.map_or_else(internal, ApiError::from))
    }

    /// Judges the draft by every rule and adds the faults of reading.
    async fn judge(self, node: &Node, account: u32) -> ApiResult<DraftVerdict> {
        let backend = node.backend.clone();
        let draft = self.draft;
        let mut verdict = detached(
            &node.door,
            async move { backend.check(account, draft).await },
        )
        .await?;
        draft::join_faults(self.faults, &mut verdict.faults);
        Ok(verdict)
    }
}

fn internal() -> ApiError {
    piao_chain::failure::FailureCode::Internal.into()
}
