//! The task that serves the swarm, and the handle the node holds.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use libp2p::futures::StreamExt as _;
use libp2p::gossipsub::{Event, IdentTopic, MessageAcceptance, PublishError};
use libp2p::swarm::SwarmEvent;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, noise, tcp, yamux};
use piao_chain::digest::{ChainId, TransactionId};
use piao_chain::transaction::SignedTransaction;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use zeroize::Zeroizing;

use super::batch;
use super::behaviour::{Behaviour, BehaviourEvent, tips_topic, topic};
use super::double::is_elsewhere;
use super::intake::{Incoming, Intake, Verdict};
use super::outbox::Outbox;
use super::peers::{Came, Peers};
use super::tips::{Announcement, Tips};
use crate::clock::Clock;
use crate::mempool::Admission;
use crate::network::network_keypair;

/// How often members without a connection are dialled, and what waits for too long is announced
/// again.
const LOOK_AFTER_EVERY: Duration = Duration::from_secs(2);
/// Bytes of transactions announced again at once.
const AGAIN_BYTES_MAX: usize = 512 * 1024;
/// Batches gathered and not yet sent.
const GATHERED_MAX: usize = 16;
/// A connection without a word is kept: members stay connected.
const IDLE_TIMEOUT: Duration = Duration::from_secs(600);
/// How long the first listener may take.
const LISTEN_WITHIN: Duration = Duration::from_secs(5);

/// What gossip needs.
pub struct GossipConfig {
    /// The network.
    pub chain_id: ChainId,
    /// Seed of the network key.
    pub network_key: Zeroizing<[u8; 32]>,
    /// Where to listen, a multiaddr; port 0 takes a free one.
    pub listen: String,
    /// Where the members look for this node, when it listens elsewhere.
    pub told: Option<Multiaddr>,
    /// The node's clock.
    pub clock: Clock,
    /// The other members: who they are and where.
    pub members: Vec<(PeerId, Multiaddr)>,
}

/// Why gossip does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GossipError {
    /// Not an address.
    #[error("gossip can't listen on {address}: {reason}")]
    Listen {
        /// The address as it was given.
        address: String,
        /// Why.
        reason: String,
    },
    /// Another process answers where the members look for this one.
    #[error(
        "another process runs with this node's keys: it answers at {0}; stop it, or give this node \
         keys of its own: two of them could sign twice"
    )]
    SecondProcess(Multiaddr),
    /// The library refuses its configuration.
    #[error("gossip can't be set up: {0}")]
    Setup(String),
}

/// Running gossip. Dropping it ends it.
#[derive(Debug)]
pub struct Gossip {
    listen: Multiaddr,
    connected: Arc<AtomicUsize>,
    tips: Arc<Tips>,
    tasks: [JoinHandle<()>; 2],
}

impl Gossip {
    /// Starts gossip for a mempool; when this returns it listens.
    ///
    /// # Errors
    /// [`GossipError`].
    pub async fn start(
        config: GossipConfig,
        admission: Arc<Admission>,
    ) -> Result<Self, GossipError> {
        let mut swarm = swarm(&config)?;
        let listen = listen(&mut swarm, &config.listen).await?;
        if let Some(told) = &config.told
            && is_elsewhere(&mut swarm, told).await
        {
            return Err(GossipError::SecondProcess(told.clone()));
        }
        let (intake, verdicts) = Intake::new(Arc::clone(&admission), config.chain_id);
        let (announce, mut outbox) = Outbox::new();
        admission.announce_to(announce);
        let (gathered, batches) = mpsc::channel(GATHERED_MAX);
        let gather = tokio::spawn(async move {
            while let Some(batch) = outbox.gather().await {
                if gathered.send(batch).await.is_err() {
                    return;
                }
            }
        });
        let peers = Peers::new(config.members, Instant::now());
        for id in peers.ids().collect::<Vec<_>>() {
            swarm.behaviour_mut().allowed.allow_peer(id);
        }
        let connected = Arc::new(AtomicUsize::new(0));
        let tips = Arc::new(Tips::default());
        let serve = Serve {
            swarm,
            topic: topic(&config.chain_id),
            tips_topic: tips_topic(&config.chain_id),
            tips: Arc::clone(&tips),
            clock: config.clock,
            peers,
            intake,
            admission,
            connected: Arc::clone(&connected),
            // Two starts must not number alike, or their repetitions pass for copies.
            next_number: number_of_start(),
            waited: HashSet::new(),
        };
        let serve = tokio::spawn(serve.run(batches, verdicts));
        tracing::info!(%listen, "transaction gossip started");
        Ok(Self {
            listen,
            connected,
            tips,
            tasks: [gather, serve],
        })
    }

    /// Where it listens, with the port it really has.
    #[must_use]
    pub fn listen(&self) -> &Multiaddr {
        &self.listen
    }

    /// How far the others say they are.
    #[must_use]
    pub fn tips(&self) -> Arc<Tips> {
        Arc::clone(&self.tips)
    }

    /// Members connected, kept up to date.
    #[must_use]
    pub fn count(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.connected)
    }
}

impl Drop for Gossip {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// A number for the first batch that no earlier start has used.
fn number_of_start() -> u64 {
    let mut bytes = [0; 8];
    // Without randomness repetitions may pass for copies, and are repeated again later.
    if getrandom::fill(&mut bytes).is_err() {
        tracing::warn!("the system gives no randomness");
    }
    u64::from_be_bytes(bytes)
}

fn swarm(config: &GossipConfig) -> Result<Swarm<Behaviour>, GossipError> {
    let keypair = network_keypair(&config.network_key);
    let setup = |error: &dyn core::fmt::Display| GossipError::Setup(error.to_string());
    let behaviour = Behaviour::new(&keypair, &config.chain_id).map_err(|error| setup(&error))?;
    let swarm = SwarmBuilder::with_existing_identity(keypair)
        .with_tokio()
        .with_tcp(
            tcp::Config::default().nodelay(true),
            noise::Config::new,
            yamux::Config::default,
        )
        .map_err(|error| setup(&error))?
        .with_behaviour(|_keypair| behaviour)
        .map_err(|error| setup(&error))?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
        .build();
    Ok(swarm)
}

/// Listens, and waits until it does.
async fn listen(swarm: &mut Swarm<Behaviour>, address: &str) -> Result<Multiaddr, GossipError> {
    let failed = |reason: String| GossipError::Listen {
        address: address.to_owned(),
        reason,
    };
    let wanted: Multiaddr = address.parse().map_err(|_source| {
        failed("write /ip4/ADDRESS/tcp/PORT or /ip6/ADDRESS/tcp/PORT".to_owned())
    })?;
    swarm
        .listen_on(wanted)
        .map_err(|error| failed(error.to_string()))?;
    let listening = async {
        loop {
            match swarm.select_next_some().await {
                SwarmEvent::NewListenAddr { address, .. } => return Ok(address),
                SwarmEvent::ListenerClosed { reason, .. } => {
                    let reason = reason.err().map(|error| error.to_string());
                    return Err(reason.unwrap_or_else(|| "it was closed".to_owned()));
                }
                SwarmEvent::ListenerError { error, .. } => return Err(error.to_string()),
                _ => {}
            }
        }
    };
    let listening = tokio::time::timeout(LISTEN_WITHIN, listening).await;
    listening
        .unwrap_or_else(|_elapsed| Err("it takes too long".to_owned()))
        .map_err(failed)
}

/// The task's own state.
struct Serve {
    swarm: Swarm<Behaviour>,
    topic: IdentTopic,
    tips_topic: IdentTopic,
    clock: Clock,
    tips: Arc<Tips>,
    peers: Peers,
    intake: Intake,
    admission: Arc<Admission>,
    connected: Arc<AtomicUsize>,
    next_number: u64,
    /// What waited at the last look already.
    waited: HashSet<TransactionId>,
}

impl Serve {
    async fn run(
        mut self,
        mut batches: mpsc::Receiver<Vec<SignedTransaction>>,
        mut verdicts: mpsc::Receiver<Verdict>,
    ) {
        let mut look_after = tokio::time::interval(LOOK_AFTER_EVERY);
        look_after.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => self.on_event(event),
                Some(batch) = batches.recv() => self.announce(&batch),
                Some(verdict) = verdicts.recv() => self.on_verdict(&verdict),
                _ = look_after.tick() => self.look_after(),
            }
        }
    }

    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, .. } => {
                match self.peers.came(&peer_id, Instant::now()) {
                    Came::First => {
                        tracing::debug!(%peer_id, "a member is connected");
                        // Others may have missed what waits here.
                        self.announce_waiting();
                    }
                    Came::Beside => {}
                    Came::Anew => self.begin_anew(peer_id),
                }
                self.note_connected();
            }
            SwarmEvent::ConnectionClosed { peer_id, .. } => {
                if self.peers.went(&peer_id) {
                    self.begin_anew(peer_id);
                }
                self.note_connected();
            }
            SwarmEvent::Behaviour(BehaviourEvent::Gossipsub(Event::Message {
                propagation_source,
                message_id,
                message,
            })) if message.topic == self.tips_topic.hash() => {
                let told = message
                    .source
                    .is_some_and(|member| self.note_tip(member, &message.data));
                let acceptance = match told {
                    true => MessageAcceptance::Accept,
                    false => MessageAcceptance::Reject,
                };
                self.report(&message_id, &propagation_source, acceptance);
            }
            SwarmEvent::Behaviour(BehaviourEvent::Gossipsub(Event::Message {
                propagation_source,
                message_id,
                message,
            })) => {
                let incoming = Incoming {
                    id: message_id,
                    from: propagation_source,
                    bytes: message.data,
                };
                self.on_batch(incoming);
            }
            _ => {}
        }
    }

    fn on_batch(&mut self, incoming: Incoming) {
        let fits = self
            .peers
            .charge(&incoming.from, incoming.bytes.len(), Instant::now());
        let let_go = if fits {
            self.intake.take(incoming)
        } else {
            Some(incoming)
        };
        if let Some(Incoming { id, from, .. }) = let_go {
            self.report(&id, &from, MessageAcceptance::Ignore);
        }
    }

    fn on_verdict(&mut self, verdict: &Verdict) {
        let Verdict {
            id,
            from,
            acceptance,
        } = verdict;
        match acceptance {
            MessageAcceptance::Reject => {
                tracing::warn!(peer = %from, "a peer sent what no honest node sends");
                if self.peers.misbehaved(from, Instant::now()) {
                    self.send_away(*from);
                }
            }
            MessageAcceptance::Accept => self.peers.behaved(from),
            MessageAcceptance::Ignore => {}
        }
        self.report(id, from, copy(acceptance));
    }

    fn report(
        &mut self,
        id: &libp2p::gossipsub::MessageId,
        from: &PeerId,
        acceptance: MessageAcceptance,
    ) {
        let gossipsub = &mut self.swarm.behaviour_mut().gossipsub;
        // `false` for one that is not remembered any more: nothing is left to do.
        let _known = gossipsub.report_message_validation_result(id, from, acceptance);
    }

    fn send_away(&mut self, peer: PeerId) {
        tracing::warn!(%peer, "the peer is sent away for a while");
        self.swarm.behaviour_mut().allowed.disallow_peer(peer);
        // It may be gone already.
        let _gone = self.swarm.disconnect_peer_id(peer);
    }

    /// Ends every connection of a member that has one which the other side does not know of. What we
    /// listen to is told on the first connection only: a member that has started anew would never
    /// hear it on a second, and would send us nothing. Either side dials at its next look.
    fn begin_anew(&mut self, peer: PeerId) {
        tracing::debug!(%peer, "a member has lost a connection: it begins anew");
        let _gone = self.swarm.disconnect_peer_id(peer);
    }

    fn look_after(&mut self) {
        let now = Instant::now();
        for peer in self.peers.returning(now) {
            self.swarm.behaviour_mut().allowed.allow_peer(peer);
        }
        for (peer, address) in self.peers.to_dial(now) {
            let options = DialOpts::peer_id(peer)
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .addresses(vec![address])
                .build();
            // A peer that is not there is dialled again at the next look.
            drop(self.swarm.dial(options));
        }
        self.announce_again();
        let own = Announcement {
            height: self.admission.height(),
            time_ms: self.clock.now().ms(),
        };
        let gossipsub = &mut self.swarm.behaviour_mut().gossipsub;
        // Nobody may be there to hear it; the next look tells it again.
        drop(gossipsub.publish(self.tips_topic.clone(), own.encode()));
    }

    fn note_tip(&self, member: PeerId, bytes: &[u8]) -> bool {
        let now = (Instant::now(), self.clock.now().ms());
        self.tips.note(member, bytes, now)
    }

    fn note_connected(&self) {
        self.connected
            .store(self.peers.connected(), Ordering::Relaxed);
    }

    /// Announces what waited at the last look already: its batch was lost, or nobody leads.
    fn announce_again(&mut self) {
        let waiting = self.admission.pool().candidates(AGAIN_BYTES_MAX);
        let again: Vec<_> = waiting
            .iter()
            .filter(|one| self.waited.contains(&one.id()))
            .cloned()
            .collect();
        self.waited = waiting.iter().map(SignedTransaction::id).collect();
        self.announce(&again);
    }

    fn announce_waiting(&mut self) {
        let waiting = self.admission.pool().candidates(AGAIN_BYTES_MAX);
        self.announce(&waiting);
    }

    fn announce(&mut self, transactions: &[SignedTransaction]) {
        let mut rest = transactions;
        while !rest.is_empty() {
            let (bytes, count) = batch::encode(self.next_number, rest);
            self.next_number = self.next_number.wrapping_add(1);
            // At least one always fits; a batch of none must not go on for ever.
            rest = rest.get(count.max(1)..).unwrap_or_default();
            let gossipsub = &mut self.swarm.behaviour_mut().gossipsub;
            match gossipsub.publish(self.topic.clone(), bytes) {
                Ok(_) | Err(PublishError::NoPeersSubscribedToTopic) => {}
                // It waits in the pool and is announced again.
                Err(error) => tracing::debug!(%error, "a batch was not sent"),
            }
        }
    }
}

fn copy(acceptance: &MessageAcceptance) -> MessageAcceptance {
    match acceptance {
        MessageAcceptance::Accept => MessageAcceptance::Accept,
        MessageAcceptance::Reject => MessageAcceptance::Reject,
        MessageAcceptance::Ignore => MessageAcceptance::Ignore,
    }
}
