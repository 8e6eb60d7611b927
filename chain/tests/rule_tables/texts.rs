//! Texts and ids of persons: what may be written on an invoice, and what is never repeated.

use piao_chain::failure::WarningCode;
use piao_chain::invoice::{Draft, preflight, sample};

use super::row::{Row, buyer, check, line, person, row, some};

/// The table.
pub(crate) const ROWS: &[Row] = &[
    // Length, in characters: a rare ideograph is one.
    row(
        "a remark of 450 rare ones",
        |d| d.remark = Some("𠮷".repeat(450)),
        &[],
    ),
    row(
        "a remark of 451",
        |d| d.remark = Some("𠮷".repeat(451)),
        &[("E1108", "/remark")],
    ),
    row(
        "a name of 300",
        |d| buyer(d).name = Some("名".repeat(300)),
        &[],
    ),
    row(
        "a name of 301",
        |d| buyer(d).name = Some("名".repeat(301)),
        &[("E1102", "/buyer/name")],
    ),
    // Lines.
    row("a remark of two lines", |d| d.remark = some("一\n二"), &[]),
    row(
        "a name of two lines",
        |d| buyer(d).name = some("武汉\n样例"),
        &[("E1103", "/buyer/name")],
    ),
    // Names with rare characters.
    row(
        "a name of extension B",
        |d| buyer(d).name = some("𠮷野家有限公司"),
        &[],
    ),
    row(
        "a name of extension A",
        |d| buyer(d).name = some("㛃䶮商店"),
        &[],
    ),
    row(
        "a name of extensions D and E",
        |d| buyer(d).name = some("𫖮𬭳"),
        &[],
    ),
    row(
        "a private-use name",
        |d| buyer(d).name = some("\u{E863}商店"),
        &[("E1103", "/buyer/name")],
    ),
    row(
        "Korean and Japanese",
        |d| buyer(d).name = some("カフェ 한국"),
        &[],
    ),
    // Characters that hide, reorder or do not print.
    row(
        "a soft hyphen",
        |d| d.remark = some("a\u{AD}b"),
        &[("E1103", "/remark")],
    ),
    row(
        "an Arabic mark",
        |d| d.remark = some("a\u{61C}b"),
        &[("E1103", "/remark")],
    ),
    row(
        "a Mongolian separator",
        |d| d.remark = some("a\u{180E}b"),
        &[("E1103", "/remark")],
    ),
    row(
        "an isolate",
        |d| d.remark = some("a\u{2066}b\u{2069}"),
        &[("E1103", "/remark")],
    ),
    row(
        "a zero-width joiner",
        |d| d.remark = some("a\u{200D}b"),
        &[("E1103", "/remark")],
    ),
    row(
        "an annotation",
        |d| d.remark = some("a\u{FFF9}b"),
        &[("E1103", "/remark")],
    ),
    row(
        "a tag",
        |d| d.remark = some("a\u{E0041}b"),
        &[("E1103", "/remark")],
    ),
    row(
        "a variation",
        |d| d.remark = some("葛\u{E0100}"),
        &[("E1103", "/remark")],
    ),
    row(
        "a filler",
        |d| buyer(d).name = some("样例\u{3164}"),
        &[("E1103", "/buyer/name")],
    ),
    row(
        "a combining accent",
        |d| d.remark = some("cafe\u{301}"),
        &[("E1103", "/remark")],
    ),
    row("the same, composed", |d| d.remark = some("café"), &[]),
    row(
        "a smile",
        |d| d.remark = some("谢谢😀"),
        &[("E1103", "/remark")],
    ),
    row(
        "a plane's last",
        |d| d.remark = some("\u{1FFFF}"),
        &[("E1103", "/remark")],
    ),
    row(
        "Thai",
        |d| d.remark = some("ขอบคุณ"),
        &[("E1103", "/remark")],
    ),
    row(
        "symbols of trade",
        |d| d.remark = some("5㎡ №3 20℃ ±½ 10kΩ μF ≥¥€—…“”《》"),
        &[],
    ),
    // Scripts that look alike.
    row(
        "a Cyrillic letter in a Latin word",
        |d| buyer(d).name = some("Gооgle（武汉）有限公司"),
        &[("E1103", "/buyer/name")],
    ),
    row(
        "a Greek letter of Latin shape",
        |d| line(d).name = some("*餐饮*ΑBC套餐"),
        &[("E1103", "/lines/0/name")],
    ),
    row(
        "a word of Russian",
        |d| buyer(d).name = some("ООО Москва"),
        &[],
    ),
    row(
        "units and reagents",
        |d| line(d).spec = some("TNFα 5μL 10kΩ"),
        &[],
    ),
    row(
        "full-width letters",
        |d| buyer(d).name = some("ＡＢＣ有限公司"),
        &[],
    ),
    // Persons.
    row(
        "an agency without id",
        |d| {
            buyer(d).buyer_type = some("other");
            buyer(d).tax_id = None;
        },
        &[],
    ),
    row(
        "another one with its code",
        |d| buyer(d).buyer_type = some("other"),
        &[],
    ),
    row(
        "a resident id as tax id",
        |d| buyer(d).tax_id = some("42010219941113153X"),
        &[("E1005", "/buyer/tax_id")],
    ),
    row(
        "a resident id that is a code too",
        |d| buyer(d).tax_id = Some(both_at_once()),
        &[("E1005", "/buyer/tax_id")],
    ),
    row(
        "a sole trader's older id",
        |d| {
            buyer(d).id_scheme = some("legacy");
            buyer(d).tax_id = some("42010219941113153X01");
        },
        &[],
    ),
    row(
        "an older id with blanks",
        |d| {
            buyer(d).id_scheme = some("legacy");
            buyer(d).tax_id = some("4403 0170 8461 136");
        },
        &[("E1014", "/buyer/tax_id")],
    ),
    row(
        "a sole trader's older id in lower case",
        |d| {
            buyer(d).id_scheme = some("legacy");
            buyer(d).tax_id = some("42010219941113153x01");
        },
        &[("E1005", "/buyer/tax_id")],
    ),
    row(
        "a resident id in lower case",
        |d| {
            person(d);
            buyer(d).id_number = some("42010219941113153x");
        },
        &[("E1007", "/buyer/id_number")],
    ),
];

/// A valid resident id whose last character is also the check character of GB 32100.
fn both_at_once() -> String {
    let today = sample::today();
    let mut codes = (1..1000).map(|order| format!("4201021994{:02}{:02}{order:03}", 11, 13));
    codes
        .find_map(|body| {
            let ends = "0123456789X".chars().map(|check| format!("{body}{check}"));
            let mut valid = ends.filter(|id| piao_chain::tax::ResidentId::parse(id, today).is_ok());
            valid.find(|id| id.parse::<piao_chain::tax::Uscc>().is_ok())
        })
        .unwrap()
}

#[test]
fn texts_and_persons_are_judged_as_their_rows_say() {
    check(ROWS);
}

#[test]
fn a_refused_character_is_named_with_its_place() {
    let said = |name: &str| {
        let mut draft = sample::draft();
        buyer(&mut draft).name = some(name);
        let fault = preflight(&draft, &sample::desk()).faults.remove(0);
        (fault.got.unwrap(), fault.expected.unwrap())
    };
    let (got, expected) = said("样例😀");
    assert_eq!(got, "U+1F600 at character 3");
    assert_eq!(expected, "a character the invoice's fonts can print");
    let (got, expected) = said("Gоogle");
    assert_eq!(got, "U+043E at character 2");
    assert_eq!(expected, "letters of one script within a word");
}

#[test]
fn what_may_mislead_is_a_warning() {
    for name in ["ＡＢＣ有限公司", "АТМ服务", "⼀号店"] {
        let mut draft = sample::draft();
        buyer(&mut draft).name = some(name);
        let verdict = preflight(&draft, &sample::desk());
        assert_eq!(verdict.faults, []);
        let codes: Vec<_> = verdict
            .warnings
            .iter()
            .map(|warning| warning.code)
            .collect();
        assert_eq!(codes, [WarningCode::MisleadingCharacter], "{name}");
    }
}

#[test]
fn an_older_tax_id_of_no_known_form_is_a_warning() {
    let warned = |tax_id: &str| {
        let mut draft = sample::draft();
        buyer(&mut draft).id_scheme = some("legacy");
        buyer(&mut draft).tax_id = some(tax_id);
        let verdict = preflight(&draft, &sample::desk());
        assert_eq!(verdict.faults, []);
        !verdict.warnings.is_empty()
    };
    assert!(!warned("440301708461136"), "the organisation code is right");
    assert!(warned("440301708461137"), "it is not");
    assert!(!warned("42010219941113153X01"));
    assert!(warned("99999999999999999"));
}

/// Wherever somebody may type the id of a person, by mistake or on purpose.
const PLACES: &[fn(&mut Draft, &str)] = &[
    |d, id| buyer(d).id_number = some(id),
    |d, id| {
        person(d);
        buyer(d).id_number = some(id);
    },
    |d, id| buyer(d).id_type = some(id),
    |d, id| buyer(d).tax_id = some(id),
    |d, id| {
        buyer(d).id_scheme = some("legacy");
        buyer(d).tax_id = some(&id.to_lowercase());
    },
    |d, id| {
        buyer(d).id_scheme = some("legacy");
        buyer(d).tax_id = Some(format!("{id}01"));
    },
    |d, id| buyer(d).tax_id = Some(format!("{id}0")),
    |d, id| buyer(d).buyer_type = some(id),
    |d, id| buyer(d).name = Some(format!("{id}\u{7}")),
    |d, id| buyer(d).email = some(id),
    |d, id| buyer(d).id_scheme = some(id),
    |d, id| d.kind = some(id),
    |d, id| d.issued_at = some(id),
    |d, id| d.waive_1pct_reason = some(id),
    |d, id| d.remark = Some(format!("{id}\u{7}")),
    |d, id| line(d).quantity = some(id),
    |d, id| line(d).quantity = Some(format!("{}{id}", "x".repeat(55))),
    |d, id| line(d).zero_rate_kind = some(id),
];

#[test]
fn no_fault_and_no_warning_repeats_the_id_of_a_person() {
    for id in [
        "42010219941113153X",
        "420102199411131531",
        "42010219941113153x",
    ] {
        for (place, change) in PLACES.iter().enumerate() {
            let mut draft = sample::draft();
            change(&mut draft, id);
            let verdict = preflight(&draft, &sample::desk());
            let said = format!("{:?} {:?} {draft:?}", verdict.faults, verdict.warnings);
            let said = said.to_uppercase();
            assert!(!said.contains(&id.to_uppercase()), "place {place}: {said}");
            assert!(!said.contains("19941113"), "place {place}: {said}");
        }
    }
}

#[test]
fn a_refused_id_shows_its_region_and_its_end() {
    let mut draft = sample::draft();
    buyer(&mut draft).tax_id = some("420102199411131531");
    let fault = preflight(&draft, &sample::desk()).faults.remove(0);
    assert_eq!(fault.got.as_deref(), Some("420102********1531"));
}
