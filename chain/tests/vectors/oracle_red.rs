//! The oracle of red letters, booking and keys, from the words of `chain/SPEC.md` (4.2.10 and on).

use piao_chain::state::{InvoiceLeaf, ProposalState, RedProposal};
use piao_chain::tax::RedPart;
use piao_chain::transaction::{IssueRedLetter, Payload, RedAnswer};

use crate::oracle::{Bytes, facts, invoice};

/// Tags of SPEC 4.2.
const ISSUE_RED_LETTER: u32 = 10;

fn part(bytes: Bytes, part: &RedPart) -> Bytes {
    bytes.u16(part.line).i64(part.amount_fen)
}

fn red_letter(bytes: Bytes, red: &IssueRedLetter) -> Bytes {
    facts(bytes.raw(red.original.as_bytes()), &red.facts)
        .list(&red.original_lines, |bytes, line| bytes.u16(*line))
        .raw(&red.doc_root)
        .u16(red.field_count)
}

/// SPEC 4.2.10 to 4.2.16.
pub(crate) fn payload(bytes: Bytes, payload: &Payload) -> Bytes {
    match payload {
        Payload::IssueRedLetter(red) => red_letter(bytes.u32(ISSUE_RED_LETTER), red),
        Payload::ProposeRedLetter(payload) => bytes
            .u32(ISSUE_RED_LETTER + 1)
            .u64(payload.original_slot)
            .u8(payload.reason)
            .list(&payload.parts, part),
        Payload::AnswerRedLetter(payload) => bytes
            .u32(ISSUE_RED_LETTER + 2)
            .u64(payload.proposal_slot)
            .u32(match payload.answer {
                RedAnswer::Accept => 0,
                RedAnswer::Refuse => 1,
                RedAnswer::Withdraw => 2,
            }),
        Payload::ReissueInvoice(payload) => {
            let red = red_letter(bytes.u32(ISSUE_RED_LETTER + 3), &payload.red);
            invoice(red, &payload.invoice)
        }
        Payload::BookInvoice(payload) => bytes
            .u32(ISSUE_RED_LETTER + 4)
            .u64(payload.original_slot)
            .u8(payload.booked_use)
            .u32(payload.period),
        Payload::RotateKey(payload) => bytes
            .u32(ISSUE_RED_LETTER + 5)
            .raw(payload.key.as_bytes())
            .raw(&payload.pop.0),
        Payload::RevokeKey(payload) => bytes
            .u32(ISSUE_RED_LETTER + 6)
            .raw(&payload.key.0)
            .option(payload.compromised_since_height, Bytes::u64),
        other => panic!("{} is not of this part", other.name()),
    }
}

/// SPEC 6.2, kind 3, without the identity.
pub(crate) fn invoice_leaf(bytes: Bytes, value: &InvoiceLeaf) -> Bytes {
    bytes
        .list(&value.reversed_fen, |bytes, fen| bytes.i64(*fen))
        .option(value.reissued_by, Bytes::u64)
        .u8(value.booked_use)
        .u8(value.claim)
        .u32(value.booked_period)
        .option(value.last_red, |bytes, red| {
            bytes
                .u64(red.slot)
                .raw(red.number.as_bytes())
                .u64(red.time_ms)
        })
}

/// SPEC 6.2, kind 5, without the identity.
pub(crate) fn proposal(bytes: Bytes, value: &RedProposal) -> Bytes {
    bytes
        .u32(value.proposed_by)
        .u32(value.answered_by)
        .u8(value.reason)
        .list(&value.parts, part)
        .u64(value.proposed_ms)
        .u32(match value.state {
            ProposalState::Open => 0,
            ProposalState::Accepted => 1,
            ProposalState::Refused => 2,
            ProposalState::Withdrawn => 3,
            ProposalState::Used => 4,
        })
}
