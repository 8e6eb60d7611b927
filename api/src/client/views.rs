//! The link of an invoice.

use reqwest::Method;

use super::{Client, ClientError};
use crate::wire::ViewLink;

impl Client {
    /// The link of an own invoice, with the secret that opens its document.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn view_link(&self, number: &str) -> Result<ViewLink, ClientError> {
        self.json(self.call(Method::GET, &["v1", "invoices", number, "link"]))
            .await
    }
}
