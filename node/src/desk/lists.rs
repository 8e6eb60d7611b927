//! Reading what the desk holds: invoices, requests, documents.

use piao_api::backend::{Cut, InvoiceFilter, Refusal, StoredFile};
use piao_api::wire;
use piao_chain::document::DisclosedField;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::proof::SignedCard;
use piao_chain::signature::KeyId;
use piao_chain::time::{BlockTime, IssueDate};
use piao_chain::transaction::{Idem, SignedTransaction};

use super::Desk;
use super::in_flight::AccountKey;
use super::outcome::Standing;

/// Requests looked through for one page; a page may be short and say that there is more.
const REQUESTS_PER_PAGE_MAX: usize = 2_000;

impl Desk {
    /// The request with an id, as `/v1/requests/{id}` names it.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`], also when it is of an account the caller may not use.
    pub fn request(
        &self,
        owns: &dyn Fn(u32) -> bool,
        id: &str,
    ) -> Result<wire::RequestView, Refusal> {
        let key = self.key_of_request(owns, id)?;
        self.request_view(&key)
    }

    /// The key of the request with an id.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub(crate) fn key_of_request(
        &self,
        owns: &dyn Fn(u32) -> bool,
        id: &str,
    ) -> Result<AccountKey, Refusal> {
        let not_found = || Refusal::of(FailureCode::ResourceNotFound);
        let mut bytes = [0; 16];
        hex::decode_to_slice(id, &mut bytes).map_err(|_source| not_found())?;
        let key = self.index().by_id(&bytes).map(|(key, _entry)| key.clone());
        key.filter(|key| owns(key.0)).ok_or_else(not_found)
    }

    /// The request a key of an account is bound to.
    ///
    /// # Errors
    /// [`FailureCode::ResourceNotFound`].
    pub fn outcome(&self, account: u32, key: &str) -> Result<wire::RequestView, Refusal> {
        self.request_view(&(account, key.to_owned()))
    }

    /// Invoices of an account that this desk issued, newest first.
    ///
    /// # Errors
    /// [`FailureCode::ParameterInvalid`] for a foreign cursor.
    pub fn invoices(
        &self,
        account: u32,
        filter: &InvoiceFilter,
        cut: &Cut,
    ) -> Result<wire::Page<wire::Invoice>, Refusal> {
        self.page(account, cut, |key| {
            let entry = self.entry(key)?;
            let Standing::Final(place) = self.standing(account, &entry)? else {
                return Ok(None);
            };
            let invoice = self.invoice_at(place)?;
            Ok(matches(&invoice, filter).then_some(invoice))
        })
    }

    /// A page of what is wanted of an account's requests, newest first. At most
    /// [`REQUESTS_PER_PAGE_MAX`] are looked at for it.
    ///
    /// # Errors
    /// [`FailureCode::ParameterInvalid`] for a foreign cursor, and what `wanted` refuses.
    pub(super) fn page<T>(
        &self,
        account: u32,
        cut: &Cut,
        wanted: impl Fn(&AccountKey) -> Result<Option<T>, Refusal>,
    ) -> Result<wire::Page<T>, Refusal> {
        let below = match &cut.cursor {
            None => u64::MAX,
            Some(cursor) => cursor.parse().map_err(|_source| {
                Refusal::new(Fault::at(FailureCode::ParameterInvalid, "/cursor"))
            })?,
        };
        let limit = usize::try_from(cut.limit).unwrap_or(usize::MAX);
        let rows: Vec<(u64, AccountKey)> = self
            .index()
            .older_than(account, below)
            .take(REQUESTS_PER_PAGE_MAX.saturating_add(1))
            .map(|(seq, key)| (seq, key.clone()))
            .collect();
        let mut data = Vec::new();
        let mut last = None;
        for (seq, key) in rows.iter().take(REQUESTS_PER_PAGE_MAX) {
            if data.len() >= limit {
                break;
            }
            last = Some(*seq);
            data.extend(wanted(key)?);
        }
        let has_more = rows.last().map(|(seq, _key)| *seq) != last && last.is_some();
        Ok(wire::Page {
            data,
            has_more,
            next_cursor: last.filter(|_seq| has_more).map(|seq| seq.to_string()),
        })
    }

    /// The fields of an invoice's document, each with its path; none when it is not held here.
    ///
    /// # Errors
    /// [`FailureCode::StoreCorrupt`] when it is held and can't be read.
    pub fn disclose(
        &self,
        account: u32,
        idem: Idem,
        part: u32,
        wanted: &dyn Fn(u16) -> bool,
    ) -> Result<Option<Vec<DisclosedField>>, Refusal> {
        let seq = self
            .index()
            .by_guard(account, idem)
            .map(|(_key, entry)| entry.seq);
        let private = match seq {
            Some(seq) => self.private_of(seq, part)?,
            None => None,
        };
        Ok(private.map(|private| {
            let document = private.document;
            let fields = document.fields().iter().filter(|field| wanted(field.id));
            fields
                .filter_map(|field| document.disclose(field.id, field.line))
                .collect()
        }))
    }

    /// The card of a key of an account this desk signs for.
    #[must_use]
    pub fn card(&self, account: u32, key: &KeyId) -> Option<SignedCard> {
        self.merchant(account)?.card_of(key).cloned()
    }

    /// Counts that an invoice's deliverable was handed out.
    pub(crate) fn count_download(&self, account: u32, idem: Idem) {
        let mut index = self.index();
        let key = index
            .by_guard(account, idem)
            .map(|(key, _entry)| key.clone());
        if let Some(entry) = key.and_then(|key| index.get_mut(&key)) {
            entry.downloads = entry.downloads.saturating_add(1);
        }
    }

    /// Whether this desk signed a transaction of an account.
    pub(crate) fn signed(&self, account: u32, transaction: &SignedTransaction) -> bool {
        let idem = transaction.body().idem;
        self.index().by_guard(account, idem).is_some()
    }

    /// Fees of an account that were held back or given back after a time, newest first, with their
    /// numbers, which are below `below`.
    pub(crate) fn moves_after(
        &self,
        account: u32,
        below: u64,
        time_ms: u64,
        limit: usize,
    ) -> Vec<(u64, super::Move)> {
        self.index()
            .moves
            .later_than(account, below, time_ms, limit)
    }

    /// The reference of a top-up this desk made.
    #[must_use]
    pub fn reference_of(&self, idem: &Idem) -> Option<String> {
        self.index().reference(idem).cloned()
    }
}

/// The fixed part of an invoice as a file: the same bytes for ever.
///
/// # Errors
/// [`FailureCode::Internal`] when JSON can't be written.
pub(crate) fn document_file(invoice: &wire::Invoice) -> Result<StoredFile, Refusal> {
    let bytes = serde_json::to_vec_pretty(&invoice.document)
        .map_err(|_source| Refusal::of(FailureCode::Internal))?;
    let mut version = blake3::hash(&bytes).to_hex().to_string();
    version.truncate(32);
    Ok(StoredFile {
        bytes: bytes.into(),
        version,
        immutable: invoice.document_state == wire::invoice::DocumentState::Held,
    })
}

fn matches(invoice: &wire::Invoice, filter: &InvoiceFilter) -> bool {
    let document = &invoice.document;
    let issued_on = BlockTime::parse_rfc3339(&document.issued_at).map(IssueDate::of);
    let within = issued_on.is_ok_and(|day| {
        filter.from.is_none_or(|from| day >= from) && filter.to.is_none_or(|to| day <= to)
    });
    let texts = [
        Some(document.number.as_str()),
        document.buyer.name.as_deref(),
        document.buyer.tax_id.as_deref(),
        document.order_ref.as_deref(),
    ];
    let found = filter
        .text
        .as_ref()
        .is_none_or(|text| texts.iter().flatten().any(|one| one.contains(text)));
    let ordered = filter
        .order_ref
        .as_ref()
        .is_none_or(|order| document.order_ref.as_ref() == Some(order));
    let status = filter.status.is_none_or(|status| status == invoice.status);
    within && found && ordered && status
}
