//! What the desk says to a changed sample draft.

use piao_chain::invoice::sample;
use piao_chain::invoice::{Draft, DraftDelivery, DraftLine, DraftSeller, DraftTotals, preflight};
use piao_chain::tax::Taxpayer;

use super::row::{Row, buyer, check, faults, line, person, row, some};

fn seller(draft: &mut Draft, tax_id: &str) {
    draft.seller = Some(DraftSeller {
        tax_id: some(tax_id),
        ..DraftSeller::default()
    });
}

fn totals(draft: &mut Draft, amount: &str, tax: &str, gross: &str) {
    draft.totals = Some(DraftTotals {
        amount: some(amount),
        tax: some(tax),
        gross: some(gross),
        gross_capital: None,
    });
}

/// A line of `amount` with a tax, without quantity and price.
fn plain_line(amount: &str, tax: &str) -> DraftLine {
    DraftLine {
        quantity: None,
        unit_price: None,
        amount: some(amount),
        tax: some(tax),
        ..sample::line()
    }
}

/// The table, by what an officer would look at first.
pub(crate) const ROWS: &[Row] = &[
    row("nothing", |_| {}, &[]),
    // Seller.
    row(
        "seller id one short",
        |d| seller(d, "91310115MA2N07N82"),
        &[("E1001", "/seller/tax_id")],
    ),
    row(
        "seller id with O",
        |d| seller(d, "91310115MA2NO7N82Y"),
        &[("E1001", "/seller/tax_id")],
    ),
    row(
        "seller check character",
        |d| seller(d, "91310115MA2N07N82X"),
        &[("E1002", "/seller/tax_id")],
    ),
    row(
        "another seller",
        |d| seller(d, sample::BUYER_TAX_ID),
        &[("E1003", "/seller/tax_id")],
    ),
    row(
        "the desk's own seller",
        |d| seller(d, sample::SELLER_TAX_ID),
        &[],
    ),
    row(
        "seller id in lower case",
        |d| seller(d, "91310115ma2n07n82y"),
        &[("E1014", "/seller/tax_id")],
    ),
    // Buyer.
    row("no buyer", |d| d.buyer = None, &[("E1101", "/buyer")]),
    row(
        "company without tax id",
        |d| buyer(d).tax_id = None,
        &[("E1004", "/buyer/tax_id")],
    ),
    row(
        "buyer id too long",
        |d| buyer(d).tax_id = some("91420100MAXH4XGP0H0"),
        &[("E1005", "/buyer/tax_id")],
    ),
    row(
        "buyer id with a letter in the region",
        |d| buyer(d).tax_id = some("91A40300708461136T"),
        &[("E1005", "/buyer/tax_id")],
    ),
    row(
        "buyer check character",
        |d| buyer(d).tax_id = some("91420100MAXH4XGP0J"),
        &[("E1006", "/buyer/tax_id")],
    ),
    row(
        "buyer id with a hyphen",
        |d| buyer(d).tax_id = some("91420100-MAXH4XGP0H"),
        &[("E1014", "/buyer/tax_id")],
    ),
    row(
        "buyer id full-width",
        |d| buyer(d).tax_id = some("９1420100MAXH4XGP0H"),
        &[("E1014", "/buyer/tax_id")],
    ),
    row(
        "older buyer id, said so",
        |d| {
            buyer(d).id_scheme = some("legacy");
            buyer(d).tax_id = some("420100700000123");
        },
        &[],
    ),
    row(
        "older buyer id, not said so",
        |d| buyer(d).tax_id = some("420100700000123"),
        &[("E1005", "/buyer/tax_id")],
    ),
    row(
        "older buyer id of 16",
        |d| {
            buyer(d).id_scheme = some("legacy");
            buyer(d).tax_id = some("4201007000001234");
        },
        &[("E1005", "/buyer/tax_id")],
    ),
    row(
        "unknown id scheme",
        |d| buyer(d).id_scheme = some("vat"),
        &[("E1005", "/buyer/id_scheme")],
    ),
    row(
        "unknown buyer type",
        |d| buyer(d).buyer_type = some("company"),
        &[("E1008", "/buyer/type")],
    ),
    row(
        "no buyer type",
        |d| buyer(d).buyer_type = None,
        &[("E1101", "/buyer/type")],
    ),
    row(
        "no buyer name",
        |d| buyer(d).name = some("  "),
        &[("E1101", "/buyer/name")],
    ),
    row(
        "a school without tax id",
        |d| {
            buyer(d).buyer_type = some("government");
            buyer(d).tax_id = None;
        },
        &[],
    ),
    row("a person", person, &[]),
    row(
        "a person with a resident id",
        |d| {
            person(d);
            buyer(d).id_number = some("42010219941113153X");
        },
        &[],
    ),
    row(
        "a person with a wrong resident id",
        |d| {
            person(d);
            buyer(d).id_number = some("420102199411131531");
        },
        &[("E1007", "/buyer/id_number")],
    ),
    row(
        "a person born tomorrow",
        |d| {
            person(d);
            buyer(d).id_number = some("110105299912310020");
        },
        &[("E1007", "/buyer/id_number")],
    ),
    row(
        "a passport",
        |d| {
            person(d);
            buyer(d).id_type = some("208");
            buyer(d).id_number = some("E12345678");
        },
        &[],
    ),
    row(
        "an unknown kind of id",
        |d| {
            person(d);
            buyer(d).id_type = some("999");
        },
        &[("E1007", "/buyer/id_type")],
    ),
    row(
        "special invoice to a person",
        |d| {
            person(d);
            d.kind = some("special");
        },
        &[("E1009", "/kind")],
    ),
    row(
        "a person of one character",
        |d| {
            person(d);
            buyer(d).name = some("张");
        },
        &[("E1010", "/buyer/name")],
    ),
    row(
        "special invoice to a school without tax id",
        |d| {
            buyer(d).buyer_type = some("government");
            buyer(d).tax_id = None;
            d.kind = some("special");
        },
        &[("E1004", "/buyer/tax_id")],
    ),
    // Head and texts.
    row("no kind", |d| d.kind = None, &[("E1101", "/kind")]),
    row(
        "a receipt",
        |d| d.kind = some("receipt"),
        &[("E1315", "/kind")],
    ),
    row("a special invoice", |d| d.kind = some("special"), &[]),
    row(
        "a name of 301",
        |d| buyer(d).name = Some("名".repeat(301)),
        &[("E1102", "/buyer/name")],
    ),
    row(
        "too many payments",
        |d| d.payment_refs = vec!["p".to_owned(); 17],
        &[("E1102", "/payment_refs")],
    ),
    row(
        "a bell in the address",
        |d| buyer(d).address = some("a\u{7}b"),
        &[("E1103", "/buyer/address")],
    ),
    row(
        "hidden characters in the item",
        |d| line(d).name = some("*餐饮*餐\u{202E}费"),
        &[("E1103", "/lines/0/name")],
    ),
    row(
        "a time without zone",
        |d| d.issued_at = some("2026-11-21T10:00:00"),
        &[("E1105", "/issued_at")],
    ),
    row(
        "a date only",
        |d| d.issued_at = some("2026-11-21"),
        &[("E1105", "/issued_at")],
    ),
    row(
        "nine minutes ahead",
        |d| d.issued_at = some("2026-11-21T10:09:00+08:00"),
        &[],
    ),
    row(
        "eleven minutes ahead",
        |d| d.issued_at = some("2026-11-21T10:11:00+08:00"),
        &[("E1106", "/issued_at")],
    ),
    row(
        "a year ahead",
        |d| d.issued_at = some("2027-11-21T10:00:00+08:00"),
        &[("E1106", "/issued_at")],
    ),
    row(
        "a month back",
        |d| d.issued_at = some("2026-10-21T10:00:00+08:00"),
        &[],
    ),
    row(
        "two months back",
        |d| d.issued_at = some("2026-09-21T10:00:00+08:00"),
        &[("E1107", "/issued_at")],
    ),
    row(
        "a remark of 450",
        |d| d.remark = Some("备".repeat(450)),
        &[],
    ),
    row(
        "a remark of 451",
        |d| d.remark = Some("备".repeat(451)),
        &[("E1108", "/remark")],
    ),
    row(
        "an address without domain",
        |d| {
            d.delivery = Some(DraftDelivery {
                email: some("finance"),
                phone: None,
            });
        },
        &[("E1109", "/delivery/email")],
    ),
    row(
        "a landline to send to",
        |d| {
            d.delivery = Some(DraftDelivery {
                email: None,
                phone: some("027-87654321"),
            });
        },
        &[("E1110", "/delivery/phone")],
    ),
    row(
        "dollars",
        |d| d.currency = some("USD"),
        &[("E1113", "/currency")],
    ),
    row("yuan, said so", |d| d.currency = some("CNY"), &[]),
    row(
        "nobody issues",
        |d| d.issuer = None,
        &[("E1114", "/issuer")],
    ),
    // Figures of a line.
    row(
        "one decimal",
        |d| line(d).amount = some("100.0"),
        &[("E1201", "/lines/0/amount")],
    ),
    row(
        "a grouped amount",
        |d| line(d).amount = some("1,00.00"),
        &[("E1201", "/lines/0/amount")],
    ),
    row(
        "fourteen decimals",
        |d| line(d).unit_price = some("100.00000000000000"),
        &[("E1202", "/lines/0/unit_price")],
    ),
    row(
        "a quantity in words",
        |d| line(d).quantity = some("one"),
        &[("E1202", "/lines/0/quantity")],
    ),
    row(
        "a price without quantity",
        |d| line(d).quantity = None,
        &[("E1203", "/lines/0/quantity")],
    ),
    row(
        "a quantity without price",
        |d| line(d).unit_price = None,
        &[("E1203", "/lines/0/unit_price")],
    ),
    row(
        "two cents off the product",
        |d| line(d).amount = some("100.02"),
        &[("E1204", "/lines/0/amount")],
    ),
    row(
        "a cent off the product",
        |d| line(d).amount = some("100.01"),
        &[],
    ),
    row("no amount but a product", |d| line(d).amount = None, &[]),
    row(
        "nothing to compute from",
        |d| {
            line(d).amount = None;
            line(d).quantity = None;
            line(d).unit_price = None;
        },
        &[("E1101", "/lines/0/amount")],
    ),
    row("tax six cents off", |d| line(d).tax = some("6.06"), &[]),
    row(
        "tax seven cents off",
        |d| line(d).tax = some("6.07"),
        &[("E1205", "/lines/0/tax")],
    ),
    row(
        "tax of another rate",
        |d| line(d).tax = some("13.00"),
        &[("E1205", "/lines/0/tax")],
    ),
    row(
        "tax below nought",
        |d| {
            *line(d) = plain_line("0.10", "-0.05");
        },
        &[("E1212", "/lines/0/tax")],
    ),
    row("a discount", |d| d.lines.push(sample::discount_line()), &[]),
    row(
        "a discount with its tax",
        |d| {
            d.lines.push(DraftLine {
                tax: some("-0.61"),
                ..sample::discount_line()
            });
        },
        &[],
    ),
    row(
        "a discount two cents off",
        |d| {
            d.lines.push(DraftLine {
                tax: some("-0.62"),
                ..sample::discount_line()
            });
        },
        &[("E1206", "/lines/1/tax")],
    ),
    row(
        "21 lines six cents up",
        |d| d.lines = vec![plain_line("100.00", "6.06"); 21],
        &[],
    ),
    row(
        "22 lines six cents up",
        |d| d.lines = vec![plain_line("100.00", "6.06"); 22],
        &[("E1207", "/lines/0/tax"), ("E1207", "/totals/tax")],
    ),
    row(
        "the right totals",
        |d| totals(d, "100.00", "6.00", "106.00"),
        &[],
    ),
    row(
        "another total amount",
        |d| totals(d, "100.01", "6.00", "106.01"),
        &[("E1208", "/totals/amount")],
    ),
    row(
        "another total tax",
        |d| totals(d, "100.00", "6.01", "106.01"),
        &[("E1209", "/totals/tax")],
    ),
    row(
        "another grand total",
        |d| totals(d, "100.00", "6.00", "106.01"),
        &[("E1210", "/totals/gross")],
    ),
    row(
        "totals of a wrong line",
        |d| {
            line(d).tax = some("13.00");
            totals(d, "100.00", "6.00", "106.00");
        },
        &[("E1205", "/lines/0/tax")],
    ),
    row(
        "a line of nothing",
        |d| *line(d) = plain_line("0.00", "0.00"),
        &[("E1211", "/lines/0/amount")],
    ),
    row(
        "a negative line",
        |d| *line(d) = plain_line("-100.00", "-6.00"),
        &[("E1212", "/lines/0/amount")],
    ),
    row(
        "a discount of the whole",
        |d| {
            d.lines.push(DraftLine {
                amount: some("-100.00"),
                ..sample::discount_line()
            });
        },
        &[("E1212", "/totals/gross")],
    ),
    row(
        "seventeen digits",
        |d| *line(d) = plain_line("10000000000000000.00", "6.00"),
        &[("E1213", "/lines/0/amount")],
    ),
    row(
        "a product without end",
        |d| {
            line(d).amount = None;
            line(d).quantity = some("9999999999999999999999999");
            line(d).unit_price = some("9999999999999999999999999");
        },
        &[("E1213", "/lines/0/amount")],
    ),
    row(
        "capitals",
        |d| {
            d.totals = Some(DraftTotals {
                gross_capital: some("壹佰零陆圆整"),
                ..DraftTotals::default()
            });
        },
        &[],
    ),
    row(
        "other capitals",
        |d| {
            d.totals = Some(DraftTotals {
                gross_capital: some("壹佰零柒圆整"),
                ..DraftTotals::default()
            });
        },
        &[("E1214", "/totals/gross_capital")],
    ),
    row(
        "a discount first",
        |d| d.lines = vec![sample::discount_line(), sample::line()],
        &[("E1215", "/lines/0")],
    ),
    row(
        "two discounts",
        |d| {
            d.lines
                .extend([sample::discount_line(), sample::discount_line()]);
        },
        &[("E1215", "/lines/2")],
    ),
    row(
        "a discount of another item",
        |d| {
            d.lines.push(DraftLine {
                name: some("*餐饮*酒水"),
                ..sample::discount_line()
            });
        },
        &[("E1215", "/lines/1/name")],
    ),
    row(
        "a discount at another rate",
        |d| {
            d.lines.push(DraftLine {
                rate: some("0.03"),
                ..sample::discount_line()
            });
        },
        &[("E1215", "/lines/1")],
    ),
    row(
        "a discount with a unit",
        |d| {
            d.lines.push(DraftLine {
                unit: some("次"),
                ..sample::discount_line()
            });
        },
        &[("E1215", "/lines/1/unit")],
    ),
    row(
        "a discount over its line",
        |d| {
            d.lines.insert(0, sample::line());
            d.lines.push(DraftLine {
                amount: some("-100.01"),
                ..sample::discount_line()
            });
        },
        &[("E1216", "/lines/2/amount")],
    ),
    row(
        "no lines but totals",
        |d| {
            d.lines.clear();
            totals(d, "100.00", "6.00", "106.00");
        },
        &[("E1217", "/lines")],
    ),
    row(
        "a sum of twenty digits",
        |d| {
            d.lines = vec![plain_line("9999999999999999.00", "600000000000000.00"); 20];
        },
        &[
            ("E1213", "/totals/amount"),
            ("E1213", "/totals/gross"),
            ("E1213", "/totals/tax"),
        ],
    ),
    row("no lines", |d| d.lines.clear(), &[("E1217", "/lines")]),
    row("200 lines", |d| d.lines = vec![sample::line(); 200], &[]),
    row(
        "201 lines",
        |d| d.lines = vec![sample::line(); 201],
        &[("E1218", "/lines")],
    ),
    row(
        "a margin",
        |d| {
            *line(d) = plain_line("100.00", "3.00");
            line(d).deduction = some("50.00");
        },
        &[],
    ),
    row(
        "a deduction over the amount",
        |d| {
            *line(d) = plain_line("100.00", "0.00");
            line(d).deduction = some("100.01");
        },
        &[("E1219", "/lines/0/deduction")],
    ),
    row(
        "a deduction on one of two lines",
        |d| {
            line(d).deduction = some("50.00");
            d.lines.push(sample::line());
        },
        &[("E1219", "/lines/0/deduction")],
    ),
    // Tax-inclusive lines.
    row(
        "tax-inclusive",
        |d| {
            *line(d) = DraftLine {
                amount: None,
                tax: None,
                gross: some("9.90"),
                ..plain_line("1.00", "0.06")
            };
        },
        &[],
    ),
    row(
        "tax-inclusive, with another sum",
        |d| {
            *line(d) = DraftLine {
                gross: some("107.00"),
                ..plain_line("100.00", "6.00")
            };
        },
        &[("E1210", "/lines/0/gross")],
    ),
    row(
        "tax-inclusive, with a deduction",
        |d| {
            *line(d) = DraftLine {
                gross: some("103.00"),
                deduction: some("50.00"),
                ..plain_line("100.00", "3.00")
            };
        },
        &[("E1219", "/lines/0/gross")],
    ),
    // Rates, marks and codes.
    row(
        "no rate",
        |d| line(d).rate = None,
        &[("E1101", "/lines/0/rate")],
    ),
    row(
        "seven per cent",
        |d| line(d).rate = some("0.07"),
        &[("E1301", "/lines/0/rate")],
    ),
    row(
        "a percentage",
        |d| line(d).rate = some("6%"),
        &[("E1301", "/lines/0/rate")],
    ),
    row(
        "the five per cent of last year",
        |d| line(d).rate = some("0.05"),
        &[("E1301", "/lines/0/rate")],
    ),
    row(
        "the one per cent of small sellers",
        |d| line(d).rate = some("0.01"),
        &[("E1302", "/lines/0/rate")],
    ),
    row(
        "exempt",
        |d| {
            line(d).rate = some("0");
            line(d).zero_rate_kind = some("exempt");
        },
        &[],
    ),
    row(
        "exempt on a special invoice",
        |d| {
            d.kind = some("special");
            line(d).rate = some("0");
            line(d).zero_rate_kind = some("exempt");
        },
        &[("E1304", "/lines/0/rate")],
    ),
    row(
        "nought without a reason",
        |d| line(d).rate = some("0"),
        &[("E1305", "/lines/0/zero_rate_kind")],
    ),
    row(
        "a reason without nought",
        |d| line(d).zero_rate_kind = some("exempt"),
        &[("E1305", "/lines/0/zero_rate_kind")],
    ),
    row(
        "an unknown reason",
        |d| {
            line(d).rate = some("0");
            line(d).zero_rate_kind = some("free");
        },
        &[("E1305", "/lines/0/zero_rate_kind")],
    ),
    row(
        "tax on an exempt line",
        |d| {
            line(d).rate = some("0");
            line(d).zero_rate_kind = some("exempt");
            line(d).tax = some("0.01");
        },
        &[("E1205", "/lines/0/tax")],
    ),
    row(
        "the policy of 3 % at 6 %",
        |d| line(d).preference = some("08"),
        &[("E1306", "/lines/0/preference")],
    ),
    row(
        "a policy that is none",
        |d| line(d).preference = some("19"),
        &[("E1306", "/lines/0/preference")],
    ),
    row(
        "a reason that is none",
        |d| d.waive_1pct_reason = some("3"),
        &[("E1307", "/waive_1pct_reason")],
    ),
    row(
        "a class code of 18",
        |d| line(d).class_code = some("307040100000000000"),
        &[("E1308", "/lines/0/class_code")],
    ),
    row(
        "no class code",
        |d| line(d).class_code = None,
        &[("E1101", "/lines/0/class_code")],
    ),
    row(
        "a nameless line",
        |d| line(d).name = None,
        &[("E1101", "/lines/0/name")],
    ),
    // Several at once.
    row(
        "wrong id, wrong tax and no such rate, on two lines",
        |d| {
            buyer(d).tax_id = some("91420100MAXH4XGP0J");
            line(d).tax = some("13.07");
            d.lines.push(DraftLine {
                rate: some("0.07"),
                ..sample::line()
            });
            totals(d, "200.00", "13.00", "213.00");
        },
        &[
            ("E1006", "/buyer/tax_id"),
            ("E1205", "/lines/0/tax"),
            ("E1301", "/lines/1/rate"),
        ],
    ),
    row(
        "wrong id, wrong tax and no such rate, on one line",
        |d| {
            buyer(d).tax_id = some("91420100MAXH4XGP0J");
            line(d).rate = some("0.14");
            line(d).tax = some("13.07");
            totals(d, "100.00", "13.07", "113.07");
        },
        &[
            ("E1006", "/buyer/tax_id"),
            ("E1205", "/lines/0/tax"),
            ("E1301", "/lines/0/rate"),
        ],
    ),
    row(
        "lines sort by number",
        |d| {
            d.lines = vec![sample::line(); 12];
            for index in [2, 10] {
                d.lines[index].tax = some("9.00");
            }
        },
        &[("E1205", "/lines/2/tax"), ("E1205", "/lines/10/tax")],
    ),
    row(
        "an empty draft",
        |d| *d = Draft::default(),
        &[
            ("E1101", "/buyer"),
            ("E1101", "/kind"),
            ("E1114", "/issuer"),
            ("E1217", "/lines"),
        ],
    ),
];

#[test]
fn the_desk_finds_exactly_what_each_change_breaks() {
    check(ROWS);
}

#[test]
fn a_fault_carries_its_evidence() {
    let mut draft = sample::draft();
    line(&mut draft).tax = some("6.07");
    let fault = preflight(&draft, &sample::desk()).faults.remove(0);
    assert_eq!(fault.got.as_deref(), Some("6.07"));
    assert_eq!(fault.expected.as_deref(), Some("6.00"));
    assert_eq!(fault.tolerance.as_deref(), Some("0.06"));
    assert_eq!(fault.suggested.as_deref(), Some("6.00"));
    line(&mut draft).tax = None;
    line(&mut draft).rate = some("0.14");
    let fault = preflight(&draft, &sample::desk()).faults.remove(0);
    assert_eq!(
        fault.expected.as_deref(),
        Some("one of 0.13, 0.09, 0.06, 0, 0.03")
    );
    assert_eq!(fault.law, Some("增值税法第十条、第十一条"));
}

#[test]
fn a_wrong_check_character_is_never_suggested_and_a_wrong_form_is() {
    let mut draft = sample::draft();
    buyer(&mut draft).tax_id = some("91420100MAXH4XGP0J");
    assert_eq!(preflight(&draft, &sample::desk()).faults[0].suggested, None);
    buyer(&mut draft).tax_id = some("91420100 maxh4xgp0h");
    let fault = preflight(&draft, &sample::desk()).faults.remove(0);
    assert_eq!(fault.suggested.as_deref(), Some(sample::BUYER_TAX_ID));
}

#[test]
fn a_small_seller_shows_one_per_cent_unless_it_gives_that_up() {
    let mut desk = sample::desk();
    desk.seller.taxpayer = Taxpayer::SmallScale;
    let mut draft = sample::draft();
    assert_eq!(
        faults(&desk, &draft),
        [("E1302".to_owned(), "/lines/0/rate".to_owned())]
    );
    line(&mut draft).rate = some("0.03");
    let expected = [("E1307".to_owned(), "/waive_1pct_reason".to_owned())];
    assert_eq!(faults(&desk, &draft), expected);
    draft.waive_1pct_reason = some("1");
    assert_eq!(faults(&desk, &draft), []);
    draft.waive_1pct_reason = None;
    line(&mut draft).class_code = some("5010199000000000000");
    line(&mut draft).name = some("住宅");
    assert_eq!(faults(&desk, &draft), [], "immovables have no 1 %");
    line(&mut draft).rate = some("0.01");
    assert_eq!(faults(&desk, &draft), []);
}

#[test]
fn what_is_left_out_is_filled_in() {
    let mut draft = sample::draft();
    draft.lines.push(sample::discount_line());
    let verdict = preflight(&draft, &sample::desk());
    let prepared = verdict.prepared.unwrap();
    let invoice = prepared.invoice();
    assert_eq!(invoice.seller.tax_id, sample::SELLER_TAX_ID);
    assert_eq!(invoice.issued_at, "2026-11-21T10:00:00+08:00");
    assert_eq!(
        (
            invoice.lines[0].tax.as_str(),
            invoice.lines[0].gross.as_str()
        ),
        ("6.00", "106.00")
    );
    assert_eq!(
        (invoice.lines[1].tax.as_str(), invoice.lines[1].discount),
        ("-0.60", true)
    );
    assert_eq!(invoice.totals.gross, "95.40");
    assert_eq!(invoice.totals.gross_capital, "玖拾伍圆肆角整");
    assert_eq!(verdict.totals.unwrap().gross.to_string(), "95.40");
}

#[test]
fn a_persons_id_is_shown_masked_and_kept_whole_as_a_field() {
    let mut draft = sample::draft();
    person(&mut draft);
    buyer(&mut draft).id_number = some("42010219941113153X");
    let prepared = preflight(&draft, &sample::desk()).prepared.unwrap();
    assert_eq!(
        prepared.invoice().buyer.id_number.as_deref(),
        Some("420102********153X")
    );
    let fields = prepared.fields();
    let id = piao_chain::invoice::fields::BUYER_ID;
    let field = fields.iter().find(|(field, _, _)| *field == id).unwrap();
    assert_eq!(field.2, b"42010219941113153X");
    assert!(fields.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
    let said = format!("{draft:?} {prepared:?} {:?}", prepared.buyer_identity());
    assert!(!said.contains("4201") && !said.contains("张三"), "{said}");
}
