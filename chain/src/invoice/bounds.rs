//! Lengths of texts in a draft, in characters.
//!
//! Guards: a text over its limit is refused (`FIELD_TOO_LONG`), never cut. Limits of the national
//! interface (乐企 V5.001) where it has one; the others are ours and said so.

/// Names of parties and items, and addresses.
pub(super) const NAME_CHARS_MAX: usize = 300;
/// Specification (规格型号).
pub(super) const SPEC_CHARS_MAX: usize = 150;
/// Unit.
pub(super) const UNIT_CHARS_MAX: usize = 100;
/// Phones.
pub(super) const PHONE_CHARS_MAX: usize = 60;
/// Name of a bank.
pub(super) const BANK_CHARS_MAX: usize = 120;
/// Account at a bank.
pub(super) const BANK_ACCOUNT_CHARS_MAX: usize = 100;
/// Issuer, drawer, payee, reviewer. Ours.
pub(super) const PERSON_CHARS_MAX: usize = 75;
/// References of the merchant's own systems: orders, parts, payments. Ours.
pub(super) const REFERENCE_CHARS_MAX: usize = 100;
/// Ids of natural persons other than resident ids. Ours.
pub(super) const PERSON_ID_CHARS_MAX: usize = 40;
/// One tag. Ours.
pub(super) const TAG_CHARS_MAX: usize = 40;
/// Elements of a special business, as one text. Ours: four bytes a character fit one field.
pub(super) const SPECIAL_CHARS_MAX: usize = 1000;
/// An e-mail address (RFC 5321 path, without brackets).
pub(super) const EMAIL_CHARS_MAX: usize = 254;
/// A quantity or unit price.
pub(super) const DECIMAL_CHARS_MAX: usize = 25;
/// Decimals of a quantity or unit price.
pub(super) const DECIMAL_SCALE_MAX: usize = 13;

/// Payments one invoice may name; as many as its transaction has room for.
pub const PAYMENT_REFS_MAX: usize = crate::limits::PAYMENTS_MAX;
/// Tags one invoice may carry.
pub const TAGS_MAX: usize = 20;
