//! E13: rates, classification codes, kinds.

use super::Change::{Copies, Set};
use super::guides;

guides! {
    RateUnknown:
        "从 expected 列出的税率中选择；各日期有效的税率见 /v1/rules。"
        / "Choose a rate that expected lists; /v1/rules has those of every date.",
        general([Set("/lines/0/rate", r#""0.07""#)] => []);
    RateNotForTaxpayer:
        "从 expected 列出的税率中选择；小规模与一般纳税人适用的税率不同。"
        / "Choose a rate that expected lists: small-scale and general taxpayers differ.",
        general([Set("/lines/0/rate", r#""0.01""#)] => []);
    RateNotForCategory:
        "核对分类编码是否选对，再从 expected 列出的税率中选择。"
        / "See that the classification code is the right one, then choose a rate that expected lists.",
        general([Set("/lines/0/rate", r#""0.13""#)] => []);
    RateNotForKind:
        "把免税、不征税和零税率项目改开普通发票（kind 为 general）。"
        / "Put exempt, untaxed and zero-rated items on a general invoice.",
        general([Set("/kind", r#""special""#), Set("/lines/0/rate", r#""0""#), Set("/lines/0/zero_rate_kind", r#""exempt""#)]
            => [Set("/kind", r#""general""#), Set("/lines/0/rate", r#""0""#), Set("/lines/0/zero_rate_kind", r#""exempt""#)]);
    ZeroRateMarkRequired:
        "税率为0时，zero_rate_kind 填 export、exempt、untaxed 或 ordinary 之一；税率不为0时不填。"
        / "With rate 0 make zero_rate_kind export, exempt, untaxed or ordinary; with any other rate leave it out.",
        general([Set("/lines/0/rate", r#""0""#)]
            => [Set("/lines/0/rate", r#""0""#), Set("/lines/0/zero_rate_kind", r#""exempt""#)]);
    PreferenceRateMismatch:
        "按 expected 更正税率，或删去 preference。"
        / "Correct the rate as expected says, or leave preference out.",
        general([Set("/lines/0/preference", r#""08""#)] => []);
    WaiveReasonRequired:
        "小规模纳税人改用 0.01；确要开具 0.03，在 waive_1pct_reason 填放弃减税的原因 1 或 2。"
        / "A small-scale seller shows 0.01; to show 0.03, give reason 1 or 2 in waive_1pct_reason.",
        small_scale([Set("/lines/0/rate", r#""0.03""#)]
            => [Set("/lines/0/rate", r#""0.03""#), Set("/waive_1pct_reason", r#""1""#)]);
    ClassCodeFormat:
        "填写19位数字的税收分类编码，不足19位时在后面补0。"
        / "Write the 19 digits of the classification code; shorter ones end in zeros.",
        general([Set("/lines/0/class_code", r#""3070401""#)] => []);
    ClassCodeUnknown:
        "在税收分类编码表中查到该货物或服务的编码后填写。"
        / "Look the goods or service up in the table of classification codes.",
        general([Set("/lines/0/class_code", r#""9990000000000000000""#)] => []);
    ClassCodeSummary:
        "换成该汇总项下的末级编码。"
        / "Use a leaf below this summary code.",
        general([Set("/lines/0/class_code", r#""3070000000000000000""#)] => []);
    ItemNameShortName:
        "采用 suggested 的名称：*简称*名称，简称由分类编码决定。"
        / "Take the suggested name: *short name*name, the short name being that of the code.",
        general([Set("/lines/0/name", r#""*运输服务*餐费""#)] => []);
    SpecialFieldsRequired:
        "填写 pointer 指明的特定业务要素。"
        / "Fill in the element of the special business that pointer names.",
        general([Set("/special", r#"{"business": "construction", "elements": {"place": "湖北省武汉市", "cross_city": false}}"#),
                 Set("/lines", r#"[{"name": "*建筑服务*工程款", "class_code": "3050100000000000000", "amount": "100.00", "rate": "0.09"}]"#)]
            => [Set("/special", r#"{"business": "construction", "elements": {"place": "湖北省武汉市", "project": "样例工程", "cross_city": false}}"#),
                Set("/lines", r#"[{"name": "*建筑服务*工程款", "class_code": "3050100000000000000", "amount": "100.00", "rate": "0.09"}]"#)]);
    SpecialLineLimit:
        "该特定业务每张发票只开一行，其余各行另开发票。"
        / "Keep one line and put the others on invoices of their own.",
        general([Set("/special", r#"{"business": "construction", "elements": {"place": "湖北省武汉市", "project": "样例工程", "cross_city": false}}"#),
                 Copies("/lines", r#"{"name": "*建筑服务*工程款", "class_code": "3050100000000000000", "amount": "100.00", "rate": "0.09"}"#, 2)]
            => [Set("/special", r#"{"business": "construction", "elements": {"place": "湖北省武汉市", "project": "样例工程", "cross_city": false}}"#),
                Copies("/lines", r#"{"name": "*建筑服务*工程款", "class_code": "3050100000000000000", "amount": "100.00", "rate": "0.09"}"#, 1)]);
    SpecialUnit:
        "改用 expected 列出的计量单位，并换算数量和单价。"
        / "Use a unit that expected lists, and convert quantity and price.",
        general([Set("/special", r#"{"business": "oil"}"#),
                 Set("/lines", r#"[{"name": "*汽油*92号汽油", "class_code": "1070101010100000000", "unit": "箱", "quantity": "10", "unit_price": "8.00", "amount": "80.00", "rate": "0.13"}]"#)]
            => [Set("/special", r#"{"business": "oil"}"#),
                Set("/lines", r#"[{"name": "*汽油*92号汽油", "class_code": "1070101010100000000", "unit": "升", "quantity": "10", "unit_price": "8.00", "amount": "80.00", "rate": "0.13"}]"#)]);
    KindUnsupported:
        "kind 填 general（普通发票）或 special（专用发票）。"
        / "Make kind general or special.",
        general([Set("/kind", r#""receipt""#)] => [Set("/kind", r#""general""#)]);
}
