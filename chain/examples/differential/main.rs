//! Cases for another verifier to judge: seeded mutations of valid proofs, of their JSON twins and
//! of trust roots, each with the verdict of this one.
//!
//! `differential COUNT [SEED]` prints one JSON object a line: the trust roots first, then the
//! cases. `api/verifier/tests/differential.js` reads them and judges each again.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of the tests: what can not be made ends the run"
)]

mod facts;
mod files;
mod forge;
mod links;
mod payloads;
mod random;
mod refusals;
mod roots;
mod statements;
mod texts;

use std::io::{self, BufWriter, Write as _};

use piao_chain::proof::{
    Check, ProofTwin, StatementTwin, TrustRoot, TrustRootEnvelope, VerifyOptions, verify,
    verify_refusal, verify_statement,
};
use piao_chain::testing::NOON_MS;
use piao_chain::time::BlockTime;
use serde_json::{Value, json};

use random::Random;
use roots::World;

/// The clock of the verifier, if a case names no other: a minute after the sample blocks.
const NOW_MS: u64 = NOON_MS + 65_000;
const DAY_MS: u64 = 86_400_000;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args()
        .skip(1)
        .map(|text| text.parse::<u64>().unwrap());
    let (count, seed) = (arguments.next().unwrap(), arguments.next().unwrap_or(1));
    let world = World::new();
    let mut out = BufWriter::new(io::stdout().lock());
    let envelopes: Vec<&TrustRootEnvelope> = world.roots.iter().map(|(text, _)| text).collect();
    writeln!(
        out,
        "{}",
        json!({ "seed": seed, "count": count, "trust_roots": envelopes })
    )?;
    for id in 0..count {
        let mut random = Random::of(seed, id);
        let mut case = match random.below(10) {
            0 => of_trust_root(&world, &mut random),
            1 | 2 => of_statement(&world, &mut random),
            3 => of_refusal(&world, &mut random),
            _ => of_proof(&world, &mut random),
        };
        case["id"] = json!(id);
        writeln!(out, "{case}")?;
    }
    out.flush()
}

/// A changed trust root, and whether it opens.
fn of_trust_root(world: &World, random: &mut Random) -> Value {
    let (kind, text) = roots::changed(world, random);
    let envelope = serde_json::from_slice::<TrustRootEnvelope>(&text).ok();
    let opened = envelope.and_then(|envelope| TrustRoot::open(&envelope).ok());
    json!({
        "kind": kind,
        "trust_root": hex::encode(&text),
        "opened": opened.map(|root| root.fingerprint()),
    })
}

/// A changed proof, and the verdict on it.
fn of_proof(world: &World, random: &mut Random) -> Value {
    let base = random.below(world.proofs.len());
    let (kind, mut file, home) = match random.below(10) {
        0 => links::changed(world, random),
        1..4 => {
            let (kind, file) = files::changed(world, random, base);
            (kind, file, world.homes[base])
        }
        _ => {
            let (kind, proof, home) = forge::proof(world, random);
            (kind, proof.encode(), home)
        }
    };
    if random.once_in(8) {
        file = texts::twin_of(&file, random).unwrap_or(file);
    }
    let setting = Setting::of(world, home, random);
    let verdict = verify(&binary(&file), setting.trusted(world), &setting.options());
    let as_of = verdict.as_of.as_ref().map(|as_of| as_of.height);
    let mut json = serde_json::to_value(&verdict).unwrap();
    json["exit_code"] = json!(verdict.verdict.exit_code());
    let shown = shown(json, &verdict.checks, as_of);
    setting.case(kind, &file, &shown)
}

/// A statement, changed or not, and the verdict on it.
fn of_statement(world: &World, random: &mut Random) -> Value {
    let (kind, mut file, home) = statements::changed(world, random);
    if random.once_in(8) {
        file = texts::twin_of_statement(&file, random).unwrap_or(file);
    }
    let setting = Setting::of(world, home, random);
    let verdict = verify_statement(&binary(&file), setting.trusted(world), &setting.options());
    let as_of = verdict.as_of.as_ref().map(|as_of| as_of.height);
    let mut json = serde_json::to_value(&verdict).unwrap();
    json["exit_code"] = json!(verdict.verdict.exit_code());
    for range in ["counters", "blocks"] {
        for end in ["from", "to"] {
            if let Some(number) = json[range].get_mut(end) {
                *number = json!(number.to_string());
            }
        }
    }
    for (row, invoice) in verdict.invoices.iter().enumerate() {
        json["invoices"][row]["counter"] = json!(invoice.counter.to_string());
    }
    let shown = shown(json, &verdict.checks, as_of);
    let mut case = setting.case(kind, &file, &shown);
    case["is_statement"] = json!(true);
    case
}

/// A refusal, changed or not, and the verdict on it.
fn of_refusal(world: &World, random: &mut Random) -> Value {
    let (kind, file, home) = refusals::changed(world, random);
    let setting = Setting::of(world, home, random);
    let verdict = verify_refusal(&file, setting.trusted(world), &setting.options());
    let as_of = verdict.as_of.as_ref().map(|as_of| as_of.height);
    let mut json = serde_json::to_value(&verdict).unwrap();
    json["exit_code"] = json!(verdict.verdict.exit_code());
    json["evidence"] = verdict.evidence.iter().map(i64::to_string).collect();
    if let Some(at) = &verdict.refused_at {
        json["refused_at"]["height"] = json!(at.height.to_string());
    }
    let shown = shown(json, &verdict.checks, as_of);
    let mut case = setting.case(kind, &file, &shown);
    case["is_refusal"] = json!(true);
    case
}

/// What a file is judged with.
struct Setting {
    root: Option<usize>,
    now_ms: u64,
    max_age_ms: Option<u64>,
}

impl Setting {
    fn of(world: &World, home: usize, random: &mut Random) -> Self {
        let root = match random.below(40) {
            0 => None,
            1 => Some(random.below(world.roots.len())),
            _ => Some(home),
        };
        let now_ms = match random.below(12) {
            0 => NOW_MS.wrapping_add(random.number() % (200 * DAY_MS)),
            1 => NOW_MS.saturating_sub(random.number() % DAY_MS),
            2 => random.number(),
            3 => NOW_MS + random.pick(&[600_000, DAY_MS, 7 * DAY_MS]) - 61_000 + random.next() % 3,
            _ => NOW_MS,
        };
        let max_age_ms = random.once_in(3).then(|| random.number() % (20 * DAY_MS));
        Self {
            root,
            now_ms,
            max_age_ms,
        }
    }

    fn trusted<'a>(&self, world: &'a World) -> Option<&'a TrustRoot> {
        self.root.map(|at| &world.roots[at].1)
    }

    fn options(&self) -> VerifyOptions {
        VerifyOptions {
            now: BlockTime::from_ms(self.now_ms),
            max_age_ms: self.max_age_ms,
        }
    }

    fn case(&self, kind: &str, file: &[u8], verdict: &Value) -> Value {
        json!({
            "kind": kind,
            "root": self.root,
            "now_ms": self.now_ms.to_string(),
            "max_age_ms": self.max_age_ms.map(|age| age.to_string()),
            "file": hex::encode(file),
            "verdict": verdict,
        })
    }
}

/// The binary form of either form; bytes that are neither stay as they are.
fn binary(file: &[u8]) -> Vec<u8> {
    let twin = file
        .trim_ascii_start()
        .starts_with(b"{")
        .then(|| serde_json::from_slice(file));
    let twin: Option<ProofTwin> = twin.and_then(Result::ok);
    let made = match twin {
        Some(twin) => twin.to_file().ok(),
        None => serde_json::from_slice::<StatementTwin>(file)
            .ok()
            .and_then(|twin| twin.to_file().ok()),
    };
    made.unwrap_or_else(|| file.to_vec())
}

/// A verdict without its sentences: those are for people and not compared. Heights are texts,
/// because not every reader of JSON has numbers of 64 bits.
fn shown(mut json: Value, checks: &[Check], height: Option<u64>) -> Value {
    json["checks"] = checks
        .iter()
        .map(|check| json!([check.name, check.result]))
        .collect();
    if let Some(height) = height {
        json["as_of"]["height"] = json!(height.to_string());
    }
    json
}
