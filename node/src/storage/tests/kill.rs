//! A process that is killed while it appends: what it had told is there afterwards.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use piao_chain::testing::TestNet;
use piao_node::storage::restore;

use crate::world::{Dice, append, assert_same, grow, open, tip_at, write};

/// Tells a child where to work; without it the child's test does nothing.
const DIR: &str = "PIAO_RECOVERY_CHILD_DIR";

/// Rounds of starting and killing.
const KILLS: u64 = 12;

/// Blocks a child appends at most before it is killed.
const BLOCKS_MAX: u64 = 25;

const CACHE_BYTES: u64 = 8 * 1024 * 1024;

/// Not a test of its own: what the child of the next one does.
#[test]
fn child_appends_until_it_is_killed() {
    let Some(dir) = std::env::var_os(DIR).map(PathBuf::from) else {
        return;
    };
    let mut net = TestNet::with_merchant(1);
    let (mut journal, recovered) = open(&dir.join("blocks"), &net.genesis.chain_id()).unwrap();
    let tip = usize::try_from(recovered.tip).unwrap();
    let restored = restore(
        &dir.join("state"),
        CACHE_BYTES,
        &journal.reader(),
        &net.genesis,
        false,
        &mut |_height, _of| {},
    );
    let cache = restored.unwrap().cache;
    while net.blocks.len() < tip {
        grow(&mut net);
    }
    let mut out = std::io::stdout();
    loop {
        let delta = grow(&mut net);
        let decided = net.blocks.last().unwrap();
        append(&mut journal, decided);
        let header = &decided.block.header;
        writeln!(out, "acknowledged {}", header.height).unwrap();
        out.flush().unwrap();
        cache.commit(tip_at(header), delta).unwrap();
    }
}

/// Starts a child, kills it after it has told so many heights, and gives the last one told.
fn run_and_kill(dir: &Path, after: u64) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::child_appends_until_it_is_killed",
            "--nocapture",
        ])
        .env(DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut told = 0;
    let mut last = 0;
    for line in lines {
        // The kill may come in the middle of a line.
        let Some(height) = line
            .ok()
            .and_then(|line| line.split("acknowledged ").nth(1)?.parse().ok())
        else {
            continue;
        };
        last = height;
        told += 1;
        if told == after {
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(
        !status.success() && told >= after,
        "the child ended by itself"
    );
    last
}

#[test]
fn every_acknowledged_height_is_there_after_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let seed = 4;
    let mut dice = Dice(seed);
    let mut net = TestNet::with_merchant(1);
    write(&dir.path().join("blocks"), &net);
    let mut replayed = 0;
    for kill in 0..KILLS {
        let after = dice.below(BLOCKS_MAX) + 1;
        let acknowledged = run_and_kill(dir.path(), after);
        let (journal, recovered) =
            open(&dir.path().join("blocks"), &net.genesis.chain_id()).unwrap();
        assert!(
            recovered.tip >= acknowledged,
            "seed {seed}, kill {kill}: {} of {acknowledged}",
            recovered.tip
        );
        while (net.blocks.len() as u64) < recovered.tip {
            grow(&mut net);
        }
        assert_same(&journal.reader(), &net);
        let mut silent = |_height, _of| {};
        let (state, reader) = (dir.path().join("state"), journal.reader());
        let restored = restore(
            &state,
            CACHE_BYTES,
            &reader,
            &net.genesis,
            false,
            &mut silent,
        );
        let restored = restored.unwrap();
        // The machine has not gone down: the store's files are whole, whatever the process did.
        assert_eq!(restored.rebuilt, None, "seed {seed}, kill {kill}");
        replayed += restored.replayed;
        assert_eq!(restored.tree.root(), net.tip().state_root, "kill {kill}");
        assert_eq!(restored.tip, net.tip(), "kill {kill}");
    }
    assert!(replayed > 0, "the store was never behind");
}
