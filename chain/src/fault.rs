//! A fault: one refusal together with the evidence that proves it.
//!
//! Guards: whoever is refused learns the field, what was found, what was expected, how much slack
//! there is, and a value that would do. All faults are reported at once, in catalogue order.
//! Never: logged as a whole, because `got` may repeat private text.

use core::fmt;

use crate::failure::{FailureCode, WarningCode};
use crate::time::BlockTime;

/// One refusal and its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which rule was broken.
    pub code: FailureCode,
    /// JSON pointer of the field in the request; `None` if no single field is to blame.
    pub pointer: Option<String>,
    /// What was found.
    pub got: Option<String>,
    /// What the rule expects.
    pub expected: Option<String>,
    /// How far `got` may lie from `expected`, in the unit of both.
    pub tolerance: Option<String>,
    /// A value that would be accepted. For an identifier it only repairs case, width or blanks.
    pub suggested: Option<String>,
    /// The provision the rule rests on.
    pub law: Option<&'static str>,
    /// Before which moment a retry is in vain.
    pub not_before: Option<BlockTime>,
}

impl Fault {
    /// A fault that names no field.
    #[must_use]
    pub const fn new(code: FailureCode) -> Self {
        Self {
            code,
            pointer: None,
            got: None,
            expected: None,
            tolerance: None,
            suggested: None,
            law: None,
            not_before: None,
        }
    }

    /// A fault of the field at `pointer`.
    #[must_use]
    pub fn at(code: FailureCode, pointer: impl Into<String>) -> Self {
        let mut fault = Self::new(code);
        fault.pointer = Some(pointer.into());
        fault
    }

    /// Adds what was found.
    #[must_use]
    pub fn got(mut self, got: impl Into<String>) -> Self {
        self.got = Some(got.into());
        self
    }

    /// Adds what the rule expects.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Adds how far the two may differ.
    #[must_use]
    pub fn tolerance(mut self, tolerance: impl Into<String>) -> Self {
        self.tolerance = Some(tolerance.into());
        self
    }

    /// Adds a value that would be accepted.
    #[must_use]
    pub fn suggested(mut self, suggested: impl Into<String>) -> Self {
        self.suggested = Some(suggested.into());
        self
    }

    /// Adds the provision the rule rests on.
    #[must_use]
    pub const fn law(mut self, law: &'static str) -> Self {
        self.law = Some(law);
        self
    }

    /// Adds before which moment a retry is in vain.
    #[must_use]
    pub const fn not_before(mut self, moment: BlockTime) -> Self {
        self.not_before = Some(moment);
        self
    }
}

impl fmt::Display for Fault {
    /// Code, name and pointer; never `got`, which may be private.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.code(), self.code.name())?;
        match &self.pointer {
            Some(pointer) => write!(f, " at {pointer}"),
            None => Ok(()),
        }
    }
}

/// One warning: it refuses nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What deserves a second look.
    pub code: WarningCode,
    /// JSON pointer of the field in the request.
    pub pointer: Option<String>,
    /// What was found.
    pub got: Option<String>,
    /// What is usual.
    pub suggested: Option<String>,
}

impl Warning {
    /// A warning about the field at `pointer`, which holds `got`.
    #[must_use]
    pub fn at(code: WarningCode, pointer: impl Into<String>, got: impl Into<String>) -> Self {
        Self {
            code,
            pointer: Some(pointer.into()),
            got: Some(got.into()),
            suggested: None,
        }
    }

    /// Adds what is usual.
    #[must_use]
    pub fn suggested(mut self, suggested: impl Into<String>) -> Self {
        self.suggested = Some(suggested.into());
        self
    }
}

/// Sorts faults by code, and within one code by the order in which a reader meets the fields.
///
/// The sort is stable and lines are compared as numbers: `/lines/2` comes before `/lines/10`.
pub fn sort_catalogue_order(faults: &mut [Fault]) {
    faults.sort_by_cached_key(|fault| (fault.code, pointer_key(fault.pointer.as_deref())));
}

/// Splits a pointer so that array indices compare as numbers.
fn pointer_key(pointer: Option<&str>) -> Vec<(u64, String)> {
    pointer
        .unwrap_or("")
        .split('/')
        .map(|part| match part.parse::<u64>() {
            Ok(index) => (index, String::new()),
            Err(_) => (0, part.to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_sort_by_code_then_by_line_number() {
        let mut faults = vec![
            Fault::at(FailureCode::LineTaxMismatch, "/lines/10/tax"),
            Fault::at(FailureCode::RateUnknown, "/lines/0/rate"),
            Fault::at(FailureCode::LineTaxMismatch, "/lines/2/tax"),
            Fault::new(FailureCode::BuyerTaxIdChecksum),
        ];
        sort_catalogue_order(&mut faults);
        let order: Vec<_> = faults
            .iter()
            .map(|f| (f.code.code(), f.pointer.as_deref()))
            .collect();
        assert_eq!(
            order,
            [
                ("E1006", None),
                ("E1205", Some("/lines/2/tax")),
                ("E1205", Some("/lines/10/tax")),
                ("E1301", Some("/lines/0/rate")),
            ]
        );
    }

    #[test]
    fn a_printed_fault_keeps_what_was_found_to_itself() {
        let fault = Fault::at(FailureCode::EmailInvalid, "/delivery/email").got("a private text");
        assert_eq!(fault.to_string(), "E1109 EMAIL_INVALID at /delivery/email");
    }
}
