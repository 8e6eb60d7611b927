//! A JSON pointer in words: `/lines/0/tax` is 第1行 税额, line 1 tax.
//!
//! Guards: people are told which box of the form is wrong, counting from one as they do.

/// A place in a draft, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldName {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// Members of a draft whose name alone says too little: name in JSON, Chinese, English.
const NAMES: &[(&str, &str, &str)] = &[
    ("account", "账户", "account"),
    ("address", "地址", "address"),
    ("amount", "金额", "amount"),
    ("bank", "开户行", "bank"),
    ("bank_account", "银行账号", "bank account"),
    ("buyer", "购买方", "buyer"),
    ("class_code", "税收分类编码", "class code"),
    ("client_ref", "客户端编号", "client reference"),
    ("currency", "币种", "currency"),
    ("deduction", "扣除额", "deduction"),
    ("delivery", "交付", "delivery"),
    ("discount", "折扣标志", "discount"),
    ("drawer", "制单人", "drawer"),
    ("email", "邮箱", "e-mail"),
    ("gross", "价税合计", "gross"),
    ("gross_capital", "大写金额", "amount in capitals"),
    ("id_number", "证件号码", "id number"),
    ("id_scheme", "税号类型", "id scheme"),
    ("id_type", "证件类型", "id type"),
    ("issued_at", "开票时间", "issue time"),
    ("issuer", "开票人", "issuer"),
    ("kind", "票种", "kind"),
    ("lines", "明细", "lines"),
    ("name", "名称", "name"),
    ("number", "发票号码", "number"),
    ("order_part", "订单分次", "order part"),
    ("order_ref", "订单号", "order reference"),
    ("payee", "收款人", "payee"),
    ("payment_refs", "支付凭据", "payments"),
    ("phone", "电话", "phone"),
    ("preference", "优惠政策", "preference"),
    ("quantity", "数量", "quantity"),
    ("rate", "税率", "rate"),
    ("remark", "备注", "remark"),
    ("reviewer", "复核人", "reviewer"),
    ("seller", "销售方", "seller"),
    ("spec", "规格型号", "specification"),
    ("special", "特定业务", "special business"),
    ("tags", "标签", "tags"),
    ("tax", "税额", "tax"),
    ("tax_id", "税号", "tax id"),
    ("totals", "合计", "totals"),
    ("type", "类型", "type"),
    ("unit", "单位", "unit"),
    ("unit_price", "单价", "unit price"),
    (
        "waive_1pct_reason",
        "放弃减税原因",
        "reason for giving up 1 %",
    ),
    ("zero_rate_kind", "零税率标识", "zero-rate mark"),
];

/// Words for a pointer or a pointer template; unknown members keep their own name. `None` for
/// what is no pointer.
#[must_use]
pub fn of(pointer: &str) -> Option<FieldName> {
    let path = pointer.strip_prefix('/')?;
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    let mut list = "";
    for part in path.split('/') {
        if let Some(place) = place(part).filter(|_| !list.is_empty()) {
            let (word, measure) = match list {
                "lines" => ("line", "行"),
                _ => ("item", "项"),
            };
            if list == "lines" {
                (en, zh) = (Vec::new(), Vec::new());
            }
            en.push(format!("{word} {place}"));
            zh.push(format!("第{place}{measure}"));
        } else {
            let known = NAMES.iter().find(|(name, _, _)| *name == part);
            let plain = part.replace("~1", "/").replace("~0", "~");
            en.push(known.map_or_else(|| plain.clone(), |(_, _, en)| (*en).to_owned()));
            zh.push(known.map_or_else(|| plain.clone(), |(_, zh, _)| (*zh).to_owned()));
        }
        list = part;
    }
    Some(FieldName {
        en: en.join(" "),
        zh: zh.join(" "),
    })
}

/// An index as people count, or the letter of a template.
fn place(part: &str) -> Option<String> {
    if part == "{i}" {
        return Some("i".to_owned());
    }
    let index: u32 = part.parse().ok()?;
    Some(index.saturating_add(1).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_told_in_words_and_counted_from_one() {
        let cases = [
            ("/lines/0/tax", "第1行 税额", "line 1 tax"),
            ("/lines/11", "第12行", "line 12"),
            ("/lines/{i}/rate", "第i行 税率", "line i rate"),
            ("/lines", "明细", "lines"),
            ("/buyer/tax_id", "购买方 税号", "buyer tax id"),
            ("/totals/gross", "合计 价税合计", "totals gross"),
            ("/tags/2", "标签 第3项", "tags item 3"),
            ("/buyer/nam~1e", "购买方 nam/e", "buyer nam/e"),
            ("/7", "7", "7"),
        ];
        for (pointer, zh, en) in cases {
            let name = of(pointer).unwrap();
            assert_eq!((name.zh.as_str(), name.en.as_str()), (zh, en), "{pointer}");
        }
        assert_eq!(of(""), None);
        assert_eq!(of("(named)"), None);
    }

    #[test]
    fn every_member_of_a_full_draft_has_a_name() {
        fn visit(pointer: &str, value: &serde_json::Value, missing: &mut Vec<String>) {
            match value {
                serde_json::Value::Object(members) => {
                    for (name, value) in members {
                        if !NAMES.iter().any(|(known, _, _)| known == name) {
                            missing.push(format!("{pointer}/{name}"));
                        }
                        visit(&format!("{pointer}/{name}"), value, missing);
                    }
                }
                serde_json::Value::Array(items) => {
                    for item in items {
                        visit(pointer, item, missing);
                    }
                }
                _ => {}
            }
        }
        let draft = serde_json::from_str(include_str!("../tests/full_draft.json")).unwrap();
        let mut missing = Vec::new();
        visit("", &draft, &mut missing);
        assert_eq!(missing, Vec::<String>::new());
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
    }
}
