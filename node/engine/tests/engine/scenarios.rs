//! The scenarios.

use piao_chain::certificate::CommitCertificate;
use piao_chain::codec;
use piao_chain::digest::BlockId;
use piao_chain::validator::ValidatorSet;
use piao_engine::{Closed, EngineError, inspect_wal};
use tempfile::TempDir;

use crate::cluster::{CHAIN, Cluster, DEADLINE, Setup, addresses, key, validators};
use crate::host::{Body, Pace, Store, id_of};

/// Every block follows the one before and carries a certificate that checks without an engine.
pub(crate) fn assert_is_a_chain(store: &Store, length: usize, set: &ValidatorSet) {
    let chain = store.chain();
    assert_eq!(chain.len(), length);
    let mut parent = BlockId::NONE;
    for ((body, proof), height) in chain.iter().zip(1..) {
        let decoded: Body = codec::decode(body).unwrap();
        assert_eq!((decoded.height, decoded.parent), (height, parent));
        assert_eq!((proof.height, proof.block_id), (height, id_of(body)));
        assert_eq!(proof.verify(&CHAIN, set), Ok(()));
        parent = proof.block_id;
    }
}

fn proven_ids(store: &Store, count: usize) -> Vec<BlockId> {
    let chain = store.chain();
    chain
        .iter()
        .take(count)
        .map(|(_, proof): &(_, CommitCertificate)| proof.block_id)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_validator_decides_a_block_for_each_piece_of_work() {
    let home = TempDir::new().unwrap();
    let setup = Setup::alone(home.path());
    let node = setup.start(&Store::new(), Pace::OnDemand).await;
    // The first height starts unasked; each piece of work wakes a parked engine once.
    node.reach(1).await;
    for height in 2..=20_u8 {
        node.store.submit(&[height]);
        node.reach(u64::from(height)).await;
    }
    let store = node.store.clone();
    node.shutdown().await;
    assert_is_a_chain(&store, 20, &setup.validators);
    let payloads = store.chain().into_iter().map(|(body, _)| {
        let decoded: Body = codec::decode(&body).unwrap();
        decoded.payload
    });
    let expected = std::iter::once(vec![]).chain((2..=20_u8).map(|height| vec![height]));
    assert!(payloads.eq(expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_validators_decide_the_same_blocks() {
    let cluster = Cluster::start(4, Pace::Until(12), 0).await;
    cluster.reach(12).await;
    let stores = cluster.stop().await;
    for store in &stores {
        assert_is_a_chain(store, 12, &validators(4));
        assert_eq!(proven_ids(store, 12), proven_ids(&stores[0], 12));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_of_several_parts_arrive_whole() {
    let cluster = Cluster::start(4, Pace::Until(4), 300 * 1024).await;
    cluster.reach(4).await;
    for store in cluster.stop().await {
        assert_is_a_chain(&store, 4, &validators(4));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_at_one_node_wakes_a_parked_network() {
    let cluster = Cluster::start(4, Pace::OnDemand, 0).await;
    cluster.reach(1).await;
    for (node, height) in (0..4).zip(2..) {
        cluster.nodes[node].store.submit(&[7]);
        cluster.reach(height).await;
    }
    let stores = cluster.stop().await;
    for store in &stores {
        assert_eq!(proven_ids(store, 5), proven_ids(&stores[0], 5));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_validator_goes_on_at_the_next_height() {
    let home = TempDir::new().unwrap();
    let setup = Setup::alone(home.path());
    let us = key(1).public_key().id();
    assert_eq!(inspect_wal(&setup.wal_path(), &us).unwrap(), None);

    let node = setup.start(&Store::new(), Pace::Until(5)).await;
    node.reach(5).await;
    let store = node.store.clone();
    node.shutdown().await;
    let wal = inspect_wal(&setup.wal_path(), &us).unwrap().unwrap();
    assert_eq!((wal.height, wal.signed, wal.damage), (5, true, None));
    assert_eq!(wal.blocks, [store.chain()[4].1.block_id]);

    let node = setup.start(&store, Pace::Until(9)).await;
    node.reach(9).await;
    node.shutdown().await;
    assert_is_a_chain(&store, 9, &setup.validators);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_block_decided_in_the_moment_of_a_crash_is_decided_again() {
    let home = TempDir::new().unwrap();
    let setup = Setup::alone(home.path());
    let us = key(1).public_key().id();
    let node = setup.start(&Store::new(), Pace::DieOnCommit).await;
    let closed = tokio::time::timeout(DEADLINE, node.engine.closed()).await;
    assert_eq!(closed, Ok(Closed::HostGone));
    let store = node.store.clone();

    // What a node must find out before it votes again: the log holds a vote, and its body is here.
    let wal = inspect_wal(&setup.wal_path(), &us).unwrap().unwrap();
    assert_eq!((wal.height, wal.signed, wal.damage), (1, true, None));
    let [voted] = wal.blocks[..] else {
        panic!("one block was voted for")
    };
    assert!(store.holds(1, voted));
    assert!(store.chain().is_empty());
    let stranger = key(2).public_key().id();
    assert!(
        !inspect_wal(&setup.wal_path(), &stranger)
            .unwrap()
            .unwrap()
            .signed
    );

    let node = setup.start(&store, Pace::Until(2)).await;
    node.reach(2).await;
    node.shutdown().await;
    assert_is_a_chain(&store, 2, &setup.validators);
    assert_eq!(store.chain()[0].1.block_id, voted);
}

/// Behind the log's header (version, sequence) and the entry's (compression flag, length, CRC).
const FIRST_WAL_ENTRY_BODY: usize = (4 + 8) + (1 + 8 + 4);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_log_stops_the_engine_for_an_operator() {
    let home = TempDir::new().unwrap();
    let setup = Setup::alone(home.path());
    let us = key(1).public_key().id();
    let node = setup.start(&Store::new(), Pace::DieOnCommit).await;
    assert_eq!(node.engine.closed().await, Closed::HostGone);
    let store = node.store.clone();
    // The first entry, because the engine replays what stands before a damaged one, and the entries
    // of one height come in no fixed order: with the last one damaged the rest may decide a block.
    let mut bytes = std::fs::read(setup.wal_path()).unwrap();
    bytes[FIRST_WAL_ENTRY_BODY] ^= 1;
    std::fs::write(setup.wal_path(), &bytes).unwrap();
    let wal = inspect_wal(&setup.wal_path(), &us).unwrap().unwrap();
    assert_eq!((wal.height, wal.damage.is_some()), (1, true));
    assert_eq!(
        std::fs::read(setup.wal_path()).unwrap(),
        bytes,
        "inspection changes nothing"
    );

    let node = setup.start(&store, Pace::Until(2)).await;
    let closed = tokio::time::timeout(DEADLINE, node.engine.closed()).await;
    assert_eq!(closed, Ok(Closed::SafetyHang));
    assert!(!node.engine.is_finished());
    assert!(store.chain().is_empty());
    node.engine.shutdown().await;
    assert!(node.engine.is_finished());
    assert_eq!(node.engine.closed().await, Closed::SafetyHang);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_without_a_vote_follows_from_far_behind() {
    let home = TempDir::new().unwrap();
    let listen = addresses(1).remove(0);
    let validator = Setup {
        listen: listen.clone(),
        ..Setup::alone(home.path())
    };
    let follower = Setup {
        number: 2,
        votes: false,
        peers: vec![listen],
        ..Setup::alone(home.path())
    };
    let leader = validator.start(&Store::new(), Pace::Until(40)).await;
    leader.reach(40).await;
    let follower = follower.start(&Store::new(), Pace::Until(u64::MAX)).await;
    follower.reach(40).await;
    assert_eq!(leader.engine.peer_count().await, Some(1));
    assert_eq!(
        proven_ids(&follower.store, 40),
        proven_ids(&leader.store, 40)
    );
    follower.shutdown().await;
    leader.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refuses_to_start_on_a_taken_port_and_with_nonsense() {
    let home = TempDir::new().unwrap();
    let setup = Setup::alone(home.path());
    let node = setup.start(&Store::new(), Pace::OnDemand).await;
    let listen = node.engine.listen().to_owned();
    let second = Setup {
        number: 2,
        listen,
        ..Setup::alone(home.path())
    };
    let refused = second
        .try_start(&Store::new(), Pace::OnDemand)
        .await
        .map(|_| ());
    assert!(
        matches!(refused, Err(EngineError::Listen { .. })),
        "{refused:?}"
    );
    node.shutdown().await;

    for bytes in [0, usize::MAX] {
        let config = piao_engine::EngineConfig {
            block_bytes_max: bytes,
            ..setup.config()
        };
        let (requests, _served) = tokio::sync::mpsc::channel(1);
        let refused = piao_engine::start(config, requests).await.map(|_| ());
        assert!(
            matches!(refused, Err(EngineError::BlockBytes(_))),
            "{refused:?}"
        );
    }
}
