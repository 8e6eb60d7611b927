//! Judging the file that shows a request to be refused, and saying what came of it.
//!
//! Guards: a refusal never passes for an invoice: it ends with "genuine, not in force".

use piao_chain::failure::FailureCode;
use piao_chain::proof::{
    CheckResult, Finding, Reason, RefusalVerdict, VerifyOptions, verify_refusal,
};
use serde::Serialize;

use super::judge::Judge;
use super::words;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::language::{Language, Text};
use crate::output::{Line, Output, Tone};

/// Columns of the labels.
const LABEL: usize = 15;

/// A refusal and what came of judging it. As JSON: the verdict, and beside it what it is about.
#[derive(Debug, Serialize)]
pub(crate) struct JudgedRefusal {
    /// The verdict.
    #[serde(flatten)]
    pub(crate) verdict: RefusalVerdict,
    /// The file it is about.
    pub(crate) subject: String,
}

impl JudgedRefusal {
    /// Judges the bytes of a refusal.
    pub(crate) fn of(judge: &Judge, subject: &str, bytes: &[u8]) -> Self {
        let options = VerifyOptions {
            now: judge.now,
            max_age_ms: judge.max_age_ms,
        };
        Self {
            verdict: verify_refusal(bytes, judge.root.as_ref(), &options),
            subject: subject.to_owned(),
        }
    }

    /// How the command ends for it.
    pub(crate) fn exit(&self) -> Exit {
        Exit::of_finding(self.verdict.verdict)
    }

    /// What it comes to, without its date.
    pub(super) fn sentence(&self) -> Text {
        let verdict = &self.verdict;
        let (en, zh) = verdict.reason.text();
        match (verdict.verdict, verdict.reason) {
            (Finding::NotInForce, Reason::Refused) => {
                let code = verdict.code.as_deref().unwrap_or_default();
                let why = FailureCode::from_code(code);
                let (why_en, why_zh) = why.map_or(("", ""), |why| (why.en(), why.zh()));
                Text::new(
                    format!("REFUSED with {code} ({why_en}): {en}"),
                    format!("已拒绝，{code}（{why_zh}）：{zh}"),
                )
            }
            (Finding::False, _) => Text::new(format!("FALSE: {en}"), format!("虚假：{zh}")),
            _ => Text::new(format!("cannot decide: {en}"), format!("无法判断：{zh}")),
        }
    }
}

/// Shows one judgement in full; with `--quiet` what it comes to alone.
pub(crate) fn show_refusal(output: &Output, judged: &JudgedRefusal) -> Result<(), CommandError> {
    if !output.quiet {
        output.data(&heading(output, judged))?;
        steps(output, &judged.verdict)?;
        let fingerprint = judged.verdict.trust_root.as_deref();
        let fingerprint = fingerprint.unwrap_or_else(|| output.pick("none", "无"));
        let label = output.pick("trust root ", "信任根 ");
        let line = Line::new().add(Tone::Faint, label);
        output.data(&line.add(Tone::Plain, fingerprint))?;
    }
    output.data(&conclusion(output, judged))?;
    Ok(())
}

/// One line for one of many judgements.
pub(crate) fn refusal_summary(output: &Output, judged: &JudgedRefusal) -> Line {
    Line::new()
        .add(Tone::Strong, &judged.subject)
        .add(Tone::Plain, "  ")
        .join(conclusion(output, judged))
}

fn heading(output: &Output, judged: &JudgedRefusal) -> Line {
    let verdict = &judged.verdict;
    let mut parts = Vec::new();
    if let Some(asked) = verdict.asked {
        parts.push(format!("{}{asked}", output.pick("asked for ", "请求 ")));
    }
    if let Some(account) = verdict.account {
        parts.push(format!("{}{account}", output.pick("account ", "账户 ")));
    }
    if let Some(txid) = &verdict.txid {
        parts.push(format!("{}{txid}", output.pick("transaction ", "交易 ")));
    }
    if parts.is_empty() {
        parts.push(judged.subject.clone());
    }
    Line::new().add(Tone::Strong, &parts.join(" · "))
}

fn steps(output: &Output, verdict: &RefusalVerdict) -> Result<(), CommandError> {
    for check in &verdict.checks {
        let (tone, symbol) = match check.result {
            CheckResult::Passed => (Tone::Good, "✓"),
            CheckResult::Failed => (Tone::Bad, "✗"),
            CheckResult::NotChecked => (Tone::Careful, "–"),
        };
        let detail = match check.result {
            CheckResult::Failed => output.pick(&check.detail, verdict.reason.text().1),
            _ => output.pick(&check.detail, ""),
        };
        let line = Line::new()
            .add(Tone::Plain, " ")
            .add(tone, symbol)
            .add(Tone::Plain, " ")
            .column(Tone::Plain, label(check.name, output.language), LABEL);
        output.data(&line.add(Tone::Plain, detail))?;
    }
    Ok(())
}

/// Label of a step.
fn label(step: &'static str, language: Language) -> &'static str {
    match step {
        "refused" => language.pick("refused", "已被拒绝"),
        other => words::label(other, language),
    }
}

/// The sentence with its block, and the exit code.
fn conclusion(output: &Output, judged: &JudgedRefusal) -> Line {
    let (tone, symbol) = match judged.verdict.verdict {
        Finding::False => (Tone::Bad, "✗ "),
        Finding::NotInForce | Finding::InForce => (Tone::Careful, "! "),
        Finding::Undecided => (Tone::Careful, "? "),
    };
    let place = judged.verdict.refused_at.as_ref();
    let place = place.map_or_else(String::new, |at| {
        output.language.pick(
            format!(", in block {} at {}", at.height, at.time),
            format!("，区块 #{} {}", at.height, at.time),
        )
    });
    let exit = judged.exit().code().to_string();
    Line::new()
        .add(tone, symbol)
        .add(Tone::Strong, judged.sentence().pick(output.language))
        .add(Tone::Plain, &place)
        .add(Tone::Faint, output.pick("  exit ", "  退出码 "))
        .add(Tone::Faint, &exit)
}
