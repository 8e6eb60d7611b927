//! Telling people and programs why a command failed.
//!
//! Guards: code, name, pointer, found, expected, suggested and the next step of *every* failure
//! are shown; with `--json` the same problem stands on stdout.

use piao_api::client::ClientError;
use piao_api::wire::Problem;
use serde::Serialize;

use crate::advice;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::faults;
use crate::language::Text;
use crate::output::{Line, Output, Tone};

/// What `--json` prints when a command fails.
#[derive(Debug, Serialize)]
pub(crate) struct Report<'a> {
    #[serde(flatten)]
    problem: Problem,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
}

/// Reports a failure on both streams. `subject` names the input it belongs to, where several were
/// given, and `exit` how that ends.
pub(crate) fn report(output: &Output, error: &CommandError, exit: Exit, subject: Option<&str>) {
    if output.json {
        // When stdout is gone, stderr and the exit code still tell.
        let _closed = output.json(&Report::of(error, exit, subject));
    }
    complain(output, error, subject);
}

impl<'a> Report<'a> {
    /// What stands for a failure that ends the command, or its part about `subject`, so.
    pub(crate) fn of(error: &'a CommandError, exit: Exit, subject: Option<&'a str>) -> Self {
        Self {
            problem: error.problem(),
            exit_code: exit.code(),
            idempotency_key: error.idempotency_key(),
            file: subject,
        }
    }
}

/// Reports a failure to people alone.
pub(crate) fn complain(output: &Output, error: &CommandError, subject: Option<&str>) {
    let language = output.language;
    let mut head = Line::new().add(Tone::Bad, "✗ ");
    if let Some(subject) = subject {
        head = head.add(Tone::Strong, subject).add(Tone::Plain, ": ");
    }
    output.complain(&head.add(Tone::Plain, sentence(error).pick(language)));
    let problem = error.problem();
    for failure in &problem.failures {
        faults::show(output, failure);
    }
    if let Some(detail) = detail_of(&problem) {
        output.complain(&Line::new().add(Tone::Plain, "  ").add(Tone::Plain, detail));
    }
    for advice in next_steps(error) {
        let arrow = language.pick("  next: ", "  下一步：");
        output.complain(
            &Line::new()
                .add(Tone::Faint, arrow)
                .add(Tone::Plain, advice.pick(language)),
        );
    }
    if !problem.request_id.is_empty() {
        let label = language.pick("  request ", "  请求编号 ");
        output.complain(
            &Line::new()
                .add(Tone::Faint, label)
                .add(Tone::Faint, &problem.request_id),
        );
    }
}

/// One sentence for people.
pub(crate) fn sentence(error: &CommandError) -> Text {
    let zh = match error {
        CommandError::Keystore(error) => return error.text(),
        CommandError::Passphrase(error) => return error.text(),
        CommandError::Trust(error) => return error.text(),
        CommandError::Unsettled { source, .. } => return sentence(source),
        CommandError::Usage(text) => return text.clone(),
        CommandError::Node(ClientError::Refused { problem, .. })
        | CommandError::Refused(problem) => return refused(problem, error.exit()),
        CommandError::Journal(error) => format!("无法保存请求记录，未发送任何内容：{error}"),
        CommandError::Node(ClientError::Unreachable(why)) => format!("连不上节点：{why}"),
        CommandError::Node(ClientError::BadReply(why)) => format!("节点的答复无法理解：{why}"),
        CommandError::Node(error) => format!("无法使用该节点：{error}"),
        CommandError::Pending(request) => {
            return Text::new(
                format!("the node keeps the request {}, not final yet", request.id),
                format!("节点已受理请求 {}，尚未终局", request.id),
            );
        }
        CommandError::Witness(error) => format!("未见证签名：{error}"),
        CommandError::NoSuchFile(path) => format!("没有这个文件：{}", path.display()),
        CommandError::NoProofs(path) => format!("{} 下没有文件", path.display()),
        CommandError::TooManyProofs { dir, most } => {
            format!("{} 下的文件超过 {most} 个，或目录过深", dir.display())
        }
        CommandError::File { path, source } => format!("{}：{source}", path.display()),
        CommandError::NotAProof { path, why } => format!("{} 不是证明文件：{why}", path.display()),
        CommandError::NoProofInside(path) => format!("{} 里没有证明", path.display()),
        CommandError::SeveralProofs(path) => {
            format!("{} 里有几份不同的证明，无法取舍", path.display())
        }
        CommandError::OtherInvoice { asked, got } => {
            format!("要的是发票 {asked}，节点给的却是 {got} 的证明")
        }
        CommandError::ApiKey { path, source } => {
            format!("接口密钥文件 {}：{source}", path.display())
        }
        CommandError::NoDirectory(option) => format!("不知道文件放在哪里，请给出 {option}"),
        CommandError::UnknownCode { given, .. } => format!("没有失败代码或名称 {given}"),
        CommandError::System(why) => format!("系统：{why}"),
        CommandError::Stdout(source) => format!("无法输出：{source}"),
        CommandError::Interrupted => "已中断".to_owned(),
    };
    Text::new(error.to_string(), zh)
}

/// The heading above the failures of a refused call.
fn refused(problem: &Problem, exit: Exit) -> Text {
    let (en, zh) = match exit {
        Exit::NotFound => ("not found", "未找到"),
        Exit::Limit => ("refused: a fee or a limit", "被拒绝：手续费或限额"),
        Exit::Retry => ("the node cannot do it now", "节点暂时无法办理"),
        _ => ("refused", "被拒绝"),
    };
    match problem.failures.len() {
        0 => Text::new(
            format!("{en}: {} {}", problem.code, problem.title),
            format!("{zh}：{} {}", problem.code, problem.title),
        ),
        1 => Text::new(en, zh),
        count => Text::new(
            format!("{en}, for {count} reasons"),
            format!("{zh}，共 {count} 处"),
        ),
    }
}

/// What the problem says beyond its failures: those that name a member have said it already.
fn detail_of(problem: &Problem) -> Option<&str> {
    let said = match problem.failures.as_slice() {
        [] => false,
        [only] => only.pointer.is_some(),
        _ => true,
    };
    problem.detail.as_deref().filter(|_| !said)
}

/// What to do now.
fn next_steps(error: &CommandError) -> Vec<Text> {
    match error {
        CommandError::Keystore(error) => error.advice().into_iter().collect(),
        CommandError::Passphrase(error) => vec![error.advice()],
        CommandError::Trust(error) => vec![error.advice()],
        CommandError::Unsettled { call, key, source } => {
            let mut steps = next_steps(source);
            steps.push(advice::resume(*call, key));
            steps
        }
        CommandError::Node(ClientError::Unreachable(_)) => vec![Text::new(
            "see that the node runs and that --node (or PIAO_NODE) names it; asking again is safe",
            "请确认节点在运行，且 --node（或 PIAO_NODE）指向它；再试一次是安全的",
        )],
        CommandError::Node(ClientError::Refused { status: 401, .. }) => vec![Text::new(
            "give the desk's key with --api-key-file FILE or PIAO_API_KEY_FILE",
            "请用 --api-key-file 文件 或 PIAO_API_KEY_FILE 给出接口密钥",
        )],
        CommandError::Node(ClientError::Refused {
            retry_after: Some(seconds),
            ..
        }) => {
            vec![Text::new(
                format!("ask again in {seconds} s"),
                format!("请在 {seconds} 秒后再试"),
            )]
        }
        CommandError::NoProofInside(_) => vec![Text::new(
            "ask the seller for the .proof file, or give the invoice's number",
            "请向销售方索取 .proof 文件，或直接给出发票号码",
        )],
        CommandError::UnknownCode { near, .. } if near.is_empty() => vec![Text::new(
            "codes look like E1205, names like LINE_TAX_MISMATCH",
            "代码形如 E1205，名称形如 LINE_TAX_MISMATCH",
        )],
        CommandError::UnknownCode { near, .. } => near
            .iter()
            .map(|meant| {
                Text::new(
                    format!("did you mean {meant}?"),
                    format!("是不是 {meant}？"),
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}
