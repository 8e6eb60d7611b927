//! `chain/SPEC.md` against the tables of the program: what is written twice must agree.

use piao_chain::digest::Tag;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::fields;
use piao_chain::limits;
use piao_chain::tax::{Kinds, OpenTo, RuleSet};

const SPECIFICATION: &str = include_str!("../../SPEC.md");

/// The text from one heading to the next of the same or a higher level.
fn section(heading: &str) -> &'static str {
    let (_, rest) = SPECIFICATION.split_once(heading).unwrap();
    let end = ["\n## ", "\n### ", "\n#### "]
        .into_iter()
        .filter_map(|next| rest.find(next))
        .min();
    end.map_or(rest, |end| &rest[..end])
}

/// 32768 as `32 768`.
fn spaced(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn has_row(text: &str, start: &str) {
    assert!(
        text.lines().any(|line| line.starts_with(start)),
        "SPEC.md has no row {start:?}"
    );
}

/// Tags, bounds, fields and rates.
pub(crate) fn check_tables() {
    let tags = section("### 3.1 Digests");
    for tag in Tag::ALL {
        let name = tag.context().strip_prefix("piao/1 ").unwrap();
        assert!(tags.contains(&format!("`{name}`")), "no tag {name}");
    }
    let bounds = section("### 1.5 Bounds");
    let wide = |bound: usize| u64::try_from(bound).unwrap();
    for (name, value) in [
        ("LINES_MAX", wide(limits::LINES_MAX)),
        ("TX_BYTES_MAX", wide(limits::TX_BYTES_MAX)),
        ("BLOCK_BYTES_MAX", wide(limits::BLOCK_BYTES_MAX)),
        ("BLOCK_BYTES_CEILING", wide(limits::BLOCK_BYTES_CEILING)),
        ("SIGNERS_MAX", wide(limits::SIGNERS_MAX)),
        ("VALIDATORS_MAX", wide(limits::VALIDATORS_MAX)),
        ("PROOF_BYTES_MAX", wide(limits::PROOF_BYTES_MAX)),
        ("TRUST_ROOT_BYTES_MAX", wide(limits::TRUST_ROOT_BYTES_MAX)),
        ("PAYMENTS_MAX", wide(limits::PAYMENTS_MAX)),
        ("EVIDENCE_MAX", wide(limits::EVIDENCE_MAX)),
        ("EFFECTS_MAX", wide(limits::EFFECTS_MAX)),
        ("FIELDS_MAX", wide(limits::FIELDS_MAX)),
        ("FIELD_BYTES_MAX", wide(limits::FIELD_BYTES_MAX)),
        ("VALIDITY_WINDOW_MS", limits::VALIDITY_WINDOW_MS),
        ("TOP_UP_FEN_MAX", limits::TOP_UP_FEN_MAX.unsigned_abs()),
        ("CONFIRMATION_MS_MAX", limits::CONFIRMATION_MS_MAX),
        ("DISPUTE_BLOCKS_MAX", limits::DISPUTE_BLOCKS_MAX),
        ("RULE_SET_AHEAD_MAX", limits::RULE_SET_AHEAD_MAX),
        (
            "RULE_SETS_SCHEDULED_MAX",
            wide(limits::RULE_SETS_SCHEDULED_MAX),
        ),
        ("ANNOUNCEMENTS_MAX", wide(limits::ANNOUNCEMENTS_MAX)),
        ("ANNOUNCED_MS_MAX", limits::ANNOUNCED_MS_MAX),
        ("ANNOUNCED_AHEAD_MS_MAX", limits::ANNOUNCED_AHEAD_MS_MAX),
        ("VALIDATORS_NOTICE_MIN", limits::VALIDATORS_NOTICE_MIN),
        ("VALIDATORS_NOTICE_MAX", limits::VALIDATORS_NOTICE_MAX),
        ("MISBEHAVIOUR_AGE_MAX", limits::MISBEHAVIOUR_AGE_MAX),
        ("SETS_JUDGED_MAX", wide(limits::SETS_JUDGED_MAX)),
        ("LINKS_MAX", wide(limits::LINKS_MAX)),
        ("LISTED_MAX", wide(limits::LISTED_MAX)),
        ("BLOCK_TIME_STEP_MS", limits::BLOCK_TIME_STEP_MS),
        ("BLOCK_TIME_SKEW_MS", limits::BLOCK_TIME_SKEW_MS),
        ("HEARTBEAT_MS_MAX", limits::HEARTBEAT_MS_MAX),
    ] {
        has_row(bounds, &format!("| `{name}` | {} |", spaced(value)));
    }
    for (name, id) in fields::NAMES {
        has_row(section("### 8.2 Fields"), &format!("| {id} | `{name}` |"));
    }
    check_rates();
    check_special_businesses();
}

/// Every open special business with its kinds, its lines and its elements, and no other one.
fn check_special_businesses() {
    let (public, private) = (
        section("#### 4.8.9 Special businesses"),
        section("### 8.5 What a desk asks of texts"),
    );
    let mut rows = 0;
    for business in RuleSet::CURRENT.open_special_businesses() {
        let kinds = match business.kinds {
            Kinds::Both => "1, 2",
            Kinds::General => "2",
            Kinds::Special => "1",
        };
        let lines = if business.one_line { "one" } else { "any" };
        let (number, word, zh) = (business.number, business.word, business.zh);
        let line = format!("| {number} | `{word}` | {zh} | {kinds} | {lines} |");
        has_row(public, &line);
        let start = format!("| `{word}` |");
        let row = private.lines().find(|line| line.starts_with(&start));
        for element in business.elements {
            let name = format!("`{}`", element.name);
            assert!(row.unwrap().contains(&name), "{word}: no {name}");
        }
        rows += 1;
    }
    let written = public
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'));
    assert_eq!(written.count(), rows, "rows of special businesses");
}

/// Every row in force of the current rule set, and nothing else.
fn check_rates() {
    let text = section("#### 4.8.4 Rule set 1");
    let mut rows = 0;
    for row in RuleSet::CURRENT.rates.iter().filter(|row| row.in_force) {
        let open_to = match row.open_to {
            OpenTo::General => "general",
            OpenTo::SmallScale => "small-scale",
            OpenTo::Everybody => "both",
        };
        let special = if row.special_invoice { "yes" } else { "no" };
        let rate = spaced(row.rate.ppm().into());
        let to = row.to.map_or(String::new(), |date| format!("{date} "));
        let from = row.from;
        let line = format!("| {rate} | {from} | {to}| {open_to} | {special} |");
        has_row(text, &line);
        rows += 1;
    }
    let written = text
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains("-0"));
    assert_eq!(written.count(), rows, "rows of rates");
}

/// Every code the text names is in the catalogue.
pub(crate) fn check_codes() {
    let mut found = 0;
    for word in SPECIFICATION.split(|c: char| !c.is_ascii_alphanumeric()) {
        let digits = word.strip_prefix('E').unwrap_or_default();
        if digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            assert!(FailureCode::from_code(word).is_some(), "{word}");
            found += 1;
        }
    }
    assert!(found > 50, "{found} codes found");
}
