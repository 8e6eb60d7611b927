//! The tax classification codes (商品和服务税收分类编码) of a rule set.
//!
//! Guards: a table is arrays of the program, sorted by the build; looking a code up allocates
//! nothing, parses nothing and can't fail. What the sources leave open is a [`Certainty`], and a
//! row in doubt refuses nothing. Source and doubts: `chain/data/README.md`.
//!
//! The table of rule set 2 takes 165 kB of read-only memory, of which 85 kB are names, and a
//! code is found in 12 or 13 comparisons, with its names in about 70 ns.

use core::fmt;

use crate::rate::RatePpm;
use crate::time::IssueDate;

include!(concat!(env!("OUT_DIR"), "/class_table.rs"));

/// The general rates, and nought for what is outside the tax, in the order of their bits.
const RATES: [RatePpm; 4] = [
    RatePpm::new(130_000),
    RatePpm::new(90_000),
    RatePpm::new(60_000),
    RatePpm::ZERO,
];
/// Bits of the flags that are rates.
const RATE_BITS: u8 = 0b1111;
/// Place of the certainty in the flags.
const CERTAINTY_SHIFT: u32 = 4;
/// Bits of the certainty.
const CERTAINTY_BITS: u8 = 0b11;
/// Flag of a summary node.
const SUMMARY: u8 = 1 << 6;
/// Flag of a retired code.
const RETIRED: u8 = 1 << 7;
/// Levels of a code: its first digit, and nine pairs of digits.
const LEVELS: u32 = 10;
/// 2026-06-01: from then on the codes that the new edition does not have are no codes.
const EDITION_OF_2026: IssueDate = IssueDate::from_days(20_605);

/// A table of codes.
#[derive(Debug, PartialEq, Eq)]
pub struct ClassTable {
    /// Ascending; the other lists of rows are in the same order.
    codes: &'static [u64],
    flags: &'static [u8],
    short_name_of: &'static [u16],
    name_ends: &'static [u32],
    names: &'static str,
    short_name_ends: &'static [u16],
    short_names: &'static str,
    /// First issue date on which retired codes are no codes.
    retired_from: IssueDate,
    /// Codes below which the table is known not to be complete.
    incomplete_below: &'static [u64],
}

/// The table of the second rule set.
pub(super) static CLASSES: ClassTable = ClassTable {
    codes: &CODES,
    flags: &FLAGS,
    short_name_of: &SHORT_NAME_OF,
    name_ends: &NAME_ENDS,
    names: NAMES,
    short_name_ends: &SHORT_NAME_ENDS,
    short_names: SHORT_NAMES,
    retired_from: EDITION_OF_2026,
    // Brands of cigarettes.
    incomplete_below: &[1_030_402_040_000_000_000, 1_030_402_050_000_000_000],
};

/// How well the rates of a code are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// From the table in force: no other general rate goes with the code.
    Exclusive,
    /// None was found, and 13 % was assumed.
    Assumed,
    /// Found, but not compared with the law.
    Unchecked,
    /// The table gives no rates: a summary node, a retired code, or one whose place is in doubt.
    None,
}

/// General rates of a code, 13 %, 9 % and 6 %, or 0 for what is outside the tax.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ClassRates(u8);

/// One code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassRow {
    /// The code, 19 digits.
    pub code: u64,
    /// Its name.
    pub name: &'static str,
    /// What is printed between stars before an item (简称); empty where a retired code has none.
    pub short_name: &'static str,
    /// Its rates.
    pub rates: ClassRates,
    /// How well they are known.
    pub certainty: Certainty,
    /// A summary node (汇总项), with codes below it: not to be invoiced.
    pub summary: bool,
    /// First issue date on which it is no code any more.
    pub retired_from: Option<IssueDate>,
}

impl ClassTable {
    /// The row of a code.
    #[must_use]
    pub fn get(&self, code: u64) -> Option<ClassRow> {
        self.row(self.codes.binary_search(&code).ok()?)
    }

    /// Every row, ascending by code.
    pub fn rows(&self) -> impl Iterator<Item = ClassRow> + '_ {
        (0..self.codes.len()).filter_map(|index| self.row(index))
    }

    /// The rows above a code, from the nearest on.
    pub fn above(&self, code: u64) -> impl Iterator<Item = ClassRow> + '_ {
        let scales = (1..LEVELS).filter_map(|level| 100_u64.checked_pow(level));
        let cut = move |scale: u64| {
            let rest = code.checked_rem(scale)?;
            (rest != 0).then(|| code.saturating_sub(rest))
        };
        let mut last = code;
        scales
            .filter_map(cut)
            .filter(move |parent| core::mem::replace(&mut last, *parent) != *parent)
            .filter_map(|parent| self.get(parent))
    }

    /// Whether codes are known to be missing from the table where this one stands.
    #[must_use]
    pub fn is_incomplete_at(&self, code: u64) -> bool {
        // Each of these is a code of five levels; what is below shares its nine digits.
        const BELOW: u64 = 10_000_000_000;
        let place = |code: u64| code.div_euclid(BELOW);
        let parents = self.incomplete_below.iter();
        parents.copied().any(|parent| place(parent) == place(code))
    }

    /// Bytes of memory the table takes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        let lists = size_of_val(self.codes)
            .saturating_add(size_of_val(self.flags))
            .saturating_add(size_of_val(self.short_name_of))
            .saturating_add(size_of_val(self.name_ends))
            .saturating_add(size_of_val(self.short_name_ends));
        let texts = self.names.len().saturating_add(self.short_names.len());
        lists.saturating_add(texts)
    }

    fn row(&self, index: usize) -> Option<ClassRow> {
        let flags = *self.flags.get(index)?;
        let short_name = usize::from(*self.short_name_of.get(index)?);
        let end = |index: usize| usize::try_from(*self.name_ends.get(index)?).ok();
        let short_end = |index: usize| self.short_name_ends.get(index).copied().map(usize::from);
        Some(ClassRow {
            code: *self.codes.get(index)?,
            name: text(self.names, index, end)?,
            short_name: text(self.short_names, short_name, short_end)?,
            rates: ClassRates(flags & RATE_BITS),
            certainty: match flags >> CERTAINTY_SHIFT & CERTAINTY_BITS {
                0 => Certainty::Exclusive,
                1 => Certainty::Assumed,
                2 => Certainty::Unchecked,
                _ => Certainty::None,
            },
            summary: flags & SUMMARY != 0,
            retired_from: (flags & RETIRED != 0).then_some(self.retired_from),
        })
    }
}

/// The text with an index in a list of texts of which the ends are known.
fn text(
    all: &'static str,
    index: usize,
    end: impl Fn(usize) -> Option<usize>,
) -> Option<&'static str> {
    let start = index.checked_sub(1).map_or(Some(0), &end)?;
    all.get(start..end(index)?)
}

impl ClassRow {
    /// Whether an invoice of this date may name the code.
    #[must_use]
    pub fn is_in_force_on(&self, date: IssueDate) -> bool {
        self.retired_from.is_none_or(|from| date < from)
    }

    /// Outside the tax (未发生销售行为的不征税项目): no rate but 0, marked as not taxed.
    #[must_use]
    pub fn is_untaxed(&self) -> bool {
        self.rates == ClassRates::UNTAXED
    }

    /// Whether the sources leave open if the code may be invoiced.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.certainty == Certainty::None && !self.summary && self.retired_from.is_none()
    }
}

impl ClassRates {
    /// What codes outside the tax have.
    const UNTAXED: Self = Self(1 << 3);

    /// Whether the rate is one of them.
    #[must_use]
    pub fn contains(self, rate: RatePpm) -> bool {
        self.iter().any(|known| known == rate)
    }

    /// The rates, descending.
    pub fn iter(self) -> impl Iterator<Item = RatePpm> {
        let places = (0_u32..).zip(RATES);
        places.filter_map(move |(place, rate)| (self.0 >> place & 1 == 1).then_some(rate))
    }

    /// The rate, if there is exactly one.
    #[must_use]
    pub fn only(self) -> Option<RatePpm> {
        let mut rates = self.iter();
        rates.next().filter(|_| rates.next().is_none())
    }
}

impl fmt::Display for ClassRates {
    /// `0.13 or 0.09`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, rate) in self.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { " or " })?;
            rate.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for ClassRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_above_are_found_from_the_nearest_on() {
        let names: Vec<_> = CLASSES
            .above(3_070_401_000_000_000_000)
            .map(|row| row.name)
            .collect();
        assert_eq!(names, ["餐饮住宿服务", "生产生活服务", "销售服务"]);
        let top = CLASSES.above(3_000_000_000_000_000_000);
        assert_eq!(top.count(), 0);
        assert_eq!(CLASSES.above(u64::MAX).count(), 0);
        assert_eq!(CLASSES.above(0).count(), 0);
    }

    #[test]
    fn every_row_is_found_under_its_own_code_and_no_other() {
        for (index, code) in CLASSES.codes.iter().enumerate() {
            let row = CLASSES.row(index).unwrap();
            assert_eq!(CLASSES.get(*code), Some(row));
            assert!(!row.name.is_empty());
            let next = CLASSES.codes.get(index + 1);
            assert_eq!(CLASSES.get(code + 1).is_some(), next == Some(&(code + 1)));
        }
        assert_eq!(EDITION_OF_2026.to_string(), "2026-06-01");
    }
}
