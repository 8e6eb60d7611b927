//! The node from outside: the real `piaod` process, real sockets, a real disk, and a verifier that
//! talks to nobody. One test for each promise of the first version.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

mod batches;
mod confirmations;
mod damage_campaign;
mod damage_doctor;
mod damage_keys;
mod damage_log;
mod damage_loss;
mod damage_oracle;
mod damage_processes;
mod deciders;
mod disk;
mod duplicates;
mod durability;
mod flooding;
mod gossip_attack;
mod hostile;
mod hostile_requests;
mod issuing;
mod limits;
mod members;
mod merchants;
mod network;
mod one_key;
mod outbox;
mod process;
mod proving;
mod red_letters;
mod refusing;
mod rule_sets;
mod wire;
