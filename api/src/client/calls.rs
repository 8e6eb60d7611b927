//! One method per call of the contract.
//!
//! All of them fail with [`ClientError`]; what the node may refuse is in `crate::backend::Backend`.

use bytes::{Bytes, BytesMut};
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::json;

use super::transport::{decode, read, send, send_any, text};
use super::{Client, ClientError, InvoiceQuery, IssueOptions, Issued, ProofReply};
use crate::backend::{ProofForm, Show};
use crate::idempotency::{IDEMPOTENCY_KEY_HEADER, IdempotencyKey};
use crate::media_type;
use crate::wire::{
    Account, Announcement, Batch, Block, BlockSummary, ChainStatus, CheckReport, Consistency,
    Explanation, FailureCatalogue, Invoice, LedgerEntry, Limits, Outcome, Page, Readiness,
    RequestView, Rules, TopUp, ValidatorSet,
};

type Reply<T> = Result<T, ClientError>;

impl Client {
    /// Maintenance that was announced, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn announcements(&self) -> Reply<Page<Announcement>> {
        self.json(self.call(Method::GET, &["v1", "announcements"]))
            .await
    }

    /// Judges a draft, given as JSON text.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn check(&self, draft: impl Into<Bytes>, account: Option<u32>) -> Reply<CheckReport> {
        let call = self.call(Method::POST, &["v1", "invoices", "check"]);
        self.json(body(call, draft.into()).query(&account_pair(account)))
            .await
    }

    /// Issues a draft, given as JSON text. Save the key *before* calling.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn issue(
        &self,
        draft: impl Into<Bytes>,
        key: &IdempotencyKey,
        options: &IssueOptions,
    ) -> Reply<Issued> {
        issued(send(self.issuing(draft.into(), key, options)).await?).await
    }

    /// The call that issues.
    pub(super) fn issuing(
        &self,
        draft: Bytes,
        key: &IdempotencyKey,
        options: &IssueOptions,
    ) -> RequestBuilder {
        let call = self
            .call(Method::POST, &["v1", "invoices"])
            .query(&options.pairs());
        body(call.header(IDEMPOTENCY_KEY_HEADER, key.as_str()), draft)
    }

    /// An invoice by number.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn invoice(&self, number: &str) -> Reply<Invoice> {
        self.json(self.call(Method::GET, &["v1", "invoices", number]))
            .await
    }

    /// A page of invoices, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn invoices(&self, query: &InvoiceQuery) -> Reply<Page<Invoice>> {
        let call = self.call(Method::GET, &["v1", "invoices"]);
        self.json(call.query(&query.pairs())).await
    }

    /// The proof of an invoice.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn proof(&self, number: &str, form: ProofForm, show: &Show) -> Reply<ProofReply> {
        let accept = match form {
            ProofForm::Binary => media_type::PROOF,
            ProofForm::Json => media_type::PROOF_JSON,
        };
        let mut call = self.call(Method::GET, &["v1", "invoices", number, "proof"]);
        call = match show {
            Show::Nothing => call,
            Show::All => call.query(&[("show", "all")]),
            Show::Fields(names) => call.query(&[("show", names.join(","))]),
        };
        let reply = send(call.header(ACCEPT, accept)).await?;
        let etag = reply
            .headers()
            .get(ETAG)
            .and_then(|value| value.to_str().ok());
        let etag = etag.map(str::to_owned);
        let bytes = read(reply).await?;
        Ok(ProofReply { bytes, etag })
    }

    /// The document of an invoice as a JSON file.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn invoice_json(&self, number: &str) -> Reply<Bytes> {
        let call = self.call(Method::GET, &["v1", "invoices", number, "json"]);
        read(send(call).await?).await
    }

    /// A request by id.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn request(&self, id: &str) -> Reply<RequestView> {
        self.json(self.call(Method::GET, &["v1", "requests", id]))
            .await
    }

    /// The request an idempotency key is bound to.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn outcome(&self, key: &IdempotencyKey, account: Option<u32>) -> Reply<RequestView> {
        let call = self.call(Method::GET, &["v1", "outcomes", key.as_str()]);
        self.json(call.query(&account_pair(account))).await
    }

    /// An account's balance.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn account(&self, account: Option<u32>) -> Reply<Account> {
        let call = self.call(Method::GET, &["v1", "account"]);
        self.json(call.query(&account_pair(account))).await
    }

    /// What an account may issue, and what is used of it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn limits(&self, account: Option<u32>) -> Reply<Limits> {
        let call = self.call(Method::GET, &["v1", "limits"]);
        self.json(call.query(&account_pair(account))).await
    }

    /// A page of an account's movements, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn ledger(
        &self,
        account: Option<u32>,
        cursor: Option<&str>,
    ) -> Reply<Page<LedgerEntry>> {
        let call = self.call(Method::GET, &["v1", "account", "ledger"]);
        let cursor = cursor.map(|cursor| ("cursor", cursor));
        self.json(call.query(&account_pair(account)).query(cursor.as_slice()))
            .await
    }

    /// Tops up an account by `amount` yuan (`50.00`), once per reference for ever.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn top_up(
        &self,
        account: Option<u32>,
        amount: &str,
        reference: &str,
        key: &IdempotencyKey,
    ) -> Reply<TopUp> {
        let draft = json!({"account": account, "amount": amount, "ref": reference});
        let call = self.call(Method::POST, &["v1", "top-ups"]);
        let call = call.header(IDEMPOTENCY_KEY_HEADER, key.as_str());
        self.json(body(call, Bytes::from(draft.to_string()))).await
    }

    /// Hands a signed transaction to the network; of the options only the wait counts.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn submit(
        &self,
        transaction: impl Into<Bytes>,
        options: &IssueOptions,
    ) -> Reply<Outcome> {
        let call = self
            .call(Method::POST, &["v1", "transactions"])
            .query(&options.wait_pairs());
        let call = call.header(CONTENT_TYPE, media_type::TRANSACTION);
        self.json(call.body(transaction.into())).await
    }

    /// Hands in several signed transactions at once, at most 256 of them and 256 KiB. One outcome
    /// each, in order; refusals are outcomes too.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn submit_all(
        &self,
        transactions: &[Bytes],
        options: &IssueOptions,
    ) -> Reply<Vec<Outcome>> {
        let mut body = BytesMut::new();
        for transaction in transactions {
            let length = u32::try_from(transaction.len()).unwrap_or(u32::MAX);
            body.extend_from_slice(&length.to_be_bytes());
            body.extend_from_slice(transaction);
        }
        let call = self
            .call(Method::POST, &["v1", "transactions"])
            .query(&options.wait_pairs());
        let call = call.header(CONTENT_TYPE, media_type::TRANSACTIONS);
        let batch: Batch = self.json(call.body(body.freeze())).await?;
        Ok(batch.outcomes)
    }

    /// The outcome of a transaction, by its 64 hex digits.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn transaction(&self, txid: &str) -> Reply<Outcome> {
        self.json(self.call(Method::GET, &["v1", "transactions", txid]))
            .await
    }

    /// Where the chain stands.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn chain(&self) -> Reply<ChainStatus> {
        self.json(self.call(Method::GET, &["v1", "chain"])).await
    }

    /// A page of blocks below `before`, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn blocks(&self, before: Option<u64>, limit: u32) -> Reply<Page<BlockSummary>> {
        let call = self.call(Method::GET, &["v1", "blocks"]);
        let before = before.map(|height| ("before", height));
        self.json(call.query(&[("limit", limit)]).query(before.as_slice()))
            .await
    }

    /// A block by height.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn block(&self, height: u64) -> Reply<Block> {
        self.json(self.call(Method::GET, &["v1", "blocks", &height.to_string()]))
            .await
    }

    /// The validator set that decides the next height.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn validators(&self) -> Reply<ValidatorSet> {
        self.json(self.call(Method::GET, &["v1", "validators"]))
            .await
    }

    /// The trust root file, byte for byte. Trust it only by its fingerprint.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn trust_root(&self) -> Reply<Bytes> {
        read(send(self.call(Method::GET, &["v1", "trust-root"])).await?).await
    }

    /// The newest checkpoint of the log, a signed note. Trust it only by its signature.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn checkpoint(&self) -> Reply<String> {
        text(&read(send(self.call(Method::GET, &["v1", "checkpoint"])).await?).await?)
    }

    /// That the first `from` blocks are a beginning of the first `to`.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn consistency(&self, from: u64, to: u64) -> Reply<Consistency> {
        let call = self.call(Method::GET, &["v1", "checkpoint", "consistency"]);
        self.json(call.query(&[("from", from), ("to", to)])).await
    }

    /// That a block is in the newest checkpoint, as text.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn tlog_proof(&self, height: u64) -> Reply<String> {
        let height = height.to_string();
        let call = self.call(Method::GET, &["v1", "blocks", &height, "tlog-proof"]);
        text(&read(send(call).await?).await?)
    }

    /// The catalogue of failures, as this node knows it.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn failures(&self) -> Reply<FailureCatalogue> {
        self.json(self.call(Method::GET, &["v1", "failures"])).await
    }

    /// One line of the catalogue, by code or name.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn failure(&self, code: &str) -> Reply<Explanation> {
        self.json(self.call(Method::GET, &["v1", "failures", code]))
            .await
    }

    /// A rule set: by default the one new invoices name, as it applies today.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn rules(&self, on: Option<&str>, rule_set: Option<u16>) -> Reply<Rules> {
        let call = self.call(Method::GET, &["v1", "rules"]);
        let (on, rule_set) = (on.map(|on| ("on", on)), rule_set.map(|id| ("rule_set", id)));
        self.json(call.query(on.as_slice()).query(rule_set.as_slice()))
            .await
    }

    /// Whether the node can issue now; a node that cannot answers too.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn readiness(&self) -> Reply<Readiness> {
        let call = self
            .call(Method::GET, &["readyz"])
            .query(&[("verbose", "1")]);
        let reply = send_any(call).await?;
        decode(&read(reply).await?)
    }

    /// The node's counters, in the Prometheus text format.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn metrics(&self) -> Reply<Bytes> {
        read(send(self.call(Method::GET, &["metrics"])).await?).await
    }
}

/// What came of issuing.
pub(super) async fn issued(reply: Response) -> Reply<Issued> {
    if reply.status() != StatusCode::CREATED {
        return decode(&read(reply).await?).map(Issued::Pending);
    }
    let replayed = reply.headers().get("idempotent-replayed");
    let replayed = replayed.is_some_and(|value| value == "true");
    let invoice = decode(&read(reply).await?)?;
    Ok(Issued::Final { invoice, replayed })
}

fn body(call: RequestBuilder, json: Bytes) -> RequestBuilder {
    call.header(CONTENT_TYPE, media_type::JSON).body(json)
}

fn account_pair(account: Option<u32>) -> Vec<(&'static str, String)> {
    account
        .map(|account| ("account", account.to_string()))
        .into_iter()
        .collect()
}
