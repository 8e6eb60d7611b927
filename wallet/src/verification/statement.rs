//! Judging a statement about a number or an account, and saying what came of it.
//!
//! Guards: a statement proves no invoice. Whoever did not ask for statements gets exit 6 for one that
//! holds, so that `piao verify X && pay` pays on no file of the wrong kind
//! (`chain/decisions/0015-a-statement-proves-no-invoice.md`).

use piao_chain::proof::{
    CheckResult, Reason, StatementFinding, StatementVerdict, VerifyOptions, verify_statement,
};
use piao_chain::time::BlockTime;
use serde::Serialize;

use super::judge::Judge;
use super::words;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::language::Language;
use crate::output::{Line, Output, Tone};

/// Columns of the labels.
const LABEL: usize = 15;

/// A statement and what came of judging it. As JSON: the verdict, and beside it what it is about.
#[derive(Debug, Serialize)]
pub(crate) struct JudgedStatement {
    /// The verdict.
    #[serde(flatten)]
    pub(crate) verdict: StatementVerdict,
    /// The file it is about.
    pub(crate) subject: String,
    /// Always false: it is about a number or a list.
    proves_invoice: bool,
    /// As in [`Self::exit`].
    exit_code: u8,
    /// Whether statements are asked for.
    #[serde(skip)]
    is_asked_for: bool,
}

impl JudgedStatement {
    /// Judges the bytes of a statement, for someone who asks for statements or does not.
    pub(crate) fn of(judge: &Judge, subject: &str, bytes: &[u8], is_asked_for: bool) -> Self {
        let options = VerifyOptions {
            now: judge.now,
            max_age_ms: judge.max_age_ms,
        };
        let mut verdict = verify_statement(bytes, judge.root.as_ref(), &options);
        apply_max_age(judge, &mut verdict);
        let mut judged = Self {
            verdict,
            subject: subject.to_owned(),
            proves_invoice: false,
            exit_code: 0,
            is_asked_for,
        };
        judged.exit_code = judged.exit().code();
        judged
    }

    /// Whether what it says is so.
    pub(crate) fn holds(&self) -> bool {
        self.verdict.verdict == StatementFinding::Holds
    }

    /// How the command ends for it.
    pub(crate) fn exit(&self) -> Exit {
        match self.verdict.verdict {
            StatementFinding::Holds if self.is_asked_for => Exit::Ok,
            StatementFinding::False => Exit::False,
            StatementFinding::Holds | StatementFinding::Undecided => Exit::Undecided,
        }
    }
}

/// A number that was not issued when the file was made may be by now: the user says how old that
/// may be. What holds for ever has no age.
fn apply_max_age(judge: &Judge, verdict: &mut StatementVerdict) {
    let time = verdict.as_of.as_ref();
    let time = time.and_then(|as_of| BlockTime::parse_rfc3339(&as_of.time).ok());
    let age_ms = time.map(|time| judge.now.ms().saturating_sub(time.ms()));
    let too_old = judge
        .max_age_ms
        .zip(age_ms)
        .is_some_and(|(max, age)| age > max);
    let is_for_ever = verdict.checks.iter().any(|check| check.name == "instead");
    if verdict.reason != Reason::NotIssued || is_for_ever || !too_old {
        return;
    }
    verdict.verdict = StatementFinding::Undecided;
    verdict.reason = Reason::Stale;
    for check in &mut verdict.checks {
        if check.name == "freshness" {
            check.result = CheckResult::Failed;
            check.detail.push_str(", older than --max-age");
        }
    }
}

/// Shows one judgement in full; with `--quiet` what it comes to alone.
pub(crate) fn show_statement(
    output: &Output,
    judged: &JudgedStatement,
) -> Result<(), CommandError> {
    if !output.quiet {
        output.data(&heading(output, judged))?;
        for row in &judged.verdict.invoices {
            let line = Line::new().column(Tone::Faint, &format!("   {}", row.counter), 8);
            output.data(&line.add(Tone::Plain, &row.number))?;
        }
        steps(output, &judged.verdict)?;
        let fingerprint = judged.verdict.trust_root.as_deref();
        let fingerprint = fingerprint.unwrap_or_else(|| output.pick("none", "无"));
        let label = output.pick("trust root ", "信任根 ");
        let line = Line::new().add(Tone::Faint, label);
        output.data(&line.add(Tone::Plain, fingerprint))?;
        if judged.holds() {
            output.data(&Line::new().add(Tone::Careful, no_invoice(output, judged)))?;
        }
    }
    output.data(&conclusion(output, judged))?;
    Ok(())
}

/// What a statement that holds is not.
fn no_invoice(output: &Output, judged: &JudgedStatement) -> &'static str {
    if judged.is_asked_for {
        return output.pick(
            "This proves no invoice: there is nothing in it to pay or to book.",
            "本文件不证明任何发票：不能据此付款或入账。",
        );
    }
    output.pick(
        "This proves no invoice: there is nothing in it to pay or to book. For exit 0 ask for it: --statements.",
        "本文件不证明任何发票：不能据此付款或入账。若查验的就是声明，请加 --statements（退出码 0）。",
    )
}

/// One line for one of many judgements.
pub(crate) fn statement_summary(output: &Output, judged: &JudgedStatement) -> Line {
    Line::new()
        .add(Tone::Strong, &judged.subject)
        .add(Tone::Plain, "  ")
        .join(conclusion(output, judged))
}

fn heading(output: &Output, judged: &JudgedStatement) -> Line {
    let verdict = &judged.verdict;
    let mut parts = Vec::new();
    if let Some(number) = &verdict.number {
        parts.push(format!("{}{number}", output.pick("number ", "号码 ")));
    }
    if let Some(account) = verdict.account {
        parts.push(format!("{}{account}", output.pick("account ", "账户 ")));
    }
    parts.extend(verdict.tax_id.clone());
    if let Some(range) = verdict.counters {
        let label = output.pick("counters ", "序号 ");
        parts.push(format!("{label}{}–{}", range.from, range.to));
    }
    if let Some(range) = verdict.blocks {
        let label = output.pick("all of blocks ", "完整覆盖区块 ");
        parts.push(format!("{label}{}–{}", range.from, range.to));
    }
    if parts.is_empty() {
        parts.push(judged.subject.clone());
    }
    Line::new().add(Tone::Strong, &parts.join(" · "))
}

fn steps(output: &Output, verdict: &StatementVerdict) -> Result<(), CommandError> {
    for check in &verdict.checks {
        let (tone, symbol) = match check.result {
            CheckResult::Passed => (Tone::Good, "✓"),
            CheckResult::Failed => (Tone::Bad, "✗"),
            CheckResult::NotChecked => (Tone::Careful, "–"),
        };
        let detail = match (check.name, check.result) {
            ("invoices", _) => output.pick(
                &check.detail,
                "所列发票的金额、状态与文字，由各自的证明说明",
            ),
            ("later_changes", _) => output.pick(&check.detail, "该高度之后发生的变化"),
            (_, CheckResult::Failed) => output.pick(&check.detail, verdict.reason.text().1),
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
    let (en, zh) = match step {
        "count" => ("count of all", "开具总数"),
        "instead" => ("in its place", "该位置的发票"),
        "account" => ("account", "账户"),
        "list" => ("list whole", "清单完整"),
        "first" => ("first one", "清单首张"),
        "invoices" => ("each invoice", "各张发票"),
        other => return words::label(other, language),
    };
    language.pick(en, zh)
}

/// The sentence with its date, and the exit code.
fn conclusion(output: &Output, judged: &JudgedStatement) -> Line {
    let verdict = &judged.verdict;
    let (en, zh) = verdict.reason.text();
    let (tone, symbol, head) = match verdict.verdict {
        StatementFinding::Holds if judged.is_asked_for => (Tone::Good, "✓ ", ""),
        StatementFinding::Holds => (Tone::Careful, "? ", ""),
        StatementFinding::False => (Tone::Bad, "✗ ", output.pick("false: ", "不成立：")),
        StatementFinding::Undecided => (
            Tone::Careful,
            "? ",
            output.pick("cannot decide: ", "无法判断："),
        ),
    };
    let as_of = verdict.as_of.as_ref().map_or_else(String::new, |as_of| {
        output.language.pick(
            format!(", as of block {} at {}", as_of.height, as_of.time),
            format!("，截至区块 #{} {}", as_of.height, as_of.time),
        )
    });
    let exit = judged.exit().code().to_string();
    let not_asked = judged.holds() && !judged.is_asked_for;
    let but = output.pick("; proves no invoice", "；不证明任何发票");
    Line::new()
        .add(tone, symbol)
        .add(Tone::Strong, &format!("{head}{}", output.pick(en, zh)))
        .add(Tone::Plain, &as_of)
        .add(Tone::Careful, if not_asked { but } else { "" })
        .add(Tone::Faint, output.pick("  exit ", "  退出码 "))
        .add(Tone::Faint, &exit)
}
