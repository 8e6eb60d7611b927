//! Refusals as JSON: the failure item, the warning, the problem body, the published catalogue.
//!
//! Guards: `code`, texts and classes come from the catalogue of `piao_chain::failure`; this file
//! only arranges them. Source of the body: RFC 9457.

use piao_chain::failure::FailureCode;
use piao_chain::fault::{Fault, Warning};
use piao_chain::time::BlockTime;
use serde::{Deserialize, Serialize};

/// One refusal with its evidence; an item of `failures`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Failure {
    /// Published code: `E1205`.
    pub code: String,
    /// Published name: `LINE_TAX_MISMATCH`.
    pub name: String,
    /// JSON pointer of the member to blame; null if none is.
    pub pointer: Option<String>,
    /// What was found.
    pub got: Option<String>,
    /// What the rule expects.
    pub expected: Option<String>,
    /// How far the two may differ.
    pub tolerance: Option<String>,
    /// A value that would be accepted.
    pub suggested: Option<String>,
    /// When a retry makes sense: `FIX`, `NOW`, `BACKOFF`, `EVENT`, `TOPUP`, `WINDOW`, `MAINT`,
    /// `UPGRADE` or `NEVER`.
    pub retry: String,
    /// No retry before this time.
    pub not_before: Option<String>,
    /// What to do next, as a word a program can switch on.
    pub next_action: String,
    /// Meaning in English.
    pub en: String,
    /// Meaning in Chinese.
    pub zh: String,
    /// Provision the rule rests on.
    pub law: Option<String>,
}

impl Failure {
    /// Renders `fault`; `not_before` is a time in RFC 3339, if one is known for all of a refusal.
    /// The fault's own goes first.
    #[must_use]
    pub fn from_fault(fault: &Fault, not_before: Option<&str>) -> Self {
        let code = fault.code;
        let own = fault.not_before.and_then(BlockTime::to_rfc3339);
        Self {
            code: code.code().to_owned(),
            name: code.name().to_owned(),
            pointer: fault.pointer.clone(),
            got: fault.got.clone(),
            expected: fault.expected.clone(),
            tolerance: fault.tolerance.clone(),
            suggested: fault.suggested.clone(),
            retry: code.retry().as_str().to_owned(),
            not_before: own.or_else(|| not_before.map(str::to_owned)),
            next_action: code.next_action().to_owned(),
            en: code.en().to_owned(),
            zh: code.zh().to_owned(),
            law: fault.law.map(str::to_owned),
        }
    }
}

/// Something worth a second look that refuses nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct WarningItem {
    /// Published code: `W1001`.
    pub code: String,
    /// Published name.
    pub name: String,
    /// JSON pointer of the member.
    pub pointer: Option<String>,
    /// What was found.
    pub got: Option<String>,
    /// What is usual.
    pub suggested: Option<String>,
    /// Meaning in English.
    pub en: String,
    /// Meaning in Chinese.
    pub zh: String,
}

impl From<&Warning> for WarningItem {
    fn from(warning: &Warning) -> Self {
        Self {
            code: warning.code.code().to_owned(),
            name: warning.code.name().to_owned(),
            pointer: warning.pointer.clone(),
            got: warning.got.clone(),
            suggested: warning.suggested.clone(),
            en: warning.code.en().to_owned(),
            zh: warning.code.zh().to_owned(),
        }
    }
}

/// Body of every reply with a status of 400 or more (`application/problem+json`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Page that explains the code, on this node: `/errors/E1002`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Meaning of the code, in the language asked for.
    pub title: String,
    /// HTTP status; that of the first failure.
    pub status: u16,
    /// What it was about in this case, in the language asked for.
    pub detail: Option<String>,
    /// Path of the call.
    pub instance: String,
    /// Code of the first failure.
    pub code: String,
    /// Id of the call, also in the header `X-Request-Id`.
    pub request_id: String,
    /// Every failure, in catalogue order.
    pub failures: Vec<Failure>,
}

/// One line of the catalogue of failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct CatalogueEntry {
    /// Published code: `E1205`.
    pub code: String,
    /// Published name: `LINE_TAX_MISMATCH`.
    pub name: String,
    /// The number that stands in block outcomes: 1205.
    pub number: u16,
    /// `implemented`, `planned` or `reserved`.
    pub status: String,
    /// HTTP status of a reply whose first failure it is.
    pub http: u16,
    /// When a retry makes sense.
    pub retry: String,
    /// Whose matter it is: `wrong-data`, `network`, `balance`, `limit`, …
    pub cause: String,
    /// Who can judge it: `desk`, `consensus`, `both` or `admission`.
    pub door: String,
    /// `core` or `extended`.
    pub tier: String,
    /// Template of the JSON pointer; empty if no member is named.
    pub pointer: String,
    /// Meaning in English.
    pub en: String,
    /// Meaning in Chinese.
    pub zh: String,
    /// What to do next, as a word a program can switch on.
    pub next_action: String,
}

impl From<FailureCode> for CatalogueEntry {
    fn from(code: FailureCode) -> Self {
        Self {
            code: code.code().to_owned(),
            name: code.name().to_owned(),
            number: code.number(),
            status: code.support().as_str().to_owned(),
            http: code.http_status(),
            retry: code.retry().as_str().to_owned(),
            cause: code.cause().as_str().to_owned(),
            door: code.door().as_str().to_owned(),
            tier: code.tier().as_str().to_owned(),
            pointer: code.pointer().to_owned(),
            en: code.en().to_owned(),
            zh: code.zh().to_owned(),
            next_action: code.next_action().to_owned(),
        }
    }
}

/// Reply of `GET /v1/failures`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct FailureCatalogue {
    /// Every code, in catalogue order.
    pub data: Vec<CatalogueEntry>,
}

impl FailureCatalogue {
    /// The whole catalogue.
    #[must_use]
    pub fn all() -> Self {
        Self {
            data: FailureCode::ALL.iter().copied().map(Into::into).collect(),
        }
    }
}
