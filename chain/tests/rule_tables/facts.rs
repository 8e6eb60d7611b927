//! What every validator says to changed facts, whatever a desk would have said.

use piao_chain::amount::Fen;
use piao_chain::codec;
use piao_chain::invoice::{preflight, sample};
use piao_chain::rate::RatePpm;
use piao_chain::tax::{
    Buyer, DISCOUNT_LINE, DISCOUNTED_LINE, KIND_SPECIAL, RedReference, TaxFacts, TaxLine, Taxpayer,
};
use piao_chain::time::IssueDate;

/// One change and the codes it causes, each once, in order.
pub(crate) struct Row {
    what: &'static str,
    change: fn(&mut TaxFacts),
    pub(crate) expected: &'static [&'static str],
}

const fn row(
    what: &'static str,
    change: fn(&mut TaxFacts),
    expected: &'static [&'static str],
) -> Row {
    Row {
        what,
        change,
        expected,
    }
}

/// The facts of the sample draft: 100.00 at 6 %, a clear buyer.
pub(crate) fn sample_facts() -> TaxFacts {
    let prepared = preflight(&sample::draft(), &sample::desk())
        .prepared
        .unwrap();
    prepared.facts(Buyer::Clear {
        uscc: sample::BUYER_TAX_ID.parse().unwrap(),
    })
}

fn line(facts: &mut TaxFacts) -> &mut TaxLine {
    facts.lines.first_mut().unwrap()
}

fn sealed(class: u8) -> Buyer {
    Buyer::Sealed {
        commitment: [7; 32],
        class,
    }
}

/// Makes the totals the sums of the lines again.
fn retotal(facts: &mut TaxFacts) {
    let sum = |value: fn(&TaxLine) -> Fen| {
        facts
            .lines
            .iter()
            .fold(0, |sum, line| sum + value(line).fen())
    };
    let (amount, tax) = (sum(|line| line.amount), sum(|line| line.tax));
    facts.totals.amount = Fen::new(amount);
    facts.totals.tax = Fen::new(tax);
    facts.totals.gross = Fen::new(amount + tax);
}

/// Adds a discount line of some fen at the sample's rate.
fn discount(facts: &mut TaxFacts, amount_fen: i64, tax_fen: i64) {
    let mut discount = *line(facts);
    line(facts).line_type = DISCOUNTED_LINE;
    discount.line_type = DISCOUNT_LINE;
    discount.amount = Fen::new(amount_fen);
    discount.tax = Fen::new(tax_fen);
    facts.lines.push(discount);
    retotal(facts);
}

/// The table, in catalogue order.
pub(crate) const ROWS: &[Row] = &[
    row("nothing", |_| {}, &[]),
    row("a sealed company", |f| f.buyer = sealed(1), &[]),
    row(
        "a fifth class of buyer",
        |f| f.buyer = sealed(5),
        &["E1008"],
    ),
    row(
        "a special invoice to a sealed person",
        |f| {
            f.buyer = sealed(3);
            f.kind = KIND_SPECIAL;
        },
        &["E1009"],
    ),
    row("dollars", |f| f.currency = 840, &["E1113"]),
    row(
        "line tax",
        |f| {
            line(f).tax = Fen::new(607);
            retotal(f);
        },
        &["E1205"],
    ),
    row(
        "line tax and total tax",
        |f| line(f).tax = Fen::new(607),
        &["E1205", "E1209"],
    ),
    row("discount tax", |f| discount(f, -1_000, -62), &["E1206"]),
    row("a right discount", |f| discount(f, -1_000, -60), &[]),
    row(
        "22 lines six fen up",
        |f| {
            line(f).tax = Fen::new(606);
            f.lines = vec![f.lines[0]; 22];
            retotal(f);
        },
        &["E1207"],
    ),
    row(
        "total amount",
        |f| f.totals.amount = Fen::new(10_001),
        &["E1208", "E1210"],
    ),
    row(
        "total tax",
        |f| f.totals.tax = Fen::new(601),
        &["E1209", "E1210"],
    ),
    row(
        "grand total",
        |f| f.totals.gross = Fen::new(10_601),
        &["E1210"],
    ),
    row(
        "a line of nothing",
        |f| {
            discount(f, -1_000, -60);
            let mut nothing = f.lines[1];
            nothing.line_type = 0;
            (nothing.amount, nothing.tax) = (Fen::ZERO, Fen::ZERO);
            f.lines.push(nothing);
        },
        &["E1211"],
    ),
    row(
        "a negative invoice",
        |f| {
            line(f).amount = Fen::new(-10_000);
            line(f).tax = Fen::new(-600);
            retotal(f);
        },
        &["E1212", "E1212"],
    ),
    row(
        "the largest number there is",
        |f| {
            line(f).amount = Fen::new(i64::MAX);
        },
        &["E1205", "E1207", "E1208", "E1213"],
    ),
    row(
        "a discount without its line",
        |f| line(f).line_type = DISCOUNT_LINE,
        &["E1212", "E1215"],
    ),
    row(
        "a line that waits for its discount",
        |f| line(f).line_type = DISCOUNTED_LINE,
        &["E1215"],
    ),
    row(
        "an unknown type of line",
        |f| line(f).line_type = 9,
        &["E1215"],
    ),
    row(
        "a discount of another code",
        |f| {
            discount(f, -1_000, -60);
            // Lodging, at the same rate.
            f.lines[1].class_code = 3_070_402_000_000_000_000;
        },
        &["E1215"],
    ),
    row(
        "a discount over its line",
        |f| {
            f.lines.insert(0, f.lines[0]);
            let mut discounted = f.lines[1];
            discounted.line_type = DISCOUNTED_LINE;
            let mut off = discounted;
            off.line_type = DISCOUNT_LINE;
            (off.amount, off.tax) = (Fen::new(-10_001), Fen::new(-600));
            f.lines = vec![f.lines[0], discounted, off];
            retotal(f);
        },
        &["E1216"],
    ),
    row(
        "no lines",
        |f| {
            f.lines.clear();
            retotal(f);
        },
        &["E1217"],
    ),
    row(
        "201 lines",
        |f| {
            f.lines = vec![f.lines[0]; 200];
            retotal(f);
            f.lines.push(f.lines[0]);
        },
        &["E1218"],
    ),
    row(
        "a deduction over the amount",
        |f| {
            line(f).deduction = Fen::new(10_001);
            line(f).tax = Fen::ZERO;
            retotal(f);
        },
        &["E1219"],
    ),
    row(
        "a rate that is none",
        |f| {
            line(f).rate = RatePpm::new(70_000);
            line(f).tax = Fen::new(700);
            retotal(f);
        },
        &["E1301"],
    ),
    row(
        "six per cent before there was one",
        |f| {
            f.issued_on = IssueDate::from_days(0);
        },
        &["E1301"],
    ),
    row(
        "exempt on a special invoice",
        |f| {
            f.kind = KIND_SPECIAL;
            line(f).rate = RatePpm::ZERO;
            line(f).zero_rate_kind = Some(1);
            line(f).tax = Fen::ZERO;
            retotal(f);
        },
        &["E1304"],
    ),
    row(
        "a fifth reason for nought",
        |f| {
            line(f).rate = RatePpm::ZERO;
            line(f).zero_rate_kind = Some(4);
            line(f).tax = Fen::ZERO;
            retotal(f);
        },
        &["E1305"],
    ),
    row(
        "a policy of another rate",
        |f| line(f).preference = 10,
        &["E1306"],
    ),
    row(
        "a third reason to waive",
        |f| f.waive_reason = 3,
        &["E1307"],
    ),
    row(
        "a code of 18 digits",
        |f| line(f).class_code = 307_040_100_000_000_000,
        &["E1308"],
    ),
    row(
        "a code of 20 digits",
        |f| line(f).class_code = u64::MAX,
        &["E1308"],
    ),
    row("an unknown kind", |f| f.kind = 3, &["E1315"]),
    row("an offline lease", |f| f.issuing_mode = 2, &["E1315"]),
    row("a special business", |f| f.special_business = 3, &[]),
    row(
        "a special business that is not open",
        |f| f.special_business = 8,
        &["E1315"],
    ),
    row(
        "two lines of construction",
        |f| {
            f.special_business = 3;
            f.lines.push(f.lines[0]);
            retotal(f);
        },
        &["E1313"],
    ),
    row(
        "a red letter",
        |f| {
            f.red = Some(RedReference {
                original_slot: 1,
                reason: 1,
                confirmation: None,
            });
        },
        &["E1315"],
    ),
    row(
        "rules of another time",
        |f| {
            f.rule_set = 99;
            line(f).tax = Fen::new(9_999);
        },
        &["E2206"],
    ),
];

#[test]
fn validators_find_exactly_what_each_change_breaks() {
    for row in ROWS {
        let mut facts = sample_facts();
        (row.change)(&mut facts);
        let faults = facts.faults();
        let found: Vec<&str> = faults.iter().map(|fault| fault.code.code()).collect();
        assert_eq!(found, row.expected, "{}", row.what);
    }
}

#[test]
fn a_block_names_the_first_fault_in_catalogue_order() {
    for row in ROWS {
        let mut facts = sample_facts();
        (row.change)(&mut facts);
        let first = facts.check().err();
        assert_eq!(
            first.map(|breach| breach.code.code()),
            row.expected.first().copied()
        );
        let pointer = facts.faults().first().map(|fault| fault.pointer.clone());
        assert_eq!(
            first.map(|breach| breach.place.pointer()),
            pointer,
            "{}",
            row.what
        );
    }
}

#[test]
fn the_sellers_registration_decides_which_rates_are_open() {
    let mut facts = sample_facts();
    assert_eq!(facts.check_taxpayer(Taxpayer::General), Ok(()));
    let refused = facts.check_taxpayer(Taxpayer::SmallScale).unwrap_err();
    assert_eq!(refused.code.code(), "E1302");
    line(&mut facts).rate = RatePpm::new(30_000);
    assert_eq!(facts.check_taxpayer(Taxpayer::General), Ok(()));
    let refused = facts.check_taxpayer(Taxpayer::SmallScale).unwrap_err();
    assert_eq!(refused.code.code(), "E1307");
    facts.waive_reason = 2;
    assert_eq!(facts.check_taxpayer(Taxpayer::SmallScale), Ok(()));
}

#[test]
fn facts_have_one_encoding_and_a_wrong_buyer_does_not_decode() {
    let facts = sample_facts();
    let bytes = codec::encode(&facts);
    assert_eq!(codec::decode::<TaxFacts>(&bytes).unwrap(), facts);
    let code = sample::BUYER_TAX_ID.as_bytes();
    let at = bytes
        .windows(code.len())
        .position(|window| window == code)
        .unwrap();
    let mut wrong = bytes;
    wrong[at + 17] = b'J';
    assert!(codec::decode::<TaxFacts>(&wrong).is_err());
}

#[test]
fn no_numbers_make_the_check_panic() {
    let extremes = [i64::MIN, -1, 0, 1, i64::MAX];
    for amount in extremes {
        for tax in extremes {
            for ppm in [0, 1, 60_000, u32::MAX] {
                let mut facts = sample_facts();
                let mut wild = facts.lines[0];
                (wild.amount, wild.tax, wild.deduction) =
                    (Fen::new(amount), Fen::new(tax), Fen::new(amount));
                wild.rate = RatePpm::new(ppm);
                facts.lines = vec![wild; 200];
                facts.totals.gross = Fen::new(amount);
                facts.issued_on = IssueDate::from_days(u32::MAX);
                assert!(facts.check().is_err());
            }
        }
    }
}
