//! The public facts of an invoice: what every validator sees and judges.
//!
//! Guards: one struct, so that it can one day be sealed as a whole. Names, item texts, quantities
//! and unit prices are not here: a price list on a shared ledger cannot be recalled.
//! Numbers are those of the national interface; unknown values decode, and are then refused with
//! their own code instead of a decoding error.

use serde::{Deserialize, Serialize};

use super::breach::Breach;
use super::check;
use super::rule_set::Taxpayer;
use super::uscc::Uscc;
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::fault::{Fault, sort_catalogue_order};
use crate::rate::RatePpm;
use crate::time::IssueDate;

/// `kind`: 增值税专用发票.
pub const KIND_SPECIAL: u8 = 1;
/// `kind`: 普通发票.
pub const KIND_GENERAL: u8 = 2;
/// `issuing_mode`: through a node that is connected.
pub const MODE_ONLINE: u8 = 1;
/// `currency`: CNY, ISO 4217 number 156.
pub const CURRENCY_CNY: u16 = 156;
/// `line_type` of an ordinary line.
pub const NORMAL_LINE: u8 = 0;
/// `line_type` of a discount, which directly follows the line it belongs to.
pub const DISCOUNT_LINE: u8 = 1;
/// `line_type` of a line that a discount follows.
pub const DISCOUNTED_LINE: u8 = 2;
/// `zero_rate_kind`: export.
pub const ZERO_RATE_EXPORT: u8 = 0;
/// `zero_rate_kind`: exempt (免税).
pub const ZERO_RATE_EXEMPT: u8 = 1;
/// `zero_rate_kind`: not taxed (不征税).
pub const ZERO_RATE_UNTAXED: u8 = 2;
/// `zero_rate_kind`: ordinary zero rate (普通零税率).
pub const ZERO_RATE_ORDINARY: u8 = 3;

/// Everything about an invoice that the chain holds in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxFacts {
    /// [`KIND_SPECIAL`] or [`KIND_GENERAL`].
    pub kind: u8,
    /// [`MODE_ONLINE`]; 2 (offline lease) is reserved.
    pub issuing_mode: u8,
    /// Number of the rule set that judges this invoice, now and for ever.
    pub rule_set: u16,
    /// Issue date in China.
    pub issued_on: IssueDate,
    /// [`CURRENCY_CNY`].
    pub currency: u16,
    /// Who bought.
    pub buyer: Buyer,
    /// Special business (特定业务) 01–32 that is open in the rule set; 0 for none.
    pub special_business: u8,
    /// 1 to [`crate::limits::LINES_MAX`] lines.
    pub lines: Vec<TaxLine>,
    /// Why a small-scale seller gives up the 1 % rate: 0 not at all, or reason 1 or 2.
    pub waive_reason: u8,
    /// For a red letter, what it corrects.
    pub red: Option<RedReference>,
    /// Sums over the lines.
    pub totals: Totals,
}

/// The buyer as the chain knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Buyer {
    /// An organisation, by its unified social credit code.
    Clear {
        /// The code.
        uscc: Uscc,
    },
    /// Anybody else: a commitment to the id, openable by whoever holds the document.
    Sealed {
        /// `H("buyer", salt || id_type || lp(id))`.
        commitment: [u8; 32],
        /// A [`BuyerClass`] as its number.
        class: u8,
    },
}

/// What kind of buyer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum BuyerClass {
    /// 企业.
    Enterprise,
    /// 机关事业单位.
    Government,
    /// 个人.
    Individual,
    /// 其他.
    Other,
}

impl BuyerClass {
    /// The number on chain, 1–4.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Enterprise => 1,
            Self::Government => 2,
            Self::Individual => 3,
            Self::Other => 4,
        }
    }

    /// The class with this number.
    #[must_use]
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Enterprise),
            2 => Some(Self::Government),
            3 => Some(Self::Individual),
            4 => Some(Self::Other),
            _ => None,
        }
    }

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Government => "government",
            Self::Individual => "individual",
            Self::Other => "other",
        }
    }

    /// The class with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [
            Self::Enterprise,
            Self::Government,
            Self::Individual,
            Self::Other,
        ]
        .into_iter()
        .find(|class| class.as_str() == word)
    }
}

/// The public half of one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxLine {
    /// Tax classification code (税收分类编码), 19 digits.
    pub class_code: u64,
    /// [`NORMAL_LINE`], [`DISCOUNT_LINE`] or [`DISCOUNTED_LINE`].
    pub line_type: u8,
    /// Amount without tax; negative on a discount line.
    pub amount: Fen,
    /// What margin taxation (差额征税) deducts from the amount before tax; 0 for none.
    pub deduction: Fen,
    /// Rate.
    pub rate: RatePpm,
    /// Why the rate is nought, if it is: [`ZERO_RATE_EXPORT`] to [`ZERO_RATE_ORDINARY`].
    pub zero_rate_kind: Option<u8>,
    /// Preference policy (优惠政策标识) 1–18; 0 for none.
    pub preference: u8,
    /// Tax.
    pub tax: Fen,
}

impl TaxLine {
    /// What the rate applies to, in fen: the amount less the deduction.
    #[must_use]
    pub const fn taxable_fen(&self) -> i128 {
        self.amount.wide().saturating_sub(self.deduction.wide())
    }
}

/// Sums over all lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Amount without tax (合计金额).
    pub amount: Fen,
    /// Tax (合计税额).
    pub tax: Fen,
    /// Amount with tax (价税合计).
    pub gross: Fen,
}

/// What a red letter corrects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedReference {
    /// Slot of the invoice being corrected.
    pub original_slot: u64,
    /// 1 error, 2 return, 3 service ended, 4 allowance.
    pub reason: u8,
    /// Slot of the confirmed proposal, where one is needed.
    pub confirmation: Option<u64>,
}

impl TaxFacts {
    /// Checks everything about a blue invoice that needs no state. Allocates nothing.
    ///
    /// Facts with `red` are refused; see [`Self::check_red`].
    ///
    /// # Errors
    /// The first breach in catalogue order; within one code, the first line.
    ///
    /// # Correctness
    /// Every replica must name the same code: the order is by number and then by place, whatever
    /// the order in which rules are evaluated.
    pub fn check(&self) -> Result<(), Breach> {
        let mut first: Option<Breach> = None;
        check::judge(self, &mut |breach| keep_first(&mut first, breach));
        first.map_or(Ok(()), Err)
    }

    /// Checks everything about a red letter that needs no state. Allocates nothing.
    ///
    /// # Errors
    /// As [`Self::check`].
    pub fn check_red(&self) -> Result<(), Breach> {
        let mut first: Option<Breach> = None;
        check::judge_red(self, &mut |breach| keep_first(&mut first, breach));
        first.map_or(Ok(()), Err)
    }

    /// Checks what depends on the seller's registration.
    ///
    /// # Errors
    /// In this order: [`FailureCode::RateNotForTaxpayer`], [`FailureCode::WaiveReasonRequired`].
    pub fn check_taxpayer(&self, taxpayer: Taxpayer) -> Result<(), Breach> {
        let mut first: Option<Breach> = None;
        check::judge_taxpayer(self, taxpayer, &mut |breach| keep_first(&mut first, breach));
        first.map_or(Ok(()), Err)
    }

    /// Everything [`Self::check`] refuses, in catalogue order.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        check::judge(self, &mut |breach| faults.push(breach.to_fault()));
        sort_catalogue_order(&mut faults);
        faults
    }

    /// Number of the first failure of [`Self::check`], if any: what an outcome would hold.
    #[must_use]
    pub fn failure(&self) -> Option<FailureCode> {
        self.check().err().map(|breach| breach.code)
    }
}

/// Every breach, of [`TaxFacts::check`] and [`TaxFacts::check_taxpayer`], in no particular order.
#[must_use]
pub(crate) fn breaches(facts: &TaxFacts, taxpayer: Taxpayer) -> Vec<Breach> {
    let mut found = Vec::new();
    check::judge(facts, &mut |breach| found.push(breach));
    check::judge_taxpayer(facts, taxpayer, &mut |breach| found.push(breach));
    found
}

/// Keeps the breach that comes first in catalogue order.
fn keep_first(first: &mut Option<Breach>, breach: Breach) {
    if first.is_none_or(|known| breach.order() < known.order()) {
        *first = Some(breach);
    }
}
