//! Special businesses (特定业务) and margin taxation: what the desk says to a changed sample draft.

use std::collections::BTreeMap;

use piao_chain::invoice::{
    Draft, DraftBusiness, DraftLine, DraftSpecial, ElementValue, fields, preflight, sample,
};
use piao_chain::tax::{ElementKind, KIND_SPECIAL, RuleSet, TaxLine};

use super::facts::sample_facts;
use super::row::{Row, buyer, check, line, person, row, some};

/// Names a business, with texts as elements.
fn business(draft: &mut Draft, business: &str, elements: &[(&str, &str)]) {
    let texts = elements.iter();
    let elements =
        texts.map(|(name, text)| ((*name).to_owned(), ElementValue::Text((*text).to_owned())));
    draft.special = Some(DraftSpecial::Business(DraftBusiness {
        business: some(business),
        elements: elements.collect(),
    }));
}

fn elements(draft: &mut Draft) -> &mut BTreeMap<String, ElementValue> {
    let business = match draft.special.as_mut().unwrap() {
        DraftSpecial::Business(business) => Some(business),
        DraftSpecial::Text(_) => None,
    };
    &mut business.unwrap().elements
}

fn set(draft: &mut Draft, name: &str, text: &str) {
    elements(draft).insert(name.to_owned(), ElementValue::Text(text.to_owned()));
}

fn flag(draft: &mut Draft, name: &str, value: bool) {
    elements(draft).insert(name.to_owned(), ElementValue::Flag(value));
}

/// A line of an amount alone: 100.00 at a rate, under a classification code.
fn amount_line(class_code: &str, rate: &str) -> DraftLine {
    let table = RuleSet::CURRENT.classes.unwrap();
    let row = table.get(class_code.parse().unwrap()).unwrap();
    DraftLine {
        name: Some(format!("*{}*项目", row.short_name)),
        class_code: some(class_code),
        unit: None,
        quantity: None,
        unit_price: None,
        rate: some(rate),
        ..sample::line()
    }
}

/// 建筑服务: 100.00 at 9 %, a building in Wuhan.
fn construction(draft: &mut Draft) {
    *line(draft) = amount_line("3050100000000000000", "0.09");
    business(
        draft,
        "construction",
        &[("place", "湖北省武汉市江岸区"), ("project", "样例大厦")],
    );
    flag(draft, "cross_city", false);
}

/// 货物运输: cabbage on the road.
fn freight(draft: &mut Draft) {
    *line(draft) = amount_line("3010102020100000000", "0.09");
    let route = [
        ("from", "武汉市"),
        ("to", "上海市"),
        ("vehicle", "公路运输"),
        ("plate", "鄂A12345"),
        ("goods", "白菜"),
    ];
    business(draft, "04", &route);
}

/// 成品油: a tonne of petrol.
fn oil(draft: &mut Draft) {
    line(draft).name = some("*汽油*92号");
    line(draft).class_code = some("1070101010100000000");
    line(draft).unit = some("吨");
    line(draft).rate = some("0.13");
    business(draft, "oil", &[]);
}

/// 不动产经营租赁: an office for a year.
fn lease(draft: &mut Draft) {
    *line(draft) = amount_line("3040502020400000000", "0.09");
    line(draft).unit = some("平方米");
    let elements = [
        ("deed_no", "鄂（2020）武汉市不动产权第0000001号"),
        ("place", "湖北省武汉市江岸区"),
        ("address", "样例路1号"),
        ("lease_from", "2026-01-01"),
        ("lease_to", "2026-12-31"),
    ];
    business(draft, "property_lease", &elements);
    flag(draft, "cross_city", false);
}

/// 不动产销售: a flat, whose deed is not there yet.
fn sale(draft: &mut Draft) {
    lease(draft);
    *line(draft) = amount_line("5010101000000000000", "0.09");
    line(draft).unit = some("平方米");
    business(
        draft,
        "05",
        &[("place", "湖北省武汉市江岸区"), ("address", "样例路1号")],
    );
    flag(draft, "cross_city", false);
}

/// 旅客运输: a seat to Shanghai.
fn journey(draft: &mut Draft) {
    *line(draft) = amount_line("3010101010100000000", "0.09");
    let elements = [
        ("traveller", "张三"),
        ("id_number", "42010219941113153X"),
        ("date", "2026-11-20"),
        ("from", "武汉市"),
        ("to", "上海市"),
        ("vehicle", "火车"),
        ("class", "二等座"),
    ];
    business(draft, "passenger_transport", &elements);
}

/// 农产品收购, from a person.
fn farm_purchase(draft: &mut Draft) {
    person(draft);
    buyer(draft).id_number = some("42010219941113153X");
    business(draft, "farm_purchase", &[]);
}

/// The table, by business.
pub(crate) const ROWS: &[Row] = &[
    row(
        "a note",
        |d| d.special = Some(DraftSpecial::Text("旧备注".to_owned())),
        &[],
    ),
    row(
        "a note of 1001",
        |d| d.special = Some(DraftSpecial::Text("字".repeat(1001))),
        &[("E1102", "/special")],
    ),
    // Which business.
    row(
        "no business",
        |d| business(d, " ", &[]),
        &[("E1312", "/special/business")],
    ),
    row(
        "an unknown business",
        |d| business(d, "building", &[]),
        &[("E1315", "/special/business")],
    ),
    row(
        "a number of no business",
        |d| business(d, "21", &[]),
        &[("E1315", "/special/business")],
    ),
    row(
        "a business that is not open",
        |d| business(d, "toll", &[]),
        &[("E1315", "/special/business")],
    ),
    row(
        "tobacco, by number",
        |d| business(d, "18", &[]),
        &[("E1315", "/special/business")],
    ),
    // Construction.
    row("construction", construction, &[]),
    row(
        "construction on a special invoice",
        |d| {
            construction(d);
            d.kind = some("special");
        },
        &[],
    ),
    row(
        "construction with everything",
        |d| {
            construction(d);
            set(d, "address", "样例路1号");
            set(d, "land_tax_project", "TZ-1");
            set(d, "cross_region_no", "KQ-1");
        },
        &[],
    ),
    row(
        "construction nowhere",
        |d| {
            construction(d);
            elements(d).clear();
        },
        &[
            ("E1312", "/special/elements/cross_city"),
            ("E1312", "/special/elements/place"),
            ("E1312", "/special/elements/project"),
        ],
    ),
    row(
        "a blank place",
        |d| {
            construction(d);
            set(d, "place", "  ");
        },
        &[("E1312", "/special/elements/place")],
    ),
    row(
        "a place of 61",
        |d| {
            construction(d);
            set(d, "place", &"地".repeat(61));
        },
        &[("E1102", "/special/elements/place")],
    ),
    row(
        "a project of 80",
        |d| {
            construction(d);
            set(d, "project", &"楼".repeat(80));
        },
        &[],
    ),
    row(
        "a project with a smile",
        |d| {
            construction(d);
            set(d, "project", "大厦😀");
        },
        &[("E1103", "/special/elements/project")],
    ),
    row(
        "yes in words",
        |d| {
            construction(d);
            set(d, "cross_city", "Y");
        },
        &[("E1312", "/special/elements/cross_city")],
    ),
    row(
        "a flag for a name",
        |d| {
            construction(d);
            flag(d, "project", true);
        },
        &[("E1312", "/special/elements/project")],
    ),
    row(
        "a misspelled element",
        |d| {
            construction(d);
            elements(d).remove("place");
            set(d, "plase", "武汉市");
        },
        &[
            ("E1104", "/special/elements/plase"),
            ("E1312", "/special/elements/place"),
        ],
    ),
    row(
        "an element of another business",
        |d| {
            construction(d);
            set(d, "plate", "鄂A12345");
        },
        &[("E1104", "/special/elements/plate")],
    ),
    row(
        "two works",
        |d| {
            construction(d);
            d.lines.push(d.lines[0].clone());
        },
        &[("E1313", "/lines")],
    ),
    row(
        "construction by the metre",
        |d| {
            construction(d);
            line(d).unit = some("米");
            line(d).spec = some("A");
            line(d).quantity = some("1");
            line(d).unit_price = some("100.00");
        },
        &[
            ("E1312", "/lines/0/quantity"),
            ("E1312", "/lines/0/spec"),
            ("E1312", "/lines/0/unit_price"),
            ("E1314", "/lines/0/unit"),
        ],
    ),
    // Oil.
    row("oil", oil, &[]),
    row(
        "oil in litres",
        |d| {
            oil(d);
            line(d).unit = some("升");
        },
        &[],
    ),
    row(
        "oil in barrels",
        |d| {
            oil(d);
            line(d).unit = some("桶");
        },
        &[("E1314", "/lines/0/unit")],
    ),
    row(
        "oil without unit",
        |d| {
            oil(d);
            line(d).unit = None;
        },
        &[("E1314", "/lines/0/unit")],
    ),
    row(
        "oil by amount",
        |d| {
            oil(d);
            line(d).quantity = None;
            line(d).unit_price = None;
        },
        &[
            ("E1312", "/lines/0/quantity"),
            ("E1312", "/lines/0/unit_price"),
        ],
    ),
    row(
        "two oils and a discount",
        |d| {
            oil(d);
            d.lines.push(d.lines[0].clone());
            d.lines.push(DraftLine {
                name: some("*汽油*92号"),
                class_code: some("1070101010100000000"),
                rate: some("0.13"),
                ..sample::discount_line()
            });
        },
        &[],
    ),
    row(
        "oil with a place",
        |d| {
            oil(d);
            set(d, "place", "武汉市");
        },
        &[("E1104", "/special/elements/place")],
    ),
    // Freight.
    row("freight", freight, &[]),
    row(
        "freight by donkey",
        |d| {
            freight(d);
            set(d, "vehicle", "驴");
        },
        &[("E1312", "/special/elements/vehicle")],
    ),
    row(
        "freight without plate and goods",
        |d| {
            freight(d);
            elements(d).retain(|name, _| name != "plate" && name != "goods");
        },
        &[
            ("E1312", "/special/elements/goods"),
            ("E1312", "/special/elements/plate"),
        ],
    ),
    // Immovables.
    row("a lease", lease, &[]),
    row(
        "a lease of a day",
        |d| {
            lease(d);
            set(d, "lease_to", "2026-01-01");
        },
        &[],
    ),
    row(
        "a lease that ends before it begins",
        |d| {
            lease(d);
            set(d, "lease_to", "2025-12-31");
        },
        &[("E1312", "/special/elements/lease_to")],
    ),
    row(
        "the thirtieth of February",
        |d| {
            lease(d);
            set(d, "lease_from", "2026-02-30");
        },
        &[("E1312", "/special/elements/lease_from")],
    ),
    row(
        "a lease without deed",
        |d| {
            lease(d);
            elements(d).remove("deed_no");
        },
        &[("E1312", "/special/elements/deed_no")],
    ),
    row(
        "an address in no street",
        |d| {
            lease(d);
            set(d, "address", "样例大厦五楼");
        },
        &[("E1312", "/special/elements/address")],
    ),
    row(
        "a lease by the month",
        |d| {
            lease(d);
            line(d).unit = some("月");
        },
        &[("E1314", "/lines/0/unit")],
    ),
    row(
        "two rooms",
        |d| {
            lease(d);
            d.lines.push(d.lines[0].clone());
        },
        &[("E1313", "/lines")],
    ),
    row("a sale of a flat", sale, &[]),
    row(
        "a sale of two flats",
        |d| {
            sale(d);
            d.lines.push(d.lines[0].clone());
        },
        &[("E1313", "/lines")],
    ),
    row(
        "a sale by the set",
        |d| {
            sale(d);
            line(d).unit = some("套");
        },
        &[("E1314", "/lines/0/unit")],
    ),
    // Passengers.
    row("a journey", journey, &[]),
    row(
        "a journey by taxi has no class",
        |d| {
            journey(d);
            set(d, "vehicle", "出租车");
            elements(d).remove("class");
        },
        &[],
    ),
    row(
        "a flight without class",
        |d| {
            journey(d);
            set(d, "vehicle", "飞机");
            elements(d).remove("class");
        },
        &[("E1312", "/special/elements/class")],
    ),
    row(
        "a traveller's wrong resident id",
        |d| {
            journey(d);
            set(d, "id_number", "420102199411131531");
        },
        &[("E1007", "/special/elements/id_number")],
    ),
    row(
        "a traveller's passport",
        |d| {
            journey(d);
            set(d, "id_type", "208");
            set(d, "id_number", "E12345678");
        },
        &[],
    ),
    row(
        "a traveller's card of no kind",
        |d| {
            journey(d);
            set(d, "id_type", "999");
        },
        &[("E1312", "/special/elements/id_type")],
    ),
    // Purchases from farmers.
    row("a purchase from a farmer", farm_purchase, &[]),
    row(
        "a purchase from nobody",
        |d| {
            farm_purchase(d);
            buyer(d).id_number = None;
        },
        &[("E1312", "/buyer/id_number")],
    ),
    row(
        "a purchase on a special invoice",
        |d| {
            business(d, "farm_purchase", &[]);
            d.kind = some("special");
        },
        &[("E1315", "/kind")],
    ),
    // Margin taxation (差额): one line, no discount, at most the amount, not with 1.5 %.
    row(
        "a deduction of the whole",
        |d| line(d).deduction = some("100.00"),
        &[],
    ),
    row(
        "a deduction of a cent more",
        |d| line(d).deduction = some("100.01"),
        &[("E1219", "/lines/0/deduction")],
    ),
    row(
        "a negative deduction",
        |d| line(d).deduction = some("-0.01"),
        &[("E1219", "/lines/0/deduction")],
    ),
    row(
        "a deduction and a discount",
        |d| {
            line(d).deduction = some("50.00");
            d.lines.push(sample::discount_line());
        },
        &[("E1219", "/lines/0/deduction")],
    ),
    // Preference policies.
    row(
        "refunded after payment",
        |d| line(d).preference = some("14"),
        &[],
    ),
    row(
        "refunded above a burden of six",
        |d| line(d).preference = some("18"),
        &[],
    ),
    row("rare earths", |d| line(d).preference = some("02"), &[]),
    row(
        "simplified at three",
        |d| {
            line(d).rate = some("0.03");
            line(d).preference = some("01");
        },
        &[],
    ),
    row(
        "exempt by policy, untaxed by mark",
        |d| {
            line(d).rate = some("0");
            line(d).zero_rate_kind = some("untaxed");
            line(d).preference = some("03");
        },
        &[("E1306", "/lines/0/preference")],
    ),
];

#[test]
fn special_businesses_are_judged_as_their_rows_say() {
    check(ROWS);
}

#[test]
fn more_elements_than_any_business_has_are_refused_as_one_fault_and_a_few() {
    let mut draft = sample::draft();
    oil(&mut draft);
    for number in 0..1000 {
        set(&mut draft, &format!("x{number:03}"), "x");
    }
    let faults = preflight(&draft, &sample::desk()).faults;
    assert_eq!(faults[0].pointer.as_deref(), Some("/special/elements"));
    assert_eq!(faults.len(), 33);
}

#[test]
fn a_refused_element_says_in_words_what_it_should_be() {
    let mut draft = sample::draft();
    construction(&mut draft);
    elements(&mut draft).remove("place");
    set(&mut draft, "plase", "武汉市");
    let faults = preflight(&draft, &sample::desk()).faults;
    let said: Vec<_> = faults
        .iter()
        .map(|fault| fault.expected.as_deref().unwrap())
        .collect();
    assert!(
        said[0].starts_with("place? one of place, address, project"),
        "{}",
        said[0]
    );
    assert_eq!(said[1], "建筑服务发生地: a text of at most 60 characters");

    business(&mut draft, "toll", &[]);
    let faults = preflight(&draft, &sample::desk()).faults;
    let said = faults[0].expected.as_deref().unwrap();
    assert!(
        said.starts_with("not open in rule set 2; open are oil, construction"),
        "{said}"
    );
}

#[test]
fn a_unit_of_another_spelling_is_suggested_and_another_unit_is_not() {
    let suggested = |unit: &str| {
        let mut draft = sample::draft();
        oil(&mut draft);
        line(&mut draft).unit = some(unit);
        preflight(&draft, &sample::desk())
            .faults
            .remove(0)
            .suggested
    };
    assert_eq!(suggested("t").as_deref(), Some("吨"));
    assert_eq!(suggested("L").as_deref(), Some("升"));
    assert_eq!(suggested(" 吨 ").as_deref(), Some("吨"));
    assert_eq!(suggested("桶"), None);
    assert_eq!(suggested("平米"), None, "a unit of another business");
}

#[test]
fn elements_are_fields_of_their_own_and_shown_in_one_text() {
    let mut draft = sample::draft();
    journey(&mut draft);
    let prepared = preflight(&draft, &sample::desk()).prepared.unwrap();
    let shown = prepared.invoice().special.unwrap();
    assert_eq!(
        shown,
        "旅客运输服务；出行人：张三；出行人证件号码：420102********153X；出行日期：2026-11-20；\
         出发地：武汉市；到达地：上海市；交通工具类型：火车；等级：二等座"
    );
    let stored = prepared.fields();
    let value = |name: &str| {
        let id = fields::id_of(name).unwrap();
        let field = stored.iter().find(|(field, _, _)| *field == id)?;
        Some(String::from_utf8(field.2.clone()).unwrap())
    };
    assert_eq!(
        value("special_id_number").as_deref(),
        Some("42010219941113153X")
    );
    assert_eq!(value("special_to").as_deref(), Some("上海市"));
    assert_eq!(value("special"), None, "one text would show all of them");
    assert!(stored.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
    let said = format!("{draft:?} {prepared:?} {:?}", draft.special);
    assert!(!said.contains("4201") && !said.contains("张三"), "{said}");
}

#[test]
fn every_element_of_the_table_has_a_field() {
    for business in RuleSet::CURRENT.special_businesses {
        for element in business.elements {
            let id = fields::element_id(element.name);
            assert!(id.is_some(), "{}", element.name);
            let private = matches!(element.kind, ElementKind::PersonId);
            assert!(!private || element.name == "id_number");
        }
    }
}

#[test]
fn the_chain_holds_the_number_and_judges_what_it_sees() {
    let mut facts = sample_facts();
    facts.special_business = 3;
    assert_eq!(facts.check(), Ok(()), "elements are the desk's matter");
    facts.lines = vec![facts.lines[0]; 2];
    let sum = |value: fn(&TaxLine) -> i64| facts.lines.iter().map(value).sum::<i64>();
    facts.totals.amount = piao_chain::amount::Fen::new(sum(|line| line.amount.fen()));
    facts.totals.tax = piao_chain::amount::Fen::new(sum(|line| line.tax.fen()));
    facts.totals.gross = facts.totals.amount.checked_add(facts.totals.tax).unwrap();
    assert_eq!(facts.failure().unwrap().code(), "E1313");
    facts.special_business = 4;
    assert_eq!(
        facts.check(),
        Ok(()),
        "freight has as many lines as it likes"
    );
    for number in [2, 8, 21, 33, 255] {
        facts.special_business = number;
        assert_eq!(facts.failure().unwrap().code(), "E1315", "{number}");
    }
    facts.special_business = 16;
    assert_eq!(facts.check(), Ok(()));
    facts.kind = KIND_SPECIAL;
    assert_eq!(facts.failure().unwrap().code(), "E1315");
}

#[test]
fn the_first_rule_set_knows_no_special_business() {
    let mut facts = sample_facts();
    facts.rule_set = 1;
    assert_eq!(facts.check(), Ok(()));
    for number in 1..=32 {
        facts.special_business = number;
        assert_eq!(facts.failure().unwrap().code(), "E1315", "{number}");
    }
}

#[test]
fn a_code_that_usually_goes_with_a_business_is_pointed_at() {
    let warnings = |draft: &Draft| -> Vec<&str> {
        let verdict = preflight(draft, &sample::desk());
        assert_eq!(verdict.faults, []);
        verdict
            .warnings
            .iter()
            .map(|warning| warning.code.code())
            .collect()
    };
    let mut draft = sample::draft();
    construction(&mut draft);
    assert_eq!(warnings(&draft), [""; 0]);
    draft.special = None;
    assert_eq!(warnings(&draft), ["W1023"]);
    construction(&mut draft);
    *line(&mut draft) = amount_line("3070401000000000000", "0.06");
    assert_eq!(warnings(&draft), ["W1022"]);
}
