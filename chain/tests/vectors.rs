//! The vectors of `chain/vectors/*.json`: what another implementation is checked against.
//!
//! Every file is made from [`piao_chain::testing::TestNet`] and fixed seeds, so it is the same on
//! every machine. The test compares; `PIAO_UPDATE_GOLDEN=1` rewrites the files instead, which is a
//! change of the protocol and is reviewed as one. Roots, ids and layouts are also computed by
//! [`oracle`], which is written from the words of `chain/SPEC.md` and calls no encoder, no digest
//! and no tree of the library.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

#[path = "vectors/announcements.rs"]
mod announcements;
#[path = "vectors/consensus.rs"]
mod consensus;
#[path = "vectors/damaged.rs"]
mod damaged;
#[path = "vectors/deciders.rs"]
mod deciders;
#[path = "vectors/documents.rs"]
mod documents;
#[path = "vectors/freeze.rs"]
mod freeze;
#[path = "vectors/golden.rs"]
mod golden;
#[path = "vectors/hostile.rs"]
mod hostile;
#[path = "vectors/ledger.rs"]
mod ledger;
#[path = "vectors/limits.rs"]
mod limits;
#[path = "vectors/oracle.rs"]
mod oracle;
#[path = "vectors/oracle_red.rs"]
mod oracle_red;
#[path = "vectors/primitives.rs"]
mod primitives;
#[path = "vectors/proofs.rs"]
mod proofs;
#[path = "vectors/red_letters.rs"]
mod red_letters;
#[path = "vectors/refusals.rs"]
mod refusals;
#[path = "vectors/rule_sets.rs"]
mod rule_sets;
#[path = "vectors/specification.rs"]
mod specification;
#[path = "vectors/statement_faults.rs"]
mod statement_faults;
#[path = "vectors/statements.rs"]
mod statements;
#[path = "vectors/steps.rs"]
mod steps;
#[path = "vectors/strict.rs"]
mod strict;

use golden::check;

#[test]
fn layouts_of_the_encoding() {
    check("codec", &primitives::codec());
}

#[test]
fn digests_of_every_tag_and_ids_of_keys() {
    check("digests", &primitives::digests());
}

#[test]
fn signed_bytes_of_every_purpose_and_signatures_only_a_strict_rule_refuses() {
    check("signatures", &strict::signatures());
}

#[test]
fn votes_validator_sets_and_certificates() {
    check("consensus", &consensus::consensus());
}

#[test]
fn genesis_gives_the_chain_its_id_and_first_header() {
    check("genesis", &consensus::genesis());
}

#[test]
fn one_transaction_of_each_payload() {
    check("transactions", &ledger::transactions());
}

#[test]
fn outcomes_their_root_and_the_ids_of_invoices() {
    check("outcomes", &ledger::outcomes());
}

#[test]
fn rule_sets_activated_by_height() {
    check("rule_sets", &rule_sets::rule_sets());
}

#[test]
fn limits_of_accounts_and_what_they_refuse() {
    check("limits", &limits::limits());
}

#[test]
fn maintenance_announced_and_ended() {
    check("announcements", &announcements::announcements());
}

#[test]
fn red_letters_reissue_booking_and_keys() {
    check("red_letters", &red_letters::red_letters());
}

#[test]
fn sets_authority_and_misbehaviour() {
    check("deciders", &deciders::deciders());
}

#[test]
fn links_between_validator_sets() {
    check("links", &deciders::links());
}

#[test]
fn slots_leaves_roots_and_proofs_of_the_state() {
    check("slots", &ledger::slots());
}

#[test]
fn history_roots_and_paths() {
    check("history", &ledger::history());
}

#[test]
fn a_document_its_leaves_decoys_and_root() {
    check("documents", &documents::documents());
}

#[test]
fn proofs_of_every_grade() {
    check("proofs", &proofs::proofs());
}

#[test]
fn damaged_proofs_and_what_is_said_of_them() {
    check("damaged", &damaged::damaged());
}

#[test]
fn a_genuine_proof_with_hostile_texts() {
    check("hostile", &hostile::hostile());
}

#[test]
fn statements_about_numbers_and_accounts() {
    check("statements", &statements::statements());
}

#[test]
fn requests_that_were_refused() {
    check("refusals", &refusals::refusals());
}

#[test]
fn encodings_are_frozen() {
    check("freeze", &freeze::freeze());
}

#[test]
fn the_specification_holds_every_tag_bound_field_and_rate() {
    specification::check_tables();
}

#[test]
fn the_specification_cites_only_codes_that_exist() {
    specification::check_codes();
}
