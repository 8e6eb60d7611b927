//! The steps of a verdict in two languages.
//!
//! The verifier says what it found in English; here the same is said from the proof itself, so
//! that a Chinese reader gets more than a translated label. Failed steps keep the verifier's words.

use piao_chain::proof::{Check, CheckResult, Finding, Proof, Reason, Verdict};
use piao_chain::transaction::Payload;

use crate::language::{Language, Text};

/// Label of a step.
pub(super) fn label(step: &str, language: Language) -> &str {
    let (en, zh) = match step {
        "parse" => ("file whole", "文件完整"),
        "chain" => ("one network", "同一网络"),
        "trust" => ("trust root", "信任根"),
        "certificate" => ("block final", "区块终局"),
        "history" => ("in history", "历史路径"),
        "inclusion" => ("in block", "入块证明"),
        "transaction" => ("an invoice", "是发票"),
        "key" => ("seller's key", "商户密钥"),
        "signature" => ("signature", "商户签名"),
        "arithmetic" => ("tax figures", "税额计算"),
        "status" => ("status", "当前状态"),
        "freshness" => ("as of", "证明时点"),
        "fields" => ("fields shown", "所示字段"),
        "seller" => ("seller's name", "销售方名"),
        "later_changes" => ("later changes", "此后变化"),
        other => (other, other),
    };
    language.pick(en, zh)
}

/// What a step found.
pub(super) fn detail(check: &Check, verdict: &Verdict, proof: Option<&Proof>) -> Text {
    let zh = proof
        .filter(|_| check.result != CheckResult::Failed)
        .and_then(|proof| found(check, verdict, proof))
        .unwrap_or_else(|| {
            if check.result == CheckResult::Failed {
                format!("{}（{}）", verdict.reason.text().1, check.detail)
            } else {
                check.detail.clone()
            }
        });
    let en = if check.name == "later_changes" {
        format!("{} (add --online to ask)", check.detail)
    } else {
        check.detail.clone()
    };
    Text::new(en, zh)
}

fn found(check: &Check, verdict: &Verdict, proof: &Proof) -> Option<String> {
    let (issued_in, as_of) = (&proof.header, proof.as_of());
    let body = proof.transaction.body();
    Some(match check.name {
        "parse" => "版本 1，套件 1".to_owned(),
        "trust" => format!("指纹 {}", verdict.trust_root.as_deref().unwrap_or_default()),
        "certificate" => format!(
            "区块 #{}，{} 个验证者中 {} 个签名",
            as_of.height,
            proof.validators.members().len(),
            proof.certificate.signatures.len()
        ),
        "history" if proof.latest.is_none() => "证书即签在发票所在区块上".to_owned(),
        "history" => format!(
            "区块 #{} 在区块 #{} 的历史中",
            issued_in.height, as_of.height
        ),
        "inclusion" => format!(
            "区块 #{}，共 {} 笔交易的第 {} 笔",
            issued_in.height,
            issued_in.tx_count,
            proof.index.saturating_add(1)
        ),
        "signature" => format!("密钥 {}，账户 {}", proof.key.public_key.id(), body.account),
        "arithmetic" => match &body.payload {
            Payload::IssueInvoice(invoice) => format!("规则版本 {}", invoice.facts.rule_set),
            _ => return None,
        },
        "status" => format!("{}，截至区块 #{}", status(verdict.status?), as_of.height),
        "freshness" => verdict.as_of.as_ref()?.time.clone(),
        "fields" => format!(
            "出示 {} 项，未出示 {} 项",
            verdict.shown.len(),
            verdict.withheld
        ),
        "seller" if check.result == CheckResult::Passed => "名称由主管方签名确认".to_owned(),
        "seller" => "证明不含销售方名片".to_owned(),
        "later_changes" => "未检查：此后可能被红冲或重开；加 --online 查询".to_owned(),
        _ => return None,
    })
}

fn status(word: &str) -> &'static str {
    match word {
        "issued" => "已开具",
        "partly_reversed" => "部分红冲",
        "reversed" => "已红冲",
        "reissued" => "已重开",
        _ => "未知",
    }
}

/// The sentence a verdict comes to, without its date. What was taken back names the last red letter.
pub(super) fn conclusion(verdict: &Verdict) -> Text {
    let (mut en, mut zh) = {
        let (en, zh) = verdict.reason.text();
        (en.to_owned(), zh.to_owned())
    };
    if let Some(red) = &verdict.red_letter {
        en = format!(
            "{en}, the last red letter being {} of {}",
            red.number, red.time
        );
        zh = format!("{zh}，最近红字发票 {}，{}", red.number, red.time);
    }
    match (verdict.verdict, verdict.reason) {
        (Finding::InForce, Reason::Genuine) => Text::new("genuine and in force", "真实且有效"),
        (Finding::InForce, _) => Text::new(format!("in force: {en}"), format!("有效：{zh}")),
        (Finding::NotInForce, _) => {
            Text::new(format!("NOT IN FORCE: {en}"), format!("不再有效：{zh}"))
        }
        (Finding::False, _) => Text::new(format!("FALSE: {en}"), format!("虚假：{zh}")),
        (Finding::Undecided, _) => {
            Text::new(format!("cannot decide: {en}"), format!("无法判断：{zh}"))
        }
    }
}

/// What is said of a verdict's network.
pub(super) fn network(verdict: &Verdict) -> Text {
    match verdict.network.as_deref() {
        Some("test") => Text::new("test network: no legal effect", "测试网样票，不具税务效力"),
        Some(name) => Text::new(format!("network {name}"), format!("网络 {name}")),
        None => Text::new("network unknown: no trust root", "网络未知：没有信任根"),
    }
}
