//! A run from beginning to end: up, load, break, heal, settle, look, judge.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use piao_api::client::Client;
use piao_chain::proof::TrustRoot;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::act::{self, Happened};
use super::checks::judge;
use super::fleet::{Fleet, Programs};
use super::format::Scenario;
use super::load::{self, Desk, Offered};
use super::plan::{Act, latecomers, plan};
use super::report::{Counts, NodeFigures, Report, Versions};
use super::settle::{Settled, settle};
use super::watch::Watcher;
use super::world::{ByzantineSeen, Recovery, World};
use super::{ScenarioError, canary, evidence, logs, observe, other};
use crate::crash::{Dice, TopUps, lock, totals};

/// What pays for any number of invoices of a run.
const TOP_UP: &str = "100000.00";
/// A network that is not ready to issue by then is not.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// How often a state that nobody announces is asked for.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// Key of the call that must become final after the healing.
const PROBE: &str = "after-the-healing";
/// Beyond what is allowed, the chain is waited for so long, to say how late it was.
const LATE_BY: Duration = Duration::from_secs(60);

/// A load lasts so many times its duration, at most, to reach the height that is asked for.
const LONGER_MAX: u32 = 5;

/// How a scenario is run.
pub(crate) struct Setting {
    pub(crate) programs: Programs,
    pub(crate) dir: PathBuf,
    pub(crate) keep: bool,
    pub(crate) report: Option<PathBuf>,
    pub(crate) seed: u64,
    /// The command that runs it again.
    pub(crate) again: String,
}

/// Runs a scenario; an error when an invariant is broken.
pub(crate) async fn perform(scenario: &Scenario, setting: &Setting) -> Result<(), ScenarioError> {
    std::fs::create_dir_all(&setting.dir).map_err(ScenarioError::io(&setting.dir))?;
    let folder = tempfile::Builder::new()
        .prefix("piao-run-")
        .tempdir_in(&setting.dir)
        .map_err(ScenarioError::io(&setting.dir))?;
    let began = Instant::now();
    let started_at = SystemTime::now().duration_since(UNIX_EPOCH);
    let ran = Run::up(scenario, setting, folder.path()).await;
    let ran = match ran {
        Ok(run) => run.finish(scenario, setting).await,
        Err(error) => Err(error),
    };
    let mut report = match ran {
        Ok(report) => report,
        Err(error) => {
            let what = error.to_string();
            let data = folder.keep();
            return Err(ScenarioError::Failed { what, data });
        }
    };
    report.took_s = began.elapsed().as_secs_f64();
    let started_at = started_at.unwrap_or_default().as_millis();
    report.started_at_ms = u64::try_from(started_at).unwrap_or(u64::MAX);
    let count = report.broken();
    report.passed = count == 0;
    let kept = (setting.keep || count > 0).then(|| folder.keep());
    report.data = kept.as_ref().map(|data| data.display().to_string());
    if let Some(path) = &setting.report {
        report.write(path)?;
    }
    report
        .print()
        .map_err(ScenarioError::io(Path::new("stdout")))?;
    match kept {
        Some(data) if count > 0 => Err(ScenarioError::Broken {
            count,
            data,
            again: setting.again.clone(),
        }),
        _ => Ok(()),
    }
}

/// A network that runs, ready to be broken.
struct Run {
    fleet: Arc<Fleet>,
    desk: Desk,
    root: TrustRoot,
    opening: BTreeMap<u32, i64>,
    top_ups: TopUps,
    watcher: Watcher,
}

/// What happened until the network was whole again.
struct Ordeal {
    steps: Vec<Happened>,
    offered: Offered,
    settled: Settled,
    recovery: Recovery,
}

impl Run {
    /// Makes the network and starts it, but for those that join later.
    async fn up(
        scenario: &Scenario,
        setting: &Setting,
        folder: &Path,
    ) -> Result<Self, ScenarioError> {
        let fleet = Fleet::make(&setting.programs, folder, scenario, setting.seed).await?;
        let fleet = Arc::new(fleet);
        let late = latecomers(scenario);
        let mut starts = tokio::task::JoinSet::new();
        for at in (0..fleet.len()).filter(|at| !late.contains(at)) {
            let (fleet, clock) = (Arc::clone(&fleet), scenario.clocks.get(at).cloned());
            starts.spawn(async move {
                let mut node = fleet.hold(at).await?;
                node.set_clock(clock.flatten());
                node.start().await
            });
        }
        while let Some(started) = starts.join_next().await {
            started.map_err(|error| other(error.to_string()))??;
        }
        let client = fleet.clients.get(scenario.validators).cloned();
        let client = client.ok_or_else(|| other("there is no merchant's node"))?;
        ready(&client).await?;
        let opening = observe::opening(&client).await?;
        let mut top_ups = TopUps::default();
        for account in crate::crash::SELLERS {
            top_ups.ask(&client, account, TOP_UP).await?;
        }
        let mark = Dice::new(setting.seed, u64::MAX - 2).next();
        Ok(Self {
            root: observe::trust_root(&client).await?,
            desk: Desk {
                client,
                promises: Arc::default(),
                canary: scenario.load.canary.then(|| format!("zq{mark:016x}")),
            },
            opening,
            top_ups,
            watcher: Watcher::start(&fleet),
            fleet,
        })
    }

    async fn finish(
        mut self,
        scenario: &Scenario,
        setting: &Setting,
    ) -> Result<Report, ScenarioError> {
        let ordeal = self.ordeal(scenario, setting).await?;
        self.look(scenario, setting, ordeal).await
    }

    /// Breaks the network under load, heals it, and settles what is in doubt.
    async fn ordeal(
        &mut self,
        scenario: &Scenario,
        setting: &Setting,
    ) -> Result<Ordeal, ScenarioError> {
        let (stop, stopped) = watch::channel(false);
        let load = load::run(self.desk.clone(), scenario.load, setting.seed, stopped);
        let load = tokio::spawn(load);
        let began = Instant::now();
        self.watcher.with(|seen| seen.growth.begin(began));
        let events = plan(scenario, setting.seed);
        let steps = act::perform(&self.fleet, events, began).await?;
        sleep_until(began + scenario.heal.at).await;
        self.fleet.proxy.heal();
        self.fleet.check_alive().await;
        let mut recovery = self.recover(scenario).await?;
        sleep_until(began + scenario.duration).await;
        self.until_height(scenario, began).await;
        stop.send_replace(true);
        let offered = load.await.map_err(|error| other(error.to_string()))?;
        let mut settled = settle(&self.desk).await;
        let credited = self.top_ups.settle(&self.desk.client, true).await;
        settled.unknown.extend(credited.err());
        recovery.unknown.clone_from(&settled.unknown);
        Ok(Ordeal {
            steps,
            offered,
            settled,
            recovery,
        })
    }

    /// Goes on with the load until the height that is asked for, within bounds: a busy machine makes
    /// fewer blocks in the same time.
    async fn until_height(&self, scenario: &Scenario, began: Instant) {
        let deadline = began + scenario.duration * LONGER_MAX;
        let is_there = || self.watcher.with(|seen| seen.growth.height()) >= scenario.heights;
        while !is_there() && Instant::now() < deadline {
            sleep(ASK_EVERY).await;
        }
    }

    /// Times how soon the chain grows after the healing: a call of its own must become final.
    async fn recover(&self, scenario: &Scenario) -> Result<Recovery, ScenarioError> {
        let healed = Instant::now();
        let mut tip = self.watcher.with(|seen| {
            let tops = seen.peaks.iter().map(|peak| peak.top);
            tops.max().unwrap_or(0)
        });
        // What was sampled may be old.
        for client in &self.fleet.clients {
            if let Ok(now) = client.chain().await {
                tip = tip.max(now.height);
            }
        }
        let desk = self.desk.clone();
        let probe = tokio::spawn(async move { desk.issue(1, PROBE, 1).await });
        let within = scenario.heal.liveness_within;
        let deadline = healed + within + LATE_BY;
        let mut recovery = Recovery {
            liveness_within: within,
            ..Recovery::default()
        };
        while Instant::now() < deadline {
            let now = self.desk.client.chain().await;
            if now.is_ok_and(|now| now.height > tip) {
                recovery.new_height_after = Some(healed.elapsed());
                break;
            }
            sleep(ASK_EVERY).await;
        }
        // Whatever became of it is settled with the rest.
        probe.await.map_err(|error| other(error.to_string()))?;
        if observe::level(&self.fleet).await.is_some() {
            recovery.level_after = Some(healed.elapsed());
        }
        Ok(recovery)
    }

    /// Reads everything, stops all nodes, and judges.
    async fn look(
        self,
        scenario: &Scenario,
        setting: &Setting,
        mut ordeal: Ordeal,
    ) -> Result<Report, ScenarioError> {
        let (fleet, desk) = (&self.fleet, &self.desk);
        let level = observe::level(fleet).await;
        let acknowledged = observe::acknowledged(&lock(&desk.promises));
        let mut world = World::default();
        if let Some(height) = level {
            let all = fleet.clients.iter().zip(&fleet.layout.nodes).enumerate();
            for (at, (client, node)) in all.filter(|(at, _node)| fleet.is_honest(*at)) {
                let mut seen = observe::node(client, &node.name, height).await?;
                seen.at = at;
                world.nodes.push(seen);
            }
        } else {
            ordeal.recovery.level_after = None;
        }
        let looked =
            observe::invoices(fleet, desk, &self.root, &acknowledged, setting.seed).await?;
        world.accounts = observe::accounts(&desk.client, &self.opening, &self.top_ups).await?;
        (world.read, world.proofs) = (looked.count, looked.count);
        (world.torn, world.unproved) = (looked.torn, looked.unproved);
        world
            .contradictions
            .clone_from(&lock(&desk.promises).broken);
        world.acknowledged = acknowledged;
        let evidence = evidence::on_chain(&desk.client).await;
        fleet.check_alive().await;
        stop(fleet).await;
        world.byzantine = self.byzantine(evidence.as_deref());
        self.look_at_files(&mut world, &ordeal.steps, scenario)?;
        ordeal.recovery.faults = fleet.faults();
        world.recovery = ordeal.recovery.clone();
        world.recovery.height = level.unwrap_or(0);
        world.recovery.heights = scenario.heights;
        let invariants = judge(&world, &scenario.invariants);
        let mut nodes = Vec::new();
        for (at, node) in fleet.layout.nodes.iter().enumerate() {
            let starts = fleet.starts(at).await;
            let peak = self.watcher.with(|seen| seen.peaks.get(at).copied());
            let peak = peak.unwrap_or_default();
            let ms = |took: &Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            nodes.push(NodeFigures {
                name: node.name.clone(),
                starts: starts.len(),
                ready_ms: starts.iter().map(ms).collect(),
                rss_peak_mib: peak.rss_bytes / (1024 * 1024),
                descriptors_peak: peak.descriptors,
            });
        }
        Ok(Report {
            scenario: scenario.name.clone(),
            seed: setting.seed,
            versions: Versions {
                testnet: env!("CARGO_PKG_VERSION"),
                piaod: version(&setting.programs.piaod).await,
            },
            backend: "proxy",
            started_at_ms: 0,
            took_s: 0.0,
            again: setting.again.clone(),
            passed: false,
            invariants,
            counts: self.counts(&ordeal, level.unwrap_or(0)),
            steps: ordeal.steps,
            stalls: self.watcher.with(|seen| seen.growth.stalls()),
            nodes,
            byzantine: world.byzantine,
            acknowledged: world.acknowledged,
            data: None,
        })
    }

    fn counts(&self, ordeal: &Ordeal, height: u64) -> Counts {
        let (keys, acknowledged, refusals) = load::figures(&self.desk.promises);
        let seconds = |took: Option<Duration>| took.map(|took| took.as_secs_f64());
        Counts {
            calls: ordeal.offered.calls,
            calls_left_out: ordeal.offered.left_out,
            keys,
            acknowledged,
            refusals,
            settled: ordeal.settled.clone(),
            height,
            new_height_after_s: seconds(ordeal.recovery.new_height_after),
            level_after_s: seconds(ordeal.recovery.level_after),
            proxy: self.fleet.proxy.carried(),
        }
    }

    /// What those did that were to break the rules, by their own logs.
    fn byzantine(&self, evidence: Option<&str>) -> Vec<ByzantineSeen> {
        let layout = &self.fleet.layout;
        let mut all = Vec::new();
        for (entry, vices) in layout.nodes.iter().zip(&self.fleet.vices) {
            let Some(vices) = vices else {
                continue;
            };
            let mut seen = ByzantineSeen {
                name: entry.name.clone(),
                is_silent: vices.silent,
                equivocates: vices.equivocates(),
                spoils_blocks: vices.invalid_blocks.is_some(),
                ..ByzantineSeen::default()
            };
            let log = std::fs::read(layout.log(entry)).unwrap_or_default();
            logs::read_byzantine(&mut seen, &String::from_utf8_lossy(&log));
            seen.is_on_chain = evidence.map(|evidence| evidence.contains(&seen.id));
            all.push(seen);
        }
        all
    }

    /// Logs, memory, what was sampled, and where a canary may have gone. All nodes are stopped.
    fn look_at_files(
        &self,
        world: &mut World,
        steps: &[Happened],
        scenario: &Scenario,
    ) -> Result<(), ScenarioError> {
        let layout = &self.fleet.layout;
        let mut leaks = Vec::new();
        for (at, entry) in layout.nodes.iter().enumerate() {
            let path = layout.log(entry);
            if let Some(node) = world.nodes.iter_mut().find(|node| node.at == at) {
                let log = std::fs::read(&path).unwrap_or_default();
                logs::read_honest(node, &String::from_utf8_lossy(&log));
                node.wiped = steps.iter().filter(|step| step.wiped(at)).count();
                self.watcher.with(|seen| {
                    let peak = seen.peaks.get(at).copied().unwrap_or_default();
                    (node.rss_bytes, node.descriptors) = (peak.rss_bytes, peak.descriptors);
                });
            }
            let Some(canary) = &self.desk.canary else {
                continue;
            };
            let mut places = vec![path];
            // The first merchant's node keeps what is private.
            if at != scenario.validators {
                places.push(layout.data(entry));
            }
            for place in places.iter().filter(|place| place.exists()) {
                let found = canary::holding(place, canary.as_bytes());
                let found = found.map_err(ScenarioError::io(place))?;
                leaks.extend(found.iter().map(|file| file.display().to_string()));
            }
        }
        world.leaks = self.desk.canary.is_some().then_some(leaks);
        world.history = self.watcher.with(|seen| {
            let history = seen.history.iter();
            history
                .map(|(height, ids)| (*height, ids.keys().cloned().collect()))
                .collect()
        });
        Ok(())
    }
}

impl Happened {
    /// Whether it wiped a node.
    fn wiped(&self, at: usize) -> bool {
        matches!(self.act(), Act::Wipe { nodes } if nodes.contains(&at))
    }
}

/// Waits until every sample account is there and what was minted lies in accounts.
async fn ready(client: &Client) -> Result<(), ScenarioError> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        if is_ready(client).await {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(other(format!(
                "the network can't issue within {READY_WITHIN:?}"
            )));
        }
        sleep(ASK_EVERY).await;
    }
}

async fn is_ready(client: &Client) -> bool {
    let Ok(opening) = observe::opening(client).await else {
        return false;
    };
    let held: i64 = opening.values().sum();
    let sellers = crate::crash::SELLERS.iter();
    let funded = sellers
        .filter_map(|one| opening.get(one))
        .all(|fen| *fen > 0);
    funded && totals(client).await.is_ok_and(|now| now.minted_fen == held)
}

/// Stops every node as an operator would; what does not go well is a fault.
async fn stop(fleet: &Arc<Fleet>) {
    let mut stops = tokio::task::JoinSet::new();
    for at in 0..fleet.len() {
        let fleet = Arc::clone(fleet);
        stops.spawn(async move {
            let stopped = match fleet.hold(at).await {
                Ok(mut node) => node.terminate().await,
                Err(error) => Err(error),
            };
            if let Err(error) = stopped {
                fleet.fault(error.to_string());
            }
        });
    }
    while stops.join_next().await.is_some() {}
}

/// What the node's program says of itself.
async fn version(piaod: &Path) -> serde_json::Value {
    let said = Command::new(piaod)
        .args(["version", "--json"])
        .output()
        .await;
    let said = said.map(|output| output.stdout).unwrap_or_default();
    let mut version: serde_json::Value = serde_json::from_slice(&said).unwrap_or_default();
    if let Some(version) = version.as_object_mut() {
        // A long list of names that tell nothing here.
        version.remove("crash_points");
    }
    version
}
