//! What travels as JSON, one file per noun.
//!
//! Guards: members are named as the published contract names them; money, rates and quantities are
//! decimal strings; times are RFC 3339 with zone; ids and hashes are lower-case hex.
//! A reader ignores members it does not know, so that members can be added; only the *drafts* a
//! merchant sends are read strictly (`draft`).
//! Never: hashed or signed. JSON is a rendering of what the chain holds.

pub mod account;
pub mod announcement;
pub mod block;
pub mod booking;
pub mod chain;
pub mod change;
pub mod check;
pub mod confirmation;
pub mod consistency;
pub mod draft;
#[cfg(feature = "server")]
mod draft_schema;
pub mod event;
pub mod explanation;
pub mod failure;
pub mod file_verdict;
pub mod invoice;
pub mod issued;
pub mod key;
pub mod limits;
pub mod list;
pub mod request;
pub mod rules;
pub mod top_up;
pub mod transaction;
pub mod viewed;

pub use account::{Account, LedgerEntry, LedgerKind};
pub use announcement::{Announcement, AnnouncementState};
pub use block::{Block, BlockSummary, BlockTransaction, CertificateSummary};
pub use booking::Booking;
pub use chain::{
    ChainStatus, Misbehaviour, NextValidatorSet, PublicInvoice, Readiness, ReadinessCheck,
    Validator, ValidatorSet,
};
pub use change::{Change, changes};
pub use check::CheckReport;
pub use confirmation::{Confirmation, ConfirmationLine, ConfirmationState};
pub use consistency::Consistency;
pub use event::{Event, EventPage};
pub use explanation::{ExampleChange, ExampleDraft, ExamplePair, Explanation, Words};
pub use failure::{CatalogueEntry, Failure, FailureCatalogue, Problem, WarningItem};
pub use file_verdict::FileVerdict;
pub use invoice::{
    Claim, ClaimState, DocumentState, Invoice, InvoiceDocument, InvoiceLinks, InvoiceStatus, Line,
    Party, Totals,
};
pub use issued::IssuedPlace;
pub use key::Key;
pub use limits::Limits;
pub use list::Page;
pub use request::{Attempt, Chance, RequestLinks, RequestState, RequestView, WaitingFor};
pub use rules::{Classes, Rate, Rules, Special, TextLength, ToleranceItem};
pub use top_up::TopUp;
pub use transaction::{Batch, Effect, Outcome, OutcomeState};
pub use viewed::{ViewLink, ViewedInvoice};
