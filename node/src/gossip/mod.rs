//! Transactions between nodes: what one node lets in, every node can put into a block.
//!
//! A swarm of its own beside the engine's, under the same network key. Only members of the network
//! are let in. What is new here goes out in batches; what comes in is judged by the door of the
//! mempool before it goes on to anybody else.
//!
//! Guards: nothing is forwarded that was not judged; a peer that sends what nobody may send loses
//! its standing and then its connection; every size, rate and queue has a bound.

mod batch;
mod behaviour;
mod double;
mod intake;
mod outbox;
mod peers;
mod swarm;
mod tips;

pub use swarm::{Gossip, GossipConfig, GossipError};
pub use tips::Tips;
