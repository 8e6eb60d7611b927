//! Tax facts: right ones, and such as are wrong by a little.

use std::sync::LazyLock;

use piao_chain::amount::Fen;
use piao_chain::rate::RatePpm;
use piao_chain::tax::{
    Buyer, ClassRow, RedPart, RedReference, ReversibleLine, RuleSet, TaxFacts, TaxLine, Totals,
    red_facts, reversed_of, tax_on,
};
use piao_chain::testing::{sample_facts, sample_uscc};
use piao_chain::time::IssueDate;

use crate::random::Random;

const RATES: [u32; 11] = [
    130_000, 90_000, 60_000, 0, 30_000, 10_000, 50_000, 15_000, 40_000, 160_000, 1,
];
/// Days around which rates, codes and the calendar change.
const TURNS: [u32; 9] = [
    0,
    17_987,
    19_358,
    20_453,
    20_454,
    20_605,
    21_183,
    2_932_896,
    u32::MAX,
];

/// Facts that are right in two cases of three.
pub(crate) fn facts(random: &mut Random) -> TaxFacts {
    let mut facts = sample_facts();
    facts.rule_set = if random.once_in(60) {
        3
    } else {
        1 + u16::from(random.byte() % 2)
    };
    if random.once_in(8) {
        let turn = random.pick(&TURNS);
        facts.issued_on = IssueDate::from_days(turn.wrapping_add(random.pick(&[0, 1, u32::MAX])));
    }
    if random.once_in(3) {
        let class = random.byte() % 6;
        facts.buyer = Buyer::Sealed {
            commitment: random.bytes(),
            class,
        };
    }
    if random.once_in(12) {
        facts.special_business = random.byte() % 22;
    }
    facts.kind = if random.once_in(10) {
        random.byte() % 4
    } else {
        2
    };
    let careful = !random.once_in(4);
    facts.lines = lines(random, careful);
    set_totals(&mut facts);
    if random.once_in(5) {
        spoil(&mut facts, random);
    }
    facts
}

/// Facts of a red letter against random ones, with the lines that it takes back: right in two
/// cases of three as well.
pub(crate) fn red(random: &mut Random) -> (TaxFacts, Vec<u16>) {
    let original = facts(random);
    let (mut parts, mut reversed) = (Vec::new(), Vec::new());
    for line in (1_u16..).take(original.lines.len().min(200)) {
        let whole = ReversibleLine::of(&original, line).map_or(0, |line| line.amount_fen);
        reversed.push(part_of(whole / 2, random));
        let left = whole.saturating_sub(reversed_of(&reversed, line));
        let amount_fen = part_of(left, random);
        if whole > 0 && amount_fen > 0 && !random.once_in(4) {
            parts.push(RedPart { line, amount_fen });
        }
    }
    let reference = RedReference {
        original_slot: random.number(),
        reason: if random.once_in(20) {
            random.byte() % 7
        } else {
            1 + random.byte() % 4
        },
        confirmation: random.once_in(3).then(|| random.number()),
    };
    let now = (original.issued_on, original.rule_set);
    let facts = red_facts(&original, &reversed, &parts, reference, now);
    let mut facts = facts.unwrap_or(original);
    if random.once_in(4) {
        spoil_red(&mut facts, random);
    }
    let lines = parts.iter().map(|part| part.line).collect();
    (facts, lines)
}

/// All, some or nothing of an amount.
fn part_of(amount: i64, random: &mut Random) -> i64 {
    match random.below(4) {
        0 => amount,
        1 => 0,
        _ => i64::try_from(random.next() >> 1).unwrap() % amount.max(1),
    }
}

/// Moves something that the rules of red letters ask about.
fn spoil_red(facts: &mut TaxFacts, random: &mut Random) {
    let by = random.pick(&[-10, -9, -8, -1, 1, 8, 9, 10]);
    let at = random.below(facts.lines.len());
    let Some(line) = facts.lines.get_mut(at) else {
        return;
    };
    match random.below(8) {
        0 => line.line_type = random.byte() % 3,
        1 => line.amount = Fen::new(line.amount.fen().wrapping_neg()),
        2 => line.amount = Fen::ZERO,
        3 | 4 => {
            // With the tax that goes with it, so that its own rule alone can be broken.
            let amount = line.amount.fen();
            let wrong = [amount / 2, amount.wrapping_add(by), by.abs()];
            line.deduction = Fen::new(random.pick(&wrong));
            let tax = tax_on(line.taxable_fen(), line.rate);
            line.tax = Fen::from_wide(tax).unwrap_or(Fen::ZERO);
        }
        5 => facts.red = None,
        6 => return spoil(facts, random),
        _ => line.tax = Fen::new(line.tax.fen().wrapping_add(by)),
    }
    if !random.once_in(3) {
        set_totals(facts);
    }
}

fn lines(random: &mut Random, careful: bool) -> Vec<TaxLine> {
    let count = match random.below(40) {
        0 => 0,
        1 => 199 + random.below(4),
        _ => 1 + random.below(4),
    };
    let mut lines: Vec<TaxLine> = Vec::new();
    while lines.len() < count {
        let mut line = line(random, careful);
        if random.once_in(5) && lines.len() + 1 < count {
            line.line_type = 2;
            let taken = Fen::new(-(line.amount.fen() / (1 + i64::from(random.byte() % 3))));
            let tax = tax_of(taken, line.rate);
            lines.push(line);
            lines.push(TaxLine {
                line_type: 1,
                amount: taken,
                deduction: Fen::ZERO,
                tax,
                ..line
            });
        } else {
            lines.push(line);
        }
    }
    lines
}

fn tax_of(amount: Fen, rate: RatePpm) -> Fen {
    Fen::from_wide(tax_on(amount.wide(), rate)).unwrap_or(Fen::ZERO)
}

/// The codes of the table, and for each its first rate.
static CODES: LazyLock<Vec<(u64, Option<u32>)>> = LazyLock::new(|| {
    let table = RuleSet::by_id(2).unwrap().classes.unwrap();
    let rate = |row: &ClassRow| {
        let rates = RATES.iter().copied();
        rates
            .into_iter()
            .find(|rate| row.rates.contains(RatePpm::new(*rate)))
    };
    table.rows().map(|row| (row.code, rate(&row))).collect()
});

/// A line that is right but for its code, which may be a summary, if care is taken.
fn line(random: &mut Random, careful: bool) -> TaxLine {
    let (code, listed) = random.pick(&CODES);
    let mut line = TaxLine {
        class_code: if random.once_in(2) {
            3_070_401_000_000_000_000
        } else {
            code
        },
        line_type: 0,
        amount: Fen::new(1 + i64::try_from(random.next() % 10_000_000).unwrap()),
        deduction: Fen::ZERO,
        rate: RatePpm::new(60_000),
        zero_rate_kind: None,
        preference: 0,
        tax: Fen::ZERO,
    };
    if line.class_code == code {
        line.rate = RatePpm::new(listed.unwrap_or(130_000));
        line.zero_rate_kind = line.rate.is_zero().then_some(2);
    }
    if !careful {
        make_odd(&mut line, random);
    }
    line.tax = tax_of(line.amount, line.rate);
    line
}

fn make_odd(line: &mut TaxLine, random: &mut Random) {
    match random.below(9) {
        0 => line.class_code = random.number(),
        1 => line.class_code += 1,
        2 => line.class_code = 1_030_402_040_000_000_000 + random.next() % 20_000_000_000,
        3 => line.rate = RatePpm::new(random.pick(&RATES)),
        4 => line.amount = Fen::new(i64::from_be_bytes(random.bytes())),
        5 => {
            let amounts = [0, 1, -1, 999_999_999_999_999_999, 1_000_000_000_000_000_000];
            line.amount = Fen::new(random.pick(&amounts));
        }
        6 => line.line_type = random.byte() % 4,
        7 => line.deduction = Fen::new(line.amount.fen() / 2),
        _ => {
            line.rate = RatePpm::new(random.pick(&RATES));
            line.zero_rate_kind = random.once_in(2).then(|| random.byte() % 5);
            line.preference = random.byte() % 20;
        }
    }
}

/// Totals that follow from the lines.
fn set_totals(facts: &mut TaxFacts) {
    let lines = facts.lines.iter().take(200);
    let sum = |value: fn(&TaxLine) -> Fen| {
        let total = lines.clone().map(|line| value(line).wide()).sum();
        Fen::from_wide(total).unwrap_or(Fen::ZERO)
    };
    let (amount, tax) = (sum(|line| line.amount), sum(|line| line.tax));
    let gross = Fen::from_wide(amount.wide() + tax.wide()).unwrap_or(Fen::ZERO);
    facts.totals = Totals { amount, tax, gross };
}

/// Moves something by a little, mostly around a tolerance.
fn spoil(facts: &mut TaxFacts, random: &mut Random) {
    let by = random.pick(&[-128, -127, -7, -6, -2, -1, 1, 2, 6, 7, 127, 128]);
    let moved = |fen: Fen| Fen::new(fen.fen().wrapping_add(by));
    let count = facts.lines.len();
    match random.below(9) {
        0 => facts.currency = random.pick(&[156, 840, 0]),
        1 => facts.issuing_mode = random.byte() % 3,
        2 => facts.waive_reason = random.byte() % 4,
        3 => {
            let confirmation = random.once_in(2).then(|| random.number());
            let (original_slot, reason) = (random.number(), random.byte() % 5);
            facts.red = Some(RedReference {
                original_slot,
                reason,
                confirmation,
            });
        }
        4 => facts.totals.amount = moved(facts.totals.amount),
        5 => facts.totals.gross = moved(facts.totals.gross),
        6 => facts.totals.tax = moved(facts.totals.tax),
        7 => {
            facts.buyer = Buyer::Clear {
                uscc: sample_uscc(),
            }
        }
        _ => {
            // A line and the sums with it: only its own rule can be broken.
            if let Some(line) = facts.lines.get_mut(random.below(count)) {
                line.tax = moved(line.tax);
            }
            set_totals(facts);
        }
    }
}
