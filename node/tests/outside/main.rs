//! The node from outside: the real `piaod` process, real sockets, a real disk, and a verifier that
//! talks to nobody. One test for each promise of the first version.
//!
//! What breaks a merchant's day, and where its story is told:
//!
//! | story | test |
//! |---|---|
//! | the network is lost | `outbox::what_is_queued_while_nobody_votes_…` |
//! | wrong number, amount, rate | `refusing::a_draft_with_three_faults_…` |
//! | the balance is short | `outbox::what_waits_for_a_top_up_…` |
//! | maintenance | `maintenance::what_is_kept_inside_maintenance_…` |
//! | the answer is lost | `outbox::a_reply_that_is_cut_anywhere_…` |
//! | goods come back in part | `red_letters::goods_come_back_in_parts_…` |
//! | the wrong buyer | `red_letters::an_invoice_to_the_wrong_buyer_…` |

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
mod events;
mod flooding;
mod gossip_attack;
mod hostile;
mod hostile_requests;
mod issuing;
mod keys;
mod later_changes;
mod limits;
mod maintenance;
mod members;
mod merchants;
mod network;
mod one_key;
mod outbox;
mod process;
mod proving;
mod red_letters;
mod refused;
mod refusing;
mod rule_sets;
mod statements;
mod views;
mod wire;
