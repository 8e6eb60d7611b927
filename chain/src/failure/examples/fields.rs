//! E11: the members of a draft.

use super::Change::{Remove, Set, Text};
use super::guides;

guides! {
    FieldRequired:
        "填写 pointer 指明的字段。"
        / "Fill in the member that pointer names.",
        general([Remove("/lines/0/name")] => []);
    FieldTooLong:
        "缩短到 expected 给出的字符数；节点不会截断。"
        / "Shorten it to what expected says; the node cuts nothing off.",
        general([Text("/lines/0/unit", '次', 101)] => [Text("/lines/0/unit", '次', 100)]);
    FieldBadCharacter:
        "删去 got 给出的字符（控制字符、不可见或自造字）后重新提交。"
        / "Take out the character that got names: control, invisible or private-use.",
        general([Set("/remark", r#""谢谢\u0007惠顾""#)] => [Set("/remark", r#""谢谢惠顾""#)]);
    UnknownField:
        "检查字段名的拼写，或删去该字段；可用字段见 /openapi.json。"
        / "Mind the spelling of the member, or leave it out; /openapi.json lists what there is.",
        general([Set("/remarks", r#""谢谢惠顾""#)] => [Set("/remark", r#""谢谢惠顾""#)]);
    DateInvalid:
        "写成带时区的时间，例如 2026-11-21T10:00:00+08:00；也可以不填，由节点取当前时间。"
        / "Write a time with its zone, as 2026-11-21T10:00:00+08:00, or leave it out.",
        general([Set("/issued_at", r#""2026-11-21 10:00""#)]
            => [Set("/issued_at", r#""2026-11-21T10:00:00+08:00""#)]);
    DateInFuture:
        "校准收款机时钟，或不填 issued_at；最多可超前10分钟。"
        / "Set the till's clock, or leave issued_at out; ten minutes ahead is the most.",
        general([Set("/issued_at", r#""2026-11-21T10:10:01+08:00""#)]
            => [Set("/issued_at", r#""2026-11-21T10:10:00+08:00""#)]);
    DateTooOld:
        "改用31天以内的日期，或不填 issued_at 按今天开具。"
        / "Use a date of the last 31 days, or leave issued_at out and issue it today.",
        general([Set("/issued_at", r#""2026-10-20T10:00:00+08:00""#)]
            => [Set("/issued_at", r#""2026-10-21T10:00:00+08:00""#)]);
    RemarkTooLong:
        "把备注缩短到450个字符以内；节点不会截断。"
        / "Shorten the remark to 450 characters; the node cuts nothing off.",
        general([Text("/remark", '字', 451)] => [Text("/remark", '字', 450)]);
    EmailInvalid:
        "更正邮箱地址，例如 name@example.com；不需要邮件交付时可不填。"
        / "Correct the address, as name@example.com, or leave it out.",
        general([Set("/delivery/email", r#""finance@example""#)] => []);
    PhoneInvalid:
        "填写11位手机号；不需要短信交付时可不填。"
        / "Write the eleven digits of a mobile number, or leave it out.",
        general([Set("/delivery/phone", r#""1380013800""#)]
            => [Set("/delivery/phone", r#""13800138000""#)]);
    BodyMalformed:
        "按 expected 更正类型：金额、税率和数量须为字符串；整段报文须为合法JSON，字段不得重复。"
        / "Correct the type as expected says: money, rates and quantities are strings. The body must be JSON without duplicate members.",
        general([Set("/lines/0/rate", "0.06")] => [Set("/lines/0/rate", r#""0.06""#)]);
    BodyTooLarge:
        "拆分发票或分批发送，使报文不超过限值。"
        / "Split the invoice or the batch until the body is within the limit.",
        when("请求报文超过256 KiB。" / "The body of a call is over 256 KiB.");
    CurrencyUnsupported:
        "折合人民币后开具，currency 写 CNY 或不填。"
        / "Convert it to yuan; make currency CNY or leave it out.",
        general([Set("/currency", r#""USD""#)] => [Set("/currency", r#""CNY""#)]);
    IssuerNameRequired:
        "填写开票人姓名。"
        / "Write who issues the invoice.",
        general([Remove("/issuer")] => []);
}
