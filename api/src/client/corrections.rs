//! Calls that put an invoice right.

use bytes::Bytes;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use super::transport::{decode, read, send};
use super::{Client, ClientError, IssueOptions, Issued};
use crate::idempotency::{IDEMPOTENCY_KEY_HEADER, IdempotencyKey};
use crate::media_type;
use crate::wire::{Booking, Confirmation, Page};

/// A part of an invoice that is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedPart {
    /// Number of the line, from 1.
    pub line: u16,
    /// Amount without tax, yuan with two decimals.
    pub amount: String,
}

impl Client {
    /// Takes back parts of an invoice, or all that is left of it without `parts`. Save the key
    /// *before* calling.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn red_letter(
        &self,
        number: &str,
        (reason, parts): (&str, &[RedPart]),
        key: &IdempotencyKey,
        options: &IssueOptions,
    ) -> Result<Issued, ClientError> {
        let mut draft = json!({ "reason": reason });
        if !parts.is_empty() {
            let line = |part: &RedPart| json!({ "line": part.line, "amount": part.amount });
            let lines: Vec<Value> = parts.iter().map(line).collect();
            if let Some(draft) = draft.as_object_mut() {
                draft.insert("lines".to_owned(), Value::Array(lines));
            }
        }
        let call = self.call(Method::POST, &["v1", "invoices", number, "red-letters"]);
        issue(call, draft.to_string().into(), key, options).await
    }

    /// Replaces an invoice by a draft, given as JSON text. Save the key *before* calling.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn reissue(
        &self,
        number: &str,
        draft: impl Into<Bytes>,
        key: &IdempotencyKey,
        options: &IssueOptions,
    ) -> Result<Issued, ClientError> {
        let call = self.call(Method::POST, &["v1", "invoices", number, "reissue"]);
        issue(call, draft.into(), key, options).await
    }

    /// Books a received invoice of an account: the use, and the month as `2026-11`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn book(
        &self,
        number: &str,
        (booked_use, period): (&str, &str),
        account: Option<u32>,
    ) -> Result<Booking, ClientError> {
        let draft = json!({ "use": booked_use, "period": period }).to_string();
        let call = self.call(Method::POST, &["v1", "invoices", number, "booking"]);
        let account = account.map(|account| ("account", account));
        let call = call.query(&account.into_iter().collect::<Vec<_>>());
        let call = call.header(CONTENT_TYPE, media_type::JSON).body(draft);
        decode(&read(send(call).await?).await?)
    }

    /// A page of proposed red letters that an account is to answer.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn red_letters(
        &self,
        account: Option<u32>,
        cursor: Option<&str>,
    ) -> Result<Page<Confirmation>, ClientError> {
        let account = account.map(|account| ("account", account.to_string()));
        let cursor = cursor.map(|cursor| ("cursor", cursor.to_owned()));
        let pairs: Vec<_> = account.into_iter().chain(cursor).collect();
        let call = self.call(Method::GET, &["v1", "red-letters"]);
        decode(&read(send(call.query(&pairs)).await?).await?)
    }

    /// Answers a proposed red letter, by its name or as `open`. Safe to send again.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn answer_red_letter(
        &self,
        number: &str,
        id: &str,
        accept: bool,
        account: Option<u32>,
    ) -> Result<Confirmation, ClientError> {
        let path = ["v1", "invoices", number, "red-letters", id, "answer"];
        let account = account.map(|account| ("account", account));
        let call = self.call(Method::POST, &path);
        let call = call.query(&account.into_iter().collect::<Vec<_>>());
        let body = json!({ "accept": accept }).to_string();
        let call = call.header(CONTENT_TYPE, media_type::JSON).body(body);
        decode(&read(send(call).await?).await?)
    }
}

async fn issue(
    call: RequestBuilder,
    body: Bytes,
    key: &IdempotencyKey,
    options: &IssueOptions,
) -> Result<Issued, ClientError> {
    let call = call
        .query(&options.pairs())
        .header(IDEMPOTENCY_KEY_HEADER, key.as_str())
        .header(CONTENT_TYPE, media_type::JSON)
        .body(body);
    let reply = send(call).await?;
    if reply.status() != StatusCode::CREATED {
        return decode(&read(reply).await?).map(Issued::Pending);
    }
    let replayed = reply.headers().get("idempotent-replayed");
    let replayed = replayed.is_some_and(|value| value == "true");
    let invoice = decode(&read(reply).await?)?;
    Ok(Issued::Final { invoice, replayed })
}
