//! The elements of a special business, one by one.
//!
//! Guards: what was found is never repeated in a fault: an element may name a person or a home.

use super::buyer::{ID_TYPE_RESIDENT, PERSON_ID_TYPES, mask};
use super::draft::{DraftBusiness, ElementValue};
use super::report::Report;
use super::texts::optional;
use crate::failure::FailureCode;
use crate::fault::Fault;
use crate::tax::{Element, ElementKind, Need, ResidentId, STREET_MARKS, SpecialBusiness};
use crate::time::IssueDate;

/// One element that is right.
pub(super) struct CheckedElement {
    /// Its name in JSON.
    pub(super) name: &'static str,
    /// Its national name.
    pub(super) zh: &'static str,
    /// What the document keeps.
    pub(super) value: String,
    /// What an invoice shows.
    pub(super) shown: String,
}

/// Where an element stands; its name may be any text, so it is escaped (RFC 6901).
pub(super) fn pointer(name: &str) -> String {
    let name = super::report::excerpt(name);
    format!(
        "/special/elements/{}",
        name.replace('~', "~0").replace('/', "~1")
    )
}

/// Reads every element of the business that the draft gives; says which are missing or wrong.
pub(super) fn read_all(
    business: &SpecialBusiness,
    given: &DraftBusiness,
    today: IssueDate,
    report: &mut Report,
) -> Vec<CheckedElement> {
    let mut found = Vec::with_capacity(business.elements.len());
    for element in business.elements {
        match given.element(element.name) {
            Some(value) => {
                let read = Reading {
                    element,
                    given,
                    today,
                };
                found.extend(read.value(value, report));
            }
            None if is_needed(element, given) => refuse(element, report),
            None => {}
        }
    }
    check_order(&found, report);
    found
}

/// Whether an absent element is missed.
fn is_needed(element: &Element, given: &DraftBusiness) -> bool {
    match element.need {
        Need::Required => true,
        Need::Optional => false,
        Need::When(other, values) => match given.element(other) {
            Some(ElementValue::Text(text)) => values.contains(&text.as_str()),
            Some(ElementValue::Flag(_)) | None => false,
        },
    }
}

/// A missing or malformed element.
fn refuse(element: &Element, report: &mut Report) {
    let what = match element.kind {
        ElementKind::Text | ElementKind::PersonId => {
            format!("a text of at most {} characters", element.chars_max)
        }
        ElementKind::Street => format!(
            "an address with one of {}, at most {} characters",
            STREET_MARKS.map(String::from).join(" "),
            element.chars_max
        ),
        ElementKind::Date => "a day, as 2026-11-21".to_owned(),
        ElementKind::Flag => "true or false".to_owned(),
        ElementKind::Choice(words) => format!("one of {}", words.join(", ")),
        ElementKind::PersonIdType => {
            let types = PERSON_ID_TYPES.map(|number| number.to_string());
            format!("one of {}", types.join(", "))
        }
    };
    let fault = Fault::at(FailureCode::SpecialFieldsRequired, pointer(element.name));
    report.refuse(fault.expected(format!("{}: {what}", element.zh)));
}

/// One element being read.
struct Reading<'a> {
    element: &'static Element,
    given: &'a DraftBusiness,
    today: IssueDate,
}

impl Reading<'_> {
    fn value(&self, value: &ElementValue, report: &mut Report) -> Option<CheckedElement> {
        match (self.element.kind, value) {
            (ElementKind::Flag, ElementValue::Flag(flag)) => {
                let shown = if *flag { "是" } else { "否" };
                Some(self.found(flag.to_string(), shown.to_owned()))
            }
            (ElementKind::Flag, ElementValue::Text(_)) | (_, ElementValue::Flag(_)) => {
                refuse(self.element, report);
                None
            }
            (_, ElementValue::Text(text)) => self.text(text, report),
        }
    }

    fn text(&self, text: &str, report: &mut Report) -> Option<CheckedElement> {
        let faults_before = report.faults.len();
        let pointer = pointer(self.element.name);
        let text = optional(report, pointer.as_str(), Some(text), self.element.chars_max)?;
        if report.faults.len() > faults_before {
            return None;
        }
        let holds = match self.element.kind {
            ElementKind::Text => true,
            ElementKind::Street => text.contains(STREET_MARKS),
            ElementKind::Date => IssueDate::parse(&text).is_ok(),
            ElementKind::Choice(words) => words.contains(&text.as_str()),
            ElementKind::PersonIdType => person_id_type(&text).is_some(),
            ElementKind::PersonId => return self.person_id(text, pointer, report),
            ElementKind::Flag => false,
        };
        if !holds {
            refuse(self.element, report);
            return None;
        }
        Some(self.found(text.clone(), text))
    }

    /// A resident id is checked as a buyer's is; other ids are any text.
    fn person_id(
        &self,
        text: String,
        pointer: String,
        report: &mut Report,
    ) -> Option<CheckedElement> {
        let id_type = match self.given.element("id_type") {
            Some(ElementValue::Text(id_type)) => person_id_type(id_type),
            Some(ElementValue::Flag(_)) => None,
            None => Some(ID_TYPE_RESIDENT),
        };
        if id_type == Some(ID_TYPE_RESIDENT)
            && let Err(reason) = ResidentId::parse(&text, self.today)
        {
            let fault = Fault::at(FailureCode::BuyerIdCardInvalid, pointer);
            report.refuse(fault.expected(reason.to_string()));
            return None;
        }
        let shown = mask(&text);
        Some(self.found(text, shown))
    }

    const fn found(&self, value: String, shown: String) -> CheckedElement {
        CheckedElement {
            name: self.element.name,
            zh: self.element.zh,
            value,
            shown,
        }
    }
}

/// The national number of a kind of id.
fn person_id_type(text: &str) -> Option<u8> {
    let number = text.parse().ok()?;
    PERSON_ID_TYPES.contains(&number).then_some(number)
}

/// A lease ends on or after the day it begins.
fn check_order(found: &[CheckedElement], report: &mut Report) {
    let day = |name: &str| {
        let element = found.iter().find(|element| element.name == name)?;
        IssueDate::parse(&element.value).ok()
    };
    if let (Some(from), Some(to)) = (day("lease_from"), day("lease_to"))
        && to < from
    {
        let fault = Fault::at(FailureCode::SpecialFieldsRequired, pointer("lease_to"));
        report.refuse(fault.expected(format!("租赁期止: {from} or later")));
    }
}
