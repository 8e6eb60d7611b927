//! E17: red letters, confirmation, reissue and booking. No draft alone provokes them.

use super::guides;

guides! {
    OriginalNotFound:
        "核对原发票号码；只能红冲本户开具的发票，入账和确认只限该票的购销双方。"
        / "Look at the number: a seller takes back its own invoices, and only the two parties confirm or book one.",
        when("红冲、重开、入账或确认所指的发票不存在，或与本户无关。" / "A red letter, reissue, booking or confirmation names an invoice that does not exist or is not the account's.");
    OriginalIsRed:
        "红字发票不能再红冲或入账；需要更正时，就原蓝字发票另行处理。"
        / "A red letter stands. Put the blue invoice right instead.",
        when("红冲、重开或入账所指的是红字发票。" / "A red letter, reissue or booking names a red letter.");
    RedAmountExceeded:
        "把该行金额改为不超过剩余可红冲金额；evidence 依次为行号、申请金额、剩余金额（分）。"
        / "Take back at most what is left; the evidence is the line, what was asked and what is left, in fen.",
        when("某行红冲金额超过该行剩余金额，或该行是折扣行。" / "More of a line is taken back than is left of it, or the line is a discount.");
    RedReasonInvalid:
        "原因填 01 开票有误、02 销货退回、03 服务中止或 04 销售折让。"
        / "Give 01 error, 02 return, 03 service ended or 04 allowance.",
        when("红冲原因不是 01 至 04。" / "The reason of a red letter is none of 01 to 04.");
    RedReasonPartial:
        "开票有误（01）须红冲全部剩余金额；部分红冲请用 02、03 或 04。"
        / "Take back all that is left, or give another reason for a part.",
        when("以开票有误红冲或重开，但没有红冲全部剩余金额。" / "An error is corrected, or an invoice replaced, and something of it would be left.");
    RedReasonLines:
        "逐行写明金额；销货退回与服务中止（02、03）可写数量，单价照原票；销售折让（04）不写数量。不写 lines 即红冲全部剩余。"
        / "Name lines with their amounts; 02 and 03 may give quantities at the original's unit price, 04 gives none. Without lines all that is left is taken back.",
        when("以销售折让红冲而写了数量，或数量不是正的十进制数，或同一行写了两次。" / "A red letter for an allowance gives quantities, a quantity is no positive decimal, or a line is named twice.");
    RedConfirmRequired:
        "先发起红字确认单，对方确认后再红冲，并注明确认单。"
        / "Propose the red letter, wait for the other party, and name the confirmation.",
        when("购方已入账，而确认单缺失或对方尚未答复。" / "The buyer has booked the invoice and no confirmation is named, or it is not answered yet.");
    RedConfirmExpired:
        "重新发起红字确认单。"
        / "Propose the red letter again.",
        when("确认单超过72小时无答复，或已撤销、已使用。" / "The confirmation got no answer within 72 hours, was withdrawn, or was used already.");
    RedConfirmRefused:
        "与对方协商后重新发起红字确认单。"
        / "Agree with the other party, then propose anew.",
        when("对方否认了红字确认单。" / "The other party said no to the proposed red letter.");
    RedConfirmPendingExists:
        "等待对方答复，或先撤销现有确认单；evidence 为失效时间。"
        / "Wait for the answer or withdraw the open one; the evidence is when it lapses.",
        when("同一发票已有未完结的红字确认单。" / "A proposal for the same invoice is open or accepted and not used.");
    RedMixedDiscount:
        "折扣并入其所属的明细行，红票不单列折扣行。"
        / "Merge each discount into its line.",
        when("自行签名的红票含有折扣行。" / "A red letter signed elsewhere has discount lines.");
    ReplaceRefRequired:
        "重开须写明被替换的发票。"
        / "Say which invoice is replaced.",
        when("自行签名的重开交易没有写明原发票。" / "A reissue signed elsewhere names no original.");
    OriginalUsedForDeduction:
        "购方已抵扣或申请退税：先取得购方确认，再红冲。"
        / "The buyer has used the tax: get its confirmation first.",
        when("购方已将该票用于抵扣或退税，且未注明确认单。" / "The buyer has deducted the tax or claimed it back and no confirmation is named.");
    RedFactsMismatch:
        "红票的票种、购方、编码、税率照抄原票，原因与明细照抄确认单；evidence 为行号，0 表示票头。"
        / "Repeat kind, buyer, codes and rates of the original and what was confirmed; the evidence is the line, 0 for the head.",
        when("自行签名的红票与原票或确认单不一致。" / "A red letter signed elsewhere differs from its original or its confirmation.");
    OriginalNotInForce:
        "该票已全额红冲或已重开，请使用替换后的发票。"
        / "Use the invoice that replaced it, if any.",
        when("入账的发票已全额红冲或已重开。" / "The invoice to be booked is wholly reversed or was replaced.");
}
