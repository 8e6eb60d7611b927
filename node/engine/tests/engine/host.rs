//! A host in memory. What it keeps behind [`Store`] stands for what a node keeps on disk.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use piao_chain::certificate::CommitCertificate;
use piao_chain::codec;
use piao_chain::digest::{BlockId, Tag, hash};
use piao_chain::signature::KeyId;
use piao_chain::validator::ValidatorSet;
use piao_engine::{
    Answer, BuiltBlock, Checked, HeightStart, HostRequest, Misconduct, UndecidedBlock,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, mpsc, watch};

/// The block of these tests.
#[derive(Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) height: u64,
    pub(crate) parent: BlockId,
    pub(crate) builder: KeyId,
    pub(crate) payload: Vec<u8>,
}

struct Held {
    block: UndecidedBlock,
    round: u32,
    body: Bytes,
}

#[derive(Default)]
struct Disk {
    chain: Vec<(Bytes, CommitCertificate)>,
    undecided: BTreeMap<(u64, BlockId), Held>,
}

/// When the host starts a next height.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Only while it has work, or a peer is ahead.
    OnDemand,
    /// Until this height is decided; from then on never.
    Until(u64),
    /// Dies when a block is decided, before keeping it.
    DieOnCommit,
}

/// Survives a restart of the engine.
#[derive(Clone)]
pub(crate) struct Store {
    disk: Arc<Mutex<Disk>>,
    work: Arc<Mutex<VecDeque<Vec<u8>>>>,
    wake: Arc<Notify>,
    tip: watch::Sender<u64>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            disk: Arc::default(),
            work: Arc::default(),
            wake: Arc::default(),
            tip: watch::Sender::new(0),
        }
    }

    pub(crate) fn submit(&self, payload: &[u8]) {
        self.work.lock().unwrap().push_back(payload.to_vec());
        self.wake.notify_one();
    }

    pub(crate) fn tip(&self) -> watch::Receiver<u64> {
        self.tip.subscribe()
    }

    pub(crate) fn chain(&self) -> Vec<(Bytes, CommitCertificate)> {
        self.disk().chain.clone()
    }

    pub(crate) fn holds(&self, height: u64, block_id: BlockId) -> bool {
        self.disk().undecided.contains_key(&(height, block_id))
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.disk.lock().unwrap()
    }
}

impl Disk {
    fn tip(&self) -> (u64, BlockId) {
        let last = self.chain.last();
        last.map_or((0, BlockId::NONE), |(_, proof)| {
            (proof.height, proof.block_id)
        })
    }

    fn body(&self, height: u64, block_id: BlockId) -> Option<Bytes> {
        let held = self
            .undecided
            .get(&(height, block_id))
            .map(|held| held.body.clone());
        held.or_else(|| {
            let (body, proof) = self
                .chain
                .get(usize::try_from(height).ok()?.checked_sub(1)?)?;
            (proof.block_id == block_id).then(|| body.clone())
        })
    }
}

pub(crate) fn id_of(body: &[u8]) -> BlockId {
    BlockId(hash(Tag::BlockId, body))
}

/// The engine may be on its way out: then nobody wants the answer.
fn give<T>(reply: Answer<T>, value: T) {
    drop(reply.send(value).err());
}

/// Serves one engine.
pub(crate) struct Host {
    pub(crate) store: Store,
    pub(crate) pace: Pace,
    pub(crate) me: KeyId,
    pub(crate) validators: ValidatorSet,
    /// Bytes of padding in each block.
    pub(crate) padding: usize,
    pub(crate) misconduct: mpsc::UnboundedSender<Misconduct>,
}

impl Host {
    pub(crate) async fn serve(self, mut requests: mpsc::Receiver<HostRequest>) {
        let mut parked: Option<Answer<HeightStart>> = None;
        loop {
            tokio::select! {
                request = requests.recv() => match request {
                    Some(HostRequest::Next { reply, .. }) => parked = Some(reply),
                    Some(HostRequest::PeerAhead { .. }) => self.go_on(&mut parked),
                    Some(request) => {
                        if self.answer(request).is_none() {
                            return;
                        }
                    }
                    None => return,
                },
                () = self.store.wake.notified() => {}
            }
            if self.has_work() {
                self.go_on(&mut parked);
            }
        }
    }

    fn has_work(&self) -> bool {
        match self.pace {
            Pace::OnDemand | Pace::DieOnCommit => !self.store.work.lock().unwrap().is_empty(),
            Pace::Until(height) => self.store.disk().tip().0 < height,
        }
    }

    fn go_on(&self, parked: &mut Option<Answer<HeightStart>>) {
        if let Some(reply) = parked.take() {
            give(reply, self.next_height());
        }
    }

    fn next_height(&self) -> HeightStart {
        let height = self.store.disk().tip().0 + 1;
        HeightStart {
            height,
            validators: self.validators.clone(),
            target_time: None,
        }
    }

    /// `None` kills the host.
    fn answer(&self, request: HostRequest) -> Option<()> {
        match request {
            HostRequest::Start { reply } => give(reply, self.next_height()),
            HostRequest::Undecided {
                height,
                round,
                reply,
            } => {
                give(reply, self.undecided(height, round));
            }
            HostRequest::Build {
                height,
                round,
                reply,
                ..
            } => {
                give(reply, Some(self.build(height, round)));
            }
            HostRequest::Check {
                height,
                round,
                valid_round,
                proposer,
                body,
                reply,
                ..
            } => {
                let known = UndecidedBlock {
                    block_id: id_of(&body),
                    proposer,
                    valid_round,
                    valid: true,
                };
                give(reply, self.check(height, round, known, body));
            }
            HostRequest::Body {
                height,
                block_id,
                reply,
            } => {
                give(reply, self.store.disk().body(height, block_id));
            }
            HostRequest::Commit { certificate, reply } => {
                if self.pace == Pace::DieOnCommit {
                    return None;
                }
                self.commit(certificate);
                give(reply, ());
            }
            HostRequest::DecidedBlocks { from, to, reply } => {
                let chain = self.store.chain().into_iter();
                let wanted = chain.filter(|(_, proof)| (from..=to).contains(&proof.height));
                give(reply, wanted.collect());
            }
            HostRequest::HistoryMin { reply } => give(reply, 1),
            HostRequest::Misbehaviour { misconduct, .. } => {
                self.misconduct.send(misconduct).unwrap();
            }
            HostRequest::Next { .. } | HostRequest::PeerAhead { .. } => unreachable!(),
        }
        Some(())
    }

    fn undecided(&self, height: u64, round: u32) -> Vec<UndecidedBlock> {
        let disk = self.store.disk();
        let of_height = disk.undecided.iter().filter(|((at, _), _)| *at == height);
        of_height
            .filter(|(_, held)| held.round == round)
            .map(|(_, held)| held.block)
            .collect()
    }

    fn build(&self, height: u64, round: u32) -> BuiltBlock {
        let mut disk = self.store.disk();
        let before = disk.undecided.iter().find(|((at, _), held)| {
            *at == height && held.round == round && held.block.proposer == self.me
        });
        if let Some(((_, block_id), held)) = before {
            return BuiltBlock {
                block_id: *block_id,
                body: held.body.clone(),
            };
        }
        let mut payload = self
            .store
            .work
            .lock()
            .unwrap()
            .front()
            .cloned()
            .unwrap_or_default();
        payload.resize(payload.len() + self.padding, 0x5a);
        let parent = disk.tip().1;
        let body = Bytes::from(codec::encode(&Body {
            height,
            parent,
            builder: self.me,
            payload,
        }));
        let block_id = id_of(&body);
        let block = UndecidedBlock {
            block_id,
            proposer: self.me,
            valid_round: None,
            valid: true,
        };
        disk.undecided.insert(
            (height, block_id),
            Held {
                block,
                round,
                body: body.clone(),
            },
        );
        BuiltBlock { block_id, body }
    }

    fn check(&self, height: u64, round: u32, known: UndecidedBlock, body: Bytes) -> Checked {
        let Ok(decoded) = codec::decode::<Body>(&body) else {
            return Checked::Malformed;
        };
        let mut disk = self.store.disk();
        let valid = decoded.height == height && (height - 1, decoded.parent) == disk.tip();
        let block_id = known.block_id;
        if valid {
            let held = Held {
                block: known,
                round,
                body,
            };
            disk.undecided.entry((height, block_id)).or_insert(held);
        }
        Checked::Block { block_id, valid }
    }

    fn commit(&self, certificate: CommitCertificate) {
        let mut disk = self.store.disk();
        let height = certificate.height;
        let body = disk
            .body(height, certificate.block_id)
            .expect("a decided body is here");
        let decoded: Body = codec::decode(&body).unwrap();
        disk.chain.push((body, certificate));
        disk.undecided.retain(|(at, _), _| *at > height);
        self.store
            .work
            .lock()
            .unwrap()
            .retain(|work| !decoded.payload.starts_with(work));
        self.store.tip.send_replace(height);
    }
}
