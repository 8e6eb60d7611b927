//! One judgement: the chain's verdict, the user's `--max-age`, and what the node says today.

use piao_chain::proof::{
    CheckResult, Finding, Proof, Reason, TrustRoot, Verdict, VerifierCache, VerifyOptions,
    verify_with,
};
use piao_chain::time::BlockTime;
use serde::Serialize;

use super::proof_bytes;
use crate::exit::Exit;

/// How to judge.
#[derive(Debug)]
pub(crate) struct Judge {
    /// What is trusted; without it nothing can be decided.
    pub(crate) root: Option<TrustRoot>,
    /// Clock of this machine.
    pub(crate) now: BlockTime,
    /// Oldest proof that may count as in force, ms; `None`: seven days.
    pub(crate) max_age_ms: Option<u64>,
}

/// A proof and what came of judging it. As JSON: the verdict, and beside it what it is about.
#[derive(Debug, Serialize)]
pub(crate) struct Judged {
    /// The verdict on the bytes as given.
    #[serde(flatten)]
    pub(crate) verdict: Verdict,
    /// The file or number it is about.
    #[serde(rename = "subject")]
    pub(crate) subject: String,
    /// The verdict on the proof the node made today, with `--online`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) online: Option<Box<Verdict>>,
    /// The proof, if the bytes are one.
    #[serde(skip)]
    pub(crate) proof: Option<Box<Proof>>,
}

impl Judge {
    /// Judges the bytes of a proof in either form.
    pub(crate) fn judge(&self, subject: &str, bytes: &[u8], cache: &mut VerifierCache) -> Judged {
        let bytes = proof_bytes(bytes);
        let options = VerifyOptions {
            now: self.now,
            max_age_ms: self.max_age_ms,
        };
        let (mut verdict, proof) = verify_with(&bytes, self.root.as_ref(), &options, cache);
        let proof = proof.map(Box::new);
        if let Some(proof) = &proof {
            self.apply_max_age(&mut verdict, proof);
        }
        Judged {
            verdict,
            subject: subject.to_owned(),
            online: None,
            proof,
        }
    }

    /// A proof older than the user accepts says nothing about today, even where seven days would
    /// be enough.
    fn apply_max_age(&self, verdict: &mut Verdict, proof: &Proof) {
        let age_ms = self.now.ms().saturating_sub(proof.as_of().time_ms);
        let too_old = self.max_age_ms.is_some_and(|max_ms| age_ms > max_ms);
        if verdict.verdict != Finding::InForce || !too_old {
            return;
        }
        verdict.verdict = Finding::Undecided;
        verdict.reason = Reason::Stale;
        for check in &mut verdict.checks {
            if check.name == "freshness" {
                check.result = CheckResult::Failed;
                check.detail.push_str(", older than --max-age");
            }
        }
    }
}

impl Judged {
    /// How the command ends for this proof.
    pub(crate) fn exit(&self) -> Exit {
        Exit::of_finding(self.decisive().verdict)
    }

    /// The verdict that counts.
    ///
    /// Where the given proof is merely stale, today's counts if it is decided and not older;
    /// otherwise the worse of the two does, so that a node can only take away, never add.
    pub(crate) fn decisive(&self) -> &Verdict {
        let given = &self.verdict;
        let Some(today) = self.online.as_deref() else {
            return given;
        };
        let decided = matches!(today.verdict, Finding::InForce | Finding::NotInForce);
        let only_stale = given.verdict == Finding::Undecided && given.reason == Reason::Stale;
        if decided && only_stale && !self.is_newer_than(today) {
            return today;
        }
        let (of_given, of_today) = (
            Exit::of_finding(given.verdict),
            Exit::of_finding(today.verdict),
        );
        if of_given.worse(of_today) == of_today {
            today
        } else {
            given
        }
    }

    /// Whether the given proof speaks for a later height than the other.
    fn is_newer_than(&self, other: &Verdict) -> bool {
        let height = |verdict: &Verdict| verdict.as_of.as_ref().map(|as_of| as_of.height);
        height(&self.verdict) > height(other)
    }

    /// Adds the verdict on the node's proof of the same invoice.
    pub(crate) fn with_online(mut self, today: Self) -> Self {
        self.online = Some(Box::new(today.verdict));
        self
    }

    /// Whether both are about the same transaction.
    pub(crate) fn is_same_invoice(&self, other: &Self) -> bool {
        let id = |judged: &Self| judged.proof.as_ref().map(|proof| proof.transaction.id());
        id(self) == id(other)
    }
}
