//! Statements about what a network in memory did and did not issue.

use super::TestNet;
use crate::digest::InvoiceId;
use crate::invoice::InvoiceNumber;
use crate::outcome::Effect;
use crate::proof::SlotProof;
use crate::proof::statement::{
    AbsenceProof, AccountProof, Anchor, CertifiedHeader, CompletenessProof, IssuedAnchor,
    IssuedInstead, ListedInvoice, Placed, TotalsProof,
};
use crate::state::{Leaf, Slot, StateView as _};
use crate::transaction::SignedTransaction;

/// An invoice and where it stands.
struct Standing<'a> {
    height: u64,
    index: u32,
    part: u32,
    transaction: &'a SignedTransaction,
    effect: &'a Effect,
}

impl TestNet {
    /// Block M and who signed it.
    fn certified(&self) -> Option<CertifiedHeader> {
        let tip = self.blocks.last()?;
        Some(CertifiedHeader {
            header: tip.block.header.clone(),
            certificate: tip.certificate.clone(),
            validators: self.validators_at(tip.block.header.height),
            links: self.links(),
        })
    }

    /// How many accounts there are.
    #[must_use]
    pub fn accounts(&self) -> usize {
        match self.state.leaf(Slot::TOTALS) {
            Ok(Some(Leaf::Totals(totals))) => usize::try_from(totals.accounts).unwrap_or(0),
            _ => 0,
        }
    }

    /// Every invoice of the chain, in order.
    fn standing(&self) -> Vec<Standing<'_>> {
        let mut all = Vec::new();
        for decided in &self.blocks {
            let height = decided.block.header.height;
            let pairs = decided.block.transactions.iter().zip(&decided.outcomes);
            for (index, (transaction, outcome)) in (0u32..).zip(pairs) {
                for (part, effect) in (0u32..).zip(&outcome.effects) {
                    all.push(Standing {
                        height,
                        index,
                        part,
                        transaction,
                        effect,
                    });
                }
            }
        }
        all
    }

    fn place(&self, standing: &Standing<'_>) -> Option<Placed> {
        let at = usize::try_from(standing.height.checked_sub(1)?).ok()?;
        let decided = self.blocks.get(at)?;
        let as_of = self.tip().height;
        Placed::of(
            (&decided.block, &decided.outcomes),
            standing.index,
            (&self.history, as_of),
        )
    }

    /// What shows that a number is not issued as of the tip; of one that is, what would show it.
    #[must_use]
    pub fn absence(&self, number: InvoiceNumber) -> Option<AbsenceProof> {
        let Some(Leaf::Totals(totals)) = self.state.leaf(Slot::TOTALS).ok()? else {
            return None;
        };
        let all = self.standing();
        let taken = all
            .iter()
            .find(|one| one.effect.number.sequence() == number.sequence());
        let instead = taken.map(|one| {
            self.place(one).map(|place| IssuedInstead {
                txid: one.transaction.id(),
                place,
            })
        });
        Some(AbsenceProof {
            at: self.certified()?,
            number,
            totals: TotalsProof {
                totals,
                path: SlotProof::of(&self.tree, Slot::TOTALS),
            },
            instead: match instead {
                Some(made) => Some(made?),
                None => None,
            },
        })
    }

    /// The list of all invoices of an account from one counter to another, or to its last.
    #[must_use]
    pub fn completeness(
        &self,
        account: u32,
        from: u64,
        to: Option<u64>,
    ) -> Option<CompletenessProof> {
        let slot = Slot::account(account);
        let Some(Leaf::Account(identity, leaf)) = self.state.leaf(slot).ok()? else {
            return None;
        };
        let all = self.standing();
        let own: Vec<&Standing<'_>> = all
            .iter()
            .filter(|one| one.transaction.body().account == account)
            .collect();
        let counter = |one: &&&Standing<'_>| one.effect.counter;
        let to = to.unwrap_or(leaf.counter);
        let id_of = |one: &Standing<'_>| one.effect.invoice_id(&one.transaction.id(), one.part);
        let before = own
            .iter()
            .find(|one| counter(one).checked_add(1) == Some(from));
        let listed: Vec<&&Standing<'_>> = own
            .iter()
            .filter(|one| (from..=to).contains(&counter(one)))
            .collect();
        let anchor = if to == leaf.counter {
            Anchor::Account(Box::new(AccountProof {
                identity,
                account: leaf,
                path: SlotProof::of(&self.tree, slot),
            }))
        } else {
            let last = own.iter().find(|one| counter(one) == to)?;
            Anchor::Issued(Box::new(IssuedAnchor {
                body: last.transaction.body_bytes().to_vec(),
                part: last.part,
                place: self.place(last)?,
            }))
        };
        let first = match listed.first() {
            Some(first) if from > 1 => Some(self.place(first)?),
            _ => None,
        };
        Some(CompletenessProof {
            at: self.certified()?,
            account,
            from,
            before: before.map_or(InvoiceId::NONE, |one| id_of(one)),
            listed: listed
                .iter()
                .map(|one| ListedInvoice {
                    txid: one.transaction.id(),
                    part: one.part,
                    number: one.effect.number,
                })
                .collect(),
            anchor,
            first,
        })
    }
}
