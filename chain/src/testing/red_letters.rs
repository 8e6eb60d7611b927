//! Invoices that are put right, in a network in memory: the buyer, red letters, proposals.

use super::{TestNet, key, sample_document, sample_invoice};
use crate::invoice::InvoiceNumber;
use crate::outcome::Outcome;
use crate::signature::SecretKey;
use crate::state::{InvoiceLeaf, IssuedInvoice, KeyRole, Leaf, Slot, SlotKind, StateView as _};
use crate::tax::{
    RED_RETURN, RedPart, RedReference, TaxFacts, Taxpayer, all_that_is_left, red_facts, uscc,
};
use crate::time::{BlockTime, IssueDate};
use crate::transaction::{
    AddKey, AnswerRedLetter, BookInvoice, FLAG_ANCHOR_FAILURE, Identity, IssueRedLetter, Payload,
    ProposeRedLetter, RedAnswer, RegisterMerchant, ReissueInvoice, SignedTransaction,
};

/// What a red letter asks for.
#[derive(Clone, Debug)]
pub struct RedWish {
    /// 1 error, 2 return, 3 service ended, 4 allowance.
    pub reason: u8,
    /// What is taken back; `None` for all that is left.
    pub parts: Option<Vec<RedPart>>,
    /// Slot of the proposal it rests on.
    pub confirmation: Option<u64>,
}

impl Default for RedWish {
    fn default() -> Self {
        Self {
            reason: RED_RETURN,
            parts: None,
            confirmation: None,
        }
    }
}

impl RedWish {
    /// Takes back so much of the first line.
    #[must_use]
    pub fn part(amount_fen: i64) -> Self {
        Self {
            parts: Some(vec![RedPart {
                line: 1,
                amount_fen,
            }]),
            ..Self::default()
        }
    }

    /// Takes back all that is left, because it was issued in error.
    #[must_use]
    pub fn error() -> Self {
        Self {
            reason: crate::tax::RED_ERROR,
            ..Self::default()
        }
    }
}

/// A tax id of a buyer that can have an account.
///
/// # Panics
/// Never: the parts are valid.
#[must_use]
pub fn buyer_uscc() -> uscc::Uscc {
    uscc::from_parts(b'9', b'1', *b"310000", *b"MA0000007").expect("valid parts")
}

impl TestNet {
    /// A network with merchant 1, and with the buyer as account 2 with an issuing and an admin key.
    /// Refusals may be kept as often as a test likes.
    #[must_use]
    pub fn with_buyer(validators: usize) -> Self {
        let mut net = Self::allowing(validators, 10_000).with_credit();
        let register = net.register_buyer();
        net.commit(vec![register]);
        let admin = net.add_key_of(2, &Self::buyer_admin(), KeyRole::Admin);
        net.commit(vec![admin]);
        net
    }

    /// The issuing key of the buyer.
    #[must_use]
    pub fn buyer() -> SecretKey {
        key("buyer")
    }

    /// The admin key of the buyer.
    #[must_use]
    pub fn buyer_admin() -> SecretKey {
        key("buyer admin")
    }

    /// Signs a payload of an account with a key; a refusal is kept.
    pub fn anchored(
        &mut self,
        account: u32,
        signer: &SecretKey,
        payload: Payload,
    ) -> SignedTransaction {
        let mut body = self.body(account, &signer.public_key(), payload);
        body.flags = FLAG_ANCHOR_FAILURE;
        Self::sign(body, signer)
    }

    /// Binds a key, by the authority.
    pub fn add_key_of(
        &mut self,
        account: u32,
        key: &SecretKey,
        role: KeyRole,
    ) -> SignedTransaction {
        let authority = self.authority.clone();
        let payload = Payload::AddKey(AddKey {
            account,
            key: key.public_key(),
            role,
            pop: key.prove_possession(&self.genesis.chain_id()),
        });
        let body = self.body(0, &authority.public_key(), payload);
        Self::sign(body, &authority)
    }

    fn register_buyer(&mut self) -> SignedTransaction {
        let (authority, key) = (self.authority.clone(), Self::buyer());
        let payload = Payload::RegisterMerchant(RegisterMerchant {
            identity: Identity::Clear(buyer_uscc()),
            taxpayer: Taxpayer::General,
            region: 31,
            month_quota_fen: 1_000_000,
            key: key.public_key(),
            pop: key.prove_possession(&self.genesis.chain_id()),
            card_sig: self.card().signature,
        });
        let body = self.body(0, &authority.public_key(), payload);
        Self::sign(body, &authority)
    }

    /// An invoice of merchant 1 to the buyer, of these facts but for the buyer.
    pub fn invoice_of(&mut self, order: &str, mut facts: TaxFacts) -> SignedTransaction {
        facts.buyer = crate::tax::Buyer::Clear { uscc: buyer_uscc() };
        let mut invoice = sample_invoice(order);
        invoice.facts = facts;
        let merchant = self.merchant.clone();
        self.anchored(1, &merchant, Payload::IssueInvoice(Box::new(invoice)))
    }

    /// The invoice with an issuance index.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn issued(&self, index: u64) -> IssuedInvoice {
        let issued = self.state.issued(index).expect("the state is in memory");
        issued.expect("an invoice with this index")
    }

    /// What happened to the invoice with an issuance index.
    #[must_use]
    pub fn invoice_leaf(&self, index: u64) -> InvoiceLeaf {
        let slot = Slot::new(SlotKind::Invoice, index);
        match slot.and_then(|slot| self.state.leaf(slot).ok().flatten()) {
            Some(Leaf::Invoice(_id, leaf)) => leaf,
            _ => InvoiceLeaf::default(),
        }
    }

    /// The red letter of a wish, against the state after the last block.
    ///
    /// # Panics
    /// When there is no such invoice, or a part is of no line of it.
    #[must_use]
    pub fn red_letter(&self, index: u64, wish: &RedWish) -> IssueRedLetter {
        let original = self.issued(index);
        let reversed = self.invoice_leaf(index).reversed_fen;
        let parts = wish.parts.clone();
        let parts = parts.unwrap_or_else(|| all_that_is_left(original.facts(), &reversed));
        let reference = RedReference {
            original_slot: original.effect().slot,
            reason: wish.reason,
            confirmation: wish.confirmation,
        };
        let today = IssueDate::of(BlockTime::from_ms(self.clock_ms));
        let rule_set = (today, original.facts().rule_set);
        let facts = red_facts(original.facts(), &reversed, &parts, reference, rule_set);
        let document = sample_document("red");
        IssueRedLetter {
            original: original.effect().number,
            facts: facts.expect("parts of lines"),
            original_lines: parts.iter().map(|part| part.line).collect(),
            doc_root: document.root(),
            field_count: document.field_count(),
        }
    }

    /// That red letter, signed by merchant 1; a refusal is kept.
    pub fn red(&mut self, index: u64, wish: &RedWish) -> SignedTransaction {
        let merchant = self.merchant.clone();
        let red = Box::new(self.red_letter(index, wish));
        self.anchored(1, &merchant, Payload::IssueRedLetter(red))
    }

    /// Replaces an invoice by the sample invoice for an order, signed by merchant 1.
    pub fn reissue(&mut self, index: u64, wish: &RedWish, order: &str) -> SignedTransaction {
        let merchant = self.merchant.clone();
        let reissue = ReissueInvoice {
            red: self.red_letter(index, wish),
            invoice: sample_invoice(order),
        };
        self.anchored(1, &merchant, Payload::ReissueInvoice(Box::new(reissue)))
    }

    /// Books an invoice, signed by the buyer.
    pub fn book(&mut self, index: u64, booked_use: u8, period: u32) -> SignedTransaction {
        let payload = Payload::BookInvoice(BookInvoice {
            original_slot: slot_number(SlotKind::Invoice, index),
            booked_use,
            period,
        });
        self.anchored(2, &Self::buyer(), payload)
    }

    /// Proposes a red letter, signed by merchant 1 or by the buyer.
    pub fn propose(&mut self, account: u32, index: u64, wish: &RedWish) -> SignedTransaction {
        let signer = if account == 1 {
            self.merchant.clone()
        } else {
            Self::buyer()
        };
        let payload = Payload::ProposeRedLetter(ProposeRedLetter {
            original_slot: slot_number(SlotKind::Invoice, index),
            reason: wish.reason,
            parts: self.red_letter(index, wish).parts(),
        });
        self.anchored(account, &signer, payload)
    }

    /// Answers the proposal for an invoice with a key of an account.
    pub fn answer(
        &mut self,
        (account, signer): (u32, &SecretKey),
        index: u64,
        answer: RedAnswer,
    ) -> SignedTransaction {
        let payload = Payload::AnswerRedLetter(AnswerRedLetter {
            proposal_slot: slot_number(SlotKind::RedLetterProposal, index),
            answer,
        });
        self.anchored(account, signer, payload)
    }
}

/// A slot's number; 0, which is none, where there is no such slot.
#[must_use]
pub fn slot_number(kind: SlotKind, index: u64) -> u64 {
    Slot::new(kind, index).map_or(0, Slot::as_u64)
}

/// The numbers of all invoices of an outcome.
#[must_use]
pub fn numbers_of(outcome: &Outcome) -> Vec<InvoiceNumber> {
    outcome.effects.iter().map(|effect| effect.number).collect()
}
