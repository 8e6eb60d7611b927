//! Several nodes as one network, made by the ceremony of strangers' machines.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use piao_api::client::{ClientError, IssueOptions, Issued};
use piao_chain::genesis::Network;
use piao_chain::state::Fees;
use piao_node::clock::Clock;
use piao_node::network::Role;
use piao_node::network::ceremony::{self, Create, Init};

use crate::process::{Node, draft, final_invoice, key, piaod};

/// What a network that heals may take to go on.
pub(crate) const GO_ON_WITHIN: Duration = Duration::from_secs(60);
/// What an invoice may take to become final in a network, on a machine that has other work.
pub(crate) const FINAL_WITHIN: Duration = Duration::from_secs(30);
/// How often a node is asked for what it announces to nobody.
const ASK_EVERY: Duration = Duration::from_millis(20);

/// Nodes that vote, then the one that holds the authority and issues, then those that only follow.
pub(crate) struct Members {
    folder: tempfile::TempDir,
    pub(crate) nodes: Vec<Option<Node>>,
    validators: usize,
}

/// Where one member lies.
pub(crate) fn init(data: &Path, roles: &[Role]) -> PathBuf {
    let [consensus, gossip] = addresses();
    let init = Init {
        data: data.to_owned(),
        unlock_path: data.join("unlock"),
        moniker: data.file_name().unwrap().to_str().unwrap().to_owned(),
        roles: roles.to_vec(),
        consensus,
        gossip,
        seed: None,
    };
    ceremony::init(&init).unwrap()
}

/// Puts a network together in a folder.
pub(crate) fn create(members: &[PathBuf], out: &Path) {
    let create = Create {
        members: members.to_vec(),
        out: out.to_owned(),
        network: Network::Test,
        threshold: 1,
        fees: Fees {
            issue_fen: 10,
            failure_fen: 0,
        },
        channel: 7,
        seed: None,
    };
    ceremony::create(&create, &Clock::with_offset_ms(0)).unwrap();
}

/// Two addresses that nobody else listens on, now or when a node starts again: ports that the system
/// hands out, on a loopback address of this process alone. Connections that are made on this machine
/// start from 127.0.0.1 and can't take them meanwhile.
fn addresses() -> [String; 2] {
    let [_, a, b, c] = std::process::id().to_be_bytes();
    let own = Ipv4Addr::new(127, a | 0x80, b, c);
    let held = [(); 2].map(|()| TcpListener::bind((own, 0)).unwrap());
    held.each_ref().map(|listener| {
        let port = listener.local_addr().unwrap().port();
        format!("/ip4/{own}/tcp/{port}")
    })
}

impl Members {
    /// A network whose nodes have joined and are not started.
    pub(crate) fn joined(validators: usize, followers: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let count = validators + 1 + followers;
        let data = |at: usize| folder.path().join(format!("node-{at}"));
        let mut files = Vec::new();
        for at in 0..count {
            let roles: &[Role] = match at {
                at if at < validators => &[Role::Validator],
                at if at == validators => &[Role::Authority, Role::SampleMerchants],
                _ => &[],
            };
            files.push(init(&data(at), roles));
        }
        let shared = folder.path().join("network");
        create(&files, &shared);
        let authority = data(validators);
        ceremony::sign(&authority, &authority.join("unlock"), &shared).unwrap();
        for at in 0..count {
            ceremony::join(&data(at), &data(at).join("unlock"), &shared).unwrap();
        }
        Self {
            nodes: (0..count).map(|_at| None).collect(),
            folder,
            validators,
        }
    }

    /// A network that runs, with its sample merchants registered.
    pub(crate) async fn up(validators: usize, followers: usize) -> Self {
        let mut members = Self::joined(validators, followers);
        for at in 0..members.nodes.len() {
            members.start(at);
        }
        members.until_registered().await;
        members
    }

    /// Waits until the sample merchants can issue.
    pub(crate) async fn until_registered(&self) {
        let desk = &self.desk().client;
        until(async || desk.account(Some(2)).await.is_ok()).await;
    }

    pub(crate) fn data(&self, at: usize) -> PathBuf {
        self.folder.path().join(format!("node-{at}"))
    }

    /// The folder of the network's files, as they were shared.
    pub(crate) fn shared(&self) -> PathBuf {
        self.folder.path().join("network")
    }

    /// Starts a node that is not running.
    pub(crate) fn start(&mut self, at: usize) {
        let data = self.data(at);
        let mut command = piaod("run", &data);
        command.args(["--log", "warn"]);
        self.nodes[at] = Some(Node::start(&data, command));
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self, at: usize) {
        self.nodes[at].take().unwrap().kill();
    }

    /// The node that issues.
    pub(crate) fn desk(&self) -> &Node {
        self.nodes[self.validators].as_ref().unwrap()
    }

    /// Issues an invoice that must become final in time; its number.
    pub(crate) async fn issue(&self, name: &str) -> String {
        match self.try_issue(name, FINAL_WITHIN).await {
            Ok(issued) => final_invoice(issued).document.number,
            Err(error) => panic!("{name}: {error}"),
        }
    }

    /// Asks for an invoice and waits so long for it to become final.
    pub(crate) async fn try_issue(
        &self,
        name: &str,
        wait: Duration,
    ) -> Result<Issued, ClientError> {
        let options = IssueOptions {
            account: Some(1),
            timeout: Some(wait),
            ..IssueOptions::default()
        };
        let draft = draft(|draft| draft["order_ref"] = name.into());
        self.desk().client.issue(draft, &key(name), &options).await
    }

    /// Waits until every running node is at the same height, at least this one, with the same block.
    pub(crate) async fn until_level(&self, height: u64) {
        until(async || {
            let mut tips = Vec::new();
            for node in self.nodes.iter().flatten() {
                // One that starts anew is not there for a moment.
                let Ok(tip) = node.client.chain().await else {
                    return false;
                };
                tips.push(tip);
            }
            let first = &tips[0];
            first.height >= height
                && tips
                    .iter()
                    .all(|tip| tip.height == first.height && tip.block_id == first.block_id)
        })
        .await;
    }

    /// The ids of all blocks up to a height, the same on every running node.
    pub(crate) async fn agreed_blocks(&self, height: u64) -> Vec<String> {
        let mut agreed: Option<Vec<String>> = None;
        for node in self.nodes.iter().flatten() {
            let mut ids = Vec::new();
            for at in 1..=height {
                ids.push(
                    answered(async || node.client.block(at).await)
                        .await
                        .block_id,
                );
            }
            let before = agreed.get_or_insert_with(|| ids.clone());
            assert_eq!(*before, ids, "two blocks at one height");
        }
        agreed.unwrap()
    }
}

/// An answer from a node that may just be starting anew: one that votes again, or with another key,
/// says so first and is away for a moment after that.
pub(crate) async fn answered<T>(mut ask: impl AsyncFnMut() -> Result<T, ClientError>) -> T {
    let deadline = Instant::now() + GO_ON_WITHIN;
    loop {
        match ask().await {
            Err(ClientError::Unreachable(_)) if Instant::now() < deadline => {
                tokio::time::sleep(ASK_EVERY).await;
            }
            answer => return answer.unwrap(),
        }
    }
}

/// Waits until something holds, within a deadline.
pub(crate) async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + GO_ON_WITHIN;
    while !holds().await {
        assert!(Instant::now() < deadline, "not within {GO_ON_WITHIN:?}");
        tokio::time::sleep(ASK_EVERY).await;
    }
}
