//! I8 where a validator breaks the rules on purpose: it is caught, nobody else is accused, and nothing
//! of what it did is on the chain.

use std::collections::BTreeSet;

use super::world::{ByzantineSeen, World};

/// What is wrong, a line each.
pub(crate) fn misconduct(world: &World) -> Vec<String> {
    let mut broken = Vec::new();
    let guilty: BTreeSet<&str> = world
        .byzantine
        .iter()
        .filter(|one| one.equivocates)
        .map(|one| one.id.as_str())
        .collect();
    for node in &world.nodes {
        let innocent = node
            .misconduct
            .iter()
            .filter(|one| one.validator.is_empty() || !guilty.contains(one.validator.as_str()));
        broken.extend(innocent.map(|one| format!("{}: {}", node.name, one.line)));
    }
    for one in &world.byzantine {
        broken.extend(
            faults(one, world)
                .into_iter()
                .map(|fault| format!("{}: {fault}", one.name)),
        );
    }
    broken
}

/// What a byzantine validator got away with, or did not do.
fn faults(one: &ByzantineSeen, world: &World) -> Vec<String> {
    let mut faults = Vec::new();
    if one.id.is_empty() {
        faults.push("was to break the rules and never said that it does".to_owned());
    }
    if one.equivocates && one.contradictions == 0 {
        faults.push("was to contradict itself and never did".to_owned());
    }
    if one.equivocates && !is_accused(one, world) {
        faults.push(format!(
            "said {} things twice, and no node noticed",
            one.contradictions
        ));
    }
    if one.equivocates && one.is_on_chain == Some(false) {
        faults.push("the chain holds no evidence against it".to_owned());
    }
    if one.spoils_blocks && one.spoilt.is_empty() {
        faults.push("was to propose invalid blocks and never did".to_owned());
    }
    let refused = world.nodes.iter().any(|node| node.refused > 0);
    if one.spoils_blocks && !refused {
        faults.push("proposed invalid blocks, and no node refused one".to_owned());
    }
    for node in &world.nodes {
        for (height, block) in &node.blocks {
            if one.spoilt.contains(&block.id) {
                faults.push(format!(
                    "its invalid block is height {height} of {}",
                    node.name
                ));
            }
            let has_spoken = block.proposer == one.id || block.signers.contains(&one.id);
            if one.is_silent && has_spoken && !one.id.is_empty() {
                faults.push(format!("was silent and has a hand in height {height}"));
            }
        }
    }
    faults
}

fn is_accused(one: &ByzantineSeen, world: &World) -> bool {
    let mut lines = world.nodes.iter().flat_map(|node| &node.misconduct);
    lines.any(|line| line.validator == one.id)
}

/// What the byzantine validators did, for the line that says that it held.
pub(crate) fn told(world: &World) -> String {
    let told = world.byzantine.iter().map(|one| {
        let evidence = match one.is_on_chain {
            Some(true) => ", evidence on the chain",
            Some(false) => ", no evidence on the chain",
            None => "",
        };
        let silent = if one.is_silent { " silent," } else { "" };
        format!(
            "; {}:{silent} {} contradictions, {} invalid blocks{evidence}",
            one.name,
            one.contradictions,
            one.spoilt.len()
        )
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::world::{Accusation, BlockSeen, NodeSeen};

    fn world(one: ByzantineSeen, accused: &[&str]) -> World {
        let misconduct = accused.iter().map(|validator| Accusation {
            validator: (*validator).to_owned(),
            line: format!("{validator} signed two different things"),
        });
        let block = BlockSeen {
            id: "b1".to_owned(),
            proposer: "other".to_owned(),
            signers: vec!["other".to_owned(), "more".to_owned()],
            ..BlockSeen::default()
        };
        World {
            nodes: vec![NodeSeen {
                misconduct: misconduct.collect(),
                blocks: [(1, block)].into(),
                refused: 1,
                ..NodeSeen::default()
            }],
            byzantine: vec![one],
            ..World::default()
        }
    }

    fn equivocator() -> ByzantineSeen {
        ByzantineSeen {
            id: "bad".to_owned(),
            equivocates: true,
            contradictions: 3,
            ..ByzantineSeen::default()
        }
    }

    #[test]
    fn whoever_contradicts_itself_must_be_noticed_and_nobody_else_accused() {
        assert!(misconduct(&world(equivocator(), &["bad", "bad"])).is_empty());
        assert_eq!(misconduct(&world(equivocator(), &[])).len(), 1, "unnoticed");
        assert_eq!(misconduct(&world(equivocator(), &["bad", "good"])).len(), 1);
        assert_eq!(misconduct(&world(equivocator(), &["bad", ""])).len(), 1);
        let idle = ByzantineSeen {
            contradictions: 0,
            ..equivocator()
        };
        assert_eq!(misconduct(&world(idle, &["bad"])).len(), 1, "did nothing");
        let unpunished = ByzantineSeen {
            is_on_chain: Some(false),
            ..equivocator()
        };
        assert_eq!(misconduct(&world(unpunished, &["bad"])).len(), 1);
        let nobody = ByzantineSeen {
            id: String::new(),
            ..equivocator()
        };
        assert!(!misconduct(&world(nobody, &["bad"])).is_empty());
    }

    #[test]
    fn an_invalid_block_is_never_on_the_chain_and_somebody_refused_it() {
        let spoiler = |spoilt: &[&str]| ByzantineSeen {
            id: "bad".to_owned(),
            spoils_blocks: true,
            spoilt: spoilt.iter().map(|id| (*id).to_owned()).collect(),
            ..ByzantineSeen::default()
        };
        assert!(misconduct(&world(spoiler(&["x"]), &[])).is_empty());
        assert_eq!(
            misconduct(&world(spoiler(&[]), &[])).len(),
            1,
            "did nothing"
        );
        assert_eq!(
            misconduct(&world(spoiler(&["b1"]), &[])).len(),
            1,
            "decided"
        );
        let mut unseen = world(spoiler(&["x"]), &[]);
        unseen.nodes[0].refused = 0;
        assert_eq!(misconduct(&unseen).len(), 1, "nobody refused it");
        assert_eq!(misconduct(&world(spoiler(&["x"]), &["bad"])).len(), 1);
    }

    #[test]
    fn a_silent_validator_has_no_hand_in_any_block() {
        let silent = |id: &str| ByzantineSeen {
            id: id.to_owned(),
            is_silent: true,
            ..ByzantineSeen::default()
        };
        assert!(misconduct(&world(silent("bad"), &[])).is_empty());
        assert_eq!(
            misconduct(&world(silent("other"), &[])).len(),
            1,
            "built it"
        );
        assert_eq!(
            misconduct(&world(silent("more"), &[])).len(),
            1,
            "signed it"
        );
    }
}
