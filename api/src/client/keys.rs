//! Calls about keys.

use reqwest::Method;

use super::{Client, ClientError};
use crate::wire::Key;

impl Client {
    /// A key by its id, 32 hex digits.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn key(&self, id: &str) -> Result<Key, ClientError> {
        self.json(self.call(Method::GET, &["v1", "keys", id])).await
    }
}
