//! The failure catalogue: unique, ordered, worded in both languages, and printed in FAILURES.md;
//! the rule sets, printed in RULES.md.

#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests fails the test by panicking"
)]

#[path = "catalogue/guides.rs"]
mod guides;
#[path = "catalogue/rules.rs"]
mod rules;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use piao_chain::failure::{Door, FailureCode, Group, Retry, Support, WarningCode};

#[test]
fn numbers_ascend_and_codes_are_spelled_from_them() {
    let numbers: Vec<u16> = FailureCode::ALL.iter().map(|code| code.number()).collect();
    assert!(numbers.is_sorted_by(|a, b| a < b));
    for &code in FailureCode::ALL {
        assert_eq!(code.code(), format!("E{}", code.number()));
        assert!((1001..=9999).contains(&code.number()), "{code}");
    }
    assert!(FailureCode::ALL.len() >= 188, "a code was removed");
}

#[test]
fn names_and_texts_are_unique_and_present() {
    let unique = |texts: Vec<&str>| texts.iter().collect::<BTreeSet<_>>().len() == texts.len();
    let all = FailureCode::ALL;
    assert!(
        unique(all.iter().map(|code| code.name()).collect()),
        "names"
    );
    assert!(
        unique(all.iter().map(|code| code.en()).collect()),
        "English"
    );
    assert!(
        unique(all.iter().map(|code| code.zh()).collect()),
        "Chinese"
    );
    for &code in all {
        let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        assert!(code.name().chars().all(upper), "{code} {}", code.name());
        // A Chinese term may stand in brackets where English has none.
        let latin = code.en().chars().filter(char::is_ascii).count();
        assert!(latin > 10, "{code} {}", code.en());
        assert!(!code.en().ends_with('.'), "{code} {}", code.en());
        assert!(!code.zh().is_ascii(), "{code} {}", code.zh());
    }
}

#[test]
fn pointers_are_json_pointers_or_say_that_the_fault_names_its_field() {
    for &code in FailureCode::ALL {
        let pointer = code.pointer();
        assert!(
            pointer.is_empty() || pointer == "(named)" || pointer.starts_with('/'),
            "{code} {pointer}"
        );
    }
}

#[test]
fn http_status_and_retry_class_agree() {
    for &code in FailureCode::ALL {
        let status = code.http_status();
        assert!((400..=599).contains(&status), "{code}");
        if status == 422 {
            let retry = code.retry();
            let fixable = matches!(retry, Retry::Fix | Retry::Upgrade | Retry::Never);
            assert!(fixable, "{code}: 422 with {retry}");
        }
        if code.retry() == Retry::Maint {
            assert_eq!(status, 503, "{code}");
        }
        if status == 402 && code.retry() == Retry::Topup {
            assert_eq!(code.next_action(), "top_up");
        }
    }
}

#[test]
fn warnings_have_their_own_range() {
    let codes: BTreeSet<&str> = WarningCode::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(codes.len(), WarningCode::ALL.len());
    assert!(
        WarningCode::ALL
            .iter()
            .all(|code| code.code().starts_with('W'))
    );
    assert!(
        WarningCode::ALL
            .iter()
            .all(|code| !code.zh().is_empty() && code.en().is_ascii())
    );
}

#[test]
fn failures_md_says_what_the_catalogue_says() {
    assert_page_is("FAILURES.md", &render());
}

/// The page is what this version would write; `PIAO_UPDATE_GOLDEN` writes it.
#[expect(clippy::disallowed_methods, reason = "a test reads the page it guards")]
pub(crate) fn assert_page_is(name: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("PIAO_UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{name} is stale; run with PIAO_UPDATE_GOLDEN=1 to rewrite it"
    );
}

/// The whole page.
fn render() -> String {
    let mut page = String::from(
        "# Failures\n\n\
         Every reason for which something is refused.\n\
         Written by `tests/catalogue.rs` from the catalogue in `src/failure/table.rs`; do not edit.\n\
         A published code never changes its number, name or meaning.\n\
         Rates, tolerances and lengths are in [RULES.md](RULES.md); `piao explain CODE` and the page \
         `/errors/CODE` of a node say what to do and show drafts that provoke and pass a code.\n\
         When several rules are broken, the lowest number comes first, and alone goes into a block.\n\n\
         *Judged by*: `desk` is the merchant's node, `consensus` every validator, `both` each its \
         part, `admission` decides whether a transaction may stand in a block at all.\n\
         *Status*: `planned` codes are raised by a later version; `reserved` codes cannot occur in \
         this version of the protocol.\n",
    );
    for group in Group::ALL {
        let (number, title) = (group.number, group.en);
        write!(page, "\n## E{number} {title}\n\n").unwrap();
        page.push_str(
            "| code | name | HTTP | retry | field | judged by | status | meaning | 含义 |\n",
        );
        page.push_str("|---|---|---|---|---|---|---|---|---|\n");
        for code in group.codes() {
            page.push_str(&row(code));
        }
    }
    page.push_str("\n## W Warnings\n\nThey refuse nothing.\n\n");
    page.push_str("| code | name | meaning | 含义 |\n|---|---|---|---|\n");
    for code in WarningCode::ALL {
        let (name, en, zh) = (code.name(), escape(code.en()), escape(code.zh()));
        writeln!(page, "| {code} | `{name}` | {en} | {zh} |").unwrap();
    }
    page
}

fn row(code: FailureCode) -> String {
    let pointer = match code.pointer() {
        "" => String::new(),
        pointer => format!("`{pointer}`"),
    };
    format!(
        "| {code} | `{}` | {} | {} | {pointer} | {} | {} | {} | {} |\n",
        code.name(),
        code.http_status(),
        code.retry(),
        door(code.door()),
        status(code.support()),
        escape(code.en()),
        escape(code.zh()),
    )
}

fn door(door: Door) -> &'static str {
    door.as_str()
}

fn status(support: Support) -> &'static str {
    support.as_str()
}

/// Keeps `|` from ending a table cell.
pub(crate) fn escape(text: &str) -> String {
    text.replace('|', "\\|")
}

#[test]
fn every_code_belongs_to_one_group_of_the_page() {
    let grouped: Vec<FailureCode> = Group::ALL.iter().flat_map(Group::codes).collect();
    assert_eq!(grouped, FailureCode::ALL);
    assert!(Group::ALL.iter().all(|group| !group.zh.is_ascii()));
}
