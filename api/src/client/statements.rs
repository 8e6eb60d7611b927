//! Files that speak of a number or an account.

use bytes::Bytes;
use reqwest::Method;

use super::transport::{read, send};
use super::{Client, ClientError};
use crate::backend::{CompletenessOrder, ListRange};

impl Client {
    /// The file that shows a number not to be issued.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn absence(&self, number: &str) -> Result<Bytes, ClientError> {
        let call = self.call(Method::GET, &["v1", "invoices", number, "absence"]);
        read(send(call).await?).await
    }

    /// The list of all invoices of an account in a range.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn completeness(&self, order: &CompletenessOrder) -> Result<Bytes, ClientError> {
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
        read(send(call.query(&pairs)).await?).await
    }
}
