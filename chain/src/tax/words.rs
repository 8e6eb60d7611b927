//! A rule set in words: what its figures mean, for pages, JSON and RULES.md.
//!
//! Guards: the figures are read from the rule set and written nowhere else.
//! Never: part of a verdict.

use super::rule_set::{OpenTo, RateRow, RuleSet};
use crate::amount::Fen;
use crate::failure::FailureCode;

/// A tolerance of a rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tolerance {
    /// Its name in JSON.
    pub name: &'static str,
    /// How far the two sides may differ.
    pub most: Fen,
    /// The code of going further.
    pub code: FailureCode,
    /// What differs, in English.
    pub en: &'static str,
    /// What differs, in Chinese.
    pub zh: &'static str,
}

impl RuleSet {
    /// The tolerances, in catalogue order of their codes.
    #[must_use]
    pub const fn tolerances(&self) -> [Tolerance; 4] {
        [
            Tolerance {
                name: "quantity_price",
                most: Fen::new(self.quantity_price_tolerance_fen),
                code: FailureCode::LineAmountMismatch,
                en: "quantity × unit price, and the amount of the line",
                zh: "数量×单价与该行金额",
            },
            Tolerance {
                name: "line_tax",
                most: Fen::new(self.line_tax_tolerance_fen),
                code: FailureCode::LineTaxMismatch,
                en: "taxable amount × rate, rounded, and the tax of the line",
                zh: "计税金额×税率（四舍五入）与该行税额",
            },
            Tolerance {
                name: "discount_tax",
                most: Fen::new(self.discount_tax_tolerance_fen),
                code: FailureCode::DiscountTaxMismatch,
                en: "the same on a discount line",
                zh: "折扣行的同一差额",
            },
            Tolerance {
                name: "tax_drift",
                most: Fen::new(self.tax_drift_tolerance_fen),
                code: FailureCode::TotalTaxDrift,
                en: "sum of the unrounded taxes, and the total tax",
                zh: "各行未舍入税额之和与合计税额",
            },
        ]
    }
}

impl OpenTo {
    /// The word used in JSON: `general`, `small_scale` or `everybody`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::General => "general",
            Self::SmallScale => "small_scale",
            Self::Everybody => "everybody",
        }
    }

    /// In English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::General => "general taxpayers",
            Self::SmallScale => "small-scale taxpayers",
            Self::Everybody => "general and small-scale taxpayers",
        }
    }

    /// In Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::General => "一般纳税人",
            Self::SmallScale => "小规模纳税人",
            Self::Everybody => "一般纳税人和小规模纳税人",
        }
    }
}

impl RateRow {
    /// Whether the row has no first day: it was there before the rule sets begin.
    #[must_use]
    pub const fn is_since_ever(&self) -> bool {
        self.from.days() == 0
    }

    /// What the row allows, in English.
    #[must_use]
    pub const fn en(&self) -> &'static str {
        match (self.in_force, self.special_invoice) {
            (false, _) => "off: sources disagree, so it opens nothing",
            (true, true) => "general and special invoices",
            (true, false) => "general invoices only",
        }
    }

    /// What the row allows, in Chinese.
    #[must_use]
    pub const fn zh(&self) -> &'static str {
        match (self.in_force, self.special_invoice) {
            (false, _) => "停用：依据不一致，不据此放行",
            (true, true) => "普通发票和专用发票",
            (true, false) => "仅普通发票",
        }
    }
}
