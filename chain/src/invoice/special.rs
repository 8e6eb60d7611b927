//! The special business of a draft: which one, its elements, and what its lines hold.
//!
//! Guards: an invoice that names a business says everything the business asks for, in the words of
//! its table ([`crate::tax::SpecialBusiness`]); a misspelled element is refused, never dropped.
//! Elements are private: they go into the document one by one, so that one can be shown alone.

use super::buyer::BuyerIdentity;
use super::draft::{Draft, DraftBusiness, DraftLine, DraftSpecial, ElementValue};
use super::near::nearest;
use super::report::Report;
use super::special_element::{self, CheckedElement};
use super::texts::{is_blank, multiline};
use super::{bounds::SPECIAL_CHARS_MAX, fields};
use crate::failure::{FailureCode, WarningCode};
use crate::fault::{Fault, Warning};
use crate::limits::LINES_MAX;
use crate::tax::{LineRule, RuleSet, SpecialBusiness};
use crate::time::IssueDate;

/// Elements one draft may give; the longest table row has eight.
const ELEMENTS_MAX: usize = 32;

/// Other spellings of units, each of one unit alone.
const UNIT_SPELLINGS: &[(&str, &str)] = &[
    ("t", "吨"),
    ("T", "吨"),
    ("公吨", "吨"),
    ("L", "升"),
    ("l", "升"),
    ("公升", "升"),
    ("平米", "平方米"),
    ("m2", "平方米"),
    ("M2", "平方米"),
    ("m²", "平方米"),
    ("km²", "平方千米"),
    ("平方公里", "平方千米"),
];

/// What the checks of a special business found.
#[derive(Default)]
pub(super) struct CheckedSpecial {
    /// Its number, 0 for none.
    pub(super) number: u8,
    /// The text an invoice shows: as given, or the business with its elements.
    pub(super) shown: Option<String>,
    /// The elements, as fields of the document.
    pub(super) fields: Vec<(u16, String)>,
}

/// What is known around the business.
#[derive(Clone, Copy)]
pub(super) struct SpecialContext {
    /// The rule set the invoice will name.
    pub(super) rules: &'static RuleSet,
    /// Bounds dates of birth.
    pub(super) today: IssueDate,
}

/// Checks the special business of a draft, or says that one is usual.
pub(super) fn check(
    draft: &Draft,
    context: SpecialContext,
    buyer: Option<&BuyerIdentity>,
    report: &mut Report,
) -> CheckedSpecial {
    let (shown, given) = match &draft.special {
        None => (None, None),
        Some(DraftSpecial::Text(text)) => {
            let text = ("/special", Some(text.as_str()));
            let text = multiline(report, FailureCode::FieldTooLong, text, SPECIAL_CHARS_MAX);
            (text, None)
        }
        Some(DraftSpecial::Business(given)) => (None, Some(given)),
    };
    let Some(given) = given else {
        if shown.is_none() {
            hint_business(&draft.lines, context.rules, report);
        }
        return CheckedSpecial {
            shown,
            ..CheckedSpecial::default()
        };
    };
    let Some(business) = read_business(given, context.rules, report) else {
        return CheckedSpecial::default();
    };
    let elements = special_element::read_all(business, given, context.today, report);
    refuse_unknown_elements(business, given, report);
    check_buyer(business, buyer, report);
    for (index, line) in draft.lines.iter().take(LINES_MAX).enumerate() {
        if line.discount != Some(true) {
            check_line(business, line, index, report);
        }
    }
    CheckedSpecial {
        number: business.number,
        shown: Some(show(business, &elements)),
        fields: elements
            .into_iter()
            .filter_map(|element| Some((fields::element_id(element.name)?, element.value)))
            .collect(),
    }
}

/// Reads which business it is; one that is not open is refused by name.
fn read_business(
    given: &DraftBusiness,
    rules: &RuleSet,
    report: &mut Report,
) -> Option<&'static SpecialBusiness> {
    const POINTER: &str = "/special/business";
    let Some(text) = given.business.as_deref().filter(|text| !is_blank(text)) else {
        report.refuse(
            Fault::at(FailureCode::SpecialFieldsRequired, POINTER).expected(open_words(rules)),
        );
        return None;
    };
    let named = rules.special_business_named(text);
    if let Some(business) = named.filter(|business| business.in_force) {
        return Some(business);
    }
    let why = if named.is_some() {
        format!("not open in rule set {}; open are ", rules.id)
    } else {
        String::new()
    };
    let expected = format!("{why}{}", open_words(rules));
    report.wrong(FailureCode::KindUnsupported, POINTER, text, &expected);
    None
}

/// The words of the open businesses.
fn open_words(rules: &RuleSet) -> String {
    let words: Vec<&str> = rules
        .open_special_businesses()
        .map(|business| business.word)
        .collect();
    words.join(", ")
}

/// Members of `elements` that the business does not know.
fn refuse_unknown_elements(business: &SpecialBusiness, given: &DraftBusiness, report: &mut Report) {
    if given.elements.len() > ELEMENTS_MAX {
        let fault = Fault::at(FailureCode::FieldTooLong, "/special/elements");
        let fault = fault.got(format!("{} elements", given.elements.len()));
        report.refuse(fault.expected(format!("at most {ELEMENTS_MAX} elements")));
    }
    let names: Vec<&str> = business.elements.iter().map(|known| known.name).collect();
    let unknown = given.elements.keys().take(ELEMENTS_MAX);
    for name in unknown.filter(|name| !names.contains(&name.as_str())) {
        let all = match names.as_slice() {
            [] => format!("no elements: {} has none", business.word),
            names => format!("one of {}", names.join(", ")),
        };
        let expected = match nearest(name, &names) {
            Some(near) => format!("{near}? {all}"),
            None => all,
        };
        let pointer = special_element::pointer(name);
        report.refuse(Fault::at(FailureCode::UnknownField, pointer).expected(expected));
    }
}

/// Some businesses name their buyer by an id, whatever its type.
fn check_buyer(business: &SpecialBusiness, buyer: Option<&BuyerIdentity>, report: &mut Report) {
    let anonymous =
        |buyer: &BuyerIdentity| matches!(buyer, BuyerIdentity::Private { id, .. } if id.is_empty());
    if business.buyer_id && buyer.is_some_and(anonymous) {
        let fault = Fault::at(FailureCode::SpecialFieldsRequired, "/buyer/id_number");
        report.refuse(fault.expected(format!("the buyer's tax id or id number: {}", business.zh)));
    }
}

/// Specification, unit, quantity and price of a line, and whether its code is usual.
fn check_line(business: &SpecialBusiness, line: &DraftLine, index: usize, report: &mut Report) {
    let at = |field: &str| format!("/lines/{index}/{field}");
    let class_code = line.class_code.as_deref().unwrap_or_default();
    if !class_code.is_empty() && !business.is_usual_with(class_code) {
        let warning = Warning::at(WarningCode::SpecialClassCode, at("class_code"), class_code);
        report.warnings.push(warning);
    }
    match business.line {
        LineRule::Free => {}
        LineRule::AmountOnly => {
            let texts = [
                ("spec", &line.spec, FailureCode::SpecialFieldsRequired),
                ("unit", &line.unit, FailureCode::SpecialUnit),
                (
                    "quantity",
                    &line.quantity,
                    FailureCode::SpecialFieldsRequired,
                ),
                (
                    "unit_price",
                    &line.unit_price,
                    FailureCode::SpecialFieldsRequired,
                ),
            ];
            for (field, text, code) in texts {
                if text.as_deref().is_some_and(|text| !is_blank(text)) {
                    let expected = format!("nothing: {} shows an amount only", business.zh);
                    // Blank counts as left out, and is the only value that passes.
                    report.refuse(Fault::at(code, at(field)).expected(expected).suggested(""));
                }
            }
        }
        LineRule::Measured(units) => {
            for (field, text) in [
                ("quantity", &line.quantity),
                ("unit_price", &line.unit_price),
            ] {
                if text.as_deref().is_none_or(is_blank) {
                    let code = FailureCode::SpecialFieldsRequired;
                    let expected = format!("a number: {} is measured", business.zh);
                    report.refuse(Fault::at(code, at(field)).expected(expected));
                }
            }
            check_unit(units, line.unit.as_deref(), at("unit"), report);
        }
        LineRule::Unit(units) => check_unit(units, line.unit.as_deref(), at("unit"), report),
    }
}

/// A unit of a list; another spelling of one of them is suggested.
fn check_unit(units: &[&str], unit: Option<&str>, pointer: String, report: &mut Report) {
    let unit = unit.filter(|unit| !is_blank(unit)).unwrap_or_default();
    if units.contains(&unit) {
        return;
    }
    let meant = match units {
        [only] => Some(*only),
        _ => UNIT_SPELLINGS
            .iter()
            .find(|(spelling, meant)| *spelling == unit.trim() && units.contains(meant))
            .map(|(_spelling, meant)| *meant)
            .or_else(|| units.iter().copied().find(|known| *known == unit.trim())),
    };
    let mut fault = Fault::at(FailureCode::SpecialUnit, pointer);
    fault.got = (!unit.is_empty()).then(|| super::report::excerpt(unit));
    fault.suggested = meant.map(str::to_owned);
    report.refuse(fault.expected(format!("one of {}", units.join(", "))));
}

/// A line whose code is usual with a business that the draft does not name.
fn hint_business(lines: &[DraftLine], rules: &RuleSet, report: &mut Report) {
    for (index, line) in lines.iter().take(LINES_MAX).enumerate() {
        let class_code = line.class_code.as_deref().unwrap_or_default();
        if let Some(business) = rules.special_business_of_class(class_code) {
            let pointer = format!("/lines/{index}/class_code");
            let warning = Warning::at(WarningCode::SpecialBusinessUsual, pointer, class_code);
            report.warnings.push(warning.suggested(business.word));
            return;
        }
    }
}

/// The business with its elements in one text, for people: `建筑服务；建筑项目名称：…`.
fn show(business: &SpecialBusiness, elements: &[CheckedElement]) -> String {
    let mut text = business.zh.to_owned();
    for element in elements {
        text.push('；');
        text.push_str(element.zh);
        text.push('：');
        text.push_str(&element.shown);
    }
    text
}

impl DraftBusiness {
    /// The value of an element, unless it is absent or blank.
    pub(super) fn element(&self, name: &str) -> Option<&ElementValue> {
        let value = self.elements.get(name)?;
        (!matches!(value, ElementValue::Text(text) if is_blank(text))).then_some(value)
    }
}
