//! The examples of the catalogue, carried out: the sample draft changed, read and judged as a
//! merchant's would be.
//!
//! Guards: a page or program that shows an answer shows the one the rules give. Judged once, at a
//! fixed time and for a fixed seller, so that the answer is the same on every node.

use std::sync::LazyLock;

use piao_chain::failure::examples::{Change, Example, Guide, JUDGED_AT, SAMPLE, SELLER_TAX_ID};
use piao_chain::failure::{FailureCode, Support};
use piao_chain::fault::Fault;
use piao_chain::invoice::{Desk, SellerFacts, preflight};
use piao_chain::tax::{RuleSet, Taxpayer};
use piao_chain::time::BlockTime;
use serde_json::Value;

use crate::wire::draft;
use crate::wire::{ExampleDraft, ExamplePair, Failure};

/// Name of the seller of the examples.
const SELLER_NAME: &str = "上海样例餐饮有限公司";

/// Every example of a code this version raises.
static EXAMPLES: LazyLock<Vec<(FailureCode, ExamplePair)>> = LazyLock::new(|| {
    let raised = Guide::all().filter(|guide| guide.code.support() == Support::Implemented);
    raised
        .filter_map(|guide| Some((guide.code, pair(guide.example()?)?)))
        .collect()
});

/// The example of a code, if a draft can provoke it.
#[must_use]
pub fn of(code: FailureCode) -> Option<&'static ExamplePair> {
    let mut all = EXAMPLES.iter();
    all.find(|(of, _)| *of == code).map(|(_, example)| example)
}

fn pair(example: &Example) -> Option<ExamplePair> {
    let taxpayer = if example.small_scale {
        Taxpayer::SmallScale
    } else {
        Taxpayer::General
    };
    let answer = |changes: &[Change]| {
        let faults = judge(&changed(changes)?, taxpayer)?;
        let failures = faults.iter().map(|fault| Failure::from_fault(fault, None));
        Some(ExampleDraft {
            changes: changes.iter().map(Into::into).collect(),
            failures: failures.collect(),
        })
    };
    Some(ExamplePair {
        judged_at: JUDGED_AT.to_owned(),
        taxpayer: taxpayer.as_str().to_owned(),
        draft: serde_json::from_str(SAMPLE).ok()?,
        refused: answer(example.refused)?,
        accepted: answer(example.accepted)?,
    })
}

/// The sample draft with these changes, as JSON; `None` if a change names no place in it.
#[must_use]
pub fn changed(changes: &[Change]) -> Option<Value> {
    let mut draft: Value = serde_json::from_str(SAMPLE).ok()?;
    for change in changes {
        let value = match *change {
            Change::Set(_, json) => Some(serde_json::from_str(json).ok()?),
            Change::Remove(_) => None,
            Change::Text(_, character, times) => {
                let text = core::iter::repeat_n(character, times.into());
                Some(Value::String(text.collect()))
            }
            Change::Copies(_, json, times) => {
                let item: Value = serde_json::from_str(json).ok()?;
                Some(Value::Array(vec![item; times.into()]))
            }
        };
        put(&mut draft, change.pointer(), value)?;
    }
    Some(draft)
}

/// Puts a value at a pointer whose parent exists, or takes the member away.
fn put(draft: &mut Value, pointer: &str, value: Option<Value>) -> Option<()> {
    let (parent, name) = pointer.rsplit_once('/')?;
    match (draft.pointer_mut(parent)?, value) {
        (Value::Object(members), Some(value)) => {
            members.insert(name.to_owned(), value);
        }
        (Value::Object(members), None) => {
            members.remove(name)?;
        }
        (Value::Array(items), Some(value)) => {
            let index: usize = name.parse().ok()?;
            if index == items.len() {
                items.push(value);
            } else {
                *items.get_mut(index)? = value;
            }
        }
        _ => return None,
    }
    Some(())
}

/// Reads and judges a draft as the check of an invoice does; the state of a chain is left out.
fn judge(json: &Value, taxpayer: Taxpayer) -> Option<Vec<Fault>> {
    let bytes = serde_json::to_vec(json).ok()?;
    let (draft, reading) = draft::read_bytes(&bytes).ok()?;
    let desk = Desk {
        rules: RuleSet::CURRENT,
        seller: SellerFacts {
            tax_id: SELLER_TAX_ID.to_owned(),
            name: SELLER_NAME.to_owned(),
            taxpayer,
        },
        now: BlockTime::parse_rfc3339(JUDGED_AT).ok()?,
    };
    let mut faults = preflight(&draft, &desk).faults;
    draft::join_faults(reading, &mut faults);
    Some(faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::invoice::sample;

    #[test]
    fn the_sample_is_the_one_that_tests_start_from() {
        let (draft, faults) = draft::read_bytes(SAMPLE.as_bytes()).unwrap();
        assert_eq!(faults, []);
        assert_eq!(draft, sample::draft());
        assert_eq!(SELLER_TAX_ID, sample::SELLER_TAX_ID);
        let now = BlockTime::parse_rfc3339(JUDGED_AT).unwrap();
        assert_eq!(now, sample::desk().now);
        assert_eq!(SELLER_NAME, sample::desk().seller.name);
    }

    #[test]
    fn every_example_provokes_its_code_and_its_other_draft_passes() {
        let mut wrong = Vec::new();
        for guide in Guide::all().filter(|guide| guide.code.support() == Support::Implemented) {
            let Some(example) = guide.example() else {
                continue;
            };
            let Some(pair) = pair(example) else {
                wrong.push(format!("{}: a change has no place", guide.code));
                continue;
            };
            let refused = &pair.refused.failures;
            let codes: Vec<_> = refused
                .iter()
                .map(|failure| failure.code.as_str())
                .collect();
            if codes.first() != Some(&guide.code.code()) {
                wrong.push(format!("{} is answered with {codes:?}", guide.code));
            }
            let named = refused
                .first()
                .and_then(|failure| failure.pointer.as_deref());
            if named.is_none() && guide.code.pointer().starts_with('/') {
                wrong.push(format!("{} names no member", guide.code));
            }
            if !pair.accepted.failures.is_empty() {
                wrong.push(format!(
                    "{} passes not: {:?}",
                    guide.code, pair.accepted.failures
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn a_change_without_a_place_is_no_draft() {
        for pointer in ["/lines/7", "/nobody/name", "", "/kind/x"] {
            assert_eq!(changed(&[Change::Set(pointer, "1")]), None, "{pointer}");
        }
        assert_eq!(changed(&[Change::Remove("/nothing")]), None);
        assert_eq!(changed(&[Change::Set("/kind", "{")]), None);
    }
}
