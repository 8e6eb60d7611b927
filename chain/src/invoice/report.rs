//! Collecting everything that is wrong with a draft.
//!
//! Guards: no check stops another one. A check that cannot be made, because what it needs is
//! itself wrong, says nothing: one mistake gives one fault.

use super::mask::masked;
use super::pointer::Pointer;
use crate::failure::FailureCode;
use crate::fault::{Fault, Warning};
use crate::tax::law_of;

/// Faults and warnings found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    /// What refuses the draft.
    pub(super) faults: Vec<Fault>,
    /// What does not.
    pub(super) warnings: Vec<Warning>,
}

impl Report {
    /// Adds a fault; its law is looked up, and a person's id in what was found is masked.
    pub(super) fn refuse(&mut self, mut fault: Fault) {
        let is_code = |pointer: &String| pointer.ends_with("/class_code");
        if !fault.pointer.as_ref().is_some_and(is_code) {
            fault.got = fault.got.map(|got| masked(&got));
        }
        fault.law = fault.law.or_else(|| law_of(fault.code));
        self.faults.push(fault);
    }

    /// Adds the fault that a field is missing.
    pub(super) fn missing(&mut self, pointer: impl Into<String>) {
        self.refuse(Fault::at(FailureCode::FieldRequired, pointer));
    }

    /// Adds a fault of a field that holds something wrong.
    pub(super) fn wrong(
        &mut self,
        code: FailureCode,
        pointer: impl Into<String>,
        got: &str,
        expected: &str,
    ) {
        self.refuse(
            Fault::at(code, pointer)
                .got(excerpt(got))
                .expected(expected),
        );
    }

    /// Adds to the last fault what would be accepted, unless it says so already.
    pub(super) fn suggest(&mut self, suggested: Option<impl Into<String>>) {
        if let (Some(fault), Some(suggested)) = (self.faults.last_mut(), suggested) {
            fault.suggested.get_or_insert_with(|| suggested.into());
        }
    }

    /// The same to the fault of a field.
    pub(super) fn suggest_at(
        &mut self,
        pointer: Pointer<'_>,
        suggested: Option<impl Into<String>>,
    ) {
        let pointer = String::from(pointer);
        let mut faults = self.faults.iter_mut().rev();
        let fault = faults.find(|fault| fault.pointer.as_ref() == Some(&pointer));
        if let (Some(fault), Some(suggested)) = (fault, suggested) {
            fault.suggested.get_or_insert_with(|| suggested.into());
        }
    }
}

/// Characters of a wrong text that are repeated to the caller.
const EXCERPT_CHARS_MAX: usize = 64;
/// Characters read for that: enough to know an id that begins within the excerpt.
const EXCERPT_CHARS_READ: usize = 128;

/// The beginning of a text, so that a reply is not as long as what it refuses; ids of persons are
/// masked before it is cut, because half an id has another form.
pub(super) fn excerpt(text: &str) -> String {
    let beginning: String = text.chars().take(EXCERPT_CHARS_READ).collect();
    let text = masked(&beginning);
    match text.char_indices().nth(EXCERPT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
