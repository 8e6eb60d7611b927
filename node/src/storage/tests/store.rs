//! The store behind the journal: whatever happens to it, the state is the journal's.

use std::path::Path;
use std::time::{Duration, Instant};

use piao_chain::digest::BlockId;
use piao_chain::state::{IdemRecord, Slot, StateDelta, StateView};
use piao_chain::testing::TestNet;
use piao_node::journal::{BlockJournal, JournalReader};
use piao_node::storage::{
    RecoverError, Restored, StateCache, Store, StoreError, StoreOptions, Tip, recover, restore,
};

use crate::world::{append, grow, net, open, tip_at, write};

const CACHE_BYTES: u64 = 8 * 1024 * 1024;

struct Places {
    _dir: tempfile::TempDir,
    blocks: std::path::PathBuf,
    state: std::path::PathBuf,
}

fn places() -> Places {
    let dir = tempfile::tempdir().unwrap();
    Places {
        blocks: dir.path().join("blocks"),
        state: dir.path().join("state"),
        _dir: dir,
    }
}

fn journal(places: &Places, net: &TestNet) -> BlockJournal {
    write(&places.blocks, net);
    open(&places.blocks, &net.genesis.chain_id()).unwrap().0
}

fn restored(
    places: &Places,
    reader: &JournalReader,
    net: &TestNet,
) -> Result<Restored, RecoverError> {
    let mut last = 0;
    let result = restore(
        &places.state,
        CACHE_BYTES,
        reader,
        &net.genesis,
        false,
        &mut |height, of| {
            assert!(height <= of);
            last = height;
        },
    );
    if let Ok(restored) = &result
        && restored.replayed > 0
    {
        assert_eq!(last, reader.tip());
    }
    result
}

/// Everything read from `view` is what the network in memory has.
fn assert_state(view: &dyn StateView, net: &TestNet) {
    for (slot, leaf) in net.state.leaves() {
        assert_eq!(view.leaf(slot).unwrap().as_ref(), Some(leaf), "{slot:?}");
    }
    let key = net.merchant.public_key().id();
    assert_eq!(view.key_index(&key), net.state.key_index(&key));
    for transaction in net.blocks.iter().flat_map(|one| &one.block.transactions) {
        let body = transaction.body();
        let found = view.idem(body.account, &body.idem);
        assert_eq!(found, net.state.idem(body.account, &body.idem));
        assert!(found.unwrap().is_some());
        match &body.payload {
            piao_chain::transaction::Payload::IssueInvoice(invoice) => {
                let order = view.order(&invoice.order_key);
                assert_eq!(order, net.state.order(&invoice.order_key));
                assert!(order.unwrap().is_some());
            }
            piao_chain::transaction::Payload::RegisterMerchant(merchant) => {
                assert_eq!(view.account_of(&merchant.identity), Ok(Some(1)));
            }
            piao_chain::transaction::Payload::CreditFees(credit) => {
                assert_eq!(view.top_up(&credit.ref_hash), Ok(true));
            }
            other => panic!("no such transaction was made: {other:?}"),
        }
    }
    assert_eq!(view.order(&[0; 32]), Ok(None));
    assert_eq!(view.top_up(&[0; 32]), Ok(false));
    assert_eq!(view.leaf(Slot::account(99)), Ok(None));
}

fn assert_restored(restored: &Restored, net: &TestNet) {
    assert_eq!(restored.tip, net.tip());
    assert_eq!(restored.tip_id, net.tip().id());
    assert_eq!(restored.tree.root(), net.tree.root());
    assert_eq!(restored.history.root(), net.history.root());
    assert_state(&restored.cache, net);
}

/// Closes in order and gives sled's file back.
fn close(restored: Restored) {
    restored.cache.close().unwrap();
    drop(restored);
}

/// Opens the trees of a closed store with sled itself.
pub(crate) fn tamper(state: &Path, change: impl FnOnce(&sled::Db)) {
    let deadline = Instant::now() + Duration::from_secs(30);
    let config = sled::Config::new().path(state.join("sled"));
    let db = loop {
        match config.open() {
            Ok(db) => break db,
            // Another test starts a process just now, which has a copy of sled's lock until it
            // runs its own program.
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        std::thread::yield_now();
    };
    change(&db);
    db.flush().unwrap();
}

#[test]
fn a_new_store_comes_to_the_state_of_the_journal_and_keeps_it() {
    let (places, net) = (places(), net(12));
    let reader = journal(&places, &net).reader();
    let first = restored(&places, &reader, &net).unwrap();
    assert_eq!((first.replayed, &first.rebuilt), (12, &None));
    assert_restored(&first, &net);
    close(first);
    let second = restored(&places, &reader, &net).unwrap();
    assert_eq!((second.replayed, &second.rebuilt), (0, &None));
    assert_restored(&second, &net);
}

#[test]
fn a_journal_without_blocks_gives_genesis() {
    let (places, net) = (places(), TestNet::new(1));
    let reader = journal(&places, &net).reader();
    let restored = restored(&places, &reader, &net).unwrap();
    assert_restored(&restored, &net);
}

#[test]
fn a_removed_store_is_made_again_with_the_same_root() {
    let (places, net) = (places(), net(9));
    let reader = journal(&places, &net).reader();
    close(restored(&places, &reader, &net).unwrap());
    std::fs::remove_dir_all(places.state.join("sled")).unwrap();
    let again = restored(&places, &reader, &net).unwrap();
    assert_eq!(again.replayed, 9);
    assert_restored(&again, &net);
}

#[test]
fn a_stale_store_is_brought_up_to_the_tip() {
    let (places, mut net) = (places(), net(6));
    let mut journal = journal(&places, &net);
    close(restored(&places, &journal.reader(), &net).unwrap());
    for _nth in 0..7 {
        grow(&mut net);
        append(&mut journal, net.blocks.last().unwrap());
    }
    let again = restored(&places, &journal.reader(), &net).unwrap();
    assert_eq!((again.replayed, &again.rebuilt), (7, &None));
    assert_restored(&again, &net);
}

#[test]
fn a_store_ahead_of_its_journal_is_made_again() {
    let (ahead, short) = (places(), net(5));
    let long = net(8);
    let reader = journal(&ahead, &long).reader();
    close(restored(&ahead, &reader, &long).unwrap());
    std::fs::remove_dir_all(&ahead.blocks).unwrap();
    let reader = journal(&ahead, &short).reader();
    let again = restored(&ahead, &reader, &short).unwrap();
    assert!(
        again
            .rebuilt
            .as_deref()
            .is_some_and(|why| why.contains("height 8"))
    );
    assert_restored(&again, &short);
}

#[test]
fn a_store_of_another_state_under_the_right_block_is_made_again() {
    let (places, net) = (places(), net(5));
    let reader = journal(&places, &net).reader();
    let options = StoreOptions::new(&places.state, &net.genesis.chain_id());
    let store = Store::create(&options).unwrap();
    let tip = Tip {
        height: 5,
        block_id: reader.id(5).unwrap(),
        time_ms: 0,
    };
    store.apply(tip, &net.genesis.initial_state()).unwrap();
    let again = recover(&reader, &net.genesis, store, &mut |_height, _of| {}).unwrap();
    assert!(
        again
            .rebuilt
            .as_deref()
            .is_some_and(|why| why.contains("root"))
    );
    assert_restored(&again, &net);
}

#[test]
fn a_value_changed_hidden_moved_or_added_in_sled_is_refused_by_table() {
    // All tables lie in one tree, each behind its number.
    type Change = fn(&sled::Tree, u8);
    let changes: [(&str, Change); 4] = [
        ("changed", |tree, table| {
            let (key, mut value) = tree.scan_prefix([table]).next().unwrap().unwrap();
            value[0] ^= 1;
            tree.insert(key, value).unwrap();
        }),
        ("hidden", |tree, table| {
            let last = tree.scan_prefix([table]).next_back();
            let (key, _value) = last.unwrap().unwrap();
            tree.remove(key).unwrap().unwrap();
        }),
        ("moved", |tree, table| {
            let mut all = tree.scan_prefix([table]);
            let (key, _value) = all.next().unwrap().unwrap();
            let (_last, value) = all.next_back().unwrap().unwrap();
            tree.insert(key, value).unwrap();
        }),
        ("added", |tree, table| {
            let (_key, value) = tree.scan_prefix([table]).next().unwrap().unwrap();
            let key = [&[table][..], b"another"].concat();
            tree.insert(key, value).unwrap();
        }),
    ];
    for (number, table) in [(0, "leaves"), (3, "orders"), (4, "idems")] {
        for (name, change) in changes {
            let (places, net) = (places(), net(8));
            let reader = journal(&places, &net).reader();
            close(restored(&places, &reader, &net).unwrap());
            tamper(&places.state, |db| {
                change(&db.open_tree("state").unwrap(), number);
            });
            for _start in 0..2 {
                let error = restored(&places, &reader, &net).unwrap_err();
                let corrupt = matches!(error, RecoverError::Store(StoreError::Corrupt { .. }));
                let line = error.to_string();
                assert!(corrupt && line.contains(table), "{name}: {line}");
                assert!(line.contains("piaod reindex"), "{line}");
            }
            let mut silent = |_height, _of| {};
            let (state, genesis) = (&places.state, &net.genesis);
            let again = restore(state, CACHE_BYTES, &reader, genesis, true, &mut silent);
            assert_restored(&again.unwrap(), &net);
        }
    }
}

#[test]
fn a_machine_that_went_down_while_the_store_was_open_discards_it() {
    let (places, net) = (places(), net(6));
    let reader = journal(&places, &net).reader();
    close(restored(&places, &reader, &net).unwrap());
    let marker = places.state.join("marker");
    let clean = std::fs::read_to_string(&marker).unwrap();
    let words: Vec<&str> = clean.split_ascii_whitespace().collect();
    for (used, discards) in [("clean", false), ("open", true), ("opening", true)] {
        let other_boot = format!("{} {} another-boot {used}\n", words[0], words[1]);
        std::fs::write(&marker, other_boot).unwrap();
        let again = restored(&places, &reader, &net).unwrap();
        assert_eq!(again.rebuilt.is_some(), discards, "{used}");
        assert_eq!(again.replayed, if discards { 6 } else { 0 }, "{used}");
        assert_restored(&again, &net);
        close(again);
    }
}

#[test]
fn files_that_sled_can_not_open_are_discarded() {
    let (places, net) = (places(), net(6));
    let reader = journal(&places, &net).reader();
    for garbage in [&[0u8; 4096][..], b"not a store"] {
        close(restored(&places, &reader, &net).unwrap());
        let file = places.state.join("sled").join("conf");
        assert!(file.exists());
        std::fs::write(file, garbage).unwrap();
        let again = restored(&places, &reader, &net).unwrap();
        assert!(again.rebuilt.is_some());
        assert_restored(&again, &net);
        close(again);
    }
}

#[test]
fn readers_see_every_committed_block_at_once_while_the_store_follows() {
    let (places, mut net) = (places(), net(3));
    let reader = journal(&places, &net).reader();
    let restored = restored(&places, &reader, &net).unwrap();
    let cache: &StateCache = &restored.cache;
    for _nth in 0..150 {
        let invoice = net.invoice(&format!("order {}", net.blocks.len()));
        let delta = delta_of(&net, invoice.clone());
        net.commit(vec![invoice]);
        let header = &net.tip();
        cache.commit(tip_at(header), delta).unwrap();
        assert_eq!(cache.tip().map(|tip| tip.height), Some(header.height));
        assert!(cache.blocks_behind() <= piao_node::storage::BLOCKS_BEHIND_MAX);
        for (slot, leaf) in net.state.leaves() {
            assert_eq!(cache.leaf(slot).unwrap().as_ref(), Some(leaf));
        }
    }
    assert_state(cache, &net);
    cache.wait_until_stored().unwrap();
    assert_eq!(cache.stored_tip(), cache.tip());
    assert_state(cache, &net);
    let header = &net.tip();
    let again = cache.commit(tip_at(header), StateDelta::default());
    assert!(matches!(again, Err(StoreError::NotNext { .. })));
    cache.close().unwrap();
    let next = Tip {
        height: header.height + 1,
        ..tip_at(header)
    };
    let late = cache.commit(next, StateDelta::default());
    assert!(matches!(late, Err(StoreError::Stopped { .. })));
    assert_state(cache, &net);
}

fn delta_of(net: &TestNet, transaction: piao_chain::transaction::SignedTransaction) -> StateDelta {
    // The network's clock moves by a second when it commits, and no value of a delta but the
    // replay guard's own window depends on it.
    net.build(vec![transaction]).executed.delta
}

#[test]
fn a_journal_whose_tip_is_not_certified_is_refused() {
    let (places, mut net) = (places(), net(3));
    let mut last = net.blocks.pop().unwrap();
    last.certificate.signatures[0].1.0[5] ^= 1;
    net.blocks.push(last);
    let reader = journal(&places, &net).reader();
    let error = restored(&places, &reader, &net).unwrap_err();
    assert!(matches!(error, RecoverError::Certificate { height: 3, .. }));
}

#[test]
fn a_block_with_other_outcomes_than_it_comes_to_is_refused() {
    let (places, mut net) = (places(), net(4));
    net.blocks[3].outcomes[0].fee_charged_fen += 1;
    let reader = journal(&places, &net).reader();
    let error = restored(&places, &reader, &net).unwrap_err();
    assert!(
        matches!(error, RecoverError::Outcomes { height: 4 }),
        "{error}"
    );
}

#[test]
fn replay_guards_go_when_their_window_has_passed_and_order_keys_stay() {
    const RUN_KEYS: u64 = 1 << 16;
    let (places, net) = (places(), net(3));
    let options = StoreOptions::new(&places.state, &net.genesis.chain_id());
    let store = Store::create(&options).unwrap();
    let mut height = 0;
    let mut apply = |store: &Store, time_ms, delta: &StateDelta| {
        height += 1;
        let tip = Tip {
            height,
            block_id: BlockId([1; 32]),
            time_ms,
        };
        store.apply(tip, delta).unwrap();
    };
    let guard = |number: u64| {
        let mut idem = [0; 16];
        idem[..8].copy_from_slice(&number.to_be_bytes());
        idem
    };
    let mut delta = StateDelta::default();
    for number in 0..=RUN_KEYS {
        let used = IdemRecord {
            valid_until_ms: 1_000 + number / RUN_KEYS,
            height: 1,
            index: 0,
        };
        delta.idems.insert((1, guard(number)), used);
    }
    delta.orders.insert([5; 32], 1);
    apply(&store, 1_000, &delta);
    assert_eq!(
        store.prune().unwrap(),
        0,
        "the last millisecond still guards"
    );
    apply(&store, 1_001, &StateDelta::default());
    let mut pruned = 0;
    loop {
        match store.prune().unwrap() {
            0 => break,
            more => pruned += more as u64,
        }
    }
    assert_eq!(pruned, RUN_KEYS);
    assert!(store.idem(1, &guard(0)).unwrap().is_none());
    assert!(
        store.idem(1, &guard(RUN_KEYS)).unwrap().is_some(),
        "the newest run stays"
    );
    assert_eq!(store.order(&[5; 32]).unwrap(), Some(1));
    store.close().unwrap();
    drop(store);
    // The sums hold without what is gone, and the next start finds the same.
    let store = Store::open(&options).unwrap();
    assert_eq!(store.discarded(), None);
    assert!(store.idem(1, &guard(RUN_KEYS)).unwrap().is_some());
    assert_eq!(store.order(&[5; 32]).unwrap(), Some(1));
}
