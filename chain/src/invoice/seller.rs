//! The seller of a draft: the desk's own merchant, or a mistake.
//!
//! Guards: a desk issues in the name of its merchant only, whatever the draft says.

use super::draft::DraftSeller;
use super::mask::{holds_resident_id, masked};
use super::preflight::SellerFacts;
use super::report::Report;
use super::texts::{is_blank, word};
use crate::failure::{FailureCode, WarningCode};
use crate::fault::{Fault, Warning};
use crate::tax::uscc::{self, Uscc, UsccError};
use crate::tax::{LegacyForm, ResidentId, is_legacy_tax_id, legacy_form, normalised_legacy};
use crate::time::IssueDate;

/// How a tax id is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IdScheme {
    /// 统一社会信用代码.
    Uscc,
    /// An older form.
    Legacy,
}

impl IdScheme {
    /// The scheme with this word.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "uscc" => Some(Self::Uscc),
            "legacy" => Some(Self::Legacy),
            _ => None,
        }
    }
}

/// The codes of one party's tax id.
#[derive(Clone, Copy)]
pub(super) struct TaxIdCodes {
    /// Wrong length or characters.
    pub(super) format: FailureCode,
    /// Wrong check character.
    pub(super) checksum: FailureCode,
}

/// Checks what a draft says about the seller. What is left out is filled in by the desk.
pub(super) fn check(draft: Option<&DraftSeller>, desk: &SellerFacts, report: &mut Report) {
    let Some(seller) = draft else { return };
    check_tax_id(seller, desk, report);
    let name = seller.name.as_deref().filter(|name| !is_blank(name));
    if let Some(name) = name.filter(|name| *name != desk.name) {
        let warning = Warning::at(WarningCode::SellerNameDiffers, "/seller/name", name);
        report.warnings.push(warning.suggested(desk.name.as_str()));
    }
}

/// The tax id, if given, must be well formed and be the desk's.
fn check_tax_id(seller: &DraftSeller, desk: &SellerFacts, report: &mut Report) {
    const POINTER: &str = "/seller/tax_id";
    const CODES: TaxIdCodes = TaxIdCodes {
        format: FailureCode::SellerTaxIdFormat,
        checksum: FailureCode::SellerTaxIdChecksum,
    };
    let scheme = read_scheme(
        seller.id_scheme.as_deref(),
        "/seller/id_scheme",
        CODES,
        report,
    );
    let Some(text) = seller.tax_id.as_deref().filter(|text| !is_blank(text)) else {
        return;
    };
    if text == desk.tax_id {
        return;
    }
    if scheme.is_some_and(|scheme| !is_well_formed(scheme, (POINTER, text), CODES, report)) {
        return;
    }
    let fault = Fault::at(FailureCode::SellerTaxIdNotKeyOwner, POINTER);
    report.refuse(fault.got(text).expected(desk.tax_id.as_str()));
}

/// Reads `id_scheme`; left out means USCC.
pub(super) fn read_scheme(
    text: Option<&str>,
    pointer: &str,
    codes: TaxIdCodes,
    report: &mut Report,
) -> Option<IdScheme> {
    match text {
        None => Some(IdScheme::Uscc),
        Some(text) => word(
            report,
            codes.format,
            (pointer, text),
            IdScheme::from_word,
            "uscc or legacy",
        ),
    }
}

/// Whether a tax id can be one of its scheme; says why not.
fn is_well_formed(
    scheme: IdScheme,
    (pointer, text): (&str, &str),
    codes: TaxIdCodes,
    report: &mut Report,
) -> bool {
    match scheme {
        IdScheme::Uscc => read_uscc((pointer, text), codes, report).is_some(),
        IdScheme::Legacy => read_legacy((pointer, text), codes, report),
    }
}

/// Reads a unified social credit code; says why it is none.
pub(super) fn read_uscc(
    (pointer, text): (&str, &str),
    codes: TaxIdCodes,
    report: &mut Report,
) -> Option<Uscc> {
    // One resident id in 31 is a well-formed code too, and would stand on the chain for ever.
    if is_resident_id(text) {
        let expected = "a company's code; a person's id goes into id_number";
        report.wrong(codes.format, pointer, text, expected);
        return None;
    }
    let reason = match text.parse::<Uscc>() {
        Ok(code) => {
            if !code.org_code_is_consistent() {
                report
                    .warnings
                    .push(Warning::at(WarningCode::UsccOrgCodeCheck, pointer, text));
            }
            return Some(code);
        }
        Err(reason) => reason,
    };
    if let Some(repaired) = uscc::normalised(text).filter(|text| !is_resident_id(text)) {
        let fault = Fault::at(FailureCode::IdNeedsNormalisation, pointer).got(text);
        report.refuse(fault.expected(repaired.clone()).suggested(repaired));
        return None;
    }
    // A wrong check character has no suggestion: the right one would name another company.
    let (code, expected) = match reason {
        UsccError::Checksum => (codes.checksum, "the check character of the other 17"),
        UsccError::Length => (codes.format, "18 characters"),
        UsccError::Character => (codes.format, "digits and capitals without I O Z S V"),
        UsccError::Region => (codes.format, "digits as characters 3 to 8"),
    };
    report.wrong(code, pointer, text, expected);
    None
}

/// Whether a text is a person's id; of any day, so that none slips through by its date.
fn is_resident_id(text: &str) -> bool {
    ResidentId::parse(text, IssueDate::from_days(u32::MAX)).is_ok()
}

/// Checks an older tax id; says why it is none, and warns of one that has no known form.
pub(super) fn read_legacy(
    (pointer, text): (&str, &str),
    codes: TaxIdCodes,
    report: &mut Report,
) -> bool {
    if is_legacy_tax_id(text) {
        if legacy_form(text) == LegacyForm::Unknown {
            let warning = Warning::at(WarningCode::LegacyTaxIdForm, pointer, masked(text));
            report.warnings.push(warning);
        }
        return true;
    }
    // What may embed a person's id is not repeated, not even repaired.
    match normalised_legacy(text).filter(|repaired| !holds_resident_id(repaired)) {
        Some(repaired) => {
            let fault = Fault::at(FailureCode::IdNeedsNormalisation, pointer).got(text);
            report.refuse(fault.expected(repaired.clone()).suggested(repaired));
        }
        None => {
            let expected = "15, 17, 18 or 20 digits and capitals";
            report.wrong(codes.format, pointer, text, expected);
        }
    }
    false
}
