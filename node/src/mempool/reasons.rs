//! Refusals of execution as faults that people can act on.

use piao_chain::amount::Fen;
use piao_chain::execute::{ExecuteError, Skipped};
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::time::BlockTime;

/// The fault behind an execution error; `None` when the state could not be read.
#[must_use]
pub fn execute_faults(error: &ExecuteError) -> Option<Vec<Fault>> {
    match error {
        ExecuteError::Inadmissible(error) => Some(vec![plain(error.code)]),
        ExecuteError::LeftOut(code, evidence) => Some(vec![fault_of(*code, evidence)]),
        _ => None,
    }
}

/// The fault behind a candidate that a block builder left out.
#[must_use]
pub fn skipped_fault(reason: &Skipped) -> Fault {
    match reason {
        Skipped::Inadmissible(error) => plain(error.code),
        Skipped::WouldFail(code, evidence) => fault_of(*code, evidence),
    }
}

/// The faults behind state-dependent refusals of an invoice.
#[must_use]
pub fn invoice_faults(refusals: &[(FailureCode, Vec<i64>)]) -> Vec<Fault> {
    refusals
        .iter()
        .map(|(code, evidence)| fault_of(*code, evidence))
        .collect()
}

fn plain(code: FailureCode) -> Fault {
    match code.pointer() {
        pointer if pointer.starts_with('/') && !pointer.contains('{') => Fault::at(code, pointer),
        _ => Fault::new(code),
    }
}

/// A fault with its evidence in words. Which numbers stand for what is said where the refusal is
/// made, in `piao_chain::transaction`.
fn fault_of(code: FailureCode, evidence: &[i64]) -> Fault {
    let fault = plain(code);
    let yuan = |fen: i64| Fen::new(fen).to_string();
    match (code, evidence) {
        (FailureCode::FeeBalanceInsufficient | FailureCode::FeeReserved, [has, fee, short]) => {
            fault
                .got(yuan(*has))
                .expected(yuan(*fee))
                .suggested(format!("top up at least {}", yuan(*short)))
        }
        (FailureCode::QuotaMonthExceeded, [after, quota]) => fault
            .got(yuan(*after))
            .expected(format!("at most {}", yuan(*quota))),
        (FailureCode::SingleInvoiceLimit, [amount, limit]) => fault
            .got(yuan(*amount))
            .expected(format!("at most {}", yuan(*limit))),
        (FailureCode::DailyCountLimit, [issued, limit, next_ms]) => {
            let next = BlockTime::from_ms(u64::try_from(*next_ms).unwrap_or_default());
            fault
                .got(format!("{issued} issued or on their way today"))
                .expected(format!("at most {limit} a day"))
                .not_before(next)
        }
        (FailureCode::FeeQuoteStale, [fee, agreed]) => {
            fault.got(yuan(*agreed)).expected(yuan(*fee))
        }
        (FailureCode::RulesetUnknown, [named, in_force]) => {
            fault.got(named.to_string()).expected(in_force.to_string())
        }
        (FailureCode::RuleSetNotAhead, [id, last]) => {
            fault.got(id.to_string()).expected(format!("above {last}"))
        }
        (FailureCode::RuleSetNotAhead, [height, earliest, latest]) => fault
            .got(height.to_string())
            .expected(format!("a height from {earliest} to {latest}")),
        (FailureCode::SetChangeRefused, [waits]) => {
            fault.got(format!("another set begins at height {waits}"))
        }
        (FailureCode::SetChangeRefused, [unproven, keys]) => fault
            .got(format!("{unproven} of {keys} keys without a proof"))
            .expected("a proof of possession of every new key"),
        (FailureCode::SetChangeRefused, [height, earliest, latest]) => fault
            .got(height.to_string())
            .expected(format!("a height from {earliest} to {latest}")),
        (FailureCode::SetChangeRefused, []) => fault.got("the set that is in force"),
        (FailureCode::AnnouncementRefused, [got, other]) => fault
            .got(got.to_string())
            .expected(format!("what goes with {other}")),
        (FailureCode::RedAmountExceeded, [line, asked, left]) => {
            let at = line.saturating_sub(1).max(0);
            let mut fault = fault
                .got(yuan(*asked))
                .expected(format!("at most {}", yuan(*left)));
            fault.pointer = Some(format!("/lines/{at}/amount"));
            fault
        }
        (FailureCode::RedReasonPartial, [left]) => {
            fault.got(format!("{} would be left", yuan(*left)))
        }
        (FailureCode::DuplicateOrder, [sequence]) => {
            fault.got(format!("issued as number {sequence} of this chain"))
        }
        _ => fault,
    }
}
