//! Calls about requests: lists of them, and what a merchant does with one.

use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};

use super::{Client, ClientError};
use crate::media_type;
use crate::wire::{Page, RequestState, RequestView};

type Reply<T> = Result<T, ClientError>;

/// Which requests a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestQuery {
    /// Account; the key's first if none.
    pub account: Option<u32>,
    /// Only this state.
    pub state: Option<RequestState>,
    /// Rows at most, 1–200.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl RequestQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("account", self.account.map(|account| account.to_string())),
            ("state", self.state.map(|state| state.as_str().to_owned())),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
        ];
        let given = all.into_iter();
        given
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

impl Client {
    /// A page of requests, the last one touched first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn requests(&self, query: &RequestQuery) -> Reply<Page<RequestView>> {
        let call = self.call(Method::GET, &["v1", "requests"]);
        self.json(call.query(&query.pairs())).await
    }

    /// Tries a request now.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn retry(&self, id: &str) -> Reply<RequestView> {
        self.json(self.verb(id, "retry")).await
    }

    /// Gives a request up.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn cancel(&self, id: &str) -> Reply<RequestView> {
        self.json(self.verb(id, "cancel")).await
    }

    /// Goes on with a corrected draft, given as JSON text.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn reissue_request(&self, id: &str, draft: impl Into<Bytes>) -> Reply<RequestView> {
        let call = self.call(Method::POST, &["v1", "requests", id, "reissue"]);
        let call = call.header(CONTENT_TYPE, media_type::JSON);
        self.json(call.body(draft.into())).await
    }

    fn verb(&self, id: &str, verb: &str) -> RequestBuilder {
        let call = self.call(Method::POST, &["v1", "requests", id, verb]);
        // The form a page elsewhere can't post without asking.
        call.header(CONTENT_TYPE, media_type::JSON)
    }
}
