//! Links that open a document: whose secret it is, and who shows that it has it (SPEC 8.6).
//!
//! Guards: nothing is kept for it, so an erased document has no link; what is shown is compared in
//! constant time; neither secret nor digest is ever written anywhere.

use piao_api::backend::Refusal;
use piao_chain::document::ViewSecret;
use piao_chain::failure::FailureCode;

use super::Desk;
use crate::backend::Issued;

impl Desk {
    /// The secret of an issued invoice's link; none where its document is not held here.
    ///
    /// # Errors
    /// [`FailureCode::StoreCorrupt`] when it is held and can't be read.
    pub(crate) fn view_secret(&self, issued: &Issued<'_>) -> Result<Option<ViewSecret>, Refusal> {
        let idem = issued.transaction.body().idem;
        let seq = self
            .index()
            .by_guard(issued.account(), idem)
            .map(|(_key, entry)| entry.seq);
        let private = match seq {
            Some(seq) => self.private_of(seq, issued.part)?,
            None => None,
        };
        let number = &issued.effect.number;
        Ok(private.map(|private| ViewSecret::of(private.document.seed(), number)))
    }

    /// Lets in whoever shows the digest of an invoice's secret. All others hear the same, whatever
    /// the reason.
    ///
    /// # Errors
    /// [`FailureCode::InvoiceNotFound`]; [`FailureCode::StoreCorrupt`].
    pub(crate) fn check_view(&self, issued: &Issued<'_>, shown: [u8; 32]) -> Result<(), Refusal> {
        let secret = self.view_secret(issued)?;
        // `blake3::Hash` compares in constant time.
        let expected = secret.map(|secret| blake3::Hash::from_bytes(secret.digest()));
        if expected == Some(blake3::Hash::from_bytes(shown)) {
            Ok(())
        } else {
            Err(Refusal::of(FailureCode::InvoiceNotFound))
        }
    }
}
