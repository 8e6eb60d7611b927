//! Every limit, with the last value that passes and the first that doesn't.

use piao_chain::invoice::{Draft, DraftLine, DraftTotals, preflight, sample};
use piao_chain::tax::{OpenTo, RateRow, RuleSet, Taxpayer};
use piao_chain::time::{BlockTime, IssueDate};

use super::random::{goods_line, some};

/// A limit: what it is, the last that passes, the first that does not, and its code.
struct Limit {
    what: &'static str,
    passes: (&'static str, fn(&str) -> Draft),
    refused: &'static str,
    code: &'static str,
}

const fn limit(
    what: &'static str,
    draft: fn(&str) -> Draft,
    passes: &'static str,
    refused: &'static str,
    code: &'static str,
) -> Limit {
    Limit {
        what,
        passes: (passes, draft),
        refused,
        code,
    }
}

/// The table. Each text is put where the limit says.
pub(crate) const CODES: &[&str] = &[
    "E1205", "E1204", "E1206", "E1207", "E1202", "E1108", "E1218", "E1213", "E1308", "E1211",
    "E1216", "E1219", "E1106", "E1107",
];

const LIMITS: &[Limit] = &[
    limit(
        "tax of 100.00 at 6 %: up to 0.06 more",
        taxed,
        "6.06",
        "6.07",
        "E1205",
    ),
    limit(
        "tax of 100.00 at 6 %: up to 0.06 less",
        taxed,
        "5.94",
        "5.93",
        "E1205",
    ),
    limit(
        "amount of 3 × 33.33: up to 0.01 more",
        product,
        "100.00",
        "100.01",
        "E1204",
    ),
    limit(
        "amount of 3 × 33.33: up to 0.01 less",
        product,
        "99.98",
        "99.97",
        "E1204",
    ),
    limit(
        "tax of a discount of 10.00: up to 0.01 more",
        discounted,
        "-0.61",
        "-0.62",
        "E1206",
    ),
    limit(
        "tax of a discount of 10.00: up to 0.01 less",
        discounted,
        "-0.59",
        "-0.58",
        "E1206",
    ),
    limit(
        "21 lines 0.06 up and one more: 1.27",
        drifting,
        "6.01",
        "6.02",
        "E1207",
    ),
    limit(
        "21 lines 0.06 down and one more: 1.27",
        drifting_down,
        "5.99",
        "5.98",
        "E1207",
    ),
    limit(
        "decimals of a price: 13",
        priced,
        "1.0000000000001",
        "1.00000000000001",
        "E1202",
    ),
    limit(
        "characters of a price: 25",
        priced_high,
        "10000000000000.0000000000",
        "10000000000000.00000000000",
        "E1202",
    ),
    limit(
        "characters of a remark: 450",
        remarked,
        "450",
        "451",
        "E1108",
    ),
    limit("lines: 200", lined, "200", "201", "E1218"),
    limit(
        "digits of an amount: 18",
        amounted,
        "9000000000000000.00",
        "10000000000000000.00",
        "E1213",
    ),
    limit(
        "digits of a code: 19, not fewer",
        coded,
        "3070401000000000000",
        "307040100000000000",
        "E1308",
    ),
    limit(
        "digits of a code: 19, not more",
        coded,
        "3070401000000000000",
        "30704010000000000000",
        "E1308",
    ),
    limit("an amount above nought", amounted, "0.01", "0.00", "E1211"),
    limit(
        "a discount of 100.00 at most",
        off,
        "-100.00",
        "-100.01",
        "E1216",
    ),
    limit(
        "a deduction up to the amount",
        deducted,
        "100.00",
        "100.01",
        "E1219",
    ),
    limit(
        "ten minutes ahead",
        timed,
        "2026-11-21T10:10:00+08:00",
        "2026-11-21T10:10:01+08:00",
        "E1106",
    ),
    limit(
        "31 days back",
        timed,
        "2026-10-21T00:00:00+08:00",
        "2026-10-20T23:59:59+08:00",
        "E1107",
    ),
];

fn of_lines(lines: Vec<DraftLine>) -> Draft {
    Draft {
        lines,
        ..sample::draft()
    }
}

/// 100.00 at 6 %.
fn hundred() -> DraftLine {
    DraftLine {
        amount: some("100.00"),
        ..goods_line("0.06")
    }
}

fn with_tax(tax: &str) -> DraftLine {
    DraftLine {
        tax: some(tax),
        ..hundred()
    }
}

fn taxed(tax: &str) -> Draft {
    of_lines(vec![with_tax(tax)])
}

fn product(amount: &str) -> Draft {
    of_lines(vec![DraftLine {
        quantity: some("3"),
        unit_price: some("33.33"),
        amount: some(amount),
        ..goods_line("0.06")
    }])
}

fn discounted(tax: &str) -> Draft {
    of_lines(vec![
        hundred(),
        DraftLine {
            amount: some("-10.00"),
            tax: some(tax),
            discount: Some(true),
            ..goods_line("0.06")
        },
    ])
}

fn drifting(tax: &str) -> Draft {
    let mut lines = vec![with_tax("6.06"); 21];
    lines.push(with_tax(tax));
    of_lines(lines)
}

fn drifting_down(tax: &str) -> Draft {
    let mut lines = vec![with_tax("5.94"); 21];
    lines.push(with_tax(tax));
    of_lines(lines)
}

fn priced(price: &str) -> Draft {
    of_lines(vec![DraftLine {
        quantity: some("1"),
        unit_price: some(price),
        ..goods_line("0.06")
    }])
}

fn priced_high(price: &str) -> Draft {
    of_lines(vec![DraftLine {
        quantity: some("0.01"),
        unit_price: some(price),
        ..goods_line("0.06")
    }])
}

fn remarked(chars: &str) -> Draft {
    Draft {
        remark: Some("备".repeat(chars.parse().unwrap())),
        ..sample::draft()
    }
}

fn lined(count: &str) -> Draft {
    of_lines(vec![hundred(); count.parse().unwrap()])
}

fn amounted(amount: &str) -> Draft {
    of_lines(vec![DraftLine {
        amount: some(amount),
        ..goods_line("0.06")
    }])
}

fn coded(code: &str) -> Draft {
    of_lines(vec![DraftLine {
        class_code: some(code),
        ..hundred()
    }])
}

fn off(amount: &str) -> Draft {
    let discount = DraftLine {
        amount: some(amount),
        discount: Some(true),
        ..goods_line("0.06")
    };
    of_lines(vec![hundred(), hundred(), discount])
}

fn deducted(deduction: &str) -> Draft {
    of_lines(vec![DraftLine {
        deduction: some(deduction),
        tax: some("0.00"),
        ..hundred()
    }])
}

fn timed(issued_at: &str) -> Draft {
    Draft {
        issued_at: some(issued_at),
        ..sample::draft()
    }
}

fn codes(draft: &Draft, taxpayer: Taxpayer, now: BlockTime) -> Vec<&'static str> {
    let mut desk = super::random::desk(taxpayer);
    desk.now = now;
    let faults = preflight(draft, &desk).faults;
    let mut codes: Vec<_> = faults.iter().map(|fault| fault.code.code()).collect();
    codes.dedup();
    codes
}

#[test]
fn every_limit_passes_its_last_value_and_refuses_the_next() {
    let now = BlockTime::from_ms(sample::NOW_MS);
    for limit in LIMITS {
        let (last, draft) = limit.passes;
        let passes = codes(&draft(last), Taxpayer::General, now);
        assert_eq!(passes, [""; 0], "{}: {last}", limit.what);
        let refused = codes(&draft(limit.refused), Taxpayer::General, now);
        assert_eq!(refused, [limit.code], "{}: {}", limit.what, limit.refused);
    }
    let named: Vec<&str> = LIMITS.iter().map(|limit| limit.code).collect();
    assert!(CODES.iter().all(|code| named.contains(code)));
}

#[test]
fn an_amount_in_capitals_is_right_to_the_fen() {
    let now = BlockTime::from_ms(sample::NOW_MS);
    let spelled = |capital: &str| Draft {
        totals: Some(DraftTotals {
            gross_capital: some(capital),
            ..DraftTotals::default()
        }),
        ..taxed("6.00")
    };
    let said = |capital| codes(&spelled(capital), Taxpayer::General, now);
    assert_eq!(said("壹佰零陆圆整"), [""; 0]);
    assert_eq!(said("壹佰零陆圆零壹分"), ["E1214"]);
}

/// Noon in China of a day.
fn noon(day: IssueDate) -> BlockTime {
    BlockTime::from_ms(u64::from(day.days()) * 86_400_000 + 4 * 3_600_000)
}

/// Whether a day lies within a row, ends included.
fn covers(row: &RateRow, day: IssueDate) -> bool {
    row.from <= day && row.to.is_none_or(|last| day <= last)
}

/// A line that a rate can stand on.
fn rated(row: &RateRow) -> Draft {
    let rate = row.rate.to_string();
    let zero = row.rate.is_zero();
    let goods = if zero { "0.06" } else { rate.as_str() };
    of_lines(vec![DraftLine {
        amount: some("100.00"),
        rate: some(&rate),
        zero_rate_kind: zero.then(|| "exempt".to_owned()),
        ..goods_line(goods)
    }])
}

#[test]
fn every_rate_opens_on_its_first_day_and_closes_after_its_last() {
    let mut days_seen = 0;
    for row in RuleSet::CURRENT.rates {
        let mut draft = rated(row);
        // Who shows 3 % although 1 % is in force says why.
        draft.waive_1pct_reason = some("1");
        let taxpayer = match row.open_to {
            OpenTo::SmallScale => Taxpayer::SmallScale,
            OpenTo::General | OpenTo::Everybody => Taxpayer::General,
        };
        let first = row.from.days();
        let mut days = vec![first];
        days.extend(first.checked_sub(1));
        days.extend(
            row.to
                .iter()
                .flat_map(|last| [last.days(), last.days() + 1]),
        );
        for day in days.into_iter().map(IssueDate::from_days) {
            let open = RuleSet::CURRENT
                .rates
                .iter()
                .any(|other| other.rate == row.rate && other.in_force && covers(other, day));
            let expected: &[&str] = if open { &[] } else { &["E1301"] };
            let found = codes(&draft, taxpayer, noon(day));
            assert_eq!(found, expected, "{} on {day}", row.rate);
            days_seen += 1;
        }
    }
    assert!(days_seen > 15, "{days_seen}");
}

#[test]
fn the_dates_of_the_one_per_cent_are_those_of_the_notices() {
    let draft = of_lines(vec![DraftLine {
        amount: some("100.00"),
        ..goods_line("0.01")
    }]);
    let rows = [
        ("2022-12-31", &["E1301"][..]),
        ("2023-01-01", &[]),
        ("2027-12-31", &[]),
        ("2028-01-01", &["E1301"]),
    ];
    for (day, expected) in rows {
        let now = noon(IssueDate::parse(day).unwrap());
        assert_eq!(codes(&draft, Taxpayer::SmallScale, now), expected, "{day}");
    }
}
