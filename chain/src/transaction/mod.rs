//! Transactions: a signed envelope around one payload (SPEC 4).
//!
//! Each payload has a file: its fields, `check`, which needs no state, and `apply`, which does.

mod activate_rule_set;
mod add_key;
mod announce;
mod answer_red_letter;
mod book_invoice;
mod credit_fees;
mod end_maintenance;
mod envelope;
mod issue_invoice;
mod issue_red_letter;
mod issued_content;
mod numbering;
mod payload;
mod possession;
mod propose_red_letter;
mod red_rules;
mod register_merchant;
mod reissue_invoice;
mod report_misbehaviour;
mod revoke_key;
mod rotate_key;
mod set_authority;
mod set_fee_schedule;
mod set_limits;
mod set_validators;
mod terms;

pub use activate_rule_set::ActivateRuleSet;
pub use add_key::AddKey;
pub use announce::Announce;
pub use answer_red_letter::{AnswerRedLetter, RedAnswer};
pub use book_invoice::BookInvoice;
pub use credit_fees::CreditFees;
pub use end_maintenance::EndMaintenance;
pub use envelope::{
    FLAG_ANCHOR_FAILURE, Idem, SUITE, SignedTransaction, TransactionBody, TransactionError, VERSION,
};
pub use issue_invoice::{IssueInvoice, OrderKey, idem_of, order_key, order_key_without_ref};
pub use issue_red_letter::IssueRedLetter;
pub use issued_content::IssuedContent;
pub(crate) use payload::{Applied, Context};
pub use payload::{Payload, Refusal, RoleNeeded};
pub use possession::Possession;
pub use propose_red_letter::ProposeRedLetter;
pub use register_merchant::{Identity, RegisterMerchant, SellerCard};
pub use reissue_invoice::ReissueInvoice;
pub use report_misbehaviour::{Evidence, ReportMisbehaviour, SignedBallot, SignedOffer};
pub use revoke_key::RevokeKey;
pub use rotate_key::RotateKey;
pub use set_authority::SetAuthority;
pub use set_fee_schedule::SetFeeSchedule;
pub use set_limits::SetLimits;
pub use set_validators::SetValidators;
pub use terms::Terms;
