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
    /// A general rate that is not the code's, where the code's own rates are not known for certain.
    RateUnusualForCategory = 1004,
    /// An item name starts with an older short name of its code.
    ItemNameOlderShortName = 1005,
    /// Whether the code may be invoiced is not known for certain.
    ClassCodeInDoubt = 1006,
    /// An older tax id has none of the forms its length is known for.
    LegacyTaxIdForm = 1020,
    /// A text holds a character that reads like another one.
    MisleadingCharacter = 1021,
    /// A classification code that the special business of the invoice is not usual with.
    SpecialClassCode = 1022,
    /// A classification code of a special business, on an invoice that names none.
    SpecialBusinessUsual = 1023,
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
        Self::RateUnusualForCategory,
        Self::ItemNameOlderShortName,
        Self::ClassCodeInDoubt,
        Self::LegacyTaxIdForm,
        Self::MisleadingCharacter,
        Self::SpecialClassCode,
        Self::SpecialBusinessUsual,
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
                en: "Item name is *short name*name; the short name of its code is put before it",
                zh: "项目名称一般为“*简称*名称”，已按编码补上简称",
            },
            Self::SellerNameDiffers => &Row {
                code: "W1003",
                name: "SELLER_NAME_DIFFERS",
                en: "Seller name differs from the registered one, which the invoice shows",
                zh: "销售方名称与登记名称不一致，发票按登记名称开具",
            },
            Self::RateUnusualForCategory => &Row {
                code: "W1004",
                name: "RATE_UNUSUAL_FOR_CATEGORY",
                en: "The table gives this code another rate, but not for certain; \
                     make sure of the rate",
                zh: "编码表为该编码列示的税率不同，但资料未经核实，请确认税率",
            },
            Self::ItemNameOlderShortName => &Row {
                code: "W1005",
                name: "ITEM_NAME_OLDER_SHORT_NAME",
                en: "This is not the short name the table in force gives this code",
                zh: "所用简称不是该编码现行的简称",
            },
            Self::ClassCodeInDoubt => &Row {
                code: "W1006",
                name: "CLASS_CODE_IN_DOUBT",
                en: "The table is not complete at this code; make sure that it may be invoiced",
                zh: "编码表在此处不完整，请确认该编码可开票",
            },
            Self::LegacyTaxIdForm => &Row {
                code: "W1020",
                name: "LEGACY_TAX_ID_FORM",
                en: "This older tax id holds neither a valid organisation code (GB 11714) nor a \
                     resident id; compare it with the certificate",
                zh: "旧式税号既不含有效的组织机构代码，也不含身份证号码，请与证件核对",
            },
            Self::MisleadingCharacter => &Row {
                code: "W1021",
                name: "MISLEADING_CHARACTER",
                en: "A character reads like another one: a full-width letter or digit, a radical, \
                     or a word of letters that only look Latin",
                zh: "字符易与其他字符混淆：全角字母或数字、部首，或形似拉丁字母的单词",
            },
            Self::SpecialClassCode => &Row {
                code: "W1022",
                name: "SPECIAL_CLASS_CODE",
                en: "This classification code is not usual with the special business",
                zh: "税收分类编码与特定业务通常不一致",
            },
            Self::SpecialBusinessUsual => &Row {
                code: "W1023",
                name: "SPECIAL_BUSINESS_USUAL",
                en: "An invoice with this classification code usually names its special business",
                zh: "该税收分类编码通常须按特定业务开具",
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
