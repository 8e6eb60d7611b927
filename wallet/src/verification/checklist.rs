//! A verdict for people: a checklist, a conclusion with its date, and what was not checked.

use std::borrow::Cow;

use piao_chain::proof::{CheckResult, Finding, Verdict};
use piao_chain::time::BlockTime;

use super::judge::Judged;
use super::words;
use crate::duration;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Line, Output, Tone};

/// Columns of the labels.
const LABEL: usize = 15;
/// Characters of a shown text, at most: a remark has 450 (SPEC 8.5).
const SHOWN_CHARS_MAX: usize = 500;

/// Shows one judgement in full; with `--quiet` what it comes to alone. `exit` is the exit code
/// this judgement asks for.
pub(crate) fn show(
    output: &Output,
    judged: &Judged,
    now: BlockTime,
    exit: Exit,
) -> Result<(), CommandError> {
    if output.quiet {
        let line = conclusion(output, judged.decisive(), now);
        output.data(&ending(output, line, exit))?;
        return Ok(());
    }
    output.data(&heading(output, judged))?;
    steps(output, judged)?;
    for field in &judged.verdict.shown {
        let place = format!("   {}/{}", field.id, field.line);
        let line = Line::new().column(Tone::Faint, &place, 8);
        output.data(&line.add(Tone::Plain, &bounded(output, &field.value)))?;
    }
    let verdict = &judged.verdict;
    output.data(&Line::of(words::network(verdict).pick(output.language)))?;
    let fingerprint = verdict.trust_root.as_deref();
    let fingerprint = fingerprint.unwrap_or_else(|| output.pick("none", "无"));
    let label = output.pick("trust root ", "信任根 ");
    let line = Line::new().add(Tone::Faint, label);
    output.data(&line.add(Tone::Plain, fingerprint))?;
    unchecked(output, verdict)?;
    let mut last = conclusion(output, verdict, now);
    if let Some(today) = &judged.online {
        output.data(&last)?;
        let label = output.pick("the node's proof of today: ", "节点今日的证明：");
        let line = Line::new().add(Tone::Faint, label);
        last = line.join(conclusion(output, today, now));
    }
    output.data(&ending(output, last, exit))?;
    Ok(())
}

/// A text from outside, no longer than a reader takes in: the rest is counted, and JSON has it whole.
fn bounded<'a>(output: &Output, text: &'a str) -> Cow<'a, str> {
    let Some((cut, _)) = text.char_indices().nth(SHOWN_CHARS_MAX) else {
        return Cow::Borrowed(text);
    };
    let (head, rest) = text.split_at(cut);
    let more = rest.chars().count();
    let note = output.language.pick(
        format!("… ({more} more characters; --json has them)"),
        format!("……（还有 {more} 个字符，见 --json）"),
    );
    Cow::Owned(head.to_owned() + &note)
}

/// One line for one of many judgements.
pub(crate) fn summary(output: &Output, judged: &Judged, now: BlockTime, exit: Exit) -> Line {
    let line = Line::new()
        .add(Tone::Strong, &judged.subject)
        .add(Tone::Plain, "  ")
        .add(Tone::Plain, judged.verdict.number.as_deref().unwrap_or("-"))
        .add(Tone::Plain, "  ");
    ending(
        output,
        line.join(conclusion(output, judged.decisive(), now)),
        exit,
    )
}

/// Adds the exit code.
fn ending(output: &Output, line: Line, exit: Exit) -> Line {
    let label = output.pick("  exit ", "  退出码 ");
    line.add(Tone::Faint, label)
        .add(Tone::Faint, &exit.code().to_string())
}

fn heading(output: &Output, judged: &Judged) -> Line {
    let verdict = &judged.verdict;
    let Some(number) = &verdict.number else {
        return Line::new().add(Tone::Strong, &judged.subject);
    };
    let seller = match (&verdict.seller, verdict.account) {
        (Some(seller), _) => bounded(output, &seller.name).into_owned(),
        (None, Some(account)) => format!("{}{account}", output.pick("account ", "账户 ")),
        (None, None) => String::new(),
    };
    let gross = verdict.totals.as_ref().map_or("", |totals| &totals.gross);
    Line::new()
        .add(Tone::Plain, output.pick("invoice ", "发票 "))
        .add(Tone::Strong, number)
        .add(Tone::Plain, &format!(" · {seller} · ¥{gross} · "))
        .add(
            Tone::Plain,
            verdict.issued_at.as_deref().unwrap_or_default(),
        )
}

fn steps(output: &Output, judged: &Judged) -> Result<(), CommandError> {
    for check in &judged.verdict.checks {
        let (tone, symbol) = match check.result {
            CheckResult::Passed => (Tone::Good, "✓"),
            CheckResult::Failed => (Tone::Bad, "✗"),
            CheckResult::NotChecked => (Tone::Careful, "–"),
        };
        let detail = words::detail(check, &judged.verdict, judged.proof.as_deref());
        let line = Line::new()
            .add(Tone::Plain, " ")
            .add(tone, symbol)
            .add(Tone::Plain, " ")
            .column(
                Tone::Plain,
                words::label(check.name, output.language),
                LABEL,
            )
            .add(Tone::Plain, detail.pick(output.language));
        output.data(&line)?;
    }
    Ok(())
}

/// Names what was not checked. A verdict that stopped early checked nothing after that.
fn unchecked(output: &Output, verdict: &Verdict) -> Result<(), CommandError> {
    let mut names: Vec<&str> = verdict
        .checks
        .iter()
        .filter(|check| check.result == CheckResult::NotChecked)
        .map(|check| words::label(check.name, output.language))
        .collect();
    let stopped = verdict
        .checks
        .last()
        .is_some_and(|last| last.result == CheckResult::Failed);
    if stopped {
        names.push(output.pick("everything after the failed step", "失败步骤之后的一切"));
    }
    if !names.is_empty() {
        let label = output.pick("not checked: ", "未检查：");
        let names = names.join(output.pick(", ", "、"));
        output.data(
            &Line::new()
                .add(Tone::Careful, label)
                .add(Tone::Plain, &names),
        )?;
    }
    Ok(())
}

/// The sentence with its date.
fn conclusion(output: &Output, verdict: &Verdict, now: BlockTime) -> Line {
    let (tone, symbol) = match verdict.verdict {
        Finding::InForce => (Tone::Good, "✓ "),
        Finding::NotInForce | Finding::False => (Tone::Bad, "✗ "),
        Finding::Undecided => (Tone::Careful, "? "),
    };
    let sentence = words::conclusion(verdict);
    Line::new()
        .add(tone, symbol)
        .add(Tone::Strong, sentence.pick(output.language))
        .add(Tone::Plain, &as_of(output, verdict, now))
}

fn as_of(output: &Output, verdict: &Verdict, now: BlockTime) -> String {
    let Some(as_of) = &verdict.as_of else {
        return String::new();
    };
    let age_ms =
        BlockTime::parse_rfc3339(&as_of.time).map_or(0, |time| now.ms().saturating_sub(time.ms()));
    let (count, en, zh) = duration::age(age_ms);
    output.language.pick(
        format!(
            ", as of block {} at {} ({count} {en} ago)",
            as_of.height, as_of.time
        ),
        format!(
            "，截至区块 #{} {}（{count} {zh}前）",
            as_of.height, as_of.time
        ),
    )
}
