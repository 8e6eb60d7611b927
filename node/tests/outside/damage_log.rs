//! The engine's log with every single bit of it flipped, one after another: never taken for another
//! log. Method: the log of a real node, read as a start reads it.

use piao_chain::genesis::Genesis;
use piao_engine::inspect_wal;

use crate::damage_oracle::{issue, scratch};
use crate::process::Node;

#[tokio::test]
async fn no_flipped_bit_makes_another_log_of_it() {
    let mut node = Node::fresh();
    issue(&node, "a").await;
    node.kill();
    let genesis = std::fs::read(node.data.join("genesis")).unwrap();
    let genesis = Genesis::decode(&genesis).unwrap();
    let me = genesis.validators.members()[0].public_key.id();
    let whole = std::fs::read(node.data.join("wal").join("consensus.wal")).unwrap();
    let folder = scratch();
    let path = folder.path().join("log");
    std::fs::write(&path, &whole).unwrap();
    let right = inspect_wal(&path, &me).unwrap().unwrap();
    assert!(right.entries > 1 && right.damage.is_none(), "{right:?}");
    let mut seen = 0;
    for bit in 0..whole.len() * 8 {
        let mut flipped = whole.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &flipped).unwrap();
        match inspect_wal(&path, &me) {
            Ok(Some(found)) if found.damage.is_none() => {
                assert_eq!(found, right, "bit {bit} of {} bytes", whole.len());
            }
            _ => seen += 1,
        }
    }
    assert_eq!(seen, whole.len() * 8, "a bit that does not count");
}
