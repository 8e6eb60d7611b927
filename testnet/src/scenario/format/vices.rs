//! What a byzantine node does: `byzantine = { equivocate_votes = { mode = "always" } }`.

use serde::{Deserialize, Serialize};

/// How often something is done.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Often {
    /// Every time.
    Always,
    /// With this probability, 0 to 1.
    Random {
        /// Which.
        probability: f64,
    },
}

impl Often {
    fn probability(self) -> f64 {
        match self {
            Self::Always => 1.0,
            Self::Random { probability } => probability,
        }
    }
}

/// The vices of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vices {
    /// Contradicts its votes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) equivocate_votes: Option<Often>,
    /// Contradicts its proposals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) equivocate_proposals: Option<Often>,
    /// Proposes blocks that break a rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invalid_blocks: Option<Often>,
    /// Hears everything, and never votes or proposes.
    #[serde(default)]
    pub(crate) silent: bool,
}

impl Vices {
    /// Why they are none; `None` when they are.
    pub(crate) fn fault(&self) -> Option<&'static str> {
        let all = [
            self.equivocate_votes,
            self.equivocate_proposals,
            self.invalid_blocks,
        ];
        let given: Vec<f64> = all.iter().flatten().map(|one| one.probability()).collect();
        if given.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Some("byzantine: a probability is 0 to 1");
        }
        if given.is_empty() != self.silent {
            return Some("byzantine: silent, or something that is done");
        }
        None
    }

    /// Whether it says two things where one may be said.
    pub(crate) fn equivocates(&self) -> bool {
        self.equivocate_votes.is_some() || self.equivocate_proposals.is_some()
    }

    /// As `piao-byzantine` takes them.
    pub(crate) fn arguments(&self, seed: u64) -> Vec<String> {
        let mut arguments = vec![format!("--seed={seed}")];
        for (flag, often) in [
            ("equivocate-votes", self.equivocate_votes),
            ("equivocate-proposals", self.equivocate_proposals),
            ("invalid-blocks", self.invalid_blocks),
        ] {
            if let Some(often) = often {
                arguments.push(format!("--{flag}={}", often.probability()));
            }
        }
        if self.silent {
            arguments.push("--silent".to_owned());
        }
        arguments
    }
}
