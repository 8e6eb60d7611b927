//! A draft that passed every check: facts for the chain, fields for the document.
//!
//! Guards: only [`super::preflight`] makes one, so whoever holds it need not check again.

use core::fmt;

use super::buyer::BuyerIdentity;
use super::content::InvoiceContent;
use super::fields::{self, FieldEntry};
use crate::tax::{Buyer, TaxFacts};
use crate::time::BlockTime;

/// An invoice ready to be signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    pub(super) content: InvoiceContent,
    pub(super) buyer: BuyerIdentity,
    /// With a buyer that [`Prepared::facts`] replaces.
    pub(super) facts: TaxFacts,
    pub(super) issued_at: BlockTime,
    /// Elements of the special business, by field.
    pub(super) elements: Vec<(u16, String)>,
}

impl Prepared {
    /// Who the buyer is. A private one is sealed with a salt of the document before it goes on chain.
    #[must_use]
    pub const fn buyer_identity(&self) -> &BuyerIdentity {
        &self.buyer
    }

    /// The public facts, with the buyer as the chain shall see it.
    ///
    /// # Correctness
    /// `buyer` is [`Buyer::Clear`] with the code of [`BuyerIdentity::Clear`], or
    /// [`Buyer::Sealed`] with the class of [`BuyerIdentity::Private`].
    #[must_use]
    pub fn facts(&self, buyer: Buyer) -> TaxFacts {
        TaxFacts {
            buyer,
            ..self.facts.clone()
        }
    }

    /// The document's fields, by id and then by line; the ids are in [`super::fields`].
    #[must_use]
    pub fn fields(&self) -> Vec<FieldEntry> {
        let special = fields::Special {
            business: self.facts.special_business,
            elements: &self.elements,
        };
        fields::of(&self.content, &self.buyer, special)
    }

    /// Everything as it is shown, with a person's id masked.
    #[must_use]
    pub fn invoice(&self) -> InvoiceContent {
        self.content.clone()
    }

    /// The merchant's order and part, of which at most one effective invoice may exist.
    #[must_use]
    pub fn order(&self) -> (Option<&str>, Option<&str>) {
        (
            self.content.order_ref.as_deref(),
            self.content.order_part.as_deref(),
        )
    }

    /// Issue time.
    #[must_use]
    pub const fn issued_at(&self) -> BlockTime {
        self.issued_at
    }
}

impl fmt::Debug for Prepared {
    /// Says nothing private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared")
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}
