//! Classification codes: which code, rate and item name go together, at the desk and in a block.

use piao_chain::amount::Fen;
use piao_chain::digest::{Tag, hash};
use piao_chain::failure::FailureCode;
use piao_chain::invoice::{
    Desk, Draft, DraftLine, SUGGESTION_ROUNDS_MAX, apply_suggestions, preflight, sample,
};
use piao_chain::rate::RatePpm;
use piao_chain::tax::{Certainty, ClassRow, ClassTable, RuleSet, TaxFacts, Taxpayer, tax_on};
use piao_chain::time::{BlockTime, IssueDate};

use super::facts::sample_facts;

#[path = "../../build/class_table.rs"]
mod build;

const MEALS: &str = "3070401000000000000";
const RICE: &str = "1010101010000000000";
const COAL: &str = "1020101000000000000";
const SMALL_TIMBER: &str = "1010202020000000000";
const RARE_EARTHS: &str = "1020403030100000000";
const FILM: &str = "1070601010100000000";
const GIFT_CARDS: &str = "6010000000000000000";
const CATERING: &str = "3070400000000000000";
const A_CIGARETTE: &str = "1030402040205000000";
const RETIRED_TRANSPORT: &str = "3010301010300000000";

/// One line, and what the desk says to it.
pub(crate) struct Row {
    what: &'static str,
    name: &'static str,
    class_code: &'static str,
    rate: &'static str,
    /// Changes what is not said above.
    more: fn(&mut DraftLine),
    /// Code, field of the line, and what is suggested for it.
    pub(crate) expected: &'static [(&'static str, &'static str, Option<&'static str>)],
    /// Code of each warning and what is suggested.
    warned: &'static [(&'static str, Option<&'static str>)],
}

/// A line that is right as it stands.
const ROW: Row = Row {
    what: "",
    name: "*生产生活服务*餐费",
    class_code: MEALS,
    rate: "0.06",
    more: |_line| {},
    expected: &[],
    warned: &[],
};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// The table, by code.
pub(crate) const ROWS: &[Row] = &[
    Row {
        what: "a meal at 6 %",
        ..ROW
    },
    // E1303, the rate against the code.
    Row {
        what: "a meal at 13 %",
        rate: "0.13",
        expected: &[("E1303", "rate", Some("0.06"))],
        ..ROW
    },
    Row {
        what: "a meal by the simplified method",
        rate: "0.03",
        more: |line| line.preference = some("01"),
        ..ROW
    },
    Row {
        what: "a meal at the simplified rate, without a policy",
        rate: "0.03",
        ..ROW
    },
    Row {
        what: "a meal at 13 %, marked as the simplified method",
        rate: "0.13",
        more: |line| line.preference = some("01"),
        expected: &[("E1306", "preference", Some(""))],
        ..ROW
    },
    Row {
        what: "a meal, exempt",
        rate: "0",
        more: |line| line.zero_rate_kind = some("exempt"),
        ..ROW
    },
    Row {
        what: "a meal at 9 %, tax refunded at once",
        rate: "0.09",
        more: |line| line.preference = some("11"),
        expected: &[("E1303", "rate", Some("0.06"))],
        ..ROW
    },
    Row {
        what: "rice at 9 %",
        name: "*谷物*稻谷",
        class_code: RICE,
        rate: "0.09",
        ..ROW
    },
    Row {
        what: "rice at 13 %",
        name: "*谷物*稻谷",
        class_code: RICE,
        rate: "0.13",
        expected: &[("E1303", "rate", Some("0.09"))],
        ..ROW
    },
    Row {
        what: "coal at 9 %",
        name: "*原煤*原煤",
        class_code: COAL,
        rate: "0.09",
        expected: &[("E1303", "rate", Some("0.13"))],
        ..ROW
    },
    Row {
        what: "small timber at 13 %",
        name: "*林业产品*木材",
        class_code: SMALL_TIMBER,
        rate: "0.13",
        ..ROW
    },
    Row {
        what: "small timber at 9 %",
        name: "*林业产品*木材",
        class_code: SMALL_TIMBER,
        rate: "0.09",
        ..ROW
    },
    Row {
        what: "small timber at 6 %: two rates would do, so none is suggested",
        name: "*林业产品*木材",
        class_code: SMALL_TIMBER,
        expected: &[("E1303", "rate", None)],
        ..ROW
    },
    Row {
        what: "13 % assumed by the table, 9 % on the line",
        name: "*稀土矿产品*氧化物",
        class_code: RARE_EARTHS,
        rate: "0.09",
        warned: &[("W1004", Some("0.13"))],
        ..ROW
    },
    Row {
        what: "13 % assumed by the table and on the line",
        name: "*稀土矿产品*氧化物",
        class_code: RARE_EARTHS,
        rate: "0.13",
        ..ROW
    },
    Row {
        what: "9 % not compared with the law, 13 % on the line",
        name: "*塑料制品*薄膜",
        class_code: FILM,
        rate: "0.13",
        warned: &[("W1004", Some("0.09"))],
        ..ROW
    },
    Row {
        what: "a gift card, not taxed",
        name: "*预付卡销售*购物卡",
        class_code: GIFT_CARDS,
        rate: "0",
        more: |line| line.zero_rate_kind = some("untaxed"),
        ..ROW
    },
    Row {
        what: "a gift card at 6 %",
        name: "*预付卡销售*购物卡",
        class_code: GIFT_CARDS,
        expected: &[("E1303", "rate", Some("0"))],
        ..ROW
    },
    Row {
        what: "a gift card at the simplified rate",
        name: "*预付卡销售*购物卡",
        class_code: GIFT_CARDS,
        rate: "0.03",
        expected: &[("E1303", "rate", Some("0"))],
        ..ROW
    },
    Row {
        what: "a gift card, exempt",
        name: "*预付卡销售*购物卡",
        class_code: GIFT_CARDS,
        rate: "0",
        more: |line| line.zero_rate_kind = some("exempt"),
        expected: &[("E1303", "zero_rate_kind", Some("untaxed"))],
        ..ROW
    },
    Row {
        what: "a gift card without a mark",
        name: "*预付卡销售*购物卡",
        class_code: GIFT_CARDS,
        rate: "0",
        expected: &[("E1305", "zero_rate_kind", Some("untaxed"))],
        ..ROW
    },
    // E1309, codes that are none.
    Row {
        what: "a code that is in no table",
        class_code: "3070401000000000001",
        expected: &[("E1309", "class_code", None)],
        ..ROW
    },
    Row {
        what: "a code retired in 2026",
        name: "*运输服务*机票",
        class_code: RETIRED_TRANSPORT,
        rate: "0.09",
        expected: &[("E1309", "class_code", None)],
        warned: &[("W1023", Some("passenger_transport"))],
        ..ROW
    },
    Row {
        what: "a brand of cigarettes the table does not list",
        name: "*甲类卷烟（新）*卷烟",
        class_code: A_CIGARETTE,
        rate: "0.13",
        warned: &[("W1006", None)],
        ..ROW
    },
    Row {
        what: "a summary below which nothing is listed",
        name: "*非成品油燃料*燃料",
        class_code: "1070102030000000000",
        rate: "0.13",
        warned: &[("W1006", None)],
        ..ROW
    },
    // E1310, summaries.
    Row {
        what: "catering as a whole",
        class_code: CATERING,
        expected: &[("E1310", "class_code", None)],
        ..ROW
    },
    Row {
        what: "catering as a whole, at another rate: the code is wrong first",
        class_code: CATERING,
        rate: "0.13",
        expected: &[("E1310", "class_code", None)],
        ..ROW
    },
    // E1311, the short name.
    Row {
        what: "a plain name",
        name: "餐费",
        warned: &[("W1002", Some("*生产生活服务*餐费"))],
        ..ROW
    },
    Row {
        what: "a plain name with a star in it",
        name: "圆桌 10*12",
        warned: &[("W1002", Some("*生产生活服务*圆桌 10*12"))],
        ..ROW
    },
    Row {
        what: "the name of the code as its short name",
        name: "*餐饮服务*餐费",
        warned: &[("W1005", Some("*生产生活服务*餐费"))],
        ..ROW
    },
    Row {
        what: "the name of a code above as its short name",
        name: "*餐饮住宿服务*餐费",
        warned: &[("W1005", Some("*生产生活服务*餐费"))],
        ..ROW
    },
    Row {
        what: "the short name of another code",
        name: "*谷物*餐费",
        expected: &[("E1311", "name", Some("*生产生活服务*餐费"))],
        ..ROW
    },
    Row {
        what: "one star",
        name: "*餐费",
        expected: &[("E1311", "name", Some("*生产生活服务*餐费"))],
        ..ROW
    },
    Row {
        what: "an empty short name",
        name: "**餐费",
        expected: &[("E1311", "name", Some("*生产生活服务*餐费"))],
        ..ROW
    },
    Row {
        what: "no item",
        name: "*生产生活服务*",
        expected: &[("E1311", "name", Some("*生产生活服务*生产生活服务"))],
        ..ROW
    },
    Row {
        what: "three stars before the item",
        name: "*生产生活服务**餐费",
        expected: &[("E1311", "name", Some("*生产生活服务*餐费"))],
        ..ROW
    },
    Row {
        what: "stars of another width",
        name: "＊生产生活服务＊餐费",
        expected: &[("E1311", "name", Some("*生产生活服务*餐费"))],
        ..ROW
    },
    Row {
        what: "nothing but stars: the code's own name is an item",
        name: "**",
        expected: &[("E1311", "name", Some("*生产生活服务*餐饮服务"))],
        ..ROW
    },
    Row {
        what: "stars that are wrong whatever the code, which is unknown",
        name: "*餐费",
        class_code: "3070401000000000001",
        expected: &[("E1309", "class_code", None), ("E1311", "name", None)],
        ..ROW
    },
];

fn draft_of(row: &Row) -> Draft {
    let mut line = DraftLine {
        name: some(row.name),
        class_code: some(row.class_code),
        rate: some(row.rate),
        ..sample::line()
    };
    (row.more)(&mut line);
    Draft {
        lines: vec![line],
        ..sample::draft()
    }
}

/// Code, field of the first line, and suggestion.
fn faults(draft: &Draft, desk: &Desk) -> Vec<(String, String, Option<String>)> {
    let faults = preflight(draft, desk).faults;
    let field = |pointer: Option<String>| pointer.unwrap_or_default().replace("/lines/0/", "");
    let faults = faults.into_iter();
    let said = faults.map(|fault| {
        (
            fault.code.to_string(),
            field(fault.pointer),
            fault.suggested,
        )
    });
    said.collect()
}

#[test]
fn code_rate_and_name_are_judged_as_each_row_says() {
    for row in ROWS {
        let draft = draft_of(row);
        let found = faults(&draft, &sample::desk());
        let found: Vec<_> = found
            .iter()
            .map(|(code, at, suggested)| (code.as_str(), at.as_str(), suggested.as_deref()))
            .collect();
        assert_eq!(found, row.expected, "{}", row.what);
        let warnings = preflight(&draft, &sample::desk()).warnings;
        let warned: Vec<_> = warnings
            .iter()
            .map(|warning| (warning.code.code(), warning.suggested.as_deref()))
            .collect();
        assert_eq!(warned, row.warned, "{}", row.what);
    }
}

#[test]
fn what_is_suggested_passes() {
    for row in ROWS {
        let mut draft = draft_of(row);
        let fixable = row
            .expected
            .iter()
            .all(|(_, _, suggested)| suggested.is_some());
        // In several rounds, because a rate of nought is only then missing its mark.
        for _round in 0..SUGGESTION_ROUNDS_MAX {
            let found = preflight(&draft, &sample::desk()).faults;
            draft = apply_suggestions(&draft, &found);
        }
        let left = faults(&draft, &sample::desk());
        assert_eq!(left.is_empty(), fixable, "{}: {left:?}", row.what);
    }
}

/// What a block holds of a line: code, rate, mark, policy; and the refusal.
type InBlock = (u64, u32, Option<u8>, u8, Option<&'static str>);

const IN_BLOCKS: &[InBlock] = &[
    (3_070_401_000_000_000_000, 60_000, None, 0, None),
    (3_070_401_000_000_000_000, 30_000, None, 1, None),
    (3_070_401_000_000_000_000, 0, Some(1), 3, None),
    (3_070_401_000_000_000_000, 90_000, None, 0, Some("E1303")),
    (1_010_202_020_000_000_000, 90_000, None, 0, None),
    (1_010_202_020_000_000_000, 60_000, None, 0, Some("E1303")),
    (1_020_403_030_100_000_000, 60_000, None, 0, None),
    (6_010_000_000_000_000_000, 0, Some(2), 0, None),
    (6_010_000_000_000_000_000, 0, Some(3), 0, Some("E1303")),
    (6_010_000_000_000_000_000, 30_000, None, 0, Some("E1303")),
    (1_030_402_040_205_000_000, 130_000, None, 0, None),
    (3_010_301_010_300_000_000, 90_000, None, 0, Some("E1309")),
    (3_010_301_010_300_000_001, 90_000, None, 0, Some("E1309")),
    (3_000_000_000_000_000_000, 60_000, None, 0, Some("E1310")),
];

fn facts_of((class_code, ppm, mark, preference, _refusal): &InBlock) -> TaxFacts {
    let mut facts = sample_facts();
    let line = facts.lines.first_mut().unwrap();
    line.class_code = *class_code;
    line.rate = RatePpm::new(*ppm);
    line.zero_rate_kind = *mark;
    line.preference = *preference;
    let tax = i64::try_from(tax_on(line.taxable_fen(), line.rate)).unwrap();
    line.tax = Fen::new(tax);
    facts.totals.tax = Fen::new(tax);
    facts.totals.gross = Fen::new(line.amount.fen() + tax);
    facts
}

#[test]
fn a_block_refuses_what_is_certain_and_rule_set_1_refuses_no_code() {
    for row in IN_BLOCKS {
        let mut facts = facts_of(row);
        let code = facts.failure().map(FailureCode::code);
        assert_eq!(code, row.4, "{} at {}", row.0, row.1);
        facts.rule_set = 1;
        assert_eq!(facts.failure(), None, "{} at {}", row.0, row.1);
    }
}

#[test]
fn a_retired_code_is_a_code_until_its_last_day() {
    let row = (3_010_301_010_300_000_000, 90_000, None, 0, None);
    let mut facts = facts_of(&row);
    for (date, refusal) in [("2026-05-31", None), ("2026-06-01", Some("E1309"))] {
        facts.issued_on = IssueDate::parse(date).unwrap();
        assert_eq!(facts.failure().map(FailureCode::code), refusal, "{date}");
    }
    let row = Row {
        name: "*运输服务*机票",
        class_code: RETIRED_TRANSPORT,
        rate: "0.09",
        ..ROW
    };
    let mut desk = sample::desk();
    desk.now = BlockTime::parse_rfc3339("2026-05-31T23:59:59+08:00").unwrap();
    assert_eq!(faults(&draft_of(&row), &desk), []);
}

#[test]
fn a_rate_that_is_not_open_to_the_seller_is_not_suggested() {
    let row = Row {
        rate: "0.13",
        ..ROW
    };
    let mut desk = sample::desk();
    desk.seller.taxpayer = Taxpayer::SmallScale;
    let found = faults(&draft_of(&row), &desk);
    let codes: Vec<_> = found
        .iter()
        .map(|(code, _, suggested)| (code.as_str(), suggested))
        .collect();
    assert_eq!(codes, [("E1302", &None), ("E1303", &None)]);
}

#[test]
fn the_short_name_put_before_a_name_is_in_the_document_and_counts() {
    let shown = |name: &str| {
        let mut draft = sample::draft();
        draft.lines[0].name = some(name);
        let prepared = preflight(&draft, &sample::desk()).prepared?;
        let field = piao_chain::invoice::fields::LINE_NAME;
        let fields = prepared.fields();
        let kept = fields
            .into_iter()
            .find(|(id, _, _)| *id == field)
            .unwrap()
            .2;
        assert_eq!(kept, prepared.invoice().lines[0].name.as_bytes());
        Some(prepared.invoice().lines[0].name.clone())
    };
    assert_eq!(shown("餐费").as_deref(), Some("*生产生活服务*餐费"));
    assert_eq!(shown("*餐饮服务*餐费").as_deref(), Some("*餐饮服务*餐费"));
    // Eight characters go before it.
    assert_eq!(shown(&"餐".repeat(292)).unwrap().chars().count(), 300);
    assert_eq!(shown(&"餐".repeat(293)), None);
}

#[test]
fn a_discount_may_name_its_item_with_or_without_the_short_name() {
    let names = ["餐费", "*生产生活服务*餐费"];
    for (first, second) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut draft = sample::draft();
        draft.lines.push(sample::discount_line());
        draft.lines[0].name = some(names[first]);
        draft.lines[1].name = some(names[second]);
        assert_eq!(faults(&draft, &sample::desk()), [], "{first} {second}");
    }
    let mut draft = sample::draft();
    draft.lines.push(sample::discount_line());
    draft.lines[0].name = some("餐费");
    draft.lines[1].name = some("酒水");
    let suggested = Some("*生产生活服务*餐费".to_owned());
    let expected = ("E1215".to_owned(), "/lines/1/name".to_owned(), suggested);
    assert_eq!(faults(&draft, &sample::desk()), [expected]);
}

#[test]
fn under_rule_set_1_a_name_is_kept_as_it_is_written() {
    let mut desk = sample::desk();
    desk.rules = RuleSet::by_id(1).unwrap();
    for name in ["餐费", "*餐费", "*谷物*餐费"] {
        let mut draft = sample::draft();
        draft.lines[0].name = some(name);
        let prepared = preflight(&draft, &desk).prepared.unwrap();
        assert_eq!(prepared.invoice().lines[0].name, name);
    }
}

fn table() -> &'static ClassTable {
    RuleSet::by_id(2).unwrap().classes.unwrap()
}

/// A rule set is never edited: a difference here is a change of the protocol.
#[test]
fn the_table_of_rule_set_2_is_the_one_that_was_published() {
    let mut text = String::new();
    for row in table().rows() {
        text.push_str(&format!("{row:?}\n"));
    }
    let digest = hex::encode(hash(Tag::Dev, text.as_bytes()));
    assert_eq!(
        digest,
        "8b58bd098d86d7ced624c0fec6ac6272c412874533642ef88816c56b1aa8fe84"
    );
    assert_eq!(table().rows().count(), 4_478 + 27);
    let counted = |certainty| {
        table()
            .rows()
            .filter(|row| row.certainty == certainty)
            .count()
    };
    assert_eq!(counted(Certainty::Exclusive), 1_778);
    assert_eq!(counted(Certainty::Assumed), 1_959);
    assert_eq!(counted(Certainty::Unchecked), 6);
    assert_eq!(table().rows().filter(ClassRow::is_in_doubt).count(), 3);
    assert!(table().bytes() < 176 * 1024, "{} bytes", table().bytes());
}

/// What is put before a name must itself be a right start of one.
#[test]
fn every_leaf_has_a_short_name_that_can_stand_between_stars() {
    for row in table().rows().filter(|row| row.retired_from.is_none()) {
        assert!(
            !row.short_name.is_empty() && !row.short_name.contains('*'),
            "{row:?}"
        );
        assert!(row.short_name.trim() == row.short_name, "{row:?}");
        let above = table().above(row.code);
        assert!(above.into_iter().all(|parent| parent.summary), "{row:?}");
        let untaxed = row.code >= 6_000_000_000_000_000_000;
        assert_eq!(row.is_untaxed(), untaxed && !row.summary, "{row:?}");
    }
}

const HEAD: &str = "code,name,short_name,rates,is_summary,basis,rate_basis";
const TOP: &str = "1000000000000000000,货物,货物,,1,2017-12,";
const RETIRED: &str = "code,name,short_name";

#[test]
fn the_build_refuses_a_malformed_row() {
    let compile = |row: &str| build::compile(&format!("{HEAD}\n{TOP}\n{row}\n"), RETIRED);
    let right = "1010000000000000000,谷物,谷物,0.13;0.09,0,2017-12,2026-06";
    assert_eq!(compile(right).unwrap().codes.len(), 2);
    for wrong in [
        "101000000000000000,谷物,谷物,0.13,0,2017-12,2026-06",
        "101000000000000000x,谷物,谷物,0.13,0,2017-12,2026-06",
        "7010000000000000000,谷物,谷物,0.13,0,2017-12,2026-06",
        "1000000000000000000,谷物,谷物,0.13,0,2017-12,2026-06",
        "1010100000000000000,谷物,谷物,0.13,0,2017-12,2026-06",
        "1010000000000000000,,谷物,0.13,0,2017-12,2026-06",
        "1010000000000000000,谷物,,0.13,0,2017-12,2026-06",
        "1010000000000000000,谷物,谷*物,0.13,0,2017-12,2026-06",
        "1010000000000000000,谷物,\"谷物\",0.13,0,2017-12,2026-06",
        "1010000000000000000,谷物,谷物,0.09;0.13,0,2017-12,2026-06",
        "1010000000000000000,谷物,谷物,0.13;0.13,0,2017-12,2026-06",
        "1010000000000000000,谷物,谷物,0.17,0,2017-12,2026-06",
        "1010000000000000000,谷物,谷物,0,0,2017-12,2026-06",
        "1010000000000000000,谷物,谷物,,0,2017-12,2026-06",
        "1010000000000000000,谷物,谷物,0.13,2,2017-12,2026-06",
        "1010000000000000000,谷物,谷物,0.13,0,2018-12,2026-06",
        "1010000000000000000,谷物,谷物,0.13,0,2017-12,certain",
        "1010000000000000000,谷物,谷物,0.13,0,2017-12",
    ] {
        assert!(compile(wrong).is_err(), "{wrong}");
    }
    let retired_twice = format!("{RETIRED}\n1010000000000000000,谷物,谷物\n");
    let listed = format!("{HEAD}\n{TOP}\n{right}\n");
    assert!(build::compile(&listed, &retired_twice).is_err());
    assert!(build::compile("code,name\n", RETIRED).is_err());
    assert!(build::render(&compile(right).unwrap()).contains("static CODES: [u64; 2]"));
}
