//! From steps to events: who, when and for how long, all from the seed.

use std::time::Duration;

use serde::Serialize;

use super::format::{Chosen, Direction, Groups, Length, Scenario, Step, Target, Verb, sizes};
use super::proxy::{Link, Weather};
use crate::crash::Dice;

/// How long a node that was ended stays down when the step does not say: up to this.
const DOWN_MAX_MS: u64 = 2_000;

/// Something that is done to the network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Event {
    /// From the start of the load.
    #[serde(rename = "at_s", serialize_with = "seconds")]
    pub(crate) at: Duration,
    /// Its end; never after the healing.
    #[serde(rename = "until_s", serialize_with = "seconds")]
    pub(crate) until: Duration,
    /// What.
    pub(crate) act: Act,
}

fn seconds<S: serde::Serializer>(span: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(span.as_secs_f64())
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "do", rename_all = "lowercase")]
pub(crate) enum Act {
    /// Ended by a signal, and started at the end.
    Down {
        /// Which.
        nodes: Vec<usize>,
        /// Without warning.
        kill: bool,
    },
    /// Stopped in its tracks.
    Pause {
        /// Which.
        nodes: Vec<usize>,
    },
    /// Links that are cut or stalled, slow or lossy.
    Links {
        /// Which, from and to.
        links: Vec<Link>,
        /// How they are.
        weather: Weather,
    },
    /// Another clock until the end.
    Clock {
        /// Which.
        nodes: Vec<usize>,
        /// As `--clock-offset` takes it.
        offset: String,
    },
    /// Everything but the keys is removed.
    Wipe {
        /// Which.
        nodes: Vec<usize>,
    },
    /// Started for the first time.
    Join {
        /// Which.
        nodes: Vec<usize>,
    },
    /// Many callers.
    Flood {
        /// Which.
        nodes: Vec<usize>,
        /// How many.
        clients: usize,
    },
}

/// Every event of a run, by its time.
pub(crate) fn plan(scenario: &Scenario, seed: u64) -> Vec<Event> {
    let mut events = Vec::new();
    for (number, step) in (1u64..).zip(&scenario.steps) {
        let mut dice = Dice::new(seed, number);
        for time in 0..step.count {
            let at = step.at + step.every * time;
            let until = at + length(step, &mut dice);
            events.push(Event {
                at,
                until: until.min(scenario.heal.at).max(at),
                act: act(&step.verb, scenario, &mut dice),
            });
        }
    }
    events.sort_by_key(|event| event.at);
    events
}

/// Nodes that are off until a step has them join.
pub(crate) fn latecomers(scenario: &Scenario) -> Vec<usize> {
    let joins = scenario.steps.iter().filter_map(|step| match &step.verb {
        Verb::Join(Target::These(nodes)) => Some(nodes.clone()),
        _ => None,
    });
    joins.flatten().collect()
}

fn length(step: &Step, dice: &mut Dice) -> Duration {
    match (step.length, &step.verb) {
        (Some(Length::Fixed(span)), _) => span.0,
        (Some(Length::Between(from, to)), _) => {
            let more = to.0.saturating_sub(from.0).as_millis();
            let more = u64::try_from(more).unwrap_or(u64::MAX).saturating_add(1);
            from.0 + Duration::from_millis(dice.below(more))
        }
        (None, Verb::Kill(_) | Verb::Term(_)) => Duration::from_millis(dice.below(DOWN_MAX_MS)),
        // A clock stays wrong until the healing.
        (None, Verb::Clock(..)) => Duration::MAX / 4,
        (None, _) => Duration::ZERO,
    }
}

fn act(verb: &Verb, scenario: &Scenario, dice: &mut Dice) -> Act {
    let count = scenario.validators + scenario.merchants;
    let mut one_of = |nodes: Vec<usize>| {
        let at = dice.at(nodes.len());
        nodes.get(at).copied().into_iter().collect()
    };
    let mut nodes = |target: &Target| match target {
        Target::These(nodes) => nodes.clone(),
        Target::One(Chosen::Random) => one_of(scenario.honest(scenario.validators)),
        Target::One(Chosen::Any) => one_of(scenario.honest(count)),
    };
    match verb {
        Verb::Kill(target) => Act::Down {
            nodes: nodes(target),
            kill: true,
        },
        Verb::Term(target) | Verb::Restart(target) => Act::Down {
            nodes: nodes(target),
            kill: false,
        },
        Verb::Pause(target) => Act::Pause {
            nodes: nodes(target),
        },
        Verb::Clock(target, offset) => Act::Clock {
            nodes: nodes(target),
            offset: offset.clone(),
        },
        Verb::Wipe(target) => Act::Wipe {
            nodes: nodes(target),
        },
        Verb::Join(target) => Act::Join {
            nodes: nodes(target),
        },
        Verb::Flood(target, clients) => Act::Flood {
            nodes: nodes(target),
            clients: *clients,
        },
        Verb::Delay(target, delay_ms) => Act::Links {
            links: links_of(target.as_ref().map(nodes).as_deref(), count),
            weather: Weather {
                delay_ms: *delay_ms,
                ..Weather::default()
            },
        },
        Verb::Loss(target, loss) => Act::Links {
            links: links_of(target.as_ref().map(nodes).as_deref(), count),
            weather: Weather {
                loss: *loss,
                ..Weather::default()
            },
        },
        Verb::Partition(groups, direction) => partition(groups, *direction, scenario, dice),
    }
}

/// Every link from or to these nodes; every link at all without them.
fn links_of(nodes: Option<&[usize]>, count: usize) -> Vec<Link> {
    let touches = |one: usize| nodes.is_none_or(|nodes| nodes.contains(&one));
    let all = (0..count).flat_map(|from| (0..count).map(move |to| (from, to)));
    all.filter(|(from, to)| from != to && (touches(*from) || touches(*to)))
        .collect()
}

fn partition(groups: &Groups, direction: Direction, scenario: &Scenario, dice: &mut Dice) -> Act {
    let count = scenario.validators + scenario.merchants;
    let group = match groups {
        // One group alone stands against the rest; who is not named goes with the first of several.
        Groups::These(groups) => {
            let alone = groups.len() == 1;
            let of = |node: usize| groups.iter().position(|group| group.contains(&node));
            let all = (0..count).map(|node| of(node).unwrap_or(usize::from(alone)));
            all.collect()
        }
        Groups::Sizes(text) => chosen_groups(&sizes(text).unwrap_or_default(), scenario, dice),
    };
    let group: Vec<usize> = group;
    let all = (0..count).flat_map(|from| (0..count).map(move |to| (from, to)));
    let parted = all.filter(|(from, to)| {
        let (from, to) = (group.get(*from), group.get(*to));
        from != to
            && match direction {
                Direction::Both => true,
                Direction::Out => from == Some(&0),
                Direction::In => to == Some(&0),
            }
    });
    let is_cut = direction == Direction::Both;
    Act::Links {
        links: parted.collect(),
        weather: Weather {
            cut: is_cut,
            stall: !is_cut,
            ..Weather::default()
        },
    }
}

/// Which group each node is in: validators shuffled into groups of these sizes, others anywhere.
fn chosen_groups(sizes: &[usize], scenario: &Scenario, dice: &mut Dice) -> Vec<usize> {
    let places = sizes.iter().enumerate();
    let mut group: Vec<usize> = places
        .flat_map(|(group, size)| std::iter::repeat_n(group, *size))
        .collect();
    for at in (1..group.len()).rev() {
        group.swap(at, dice.at(at + 1));
    }
    group.extend((0..scenario.merchants).map(|_merchant| dice.at(sizes.len())));
    group
}

#[cfg(test)]
mod tests {
    use super::super::format::parse;
    use super::*;

    fn scenario(steps: &str) -> Scenario {
        let head = "name = \"x\"\nduration = \"60s\"\n[load]\nrate = 5\nclients = 2\n\
                    [heal]\nat = \"50s\"\nliveness_within = \"30s\"\n";
        parse(&format!("{head}{steps}")).unwrap()
    }

    #[test]
    fn the_schedule_follows_from_the_seed() {
        let scenario = scenario(
            "[[step]]\nat = \"1s\"\ndo = \"kill\"\nnode = \"any\"\nevery = \"2s\"\ncount = 20\n\
             [[step]]\nat = \"2s\"\ndo = \"partition\"\ngroups = \"2-2\"\nevery = \"9s\"\ncount = 5\n\
             for = [\"2s\", \"6s\"]\n",
        );
        let events = plan(&scenario, 7);
        assert_eq!(events, plan(&scenario, 7));
        assert_ne!(events, plan(&scenario, 8));
        assert_eq!(events.len(), 25);
        assert!(events.is_sorted_by_key(|event| event.at));
        let mut hit = std::collections::BTreeSet::new();
        for event in &events {
            assert!(event.until <= scenario.heal.at, "{event:?}");
            match &event.act {
                Act::Down { nodes, kill } => {
                    assert!(*kill && event.until < event.at + Duration::from_millis(DOWN_MAX_MS));
                    hit.extend(nodes.clone());
                }
                Act::Links { links, weather } => {
                    assert!(weather.cut);
                    let lasts = event.until.checked_sub(event.at).unwrap();
                    assert!(lasts <= Duration::from_secs(6));
                    // Two and two, the merchant's node with one of them: six pairs, both ways.
                    assert_eq!(links.len(), 12);
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(hit.len(), 5, "twenty kills hit every node");
    }

    #[test]
    fn one_group_alone_is_parted_from_all_others_and_one_way_only_when_so_written() {
        let parted = |more: &str| {
            let text = format!("[[step]]\nat = \"1s\"\ndo = \"partition\"\nfor = \"1s\"\n{more}\n");
            match plan(&scenario(&text), 1).remove(0).act {
                Act::Links { links, weather } => (links, weather),
                other => panic!("{other:?}"),
            }
        };
        let (links, weather) = parted("groups = [[2]]");
        assert_eq!(links.len(), 8);
        assert!(links.iter().all(|(from, to)| (*from == 2) != (*to == 2)));
        assert!(weather.cut && !weather.stall);
        let (links, weather) = parted("groups = [[2]]\ndirection = \"out\"");
        assert!(links.iter().all(|(from, _to)| *from == 2) && links.len() == 4);
        assert!(!weather.cut && weather.stall);
        let (links, _weather) = parted("groups = [[2]]\ndirection = \"in\"");
        assert!(links.iter().all(|(_from, to)| *to == 2) && links.len() == 4);
        // The merchant's node is not named: it goes with the first group.
        let (links, _weather) = parted("groups = [[0, 1], [2, 3]]");
        assert_eq!(links.len(), 12);
        assert!(!links.contains(&(4, 0)) && links.contains(&(4, 2)));
    }

    #[test]
    fn links_of_a_node_are_those_that_touch_it() {
        assert_eq!(links_of(None, 5).len(), 20);
        assert_eq!(links_of(Some(&[0]), 5).len(), 8);
    }
}
