//! Goal: 200 flipped bits and 64 cut tails, spread over every file of a node, and no silent wrong
//! answer. Method: damage a copy of a real node's data; then either everything in it is as it was,
//! or the start or the read refuses in one line, `doctor --deep` finds it, and what its line says to
//! do works. Every case follows from [`SEED`].

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use piao_node::doctor::{Severity, WayOut};
use piao_node::node::OnLoss;

use crate::damage_oracle::{Dice, Found, Reference, doctor, go, look};

pub(crate) const SEED: u64 = 20_261_122;

/// Kinds of files, flips and cuts of each.
const PLAN: [(Target, usize, usize); 10] = [
    (Target::Blocks, 62, 20),
    (Target::Acknowledged, 6, 3),
    (Target::Log, 24, 10),
    (Target::State, 32, 9),
    (Target::Summaries, 8, 3),
    (Target::Marker, 6, 2),
    (Target::Keys, 18, 4),
    (Target::Desk, 24, 7),
    (Target::DocumentKeys, 12, 4),
    (Target::Genesis, 8, 2),
];

/// Most processors used: more would only wait for the disk.
const WORKERS: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Blocks,
    Acknowledged,
    Log,
    State,
    Summaries,
    Marker,
    Keys,
    Desk,
    DocumentKeys,
    Genesis,
}

impl Target {
    /// Its files, relative to the data directory.
    fn files(self, data: &Path) -> Vec<PathBuf> {
        let one = |name: &str| vec![PathBuf::from(name)];
        match self {
            Self::Blocks => list(data, "blocks", &|name| name.starts_with("blocks-")),
            Self::Acknowledged => one("blocks/acknowledged"),
            Self::Log => one("wal/consensus.wal"),
            Self::State => {
                let inside = list(data, "state", &|name| name != "marker" && name != "runs");
                let files = inside
                    .iter()
                    .flat_map(|folder| list(data, folder.to_str().unwrap(), &|_name| true));
                files.filter(|file| data.join(file).is_file()).collect()
            }
            // Without the feature crash-points no run is small enough to be full.
            Self::Summaries if data.join("state/runs").exists() => {
                list(data, "state/runs", &|_name| true)
            }
            Self::Summaries => one("state/marker"),
            Self::Marker => one("state/marker"),
            Self::Keys => {
                let mut files = list(data, "keys", &|_name| true);
                files.push(PathBuf::from("unlock"));
                files
            }
            Self::Desk => list(data, "desk", &|name| {
                Path::new(name).extension().is_some_and(|ext| ext == "desk")
            }),
            Self::DocumentKeys => one("desk/document-keys"),
            Self::Genesis => one("genesis"),
        }
    }
}

fn list(data: &Path, folder: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(data.join(folder)).unwrap();
    let mut names: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| wanted(name.to_str().unwrap()))
        .map(|name| Path::new(folder).join(name))
        .collect();
    names.sort();
    names
}

/// One damaged place.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    number: usize,
    target: Target,
    file: PathBuf,
    damage: Damage,
}

#[derive(Clone, Copy, Debug)]
enum Damage {
    Flip { byte: usize, bit: u8 },
    Cut { length: u64 },
}

/// All cases of a seed.
pub(crate) fn cases(data: &Path, seed: u64) -> Vec<Case> {
    let mut dice = Dice(seed);
    let mut cases = Vec::new();
    for (target, flips, cuts) in PLAN {
        let files = target.files(data);
        for nth in 0..flips + cuts {
            let pick = usize::try_from(dice.below(files.len() as u64)).unwrap();
            let file = files[pick].clone();
            let bytes = std::fs::read(data.join(&file)).unwrap();
            // Zeros written ahead of records are hit now and then, not nearly always.
            let used = bytes
                .iter()
                .rposition(|byte| *byte != 0)
                .map_or(1, |at| at + 1);
            let span = if dice.below(12) == 0 {
                bytes.len()
            } else {
                used
            };
            let at = usize::try_from(dice.below(span as u64)).unwrap();
            let bit = u8::try_from(dice.below(8)).unwrap();
            let damage = if nth < flips {
                Damage::Flip { byte: at, bit }
            } else {
                Damage::Cut { length: at as u64 }
            };
            let number = cases.len();
            cases.push(Case {
                number,
                target,
                file,
                damage,
            });
        }
    }
    cases
}

impl Case {
    /// A damaged copy.
    fn damaged(&self, reference: &Reference) -> tempfile::TempDir {
        let folder = reference.copy();
        self.apply(&folder.path().join("data"));
        folder
    }

    /// Records of the desk that giving up may cost: a flipped bit one, a cut whatever it cut.
    fn desk_records_lost(&self) -> usize {
        match (self.target, self.damage) {
            (Target::Desk, Damage::Flip { .. }) => 1,
            (Target::Desk, Damage::Cut { .. }) => usize::MAX / 2,
            _ => 0,
        }
    }

    /// Damages a copy.
    pub(crate) fn apply(&self, data: &Path) {
        let path = data.join(&self.file);
        match self.damage {
            Damage::Flip { byte, bit } => {
                let mut bytes = std::fs::read(&path).unwrap();
                bytes[byte] ^= 1 << bit;
                std::fs::write(&path, bytes).unwrap();
            }
            Damage::Cut { length } => {
                let file = std::fs::File::options().write(true).open(&path).unwrap();
                file.set_len(length).unwrap();
            }
        }
    }
}

/// What came of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything was as before: nothing that counts was hit, or it was made again.
    Harmless,
    /// It was refused in one line, and the way out worked.
    Refused(&'static str),
}

/// Runs one case in this process; what is wrong with it otherwise.
fn run(case: &Case, reference: &Reference) -> Result<Outcome, String> {
    let folder = case.damaged(reference);
    let data = folder.path().join("data");
    let line = match look(&data, OnLoss::Refuse) {
        Ok(Found::All(content)) if content == reference.content => return Ok(Outcome::Harmless),
        Ok(Found::All(_other)) => return Err("a silent wrong answer".to_owned()),
        Ok(Found::Loud(line)) => line,
        Err(error) => error.to_string(),
    };
    if line.contains('\n') || !WAYS.iter().any(|way| line.contains(way)) {
        return Err(format!("not one line with a way out: {line}"));
    }
    // On a copy of its own: the doctor sees what no start has touched yet.
    drop(folder);
    let folder = case.damaged(reference);
    let data = folder.path().join("data");
    let findings = doctor(&data);
    let first = findings
        .iter()
        .find(|finding| finding.severity == Severity::Damage)
        .ok_or_else(|| format!("refused ({line}), but not found: {findings:?}"))?;
    // One way out of several, another one in the next case.
    let way = &first.ways_out[case.number % first.ways_out.len()];
    if matches!(way, WayOut::Unlock) {
        return Ok(Outcome::Refused("unlock"));
    }
    let told = |what: &str| format!("{what}; told {line}; found {first:?}; did {way:?}");
    go(way, &data, reference).map_err(|error| told(&error))?;
    let content = match look(&data, OnLoss::Refuse) {
        Ok(Found::All(content)) => content,
        Ok(Found::Loud(line)) => return Err(told(&line)),
        Err(error) => return Err(told(&error.to_string())),
    };
    let is_right = match way {
        WayOut::AcceptLoss { from, to } => {
            let (left, was) = (content.blocks.len(), reference.content.blocks.len());
            let is_said = left == was || (left as u64 + 1 == *from && was as u64 == *to);
            is_said && content.is_left_of(&reference.content, case.desk_records_lost())
        }
        _ => content == reference.content,
    };
    if is_right {
        Ok(Outcome::Refused(way.name()))
    } else {
        Err(told(&format!(
            "afterwards it is something else: {}",
            content.difference(&reference.content)
        )))
    }
}

/// A refusal names at least one of these.
const WAYS: [&str; 4] = [
    "put back a copy",
    "put back the newest copy",
    "piaod reindex",
    "--accept-loss",
];

#[tokio::test]
async fn two_hundred_flipped_bits_and_sixty_four_cut_tails_give_no_silent_wrong_answer() {
    let reference = Reference::make().await;
    let cases = cases(&reference.data, SEED);
    assert_eq!(cases.len(), 264);
    let next = AtomicUsize::new(0);
    let results: Vec<(&Case, Result<Outcome, String>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS)
            .map(|_worker| {
                scope.spawn(|| {
                    let mut outcomes = Vec::new();
                    while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                        outcomes.push((case, run(case, &reference)));
                    }
                    outcomes
                })
            })
            .collect();
        let joined = workers.into_iter().map(|worker| worker.join().unwrap());
        joined.flatten().collect()
    });
    let wrong: Vec<String> = results
        .iter()
        .filter_map(|(case, result)| Some(format!("{case:?}: {}", result.as_ref().err()?)))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
    let outcomes: Vec<(Target, Outcome)> = results
        .into_iter()
        .filter_map(|(case, result)| Some((case.target, result.ok()?)))
        .collect();
    // The campaign must be able to fail: most of what it does has to be seen.
    let refused = |wanted: Target| {
        let is_refused = |(target, outcome): &&(Target, Outcome)| {
            *target == wanted && *outcome != Outcome::Harmless
        };
        outcomes.iter().filter(is_refused).count()
    };
    for (target, least) in [
        (Target::Blocks, 40),
        (Target::Keys, 12),
        (Target::Desk, 20),
        (Target::DocumentKeys, 3),
        (Target::Genesis, 8),
    ] {
        assert!(
            refused(target) >= least,
            "{target:?}: {} refused",
            refused(target)
        );
    }
    for way in ["put_back", "accept_loss"] {
        let used = outcomes
            .iter()
            .any(|(_target, outcome)| *outcome == Outcome::Refused(way));
        assert!(used, "no case used {way}");
    }
}
