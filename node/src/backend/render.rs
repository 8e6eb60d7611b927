//! Chain values as wire types.

use piao_api::backend::Refusal;
use piao_api::wire::{self, IssuedPlace};
use piao_chain::amount::Fen;
use piao_chain::digest::BlockId;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::{InvoiceContent, LineContent, TotalsContent};
use piao_chain::outcome::{Effect, Outcome};
use piao_chain::state::Slot;
use piao_chain::tax::{KIND_SPECIAL, TaxFacts};
use piao_chain::time::BlockTime;
use piao_chain::transaction::{IssuedContent, Payload, SignedTransaction};

use super::afterlife::Afterlife;
use crate::ledger::{CommittedBlock, FinalOutcome, Place, ReadError};

/// A time as the contract writes it.
pub(crate) fn time_text(ms: u64) -> String {
    BlockTime::from_ms(ms).to_rfc3339().unwrap_or_default()
}

/// Yuan with two decimals.
pub(super) fn yuan(fen: i64) -> String {
    Fen::new(fen).to_string()
}

/// A broken store refuses; the detail stays in the log.
pub(super) fn broken(error: &ReadError) -> Refusal {
    tracing::error!(%error, "the journal can't be read");
    Refusal::of(FailureCode::StoreCorrupt)
}

/// What a payload does, as JSON and pages name it.
pub(super) fn action(transaction: &SignedTransaction) -> &'static str {
    match &transaction.body().payload {
        Payload::RegisterMerchant(_) => "register_merchant",
        Payload::AddKey(_) => "add_key",
        Payload::CreditFees(_) => "credit_fees",
        Payload::SetFeeSchedule(_) => "set_fee_schedule",
        Payload::IssueInvoice(_) => "issue_invoice",
        Payload::ActivateRuleSet(_) => "activate_rule_set",
        Payload::SetLimits(_) => "set_limits",
        Payload::SetValidators(_) => "set_validators",
        Payload::SetAuthority(_) => "set_authority",
        Payload::ReportMisbehaviour(_) => "report_misbehaviour",
        Payload::IssueRedLetter(_) => "issue_red_letter",
        Payload::ProposeRedLetter(_) => "propose_red_letter",
        Payload::AnswerRedLetter(_) => "answer_red_letter",
        Payload::ReissueInvoice(_) => "reissue_invoice",
        Payload::BookInvoice(_) => "book_invoice",
        Payload::RotateKey(_) => "rotate_key",
        Payload::RevokeKey(_) => "revoke_key",
        Payload::Announce(_) => "announce",
        Payload::EndMaintenance(_) => "end_maintenance",
    }
}

/// The failure code of an outcome, as text.
pub(super) fn code_of(outcome: &Outcome) -> Option<String> {
    (!outcome.is_applied()).then(|| {
        outcome.failure().map_or_else(
            || format!("E{}", outcome.code),
            |code| code.code().to_owned(),
        )
    })
}

/// The outcome of a transaction in a block.
pub(super) fn outcome_of(transaction: &SignedTransaction, settled: &FinalOutcome) -> wire::Outcome {
    let outcome = &settled.outcome;
    wire::Outcome {
        txid: transaction.id().to_string(),
        state: wire::OutcomeState::Final,
        action: Some(action(transaction).to_owned()),
        account: Some(transaction.body().account),
        height: Some(settled.place.height),
        index: Some(settled.place.index),
        time: Some(time_text(settled.time_ms)),
        code: code_of(outcome),
        name: outcome.failure().map(|code| code.name().to_owned()),
        evidence: outcome.evidence.clone(),
        effects: outcome
            .effects
            .iter()
            .map(|effect| wire::Effect {
                slot: effect.slot,
                number: effect.number.to_string(),
                counter: effect.counter,
                prev_invoice_id: effect.prev_invoice_id.to_string(),
            })
            .collect(),
        fee_charged: Some(yuan(i64::from(outcome.fee_charged_fen))),
        failures: Vec::new(),
    }
}

/// An issued invoice as the chain holds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Issued<'a> {
    pub(crate) place: Place,
    pub(crate) block_id: BlockId,
    pub(crate) time_ms: u64,
    pub(crate) transaction: &'a SignedTransaction,
    pub(crate) outcome: &'a Outcome,
    pub(crate) invoice: IssuedContent<'a>,
    pub(crate) effect: &'a Effect,
    /// Its place among the effects of the transaction.
    pub(crate) part: u32,
}

impl<'a> Issued<'a> {
    /// The invoice that the transaction at a place issued; of a reissue, the replacement.
    pub(crate) fn at(committed: &'a CommittedBlock, place: Place) -> Option<Self> {
        let at = usize::try_from(place.index).ok()?;
        let transaction = committed.block.transactions.get(at)?;
        let outcome = committed.outcomes.get(at)?;
        let (block_id, time_ms) = (committed.id, committed.block.header.time_ms);
        Self::of(transaction, outcome, place, block_id, time_ms)
    }

    /// The invoice with an issuance index that the transaction at a place issued.
    pub(crate) fn indexed(committed: &'a CommittedBlock, place: Place, index: u64) -> Option<Self> {
        let last = Self::at(committed, place)?;
        let is_it = |effect: &Effect| Slot::from_u64(effect.slot).map(Slot::index) == Some(index);
        let mut effects = (0u32..).zip(&last.outcome.effects);
        let (part, effect) = effects.find(|(_part, effect)| is_it(effect))?;
        let invoice = last.transaction.body().payload.content(part)?;
        Some(Self {
            invoice,
            effect,
            part,
            ..last
        })
    }

    /// The invoice that a transaction issued which just became final.
    pub(crate) fn settled(
        transaction: &'a SignedTransaction,
        settled: &'a FinalOutcome,
    ) -> Option<Self> {
        let FinalOutcome {
            place,
            block_id,
            time_ms,
            outcome,
        } = settled;
        Self::of(transaction, outcome, *place, *block_id, *time_ms)
    }

    fn of(
        transaction: &'a SignedTransaction,
        outcome: &'a Outcome,
        place: Place,
        block_id: BlockId,
        time_ms: u64,
    ) -> Option<Self> {
        let payload = &transaction.body().payload;
        let part = payload.issues().checked_sub(1)?;
        let effect = outcome.effects.get(usize::try_from(part).ok()?)?;
        Some(Self {
            place,
            block_id,
            time_ms,
            transaction,
            outcome,
            invoice: payload.content(part)?,
            effect,
            part,
        })
    }

    /// The account that issued it.
    pub(crate) fn account(&self) -> u32 {
        self.transaction.body().account
    }
}

/// What everybody may know of an invoice.
pub(super) fn public_of(issued: &Issued<'_>) -> wire::PublicInvoice {
    let facts = issued.invoice.facts;
    wire::PublicInvoice {
        number: issued.effect.number.to_string(),
        account: issued.account(),
        counter: issued.effect.counter,
        kind: kind_word(facts).to_owned(),
        issued_on: facts.issued_on.to_string(),
        totals: facts.totals.into(),
        txid: issued.transaction.id().to_string(),
        height: issued.place.height,
        final_at: time_text(issued.time_ms),
    }
}

/// What the document of an issued invoice adds to the chain.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The texts; `None` when this node does not hold them.
    pub(crate) content: Option<InvoiceContent>,
    /// Where they are.
    pub(crate) state: wire::invoice::DocumentState,
    /// How often they were handed out.
    pub(crate) downloads: u64,
}

/// An invoice with as much of its document as this node holds.
pub(crate) fn invoice_of(
    issued: &Issued<'_>,
    network: &str,
    held: Held,
    afterlife: Afterlife,
) -> wire::Invoice {
    let number = issued.effect.number.to_string();
    let txid = issued.transaction.id();
    let Held {
        content,
        state,
        downloads,
    } = held;
    let place = IssuedPlace {
        number: number.clone(),
        counter: issued.effect.counter,
        invoice_id: issued.effect.invoice_id(&txid, issued.part).to_string(),
        network: network.to_owned(),
        account: issued.account(),
        fee: Fen::new(i64::from(issued.outcome.fee_charged_fen)),
        txid: txid.to_string(),
        height: issued.place.height,
        block_id: issued.block_id.to_string(),
        final_at: BlockTime::from_ms(issued.time_ms),
    };
    let is_here = content.is_some();
    let content = content.unwrap_or_else(|| public_content(issued.invoice.facts));
    let mut document = wire::InvoiceDocument::new(content, place);
    if !is_here {
        // Texts that only the document holds are null, not empty.
        document.seller = wire::invoice::Party::default();
        document.buyer = wire::invoice::Party::default();
        document.issuer = None;
        for line in &mut document.lines {
            line.name = None;
            line.gross = None;
        }
    }
    wire::Invoice {
        links: wire::InvoiceLinks::of(&number, &document.txid),
        document,
        status: afterlife.status,
        booked: afterlife.booked,
        claim: None,
        reversed_by: afterlife.reversed_by,
        red_letter_of: issued.invoice.original.map(|number| number.to_string()),
        reissue_of: afterlife.reissue_of,
        changes: None,
        reissued_by: afterlife.reissued_by,
        confirmation: afterlife.confirmation,
        document_state: state,
        downloads,
    }
}

/// The chain's half of a document that is not here.
fn public_content(facts: &TaxFacts) -> InvoiceContent {
    let lines = facts.lines.iter().map(|line| LineContent {
        class_code: line.class_code.to_string(),
        amount: line.amount.to_string(),
        rate: line.rate.to_string(),
        tax: line.tax.to_string(),
        discount: line.line_type == piao_chain::tax::DISCOUNT_LINE,
        ..LineContent::default()
    });
    InvoiceContent {
        kind: kind_word(facts).to_owned(),
        issued_at: facts.issued_on.to_string(),
        currency: "CNY".to_owned(),
        lines: lines.collect(),
        totals: TotalsContent {
            amount: facts.totals.amount.to_string(),
            tax: facts.totals.tax.to_string(),
            gross: facts.totals.gross.to_string(),
            gross_capital: piao_chain::invoice::capital(facts.totals.gross),
        },
        ..InvoiceContent::default()
    }
}

fn kind_word(facts: &TaxFacts) -> &'static str {
    if facts.kind == KIND_SPECIAL {
        "special"
    } else {
        "general"
    }
}
