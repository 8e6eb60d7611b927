//! A network under test: its data directory, its promises, and the node that runs on it now.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use piao_api::client::Client;
use piao_chain::proof::{TrustRoot, TrustRootEnvelope};

use super::blocks::Walked;
use super::conservation::Opening;
use super::dice::Dice;
use super::load::{Load, Plan, lock};
use super::node::{Launch, Node, Start};
use super::promises::Promises;
use super::report::Figures;
use super::top_ups::TopUps;
use super::{CrashError, other};

/// What pays for any number of invoices of a run.
const FIRST_TOP_UP: &str = "100000.00";

/// Amount of a top-up in the middle of a load.
const SMALL_TOP_UP: &str = "1.00";

/// What a run is asked for, whatever it does.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The node's program.
    pub(crate) program: PathBuf,
    /// Folder the data directory is made in.
    pub(crate) dir: PathBuf,
    /// What every choice follows from.
    pub(crate) seed: u64,
}

/// A network under test.
pub(crate) struct World {
    pub(crate) launch: Launch,
    pub(crate) promises: Arc<Mutex<Promises>>,
    pub(crate) top_ups: TopUps,
    pub(crate) opening: Opening,
    pub(crate) walked: Walked,
    pub(crate) dice: Dice,
    pub(crate) figures: Figures,
    /// Pinned at the first start, as a verifier does.
    pub(crate) root: TrustRoot,
    /// Invoices that were looked at after a crash already.
    pub(crate) checked: std::collections::BTreeSet<String>,
    /// Removed when all is well, kept when a promise was broken.
    folder: Option<tempfile::TempDir>,
    seed: u64,
    rounds: u64,
}

impl World {
    /// Makes a network in a new folder, and stops it in order.
    pub(crate) async fn new(setting: &Setting) -> Result<Self, CrashError> {
        let folder = tempfile::Builder::new()
            .prefix("piao-crash-")
            .tempdir_in(&setting.dir)?;
        let launch = Launch {
            program: setting.program.clone(),
            wrapper: Vec::new(),
            data: folder.path().join("data"),
            log: folder.path().join("piaod.log"),
            seed: setting.seed,
            environment: Vec::new(),
        };
        let mut world = Self::on(launch, setting.seed).await?;
        world.folder = Some(folder);
        Ok(world)
    }

    /// Makes a network where it is told to.
    pub(crate) async fn on(launch: Launch, seed: u64) -> Result<Self, CrashError> {
        let node = match launch.start().await? {
            Start::Ready(node) => node,
            Start::Died(_status) => return Err(other(launch.last_words())),
        };
        let client = Client::new(node.url(), None)?;
        let envelope: TrustRootEnvelope = serde_json::from_slice(&client.trust_root().await?)
            .map_err(|error| other(error.to_string()))?;
        let root = TrustRoot::open(&envelope).map_err(|error| other(error.to_string()))?;
        let opening = Opening::read(&client).await?;
        let mut top_ups = TopUps::default();
        for account in super::draft::SELLERS {
            top_ups.ask(&client, account, FIRST_TOP_UP).await?;
        }
        let mut walked = Walked::default();
        walked.walk(&client).await?;
        node.terminate().await?;
        Ok(Self {
            launch,
            promises: Arc::default(),
            top_ups,
            opening,
            walked,
            dice: Dice::new(seed, 0),
            figures: Figures::default(),
            root,
            checked: std::collections::BTreeSet::new(),
            folder: None,
            seed,
            rounds: 0,
        })
    }

    /// Starts the node; one that does not come up has broken every promise, and says so.
    pub(crate) async fn start(&mut self) -> Result<Option<(Node, Client)>, CrashError> {
        match self.launch.start().await? {
            Start::Ready(node) => {
                self.figures.ready_after(node.ready_after());
                let client = Client::new(node.url(), None)?;
                Ok(Some((*node, client)))
            }
            Start::Died(status) => {
                let words = self.launch.last_words();
                let line = format!("the node does not start ({status}): {words}");
                lock(&self.promises).breach(line);
                Ok(None)
            }
        }
    }

    /// Starts clients with keys of their own.
    pub(crate) fn load(&mut self, client: &Client, clients: usize, calls_max: u64) -> Load {
        self.rounds += 1;
        let plan = Plan {
            clients,
            calls_max,
            duplicates_percent: 10,
            round: self.rounds,
            seed: self.seed,
        };
        Load::start(client, &self.promises, plan)
    }

    /// Asks for a top-up in the middle of whatever goes on.
    pub(crate) async fn top_up(&mut self, client: &Client) -> Result<(), CrashError> {
        let account = super::draft::SELLERS[self.dice.at(super::draft::SELLERS.len())];
        self.top_ups.ask(client, account, SMALL_TOP_UP).await
    }

    /// Whether a promise was broken.
    pub(crate) fn is_broken(&self) -> bool {
        !lock(&self.promises).broken.is_empty()
    }

    /// Whether the log shows a panic; each is a broken promise.
    pub(crate) fn check_log(&self) {
        let log = self.launch.log_text();
        let panics = log.lines().filter(|line| line.contains("panicked"));
        let mut promises = lock(&self.promises);
        for line in panics {
            promises.breach(format!("a panic in the node's log: {line}"));
        }
    }

    /// Ends the run: what was broken, and the figures. The folder stays when something was.
    pub(crate) fn finish(mut self) -> (Vec<String>, Figures) {
        self.check_log();
        let promises = lock(&self.promises);
        self.figures.promised = promises.promised_count();
        self.figures.keys = promises.entries().count();
        self.figures.refusals.clone_from(&promises.refusals);
        let mut broken = promises.broken.clone();
        drop(promises);
        if !broken.is_empty()
            && let Some(folder) = self.folder.take()
        {
            broken.push(format!("the data is kept in {}", folder.keep().display()));
        }
        (broken, self.figures)
    }
}

/// The node's program: the one asked for, or the one beside this program.
pub(crate) fn program(asked: Option<&Path>) -> Result<PathBuf, CrashError> {
    let own = std::env::current_exe()?;
    let beside = own.parent().unwrap_or_else(|| Path::new(".")).join("piaod");
    let program = asked.map_or(beside, Path::to_path_buf);
    if program.exists() {
        Ok(std::path::absolute(program)?)
    } else {
        Err(other(format!(
            "there is no {}; name it with --piaod",
            program.display()
        )))
    }
}

/// A moment too short to see, so that a signal does not always land right after an answer.
pub(crate) async fn a_moment(dice: &mut Dice) {
    tokio::time::sleep(Duration::from_micros(dice.below(4_000))).await;
}
