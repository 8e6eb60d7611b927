//! Requests whose refusal is to be provable.

use bytes::Bytes;
use reqwest::Method;

use super::calls::issued;
use super::transport::{read, send};
use super::{Client, ClientError, IssueOptions, Issued};
use crate::idempotency::IdempotencyKey;

impl Client {
    /// Issues a draft, given as JSON text, and has a refusal by the state of the chain kept in a
    /// block. Save the key *before* calling.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn issue_anchored(
        &self,
        draft: impl Into<Bytes>,
        key: &IdempotencyKey,
        options: &IssueOptions,
    ) -> Result<Issued, ClientError> {
        let call = self.issuing(draft.into(), key, options);
        issued(send(call.query(&[("anchor_failure", "true")])).await?).await
    }

    /// The file that shows a request to be refused.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn request_proof(&self, id: &str) -> Result<Bytes, ClientError> {
        let call = self.call(Method::GET, &["v1", "requests", id, "proof"]);
        read(send(call).await?).await
    }
}
