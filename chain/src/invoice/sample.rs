//! The sample draft that tests and examples start from, and a desk to check it at.

use super::draft::{Draft, DraftBuyer, DraftDelivery, DraftLine};
use super::preflight::{Desk, SellerFacts};
use crate::tax::{RuleSet, Taxpayer};
use crate::time::{BlockTime, IssueDate};

/// Tax id of the sample seller.
pub const SELLER_TAX_ID: &str = "91310115MA2N07N82Y";
/// Tax id of the sample buyer.
pub const BUYER_TAX_ID: &str = "91420100MAXH4XGP0H";
/// 2026-11-21T10:00:00+08:00, in milliseconds.
pub const NOW_MS: u64 = 1_795_226_400_000;

/// One meal for a company: 100.00 at 6 %.
#[must_use]
pub fn draft() -> Draft {
    Draft {
        kind: Some("general".to_owned()),
        buyer: Some(DraftBuyer {
            buyer_type: Some("enterprise".to_owned()),
            name: Some("武汉样例科技有限公司".to_owned()),
            tax_id: Some(BUYER_TAX_ID.to_owned()),
            phone: Some("027-87654321".to_owned()),
            email: Some("finance@example.com".to_owned()),
            address: Some("湖北省武汉市样例路1号".to_owned()),
            ..DraftBuyer::default()
        }),
        lines: vec![line()],
        remark: Some(String::new()),
        issuer: Some("开票人".to_owned()),
        delivery: Some(DraftDelivery {
            email: Some("finance@example.com".to_owned()),
            phone: None,
        }),
        ..Draft::default()
    }
}

/// The line of [`draft`].
#[must_use]
pub fn line() -> DraftLine {
    DraftLine {
        name: Some("*生产生活服务*餐费".to_owned()),
        class_code: Some("3070401000000000000".to_owned()),
        unit: Some("次".to_owned()),
        quantity: Some("1".to_owned()),
        unit_price: Some("100.00".to_owned()),
        amount: Some("100.00".to_owned()),
        rate: Some("0.06".to_owned()),
        discount: Some(false),
        ..DraftLine::default()
    }
}

/// A discount on [`line()`]: 10.00 less.
#[must_use]
pub fn discount_line() -> DraftLine {
    DraftLine {
        amount: Some("-10.00".to_owned()),
        unit: None,
        quantity: None,
        unit_price: None,
        discount: Some(true),
        ..line()
    }
}

/// The desk of a general taxpayer, at [`NOW_MS`], under the newest rule set.
#[must_use]
pub fn desk() -> Desk {
    Desk {
        seller: SellerFacts {
            tax_id: SELLER_TAX_ID.to_owned(),
            name: "上海样例餐饮有限公司".to_owned(),
            taxpayer: Taxpayer::General,
        },
        now: BlockTime::from_ms(NOW_MS),
        rules: RuleSet::CURRENT,
    }
}

/// The date of [`NOW_MS`] in China: 2026-11-21.
#[must_use]
pub fn today() -> IssueDate {
    IssueDate::of(BlockTime::from_ms(NOW_MS))
}
