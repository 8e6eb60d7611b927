//! The payloads of this version, in the order that gives their tags (SPEC 4.2). Append only.

use serde::{Deserialize, Serialize};

use super::{
    ActivateRuleSet, AddKey, Announce, AnswerRedLetter, BookInvoice, CreditFees, EndMaintenance,
    IssueInvoice, IssueRedLetter, ProposeRedLetter, RedAnswer, RegisterMerchant, ReissueInvoice,
    ReportMisbehaviour, RevokeKey, RotateKey, SetAuthority, SetFeeSchedule, SetLimits,
    SetValidators, TransactionBody, TransactionError,
};
use crate::digest::TransactionId;
use crate::failure::FailureCode;
use crate::limits::EVIDENCE_MAX;
use crate::outcome::Effect;
use crate::state::{IssueLimits, Params, StateUnavailable, StateView, Working};
use crate::validator::ValidatorSet;

/// What a transaction asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Payload {
    /// Opens an account and binds its first key. Authority.
    RegisterMerchant(RegisterMerchant),
    /// Binds another key to an account. Its admin, or the authority.
    AddKey(AddKey),
    /// Credits a fee top-up. Authority.
    CreditFees(CreditFees),
    /// Sets the fees from a height on. Authority.
    SetFeeSchedule(SetFeeSchedule),
    /// Issues an invoice. An issuing key of the account.
    IssueInvoice(Box<IssueInvoice>),
    /// Puts a rule set in force from a height on. Authority.
    ActivateRuleSet(ActivateRuleSet),
    /// Sets limits of one account or of all. Authority.
    SetLimits(SetLimits),
    /// Names the next validator set. Authority.
    SetValidators(Box<SetValidators>),
    /// Names the next authority. The present one.
    SetAuthority(SetAuthority),
    /// Reports a validator that signed two things. A validator, or the authority.
    ReportMisbehaviour(Box<ReportMisbehaviour>),
    /// Takes back parts of an invoice, or all of it. An issuing key of its seller.
    IssueRedLetter(Box<IssueRedLetter>),
    /// Asks the other party to a red letter. An issuing key of either party.
    ProposeRedLetter(ProposeRedLetter),
    /// Answers that, or takes it back. The admin of the one, an issuing key of the other.
    AnswerRedLetter(AnswerRedLetter),
    /// Takes back an invoice and issues another in its place. An issuing key of its seller.
    ReissueInvoice(Box<ReissueInvoice>),
    /// Books a received invoice. An issuing key of its buyer.
    BookInvoice(BookInvoice),
    /// Puts a new key in the place of the one that signs.
    RotateKey(RotateKey),
    /// Revokes a key. The account's admin, the authority, or the key itself.
    RevokeKey(RevokeKey),
    /// Announces maintenance. Authority.
    Announce(Announce),
    /// Ends maintenance early. Authority.
    EndMaintenance(EndMaintenance),
}

/// What a signing key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleNeeded {
    /// A key of role issue.
    Issue,
    /// A key of role admin.
    Admin,
    /// A key of the account, of either role.
    Any,
    /// The authority's threshold of keys.
    Authority,
    /// The key of a validator, or the authority's threshold.
    Validator,
}

/// Why applying stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A state-dependent refusal: kept in the block as an outcome.
    #[error("{}: {}", .code.code(), .code.en())]
    Failed {
        /// The catalogued reason.
        code: FailureCode,
        /// Numbers that show it, at most [`EVIDENCE_MAX`]; the code's doc says which.
        evidence: Vec<i64>,
    },
    /// The state could not be read. Nothing may be concluded from it.
    #[error(transparent)]
    Unavailable(#[from] StateUnavailable),
}

impl Refusal {
    /// A refusal with numbers that show it.
    pub(crate) fn failed(code: FailureCode, evidence: &[i64]) -> Self {
        Self::Failed {
            code,
            evidence: evidence.iter().copied().take(EVIDENCE_MAX).collect(),
        }
    }
}

/// What an `apply` is told about its transaction and block.
pub(crate) struct Context<'a> {
    pub(crate) body: &'a TransactionBody,
    pub(crate) txid: TransactionId,
    pub(crate) height: u64,
    pub(crate) time_ms: u64,
    /// Parameters in force in the block: those of the state before it.
    pub(crate) params: &'a Params,
    /// Rule set in force in the block.
    pub(crate) rule_set: u16,
    /// Limits of every account without its own; `None` when no account has any.
    pub(crate) default_limits: Option<IssueLimits>,
    /// The set that votes on the block.
    pub(crate) validators: &'a ValidatorSet,
}

impl Payload {
    /// The name used in JSON and on pages.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::RegisterMerchant(_) => "RegisterMerchant",
            Self::AddKey(_) => "AddKey",
            Self::CreditFees(_) => "CreditFees",
            Self::SetFeeSchedule(_) => "SetFeeSchedule",
            Self::IssueInvoice(_) => "IssueInvoice",
            Self::ActivateRuleSet(_) => "ActivateRuleSet",
            Self::SetLimits(_) => "SetLimits",
            Self::SetValidators(_) => "SetValidators",
            Self::SetAuthority(_) => "SetAuthority",
            Self::ReportMisbehaviour(_) => "ReportMisbehaviour",
            Self::IssueRedLetter(_) => "IssueRedLetter",
            Self::ProposeRedLetter(_) => "ProposeRedLetter",
            Self::AnswerRedLetter(_) => "AnswerRedLetter",
            Self::ReissueInvoice(_) => "ReissueInvoice",
            Self::BookInvoice(_) => "BookInvoice",
            Self::RotateKey(_) => "RotateKey",
            Self::RevokeKey(_) => "RevokeKey",
            Self::Announce(_) => "Announce",
            Self::EndMaintenance(_) => "EndMaintenance",
        }
    }

    /// The checks that need no state, in catalogue order.
    pub(super) fn check(&self, body: &TransactionBody) -> Result<(), TransactionError> {
        match self {
            Self::RegisterMerchant(payload) => payload.check(body),
            Self::AddKey(payload) => payload.check(body),
            Self::CreditFees(payload) => payload.check(body),
            Self::SetFeeSchedule(payload) => payload.check(body),
            Self::IssueInvoice(payload) => payload.check(body),
            Self::ActivateRuleSet(payload) => payload.check(body),
            Self::SetLimits(payload) => payload.check(body),
            Self::SetValidators(payload) => payload.check(body),
            Self::SetAuthority(payload) => payload.check(body),
            Self::ReportMisbehaviour(payload) => payload.check(body),
            Self::IssueRedLetter(payload) => payload.check(body),
            Self::ProposeRedLetter(payload) => payload.check(body),
            Self::AnswerRedLetter(payload) => payload.check(body),
            Self::ReissueInvoice(payload) => payload.check(body),
            Self::BookInvoice(payload) => payload.check(body),
            Self::RotateKey(payload) => payload.check(body),
            Self::RevokeKey(payload) => payload.check(body),
            Self::Announce(payload) => payload.check(body),
            Self::EndMaintenance(payload) => payload.check(body),
        }
    }

    /// Who must sign.
    #[must_use]
    pub fn role_needed(&self, body: &TransactionBody) -> RoleNeeded {
        match self {
            Self::IssueInvoice(_)
            | Self::IssueRedLetter(_)
            | Self::ProposeRedLetter(_)
            | Self::ReissueInvoice(_)
            | Self::BookInvoice(_) => RoleNeeded::Issue,
            Self::ReportMisbehaviour(_) => RoleNeeded::Validator,
            Self::AnswerRedLetter(payload) => match payload.answer {
                RedAnswer::Accept | RedAnswer::Refuse => RoleNeeded::Admin,
                RedAnswer::Withdraw => RoleNeeded::Issue,
            },
            Self::RotateKey(_) => RoleNeeded::Any,
            Self::RevokeKey(payload) if payload.is_by_itself(body) => RoleNeeded::Any,
            Self::AddKey(_) | Self::RevokeKey(_) if body.account != 0 => RoleNeeded::Admin,
            _ => RoleNeeded::Authority,
        }
    }

    /// Applies the payload to a block's working state.
    pub(crate) fn apply<V: StateView + ?Sized>(
        &self,
        context: &Context<'_>,
        state: &mut Working<'_, V>,
    ) -> Result<Applied, Refusal> {
        match self {
            Self::RegisterMerchant(payload) => payload.apply(context, state),
            Self::AddKey(payload) => payload.apply(context, state),
            Self::CreditFees(payload) => payload.apply(context, state),
            Self::SetFeeSchedule(payload) => payload.apply(context, state),
            Self::IssueInvoice(payload) => payload.apply(context, state),
            Self::ActivateRuleSet(payload) => payload.apply(context, state),
            Self::SetLimits(payload) => payload.apply(context, state),
            Self::SetValidators(payload) => payload.apply(context, state),
            Self::SetAuthority(payload) => payload.apply(context, state),
            Self::ReportMisbehaviour(payload) => payload.apply(context, state),
            Self::IssueRedLetter(payload) => payload.apply(context, state),
            Self::ProposeRedLetter(payload) => payload.apply(context, state),
            Self::AnswerRedLetter(payload) => payload.apply(context, state),
            Self::ReissueInvoice(payload) => payload.apply(context, state),
            Self::BookInvoice(payload) => payload.apply(context, state),
            Self::RotateKey(payload) => payload.apply(context, state),
            Self::RevokeKey(payload) => payload.apply(context, state),
            Self::Announce(payload) => payload.apply(context, state),
            Self::EndMaintenance(payload) => payload.apply(context, state),
        }
    }
}

/// What an applied payload did, beside its changes to the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) effects: Vec<Effect>,
    pub(crate) fee_charged_fen: u32,
}
