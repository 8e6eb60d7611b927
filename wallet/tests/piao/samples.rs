//! The drafts shipped as samples, judged by the rules themselves.

use std::fs;
use std::path::Path;

use piao_api::wire::draft;
use piao_chain::failure::FailureCode;
use piao_chain::invoice::{Preflight, preflight, sample};

fn judge(name: &str) -> Preflight {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name);
    let (draft, faults) = draft::read_bytes(&fs::read(path).unwrap()).unwrap();
    assert_eq!(faults, [], "every member is known");
    preflight(&draft, &sample::desk())
}

#[test]
fn the_noodles_can_be_issued_without_a_warning() {
    let verdict = judge("noodles.json");
    assert_eq!(verdict.faults, []);
    assert_eq!(verdict.warnings, []);
    let totals = verdict.totals.unwrap();
    assert_eq!(totals.gross.to_string(), "106.00");
}

#[test]
fn the_wrong_draft_breaks_exactly_three_rules() {
    let verdict = judge("wrong.json");
    let codes: Vec<_> = verdict.faults.iter().map(|fault| fault.code).collect();
    let expected = [
        FailureCode::from_code("E1006").unwrap(),
        FailureCode::from_code("E1205").unwrap(),
        FailureCode::from_code("E1301").unwrap(),
    ];
    assert_eq!(codes, expected, "{:?}", verdict.faults);
    assert!(verdict.faults.iter().all(|fault| fault.pointer.is_some()));
    assert!(verdict.faults.iter().all(|fault| fault.got.is_some()));
}
