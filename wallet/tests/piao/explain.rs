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
    let example = &json["example"];
    assert_eq!(example["refused"]["failures"][0]["suggested"], "6.00");
    assert_eq!(example["accepted"]["failures"].as_array().unwrap().len(), 0);
}

#[test]
fn an_explanation_tells_what_to_do_and_shows_both_drafts() {
    let home = Home::new();
    let run = home.run(&["explain", "1205"]).expect(0);
    for words in [
        "Take the suggested tax",
        "line i tax (/lines/{i}/tax)",
        "✗ refused   /lines/0/tax \"6.07\"",
        "✓ passes    /lines/0/tax \"6.06\"",
        "6.07 → expected 6.00 (±0.06)",
        "E1206",
    ] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let zh = home.run(&["--lang", "zh", "explain", "1011"]).expect(0);
    for words in ["何时出现", "尚未在本链登记", "请主管机关在本链登记"] {
        assert!(zh.stdout.contains(words), "{words}: {}", zh.stdout);
    }
    let planned = home.run(&["explain", "E1701"]).expect(0);
    assert!(!planned.stdout.contains("example"), "{}", planned.stdout);
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
