//! The verbs of `piao-testnet crash`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::power::Cuts;
use super::report::Report;
use super::world::{Setting, program};
use super::{CrashError, kill, points, power, storm, syscalls};

/// How the node is made to crash.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CrashVerb {
    /// kill -9 at random moments under load.
    Kill {
        /// How often.
        #[arg(long, default_value_t = 200)]
        rounds: usize,
        /// Calls in flight at once.
        #[arg(long, default_value_t = 8)]
        clients: usize,
        /// Answers after which the node is killed, at most.
        #[arg(long, default_value_t = 60)]
        answers: u64,
        #[command(flatten)]
        common: Common,
    },
    /// Death at every named crash point. Needs a piaod built with --features piao-node/crash-points.
    Points {
        /// Times that each is died at again, at a later passing.
        #[arg(long, default_value_t = 1)]
        again: usize,
        #[command(flatten)]
        common: Common,
    },
    /// Death at every system call of an invoice. Needs strace.
    Syscalls {
        #[command(flatten)]
        common: Common,
    },
    /// Many clients, a tenth of the calls duplicates, a kill in each round.
    Storm {
        /// How many rounds.
        #[arg(long, default_value_t = 10)]
        rounds: usize,
        /// Calls in flight at once.
        #[arg(long, default_value_t = 50)]
        clients: usize,
        /// Calls of a round.
        #[arg(long, default_value_t = 1_000)]
        calls: u64,
        #[command(flatten)]
        common: Common,
    },
    /// Power cuts on a disk of its own. Needs root.
    Power {
        /// How many.
        #[arg(long, default_value_t = 50)]
        cuts: usize,
        /// Calls in flight at once.
        #[arg(long, default_value_t = 8)]
        clients: usize,
        /// Run the node under eatmydata, so that no sync does anything.
        #[arg(long)]
        eatmydata: bool,
        /// Succeed only if a promise was broken: shows that this harness sees it.
        #[arg(long)]
        expect_loss: bool,
        #[command(flatten)]
        common: Common,
    },
}

/// What every verb takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct Common {
    /// What every choice follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for the data directory; removed afterwards. Must be on a disk, not in memory.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// The node's program; by default the one beside this program.
    #[arg(long)]
    piaod: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Common {
    fn setting(&self) -> Result<Setting, CrashError> {
        Ok(Setting {
            program: program(self.piaod.as_deref())?,
            dir: std::path::absolute(&self.dir)?,
            seed: self.seed,
        })
    }
}

/// Runs a verb; an error when a promise was broken.
pub(crate) async fn run(verb: CrashVerb) -> Result<(), CrashError> {
    let (name, options, common, expect_loss) = verb.described();
    let setting = common.setting()?;
    let world = match verb {
        CrashVerb::Kill {
            rounds,
            clients,
            answers,
            ..
        } => kill::run(&setting, rounds, clients, answers).await?,
        CrashVerb::Points { again, .. } => points::run(&setting, again).await?,
        CrashVerb::Syscalls { .. } => syscalls::run(&setting).await?,
        CrashVerb::Storm {
            rounds,
            clients,
            calls,
            ..
        } => storm::run(&setting, rounds, clients, calls).await?,
        CrashVerb::Power {
            cuts,
            clients,
            eatmydata,
            ..
        } => {
            let cuts = Cuts {
                cuts,
                clients,
                eatmydata,
            };
            power::run(&setting, cuts).await?
        }
    };
    let (broken, figures) = world.finish();
    let count = broken.len();
    let piaod = setting.program.display();
    let seed = setting.seed;
    let again = format!("piao-testnet crash {name}{options} --seed {seed} --piaod {piaod}");
    Report::new(name, again.clone(), broken, figures).print(common.json)?;
    match (count, expect_loss) {
        (0, false) | (1.., true) => Ok(()),
        (0, true) => Err(CrashError::NothingLost),
        (count, false) => Err(CrashError::Broken { count, again }),
    }
}

impl CrashVerb {
    /// Name, options as they are typed, what every verb takes, and whether a loss is wanted.
    fn described(&self) -> (&'static str, String, Common, bool) {
        let (name, options, common, expect_loss) = match self {
            Self::Kill {
                rounds,
                clients,
                answers,
                common,
            } => {
                let options = format!(" --rounds {rounds} --clients {clients} --answers {answers}");
                ("kill", options, common, false)
            }
            Self::Points { again, common } => {
                ("points", format!(" --again {again}"), common, false)
            }
            Self::Syscalls { common } => ("syscalls", String::new(), common, false),
            Self::Storm {
                rounds,
                clients,
                calls,
                common,
            } => {
                let options = format!(" --rounds {rounds} --clients {clients} --calls {calls}");
                ("storm", options, common, false)
            }
            Self::Power {
                cuts,
                clients,
                eatmydata,
                expect_loss,
                common,
            } => {
                let mut options = format!(" --cuts {cuts} --clients {clients}");
                if *eatmydata {
                    options.push_str(" --eatmydata");
                }
                ("power", options, common, *expect_loss)
            }
        };
        (name, options, common.clone(), expect_loss)
    }
}
