//! Explaining codes, from the catalogue this program was built with.

use piao_chain::failure::FailureCode;

use crate::process::Home;

#[test]
fn a_code_is_explained_by_code_name_and_in_any_case() {
    let home = Home::new();
    for given in [
        "E1205",
        "e1205",
        "1205",
        "LINE_TAX_MISMATCH",
        "line-tax-mismatch",
    ] {
        let run = home.run(&["explain", given]).expect(0);
        assert!(
            run.stdout.contains("E1205 LINE_TAX_MISMATCH"),
            "{given}: {}",
            run.stdout
        );
        assert!(run.stdout.contains(FailureCode::LineTaxMismatch.en()));
    }
    let json = home.run(&["--json", "explain", "E1205"]).expect(0).json();
    assert_eq!(json["name"], "LINE_TAX_MISMATCH");
    assert_eq!(json["retry"], "FIX");
    assert_eq!(json["zh"], FailureCode::LineTaxMismatch.zh());
}

#[test]
fn an_unknown_code_is_not_found_and_near_ones_are_offered() {
    let home = Home::new();
    let run = home.run(&["explain", "LINE_TAX_MISMACH"]).expect(4);
    assert!(
        run.stderr.contains("did you mean E1205 LINE_TAX_MISMATCH?"),
        "{}",
        run.stderr
    );
    let json = home.run(&["--json", "explain", "E0000"]).expect(4).json();
    assert_eq!(json["code"], "UNKNOWN_CODE");
}

#[test]
fn a_warning_is_explained_too() {
    let home = Home::new();
    let run = home.run(&["explain", "w1002"]).expect(0);
    assert!(run.stdout.contains("it refuses nothing"), "{}", run.stdout);
    let json = home.run(&["--json", "explain", "W1002"]).expect(0).json();
    assert_eq!(json["name"], "ITEM_NAME_WITHOUT_SHORT_NAME");
}
