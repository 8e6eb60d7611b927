//! The rules of an invoice, as rows: what is changed in the sample draft, and what the desk says.
//!
//! The sample is one meal for a company, 100.00 at 6 %, by a general taxpayer on 2026-11-21.
//! A row lists every fault the change causes, in order; nothing else may be found.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails the test by panicking"
)]

#[path = "rule_tables/desk.rs"]
mod desk;
#[path = "rule_tables/facts.rs"]
mod facts;
#[path = "rule_tables/properties.rs"]
mod properties;
#[path = "rule_tables/vectors.rs"]
mod vectors;

use std::collections::BTreeSet;

use piao_chain::failure::{FailureCode, Support};

/// Implemented codes that the parts of an invoice cannot raise: they need state, keys, a transport
/// or a disk, and are provoked by the tests of those.
const RAISED_ELSEWHERE: &[&str] = &[
    "E1011", "E1012", "E1015", "E1104", "E1111", "E1112", "E1401", "E1407", "E1408", "E1409",
    "E1501", "E1506", "E1601", "E1602", "E1604", "E1605", "E1606", "E1607", "E1901", "E2001",
    "E2002", "E2003", "E2004", "E2009", "E2013", "E2015", "E2016", "E2017", "E2018", "E2019",
    "E2020", "E2102", "E2103", "E2106", "E2107", "E2203", "E2205", "E2208", "E9001", "E9002",
];

#[test]
fn every_implemented_code_of_an_invoice_has_a_row_that_provokes_it() {
    let desk = desk::ROWS
        .iter()
        .flat_map(|row| row.expected)
        .map(|(code, _)| *code);
    let facts = facts::ROWS.iter().flat_map(|row| row.expected).copied();
    let provoked: BTreeSet<&str> = desk
        .chain(facts)
        .chain(RAISED_ELSEWHERE.iter().copied())
        .collect();
    let implemented: BTreeSet<&str> = FailureCode::ALL
        .iter()
        .filter(|code| code.support() == Support::Implemented)
        .map(|code| code.code())
        .collect();
    let silent: Vec<_> = implemented.difference(&provoked).collect();
    assert!(
        silent.is_empty(),
        "implemented, but no row provokes {silent:?}"
    );
}
