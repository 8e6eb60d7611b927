//! What a node finds of a file.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::{Client, ClientError};
use crate::media_type;
use crate::wire::FileVerdict;

impl Client {
    /// The node's verdict on a proof or a statement of either form.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn verify_proof(&self, file: impl Into<Bytes>) -> Result<FileVerdict, ClientError> {
        let file = file.into();
        let form = if file.trim_ascii_start().starts_with(b"{") {
            media_type::PROOF_JSON
        } else {
            media_type::PROOF
        };
        let call = self.call(Method::POST, &["v1", "proofs", "verify"]);
        self.json(call.header(CONTENT_TYPE, form).body(file)).await
    }
}
