//! Requests on a real store, a real ledger and a real mempool; the network is in memory and may
//! keep silent, forget, or be late.

mod confirmations;
mod corrections;
mod paths;
mod sequences;
mod two_nodes;
mod world;
