//! Nodes made of a real engine and a host in memory.

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use piao_chain::digest::ChainId;
use piao_chain::signature::SecretKey;
use piao_chain::validator::{Validator, ValidatorSet};
use piao_engine::{Closed, Engine, EngineConfig, EngineError, Misconduct, Timeouts};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use crate::host::{Host, Pace, Store};

pub(crate) const CHAIN: ChainId = ChainId([0x42; 32]);

/// Every wait of these tests.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

pub(crate) fn key(number: u8) -> SecretKey {
    SecretKey::from_seed(&[number; 32])
}

pub(crate) fn validators(count: u8) -> ValidatorSet {
    let member = |number| Validator {
        public_key: key(number).public_key(),
        power: 1,
    };
    ValidatorSet::sorted((1..=count).map(member).collect()).unwrap()
}

/// Free ports, so that nodes can know each other before they start.
pub(crate) fn addresses(count: usize) -> Vec<String> {
    let listeners: Vec<_> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    listeners
        .iter()
        .map(|listener| format!("/ip4/127.0.0.1/tcp/{}", port(listener)))
        .collect()
}

pub(crate) struct Setup<'a> {
    pub(crate) home: &'a Path,
    /// 1-based; names the keys.
    pub(crate) number: u8,
    pub(crate) votes: bool,
    pub(crate) validators: ValidatorSet,
    pub(crate) listen: String,
    pub(crate) peers: Vec<String>,
    pub(crate) padding: usize,
}

impl<'a> Setup<'a> {
    /// The only validator of its network, on a free port.
    pub(crate) fn alone(home: &'a Path) -> Self {
        Self {
            home,
            number: 1,
            votes: true,
            validators: validators(1),
            listen: "/ip4/127.0.0.1/tcp/0".to_owned(),
            peers: Vec::new(),
            padding: 0,
        }
    }

    pub(crate) fn wal_path(&self) -> std::path::PathBuf {
        self.home.join(format!("{}/consensus.wal", self.number))
    }

    pub(crate) fn config(&self) -> EngineConfig {
        EngineConfig {
            chain_id: CHAIN,
            moniker: format!("node-{}", self.number),
            wal_path: self.wal_path(),
            listen: self.listen.clone(),
            only_persistent_peers: false,
            persistent_peers: self.peers.clone(),
            network_key: Zeroizing::new([self.number ^ 0x80; 32]),
            validator_key: self.votes.then(|| key(self.number)),
            signed: piao_engine::SignedPrecommits::default(),
            block_bytes_max: 512 * 1024,
            timeouts: Timeouts::default(),
            status_update_interval: Duration::from_millis(200),
        }
    }

    pub(crate) async fn start(&self, store: &Store, pace: Pace) -> Node {
        self.try_start(store, pace).await.unwrap()
    }

    pub(crate) async fn try_start(&self, store: &Store, pace: Pace) -> Result<Node, EngineError> {
        let (requests, served) = mpsc::channel(16);
        let (misconduct, seen) = mpsc::unbounded_channel();
        let host = Host {
            store: store.clone(),
            pace,
            me: key(self.number).public_key().id(),
            validators: self.validators.clone(),
            padding: self.padding,
            misconduct,
        };
        let serving = tokio::spawn(host.serve(served));
        let engine = piao_engine::start(self.config(), requests).await?;
        Ok(Node {
            engine,
            store: store.clone(),
            serving,
            misconduct: seen,
        })
    }
}

pub(crate) struct Node {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) misconduct: mpsc::UnboundedReceiver<Misconduct>,
    serving: JoinHandle<()>,
}

impl Node {
    /// Waits until this height is committed.
    pub(crate) async fn reach(&self, height: u64) {
        let mut tip = self.store.tip();
        let reached = tip.wait_for(|tip| *tip >= height);
        tokio::time::timeout(DEADLINE, reached)
            .await
            .expect("in time")
            .unwrap();
    }

    pub(crate) async fn shutdown(mut self) {
        tokio::time::timeout(DEADLINE, self.engine.shutdown())
            .await
            .expect("in time");
        assert_eq!(self.engine.closed().await, Closed::Shutdown);
        assert!(self.engine.is_finished());
        // Another engine may listen there at once.
        let port = self.engine.listen().rsplit('/').next().unwrap();
        let free = TcpListener::bind(("127.0.0.1", port.parse().unwrap()));
        assert!(free.is_ok(), "the port is not free: {free:?}");
        assert!(
            self.misconduct.try_recv().is_err(),
            "nobody misbehaves in these tests"
        );
        self.serving.await.unwrap();
    }
}

/// A network of validators that know each other.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Node>,
    _home: TempDir,
}

impl Cluster {
    pub(crate) async fn start(count: u8, pace: Pace, padding: usize) -> Self {
        let home = TempDir::new().unwrap();
        let addresses = addresses(usize::from(count));
        let mut nodes = Vec::new();
        for (number, listen) in (1..=count).zip(&addresses) {
            let setup = Setup {
                home: home.path(),
                number,
                votes: true,
                validators: validators(count),
                listen: listen.clone(),
                peers: addresses
                    .iter()
                    .filter(|peer| *peer != listen)
                    .cloned()
                    .collect(),
                padding,
            };
            nodes.push(setup.start(&Store::new(), pace).await);
        }
        Self { nodes, _home: home }
    }

    pub(crate) async fn reach(&self, height: u64) {
        for node in &self.nodes {
            node.reach(height).await;
        }
    }

    /// Stops everybody and gives each node's blocks.
    pub(crate) async fn stop(self) -> Vec<Store> {
        let mut stores = Vec::new();
        for node in self.nodes {
            stores.push(node.store.clone());
            node.shutdown().await;
        }
        stores
    }
}
