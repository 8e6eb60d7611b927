//! E10: seller and buyer.

use super::Change::{Remove, Set};
use super::guides;

guides! {
    SellerTaxIdFormat:
        "按营业执照填写18位统一社会信用代码；也可以不填 seller，由节点代填。"
        / "Write the 18 characters of the business licence, or leave seller out: the node fills it in.",
        general([Set("/seller", r#"{"tax_id": "91310115MA2N07N8"}"#)]
            => [Set("/seller", r#"{"tax_id": "91310115MA2N07N82Y"}"#)]);
    SellerTaxIdChecksum:
        "与营业执照逐位核对；也可以不填 seller，由节点代填。"
        / "Compare it with the licence character by character, or leave seller out.",
        general([Set("/seller", r#"{"tax_id": "91310115MA2N07N82X"}"#)]
            => [Set("/seller", r#"{"tax_id": "91310115MA2N07N82Y"}"#)]);
    SellerTaxIdNotKeyOwner:
        "改用该销售方自己的账户和节点开具；节点只为自己的商户开票。"
        / "Use the account and node of that seller: a desk issues for its own merchant only.",
        general([Set("/seller", r#"{"tax_id": "91420100MAXH4XGP0H"}"#)]
            => [Set("/seller", r#"{"tax_id": "91310115MA2N07N82Y"}"#)]);
    BuyerTaxIdRequired:
        "向购买方索取税号填入 buyer.tax_id；若对方是个人，把 buyer.type 改为 individual。"
        / "Ask the buyer for the tax id; if it is a person, make buyer.type individual.",
        general([Remove("/buyer/tax_id")] => []);
    BuyerTaxIdFormat:
        "请购买方提供18位统一社会信用代码；旧税号须同时写 id_scheme 为 legacy。"
        / "Ask the buyer for the 18 characters; an older tax id needs id_scheme legacy.",
        general([Set("/buyer/tax_id", r#""91420100MAXH4X""#)] => []);
    BuyerTaxIdChecksum:
        "请购买方重新提供税号；不要自行改校验位，那会变成另一家企业。"
        / "Ask the buyer for the tax id again; never repair the check character: that would name another company.",
        general([Set("/buyer/tax_id", r#""91420100MAXH4XGP0J""#)] => []);
    BuyerIdCardInvalid:
        "与证件核对 id_number 和 id_type；身份证号码也可以不填。"
        / "Compare id_number and id_type with the document; both may be left out.",
        general([Set("/buyer", r#"{"type": "individual", "name": "样例个人", "id_number": "110105194912310021"}"#)]
            => [Set("/buyer", r#"{"type": "individual", "name": "样例个人", "id_number": "11010519491231002X"}"#)]);
    BuyerTypeInvalid:
        "从四个类型中选一个：enterprise、government、individual、other。"
        / "Choose one of enterprise, government, individual and other.",
        general([Set("/buyer/type", r#""company""#)] => [Set("/buyer/type", r#""enterprise""#)]);
    NaturalPersonSpecialInvoice:
        "改开普通发票（kind 为 general），或填写企业购买方及其税号。"
        / "Make kind general, or name the company that buys with its tax id.",
        general([Set("/kind", r#""special""#), Set("/buyer", r#"{"type": "individual", "name": "样例个人"}"#)]
            => [Set("/kind", r#""general""#), Set("/buyer", r#"{"type": "individual", "name": "样例个人"}"#)]);
    NaturalPersonNameTooShort:
        "填写购买方的完整姓名。"
        / "Write the buyer's whole name.",
        general([Set("/buyer", r#"{"type": "individual", "name": "样"}"#)]
            => [Set("/buyer", r#"{"type": "individual", "name": "样例"}"#)]);
    TaxpayerNotRegistered:
        "请主管机关在本链登记该纳税人，登记生效后用同一幂等键再试。"
        / "Have the authority register the taxpayer on this chain, then send the same again.",
        when("销售方的账户尚未在本链登记。" / "The seller's account is not registered on this chain yet.");
    TaxpayerSuspended:
        "联系主管机关解除暂停，解除后用同一幂等键再试。"
        / "Ask the authority to lift the suspension, then send the same again.",
        when("主管机关暂停了该纳税人开票。" / "The authority has suspended the taxpayer.");
    TaxpayerRevoked:
        "不能再以该纳税人开票；请改用仍在登记的纳税人。"
        / "Nothing can be issued for this taxpayer any more; use one that is registered.",
        when("主管机关注销了该纳税人。" / "The authority has deregistered the taxpayer.");
    IdNeedsNormalisation:
        "改用 suggested 给出的写法：去掉空格和分隔符，用半角大写。"
        / "Take the suggested spelling: no blanks or separators, half-width capitals.",
        general([Set("/buyer/tax_id", r#""91420100 maxh4xgp0h""#)] => []);
    TaxpayerAlreadyRegistered:
        "不必再登记，直接使用已有账户。"
        / "Nothing to do: use the account that exists.",
        when("主管机关再次登记已登记的纳税人。" / "The authority registers a taxpayer a second time.");
}
