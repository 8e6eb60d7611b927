//! The catalogue itself: the only place where a code's number, class and texts are written.
//!
//! A line reads: variant, number, name, HTTP status, retry class, cause, tier, door, support,
//! pointer template, English, Chinese. Numbers ascend; a line is added or its support raised,
//! never renumbered or removed.

use super::class::{Cause, Door, Retry, Support, Tier};
use super::code::{Row, catalogue};

catalogue! {
    // E10 Parties.
    SellerTaxIdFormat = 1001 "SELLER_TAX_ID_FORMAT", 422, Fix, WrongData, Core, Desk, Implemented, "/seller/tax_id", "Seller tax id has a wrong length or a character outside the GB 32100 set", "销售方纳税人识别号长度或字符不合法";
    SellerTaxIdChecksum = 1002 "SELLER_TAX_ID_CHECKSUM", 422, Fix, WrongData, Core, Desk, Implemented, "/seller/tax_id", "Seller tax id fails the mod-31 check character", "销售方统一社会信用代码校验位错误";
    SellerTaxIdNotKeyOwner = 1003 "SELLER_TAX_ID_NOT_KEY_OWNER", 403, Never, WrongData, Core, Desk, Implemented, "/seller/tax_id", "Signing key is not bound to this seller tax id", "签名密钥未绑定该销售方税号";
    BuyerTaxIdRequired = 1004 "BUYER_TAX_ID_REQUIRED", 422, Fix, WrongData, Core, Both, Implemented, "/buyer/tax_id", "Enterprise buyer or special invoice needs a buyer tax id", "企业购买方或专用发票必须填写购买方税号";
    BuyerTaxIdFormat = 1005 "BUYER_TAX_ID_FORMAT", 422, Fix, WrongData, Core, Both, Implemented, "/buyer/tax_id", "Buyer tax id has a wrong length or character", "购买方纳税人识别号格式不合法";
    BuyerTaxIdChecksum = 1006 "BUYER_TAX_ID_CHECKSUM", 422, Fix, WrongData, Core, Both, Implemented, "/buyer/tax_id", "Buyer tax id fails its check character", "购买方税号校验位错误";
    BuyerIdCardInvalid = 1007 "BUYER_ID_CARD_INVALID", 422, Fix, WrongData, Core, Desk, Implemented, "/buyer/id_number", "Resident id fails GB 11643 checksum, date or region", "居民身份证号码校验、日期或行政区划错误";
    BuyerTypeInvalid = 1008 "BUYER_TYPE_INVALID", 422, Fix, WrongData, Core, Consensus, Implemented, "/buyer/type", "Buyer type is not enterprise, government, individual or other", "购买方类型只能为企业、机关事业单位、个人、其他";
    NaturalPersonSpecialInvoice = 1009 "NATURAL_PERSON_SPECIAL_INVOICE", 422, Fix, WrongData, Core, Consensus, Implemented, "/kind", "A natural person cannot receive a special VAT invoice", "不得向自然人开具增值税专用发票";
    NaturalPersonNameTooShort = 1010 "NATURAL_PERSON_NAME_TOO_SHORT", 422, Fix, WrongData, Extended, Desk, Implemented, "/buyer/name", "A natural person name needs at least two characters", "自然人购买方名称须大于一个字符";
    TaxpayerNotRegistered = 1011 "TAXPAYER_NOT_REGISTERED", 403, Event, Limit, Core, Consensus, Implemented, "/seller/tax_id", "Seller is not registered on this chain", "销售方未在本链登记";
    TaxpayerSuspended = 1012 "TAXPAYER_SUSPENDED", 403, Event, Limit, Core, Consensus, Implemented, "/seller/tax_id", "Seller is suspended or risk-blocked by the authority", "纳税人被暂停开票或风险阻断";
    TaxpayerRevoked = 1013 "TAXPAYER_REVOKED", 403, Never, Limit, Extended, Consensus, Implemented, "/seller/tax_id", "Seller was deregistered; no further issuance", "纳税人已注销，不得继续开票";
    IdNeedsNormalisation = 1014 "ID_NEEDS_NORMALISATION", 422, Fix, WrongData, Extended, Desk, Implemented, "/buyer/tax_id", "Id holds spaces, separators, full-width or lower-case characters", "税号含空格、分隔符、全角或小写字符";
    TaxpayerAlreadyRegistered = 1015 "TAXPAYER_ALREADY_REGISTERED", 409, Never, WrongData, Core, Consensus, Implemented, "/identity", "This taxpayer is already registered on this chain", "该纳税人已在本链登记";
    // E11 Fields of the request.
    FieldRequired = 1101 "FIELD_REQUIRED", 422, Fix, WrongData, Core, Desk, Implemented, "(named)", "A required field is absent", "必填字段缺失";
    FieldTooLong = 1102 "FIELD_TOO_LONG", 422, Fix, WrongData, Core, Desk, Implemented, "(named)", "Field is longer than its limit", "字段超过长度限制";
    FieldBadCharacter = 1103 "FIELD_BAD_CHARACTER", 422, Fix, WrongData, Extended, Desk, Implemented, "(named)", "Control, private-use or forbidden character in text", "字段含非法或控制字符";
    UnknownField = 1104 "UNKNOWN_FIELD", 422, Fix, WrongData, Core, Desk, Implemented, "(named)", "Unknown member in the request (strict parsing)", "请求包含未知字段";
    DateInvalid = 1105 "DATE_INVALID", 422, Fix, WrongData, Core, Desk, Implemented, "/issued_at", "Not a valid RFC 3339 time with zone", "日期时间格式不合法";
    DateInFuture = 1106 "DATE_IN_FUTURE", 422, Fix, WrongData, Core, Consensus, Implemented, "/issued_at", "Issue time is ahead of network time beyond the skew allowed", "开票时间晚于网络时间";
    DateTooOld = 1107 "DATE_TOO_OLD", 422, Fix, Limit, Core, Consensus, Implemented, "/issued_at", "Issue time is outside the reporting window", "开票时间超出可上报期限";
    RemarkTooLong = 1108 "REMARK_TOO_LONG", 422, Fix, WrongData, Core, Desk, Implemented, "/remark", "Remark over 450 characters (blue) or 382 (red)", "备注超长（蓝票450、红票382）";
    EmailInvalid = 1109 "EMAIL_INVALID", 422, Fix, WrongData, Extended, Desk, Implemented, "/delivery/email", "Delivery e-mail is not valid", "交付邮箱不合法";
    PhoneInvalid = 1110 "PHONE_INVALID", 422, Fix, WrongData, Extended, Desk, Implemented, "/delivery/phone", "Delivery phone is not valid", "交付手机号不合法";
    BodyMalformed = 1111 "BODY_MALFORMED", 400, Fix, WrongData, Core, Desk, Implemented, "", "Body is not valid JSON, or is not canonical where required", "请求报文不是合法JSON";
    BodyTooLarge = 1112 "BODY_TOO_LARGE", 413, Fix, Limit, Core, Desk, Implemented, "", "Body is over the size limit", "请求报文过大";
    CurrencyUnsupported = 1113 "CURRENCY_UNSUPPORTED", 422, Fix, WrongData, Extended, Consensus, Implemented, "/currency", "Only CNY may be invoiced", "仅支持人民币开票";
    IssuerNameRequired = 1114 "ISSUER_NAME_REQUIRED", 422, Fix, WrongData, Extended, Desk, Implemented, "/issuer", "Name of the person issuing (开票人) is required", "开票人不能为空";
    // E12 Amounts.
    AmountScale = 1201 "AMOUNT_SCALE", 422, Fix, WrongData, Core, Desk, Implemented, "/lines/{i}/amount", "Money must have exactly two decimals", "金额须为两位小数";
    QtyPriceScale = 1202 "QTY_PRICE_SCALE", 422, Fix, WrongData, Extended, Desk, Implemented, "/lines/{i}/unit_price", "Quantity or unit price has over 13 decimals or 25 characters", "数量或单价小数位超过13位";
    QtyPricePair = 1203 "QTY_PRICE_PAIR", 422, Fix, WrongData, Core, Desk, Implemented, "/lines/{i}/quantity", "Quantity and unit price must both be present or both absent", "数量与单价须同时填写或同时为空";
    LineAmountMismatch = 1204 "LINE_AMOUNT_MISMATCH", 422, Fix, WrongData, Core, Desk, Implemented, "/lines/{i}/amount", "|quantity x price - amount| is over 0.01", "数量×单价与金额误差大于0.01";
    LineTaxMismatch = 1205 "LINE_TAX_MISMATCH", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/tax", "|round(amount x rate) - tax| is over 0.06", "单行税额误差大于0.06";
    DiscountTaxMismatch = 1206 "DISCOUNT_TAX_MISMATCH", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/tax", "Discount line tax differs by over 0.01", "折扣行税额误差大于0.01";
    TotalTaxDrift = 1207 "TOTAL_TAX_DRIFT", 422, Fix, WrongData, Core, Consensus, Implemented, "/totals/tax", "Sum of exact line taxes differs from total tax by over 1.27; split the invoice", "累计税额误差大于1.27，请拆分开票";
    TotalAmountMismatch = 1208 "TOTAL_AMOUNT_MISMATCH", 422, Fix, WrongData, Core, Consensus, Implemented, "/totals/amount", "Sum of line amounts differs from total amount", "明细金额合计与合计金额不一致";
    TotalTaxSumMismatch = 1209 "TOTAL_TAX_SUM_MISMATCH", 422, Fix, WrongData, Core, Consensus, Implemented, "/totals/tax", "Sum of line taxes is not the total tax", "明细税额合计与合计税额不一致";
    GrandTotalMismatch = 1210 "GRAND_TOTAL_MISMATCH", 422, Fix, WrongData, Core, Consensus, Implemented, "/totals/gross", "Amount plus tax is not the gross total", "金额加税额不等于价税合计";
    AmountZero = 1211 "AMOUNT_ZERO", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/amount", "Line amount may not be zero", "明细金额不能为0";
    AmountSign = 1212 "AMOUNT_SIGN", 422, Fix, WrongData, Core, Consensus, Implemented, "/totals/gross", "Blue invoice must be positive, red invoice negative", "蓝票须为正数、红票须为负数";
    AmountOverflow = 1213 "AMOUNT_OVERFLOW", 422, Fix, WrongData, Extended, Consensus, Implemented, "/totals/gross", "Amount exceeds 18 digits", "金额超过18位";
    CapitalAmountMismatch = 1214 "CAPITAL_AMOUNT_MISMATCH", 422, Fix, WrongData, Extended, Desk, Implemented, "/totals/gross_capital", "Amount in Chinese capitals does not equal the figure", "大写金额与小写不一致";
    DiscountLineOrphan = 1215 "DISCOUNT_LINE_ORPHAN", 422, Fix, WrongData, Core, Both, Implemented, "/lines/{i}", "Discount line must directly follow its discounted line with the same name and rate", "折扣行须紧跟同名被折扣行";
    DiscountExceedsLine = 1216 "DISCOUNT_EXCEEDS_LINE", 422, Fix, WrongData, Extended, Consensus, Implemented, "/lines/{i}/amount", "Discount is larger than the discounted line", "折扣金额大于被折扣行金额";
    NoLines = 1217 "NO_LINES", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines", "An invoice needs at least one line", "明细不能为空";
    TooManyLines = 1218 "TOO_MANY_LINES", 422, Fix, Limit, Core, Consensus, Implemented, "/lines", "Too many lines for one invoice; split it", "明细行数超限，请拆分";
    DeductionInvalid = 1219 "DEDUCTION_INVALID", 422, Fix, WrongData, Extended, Consensus, Implemented, "/lines/{i}/deduction", "Deduction is only for margin taxation, one line, no discounts, not above the amount", "扣除额仅限差额征税且不超过金额";
    // E13 Rates, classification, kinds.
    RateUnknown = 1301 "RATE_UNKNOWN", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/rate", "Rate is not a rate of the law in force on the issue date", "税率在开票日期无效";
    RateNotForTaxpayer = 1302 "RATE_NOT_FOR_TAXPAYER", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/rate", "Rate is not open to this taxpayer type", "税率不适用于该纳税人类型";
    RateNotForCategory = 1303 "RATE_NOT_FOR_CATEGORY", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/rate", "Rate does not belong to this tax classification code", "税率与税收分类编码不匹配";
    RateNotForKind = 1304 "RATE_NOT_FOR_KIND", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/rate", "Exempt or untaxed line may not be on a special invoice", "专用发票不得开具免税或不征税项目";
    ZeroRateMarkRequired = 1305 "ZERO_RATE_MARK_REQUIRED", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/zero_rate_kind", "0% needs exactly one of exempt, untaxed, export, ordinary zero", "零税率须注明免税、不征税、出口或普通零税率";
    PreferenceRateMismatch = 1306 "PREFERENCE_RATE_MISMATCH", 422, Fix, WrongData, Extended, Consensus, Implemented, "/lines/{i}/preference", "Preference policy does not fit the rate", "优惠政策与税率不一致";
    WaiveReasonRequired = 1307 "WAIVE_REASON_REQUIRED", 422, Fix, WrongData, Core, Consensus, Implemented, "/waive_1pct_reason", "Small-scale 3% needs a reason for giving up the 1% rate", "小规模开具3%须填写放弃减按1%原因";
    ClassCodeFormat = 1308 "CLASS_CODE_FORMAT", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/class_code", "Tax classification code must be 19 digits", "税收分类编码须为19位数字";
    ClassCodeUnknown = 1309 "CLASS_CODE_UNKNOWN", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/class_code", "Tax classification code is not in the published table", "税收分类编码不存在";
    ClassCodeSummary = 1310 "CLASS_CODE_SUMMARY", 422, Fix, WrongData, Extended, Consensus, Implemented, "/lines/{i}/class_code", "A summary node code cannot be invoiced; use a leaf", "汇总项编码不可开票，请使用末级编码";
    ItemNameShortName = 1311 "ITEM_NAME_SHORT_NAME", 422, Fix, WrongData, Extended, Desk, Implemented, "/lines/{i}/name", "Item name must be *short name*name, and the short name must be the one of its code", "项目名称须为*简称*名称且简称与编码一致";
    SpecialFieldsRequired = 1312 "SPECIAL_FIELDS_REQUIRED", 422, Fix, WrongData, Core, Desk, Implemented, "/special", "Special business needs its own fields (place, project, lease dates, ...)", "特定业务要素缺失";
    SpecialLineLimit = 1313 "SPECIAL_LINE_LIMIT", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines", "This special business allows one line only", "该特定业务仅限一行明细";
    SpecialUnit = 1314 "SPECIAL_UNIT", 422, Fix, WrongData, Extended, Desk, Implemented, "/lines/{i}/unit", "Unit is not allowed for this special business (oil: 吨/升; property: area unit)", "特定业务计量单位不合法";
    KindUnsupported = 1315 "KIND_UNSUPPORTED", 422, Fix, WrongData, Core, Consensus, Implemented, "/kind", "Invoice kind is not one the node issues", "不支持的发票种类";
    // E14 Numbers, orders, idempotency.
    NumberFormat = 1401 "NUMBER_FORMAT", 422, Fix, WrongData, Core, Desk, Implemented, "/number", "Invoice number must be 20 digits: year, region, channel, sequence", "发票号码须为20位数字";
    NumberYearMismatch = 1402 "NUMBER_YEAR_MISMATCH", 422, Fix, WrongData, Extended, Consensus, Reserved, "/number", "Year digits do not match the issue date", "发票号码年度与开票日期不符";
    NumberRegionMismatch = 1403 "NUMBER_REGION_MISMATCH", 422, Fix, WrongData, Extended, Consensus, Reserved, "/number", "Region digits do not match the seller", "发票号码行政区划与销售方不符";
    NumberNotLeased = 1404 "NUMBER_NOT_LEASED", 409, Fix, WrongData, Core, Consensus, Reserved, "/number", "Number is not in a range leased to this seller", "发票号码不在已赋码号段内";
    NumberLeaseExpired = 1405 "NUMBER_LEASE_EXPIRED", 409, Event, Limit, Extended, Consensus, Reserved, "/number", "Number range lease has expired; lease a new one", "号段已过期，请重新获取";
    NumberAlreadyUsed = 1406 "NUMBER_ALREADY_USED", 409, Never, WrongData, Core, Consensus, Reserved, "/number", "Number is already on the chain with other content", "发票号码已被使用";
    DuplicateOrder = 1407 "DUPLICATE_ORDER", 409, Never, WrongData, Core, Consensus, Implemented, "/order_ref", "An effective invoice already exists for this order", "该订单已存在有效发票";
    IdempotencyKeyConflict = 1408 "IDEMPOTENCY_KEY_CONFLICT", 409, Fix, WrongData, Core, Desk, Implemented, "", "Same key, different body", "幂等键相同但内容不同";
    InFlight = 1409 "IN_FLIGHT", 409, Backoff, Network, Core, Desk, Implemented, "", "Same request is being processed", "相同请求正在处理";
    CounterGap = 1410 "COUNTER_GAP", 409, Fix, WrongData, Extended, Consensus, Reserved, "/seller_counter", "Seller counter must be the previous one plus one", "开票计数器不连续";
    PrevHashMismatch = 1411 "PREV_HASH_MISMATCH", 409, Now, Network, Extended, Consensus, Reserved, "/prev_hash", "Previous-invoice hash is stale; refresh the tip and re-sign", "上一张发票哈希不匹配";
    DuplicateInBatch = 1412 "DUPLICATE_IN_BATCH", 409, Fix, WrongData, Extended, Desk, Planned, "/items/{i}", "Same invoice appears twice in the batch", "批次内发票重复";
    // E15 Limits.
    QuotaMonthExceeded = 1501 "QUOTA_MONTH_EXCEEDED", 429, Event, Limit, Core, Consensus, Implemented, "/totals/amount", "Monthly invoicing quota (发票总额度) is not enough", "当月发票总额度不足";
    QuotaSuspended = 1502 "QUOTA_SUSPENDED", 403, Event, Limit, Extended, Consensus, Implemented, "/seller/tax_id", "Quota is suspended by the authority", "授信额度已暂停";
    QuotaOfflineExhausted = 1503 "QUOTA_OFFLINE_EXHAUSTED", 429, Event, Limit, Extended, Desk, Planned, "/totals/amount", "Quota downloaded for offline issue is used up", "离线额度已用尽";
    SingleInvoiceLimit = 1504 "SINGLE_INVOICE_LIMIT", 422, Fix, Limit, Core, Consensus, Implemented, "/totals/amount", "Amount over the single-invoice limit; split it", "单张开票金额超限";
    DailyCountLimit = 1505 "DAILY_COUNT_LIMIT", 429, Window, Limit, Extended, Consensus, Implemented, "", "Daily number of invoices reached", "当日开票份数超限";
    RateLimited = 1506 "RATE_LIMITED", 429, Backoff, Limit, Core, Desk, Implemented, "", "Too many requests", "请求过于频繁";
    ResendLimit = 1507 "RESEND_LIMIT", 429, Window, Limit, Core, Desk, Planned, "/number", "Re-send limit for this invoice is reached", "重发次数已达上限";
    VerifyLimit = 1508 "VERIFY_LIMIT", 429, Window, Limit, Core, Consensus, Reserved, "/number", "Verification limit for this invoice today is reached", "该发票当日查验次数已达上限";
    RetentionExpired = 1509 "RETENTION_EXPIRED", 410, Never, Limit, Core, Desk, Planned, "/number", "Deliverable is past its retention period; the chain proof remains", "发票文件已超过保存期限";
    EligibilityNotMet = 1510 "ELIGIBILITY_NOT_MET", 403, Fix, Limit, Core, Consensus, Reserved, "", "Platform condition for issuing is not met", "不符合平台开票条件";
    BatchTooLarge = 1511 "BATCH_TOO_LARGE", 413, Fix, Limit, Extended, Desk, Planned, "/items", "Too many items in one batch", "单批次数量超限";
    // E16 Fees.
    FeeBalanceInsufficient = 1601 "FEE_BALANCE_INSUFFICIENT", 402, Topup, Balance, Core, Consensus, Implemented, "", "Fee balance is below the fee; the reply says how much is short", "手续费余额不足";
    FeeReserved = 1602 "FEE_RESERVED", 402, Backoff, Balance, Core, Consensus, Implemented, "", "Balance is enough but reserved by invoices in flight", "余额被在途开票占用";
    FeeAccountFrozen = 1603 "FEE_ACCOUNT_FROZEN", 403, Event, Balance, Extended, Consensus, Planned, "", "Fee account is frozen", "手续费账户已冻结";
    FeeAccountUnknown = 1604 "FEE_ACCOUNT_UNKNOWN", 404, Event, Balance, Extended, Consensus, Implemented, "", "No fee account for this merchant", "手续费账户不存在";
    FeeQuoteStale = 1605 "FEE_QUOTE_STALE", 409, Now, Balance, Extended, Desk, Implemented, "/fee_max", "Quoted fee is out of date; take the new quote", "手续费报价已过期";
    TopupDuplicate = 1606 "TOPUP_DUPLICATE", 409, Never, Balance, Extended, Consensus, Implemented, "/ref", "This top-up was already credited", "该充值已入账";
    TopupInvalid = 1607 "TOPUP_INVALID", 422, Fix, Balance, Extended, Consensus, Implemented, "/amount", "Top-up amount or proof is not valid", "充值金额或凭证不合法";
    // E17 Red letters.
    OriginalNotFound = 1701 "ORIGINAL_NOT_FOUND", 404, Fix, WrongData, Core, Consensus, Implemented, "/number", "Original invoice does not exist", "原蓝字发票不存在";
    OriginalNotFinal = 1702 "ORIGINAL_NOT_FINAL", 409, Backoff, Network, Extended, Consensus, Planned, "/number", "Original invoice is not final on the chain yet", "原蓝字发票尚未上链确认";
    OriginalIsRed = 1703 "ORIGINAL_IS_RED", 409, Never, WrongData, Core, Consensus, Implemented, "/number", "A red invoice cannot be reversed", "红字发票不得再次红冲";
    RedAmountExceeded = 1704 "RED_AMOUNT_EXCEEDED", 422, Fix, WrongData, Core, Consensus, Implemented, "/lines/{i}/amount", "Reversal is more than what is left on the original line", "红冲金额或数量超过可红冲余额";
    RedReasonInvalid = 1705 "RED_REASON_INVALID", 422, Fix, WrongData, Core, Consensus, Implemented, "/reason", "Reason must be 01 error, 02 return, 03 service ended, 04 allowance", "红冲原因只能为01-04";
    RedReasonPartial = 1706 "RED_REASON_PARTIAL", 422, Fix, WrongData, Core, Consensus, Implemented, "/reason", "\"Issued in error\" reverses in full only", "开票有误只能全额红冲";
    RedReasonLines = 1707 "RED_REASON_LINES", 422, Fix, WrongData, Extended, Desk, Implemented, "/lines/{i}", "02/03 keep the unit price; 04 leaves quantity and price empty", "销货退回不改单价，销售折让数量单价为空";
    RedConfirmRequired = 1708 "RED_CONFIRM_REQUIRED", 409, Event, Limit, Core, Consensus, Implemented, "/confirmation", "The other party must confirm first (72 h)", "须对方确认红字确认单";
    RedConfirmExpired = 1709 "RED_CONFIRM_EXPIRED", 409, Fix, Limit, Core, Consensus, Implemented, "/confirmation", "Confirmation lapsed after 72 hours; start again", "确认单超72小时已作废";
    RedConfirmRefused = 1710 "RED_CONFIRM_REFUSED", 409, Never, Limit, Core, Consensus, Implemented, "/confirmation", "The other party refused", "对方已否认红字确认单";
    RedConfirmPendingExists = 1711 "RED_CONFIRM_PENDING_EXISTS", 409, Event, WrongData, Extended, Consensus, Implemented, "/number", "An open confirmation already exists for this invoice", "该发票已有未完结的红字确认单";
    RedMixedDiscount = 1712 "RED_MIXED_DISCOUNT", 422, Fix, WrongData, Extended, Consensus, Implemented, "/lines", "Red lines must be net of discounts (merge them)", "红票明细须合并折扣行";
    VoidForbidden = 1713 "VOID_FORBIDDEN", 409, Never, WrongData, Core, Consensus, Reserved, "/invoice_number", "A digital invoice cannot be voided; use a red letter", "数电票不得作废，请开具红字发票";
    ReplaceRefRequired = 1714 "REPLACE_REF_REQUIRED", 422, Fix, WrongData, Extended, Consensus, Implemented, "/replaces", "A replacement must name the reversed invoice and its red invoice", "重开须引用原票及红票";
    OriginalClaimed = 1715 "ORIGINAL_CLAIMED", 409, Event, Limit, Extended, Consensus, Planned, "/number", "Original is locked or paid out in an expense claim", "原票已被报销锁定或核销";
    OriginalUsedForDeduction = 1716 "ORIGINAL_USED_FOR_DEDUCTION", 409, Event, Limit, Core, Consensus, Implemented, "/number", "Buyer has deducted or booked it; buyer must confirm", "购方已抵扣或入账，须购方确认";
    RedFactsMismatch = 1717 "RED_FACTS_MISMATCH", 422, Fix, WrongData, Extended, Consensus, Implemented, "", "A red letter repeats kind, buyer, codes and rates of its original, and reason and lines of its confirmation", "红字发票须与原蓝字发票的票种、购方、编码、税率及确认单的原因和明细一致";
    OriginalNotInForce = 1718 "ORIGINAL_NOT_IN_FORCE", 409, Never, WrongData, Extended, Consensus, Implemented, "/number", "Original is wholly reversed or replaced", "原发票已全额红冲或已重开";
    // E18 Claims.
    ClaimAlreadyLocked = 1801 "CLAIM_ALREADY_LOCKED", 409, Event, WrongData, Core, Consensus, Planned, "/numbers/{i}", "Another claim holds this invoice", "发票已被其他报销单锁定";
    ClaimAlreadyClosed = 1802 "CLAIM_ALREADY_CLOSED", 409, Never, WrongData, Core, Consensus, Planned, "/numbers/{i}", "Invoice was already reimbursed", "发票已报销";
    ClaimNotHolder = 1803 "CLAIM_NOT_HOLDER", 403, Never, WrongData, Core, Consensus, Planned, "/claim_ref", "Only the holder of the lock may release or close it", "仅锁定方可解锁或核销";
    ClaimTitleMismatch = 1804 "CLAIM_TITLE_MISMATCH", 409, Fix, WrongData, Extended, Desk, Planned, "/numbers/{i}", "Invoice is not made out to this company", "发票抬头与报销单位不符";
    ClaimOnReversed = 1805 "CLAIM_ON_REVERSED", 409, Never, WrongData, Core, Consensus, Planned, "/numbers/{i}", "Invoice was reversed; it cannot be claimed", "发票已红冲，不可报销";
    ClaimBatchAborted = 1806 "CLAIM_BATCH_ABORTED", 409, Fix, WrongData, Extended, Consensus, Planned, "/numbers/{i}", "One item failed, so none changed", "批量操作中有一张失败，全部回滚";
    ClaimLockExpired = 1807 "CLAIM_LOCK_EXPIRED", 409, Now, WrongData, Extended, Consensus, Planned, "/claim_ref", "The lock ran out; take it again", "报销锁已过期";
    // E19 Finding and delivering.
    InvoiceNotFound = 1901 "INVOICE_NOT_FOUND", 404, Fix, WrongData, Core, Desk, Implemented, "/number", "No such invoice for this caller", "未找到该发票";
    RecoveryProofMismatch = 1902 "RECOVERY_PROOF_MISMATCH", 403, Fix, WrongData, Core, Desk, Planned, "", "Identity or payment record does not match", "身份或缴费记录不符";
    RecoveryLocked = 1903 "RECOVERY_LOCKED", 429, Window, Limit, Extended, Desk, Planned, "", "Too many failed recovery attempts", "找回失败次数过多，已暂时锁定";
    DeliveryFailed = 1904 "DELIVERY_FAILED", 502, Backoff, Network, Core, Desk, Planned, "/delivery", "Mail or message gateway refused; the invoice is valid", "交付失败，发票已开具";
    LinkExpired = 1905 "LINK_EXPIRED", 410, Now, Limit, Extended, Desk, Planned, "/token", "Download link has expired; ask for a new one", "下载链接已过期";
    FormatUnavailable = 1906 "FORMAT_UNAVAILABLE", 406, Fix, WrongData, Extended, Desk, Implemented, "/format", "Deliverable is not available in this format", "不支持的版式文件格式";
    RenderPending = 1907 "RENDER_PENDING", 409, Backoff, Network, Extended, Desk, Planned, "/number", "Deliverable is being made", "版式文件生成中";
    PrinterFailed = 1908 "PRINTER_FAILED", 502, Now, Network, Extended, Desk, Planned, "/print", "Printer did not print; reprint is free and marked as a copy", "打印失败，可补打";
    // E20 Keys, signatures, operators.
    SignatureInvalid = 2001 "SIGNATURE_INVALID", 401, Fix, WrongData, Core, Admission, Implemented, "/signature", "Signature does not verify", "签名验证失败";
    SignatureNonCanonical = 2002 "SIGNATURE_NON_CANONICAL", 401, Fix, WrongData, Core, Admission, Implemented, "/signature", "Signature or payload is not in canonical form", "签名或报文非规范编码";
    KeyUnknown = 2003 "KEY_UNKNOWN", 401, Event, WrongData, Core, Admission, Implemented, "/key_id", "Key is not registered", "密钥未登记";
    KeyRevoked = 2004 "KEY_REVOKED", 401, Never, WrongData, Core, Admission, Implemented, "/key_id", "Key was revoked before the issue time", "密钥已吊销";
    KeyExpired = 2005 "KEY_EXPIRED", 401, Event, WrongData, Extended, Admission, Planned, "/key_id", "Key has expired; rotate", "密钥已过期";
    NonceReplay = 2006 "NONCE_REPLAY", 409, Never, WrongData, Core, Consensus, Reserved, "/nonce", "Nonce was used", "重放请求";
    NonceGap = 2007 "NONCE_GAP", 409, Backoff, Network, Extended, Consensus, Reserved, "/nonce", "Earlier transaction of this key is missing", "存在未到达的前序交易";
    ClockSkew = 2008 "CLOCK_SKEW", 401, Fix, Network, Core, Admission, Planned, "/timestamp", "Request time is out of the allowed skew", "请求时间偏差过大";
    ChainIdMismatch = 2009 "CHAIN_ID_MISMATCH", 400, Fix, WrongData, Extended, Admission, Implemented, "/chain_id", "Signed for another network", "链标识不符";
    OperatorNotLoggedIn = 2010 "OPERATOR_NOT_LOGGED_IN", 401, Now, Other, Core, Desk, Implemented, "", "Operator must log in", "操作员未登录";
    OperatorBadPassword = 2011 "OPERATOR_BAD_PASSWORD", 401, Fix, WrongData, Core, Desk, Planned, "", "Operator id or password is wrong", "操作员编号或密码错误";
    OperatorLocked = 2012 "OPERATOR_LOCKED", 429, Window, Limit, Extended, Desk, Planned, "", "Operator is locked after failures", "操作员已锁定";
    PermissionDenied = 2013 "PERMISSION_DENIED", 403, Event, Limit, Core, Desk, Implemented, "", "Role does not allow this action", "权限不足";
    ApprovalRequired = 2014 "APPROVAL_REQUIRED", 403, Event, Limit, Extended, Desk, Planned, "", "A second person must approve", "须复核人审批";
    KeyAlreadyBound = 2015 "KEY_ALREADY_BOUND", 409, Never, WrongData, Core, Consensus, Implemented, "/key", "Key is already bound to an account", "密钥已绑定其他账户";
    KeyProofInvalid = 2016 "KEY_PROOF_INVALID", 422, Fix, WrongData, Core, Admission, Implemented, "/pop", "Key is weak, or its proof of possession does not verify", "密钥不安全或持有证明验证失败";
    AuthorityRequired = 2017 "AUTHORITY_REQUIRED", 403, Never, Limit, Core, Admission, Implemented, "", "This action needs the m-of-n signatures of the authority", "该操作须由主管机关多方签名";
    TransactionWindow = 2018 "TRANSACTION_WINDOW", 409, Now, Network, Core, Admission, Implemented, "/valid_until", "Transaction has expired, or claims to be valid for more than 24 hours ahead", "交易已过有效期或有效期超过24小时";
    DuplicateIdem = 2019 "DUPLICATE_IDEM", 409, Never, WrongData, Core, Admission, Implemented, "/idem", "A transaction of this account with this idem is already on the chain", "该账户的相同交易标识已上链";
    FailureAllowanceUsed = 2020 "FAILURE_ALLOWANCE_USED", 429, Window, Limit, Core, Admission, Implemented, "", "This account has used up its failed transactions for today", "该账户当日失败交易次数已用尽";
    SetChangeRefused = 2021 "SET_CHANGE_REFUSED", 409, Fix, WrongData, Extended, Consensus, Implemented, "", "The change of validators or authority does not fit: its height, one that waits, or a key nobody has shown to hold", "验证者或主管机关的变更不成立：生效高度不合、已有待生效的变更，或新密钥没有持有证明";
    MisbehaviourNotNew = 2022 "MISBEHAVIOUR_NOT_NEW", 409, Never, Other, Extended, Admission, Implemented, "", "The misbehaviour is on the chain already, too long ago, or not of a validator of that height", "该违规已上链、距今过久，或所指并非该高度的验证者";
    // E21 Network and storage.
    NoPeers = 2101 "NO_PEERS", 503, Backoff, Network, Core, Desk, Planned, "", "No peers; invoice is kept in the outbox", "未连接到网络节点，已存入待发队列";
    NotSynced = 2102 "NOT_SYNCED", 503, Backoff, Network, Core, Desk, Implemented, "", "Node is behind the network", "节点未同步";
    ConfirmTimeout = 2103 "CONFIRM_TIMEOUT", 504, Now, Network, Core, Desk, Implemented, "", "Outcome not known yet; ask again with the same key, do not issue anew", "上链结果未知，请用同一幂等键查询";
    TxDropped = 2104 "TX_DROPPED", 409, Now, Network, Extended, Desk, Planned, "", "Transaction left the pool without being included; fee released", "交易未入块已被移除";
    Reorged = 2105 "REORGED", 409, Now, Network, Core, Consensus, Reserved, "", "Block was replaced; the node resubmits by itself", "区块被替换，已自动重新提交";
    PoolFull = 2106 "POOL_FULL", 503, Backoff, Network, Core, Desk, Implemented, "", "Transaction pool is full", "交易池已满";
    StorageFull = 2107 "STORAGE_FULL", 507, Event, Network, Extended, Desk, Implemented, "", "Node disk is full; issuing stops before data is at risk", "节点存储空间不足";
    StoreCorrupt = 2108 "STORE_CORRUPT", 500, Event, Network, Extended, Desk, Planned, "", "State store fails its integrity check; the node stops and offers only doctor and reindex", "状态库校验失败，节点停止，仅可诊断与重建";
    Equivocation = 2109 "EQUIVOCATION", 409, Never, Other, Extended, Consensus, Reserved, "", "Two signed transactions with one counter: evidence recorded", "检测到双重签名，已留证";
    UpstreamTimeout = 2110 "UPSTREAM_TIMEOUT", 504, Backoff, Network, Extended, Desk, Planned, "", "Authority gateway did not answer", "税局接口超时";
    // E22 Maintenance and versions.
    Maintenance = 2201 "MAINTENANCE", 503, Maint, Maintenance, Core, Desk, Implemented, "", "Planned maintenance; Retry-After and announcement id given", "系统维护中";
    MaintenanceSoon = 2202 "MAINTENANCE_SOON", 503, Maint, Maintenance, Extended, Desk, Reserved, "", "New work refused shortly before maintenance", "即将维护，暂停受理";
    ReadOnly = 2203 "READ_ONLY", 503, Maint, Maintenance, Extended, Desk, Implemented, "", "Node is read-only", "节点只读";
    ClientTooOld = 2204 "CLIENT_TOO_OLD", 426, Upgrade, Version, Core, Desk, Planned, "/client_version", "Client version is no longer accepted", "客户端版本过低";
    ProtocolUnsupported = 2205 "PROTOCOL_UNSUPPORTED", 400, Upgrade, Version, Extended, Desk, Implemented, "/version", "Transaction version is not supported at this height", "交易版本不受支持";
    RulesetUnknown = 2206 "RULESET_UNKNOWN", 409, Upgrade, Version, Extended, Desk, Implemented, "/ruleset", "Rule set named in the transaction is not known", "规则版本未知";
    TransactionMalformed = 2208 "TRANSACTION_MALFORMED", 400, Fix, WrongData, Core, Admission, Implemented, "", "Bytes are not a canonical transaction", "字节不是规范编码的交易";
    RuleSetNotAhead = 2209 "RULE_SET_NOT_AHEAD", 409, Fix, WrongData, Extended, Consensus, Implemented, "", "Rule set is not newer than the last one, or its height is not ahead within bounds", "规则版本不高于最近一次的版本，或生效高度不在允许范围内";
    AnnouncementRefused = 2210 "ANNOUNCEMENT_REFUSED", 409, Fix, WrongData, Extended, Consensus, Implemented, "", "The announcement does not fit: over already, too far ahead, too many open, or none open with this number", "维护公告不成立：已过期、过早、未结束的公告过多，或没有该编号的未结束公告";
    // E23 Bills and payments.
    BillAccountNotFound = 2301 "BILL_ACCOUNT_NOT_FOUND", 404, Fix, WrongData, Core, Desk, Planned, "/account_no", "No such customer account (户号)", "户号不存在";
    BillNameNotConfirmed = 2302 "BILL_NAME_NOT_CONFIRMED", 409, Fix, WrongData, Core, Desk, Planned, "/confirm", "Payer has not confirmed name and amount", "户名与金额未确认";
    BillAmountChanged = 2303 "BILL_AMOUNT_CHANGED", 409, Fix, WrongData, Extended, Desk, Planned, "/amount", "Bill changed since it was shown; confirm again", "账单金额已变化，请重新核对";
    BillAlreadyPaid = 2304 "BILL_ALREADY_PAID", 409, Never, Other, Core, Desk, Planned, "/bill_id", "Bill is already paid", "账单已缴清";
    BillerNotSupported = 2305 "BILLER_NOT_SUPPORTED", 404, Never, Limit, Core, Desk, Planned, "/biller", "This biller or region is not supported", "该地区或缴费项目不支持";
    WalletBalanceInsufficient = 2306 "WALLET_BALANCE_INSUFFICIENT", 402, Topup, Balance, Core, Desk, Planned, "/wallet", "Payer balance is below the bill", "账户余额不足";
    PaymentFailed = 2307 "PAYMENT_FAILED", 402, Now, Other, Core, Desk, Planned, "/payment", "Payment was declined; try another method", "支付失败，可更换支付方式";
    PaymentPending = 2308 "PAYMENT_PENDING", 409, Backoff, Network, Core, Desk, Planned, "/payment", "Payment outcome is not known yet", "支付结果待确认";
    NoticeExpired = 2309 "NOTICE_EXPIRED", 410, Never, Limit, Extended, Desk, Planned, "/notice", "Payment notice (QR) has expired", "缴费通知书已过期";
    NoticeForged = 2310 "NOTICE_FORGED", 403, Never, WrongData, Extended, Desk, Planned, "/notice", "Notice QR signature is not the issuer's", "缴费二维码签名不符";
    VoucherMissing = 2311 "VOUCHER_MISSING", 409, Now, Network, Extended, Desk, Planned, "/payment", "Payment is final but no voucher yet: made again from the payment", "支付成功但凭证缺失，已补发";
    RefundExceedsPayment = 2312 "REFUND_EXCEEDS_PAYMENT", 422, Fix, WrongData, Extended, Consensus, Planned, "/amount", "Refund is over what was paid", "退款金额超过已付金额";
    RefundNeedsRed = 2313 "REFUND_NEEDS_RED", 409, Event, WrongData, Core, Consensus, Planned, "", "Invoice must be reversed before or with the refund", "退款前须红冲发票";
    OrderNotCancellable = 2314 "ORDER_NOT_CANCELLABLE", 409, Never, Limit, Core, Desk, Planned, "/order", "Order cannot be cancelled in its state", "订单当前状态不可取消";
    // E24 Verification.
    VerifyNotFound = 2401 "VERIFY_NOT_FOUND", 404, Fix, WrongData, Core, Desk, Planned, "/invoice_number", "No invoice with these elements", "查无此票";
    VerifyMismatch = 2402 "VERIFY_MISMATCH", 409, Fix, WrongData, Core, Desk, Planned, "(named)", "Invoice exists but these elements differ", "查验不一致";
    ProofInvalid = 2403 "PROOF_INVALID", 422, Never, WrongData, Core, Desk, Planned, "/proof", "Inclusion proof does not lead to the block root", "存在性证明无效";
    ProofStaleHeader = 2404 "PROOF_STALE_HEADER", 409, Now, Network, Extended, Desk, Planned, "/proof", "Header is not on the best chain this verifier knows", "区块头不在主链";
    DeliverableTampered = 2405 "DELIVERABLE_TAMPERED", 409, Never, WrongData, Core, Desk, Planned, "/file", "File hash is not the anchored hash", "版式文件被篡改";
    NotAParty = 2406 "NOT_A_PARTY", 403, Event, Limit, Extended, Desk, Planned, "/number", "Full content is only for the parties or the tax office", "非购销方无权查看全票面";
    // E25 Imports, exports, callbacks.
    ImportRowInvalid = 2501 "IMPORT_ROW_INVALID", 422, Fix, WrongData, Core, Desk, Planned, "/rows/{i}", "A row is wrong; good rows are kept, the reply lists every bad one", "导入第i行有误";
    ImportTemplateVersion = 2502 "IMPORT_TEMPLATE_VERSION", 422, Upgrade, Version, Extended, Desk, Planned, "/template", "Import template is of an old version", "导入模板版本过旧";
    ImportEncoding = 2503 "IMPORT_ENCODING", 422, Fix, WrongData, Extended, Desk, Planned, "/file", "File is not UTF-8 or GB 18030 CSV/XLSX", "文件编码或格式不支持";
    WebhookUrlForbidden = 2504 "WEBHOOK_URL_FORBIDDEN", 422, Fix, WrongData, Core, Desk, Planned, "/webhook/url", "Webhook address is private, not HTTPS or not allowed", "回调地址不允许";
    ExportRangeTooWide = 2505 "EXPORT_RANGE_TOO_WIDE", 422, Fix, Limit, Extended, Desk, Planned, "/range", "Export range is too wide for one file", "导出范围过大";
    // E26 The HTTP door.
    RouteNotFound = 2601 "ROUTE_NOT_FOUND", 404, Fix, WrongData, Core, Desk, Implemented, "", "There is nothing at this address", "该地址不存在";
    MethodNotAllowed = 2602 "METHOD_NOT_ALLOWED", 405, Fix, WrongData, Core, Desk, Implemented, "", "This address does not answer to this method", "该地址不支持此请求方法";
    MediaTypeUnsupported = 2603 "MEDIA_TYPE_UNSUPPORTED", 415, Fix, WrongData, Core, Desk, Implemented, "", "Body has another media type or content encoding than this call takes", "请求的媒体类型或内容编码不支持";
    RequestTimeout = 2604 "REQUEST_TIMEOUT", 408, Now, Network, Core, Desk, Implemented, "", "The request took too long to arrive or to be answered", "请求超时";
    ResourceNotFound = 2605 "RESOURCE_NOT_FOUND", 404, Fix, WrongData, Core, Desk, Implemented, "", "Nothing is known under this id", "没有此编号对应的记录";
    ParameterInvalid = 2606 "PARAMETER_INVALID", 400, Fix, WrongData, Core, Desk, Implemented, "(named)", "A path or query parameter is not valid", "路径或查询参数不合法";
    ServerBusy = 2607 "SERVER_BUSY", 503, Backoff, Limit, Core, Desk, Implemented, "", "Too many requests are being served; try again shortly", "服务繁忙，请稍后重试";
    RequestMalformed = 2608 "REQUEST_MALFORMED", 400, Fix, WrongData, Core, Desk, Implemented, "", "The head of the request is not valid HTTP", "请求不是合法的HTTP报文";
    HeadTooLarge = 2609 "HEAD_TOO_LARGE", 431, Fix, Limit, Core, Desk, Implemented, "", "The head of the request is over its limit of bytes or lines", "请求头过大";
    TargetTooLong = 2610 "TARGET_TOO_LONG", 414, Fix, Limit, Core, Desk, Implemented, "", "The address is over its limit of bytes", "请求地址过长";
    // E90 Everything else.
    Internal = 9001 "INTERNAL", 500, Now, Other, Core, Desk, Implemented, "", "Unexpected failure; nothing was charged or issued; reference given", "系统异常，未扣费未开票";
    NotImplemented = 9002 "NOT_IMPLEMENTED", 501, Never, Limit, Extended, Desk, Implemented, "", "Not offered by this node", "本节点不支持";
}
