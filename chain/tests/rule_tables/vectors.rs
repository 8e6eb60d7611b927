//! The published vectors: tax ids, resident ids, arithmetic.

use piao_chain::amount::Fen;
use piao_chain::rate::RatePpm;
use piao_chain::tax::uscc::{self, UsccError};
use piao_chain::tax::{ResidentId, Uscc, split_gross, tax_on};
use piao_chain::time::IssueDate;

use piao_chain::invoice::{DraftLine, preflight, sample};

use super::facts::sample_facts;

const USCC: &str = include_str!("../../vectors/uscc.csv");
const RESIDENT_ID: &str = include_str!("../../vectors/resident_id.csv");
const ARITHMETIC: &str = include_str!("../../vectors/arithmetic.csv");

/// Rows of a table without its heading; no cell before the last holds a comma.
fn rows(table: &'static str, columns: usize) -> impl Iterator<Item = Vec<&'static str>> {
    table
        .lines()
        .skip(1)
        .map(move |row| row.splitn(columns, ',').collect())
}

#[test]
fn tax_ids_are_valid_wrong_or_in_need_of_repair() {
    let mut seen = 0;
    for row in rows(USCC, 6) {
        let [code, expect, _, own, reason, inner] = row[..] else {
            panic!("{row:?}")
        };
        let read = code.parse::<Uscc>();
        assert_eq!(read.is_ok(), own == "valid", "{code}");
        if let Ok(read) = read {
            assert_eq!(read.org_code_is_consistent(), inner == "ok", "{code}");
        } else {
            let expected = match reason {
                "length" => UsccError::Length,
                "charset" => UsccError::Character,
                "region_not_digits" => UsccError::Region,
                _ => UsccError::Checksum,
            };
            // A repairable text has no agreed reason: width and separators change its length.
            assert!(expect == "normalise" || read == Err(expected), "{code}");
        }
        assert_eq!(
            uscc::normalised(code).is_some(),
            expect == "normalise",
            "{code}"
        );
        seen += 1;
    }
    assert_eq!(seen, 23);
}

#[test]
fn resident_ids_are_valid_or_wrong() {
    let today = IssueDate::parse("2026-11-21").unwrap();
    let mut seen = 0;
    for row in rows(RESIDENT_ID, 3) {
        let (code, expect) = (row[0], row[1]);
        assert_eq!(
            ResidentId::parse(code, today).is_ok(),
            expect == "valid",
            "{code} {row:?}"
        );
        seen += 1;
    }
    assert_eq!(seen, 22);
}

/// The value of `name=` in `a=1;b=2`.
fn value<'a>(cell: &'a str, name: &str) -> &'a str {
    cell.split(';')
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
        .unwrap()
}

fn money(cell: &str, name: &str) -> Fen {
    Fen::parse_signed(value(cell, name)).unwrap()
}

#[test]
fn arithmetic_agrees_with_the_vectors() {
    let mut seen = 0;
    for row in rows(ARITHMETIC, 4) {
        let [check, input, expect, detail] = row[..] else {
            panic!("{row:?}")
        };
        let found = match check {
            "gross_split" => gross_split(input, detail),
            "line_tax" => line_tax(input, detail, false),
            "line_tax_discount" => line_tax(input, detail, true),
            "total_drift" => total_drift(input),
            "qty_price" => qty_price(input),
            other => panic!("unknown check {other}"),
        };
        assert_eq!(found, expect, "{check} {input}");
        seen += 1;
    }
    assert_eq!(seen, 22);
}

fn gross_split(input: &str, detail: &str) -> String {
    let rate: RatePpm = value(input, "rate").parse().unwrap();
    let split = split_gross(money(input, "gross"), rate).unwrap();
    assert_eq!(
        (split.net, split.tax),
        (money(detail, "net"), money(detail, "tax")),
        "{input}"
    );
    "ok".to_owned()
}

fn line_tax(input: &str, detail: &str, discount: bool) -> String {
    let rate: RatePpm = value(input, "rate").parse().unwrap();
    let amount = money(input, "amount");
    assert_eq!(
        tax_on(amount.wide(), rate),
        money(detail, "round").wide(),
        "{input}"
    );
    let mut facts = sample_facts();
    facts.lines[0].rate = rate;
    facts.lines[0].amount = amount;
    facts.lines[0].tax = money(input, "tax");
    let codes: &[&str] = if discount {
        facts.lines[0].line_type = 1;
        &["E1206"]
    } else {
        &["E1205"]
    };
    verdict(&facts, codes)
}

fn total_drift(input: &str) -> String {
    let count: usize = input.split(' ').next().unwrap().parse().unwrap();
    let mut facts = sample_facts();
    facts.lines[0].tax = Fen::new(606);
    facts.lines = vec![facts.lines[0]; count];
    facts.totals.tax = Fen::new(606 * i64::try_from(count).unwrap());
    verdict(&facts, &["E1207"])
}

/// The first of some codes that the facts break, or `ok`.
fn verdict(facts: &piao_chain::tax::TaxFacts, codes: &[&str]) -> String {
    let faults = facts.faults();
    let found = faults
        .iter()
        .map(|fault| fault.code.code())
        .find(|code| codes.contains(code));
    found.unwrap_or("ok").to_owned()
}

fn qty_price(input: &str) -> String {
    let text = |name| Some(value(input, name).to_owned());
    let mut draft = sample::draft();
    draft.lines = vec![DraftLine {
        quantity: text("qty"),
        unit_price: text("price"),
        amount: text("amount"),
        ..sample::line()
    }];
    let faults = preflight(&draft, &sample::desk()).faults;
    faults
        .first()
        .map_or_else(|| "ok".to_owned(), |fault| fault.code.to_string())
}
