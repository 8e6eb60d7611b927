//! What a red letter takes back of each line of its original (SPEC 4.8.10).
//!
//! Guards: amount, tax and deduction of all parts of a line add up to those of the line, never
//! more; and what was taken back follows from the reversed amount alone, so that the state need
//! keep nothing else. The tax of a part is the difference of two roundings,
//! `round(T·(r+p)/A) − round(T·r/A)`, so the last part takes exactly what is left.

use serde::{Deserialize, Serialize};

use super::facts::{
    DISCOUNT_LINE, DISCOUNTED_LINE, NORMAL_LINE, RedReference, TaxFacts, TaxLine, Totals,
};
use super::rounding::divide_half_up;
use crate::amount::Fen;
use crate::time::IssueDate;

/// `reason`: issued in error (开票有误). Takes back all that is left.
pub const RED_ERROR: u8 = 1;
/// `reason`: goods returned (销货退回).
pub const RED_RETURN: u8 = 2;
/// `reason`: service ended (服务中止).
pub const RED_SERVICE_ENDED: u8 = 3;
/// `reason`: allowance (销售折让).
pub const RED_ALLOWANCE: u8 = 4;

/// A part of a line that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedPart {
    /// Number of the line of the original, from 1; never of a discount, which goes with its line.
    pub line: u16,
    /// How much of it, net of tax, in fen; positive.
    pub amount_fen: i64,
}

/// A line of an original, its discount merged into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReversibleLine {
    /// Net of tax, in fen.
    pub amount_fen: i64,
    /// Tax, in fen.
    pub tax_fen: i64,
    /// What margin taxation took off, in fen.
    pub deduction_fen: i64,
}

impl ReversibleLine {
    /// The line with a number, from 1; `None` when there is none, or it is a discount.
    #[must_use]
    pub fn of(original: &TaxFacts, line: u16) -> Option<Self> {
        let at = usize::from(line.checked_sub(1)?);
        let own = original.lines.get(at)?;
        if own.line_type == DISCOUNT_LINE {
            return None;
        }
        let discount = original
            .lines
            .get(at.saturating_add(1))
            .filter(|next| own.line_type == DISCOUNTED_LINE && next.line_type == DISCOUNT_LINE);
        let merged = |of: fn(&TaxLine) -> Fen| {
            let own = of(own).fen();
            own.saturating_add(discount.map_or(0, |line| of(line).fen()))
        };
        Some(Self {
            amount_fen: merged(|line| line.amount),
            tax_fen: merged(|line| line.tax),
            deduction_fen: merged(|line| line.deduction),
        })
    }

    /// Tax and deduction, in fen, of a part of `amount_fen` when `reversed_fen` is taken back
    /// already. Both may be nought, and together with those of all other parts are the line's.
    #[must_use]
    pub fn part(&self, reversed_fen: i64, amount_fen: i64) -> (i64, i64) {
        let after = reversed_fen.saturating_add(amount_fen);
        let between = |whole| {
            let (from, to) = (
                self.share(whole, reversed_fen.into()),
                self.share(whole, after.into()),
            );
            i64::try_from(to.saturating_sub(from)).unwrap_or(i64::MAX)
        };
        (between(self.tax_fen), between(self.deduction_fen))
    }

    /// `round(whole · reversed / amount)`. Both factors have at most 18 digits.
    fn share(&self, whole: i64, reversed: i128) -> i128 {
        let amount = u128::from(self.amount_fen.unsigned_abs());
        divide_half_up(i128::from(whole).saturating_mul(reversed), amount)
    }
}

/// How much of a line is taken back, in fen.
#[must_use]
pub fn reversed_of(reversed_fen: &[i64], line: u16) -> i64 {
    let at = usize::from(line).checked_sub(1);
    at.and_then(|at| reversed_fen.get(at)).copied().unwrap_or(0)
}

/// Everything that is left of an original, ascending by line.
#[must_use]
pub fn all_that_is_left(original: &TaxFacts, reversed_fen: &[i64]) -> Vec<RedPart> {
    (1_u16..)
        .zip(original.lines.iter().take(crate::limits::LINES_MAX))
        .filter_map(|(line, _)| {
            let whole = ReversibleLine::of(original, line)?;
            let left = whole
                .amount_fen
                .saturating_sub(reversed_of(reversed_fen, line));
            (left > 0).then_some(RedPart {
                line,
                amount_fen: left,
            })
        })
        .collect()
}

/// The facts of the red letter that takes back parts of an original: the only ones consensus
/// takes. `None` when a part is of no line that can be taken back.
#[must_use]
pub fn red_facts(
    original: &TaxFacts,
    reversed_fen: &[i64],
    parts: &[RedPart],
    reference: RedReference,
    (issued_on, rule_set): (IssueDate, u16),
) -> Option<TaxFacts> {
    let mut lines = Vec::with_capacity(parts.len());
    let (mut amount_fen, mut tax_fen) = (0_i64, 0_i64);
    for part in parts {
        let line = red_line(original, reversed_fen, *part)?;
        amount_fen = amount_fen.saturating_add(line.amount.fen());
        tax_fen = tax_fen.saturating_add(line.tax.fen());
        lines.push(line);
    }
    Some(TaxFacts {
        rule_set,
        issued_on,
        buyer: original.buyer.clone(),
        lines,
        red: Some(reference),
        totals: Totals {
            amount: Fen::new(amount_fen),
            tax: Fen::new(tax_fen),
            gross: Fen::new(amount_fen.saturating_add(tax_fen)),
        },
        ..*original
    })
}

/// The line of a red letter that takes back a part of a line.
pub(crate) fn red_line(
    original: &TaxFacts,
    reversed_fen: &[i64],
    part: RedPart,
) -> Option<TaxLine> {
    let whole = ReversibleLine::of(original, part.line)?;
    let own = original.lines.get(usize::from(part.line).checked_sub(1)?)?;
    let (tax, deduction) = whole.part(reversed_of(reversed_fen, part.line), part.amount_fen);
    Some(TaxLine {
        line_type: NORMAL_LINE,
        amount: Fen::new(part.amount_fen.saturating_neg()),
        deduction: Fen::new(deduction.saturating_neg()),
        tax: Fen::new(tax.saturating_neg()),
        ..*own
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample_facts;

    /// A fixed sequence, so that a failure repeats.
    fn next(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*seed ^ (*seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ (mixed >> 27)
    }

    #[test]
    fn parts_add_up_to_the_line_whatever_they_are() {
        let mut seed = 7;
        for _ in 0..2_000 {
            let amount_fen = 1 + i64::try_from(next(&mut seed) % 1_000_000).unwrap();
            let whole = ReversibleLine {
                amount_fen,
                tax_fen: i64::try_from(next(&mut seed) % 130_000).unwrap(),
                deduction_fen: i64::try_from(next(&mut seed) % 1_000).unwrap(),
            };
            let (mut reversed, mut tax, mut deduction) = (0, 0, 0);
            while reversed < amount_fen {
                let left = u64::try_from(amount_fen - reversed).unwrap();
                let part = 1 + i64::try_from(next(&mut seed) % left).unwrap();
                let (of_tax, of_deduction) = whole.part(reversed, part);
                assert!(of_tax >= 0 && of_deduction >= 0);
                reversed += part;
                tax += of_tax;
                deduction += of_deduction;
                assert!(tax <= whole.tax_fen && deduction <= whole.deduction_fen);
            }
            assert_eq!((tax, deduction), (whole.tax_fen, whole.deduction_fen));
        }
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let most = Fen::MAX.fen();
        let whole = ReversibleLine {
            amount_fen: most,
            tax_fen: most,
            deduction_fen: 0,
        };
        assert_eq!(whole.part(0, most), (most, 0));
        assert_eq!(whole.part(most - 1, 1), (1, 0));
    }

    #[test]
    fn a_discount_is_merged_into_its_line_and_can_not_be_taken_back_alone() {
        let mut facts = sample_facts();
        let mut discount = facts.lines[0];
        facts.lines[0].line_type = DISCOUNTED_LINE;
        discount.line_type = DISCOUNT_LINE;
        discount.amount = Fen::new(-4_000);
        discount.tax = Fen::new(-240);
        facts.lines.push(discount);
        let whole = ReversibleLine::of(&facts, 1).unwrap();
        assert_eq!((whole.amount_fen, whole.tax_fen), (6_000, 360));
        assert_eq!(ReversibleLine::of(&facts, 2), None);
        assert_eq!(ReversibleLine::of(&facts, 0), None);
        assert_eq!(ReversibleLine::of(&facts, 3), None);
        let left = all_that_is_left(&facts, &[1_000, 0]);
        let part = RedPart {
            line: 1,
            amount_fen: 5_000,
        };
        assert_eq!(left, [part]);
    }
}
