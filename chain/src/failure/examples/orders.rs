//! E14 to E16: numbers, orders, limits and fees. No draft alone provokes them.

use super::guides;

guides! {
    NumberFormat:
        "填写发票上的20位号码。"
        / "Write the 20 digits of the invoice.",
        when("按号码查询、下载或取证明时，号码不是20位数字。" / "A call names an invoice by something that is not 20 digits.");
    DuplicateOrder:
        "该订单已开具发票，查询并使用原发票；分次开票请填不同的 order_part。"
        / "The order has its invoice: find and use it. To invoice in parts, give each its order_part.",
        when("同一 order_ref 和 order_part 已有一张有效发票。" / "An effective invoice with the same order_ref and order_part exists.");
    IdempotencyKeyConflict:
        "同一幂等键只对应一份内容：重试时原样重发，新发票用新的键。"
        / "A key belongs to one draft: repeat it unchanged, or take a new key for another invoice.",
        when("用已用过的 Idempotency-Key 发送不同的内容。" / "An Idempotency-Key is used again with another draft.");
    InFlight:
        "稍候用同一幂等键再试，会得到同一结果。"
        / "Wait and ask again with the same key: the answer is the same for all.",
        when("同一幂等键的请求正在处理，且已有16个等待者。" / "A call with the same key is being worked on and 16 others wait for it already.");
    QuotaMonthExceeded:
        "向主管机关申请调整额度，或等到下月；got 与 expected 说明已用和总额。"
        / "Ask the authority for more, or wait for the next month; got and expected say how much.",
        when("本月已开金额加上这一张超过该纳税人的月度额度。" / "What was issued this month and this invoice together are over the taxpayer's quota.");
    QuotaSuspended:
        "向主管机关了解原因；恢复额度后用同一幂等键再试。"
        / "Ask the authority why; send the same again once the quota is given back.",
        when("主管机关暂停了该纳税人的开票额度。" / "The authority has suspended the taxpayer's quota.");
    SingleInvoiceLimit:
        "拆分为几张不超过限额的发票（每张填不同的 order_part），或向主管机关申请提高限额；expected 说明限额。"
        / "Split it into invoices within the limit, each with its own order_part, or ask the authority for more; expected says the limit.",
        when("合计金额（不含税）超过该纳税人的单张开票限额。" / "The total net of tax is over the most that one invoice of this taxpayer may hold.");
    DailyCountLimit:
        "到 not_before 所示的次日零点后用同一幂等键再试，或向主管机关申请增加份数。"
        / "Send the same again after not_before, the next midnight in China, or ask the authority for more.",
        when("当日已开（含在途）发票份数达到该纳税人的每日上限。" / "As many invoices as the taxpayer may issue in a day are issued or on their way.");
    RateLimited:
        "按 Retry-After 等待后再发；回复头 RateLimit 说明余量。"
        / "Wait for Retry-After; the header RateLimit says what is left.",
        when("同一调用方在两秒内调用过多，或同时进行的调用过多。" / "One caller calls too often within two seconds, or has too many calls in flight.");
    FeeBalanceInsufficient:
        "先充值手续费（piao top-up），再用同一幂等键提交；以 wait=accepted 受理的请求会自动继续。"
        / "Top up (piao top-up) and send the same again; requests taken with wait=accepted go on by themselves.",
        when("账户的手续费余额不足以支付这张发票。" / "The account's fee balance is below the fee of this invoice.");
    FeeReserved:
        "等在途发票完成，或先充值；随后用同一幂等键再试。"
        / "Wait for the invoices in flight, or top up; then send the same again.",
        when("余额足够，但已被在途发票占用。" / "The balance would do, but invoices in flight have reserved it.");
    FeeAccountUnknown:
        "核对账户编号；新商户须先登记。"
        / "Look at the account number; a new merchant must be registered first.",
        when("指定的账户在本链不存在。" / "The account named does not exist on this chain.");
    FeeQuoteStale:
        "取新的手续费报价，重新签名后提交。"
        / "Take the new fee, sign again and send it.",
        when("自行签名的交易给出的 fee_max 低于当前手续费。" / "A transaction signed elsewhere offers less than the fee.");
    TopupDuplicate:
        "该凭据号已入账，不必再充；另一笔充值用另一个凭据号。"
        / "This reference is credited already; another payment needs another reference.",
        when("同一充值凭据号再次提交。" / "A top-up comes with a reference that was credited before.");
    TopupInvalid:
        "更正充值金额：大于0，不超过单笔上限，两位小数。"
        / "Correct the amount: over zero, within the limit of one top-up, two decimals.",
        when("充值金额为零、超限或格式不对。" / "The amount of a top-up is nought, too large or badly written.");
}
