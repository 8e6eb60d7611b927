//! Why a call is refused.

use std::time::Duration;

use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;
use piao_chain::time::BlockTime;

/// Why a call is refused: every fault, and when it is worth trying again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Every fault, at least one. The first decides code and HTTP status; see [`Self::sorted`].
    pub faults: Vec<Fault>,
    /// What it was about in this case, for people, without private text; `None` if the catalogue
    /// text says it all.
    pub detail: Option<String>,
    /// Becomes `Retry-After`, rounded up to whole seconds.
    pub retry_after: Option<Duration>,
    /// No retry before this time; stands in every failure item.
    pub not_before: Option<BlockTime>,
}

impl Refusal {
    /// A refusal for one reason.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            faults: vec![fault],
            detail: None,
            retry_after: None,
            not_before: None,
        }
    }

    /// A refusal for one reason that names no member.
    #[must_use]
    pub fn of(code: FailureCode) -> Self {
        Self::new(Fault::new(code))
    }

    /// A refusal for several reasons, put in catalogue order; `None` if there are none.
    #[must_use]
    pub fn sorted(mut faults: Vec<Fault>) -> Option<Self> {
        piao_chain::fault::sort_catalogue_order(&mut faults);
        (!faults.is_empty()).then_some(Self {
            faults,
            detail: None,
            retry_after: None,
            not_before: None,
        })
    }

    /// Adds what it was about in this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds how long to wait.
    #[must_use]
    pub const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The code that decides status and title.
    #[must_use]
    pub fn code(&self) -> FailureCode {
        self.faults
            .first()
            .map_or(FailureCode::Internal, |fault| fault.code)
    }
}
