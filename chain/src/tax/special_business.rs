//! Special businesses (特定业务) of a rule set: what an invoice of one must say and may hold.

/// One special business.
#[derive(Debug, PartialEq, Eq)]
pub struct SpecialBusiness {
    /// Its national number, 1 to 32.
    pub number: u8,
}

/// Those of the second rule set.
pub(super) static SPECIAL_BUSINESSES: [SpecialBusiness; 0] = [];
