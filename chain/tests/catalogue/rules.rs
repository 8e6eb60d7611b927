//! RULES.md: every rule set as a tax officer reads it, written from the tables that judge.

use std::fmt::Write as _;

use piao_chain::failure::FailureCode;
use piao_chain::invoice::TEXT_LIMITS;
use piao_chain::limits::LINES_MAX;
use piao_chain::rate::RatePpm;
use piao_chain::tax::{
    Certainty, ClassRow, ISSUE_AGE_DAYS_MAX, ISSUE_AHEAD_MS_MAX, RateRow, RuleSet, law_of,
};

use crate::{assert_page_is, escape};

/// What the sources leave open, and what is done about it: Chinese, English.
const OPEN: &[(&str, &str)] = &[
    (
        "2026年起不动产5%征收率：增值税法第十一条只规定3%，另有资料仍列5%。该行停用，不据此放行；3%照常可开。",
        "The 5 % of immovables since 2026: article 11 of the VAT Law names 3 % only, another source \
         still lists 5 %. The row is off and opens nothing; 3 % is never refused over it.",
    ),
    (
        "1.5%能否开具专用发票：依据未见定论。不拒绝。",
        "Whether a special invoice may show 1.5 %: not settled. It is not refused.",
    ),
    (
        "各项误差允许值（0.01、0.06、1.27）出自接口资料，不是法律条文；作为规则版本的参数。",
        "The tolerances (0.01, 0.06, 1.27) come from documents of the national interface, not from \
         a law text; they are parameters of the rule set.",
    ),
    (
        "统一社会信用代码内的组织机构代码校验位不符：仅提示（W1001），因有实际在用的代码不符。",
        "An organisation code inside a tax id that fails its own check character only warns \
         (W1001): codes in use fail it.",
    ),
    (
        "小规模纳税人月销售额10万元等免税标准按期间合计，不作单张发票的拒绝理由。",
        "The small-scale thresholds (100 000 a month and the like) are totals of a period: no \
         single invoice is refused over them.",
    ),
    (
        "2019-04-01以前的税率（17%、16%、11%、10%、4%）只用于红冲旧票，不在表中。",
        "Rates of before 2019-04-01 (17, 16, 11, 10 and 4 %) only matter for red letters of old \
         invoices and are not in the table.",
    ),
];

#[test]
fn rules_md_says_what_the_rule_sets_say() {
    assert_page_is("RULES.md", &render());
}

#[test]
fn every_row_that_is_off_is_explained_on_the_page() {
    let off = RuleSet::ALL.iter().flat_map(|rules| rules.rates);
    for row in off.filter(|row| !row.in_force) {
        let percent = format!("{}%", percent(row));
        assert!(
            OPEN.iter().any(|(zh, _)| zh.contains(&percent)),
            "{percent}"
        );
    }
}

fn render() -> String {
    let mut page = String::from(
        "# Rules 规则\n\n\
         What an invoice is judged by, written by `tests/catalogue.rs` from the tables in `src/tax`; \
         do not edit.\n\
         An invoice names its rule set and is judged by it for ever; a change of law is a new rule \
         set or a new dated row.\n\
         Codes are explained in [FAILURES.md](FAILURES.md) and by `piao explain CODE`.\n\n\
         本页由 `tests/catalogue.rs` 按 `src/tax` 的数据表生成，请勿手改。\
         发票写明规则版本，并永远按该版本判断；法规变化以新版本或新的起止日期表示。\n",
    );
    for rules in RuleSet::ALL {
        rule_set(&mut page, rules);
    }
    every_rule_set(&mut page);
    page
}

fn rule_set(page: &mut String, rules: &RuleSet) {
    let current = if rules.id == RuleSet::CURRENT.id {
        ", for new invoices 新发票使用"
    } else {
        ""
    };
    write!(page, "\n## Rule set 规则版本 {}{current}\n", rules.id).unwrap();
    page.push_str("\n### Rates 税率\n\n");
    page.push_str(
        "| rate 税率 | from 起 | to 止 | open to | 适用 | invoices | 票种 | basis 依据 |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    for row in rules.rates {
        page.push_str(&rate(row));
    }
    page.push_str("\n### Tolerances 允许误差\n\n");
    page.push_str("| code | most 最大 | between | 比较 |\n|---|---|---|---|\n");
    for tolerance in rules.tolerances() {
        let (code, most) = (tolerance.code, tolerance.most);
        let (en, zh) = (tolerance.en, tolerance.zh);
        writeln!(page, "| {code} | {most} | {en} | {zh} |").unwrap();
    }
    page.push_str(
        "\nAt rate 0 the tax is exactly 0. Totals are exact: line amounts, line taxes and gross add \
         up to the fen.\n税率为0时税额必须为0；合计金额、合计税额、价税合计分毫不差。\n",
    );
    write!(
        page,
        "\n### Remark 备注\n\nAt most {0} characters on a blue invoice. 蓝字发票不超过{0}个字符。\n",
        rules.remark_chars_max
    )
    .unwrap();
    classes(page, rules);
    special_businesses(page, rules);
}

fn rate(row: &RateRow) -> String {
    let from = if row.is_since_ever() {
        "–".to_owned()
    } else {
        row.from.to_string()
    };
    let to = row
        .to
        .map_or_else(|| "–".to_owned(), |last| last.to_string());
    format!(
        "| {}% | {from} | {to} | {} | {} | {} | {} | {} |\n",
        percent(row),
        row.open_to.en(),
        row.open_to.zh(),
        row.en(),
        row.zh(),
        escape(row.basis),
    )
}

/// A rate in percent: 130 000 ppm is 13, 15 000 is 1.5.
fn percent(row: &RateRow) -> String {
    let ppm = row.rate.ppm();
    let (whole, rest) = (ppm.div_euclid(10_000), ppm.rem_euclid(10_000));
    let text = format!("{whole}.{rest:04}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn classes(page: &mut String, rules: &RuleSet) {
    page.push_str("\n### Classification codes 税收分类编码\n\n");
    page.push_str(match rules.classes {
        None => "Only the form is judged: 19 digits. 只判断格式：19位数字。\n",
        Some(_) => {
            "Judged by the table of codes (`data/README.md`): unknown codes (E1309), summaries \
             (E1310) and rates that are not the code's (E1303) are refused where the table is \
             certain; where it is not, the desk warns. 按编码表判断：编码不存在（E1309）、汇总项（E1310）、\
             税率与编码不符（E1303）在资料确定时拒绝，不确定时仅提示。\n\n"
        }
    });
    let Some(table) = rules.classes else { return };
    let count = |filter: fn(&ClassRow) -> bool| table.rows().filter(filter).count();
    let of_rate = |ppm| {
        let rate = RatePpm::new(ppm);
        let certain = table
            .rows()
            .filter(|row| row.certainty == Certainty::Exclusive);
        certain.filter(|row| row.rates.contains(rate)).count()
    };
    page.push_str("| codes 编码 | number 数量 |\n|---|---|\n");
    for (what, number) in [
        ("all 全部", count(|_row| true)),
        ("summaries 汇总项", count(|row| row.summary)),
        ("retired 已停用", count(|row| row.retired_from.is_some())),
        (
            "rates in doubt 税率未核实",
            count(|row| matches!(row.certainty, Certainty::Assumed | Certainty::Unchecked)),
        ),
        ("certain, 13% 确定", of_rate(130_000)),
        ("certain, 9% 确定", of_rate(90_000)),
        ("certain, 6% 确定", of_rate(60_000)),
        ("outside the tax 不征税", count(ClassRow::is_untaxed)),
    ] {
        writeln!(page, "| {what} | {number} |").unwrap();
    }
}

fn special_businesses(page: &mut String, rules: &RuleSet) {
    page.push_str("\n### Special businesses 特定业务\n\n");
    if rules.special_businesses.is_empty() {
        page.push_str("None may be invoiced. 不开具。\n");
        return;
    }
    page.push_str("| number 代码 | word | 业务 | invoices 票种 | lines 行数 | elements 要素 | basis 依据 |\n|---|---|---|---|---|---|---|\n");
    for business in rules.special_businesses {
        let lines = if business.one_line { "1" } else { "–" };
        let elements: Vec<String> = business
            .elements
            .iter()
            .map(|element| format!("`{}` {} ({})", element.name, element.zh, element.need))
            .collect();
        let (open, elements) = match business.in_force {
            true => (business.kinds.as_str(), elements.join("; ")),
            false => ("off 停用", String::new()),
        };
        writeln!(
            page,
            "| {:02} | `{}` | {} | {open} | {lines} | {} | {} |",
            business.number,
            business.word,
            business.zh,
            escape(&elements),
            escape(business.basis),
        )
        .unwrap();
    }
}

/// What holds whatever rule set an invoice names.
fn every_rule_set(page: &mut String) {
    page.push_str("\n## In every rule set 所有版本\n\n### Lengths of texts 文字长度\n\n");
    page.push_str("| field 字段 | characters 字符 |\n|---|---|\n");
    for limit in TEXT_LIMITS {
        writeln!(page, "| `{}` | {} |", limit.pointer, limit.chars_max).unwrap();
    }
    let minutes = ISSUE_AHEAD_MS_MAX / 60_000;
    write!(
        page,
        "\n### Bounds 限值\n\n\
         - At most {LINES_MAX} lines. 明细不超过{LINES_MAX}行。\n\
         - The issue date lies at most {ISSUE_AGE_DAYS_MAX} days back and {minutes} minutes ahead. \
         开票日期最多早{ISSUE_AGE_DAYS_MAX}天，时间最多超前{minutes}分钟。\n"
    )
    .unwrap();
    page.push_str("\n### Left open by the sources 依据未定的事项 [?]\n\n");
    for (zh, en) in OPEN {
        writeln!(page, "- {en} {zh}").unwrap();
    }
    page.push_str("\n### Law behind the codes 代码的法律依据\n\n| code | 依据 |\n|---|---|\n");
    for &code in FailureCode::ALL {
        if let Some(law) = law_of(code) {
            writeln!(page, "| {code} `{}` | {} |", code.name(), escape(law)).unwrap();
        }
    }
    page.push_str(
        "\nOther codes rest on the standards of the national interface or on rules of this network, \
         not on a provision of law.\n其余代码依据国家接口标准或本网络规则，没有对应的法律条文。\n",
    );
}
