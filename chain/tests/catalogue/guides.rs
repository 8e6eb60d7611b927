//! The guides of the codes: one for each code this version raises, in order, worded in both
//! languages. That their drafts do what they say is tested where drafts are read, in `piao-api`.

use std::collections::BTreeSet;

use piao_chain::failure::examples::{Change, Guide, Occasion, SAMPLE};
use piao_chain::failure::{FailureCode, Support};

#[test]
fn every_code_that_is_raised_has_one_guide_in_catalogue_order() {
    let codes: Vec<FailureCode> = Guide::all().map(|guide| guide.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
    for &code in FailureCode::ALL {
        let raised = code.support() == Support::Implemented;
        assert!(!raised || codes.contains(&code), "{code} has no guide");
    }
}

#[test]
fn every_raised_code_of_parties_fields_amounts_and_rates_has_a_draft_or_a_reason() {
    // Codes of these groups that come from the state of the chain or from the size of a body.
    let elsewhere = ["E1011", "E1012", "E1013", "E1015", "E1112"];
    for guide in Guide::all().filter(|guide| guide.code.number() < 1400) {
        let by_draft = matches!(guide.occasion, Occasion::Draft(_));
        let known = elsewhere.contains(&guide.code.code());
        assert!(by_draft != known, "{}", guide.code);
    }
}

#[test]
fn the_words_tell_what_to_do_in_both_languages_and_are_not_repeated() {
    let mut seen = BTreeSet::new();
    let mut texts = Vec::new();
    for guide in Guide::all() {
        texts.push((guide.code, guide.advice));
        if let Occasion::Elsewhere(occasion) = guide.occasion {
            texts.push((guide.code, occasion));
        }
    }
    for (code, text) in texts {
        assert!(text.zh.ends_with('。') && !text.zh.is_ascii(), "{code}");
        assert!(text.en.ends_with('.') && text.en.is_ascii(), "{code}");
        assert!(seen.insert(text.zh), "{code}: {}", text.zh);
        assert!(seen.insert(text.en), "{code}: {}", text.en);
    }
}

#[test]
fn every_change_is_json_at_a_pointer() {
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    assert!(is_json(SAMPLE));
    for guide in Guide::all() {
        let Some(example) = guide.example() else {
            continue;
        };
        assert!(!example.refused.is_empty(), "{}", guide.code);
        for change in example.refused.iter().chain(example.accepted) {
            assert!(change.pointer().starts_with('/'), "{}", guide.code);
            let sound = match *change {
                Change::Set(_, json) => is_json(json),
                Change::Remove(_) => true,
                Change::Text(_, _, times) => times > 1,
                Change::Copies(_, json, times) => is_json(json) && times > 0,
            };
            assert!(sound, "{}: {change:?}", guide.code);
        }
    }
}
