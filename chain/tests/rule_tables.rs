//! The rules of an invoice, as rows: what is changed in the sample draft, and what the desk says.
//!
//! The sample is one meal for a company, 100.00 at 6 %, by a general taxpayer on 2026-11-21.
//! A row lists every fault the change causes, in order; nothing else may be found.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails the test by panicking"
)]

#[path = "rule_tables/classes.rs"]
mod classes;
#[path = "rule_tables/desk.rs"]
mod desk;
#[path = "rule_tables/facts.rs"]
mod facts;
#[path = "rule_tables/properties.rs"]
mod properties;
#[path = "rule_tables/row.rs"]
mod row;
#[path = "rule_tables/special.rs"]
mod special;
#[path = "rule_tables/texts.rs"]
mod texts;
#[path = "rule_tables/vectors.rs"]
mod vectors;

use std::collections::BTreeSet;

use piao_chain::failure::{FailureCode, Support};

/// Groups of codes that the parts of an invoice can raise: parties, fields, amounts, rates.
const INVOICE_GROUPS: std::ops::RangeInclusive<u16> = 10..=13;

/// Codes of these groups that need the state of the chain or the request around the draft; they
/// are provoked by the tests of those.
const RAISED_ELSEWHERE: &[&str] = &[
    "E1011", "E1012", "E1013", "E1015", "E1104", "E1111", "E1112",
];

#[test]
fn every_implemented_code_of_an_invoice_has_a_row_that_provokes_it() {
    let desk = desk::ROWS
        .iter()
        .flat_map(|row| row.expected)
        .map(|(code, _)| *code);
    let classes = classes::ROWS
        .iter()
        .flat_map(|row| row.expected)
        .map(|(code, _, _)| *code);
    let more = special::ROWS.iter().chain(texts::ROWS);
    let more = more.flat_map(|row| row.expected).map(|(code, _)| *code);
    let facts = facts::ROWS.iter().flat_map(|row| row.expected).copied();
    let provoked: BTreeSet<&str> = desk
        .chain(classes)
        .chain(more)
        .chain(facts)
        .chain(RAISED_ELSEWHERE.iter().copied())
        .collect();
    let implemented: BTreeSet<&str> = FailureCode::ALL
        .iter()
        .filter(|code| INVOICE_GROUPS.contains(&code.number().div_euclid(100)))
        .filter(|code| code.support() == Support::Implemented)
        .map(|code| code.code())
        .collect();
    let silent: Vec<_> = implemented.difference(&provoked).collect();
    assert!(
        silent.is_empty(),
        "implemented, but no row provokes {silent:?}"
    );
}
