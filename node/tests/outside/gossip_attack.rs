//! A member that turned against the others, and a stranger, speaking to a node's gossip by hand.

use std::time::{Duration, Instant};

use libp2p::futures::StreamExt as _;
use libp2p::gossipsub::{self, ConfigBuilder, IdentTopic, MessageAuthenticity, MessageId};
use libp2p::identity::Keypair;
use libp2p::swarm::SwarmEvent;
use libp2p::{Multiaddr, PeerId, Swarm, SwarmBuilder, noise, tcp, yamux};
use piao_node::keys::{Keyring, UnlockSecret};
use piao_node::network::{Member, MemberList};

use crate::members::{GO_ON_WITHIN, Members};

/// What a node may grow by under attack, in MiB.
const GROWTH_MIB_MAX: u64 = 64;
/// Copies of one batch that are thrown at a node.
const COPIES: u32 = 100_000;

/// What it may take to send them: each is signed and read on a machine that does much else.
const SENT_WITHIN: Duration = Duration::from_secs(600);

/// What a node may take to tell a new peer what it listens to.
const TOLD_WITHIN: Duration = Duration::from_secs(10);

/// A hand-made peer.
struct Attacker {
    swarm: Swarm<gossipsub::Behaviour>,
    topic: IdentTopic,
    victim: PeerId,
    sent: u64,
}

impl Attacker {
    /// A peer under a network key, connected to a node; what became of it when it is not let in.
    async fn connect(key: &[u8; 32], chain_id: &str, victim: &Member) -> Result<Self, String> {
        let mut seed = *key;
        let keypair = Keypair::ed25519_from_bytes(&mut seed).unwrap();
        // Every message is another one, however alike, and as large as it likes.
        let config = ConfigBuilder::default()
            .protocol_id_prefix("/piao/gossip")
            .max_transmit_size(4 * 1024 * 1024)
            .message_id_fn(|message| {
                MessageId::new(&message.sequence_number.unwrap_or(0).to_be_bytes())
            })
            .build()
            .unwrap();
        let authenticity = MessageAuthenticity::Signed(keypair.clone());
        let behaviour = gossipsub::Behaviour::new(authenticity, config).unwrap();
        let mut swarm = SwarmBuilder::with_existing_identity(keypair)
            .with_tokio()
            .with_tcp(
                tcp::Config::default(),
                noise::Config::new,
                yamux::Config::default,
            )
            .unwrap()
            .with_behaviour(|_key| behaviour)
            .unwrap()
            .with_swarm_config(|config| config.with_idle_connection_timeout(GO_ON_WITHIN))
            .build();
        let topic = IdentTopic::new(format!("piao/{chain_id}/transactions/1"));
        swarm.behaviour_mut().subscribe(&topic).unwrap();
        let address: Multiaddr = victim.gossip.parse().unwrap();
        swarm.dial(address).unwrap();
        let mut attacker = Self {
            swarm,
            topic,
            victim: victim.peer().unwrap(),
            sent: 0,
        };
        attacker.until_subscribed().await?;
        Ok(attacker)
    }

    /// The same as a member does it that was connected before: dialling again until it is let in.
    async fn come_back(key: &[u8; 32], chain_id: &str, victim: &Member) -> Self {
        let deadline = Instant::now() + GO_ON_WITHIN;
        loop {
            match Self::connect(key, chain_id, victim).await {
                Ok(attacker) => return attacker,
                Err(why) => assert!(Instant::now() < deadline, "not let in again: {why}"),
            }
        }
    }

    /// Waits until the node has taken us in and told what it listens to.
    async fn until_subscribed(&mut self) -> Result<(), String> {
        let deadline = tokio::time::sleep(TOLD_WITHIN);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                event = self.swarm.select_next_some() => match event {
                    SwarmEvent::Behaviour(gossipsub::Event::Subscribed { .. }) => return Ok(()),
                    refused @ (SwarmEvent::ConnectionClosed { .. }
                    | SwarmEvent::OutgoingConnectionError { .. }) => {
                        return Err(format!("{refused:?}"));
                    }
                    _ => {}
                },
                () = &mut deadline => return Err(format!("no word within {TOLD_WITHIN:?}")),
            }
        }
    }

    /// Sends bytes as a batch, as fast as they are taken; whether the node still listens to us.
    async fn send(&mut self, bytes: &[u8], times: u32) -> bool {
        let deadline = Instant::now() + SENT_WITHIN;
        for _time in 0..times {
            // A full queue is emptied by letting the swarm work.
            while self
                .swarm
                .behaviour_mut()
                .publish(self.topic.clone(), bytes)
                .is_err()
            {
                if !self.swarm.is_connected(&self.victim) {
                    return false;
                }
                assert!(Instant::now() < deadline, "not sent within {SENT_WITHIN:?}");
                self.work(Duration::from_millis(5)).await;
            }
            self.sent += 1;
        }
        self.work(Duration::from_millis(200)).await;
        self.swarm.is_connected(&self.victim)
    }

    async fn work(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Some(left) = end.checked_duration_since(Instant::now()) {
            let _event = tokio::time::timeout(left, self.swarm.next()).await;
        }
    }
}

/// The network key of a member that is not running.
fn network_key(members: &Members, at: usize) -> [u8; 32] {
    let data = members.data(at);
    let unlock = UnlockSecret::read(&data.join("unlock")).unwrap();
    let keyring = Keyring::open(&data.join("keys"), &unlock).unwrap();
    *keyring.load_bytes("network").unwrap()
}

#[tokio::test]
async fn a_member_that_sends_garbage_is_sent_away_and_honest_traffic_goes_on() {
    let mut members = Members::joined(4, 1);
    for at in 0..5 {
        members.start(at);
    }
    members.until_registered().await;
    members.issue("before").await;
    let list = MemberList::read(&members.data(0).join("members.json")).unwrap();
    let chain_id = members.desk().client.chain().await.unwrap().chain_id;
    let key = network_key(&members, 5);
    let before = members.nodes[0].as_ref().unwrap().memory_peak_mib();

    // Nobody who is no member is let in at all.
    let stranger = Attacker::connect(&[7; 32], &chain_id, &list.members[0]).await;
    assert!(stranger.is_err(), "a stranger was let in");

    let mut attacker = Attacker::connect(&key, &chain_id, &list.members[0])
        .await
        .unwrap();
    // Copies of one batch cost a digest each, and never a place in a queue.
    let copies = attacker.send(&[1; 600], COPIES).await;
    members.issue("under-copies").await;
    assert!(copies, "copies alone are no reason to end a connection");
    // Too large for a frame: the stream ends, and nothing comes through it any more.
    attacker.send(&vec![1; 1024 * 1024], 1).await;
    drop(attacker);
    // Garbage, each another: after a few the member is sent away.
    let mut attacker = Attacker::come_back(&key, &chain_id, &list.members[0]).await;
    let mut listens = true;
    for number in 0..64_u32 {
        let mut bytes = vec![1; 64];
        bytes.extend_from_slice(&number.to_be_bytes());
        listens = listens && attacker.send(&bytes, 1).await;
    }
    assert!(!listens, "it listens on");
    members.issue("after-garbage").await;
    let node = members.nodes[0].as_ref().unwrap();
    let growth = node.memory_peak_mib().saturating_sub(before);
    assert!(growth < GROWTH_MIB_MAX, "it grew by {growth} MiB");
    let log = node.log();
    assert!(log.contains("the peer is sent away"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    let height = members.desk().client.chain().await.unwrap().height;
    members.until_level(height).await;
}

#[tokio::test]
async fn a_member_that_starts_anew_before_its_end_was_noticed_is_spoken_with_again() {
    let mut members = Members::joined(1, 1);
    members.start(0);
    let list = MemberList::read(&members.data(0).join("members.json")).unwrap();
    let node = members.nodes[0].as_ref().unwrap();
    let chain_id = node.client.chain().await.unwrap().chain_id;
    let key = network_key(&members, 2);
    let mut before = Attacker::come_back(&key, &chain_id, &list.members[0]).await;
    // Longer than two sides that dial each other at once may take.
    before.work(Duration::from_secs(6)).await;
    // As after a power cut: the node has a connection whose other end is no more. What comes anew is
    // told what the node listens to, or would never send it anything.
    Attacker::come_back(&key, &chain_id, &list.members[0]).await;
    drop(before);
}
