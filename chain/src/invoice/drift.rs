//! Taxes that are each within their tolerance and together too far off (E1207).
//!
//! Guards: the suggestion passes. No other total can do that, since it would not be the sum of the
//! lines; so the lines that are furthest off are named too, as few as are needed.

use super::line::CheckedLine;
use super::pointer::Pointer;
use super::remedy::computed_tax;
use super::report::Report;
use crate::amount::Fen;
use crate::failure::FailureCode;
use crate::fault::Fault;
use crate::rate::PPM;
use crate::tax::RuleSet;

/// Completes a fault of the drift, if there is one, by the taxes that mend it.
pub(super) fn suggest(lines: &[CheckedLine], rules: &RuleSet, report: &mut Report) {
    let is_drift = |fault: &&mut Fault| fault.code == FailureCode::TotalTaxDrift;
    let Some(fault) = report.faults.iter_mut().find(is_drift) else {
        return;
    };
    let (mended, tax) = mend(lines, rules);
    fault.suggested = Some(tax.to_string());
    let tolerance = fault.tolerance.clone();
    for (index, tax) in mended {
        let Some(line) = lines.get(index) else {
            continue;
        };
        let fault = Fault::at(FailureCode::TotalTaxDrift, Pointer::Line(index, "tax"));
        let fault = fault
            .got(line.tax.tax.to_string())
            .expected(tax.to_string());
        report.refuse(fault.suggested(tax.to_string()));
        if let (Some(last), Some(tolerance)) = (report.faults.last_mut(), &tolerance) {
            last.tolerance = Some(tolerance.clone());
        }
    }
}

/// The lines to change with their computed taxes, and the sum of all taxes then.
fn mend(lines: &[CheckedLine], rules: &RuleSet) -> (Vec<(usize, Fen)>, Fen) {
    let ppm = i128::from(PPM);
    let exact = lines.iter().fold(0_i128, |sum, line| {
        let rate = i128::from(line.tax.rate.ppm());
        sum.saturating_add(line.tax.taxable_fen().saturating_mul(rate))
    });
    let mut sum = lines
        .iter()
        .fold(0_i128, |sum, line| sum.saturating_add(line.tax.tax.wide()));
    let tolerance = i128::from(rules.tax_drift_tolerance_fen).saturating_mul(ppm);
    let mut off: Vec<(i128, usize, Fen)> = lines
        .iter()
        .enumerate()
        .filter_map(|(index, line)| {
            let tax = computed_tax(line)?;
            let by = line.tax.tax.wide().saturating_sub(tax.wide());
            (by != 0).then_some((by, index, tax))
        })
        .collect();
    off.sort_by_key(|(by, index, _)| (core::cmp::Reverse(by.unsigned_abs()), *index));
    let mut mended = Vec::new();
    for (by, index, tax) in off {
        let drift = sum.saturating_mul(ppm).saturating_sub(exact);
        if drift.unsigned_abs() <= tolerance.unsigned_abs() {
            break;
        }
        if drift.signum() == by.signum() {
            sum = sum.saturating_sub(by);
            mended.push((index, tax));
        }
    }
    (mended, Fen::from_wide(sum).unwrap_or(Fen::ZERO))
}
