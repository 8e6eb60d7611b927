//! Files that speak of a number or an account.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::ACCEPT;

use super::transport::{read, send};
use super::{Client, ClientError};
use crate::backend::{CompletenessOrder, ListRange, ProofForm};
use crate::media_type;

impl Client {
    /// The file that shows a number not to be issued.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn absence(&self, number: &str, form: ProofForm) -> Result<Bytes, ClientError> {
        let call = self.call(Method::GET, &["v1", "invoices", number, "absence"]);
        read(send(call.header(ACCEPT, accepted(form))).await?).await
    }

    /// The list of all invoices of an account in a range.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn completeness(
        &self,
        order: &CompletenessOrder,
        form: ProofForm,
    ) -> Result<Bytes, ClientError> {
        let account = order.account.to_string();
        let call = self.call(Method::GET, &["v1", "accounts", &account, "completeness"]);
        let (names, from, to) = match order.range {
            ListRange::Counters { from, to } => (["from", "to"], from, to),
            ListRange::Blocks { from, to } => (["from_height", "to_height"], from, to),
        };
        let ends = [Some(from), to];
        let given = names.into_iter().zip(ends);
        let pairs: Vec<(&str, u64)> = given
            .filter_map(|(name, end)| end.map(|end| (name, end)))
            .collect();
        let call = call.query(&pairs).header(ACCEPT, accepted(form));
        read(send(call).await?).await
    }
}

/// What a form is called.
fn accepted(form: ProofForm) -> &'static str {
    match form {
        ProofForm::Binary => media_type::PROOF,
        ProofForm::Json => media_type::PROOF_JSON,
    }
}
