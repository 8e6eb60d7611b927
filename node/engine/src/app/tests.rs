//! The loop against a scripted engine and host: who is believed, and what is never blocked.

use arc_malachitebft_app_channel::app::engine::host::{HeightParams, Next, SyncedValueOutcome};
use arc_malachitebft_app_channel::app::engine::util::events::{Event, TxEvent};
use arc_malachitebft_app_channel::app::streaming::{StreamContent, StreamId, StreamMessage};
use arc_malachitebft_app_channel::app::types::core::{
    CommitCertificate, CommitSignature, LinearTimeouts, NilOrVal, Round, SignedVote, VoteType,
};
use arc_malachitebft_app_channel::app::types::{
    MisbehaviorEvidence, ProposedValue, SignedConsensusMsg,
};
use arc_malachitebft_app_channel::{AppMsg, Channels, NetworkMsg};
use bytes::Bytes;
use piao_chain::digest::BlockId;
use piao_chain::signature::{SecretKey, Signature};
use piao_chain::validator::{Validator, ValidatorSet};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{App, AppParts, Ended};
use crate::context::{Address, Ctx, Height, Members, Vote};
use crate::host::{
    BodySource, BuiltBlock, Checked, HeightStart, HostRequest, Misconduct, UndecidedBlock,
};
use crate::parts::Publisher;
use crate::parts::{Part, PartHeader, Seal, split};
use crate::testing::{CHAIN, members, peer, secret_keys};

const BLOCK: BlockId = BlockId([0xb1; 32]);

/// The two ends of a running loop.
struct Rig {
    me: SecretKey,
    keys: Vec<SecretKey>,
    set: ValidatorSet,
    engine: mpsc::Sender<AppMsg<Ctx>>,
    network: mpsc::Receiver<NetworkMsg<Ctx>>,
    events: TxEvent<Ctx>,
    host: mpsc::Receiver<HostRequest>,
    ended: JoinHandle<Ended>,
}

impl Rig {
    /// Running at height 5, round 0.
    async fn start(validators: u8) -> Self {
        Self::start_as(validators, secret_keys(1).remove(0)).await
    }

    /// The same, as the proposer of that round.
    async fn start_in_turn(validators: u8) -> Self {
        let (proposer, _) = members(validators).proposer(5, 0);
        let mut keys = secret_keys(validators).into_iter();
        let me = keys.find(|key| key.public_key().id() == proposer).unwrap();
        Self::start_as(validators, me).await
    }

    async fn start_as(validators: u8, me: SecretKey) -> Self {
        let keys = secret_keys(validators);
        let member = |key: &SecretKey| Validator {
            public_key: key.public_key(),
            power: 1,
        };
        let set = ValidatorSet::sorted(keys.iter().map(member).collect()).unwrap();
        let (engine, consensus) = mpsc::channel(8);
        let (parts, network) = mpsc::channel(8);
        let (requests, _) = mpsc::channel(1);
        let (net_requests, _) = mpsc::channel(1);
        let (to_host, host) = mpsc::channel(8);
        let (ready, is_ready) = oneshot::channel();
        let events = TxEvent::new();
        let app = App::new(AppParts {
            chain_id: CHAIN,
            me: me.public_key().id(),
            host: to_host,
            publisher: Some(Publisher::new(parts.clone(), me.clone(), CHAIN)),
            timeouts: LinearTimeouts::default(),
            block_bytes_max: 1000,
            ready,
        });
        let channels = Channels {
            consensus,
            network: parts,
            events: events.clone(),
            requests,
            net_requests,
        };
        let ended = tokio::spawn(app.run(channels));
        let mut rig = Self {
            me,
            keys,
            set,
            engine,
            network,
            events,
            host,
            ended,
        };
        rig.get_ready().await;
        is_ready.await.unwrap();
        rig.begin_round(Vec::new()).await;
        rig
    }

    fn height(&self, height: u64) -> HeightStart {
        HeightStart {
            height,
            validators: self.set.clone(),
            target_time: None,
        }
    }

    async fn get_ready(&mut self) {
        let (reply, started) = oneshot::channel();
        self.send(AppMsg::ConsensusReady { reply }).await;
        let Some(HostRequest::Start { reply }) = self.host.recv().await else {
            panic!("asks where to start")
        };
        reply.send(self.height(5)).unwrap();
        let (height, params): (Height, HeightParams<Ctx>) = started.await.unwrap();
        assert_eq!(height.0, 5);
        assert_eq!(params.validator_set, Members::from(&self.set));
    }

    async fn begin_round(&mut self, held: Vec<UndecidedBlock>) {
        let (reply_value, known) = oneshot::channel();
        self.send(self.round_message(5, reply_value)).await;
        let Some(HostRequest::Undecided { reply, .. }) = self.host.recv().await else {
            panic!("asks for undecided blocks")
        };
        let expected = held.len();
        reply.send(held).unwrap();
        assert_eq!(known.await.unwrap().len(), expected);
    }

    fn round_message(
        &self,
        height: u64,
        reply_value: oneshot::Sender<Vec<ProposedValue<Ctx>>>,
    ) -> AppMsg<Ctx> {
        AppMsg::StartedRound {
            height: Height(height),
            round: Round::Some(0),
            proposer: Address(self.proposer(height).public_key().id()),
            role: arc_malachitebft_app_channel::app::consensus::Role::Validator,
            reply_value,
        }
    }

    async fn send(&self, message: AppMsg<Ctx>) {
        self.engine.send(message).await.unwrap();
    }

    /// The key whose turn round 0 of a height is.
    fn proposer(&self, height: u64) -> &SecretKey {
        let (id, _) = Members::from(&self.set).proposer(height, 0);
        self.keys
            .iter()
            .find(|key| key.public_key().id() == id)
            .unwrap()
    }

    fn stranger_to(&self, key: &SecretKey) -> &SecretKey {
        let id = key.public_key().id();
        self.keys
            .iter()
            .find(|other| other.public_key().id() != id)
            .unwrap()
    }

    async fn deliver(&self, part: Part) -> oneshot::Receiver<Option<ProposedValue<Ctx>>> {
        let (reply, value) = oneshot::channel();
        let id = StreamId::new(Bytes::from_static(b"stream"));
        let part = StreamMessage::new(id, 0, StreamContent::Data(part));
        let message = AppMsg::ReceivedProposalPart {
            from: peer(1),
            published_by: None,
            part,
            reply,
        };
        self.send(message).await;
        value
    }

    /// Takes the check of a body that the loop believed, and answers it.
    async fn check(&mut self, verdict: Checked) -> (u64, BodySource, Bytes) {
        let Some(HostRequest::Check {
            height,
            source,
            body,
            reply,
            ..
        }) = self.host.recv().await
        else {
            panic!("asks for a check")
        };
        reply.send(verdict).unwrap();
        (height, source, body)
    }

    async fn decide(&mut self) -> oneshot::Sender<()> {
        let (reply, _committed) = oneshot::channel();
        let certificate = certificate(5);
        let extensions = Default::default();
        self.send(AppMsg::Decided {
            certificate,
            extensions,
            reply,
        })
        .await;
        let Some(HostRequest::Commit { certificate, reply }) = self.host.recv().await else {
            panic!("asks to commit")
        };
        assert!(certificate.signatures.is_sorted());
        reply
    }

    async fn finalize(&mut self) -> oneshot::Receiver<Next<Ctx>> {
        self.finalize_with(no_evidence()).await
    }

    async fn finalize_with(
        &mut self,
        evidence: MisbehaviorEvidence<Ctx>,
    ) -> oneshot::Receiver<Next<Ctx>> {
        let (reply, next) = oneshot::channel();
        let certificate = certificate(5);
        let extensions = Default::default();
        self.send(AppMsg::Finalized {
            certificate,
            extensions,
            evidence,
            reply,
        })
        .await;
        next
    }

    async fn next(&mut self) -> oneshot::Sender<HeightStart> {
        let Some(HostRequest::Next { height: 5, reply }) = self.host.recv().await else {
            panic!("asks for the next height")
        };
        reply
    }

    fn see_vote(&self, key: &SecretKey, height: u64, chain: piao_chain::digest::ChainId) {
        let vote = Vote {
            kind: VoteType::Prevote,
            height: Height(height),
            round: Round::Some(0),
            value: NilOrVal::Nil,
            address: Address(key.public_key().id()),
        };
        let signature = vote.to_chain().unwrap().sign(key, &chain);
        let vote = SignedVote::new(vote, signature);
        self.events
            .send(|| Event::Received(SignedConsensusMsg::Vote(vote)));
    }
}

fn no_evidence() -> MisbehaviorEvidence<Ctx> {
    MisbehaviorEvidence {
        proposals: Default::default(),
        votes: Default::default(),
    }
}

fn certificate(height: u64) -> CommitCertificate<Ctx> {
    // Unsorted on purpose.
    let mut ids: Vec<_> = secret_keys(4)
        .iter()
        .map(|key| key.public_key().id())
        .collect();
    ids.sort_unstable();
    ids.reverse();
    let signature = |id| CommitSignature::new(Address(id), Signature([0; 64]));
    CommitCertificate {
        height: Height(height),
        round: Round::Some(0),
        value_id: BLOCK,
        commit_signatures: ids.into_iter().map(signature).collect(),
    }
}

fn sealed(signer: &SecretKey, claimed: &SecretKey, height: u64, body: &'static [u8]) -> Part {
    let proposer = claimed.public_key().id();
    let header = PartHeader {
        height,
        round: 0,
        valid_round: None,
        proposer,
        count: 0,
    };
    let seal = Seal::sign(signer, &CHAIN, height, 0, BLOCK);
    split(header, seal, &Bytes::from_static(body)).remove(0)
}

const VALID: Checked = Checked::Block {
    block_id: BLOCK,
    valid: true,
};

#[tokio::test]
async fn believes_a_body_that_the_proposer_of_its_round_sealed() {
    let mut rig = Rig::start(4).await;
    let proposer = rig.proposer(5).clone();
    let value = rig.deliver(sealed(&proposer, &proposer, 5, b"body")).await;
    let (height, source, body) = rig.check(VALID).await;
    assert_eq!(
        (height, source, &body[..]),
        (5, BodySource::Proposed, &b"body"[..])
    );
    let value = value.await.unwrap().unwrap();
    assert_eq!((value.height.0, value.value.0), (5, BLOCK));
    assert!(value.validity.is_valid());
}

#[tokio::test]
async fn refuses_a_body_of_a_wrong_proposer_or_with_a_wrong_seal_before_the_host_sees_it() {
    let mut rig = Rig::start(4).await;
    let proposer = rig.proposer(5).clone();
    let other = rig.stranger_to(&proposer).clone();
    let good = sealed(&proposer, &proposer, 5, b"sealed for another block");
    let other_block = Seal {
        block_id: BlockId([1; 32]),
        ..good.seal.unwrap()
    };
    let wrong = [
        sealed(&other, &other, 5, b"not the proposer"),
        sealed(&other, &proposer, 5, b"sealed by another"),
        Part {
            seal: Some(other_block),
            ..good
        },
        sealed(&proposer, &proposer, 4, b"decided long ago"),
        sealed(&proposer, &proposer, 500, b"far ahead"),
    ];
    for part in wrong {
        assert!(rig.deliver(part).await.await.unwrap().is_none());
    }
    assert!(rig.host.try_recv().is_err());
}

#[tokio::test]
async fn refuses_a_body_that_is_not_the_block_its_seal_names() {
    let mut rig = Rig::start(4).await;
    let proposer = rig.proposer(5).clone();
    for verdict in [
        Checked::Block {
            block_id: BlockId([2; 32]),
            valid: true,
        },
        Checked::Malformed,
        Checked::Unavailable,
    ] {
        let value = rig.deliver(sealed(&proposer, &proposer, 5, b"body")).await;
        rig.check(verdict).await;
        assert!(value.await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_body_of_the_next_height_waits_for_its_height_and_is_judged_then() {
    let mut rig = Rig::start(4).await;
    let proposer = rig.proposer(6).clone();
    let value = rig.deliver(sealed(&proposer, &proposer, 6, b"early")).await;
    assert!(value.await.unwrap().is_none());
    assert!(rig.host.try_recv().is_err());

    rig.decide().await.send(()).unwrap();
    let next = rig.finalize().await;
    let parked = rig.next().await;
    // The early body has shown that somebody is further: the host must not park.
    assert!(matches!(
        rig.host.recv().await,
        Some(HostRequest::PeerAhead { height: 6 })
    ));
    parked.send(rig.height(6)).unwrap();
    assert!(matches!(next.await, Ok(Next::Start(Height(6), _))));

    let (reply_value, known) = oneshot::channel();
    rig.send(rig.round_message(6, reply_value)).await;
    let Some(HostRequest::Undecided { reply, .. }) = rig.host.recv().await else {
        panic!()
    };
    reply.send(Vec::new()).unwrap();
    assert_eq!(rig.check(VALID).await.0, 6);
    assert_eq!(known.await.unwrap().len(), 1);
}

#[tokio::test]
async fn asks_for_the_next_height_only_after_the_commit_and_serves_while_it_is_parked() {
    let mut rig = Rig::start(4).await;
    let committed = rig.decide().await;
    let next = rig.finalize().await;
    // Served although the commit is not answered: the loop is not stuck in it.
    let (reply, history) = oneshot::channel();
    rig.send(AppMsg::GetHistoryMinHeight { reply }).await;
    let Some(HostRequest::HistoryMin { reply }) = rig.host.recv().await else {
        panic!()
    };
    reply.send(1).unwrap();
    assert_eq!(history.await.unwrap().0, 1);

    committed.send(()).unwrap();
    let parked = rig.next().await;
    let (reply, blocks) = oneshot::channel();
    let range = Height(1)..=Height(u64::MAX);
    rig.send(AppMsg::GetDecidedValues { range, reply }).await;
    let Some(HostRequest::DecidedBlocks {
        from: 1,
        to: 16,
        reply,
    }) = rig.host.recv().await
    else {
        panic!("a peer's range is cut")
    };
    reply.send(Vec::new()).unwrap();
    assert!(blocks.await.unwrap().is_empty());

    parked.send(rig.height(6)).unwrap();
    assert!(matches!(next.await, Ok(Next::Start(Height(6), _))));
}

#[tokio::test]
async fn only_a_validators_signature_wakes_a_parked_host() {
    let mut rig = Rig::start(4).await;
    rig.decide().await.send(()).unwrap();
    let _next = rig.finalize().await;
    let _parked = rig.next().await;
    let stranger = SecretKey::from_seed(&[99; 32]);
    let validator = rig.keys[1].clone();
    rig.see_vote(&stranger, 6, CHAIN);
    rig.see_vote(&validator, 6, piao_chain::digest::ChainId([0; 32]));
    rig.see_vote(&validator, 5, CHAIN);
    rig.see_vote(&validator, 8, CHAIN);
    // The first thing the host hears is the good vote; a second one for less says nothing new.
    assert!(matches!(
        rig.host.recv().await,
        Some(HostRequest::PeerAhead { height: 8 })
    ));
    rig.see_vote(&validator, 7, CHAIN);
    rig.see_vote(&validator, 9, CHAIN);
    assert!(matches!(
        rig.host.recv().await,
        Some(HostRequest::PeerAhead { height: 9 })
    ));
}

#[tokio::test]
async fn streams_a_built_block_sealed_and_once() {
    let mut rig = Rig::start(4).await;
    let (reply, proposed) = oneshot::channel();
    let (height, round) = (Height(5), Round::Some(0));
    let timeout = std::time::Duration::from_secs(1);
    rig.send(AppMsg::GetValue {
        height,
        round,
        timeout,
        reply,
    })
    .await;
    let Some(HostRequest::Build { reply, .. }) = rig.host.recv().await else {
        panic!()
    };
    let body = Bytes::from_static(b"ours");
    reply
        .send(Some(BuiltBlock {
            block_id: BLOCK,
            body: body.clone(),
        }))
        .unwrap();
    assert_eq!(proposed.await.unwrap().value.0, BLOCK);
    let Some(NetworkMsg::PublishProposalPart(message)) = rig.network.recv().await else {
        panic!()
    };
    let part = message.content.into_data().unwrap();
    assert_eq!(part.data, body);
    let ours = rig.me.public_key();
    assert!(part.seal.unwrap().verify(&ours, &CHAIN, &part.header));
}

#[tokio::test]
async fn streams_nothing_when_nobody_else_votes() {
    let mut rig = Rig::start(1).await;
    let (reply, proposed) = oneshot::channel();
    let (height, round) = (Height(5), Round::Some(0));
    let timeout = std::time::Duration::from_secs(1);
    rig.send(AppMsg::GetValue {
        height,
        round,
        timeout,
        reply,
    })
    .await;
    let Some(HostRequest::Build { reply, .. }) = rig.host.recv().await else {
        panic!()
    };
    reply
        .send(Some(BuiltBlock {
            block_id: BLOCK,
            body: Bytes::new(),
        }))
        .unwrap();
    proposed.await.unwrap();
    drop(rig.engine);
    assert_eq!(rig.ended.await.unwrap(), Ended::EngineClosed);
    assert!(rig.network.try_recv().is_err());
}

#[tokio::test]
async fn streams_its_own_block_again_after_a_crash() {
    let mut rig = Rig::start_in_turn(4).await;
    let proposer = rig.me.public_key().id();
    let held = UndecidedBlock {
        block_id: BLOCK,
        proposer,
        valid_round: None,
        valid: true,
    };
    rig.begin_round(vec![held]).await;
    let Some(HostRequest::Body { reply, .. }) = rig.host.recv().await else {
        panic!()
    };
    reply.send(Some(Bytes::from_static(b"ours"))).unwrap();
    assert!(rig.network.recv().await.is_some());
}

#[tokio::test]
async fn synced_blocks_are_judged_at_their_height_only_and_faults_are_told_apart() {
    let mut rig = Rig::start(4).await;
    let mut outcomes = Vec::new();
    for (height, verdict) in [
        (5, Some(VALID)),
        (5, Some(Checked::Malformed)),
        (5, Some(Checked::Unavailable)),
        (6, None),
    ] {
        let (reply, outcome) = oneshot::channel();
        rig.send(AppMsg::ProcessSyncedValue {
            height: Height(height),
            round: Round::Some(0),
            proposer: Address(rig.proposer(height).public_key().id()),
            value_bytes: Bytes::from_static(b"body"),
            reply,
        })
        .await;
        if let Some(verdict) = verdict {
            assert_eq!(rig.check(verdict).await.1, BodySource::Synced);
        }
        outcomes.push(outcome.await.unwrap());
    }
    assert!(matches!(
        outcomes[..],
        [
            SyncedValueOutcome::Verdict(_),
            SyncedValueOutcome::PeerFault,
            SyncedValueOutcome::LocalTransientError,
            SyncedValueOutcome::LocalTransientError,
        ]
    ));
}

#[tokio::test]
async fn reports_two_votes_where_one_is_allowed_with_both_signatures() {
    let mut rig = Rig::start(4).await;
    rig.decide().await.send(()).unwrap();
    let offender = rig.keys[2].clone();
    let vote = |value| {
        let vote = Vote {
            kind: VoteType::Precommit,
            height: Height(5),
            round: Round::Some(0),
            value,
            address: Address(offender.public_key().id()),
        };
        let signature = vote.to_chain().unwrap().sign(&offender, &CHAIN);
        SignedVote::new(vote, signature)
    };
    let mut evidence = no_evidence();
    evidence
        .votes
        .add(vote(NilOrVal::Nil), vote(NilOrVal::Val(BLOCK)));
    let _next = rig.finalize_with(evidence).await;
    let Some(HostRequest::Misbehaviour {
        height: 5,
        validator,
        misconduct,
    }) = rig.host.recv().await
    else {
        panic!("reports before it goes on")
    };
    assert_eq!(validator, offender.public_key().id());
    let Misconduct::DoubleVote { first, second } = misconduct else {
        panic!("two votes")
    };
    assert_ne!(first.0, second.0);
    for (vote, signature) in [first, second] {
        assert!(vote.verify(&offender.public_key(), &CHAIN, &signature));
    }
    let _parked = rig.next().await;
}

#[tokio::test]
async fn ends_when_the_host_drops_an_answer_or_skips_a_height() {
    let mut rig = Rig::start(4).await;
    drop(rig.decide().await);
    assert_eq!(rig.ended.await.unwrap(), Ended::HostGone);

    let mut rig = Rig::start(4).await;
    rig.decide().await.send(()).unwrap();
    let _next = rig.finalize().await;
    rig.next().await.send(rig.height(7)).unwrap();
    assert_eq!(rig.ended.await.unwrap(), Ended::HostGone);
}
