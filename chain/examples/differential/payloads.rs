//! What a forged transaction does: it issues invoices, red letters or both, or something else.

use piao_chain::document::Document;
use piao_chain::state::Slot;
use piao_chain::testing::TestNet;
use piao_chain::transaction::{IssueInvoice, IssueRedLetter, Payload, ReissueInvoice};

use crate::facts::{facts, red};
use crate::random::Random;

/// A wrong payload for these facts once in so many.
const MIXED_UP: usize = 30;

/// A payload that issues something with this document.
pub(crate) fn issuing(document: &Document, random: &mut Random) -> Payload {
    match random.below(8) {
        0..2 => Payload::IssueRedLetter(Box::new(red_letter(document, random))),
        2 => Payload::ReissueInvoice(Box::new(ReissueInvoice {
            red: red_letter(document, random),
            invoice: invoice(document, random),
        })),
        _ => Payload::IssueInvoice(Box::new(invoice(document, random))),
    }
}

fn invoice(document: &Document, random: &mut Random) -> IssueInvoice {
    IssueInvoice {
        facts: if random.once_in(MIXED_UP) {
            red(random).0
        } else {
            facts(random)
        },
        doc_root: document.root(),
        field_count: document.field_count(),
        order_key: random.bytes(),
        holder: random.once_in(3).then(|| random.bytes()),
        payments: (0..random.below(3))
            .map(|n| Slot::key(u32::try_from(n).unwrap()))
            .collect(),
    }
}

fn red_letter(document: &Document, random: &mut Random) -> IssueRedLetter {
    let (red_facts, original_lines) = red(random);
    IssueRedLetter {
        original: format!("26427{:015}", random.next() % 1000)
            .parse()
            .unwrap(),
        facts: if random.once_in(MIXED_UP) {
            facts(random)
        } else {
            red_facts
        },
        original_lines,
        doc_root: document.root(),
        field_count: document.field_count(),
    }
}

/// A payload of another transaction of the network.
pub(crate) fn other(net: &TestNet, random: &mut Random) -> Payload {
    let block = &net.blocks[random.below(2)];
    block.block.transactions[0].body().payload.clone()
}
