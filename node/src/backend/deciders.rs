//! Who decides: the set of the next height, the one that waits, and what validators did wrong.

use piao_api::backend::Refusal;
use piao_api::wire;
use piao_chain::failure::FailureCode;
use piao_chain::state::ScheduledSet;
use piao_chain::transaction::ReportMisbehaviour;
use piao_chain::validator::ValidatorSet;

use crate::consensus::Reporter;
use crate::ledger::ChainView;

/// The set that decides the next height, and what is known beside it.
pub(super) fn validators(
    chain: &ChainView,
    reporter: &Reporter,
) -> Result<wire::ValidatorSet, Refusal> {
    let (height, set) = {
        let tip = chain.tip();
        (
            tip.header.height.saturating_add(1),
            (*tip.validators).clone(),
        )
    };
    let changes = chain
        .set_changes()
        .map_err(|_why| Refusal::of(FailureCode::StoreCorrupt))?;
    let waits = changes.last().filter(|next| next.from_height > height);
    Ok(wire::ValidatorSet {
        height,
        valset_hash: hex::encode(set.hash()),
        total_power: set.total_power(),
        data: members(&set),
        next: waits.map(next),
        misbehaviour: seen(chain, reporter),
    })
}

fn next(waits: &ScheduledSet) -> wire::NextValidatorSet {
    wire::NextValidatorSet {
        from_height: waits.from_height,
        valset_hash: hex::encode(waits.validators.hash()),
        total_power: waits.validators.total_power(),
        data: members(&waits.validators),
    }
}

fn members(set: &ValidatorSet) -> Vec<wire::Validator> {
    let members = set.members().iter();
    members
        .map(|member| wire::Validator {
            address: member.public_key.id().to_string(),
            key: hex::encode(member.public_key.as_bytes()),
            power: member.power,
        })
        .collect()
}

/// What the chain holds of late and what this node saw itself, newest height first.
fn seen(chain: &ChainView, reporter: &Reporter) -> Vec<wire::Misbehaviour> {
    let mut all: Vec<wire::Misbehaviour> = chain
        .reported()
        .iter()
        .map(|(height, entry)| wire::Misbehaviour {
            validator: entry.validator.to_string(),
            height: *height,
            round: entry.round,
            offence: entry.offence.as_str().to_owned(),
            reported_at: Some(entry.reported_at),
        })
        .collect();
    for report in reporter.seen() {
        let one = own(chain, &report);
        let same = |known: &wire::Misbehaviour| {
            (known.height, &known.validator) == (one.height, &one.validator)
        };
        if !all.iter().any(same) {
            all.push(one);
        }
    }
    all.sort_by(|a, b| (b.height, &a.validator).cmp(&(a.height, &b.validator)));
    all
}

fn own(chain: &ChainView, report: &ReportMisbehaviour) -> wire::Misbehaviour {
    let validator = report.validator.id();
    let list = chain.misbehaviour(report.height).unwrap_or_default();
    let on_chain = list.entries().iter().find(|one| one.validator == validator);
    wire::Misbehaviour {
        validator: validator.to_string(),
        height: report.height,
        round: on_chain.map_or(report.round, |one| one.round),
        offence: on_chain
            .map_or(report.evidence.offence(), |one| one.offence)
            .as_str()
            .to_owned(),
        reported_at: on_chain.map(|one| one.reported_at),
    }
}
