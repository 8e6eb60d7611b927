//! Preference policies (优惠政策标识) and what each demands of its line.
//!
//! Guards: a policy that names a rate or a mark stands beside no other one.
//! Source: the national interface's list of policies (乐企 V5.001). Policies that refund after
//! payment leave the rate of the line as it is, so they demand nothing of it.

use super::facts::{TaxLine, ZERO_RATE_EXEMPT, ZERO_RATE_UNTAXED};

/// One policy.
#[derive(Debug, PartialEq, Eq)]
pub struct Preference {
    /// Its national number, 1 to 18.
    pub number: u8,
    /// Its national name.
    pub zh: &'static str,
    /// What it demands of the line.
    pub demand: Demand,
}

/// What a policy demands of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Nothing: the rate is that of the goods.
    AnyRate,
    /// One of these rates in parts per million, and the words for them.
    Rates(&'static [u32], &'static str),
    /// This mark of a zero rate, and its word.
    Mark(u8, &'static str),
}

const fn row(number: u8, zh: &'static str, demand: Demand) -> Preference {
    Preference { number, zh, demand }
}

/// Every policy, ascending by number.
pub static PREFERENCES: [Preference; 18] = [
    row(
        1,
        "简易征收",
        Demand::Rates(&[30_000, 40_000, 50_000], "rate 0.03, 0.04 or 0.05"),
    ),
    row(2, "稀土产品", Demand::AnyRate),
    row(3, "免税", Demand::Mark(ZERO_RATE_EXEMPT, "exempt")),
    row(4, "不征税", Demand::Mark(ZERO_RATE_UNTAXED, "untaxed")),
    row(5, "先征后退", Demand::AnyRate),
    row(6, "100%先征后退", Demand::AnyRate),
    row(7, "50%先征后退", Demand::AnyRate),
    row(8, "按3%简易征收", Demand::Rates(&[30_000], "rate 0.03")),
    row(9, "按5%简易征收", Demand::Rates(&[50_000], "rate 0.05")),
    row(
        10,
        "按5%简易征收减按1.5%计征",
        Demand::Rates(&[15_000], "rate 0.015"),
    ),
    row(11, "即征即退30%", Demand::AnyRate),
    row(12, "即征即退50%", Demand::AnyRate),
    row(13, "即征即退70%", Demand::AnyRate),
    row(14, "即征即退100%", Demand::AnyRate),
    row(15, "超税负3%即征即退", Demand::AnyRate),
    row(16, "超税负8%即征即退", Demand::AnyRate),
    row(17, "超税负12%即征即退", Demand::AnyRate),
    row(18, "超税负6%即征即退", Demand::AnyRate),
];

/// What the policy of a line demands, if the line does not give it; 0 is no policy.
pub(super) fn broken_demand(line: &TaxLine) -> Option<&'static str> {
    if line.preference == 0 {
        return None;
    }
    let row = PREFERENCES.iter().find(|row| row.number == line.preference);
    match row.map(|row| row.demand) {
        Some(Demand::AnyRate) => None,
        Some(Demand::Rates(rates, words)) => (!rates.contains(&line.rate.ppm())).then_some(words),
        Some(Demand::Mark(mark, word)) => (line.zero_rate_kind != Some(mark)).then_some(word),
        None => Some("01 to 18"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_run_from_1_to_18() {
        let numbers = PREFERENCES.iter().map(|row| row.number);
        assert!(numbers.eq(1..=18));
    }
}
