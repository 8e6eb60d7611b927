//! The buyer of a draft: type, name, id.
//!
//! Guards: a company buyer is named on chain by its unified social credit code; everybody else is
//! a commitment, because any other id may embed a person's.

use core::fmt;

use super::bounds::{NAME_CHARS_MAX, PERSON_ID_CHARS_MAX};
use super::content::BuyerContent;
use super::draft::DraftBuyer;
use super::report::Report;
use super::seller::{IdScheme, TaxIdCodes, read_legacy, read_scheme, read_uscc};
use super::texts::{is_blank, optional, required, word};
use crate::failure::FailureCode;
use crate::fault::Fault;
use crate::tax::{BuyerClass, ResidentId, Uscc};
use crate::time::IssueDate;

/// `id_type` of a buyer who gave no id.
const ID_TYPE_NONE: u8 = 0;
/// `id_type` of an older tax id.
const ID_TYPE_LEGACY_TAX_ID: u8 = 1;
/// `id_type` of a resident id, its national number.
pub(super) const ID_TYPE_RESIDENT: u8 = 201;
/// National numbers of the ids a natural person may give.
pub(super) const PERSON_ID_TYPES: [u8; 8] = [ID_TYPE_RESIDENT, 208, 210, 213, 227, 233, 237, 238];

const CODES: TaxIdCodes = TaxIdCodes {
    format: FailureCode::BuyerTaxIdFormat,
    checksum: FailureCode::BuyerTaxIdChecksum,
};

/// Who the buyer is, before it is decided how the chain names it.
#[derive(Clone, PartialEq, Eq)]
pub enum BuyerIdentity {
    /// An organisation, named openly.
    Clear(Uscc),
    /// Anybody else: goes on chain as a commitment to `id_type` and `id`.
    Private {
        /// What kind of buyer.
        class: BuyerClass,
        /// 0 no id, 1 an older tax id, 201–238 the national number of a person's id.
        id_type: u8,
        /// The id, ASCII or UTF-8; empty without one. Private.
        id: Vec<u8>,
    },
}

/// What the checks of the buyer found.
pub(super) struct CheckedBuyer {
    pub(super) class: BuyerClass,
    pub(super) name: String,
    pub(super) identity: BuyerIdentity,
}

/// What the rest of the draft and the desk say that matters for the buyer.
#[derive(Clone, Copy)]
pub(super) struct BuyerContext {
    /// A special invoice is asked for.
    pub(super) special: bool,
    /// Bounds dates of birth.
    pub(super) today: IssueDate,
}

/// Checks the buyer; `Some` iff nothing of it is wrong.
pub(super) fn check(
    draft: Option<&DraftBuyer>,
    context: BuyerContext,
    report: &mut Report,
) -> Option<CheckedBuyer> {
    let Some(buyer) = draft else {
        report.missing("/buyer");
        return None;
    };
    let faults_before = report.faults.len();
    let class = read_class(buyer, report);
    let name = required(report, "/buyer/name", buyer.name.as_deref(), NAME_CHARS_MAX);
    check_person(class, name.as_deref(), context, report);
    let identity = read_identity(buyer, class, context, report);
    let clean = report.faults.len() == faults_before;
    match (class, name, identity) {
        (Some(class), Some(name), Some(identity)) if clean => Some(CheckedBuyer {
            class,
            name,
            identity,
        }),
        _ => None,
    }
}

/// Reads `type`.
fn read_class(buyer: &DraftBuyer, report: &mut Report) -> Option<BuyerClass> {
    const POINTER: &str = "/buyer/type";
    let Some(text) = buyer.buyer_type.as_deref() else {
        report.missing(POINTER);
        return None;
    };
    let expected = "enterprise, government, individual or other";
    word(
        report,
        FailureCode::BuyerTypeInvalid,
        (POINTER, text),
        BuyerClass::from_word,
        expected,
    )
}

/// A natural person has a name of two characters and gets no special invoice.
fn check_person(
    class: Option<BuyerClass>,
    name: Option<&str>,
    context: BuyerContext,
    report: &mut Report,
) {
    if class != Some(BuyerClass::Individual) {
        return;
    }
    if context.special {
        let fault = Fault::at(FailureCode::NaturalPersonSpecialInvoice, "/kind");
        report.refuse(
            fault
                .got("special")
                .expected("general")
                .suggested("general"),
        );
    }
    if name.is_some_and(|name| name.trim().chars().count() < 2) {
        let fault = Fault::at(FailureCode::NaturalPersonNameTooShort, "/buyer/name");
        report.refuse(fault.expected("at least two characters"));
    }
}

/// Reads whichever id the buyer gave.
fn read_identity(
    buyer: &DraftBuyer,
    class: Option<BuyerClass>,
    context: BuyerContext,
    report: &mut Report,
) -> Option<BuyerIdentity> {
    let person = class == Some(BuyerClass::Individual);
    let person_id = read_person_id(buyer, context.today, report);
    let scheme = read_scheme(
        buyer.id_scheme.as_deref(),
        "/buyer/id_scheme",
        CODES,
        report,
    )?;
    let given = buyer.tax_id.as_deref().filter(|text| !is_blank(text));
    if let Some(text) = given {
        return read_tax_id(text, scheme, class, report);
    }
    let needs_tax_id = class == Some(BuyerClass::Enterprise) || context.special;
    if needs_tax_id && !person {
        report.refuse(Fault::at(FailureCode::BuyerTaxIdRequired, "/buyer/tax_id"));
        return None;
    }
    let class = class?;
    let (id_type, id) = person_id.unwrap_or((ID_TYPE_NONE, Vec::new()));
    Some(BuyerIdentity::Private { class, id_type, id })
}

/// Reads a tax id by its scheme.
fn read_tax_id(
    text: &str,
    scheme: IdScheme,
    class: Option<BuyerClass>,
    report: &mut Report,
) -> Option<BuyerIdentity> {
    const POINTER: &str = "/buyer/tax_id";
    match scheme {
        IdScheme::Uscc => read_uscc((POINTER, text), CODES, report).map(BuyerIdentity::Clear),
        IdScheme::Legacy => {
            let well_formed = read_legacy((POINTER, text), CODES, report);
            let id = text.as_bytes().to_vec();
            class
                .filter(|_| well_formed)
                .map(|class| BuyerIdentity::Private {
                    class,
                    id_type: ID_TYPE_LEGACY_TAX_ID,
                    id,
                })
        }
    }
}

/// Reads a natural person's id and its kind.
fn read_person_id(
    buyer: &DraftBuyer,
    today: IssueDate,
    report: &mut Report,
) -> Option<(u8, Vec<u8>)> {
    const POINTER: &str = "/buyer/id_number";
    let id_type = match buyer.id_type.as_deref() {
        None => Some(ID_TYPE_RESIDENT),
        Some(text) => word(
            report,
            FailureCode::BuyerIdCardInvalid,
            ("/buyer/id_type", text),
            |text| {
                text.parse()
                    .ok()
                    .filter(|number| PERSON_ID_TYPES.contains(number))
            },
            "201, 208, 210, 213, 227, 233, 237 or 238",
        ),
    };
    let text = optional(
        report,
        POINTER,
        buyer.id_number.as_deref(),
        PERSON_ID_CHARS_MAX,
    )?;
    let id_type = id_type?;
    if id_type == ID_TYPE_RESIDENT
        && let Err(reason) = ResidentId::parse(&text, today)
    {
        // The number itself is not repeated: replies are logged by proxies.
        report.refuse(
            Fault::at(FailureCode::BuyerIdCardInvalid, POINTER).expected(reason.to_string()),
        );
        return None;
    }
    Some((id_type, text.into_bytes()))
}

impl BuyerIdentity {
    /// Fills in the id as it is shown: a tax id whole, a person's id masked.
    pub(super) fn show(&self, content: &mut BuyerContent) {
        match self {
            Self::Clear(uscc) => content.tax_id = Some(uscc.to_string()),
            Self::Private {
                id_type: ID_TYPE_NONE,
                ..
            } => {}
            Self::Private {
                id_type: ID_TYPE_LEGACY_TAX_ID,
                id,
                ..
            } => {
                content.tax_id = String::from_utf8(id.clone()).ok();
            }
            Self::Private { id_type, id, .. } => {
                content.id_type = Some(id_type.to_string());
                content.id_number = core::str::from_utf8(id).ok().map(mask);
            }
        }
    }
}

/// Hides the middle of a person's id: `420102********153X`; short ones show their ends only.
pub(super) fn mask(id: &str) -> String {
    let count = id.chars().count();
    let (head, tail) = if count >= 15 { (6, 4) } else { (1, 1) };
    let hidden = head..count.saturating_sub(tail);
    id.chars()
        .enumerate()
        .map(|(place, c)| if hidden.contains(&place) { '*' } else { c })
        .collect()
}

impl fmt::Debug for BuyerIdentity {
    /// Says nothing private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Clear(uscc) => write!(f, "Clear({uscc})"),
            Self::Private { class, id_type, .. } => write!(f, "Private({class:?}, {id_type})"),
        }
    }
}
