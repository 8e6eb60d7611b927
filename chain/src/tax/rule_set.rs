//! Dated rate tables and tolerances, by rule-set number.
//!
//! Guards: an invoice is judged for ever by the rule set it names; a change of law is a new rule
//! set or a new dated row, never an edit of an old one. Rows whose law is in doubt are declared
//! but not in force: they open no rate, and a rate that is certain is never refused over them.
//! Source: VAT Law art. 9–11 and 24 (since 2026-01-01), before that the Interim Regulations;
//! 公告2023年第19号, 公告2026年第10号, 公告2026年第4号. The tolerances come from vendors' documents
//! of the national interface, not from a law text.

use serde::{Deserialize, Serialize};

use super::class_table::{CLASSES, ClassTable};
use super::special_business::{SPECIAL_BUSINESSES, SpecialBusiness};
use crate::rate::RatePpm;
use crate::time::IssueDate;

/// What a seller is registered as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Taxpayer {
    /// 一般纳税人.
    General,
    /// 小规模纳税人.
    SmallScale,
}

impl Taxpayer {
    /// The word used in JSON: `general` or `small_scale`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::SmallScale => "small_scale",
        }
    }
}

/// Which taxpayers a rate is open to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenTo {
    /// General taxpayers.
    General,
    /// Small-scale taxpayers.
    SmallScale,
    /// Both.
    Everybody,
}

/// A rate, from when to when, and for whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRow {
    /// The rate.
    pub rate: RatePpm,
    /// First issue date.
    pub from: IssueDate,
    /// Last issue date, inclusive; `None` while open.
    pub to: Option<IssueDate>,
    /// Whose rate it is.
    pub open_to: OpenTo,
    /// May stand on a special invoice (专票).
    pub special_invoice: bool,
    /// `false` for a row whose sources disagree: shown, but opens nothing.
    pub in_force: bool,
    /// Where it comes from.
    pub basis: &'static str,
}

/// Rates and tolerances that belong together.
#[derive(Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// The number an invoice names.
    pub id: u16,
    /// Every rate row.
    pub rates: &'static [RateRow],
    /// `|round(amount × rate) − tax|` of a line, in fen.
    pub line_tax_tolerance_fen: i64,
    /// The same of a discount line, in fen.
    pub discount_tax_tolerance_fen: i64,
    /// `|Σ exact(amount × rate) − total tax|`, in fen.
    pub tax_drift_tolerance_fen: i64,
    /// `|quantity × price − amount|`, in fen.
    pub quantity_price_tolerance_fen: i64,
    /// Characters of a blue invoice's remark.
    pub remark_chars_max: usize,
    /// Characters of a red letter's remark, which also carries what it corrects.
    pub red_remark_chars_max: usize,
    /// Which classification codes there are and what goes with them; `None` judges no code.
    pub classes: Option<&'static ClassTable>,
    /// Special businesses that may be invoiced; none of them when empty.
    pub special_businesses: &'static [SpecialBusiness],
}

impl RuleSet {
    /// The rule set new invoices name.
    pub const CURRENT: &'static Self = &RULE_SET_2;

    /// Every rule set, ascending by number.
    pub const ALL: [&'static Self; 2] = [&RULE_SET_1, &RULE_SET_2];

    /// The rule set with this number, if this version knows it.
    #[must_use]
    pub const fn by_id(id: u16) -> Option<&'static Self> {
        match id {
            1 => Some(&RULE_SET_1),
            2 => Some(&RULE_SET_2),
            _ => None,
        }
    }

    /// Rows of the law in force on a date.
    pub fn rates_on(&self, date: IssueDate) -> impl Iterator<Item = &'static RateRow> {
        self.rates
            .iter()
            .filter(move |row| row.is_in_force_on(date))
    }

    /// The row of a rate on a date.
    #[must_use]
    pub fn rate_on(&self, rate: RatePpm, date: IssueDate) -> Option<&'static RateRow> {
        self.rates_on(date).find(|row| row.rate == rate)
    }
}

impl RateRow {
    /// Whether an invoice of this date may show the rate.
    #[must_use]
    pub fn is_in_force_on(&self, date: IssueDate) -> bool {
        self.in_force && self.from <= date && self.to.is_none_or(|last| date <= last)
    }

    /// Whether this kind of taxpayer may use the rate.
    #[must_use]
    pub const fn is_open_to(&self, taxpayer: Taxpayer) -> bool {
        match self.open_to {
            OpenTo::Everybody => true,
            OpenTo::General => matches!(taxpayer, Taxpayer::General),
            OpenTo::SmallScale => matches!(taxpayer, Taxpayer::SmallScale),
        }
    }
}

/// 1 %, which small-scale taxpayers must show instead of 3 % while it is in force.
pub(super) const REDUCED_RATE: RatePpm = RatePpm::new(10_000);
/// 3 %, the rate of the simplified method.
pub(super) const SIMPLIFIED_RATE: RatePpm = RatePpm::new(30_000);

const SINCE_EVER: IssueDate = IssueDate::from_days(0);
/// 2019-04-01.
const RATES_OF_2019: IssueDate = IssueDate::from_days(17_987);
/// 2023-01-01.
const ONE_PERCENT_FROM: IssueDate = IssueDate::from_days(19_358);
/// 2025-12-31.
const FIVE_PERCENT_TO: IssueDate = IssueDate::from_days(20_453);
/// 2026-01-01.
const VAT_LAW: IssueDate = IssueDate::from_days(20_454);
/// 2027-12-31.
const ONE_PERCENT_TO: IssueDate = IssueDate::from_days(21_183);

/// Open end, general taxpayers, special invoices allowed: what most rows are.
const ROW: RateRow = RateRow {
    rate: RatePpm::ZERO,
    from: RATES_OF_2019,
    to: None,
    open_to: OpenTo::General,
    special_invoice: true,
    in_force: true,
    basis: "",
};

/// The first rule set. Rates of before 2019-04-01 are absent: only red letters of old invoices
/// need them.
static RULE_SET_1: RuleSet = RuleSet {
    id: 1,
    rates: &[
        RateRow {
            rate: RatePpm::new(130_000),
            basis: "增值税法第十条第一项",
            ..ROW
        },
        RateRow {
            rate: RatePpm::new(90_000),
            basis: "增值税法第十条第二项",
            ..ROW
        },
        RateRow {
            rate: RatePpm::new(60_000),
            basis: "增值税法第十条第三项",
            ..ROW
        },
        RateRow {
            rate: RatePpm::ZERO,
            open_to: OpenTo::Everybody,
            special_invoice: false,
            basis: "增值税法第十条第四项、第五项，第二十四条，第六条",
            ..ROW
        },
        RateRow {
            rate: SIMPLIFIED_RATE,
            from: SINCE_EVER,
            open_to: OpenTo::Everybody,
            basis: "增值税法第九条、第十一条",
            ..ROW
        },
        RateRow {
            rate: REDUCED_RATE,
            from: ONE_PERCENT_FROM,
            to: Some(ONE_PERCENT_TO),
            open_to: OpenTo::SmallScale,
            basis: "公告2023年第19号；公告2026年第10号三（三）6；公告2026年第4号四",
            ..ROW
        },
        RateRow {
            rate: RatePpm::new(50_000),
            from: SINCE_EVER,
            to: Some(FIVE_PERCENT_TO),
            open_to: OpenTo::Everybody,
            basis: "简易计税：不动产、劳务派遣",
            ..ROW
        },
        // Sources disagree whether the 5 % of immovables outlived the Interim Regulations.
        RateRow {
            rate: RatePpm::new(50_000),
            from: VAT_LAW,
            open_to: OpenTo::Everybody,
            in_force: false,
            basis: "增值税法第十一条仅规定3%；另有资料仍列不动产5%",
            ..ROW
        },
        // Whether a special invoice may show it is not settled, so it is not refused there.
        RateRow {
            rate: RatePpm::new(15_000),
            from: SINCE_EVER,
            open_to: OpenTo::SmallScale,
            basis: "个人出租住房减按1.5%；公告2026年第10号",
            ..ROW
        },
    ],
    line_tax_tolerance_fen: 6,
    discount_tax_tolerance_fen: 1,
    tax_drift_tolerance_fen: 127,
    quantity_price_tolerance_fen: 1,
    remark_chars_max: 450,
    red_remark_chars_max: 382,
    classes: None,
    special_businesses: &[],
};

/// The second rule set: the first, the table of classification codes, and special businesses.
const RULE_SET_2: RuleSet = RuleSet {
    id: 2,
    classes: Some(&CLASSES),
    special_businesses: &SPECIAL_BUSINESSES,
    ..RULE_SET_1
};

#[cfg(test)]
mod tests {
    use super::*;

    fn open(date: &str, taxpayer: Taxpayer) -> Vec<String> {
        RuleSet::CURRENT
            .rates_on(IssueDate::parse(date).unwrap())
            .filter(|row| row.is_open_to(taxpayer))
            .map(|row| row.rate.to_string())
            .collect()
    }

    #[test]
    fn the_named_dates_are_the_dates_of_the_law() {
        let named = [
            (RATES_OF_2019, "2019-04-01"),
            (ONE_PERCENT_FROM, "2023-01-01"),
            (FIVE_PERCENT_TO, "2025-12-31"),
            (VAT_LAW, "2026-01-01"),
            (ONE_PERCENT_TO, "2027-12-31"),
        ];
        for (date, text) in named {
            assert_eq!(date.to_string(), text);
        }
    }

    #[test]
    fn rates_open_and_close_with_their_dates() {
        assert_eq!(
            open("2026-11-21", Taxpayer::General),
            ["0.13", "0.09", "0.06", "0", "0.03"]
        );
        assert_eq!(
            open("2026-11-21", Taxpayer::SmallScale),
            ["0", "0.03", "0.01", "0.015"]
        );
        assert!(open("2025-12-31", Taxpayer::General).contains(&"0.05".to_owned()));
        assert!(!open("2026-01-01", Taxpayer::General).contains(&"0.05".to_owned()));
        assert!(!open("2028-01-01", Taxpayer::SmallScale).contains(&"0.01".to_owned()));
        assert!(!open("2022-12-31", Taxpayer::SmallScale).contains(&"0.01".to_owned()));
        assert!(!open("2019-03-31", Taxpayer::General).contains(&"0.13".to_owned()));
    }

    #[test]
    fn at_most_one_row_of_a_rate_is_in_force_on_a_day() {
        for days in 0..30_000 {
            let date = IssueDate::from_days(days);
            let mut rates: Vec<_> = RuleSet::CURRENT
                .rates_on(date)
                .map(|row| row.rate)
                .collect();
            rates.sort();
            assert!(rates.is_sorted_by(|a, b| a < b), "{date}");
        }
    }
}
