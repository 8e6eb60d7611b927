//! The provision a failure code rests on, where there is one to name.

use crate::failure::FailureCode;

/// Law, notice or standard behind a code; `None` for rules of the network itself.
#[must_use]
pub const fn law_of(code: FailureCode) -> Option<&'static str> {
    match code {
        FailureCode::SellerTaxIdFormat
        | FailureCode::SellerTaxIdChecksum
        | FailureCode::BuyerTaxIdFormat
        | FailureCode::BuyerTaxIdChecksum
        | FailureCode::IdNeedsNormalisation => Some("GB 32100-2015"),
        FailureCode::BuyerIdCardInvalid => Some("GB 11643-1999"),
        FailureCode::RateNotForCategory
        | FailureCode::ClassCodeUnknown
        | FailureCode::ClassCodeSummary
        | FailureCode::ItemNameShortName => Some("商品和服务税收分类编码表"),
        FailureCode::RateNotForKind => Some("增值税法第六条、第二十四条"),
        FailureCode::RateUnknown => Some("增值税法第十条、第十一条"),
        FailureCode::RateNotForTaxpayer => Some("增值税法第九条至第十一条"),
        FailureCode::ZeroRateMarkRequired => Some("增值税法第六条、第十条、第二十四条"),
        FailureCode::WaiveReasonRequired => Some("公告2026年第10号三（三）6；公告2026年第4号四"),
        FailureCode::SpecialFieldsRequired => Some("GB/T 42965.2-2023"),
        _ => None,
    }
}
