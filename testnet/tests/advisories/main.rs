//! No locked dependency has a known vulnerability, as far as the committed table knows.
//!
//! `scripts/advisories.csv` holds facts of a dated database; `scripts/refresh-advisories` renews
//! it. `deny.toml` holds the exceptions. No network and no clock: an exception ends when the table
//! is newer than the day it was given until.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

mod judge;
mod refresh;
mod table;

use std::fs;
use std::path::PathBuf;

use judge::{Exceptions, Judgement, judge, locked};
use table::Table;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

const TABLE: &str = "scripts/advisories.csv";

#[test]
fn no_locked_dependency_has_a_known_vulnerability_without_an_exception() {
    let table = Table::parse(&read(TABLE));
    let exceptions = Exceptions::parse(&read("deny.toml"));
    let found = judge(&locked(&read("Cargo.lock")), &table, &exceptions);
    assert_eq!(found.vulnerable, Vec::<String>::new(), "see SECURITY.md");
}

#[test]
fn every_exception_in_force_is_still_needed() {
    let table = Table::parse(&read(TABLE));
    let exceptions = Exceptions::parse(&read("deny.toml"));
    let found = judge(&locked(&read("Cargo.lock")), &table, &exceptions);
    assert_eq!(found.needless, Vec::<String>::new(), "deny.toml");
}

/// A table of two vulnerabilities of `bad` and two notices.
const SAMPLE: &str = "\
# database of 2026-11-21
id,crate,kind,patched,unaffected,date
RUSTSEC-2026-9001,bad,vulnerability,^1.2.3 | >=2.0.1,<1.0.0,2026-01-02
RUSTSEC-2026-9002,bad,vulnerability,,,2026-01-02
RUSTSEC-2026-9003,old,unmaintained,,,2026-01-02
RUSTSEC-2026-9004,odd,unsound,>=0.5.0 & <0.6.0 | >=0.7.0,,2026-01-02
";

fn sample(lock: &str, deny: &str) -> Judgement {
    judge(
        &locked(lock),
        &Table::parse(SAMPLE),
        &Exceptions::parse(deny),
    )
}

fn lock(name: &str, version: &str) -> String {
    format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n")
}

const ACCEPT_THE_SECOND: &str = r#"[advisories]
ignore = [{ id = "RUSTSEC-2026-9002", reason = "not reached; until 2027-01-31" }]"#;

#[test]
fn a_planted_vulnerable_version_is_found() {
    for version in ["1.0.0", "1.2.2", "2.0.0"] {
        let found = sample(&lock("bad", version), ACCEPT_THE_SECOND);
        let expected = format!("RUSTSEC-2026-9001: bad {version}, patched in ^1.2.3 | >=2.0.1");
        assert_eq!(found.vulnerable, [expected]);
    }
    for version in ["1.2.3", "1.9.0", "2.0.1", "0.9.0", "3.1.4"] {
        let found = sample(&lock("bad", version), ACCEPT_THE_SECOND);
        assert_eq!(found.vulnerable, Vec::<String>::new(), "{version}");
    }
}

#[test]
fn an_exception_needs_a_day_and_ends_with_it() {
    let (_, rest) = ACCEPT_THE_SECOND.split_once('[').unwrap();
    let deny = |until: &str| format!("[{}", rest.replace("2027-01-31", until));
    for until in ["2026-11-20", "2025-01-01"] {
        let found = sample(&lock("bad", "1.2.3"), &deny(until));
        let expected = format!("RUSTSEC-2026-9002: bad 1.2.3, its exception ended on {until}");
        assert_eq!(found.vulnerable, [expected]);
    }
    assert_eq!(
        sample(&lock("bad", "1.2.3"), &deny("2026-11-21")).vulnerable,
        Vec::<String>::new()
    );
    let never = sample(&lock("bad", "1.2.3"), &deny("later"));
    assert_eq!(
        never.vulnerable,
        ["RUSTSEC-2026-9002: bad 1.2.3, its exception names no day: write `until YYYY-MM-DD`"]
    );
}

#[test]
fn what_is_no_vulnerability_is_listed_and_fails_nothing() {
    let both = lock("old", "1.0.0") + &lock("odd", "0.6.1") + &lock("odd", "0.5.2");
    let found = sample(&both, "");
    assert_eq!(found.vulnerable, Vec::<String>::new());
    let expected = [
        "RUSTSEC-2026-9003: old 1.0.0 is unmaintained",
        "RUSTSEC-2026-9004: odd 0.6.1 is unsound",
    ];
    assert_eq!(found.notices, expected);
}

#[test]
fn an_exception_that_nothing_needs_any_more_is_named() {
    let found = sample(&lock("good", "1.0.0"), ACCEPT_THE_SECOND);
    assert_eq!(found.needless, ["RUSTSEC-2026-9002"]);
    // Of what the table does not know, nothing can be said.
    let unknown = ACCEPT_THE_SECOND.replace("9002", "9999");
    assert_eq!(
        sample(&lock("good", "1.0.0"), &unknown).needless,
        Vec::<String>::new()
    );
}
