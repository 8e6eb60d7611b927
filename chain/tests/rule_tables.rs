//! The rules of an invoice, as rows: what is changed in the sample draft, and what the desk says.
//!
//! The sample is one meal for a company, 100.00 at 6 %, by a general taxpayer on 2026-11-21.
//! A row lists every fault the change causes, in order; nothing else may be found.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper of tests fails the test by panicking"
)]

#[path = "rule_tables/boundaries.rs"]
mod boundaries;
#[path = "rule_tables/classes.rs"]
mod classes;
#[path = "rule_tables/desk.rs"]
mod desk;
#[path = "rule_tables/doors.rs"]
mod doors;
#[path = "rule_tables/facts.rs"]
mod facts;
#[path = "rule_tables/properties.rs"]
mod properties;
#[path = "rule_tables/random.rs"]
mod random;
#[path = "rule_tables/row.rs"]
mod row;
#[path = "rule_tables/special.rs"]
mod special;
#[path = "rule_tables/suggestions.rs"]
mod suggestions;
#[path = "rule_tables/texts.rs"]
mod texts;
#[path = "rule_tables/vectors.rs"]
mod vectors;

use std::collections::BTreeSet;

use piao_chain::failure::{FailureCode, Support};

/// Groups of codes that an invoice can raise: parties, fields, amounts, rates, orders, limits.
const INVOICE_GROUPS: std::ops::RangeInclusive<u16> = 10..=15;

/// Codes of these groups that need the state of the chain or the request around the draft: the
/// file and the test that provokes each.
const RAISED_ELSEWHERE: &[(&str, &str, &str)] = &[
    (
        "E1011",
        "chain/tests/rule_tables/doors.rs",
        "a_key_whose_account_is_not_registered_issues_nothing",
    ),
    ("E1012", "chain/tests/rule_tables/doors.rs", STATES),
    ("E1013", "chain/tests/rule_tables/doors.rs", STATES),
    (
        "E1015",
        "chain/tests/fates.rs",
        "a_top_up_counts_once_and_a_merchant_registers_once",
    ),
    (
        "E1104",
        "api/tests/contract/refusals.rs",
        "every_unknown_member_is_listed_at_once",
    ),
    (
        "E1111",
        "api/tests/contract/refusals.rs",
        "broken_deep_and_ambiguous_bodies_are_refused",
    ),
    (
        "E1112",
        "api/tests/contract/refusals.rs",
        "large_bodies_are_refused_announced_or_not",
    ),
    (
        "E1401",
        "api/tests/contract/reading.rs",
        "an_invoice_is_shown_to_its_own_merchant_only",
    ),
    ("E1407", "chain/tests/rule_tables/doors.rs", STATES),
    (
        "E1408",
        "api/tests/contract/issuing.rs",
        "the_sample_is_issued_and_the_same_key_gives_the_same_invoice",
    ),
    (
        "E1409",
        "node/tests/outside/issuing.rs",
        "many_calls_with_one_key_issue_one_invoice",
    ),
    ("E1501", "chain/tests/rule_tables/doors.rs", STATES),
    ("E1502", "chain/tests/rule_tables/doors.rs", STATES),
    ("E1504", "chain/tests/rule_tables/doors.rs", STATES),
    ("E1505", "chain/tests/rule_tables/doors.rs", STATES),
    (
        "E1506",
        "api/tests/contract/bounds.rs",
        "a_caller_over_its_rate_is_told_to_wait_and_nobody_else_is",
    ),
];

/// The test of what a state forbids.
const STATES: &str = "every_state_of_an_account_that_forbids_issuing_has_its_code";

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads the tests it names")]
fn every_code_that_is_raised_elsewhere_is_named_by_the_test_that_provokes_it() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (code, file, test) in RAISED_ELSEWHERE {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let (_before, body) = text.split_once(&format!("fn {test}(")).unwrap();
        let body = body.split("\n}\n").next().unwrap();
        let variant = format!("{:?}", FailureCode::from_code(code).unwrap());
        let provokes = body.contains(code) || body.contains(&variant);
        assert!(provokes, "{test} of {file} does not name {code}");
    }
}

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
        .chain(boundaries::CODES.iter().copied())
        .chain(RAISED_ELSEWHERE.iter().map(|(code, _, _)| *code))
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
