//! The groups of the catalogue: the hundreds of the numbers.

use super::table::FailureCode;

/// Codes that belong together, by the first two digits of their number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The first two digits: 12 holds E1201 to E1299.
    pub number: u16,
    /// Heading in English.
    pub en: &'static str,
    /// Heading in Chinese.
    pub zh: &'static str,
}

const fn group(number: u16, en: &'static str, zh: &'static str) -> Group {
    Group { number, en, zh }
}

impl Group {
    /// Every group, ascending.
    pub const ALL: &'static [Self] = &[
        group(10, "Parties", "购销双方"),
        group(11, "Fields of the request", "请求字段"),
        group(12, "Amounts", "金额与税额"),
        group(13, "Rates, classification, kinds", "税率、分类编码与票种"),
        group(14, "Numbers, orders, idempotency", "号码、订单与幂等"),
        group(15, "Limits", "限额"),
        group(16, "Fees", "手续费"),
        group(17, "Red letters", "红字发票"),
        group(18, "Claims", "报销占用"),
        group(19, "Finding and delivering", "查找与交付"),
        group(20, "Keys, signatures, operators", "密钥、签名与操作员"),
        group(21, "Network and storage", "网络与存储"),
        group(22, "Maintenance and versions", "维护与版本"),
        group(23, "Bills and payments", "账单与支付"),
        group(24, "Verification", "查验"),
        group(25, "Imports, exports, callbacks", "导入、导出与回调"),
        group(26, "The HTTP door", "HTTP接口"),
        group(90, "Everything else", "其他"),
    ];

    /// Its codes, in catalogue order.
    pub fn codes(&self) -> impl Iterator<Item = FailureCode> + use<> {
        let number = self.number;
        let all = FailureCode::ALL.iter().copied();
        all.filter(move |code| code.number().div_euclid(100) == number)
    }
}
