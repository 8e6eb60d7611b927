//! The scenario file: TOML, strict. What is not known is refused with its line.
//!
//! Nodes are numbered from 0: the validators, then the merchants' nodes. Durations are written
//! `"500ms"`, `"10s"`, `"2m"`; where a length may vary, as a pair `["5s", "20s"]`.

mod steps;
mod vices;

use std::time::Duration;

use serde::Deserialize;
use serde::de::Error as _;
use toml::Spanned;

use super::checks::Invariant;
pub(crate) use steps::sizes;
use steps::step_of;
pub(crate) use vices::Vices;

/// Validators, at most: all run on one machine.
const NODES_MAX: usize = 16;
/// Merchants' nodes, at most.
const MERCHANTS_MAX: usize = 4;
/// Clients of a load, at most.
const CLIENTS_MAX: usize = 256;
/// Calls a second, at most.
const RATE_MAX: u32 = 1_000;
/// Steps of a file, at most.
const STEPS_MAX: usize = 256;
/// Times a step is done, at most.
const COUNT_MAX: u32 = 1_000;
/// Length of a run, at most.
const DURATION_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// A scenario, checked.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) seed: u64,
    /// How long the load lasts.
    pub(crate) duration: Duration,
    pub(crate) validators: usize,
    pub(crate) merchants: usize,
    pub(crate) load: LoadSpec,
    /// Clock offset that each node starts with.
    pub(crate) clocks: Vec<Option<String>>,
    /// What each node does that none should; `None` for an honest one.
    pub(crate) byzantine: Vec<Option<Vices>>,
    pub(crate) steps: Vec<Step>,
    pub(crate) heal: Heal,
    pub(crate) invariants: Vec<Invariant>,
    /// The height that must be reached; the load goes on until then, within bounds.
    pub(crate) heights: u64,
}

impl Scenario {
    /// Nodes that keep the rules, up to a number.
    pub(crate) fn honest(&self, below: usize) -> Vec<usize> {
        let is_honest = |at: &usize| !matches!(self.byzantine.get(*at), Some(Some(_)));
        (0..below).filter(is_honest).collect()
    }
}

/// What is asked of the merchant's node meanwhile.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoadSpec {
    /// Calls a second, all clients together.
    pub(crate) rate: u32,
    /// Calls in flight at once, at most.
    pub(crate) clients: usize,
    /// Share of calls that use a key again, 0 to 1.
    #[serde(default)]
    pub(crate) dup_ratio: f64,
    /// Whether names and texts carry strings to look for elsewhere.
    #[serde(default)]
    pub(crate) canary: bool,
}

/// When everything is made whole, and how soon the chain must grow again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heal {
    pub(crate) at: Duration,
    pub(crate) liveness_within: Duration,
}

/// A step as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) at: Duration,
    pub(crate) every: Duration,
    pub(crate) count: u32,
    /// How long each lasts; `None` where the step has a length of its own.
    pub(crate) length: Option<Length>,
    pub(crate) verb: Verb,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(crate) enum Verb {
    /// SIGKILL, and a start after a pause.
    Kill(Target),
    /// SIGTERM, and a start after a pause.
    Term(Target),
    /// SIGSTOP, and SIGCONT at the end.
    Pause(Target),
    /// SIGTERM, and a start at once.
    Restart(Target),
    /// Some hear nothing of the others.
    Partition(Groups, Direction),
    /// Slow links: of these nodes, or all.
    Delay(Option<Target>, [u64; 2]),
    /// Lossy links: of these nodes, or all; a share of what is sent.
    Loss(Option<Target>, f64),
    /// The node runs with another clock.
    Clock(Target, String),
    /// A validator loses everything but its keys.
    Wipe(Target),
    /// Nodes that were never started come.
    Join(Target),
    /// Many callers at these nodes.
    Flood(Target, usize),
}

/// Which nodes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a node's number, \"random\" (a validator) or \"any\""
)]
pub(crate) enum NodeName {
    /// This one.
    Number(usize),
    /// One that the dice choose.
    Chosen(Chosen),
}

/// Among whom the dice choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Chosen {
    /// The validators that keep the rules.
    Random,
    /// All nodes that do.
    Any,
}

/// Nodes of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// These.
    These(Vec<usize>),
    /// One, chosen anew each time.
    One(Chosen),
}

/// Who is parted from whom.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected groups of node numbers, or sizes of groups of validators as \"2-2\""
)]
pub(crate) enum Groups {
    /// These groups; who is in none goes with the first, and one alone stands against the rest.
    These(Vec<Vec<usize>>),
    /// Validators in groups of these sizes, chosen by the dice, as `3-1`; merchants go anywhere.
    Sizes(String),
}

/// Which way a partition works.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Direction {
    /// Connections break, and none is made.
    #[default]
    Both,
    /// What the first group says does not arrive; connections stay.
    Out,
    /// What the first group is told does not arrive; connections stay.
    In,
}

/// A length that is fixed, or chosen between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a duration as \"10s\", or a pair of them"
)]
pub(crate) enum Length {
    /// Always this.
    Fixed(Span),
    /// From, to.
    Between(Span, Span),
}

/// A duration as `"10s"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        duration(&text).map(Self).map_err(D::Error::custom)
    }
}

/// Reads `500ms`, `10s` or `2m`; a day at most.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no duration: write 500ms, 10s or 2m");
    let digits = text.trim_end_matches(|one: char| one.is_ascii_alphabetic());
    let unit_ms = match text.get(digits.len()..) {
        Some("ms") => 1,
        Some("s") => 1_000,
        Some("m") => 60_000,
        _ => return Err(wrong()),
    };
    let count: u64 = digits.parse().map_err(|_source| wrong())?;
    let ms = count.checked_mul(unit_ms).ok_or_else(wrong)?;
    let span = Duration::from_millis(ms);
    if span > DURATION_MAX {
        return Err(format!("{text:?} is more than a day"));
    }
    Ok(span)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawScenario {
    name: String,
    #[serde(default = "one")]
    seed: u64,
    duration: Span,
    #[serde(default = "four")]
    nodes: usize,
    #[serde(default = "one_node")]
    merchants: usize,
    #[serde(default)]
    backend: Backend,
    load: LoadSpec,
    #[serde(default)]
    node: Vec<Spanned<RawNode>>,
    #[serde(default)]
    step: Vec<Spanned<RawStep>>,
    heal: RawHeal,
    #[serde(default)]
    check: RawCheck,
}

fn one() -> u64 {
    1
}
fn four() -> usize {
    4
}
fn one_node() -> usize {
    1
}

#[derive(Clone, Copy, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Backend {
    #[default]
    Proxy,
    Netns,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNode {
    id: usize,
    clock: Option<String>,
    byzantine: Option<Vices>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawStep {
    at: Span,
    #[serde(rename = "do")]
    verb: RawVerb,
    node: Option<NodeName>,
    nodes: Option<Vec<usize>>,
    every: Option<Span>,
    count: Option<u32>,
    #[serde(rename = "for")]
    length: Option<Length>,
    groups: Option<Groups>,
    direction: Option<Direction>,
    loss: Option<f64>,
    delay_ms: Option<[u64; 2]>,
    offset: Option<String>,
    clients: Option<usize>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum RawVerb {
    Kill,
    Term,
    Pause,
    Restart,
    Partition,
    Delay,
    Loss,
    Clock,
    Wipe,
    Join,
    Flood,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHeal {
    at: Span,
    liveness_within: Span,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCheck {
    invariants: Option<Vec<Invariant>>,
    #[serde(default)]
    heights: u64,
}

/// Reads a scenario; what is wrong with it, with the line, otherwise.
pub(crate) fn parse(text: &str) -> Result<Scenario, String> {
    let raw: RawScenario = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        let what = error.message().replace('\n', " ");
        format!("line {line}: {what}")
    })?;
    check_head(&raw)?;
    let count = raw.nodes.saturating_add(raw.merchants);
    let (clocks, byzantine) = nodes_of(&raw, count, text)?;
    let mut steps = Vec::new();
    for step in &raw.step {
        let line = line_of(text, step.span().start);
        let at = |what| format!("line {line}: {what}");
        let made = step_of(step.get_ref(), raw.nodes, count).map_err(at)?;
        steps.push(made);
    }
    let heal = Heal {
        at: raw.heal.at.0,
        liveness_within: raw.heal.liveness_within.0,
    };
    for (step, from) in steps.iter().zip(&raw.step) {
        if let Some(what) = breaks_a_breaker(&step.verb, &byzantine) {
            return Err(format!("line {}: {what}", line_of(text, from.span().start)));
        }
        let last = step.at + step.every * step.count.saturating_sub(1);
        if last >= heal.at {
            let line = line_of(text, from.span().start);
            return Err(format!("line {line}: the step goes on after [heal] at"));
        }
    }
    Ok(Scenario {
        name: raw.name,
        seed: raw.seed,
        duration: raw.duration.0,
        validators: raw.nodes,
        merchants: raw.merchants,
        load: raw.load,
        clocks,
        byzantine,
        steps,
        heal,
        heights: raw.check.heights,
        invariants: raw
            .check
            .invariants
            .unwrap_or_else(|| Invariant::ALL.to_vec()),
    })
}

type Nodes = (Vec<Option<String>>, Vec<Option<Vices>>);

/// The clock of each node, and its vices.
fn nodes_of(raw: &RawScenario, count: usize, text: &str) -> Result<Nodes, String> {
    let (mut clocks, mut byzantine) = (vec![None; count], vec![None; count]);
    for node in &raw.node {
        let at = |what: String| format!("line {}: {what}", line_of(text, node.span().start));
        let node = node.get_ref();
        let (Some(clock), Some(vices)) = (clocks.get_mut(node.id), byzantine.get_mut(node.id))
        else {
            return Err(at(format!("there is no node {}", node.id)));
        };
        clock.clone_from(&node.clock);
        let Some(given) = node.byzantine else {
            continue;
        };
        if node.id >= raw.nodes {
            return Err(at("byzantine: only a validator can be".to_owned()));
        }
        if let Some(fault) = given.fault() {
            return Err(at(fault.to_owned()));
        }
        *vices = Some(given);
        if byzantine.iter().flatten().count() * 3 >= raw.nodes {
            return Err(at(
                "byzantine: fewer than a third of the validators".to_owned()
            ));
        }
    }
    Ok((clocks, byzantine))
}

/// Why a step does not go with byzantine nodes: what they signed is not in their own memory, so one
/// that starts again may rightly refuse to.
fn breaks_a_breaker(verb: &Verb, byzantine: &[Option<Vices>]) -> Option<&'static str> {
    let (Verb::Kill(target)
    | Verb::Term(target)
    | Verb::Restart(target)
    | Verb::Clock(target, _)
    | Verb::Wipe(target)
    | Verb::Join(target)) = verb
    else {
        return None;
    };
    let Target::These(nodes) = target else {
        return None;
    };
    let is_byzantine = |at: &usize| matches!(byzantine.get(*at), Some(Some(_)));
    let found = nodes.iter().any(is_byzantine);
    found.then_some("a byzantine node is not started again")
}

fn check_head(raw: &RawScenario) -> Result<(), String> {
    let load = &raw.load;
    let all = [
        (
            raw.backend == Backend::Proxy,
            "backend: this build has the proxy only",
        ),
        (
            (1..=NODES_MAX).contains(&raw.nodes),
            "nodes: 1 to 16 validators",
        ),
        (
            (1..=MERCHANTS_MAX).contains(&raw.merchants),
            "merchants: 1 to 4 nodes",
        ),
        (
            (1..=RATE_MAX).contains(&load.rate),
            "load.rate: 1 to 1000 calls a second",
        ),
        (
            (1..=CLIENTS_MAX).contains(&load.clients),
            "load.clients: 1 to 256",
        ),
        (
            (0.0..=1.0).contains(&load.dup_ratio),
            "load.dup_ratio: 0 to 1",
        ),
        (raw.step.len() <= STEPS_MAX, "at most 256 steps"),
        (
            raw.heal.at.0 <= raw.duration.0,
            "heal.at: not after the end of the load (duration)",
        ),
        (
            !raw.name.is_empty() && raw.name.len() <= 64,
            "name: 1 to 64 characters",
        ),
    ];
    match all.iter().find(|(holds, _what)| !holds) {
        Some((_holds, what)) => Err((*what).to_owned()),
        None => Ok(()),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    before.matches('\n').count().saturating_add(1)
}

#[cfg(test)]
#[path = "format_tests.rs"]
mod tests;
