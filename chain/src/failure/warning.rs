//! Warnings: things worth a second look that refuse nothing.
//!
//! Guards: a doubtful rule, or one whose table has known gaps, warns here and never refuses.

use core::fmt;

/// Why a draft that is accepted deserves a second look. `W` codes have their own range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum WarningCode {
    /// The organisation code inside a tax id fails its own check character (GB 11714).
    UsccOrgCodeCheck = 1001,
    /// An item name does not start with the short name of its class: `*short name*name`.
    ItemNameWithoutShortName = 1002,
    /// The draft spells the seller's name differently from the register, which the invoice shows.
    SellerNameDiffers = 1003,
}

struct Row {
    code: &'static str,
    name: &'static str,
    en: &'static str,
    zh: &'static str,
}

impl WarningCode {
    /// Every warning, in order of numbers.
    pub const ALL: &'static [Self] = &[
        Self::UsccOrgCodeCheck,
        Self::ItemNameWithoutShortName,
        Self::SellerNameDiffers,
    ];

    const fn row(self) -> &'static Row {
        match self {
            Self::UsccOrgCodeCheck => &Row {
                code: "W1001",
                name: "USCC_ORG_CODE_CHECK",
                en: "The organisation code inside this tax id fails its own check character; \
                     compare it with the licence",
                zh: "统一社会信用代码内的组织机构代码校验位不符，请与证照核对",
            },
            Self::ItemNameWithoutShortName => &Row {
                code: "W1002",
                name: "ITEM_NAME_WITHOUT_SHORT_NAME",
                en: "Item name is usually *short name*name",
                zh: "项目名称一般为“*简称*名称”",
            },
            Self::SellerNameDiffers => &Row {
                code: "W1003",
                name: "SELLER_NAME_DIFFERS",
                en: "Seller name differs from the registered one, which the invoice shows",
                zh: "销售方名称与登记名称不一致，发票按登记名称开具",
            },
        }
    }

    /// The published code, for instance `W1001`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.row().code
    }

    /// The published name, for instance `USCC_ORG_CODE_CHECK`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// What it means, in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        self.row().en
    }

    /// What it means, in Chinese.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        self.row().zh
    }
}

impl fmt::Display for WarningCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
