//! A red letter that one party proposed and the other is to confirm.

use serde::{Deserialize, Serialize};

/// A proposed red letter. An invoice has at most one; a later one takes the place of one that is
/// closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Confirmation {
    /// Its name: the slot of the chain's state it lies in, hex. A red letter's remark prints it.
    pub id: String,
    /// Number of the invoice that is to be taken back, 20 digits.
    pub number: String,
    /// How far it is.
    pub state: ConfirmationState,
    /// `01` issued in error, `02` goods returned, `03` service ended, `04` allowance.
    pub reason: String,
    /// What is to be taken back, ascending by line.
    pub lines: Vec<ConfirmationLine>,
    /// All of it, without tax, yuan.
    pub amount: String,
    /// Account that proposed it.
    pub proposed_by: u32,
    /// Account that is to answer.
    pub answered_by: u32,
    /// Time of the block with the proposal.
    pub proposed_at: String,
    /// After this block time it can't be answered any more.
    pub lapses_at: String,
}

/// A line that is to be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct ConfirmationLine {
    /// Its number in the invoice, from 1.
    pub line: u16,
    /// How much of it, without tax, yuan.
    pub amount: String,
}

/// How far a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ConfirmationState {
    /// Waits for an answer.
    Open,
    /// The other party agreed; the red letter may be issued.
    Accepted,
    /// The other party refused.
    Refused,
    /// Whoever proposed it took it back.
    Withdrawn,
    /// The red letter was issued.
    Used,
    /// Nobody answered in time.
    Lapsed,
}

impl ConfirmationState {
    /// The word of the contract.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Used => "used",
            Self::Lapsed => "lapsed",
        }
    }
}
