//! The lengths of texts as a list, for readers: what [`super::bounds`] says, by JSON pointer.

use super::bounds::{
    BANK_ACCOUNT_CHARS_MAX, BANK_CHARS_MAX, NAME_CHARS_MAX, PERSON_CHARS_MAX, PERSON_ID_CHARS_MAX,
    PHONE_CHARS_MAX, REFERENCE_CHARS_MAX, SPEC_CHARS_MAX, SPECIAL_CHARS_MAX, TAG_CHARS_MAX,
    UNIT_CHARS_MAX,
};

/// How long a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextLimit {
    /// Template of the JSON pointer; `{i}` stands for an index.
    pub pointer: &'static str,
    /// Characters at most.
    pub chars_max: usize,
}

const fn limit(pointer: &'static str, chars_max: usize) -> TextLimit {
    TextLimit { pointer, chars_max }
}

/// Every text of a draft that is bounded by its length alone. The remark is not here: its limit
/// belongs to the rule set.
pub const TEXT_LIMITS: &[TextLimit] = &[
    limit("/buyer/name", NAME_CHARS_MAX),
    limit("/buyer/address", NAME_CHARS_MAX),
    limit("/buyer/phone", PHONE_CHARS_MAX),
    limit("/buyer/bank", BANK_CHARS_MAX),
    limit("/buyer/bank_account", BANK_ACCOUNT_CHARS_MAX),
    limit("/buyer/id_number", PERSON_ID_CHARS_MAX),
    limit("/bank", BANK_CHARS_MAX),
    limit("/bank_account", BANK_ACCOUNT_CHARS_MAX),
    limit("/lines/{i}/name", NAME_CHARS_MAX),
    limit("/lines/{i}/spec", SPEC_CHARS_MAX),
    limit("/lines/{i}/unit", UNIT_CHARS_MAX),
    limit("/issuer", PERSON_CHARS_MAX),
    limit("/drawer", PERSON_CHARS_MAX),
    limit("/payee", PERSON_CHARS_MAX),
    limit("/reviewer", PERSON_CHARS_MAX),
    limit("/order_ref", REFERENCE_CHARS_MAX),
    limit("/order_part", REFERENCE_CHARS_MAX),
    limit("/client_ref", REFERENCE_CHARS_MAX),
    limit("/payment_refs/{i}", REFERENCE_CHARS_MAX),
    limit("/tags/{i}", TAG_CHARS_MAX),
    limit("/special", SPECIAL_CHARS_MAX),
];
