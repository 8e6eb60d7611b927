//! E12: amounts, taxes, totals.

use super::Change::{Copies, Remove, Set};
use super::guides;

guides! {
    AmountScale:
        "金额写成两位小数的字符串，例如 \"100.00\"。"
        / "Write money as a string with two decimals: \"100.00\".",
        general([Set("/lines/0/amount", r#""100""#)] => []);
    QtyPriceScale:
        "数量和单价各保留不超过13位小数、共不超过25个字符。"
        / "Round quantity and unit price to at most 13 decimals and 25 characters.",
        general([Set("/lines/0/unit_price", r#""100.00000000000001""#)]
            => [Set("/lines/0/unit_price", r#""100.0000000000001""#)]);
    QtyPricePair:
        "数量与单价一并填写，或一并删去、只填金额。"
        / "Give both quantity and unit price, or neither and the amount alone.",
        general([Remove("/lines/0/unit_price")]
            => [Remove("/lines/0/quantity"), Remove("/lines/0/unit_price")]);
    LineAmountMismatch:
        "采用 suggested 的金额，或更正数量、单价；也可不填金额，由节点计算。"
        / "Take the suggested amount, or correct quantity or price, or leave the amount out.",
        general([Set("/lines/0/amount", r#""100.02""#)] => [Set("/lines/0/amount", r#""100.01""#)]);
    LineTaxMismatch:
        "采用 suggested 的税额，或不填 tax，由节点计算；再核对税率。"
        / "Take the suggested tax, or leave tax out and the node computes it; look at the rate too.",
        general([Set("/lines/0/tax", r#""6.07""#)] => [Set("/lines/0/tax", r#""6.06""#)]);
    DiscountTaxMismatch:
        "折扣行采用 suggested 的税额（负数），或不填 tax。"
        / "Take the suggested tax of the discount, which is negative, or leave it out.",
        general([Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "-10.00", "rate": "0.06", "tax": "-0.62", "discount": true}"#)]
            => [Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "-10.00", "rate": "0.06", "tax": "-0.61", "discount": true}"#)]);
    TotalTaxDrift:
        "拆成几张发票，或不填各行 tax，由节点逐行计算。"
        / "Split the invoice, or leave the taxes of the lines out and the node computes them.",
        general([Copies("/lines", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "100.00", "rate": "0.06", "tax": "6.06"}"#, 22)]
            => [Copies("/lines", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "100.00", "rate": "0.06", "tax": "6.06"}"#, 21)]);
    TotalAmountMismatch:
        "采用 suggested 的合计金额，或不填 totals，由节点合计。"
        / "Take the suggested total, or leave totals out and the node adds up.",
        general([Set("/totals", r#"{"amount": "100.01", "tax": "6.00", "gross": "106.01"}"#)]
            => [Set("/totals", r#"{"amount": "100.00", "tax": "6.00", "gross": "106.00"}"#)]);
    TotalTaxSumMismatch:
        "采用 suggested 的合计税额，或不填 totals，由节点合计。"
        / "Take the suggested total tax, or leave totals out and the node adds up.",
        general([Set("/totals", r#"{"amount": "100.00", "tax": "6.01", "gross": "106.01"}"#)]
            => [Set("/totals", r#"{"amount": "100.00", "tax": "6.00", "gross": "106.00"}"#)]);
    GrandTotalMismatch:
        "采用 suggested 的价税合计：金额加税额，分毫不差。"
        / "Take the suggested gross: amount plus tax, to the fen.",
        general([Set("/totals", r#"{"amount": "100.00", "tax": "6.00", "gross": "106.01"}"#)]
            => [Set("/totals", r#"{"amount": "100.00", "tax": "6.00", "gross": "106.00"}"#)]);
    AmountZero:
        "删去该行，或填写实际金额；赠品可用折扣行表示。"
        / "Take the line out or write its amount; a gift is a line with a discount.",
        general([Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "0.00", "rate": "0.06"}"#)]
            => [Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "1.00", "rate": "0.06"}"#)]);
    AmountSign:
        "负数只能用在折扣行（discount 为 true）；退款请开红字发票。"
        / "Only a discount line (discount true) is negative; for a refund issue a red letter.",
        general([Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "-10.00", "rate": "0.06"}"#)]
            => [Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "-10.00", "rate": "0.06", "discount": true}"#)]);
    AmountOverflow:
        "核对小数点；确需如此大额请拆分开票。"
        / "Look at the decimal point; if it is meant, split the invoice.",
        general([Remove("/lines/0/quantity"), Remove("/lines/0/unit_price"), Set("/lines/0/amount", r#""10000000000000000.00""#)]
            => [Remove("/lines/0/quantity"), Remove("/lines/0/unit_price"), Set("/lines/0/amount", r#""100.00""#)]);
    CapitalAmountMismatch:
        "采用 suggested 的大写金额，或不填，由节点生成。"
        / "Take the suggested capitals, or leave them out and the node writes them.",
        general([Set("/totals", r#"{"gross_capital": "壹佰圆整"}"#)]
            => [Set("/totals", r#"{"gross_capital": "壹佰零陆圆整"}"#)]);
    DiscountLineOrphan:
        "折扣行紧跟被折扣行，名称、编码和税率与之相同，不填规格、单位、数量和单价。"
        / "Put the discount right after its line, with the same name, code and rate, and no spec, unit, quantity or price.",
        general([Set("/lines/1", r#"{"name": "*生产生活服务*优惠", "class_code": "3070401000000000000", "amount": "-10.00", "rate": "0.06", "discount": true}"#)]
            => [Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "-10.00", "rate": "0.06", "discount": true}"#)]);
    DiscountExceedsLine:
        "把折扣减到不超过被折扣行的金额。"
        / "Lower the discount to the amount of its line at most.",
        general([Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "-100.01", "rate": "0.06", "discount": true}"#),
                Set("/lines/2", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "100.00", "rate": "0.06"}"#)]
            => [Set("/lines/1", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "-99.99", "rate": "0.06", "discount": true}"#),
                Set("/lines/2", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "100.00", "rate": "0.06"}"#)]);
    NoLines:
        "至少填写一行明细。"
        / "Write at least one line.",
        general([Set("/lines", "[]")] => []);
    TooManyLines:
        "拆成几张发票，每张不超过200行。"
        / "Split the invoice: 200 lines is the most.",
        general([Copies("/lines", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "100.00", "rate": "0.06"}"#, 201)]
            => [Copies("/lines", r#"{"name": "*生产生活服务*餐费", "class_code": "3070401000000000000", "amount": "100.00", "rate": "0.06"}"#, 200)]);
    DeductionInvalid:
        "差额征税只开一行、不带折扣，扣除额不超过该行金额；否则删去 deduction。"
        / "Margin taxation has one line, no discount, and deducts at most its amount; else leave deduction out.",
        general([Set("/lines/0/deduction", r#""100.01""#)] => [Set("/lines/0/deduction", r#""40.00""#)]);
}
