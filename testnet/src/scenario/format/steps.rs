//! One step: what it needs, and what does not go with it.

use std::time::Duration;

use super::{
    CLIENTS_MAX, COUNT_MAX, Chosen, Groups, Length, NodeName, RawStep, RawVerb, Step, Target, Verb,
};

/// Checks a step as it was written; why it is none otherwise.
pub(super) fn step_of(raw: &RawStep, validators: usize, count: usize) -> Result<Step, String> {
    check_keys(raw)?;
    let target = || match (&raw.node, &raw.nodes) {
        (Some(NodeName::Number(node)), None) => Ok(Target::These(vec![*node])),
        (Some(NodeName::Chosen(who)), None) => Ok(Target::One(*who)),
        (None, Some(nodes)) if !nodes.is_empty() => Ok(Target::These(nodes.clone())),
        _ => Err("name one node or several nodes".to_owned()),
    };
    let needs = |what: &str| format!("{:?} needs {what}", raw.verb).to_lowercase();
    let named = raw.node.is_some() || raw.nodes.is_some();
    let verb = match raw.verb {
        RawVerb::Kill => Verb::Kill(target()?),
        RawVerb::Term => Verb::Term(target()?),
        RawVerb::Pause => Verb::Pause(target()?),
        RawVerb::Restart => Verb::Restart(target()?),
        RawVerb::Partition => {
            let groups = raw.groups.clone().ok_or_else(|| needs("groups"))?;
            check_groups(&groups, validators, count)?;
            Verb::Partition(groups, raw.direction.unwrap_or_default())
        }
        RawVerb::Delay => Verb::Delay(
            named.then(target).transpose()?,
            raw.delay_ms.ok_or_else(|| needs("delay_ms"))?,
        ),
        RawVerb::Loss => Verb::Loss(
            named.then(target).transpose()?,
            raw.loss.ok_or_else(|| needs("loss"))?,
        ),
        RawVerb::Clock => {
            let offset = raw.offset.clone().ok_or_else(|| needs("offset"))?;
            Verb::Clock(target()?, offset)
        }
        RawVerb::Wipe => Verb::Wipe(target()?),
        RawVerb::Join => Verb::Join(target()?),
        RawVerb::Flood => {
            let target = if named {
                target()?
            } else {
                Target::These(vec![validators])
            };
            Verb::Flood(target, raw.clients.unwrap_or(32).min(CLIENTS_MAX))
        }
    };
    check_targets(&verb, validators, count)?;
    check_bounds(raw)?;
    let lasts = matches!(
        verb,
        Verb::Pause(_) | Verb::Partition(..) | Verb::Delay(..) | Verb::Loss(..) | Verb::Flood(..)
    );
    if lasts && raw.length.is_none() {
        return Err(needs("for"));
    }
    Ok(Step {
        at: raw.at.0,
        every: raw.every.map_or(Duration::ZERO, |every| every.0),
        count: raw.count.unwrap_or(1),
        length: raw.length,
        verb,
    })
}

/// Keys that go with other steps are refused: they would be without effect.
fn check_keys(raw: &RawStep) -> Result<(), String> {
    use RawVerb as V;
    let verb = raw.verb;
    let given = [
        (raw.groups.is_some(), "groups", verb == V::Partition),
        (raw.direction.is_some(), "direction", verb == V::Partition),
        (raw.loss.is_some(), "loss", verb == V::Loss),
        (raw.delay_ms.is_some(), "delay_ms", verb == V::Delay),
        (raw.offset.is_some(), "offset", verb == V::Clock),
        (raw.clients.is_some(), "clients", verb == V::Flood),
        (
            raw.node.is_some() || raw.nodes.is_some(),
            "node",
            verb != V::Partition,
        ),
        (
            raw.length.is_some(),
            "for",
            !matches!(verb, V::Restart | V::Join | V::Wipe),
        ),
    ];
    let odd = given
        .iter()
        .find(|(is_given, _key, fits)| *is_given && !fits);
    odd.map_or(Ok(()), |(_given, key, _fits)| {
        Err(format!("{key} does not go with {verb:?}").to_lowercase())
    })
}

fn check_bounds(raw: &RawStep) -> Result<(), String> {
    let count = raw.count.unwrap_or(1);
    if !(1..=COUNT_MAX).contains(&count) {
        return Err("count: 1 to 1000".to_owned());
    }
    if count > 1 && raw.every.is_none_or(|every| every.0.is_zero()) {
        return Err("count needs every".to_owned());
    }
    if raw.loss.is_some_and(|loss| !(0.0..=1.0).contains(&loss)) {
        return Err("loss: 0 to 1".to_owned());
    }
    let backwards = matches!(raw.length, Some(Length::Between(from, to)) if from.0 > to.0);
    if backwards
        || raw
            .delay_ms
            .is_some_and(|[from, to]| from > to || to > 60_000)
    {
        return Err("a pair goes from less to more; delays are a minute at most".to_owned());
    }
    Ok(())
}

fn check_groups(groups: &Groups, validators: usize, count: usize) -> Result<(), String> {
    let wrong = match groups {
        Groups::These(groups) => {
            let mut seen = vec![false; count];
            let mut all = groups.iter().flatten();
            groups.is_empty()
                || groups.iter().any(Vec::is_empty)
                || all.any(|node| {
                    seen.get_mut(*node)
                        .is_none_or(|seen| std::mem::replace(seen, true))
                })
        }
        Groups::Sizes(text) => sizes(text)
            .is_none_or(|sizes| sizes.len() < 2 || sizes.iter().sum::<usize>() != validators),
    };
    if wrong {
        return Err("groups: each node once, or sizes that make up all validators".to_owned());
    }
    Ok(())
}

/// `2-2` as numbers.
pub(crate) fn sizes(text: &str) -> Option<Vec<usize>> {
    let sizes: Option<Vec<usize>> = text.split('-').map(|size| size.parse().ok()).collect();
    sizes.filter(|sizes| sizes.iter().all(|size| *size > 0))
}

fn check_targets(verb: &Verb, validators: usize, count: usize) -> Result<(), String> {
    let target = match verb {
        Verb::Kill(target)
        | Verb::Term(target)
        | Verb::Pause(target)
        | Verb::Restart(target)
        | Verb::Clock(target, _)
        | Verb::Wipe(target)
        | Verb::Join(target)
        | Verb::Flood(target, _)
        | Verb::Delay(Some(target), _)
        | Verb::Loss(Some(target), _) => target,
        Verb::Delay(None, _) | Verb::Loss(None, _) | Verb::Partition(..) => return Ok(()),
    };
    match (verb, target) {
        (Verb::Join(_), Target::One(_)) => Err("join needs a node's number".to_owned()),
        (Verb::Join(_), Target::These(nodes)) if nodes.contains(&validators) => {
            Err("the first merchant's node issues and can't join late".to_owned())
        }
        (Verb::Wipe(_), Target::These(nodes)) if nodes.iter().any(|node| *node >= validators) => {
            Err("wipe is for validators: a merchant's node holds its documents".to_owned())
        }
        (Verb::Wipe(_), Target::One(Chosen::Any)) => Err("wipe is for validators".to_owned()),
        (_, Target::These(nodes)) => match nodes.iter().find(|node| **node >= count) {
            Some(node) => Err(format!("there is no node {node}")),
            None => Ok(()),
        },
        (_, Target::One(_)) => Ok(()),
    }
}
