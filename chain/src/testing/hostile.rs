//! A proof that holds and shows texts that want to be more than texts.

use super::{TestNet, sample_invoice};
use crate::digest::Digest;
use crate::document::{DisclosedField, Field, field_leaf};
use crate::proof::merkle::{self, FieldTree};
use crate::proof::{Proof, SignedCard};
use crate::transaction::{IssueInvoice, Payload, SellerCard};

/// A seller's name that the authority signed without looking.
pub const HOSTILE_NAME: &str = "<b onmouseover=alert(1)>店</b>\u{202e}\u{1b}[31m";

/// Ids, lines and values of the shown fields, ascending: markup, controls of a terminal, marks that
/// reorder, hide or pile up, and texts far longer than any desk takes.
#[must_use]
pub fn hostile_fields() -> Vec<Field> {
    let field = |id, line, value: &[u8]| Field {
        id,
        line,
        value: value.to_vec(),
    };
    let text = |id, line, text: &str| field(id, line, text.as_bytes());
    vec![
        text(
            5,
            0,
            "\u{202e}evil\u{202c} \u{2066}more\u{2069} \u{200f}x\u{061c}",
        ),
        text(6, 0, "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{1b}P\u{90}"),
        text(8, 0, "\0\u{7}\u{8}\r\u{b}\u{c}\u{7f}\u{85}\u{2028}\u{2029}"),
        text(
            40,
            0,
            "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>",
        ),
        text(100, 1, &"x".repeat(10_000)),
        text(
            100,
            2,
            "a\u{200b}b\u{200d}c\u{2060}d\u{feff}e\u{ad}f\u{3164}g\u{fe0f}h\u{e0041}i",
        ),
        text(
            100,
            3,
            &("\n".repeat(3_000) + "e" + &"\u{301}".repeat(2_000)),
        ),
        field(
            101,
            1,
            b"</td></table><!--\xff\xfe\xed\xa0\x80{{policy}}${1}",
        ),
    ]
}

impl TestNet {
    /// The proof of an invoice that shows [`hostile_fields`], sold by [`HOSTILE_NAME`]; as of the
    /// tip. `None` never, but for a network that takes no invoice.
    pub fn prove_hostile(&mut self, change: impl FnOnce(&mut IssueInvoice)) -> Option<Proof> {
        let (fields, salt) = (hostile_fields(), [3; 16]);
        let leaves: Vec<Digest> = fields
            .iter()
            .map(|field| field_leaf(&salt, field))
            .collect();
        let mut invoice = sample_invoice("hostile");
        change(&mut invoice);
        // Eight fields need no decoy.
        invoice.doc_root = merkle::root::<FieldTree>(&leaves);
        invoice.field_count = u16::try_from(fields.len()).ok()?;
        let key = self.merchant.clone();
        let payload = Payload::IssueInvoice(Box::new(invoice));
        let body = self.body(1, &key.public_key(), payload);
        self.commit(vec![Self::sign(body, &key)]);
        let mut proof = self.prove(self.tip().height, 0)?;
        let shown = fields.into_iter().enumerate().map(|(at, field)| {
            Some(DisclosedField {
                field,
                salt,
                index: u16::try_from(at).ok()?,
                path: merkle::path::<FieldTree>(&leaves, at)?,
            })
        });
        proof.disclosed = shown.collect::<Option<_>>()?;
        let card = SellerCard {
            name: HOSTILE_NAME.into(),
            ..self.card().card
        };
        let signature = card.sign(&self.authority, &self.genesis.chain_id());
        let signer = self.authority.public_key().id();
        proof.card = Some(SignedCard {
            card,
            signer,
            signature,
        });
        Some(proof)
    }
}
