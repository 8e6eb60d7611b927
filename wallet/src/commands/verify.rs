//! `piao verify`: judges proofs, offline unless a number or `--online` asks for the node.
//!
//! Guards: exit 0 only if every proof is genuine and in force; the worst one decides.

use std::path::{Path, PathBuf};

use clap::Args;
use piao_api::backend::{ProofForm, Show};
use piao_chain::proof::is_statement;

use crate::clock;
use crate::context::{Context, input_error};
use crate::duration;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::explain_error;
use crate::node::Node;
use crate::output::{Line, Tone};
use crate::trust;
use crate::verification::{self, Judge, Judged, JudgedStatement};

/// Arguments of `piao verify`.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Proof files, directories of them, or numbers of invoices to fetch from the node
    #[arg(required = true, value_name = "FILE|DIR|NUMBER")]
    subjects: Vec<PathBuf>,
    /// Trust root (default: piao/trust-root.json in the configuration directory, if it is there)
    #[arg(long, value_name = "FILE", env = "PIAO_TRUST")]
    trust: Option<PathBuf>,
    /// Oldest proof that may count as in force, for instance 30d or 12h (default: 7d)
    #[arg(long, value_name = "D", value_parser = duration::parse_ms)]
    max_age: Option<u64>,
    /// Ask the node for today's proof too, and judge that as well
    #[arg(long)]
    online: bool,
}

/// One thing to judge.
enum Subject {
    File(PathBuf),
    Number(String),
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &VerifyArgs) -> Result<Exit, CommandError> {
    let default = context.directories.trust_root.as_deref();
    let judge = Judge {
        root: trust::load(args.trust.as_deref(), default)?,
        now: clock::now(),
        max_age_ms: args.max_age,
    };
    let mut court = Court {
        context,
        judge,
        node: None,
        online: args.online,
        many: false,
    };
    let mut worst = Exit::Ok;
    let mut subjects = Vec::new();
    for given in &args.subjects {
        match expand(given) {
            Ok(found) => subjects.extend(found),
            Err(error) => worst = worst.worse(court.report(&error, &given.display().to_string())),
        }
    }
    court.many = args.subjects.len() > 1 || subjects.len() > 1;
    for subject in &subjects {
        worst = worst.worse(court.handle(subject)?);
    }
    if court.many {
        let count = subjects.len().to_string();
        let text = context
            .output
            .pick(" judged, the worst: exit ", " 份已判断，最差：退出码 ");
        let code = worst.code().to_string();
        context.output.talk(
            &Line::of(&count)
                .add(Tone::Plain, text)
                .add(Tone::Strong, &code),
        );
    }
    Ok(worst)
}

/// What the user named: a number, every proof of a directory, or a file.
fn expand(given: &Path) -> Result<Vec<Subject>, CommandError> {
    if let Some(number) = given
        .to_str()
        .and_then(|text| crate::cli::number(text).ok())
    {
        return Ok(vec![Subject::Number(number)]);
    }
    let metadata = std::fs::metadata(given).map_err(|source| input_error(given, source))?;
    if metadata.is_dir() {
        let found = verification::proofs_below(given)?;
        Ok(found.into_iter().map(Subject::File).collect())
    } else {
        Ok(vec![Subject::File(given.to_owned())])
    }
}

/// What every judgement of one call shares.
struct Court<'a> {
    context: &'a Context,
    judge: Judge,
    node: Option<Node>,
    online: bool,
    many: bool,
}

impl Court<'_> {
    /// Judges one thing and shows what came of it. Only a lost stdout or the user ends the whole.
    fn handle(&mut self, subject: &Subject) -> Result<Exit, CommandError> {
        let name = match subject {
            Subject::File(path) => path.display().to_string(),
            Subject::Number(number) => number.clone(),
        };
        if let Subject::File(path) = subject
            && let Some(exit) = self.handle_statement(path, &name)?
        {
            return Ok(exit);
        }
        let judged = match subject {
            Subject::File(path) => self.judge_file(path, &name),
            Subject::Number(number) => self.fetch(number),
        };
        let judged = match judged {
            Ok(judged) => judged,
            Err(CommandError::Interrupted) => return Err(CommandError::Interrupted),
            Err(error) => return Ok(self.report(&error, &name)),
        };
        // A number's proof is today's already.
        let asks = self.online && matches!(subject, Subject::File(_));
        let (judged, missing) = if asks {
            self.ask_node(judged)?
        } else {
            (judged, Exit::Ok)
        };
        let exit = judged.exit().worse(missing);
        let (output, now) = (&self.context.output, self.judge.now);
        if output.json {
            output.json(&judged)?;
        } else if self.many {
            output.data(&verification::summary(output, &judged, now, exit))?;
        } else {
            verification::show(output, &judged, now, exit)?;
        }
        Ok(exit)
    }

    /// Judges a file that is a statement about a number or an account; `None` for any other.
    fn handle_statement(&self, path: &Path, name: &str) -> Result<Option<Exit>, CommandError> {
        let bytes = verification::read_proof_file(path);
        let bytes = bytes.ok().filter(|bytes| is_statement(bytes));
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let judged = JudgedStatement::of(&self.judge, name, &bytes);
        let output = &self.context.output;
        if output.json {
            output.json(&judged)?;
        } else if self.many {
            output.data(&verification::statement_summary(output, &judged))?;
        } else {
            verification::show_statement(output, &judged)?;
        }
        Ok(Some(judged.exit()))
    }

    fn judge_file(&self, path: &Path, name: &str) -> Result<Judged, CommandError> {
        let bytes = verification::read_proof_file(path)?;
        Ok(self.judge.judge(name, &bytes))
    }

    /// Fetches today's proof of an invoice and judges it. A proof of another invoice is refused,
    /// however genuine.
    fn fetch(&mut self, number: &str) -> Result<Judged, CommandError> {
        let node = match self.node.take() {
            Some(node) => node,
            None => Node::open(&self.context.globals)?,
        };
        let node = self.node.insert(node);
        let call = node.client.proof(number, ProofForm::Binary, &Show::Nothing);
        let reply = node.wait(call)?;
        let judged = self.judge.judge(number, &reply.bytes);
        match &judged.verdict.number {
            Some(got) if got != number => Err(CommandError::OtherInvoice {
                asked: number.to_owned(),
                got: got.clone(),
            }),
            _ => Ok(judged),
        }
    }

    /// Adds the node's word of today, if the proof got far enough to have a number. A node that
    /// cannot be asked leaves the question open, which is not a success.
    fn ask_node(&mut self, judged: Judged) -> Result<(Judged, Exit), CommandError> {
        let Some(number) = judged.verdict.number.clone() else {
            return Ok((judged, Exit::Ok));
        };
        match self.fetch(&number) {
            Ok(today) if judged.is_same_invoice(&today) => {
                Ok((judged.with_online(today), Exit::Ok))
            }
            Ok(_other) => {
                let error = CommandError::OtherInvoice {
                    asked: number.clone(),
                    got: number,
                };
                let exit = self.complain(&error, &judged.subject);
                Ok((judged, exit))
            }
            Err(CommandError::Interrupted) => Err(CommandError::Interrupted),
            Err(error) => {
                let exit = self.complain(&error, &judged.subject);
                Ok((judged, exit))
            }
        }
    }

    /// Reports a failure on stderr and, as JSON, in the place of the verdict.
    fn report(&self, error: &CommandError, subject: &str) -> Exit {
        explain_error::report(&self.context.output, error, Some(subject));
        Self::exit_of(error)
    }

    /// Reports a failure on stderr alone: the verdict stands on stdout.
    fn complain(&self, error: &CommandError, subject: &str) -> Exit {
        let mut output = self.context.output;
        output.json = false;
        explain_error::report(&output, error, Some(subject));
        Self::exit_of(error)
    }

    /// A file that is there and cannot be read leaves its question undecided.
    fn exit_of(error: &CommandError) -> Exit {
        match error {
            CommandError::File { .. } => Exit::Undecided,
            other => other.exit(),
        }
    }
}
