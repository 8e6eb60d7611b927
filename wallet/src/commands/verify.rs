//! `piao verify`: judges proofs, offline unless a number or `--online` asks for the node.
//!
//! Guards: exit 0 only if every file is the proof of an invoice, genuine and in force; the worst one
//! decides, and what could not be read is never passed over. A statement that holds proves no invoice:
//! it is exit 6 for whoever did not ask for statements.

use std::path::{Path, PathBuf};

use clap::Args;
use piao_api::backend::{ProofForm, Show};
use piao_chain::proof::{Reason, is_refusal, is_statement};

use crate::clock;
use crate::context::{Context, input_error};
use crate::duration;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::explain_error;
use crate::node::Node;
use crate::output::Line;
use crate::trust;
use crate::verification::{
    self, Found, Judge, Judged, JudgedRefusal, JudgedStatement, ReportPath, ReportWriter, Subject,
    Tally, Workers,
};

/// Printed below `piao verify --help`.
const AFTER_HELP: &str = "\
Of several, the worst decides the exit code: 5 (false) before 9 (genuine but not in force) before
6 (cannot decide), then 8 and 4 (could not be asked, not found), then 0. A file of a directory that
holds no proof, or can not be read, is reported and counts as 6; hidden files are left out.

A statement (that a number is not issued, that a list is whole) proves no invoice. One that holds
counts as 6 too, so that nothing is paid on it; with --statements it counts as 0.

A report for spreadsheets is .xlsx, where invoice numbers stay text; .csv and .json are for programs.

Examples:
  piao verify invoice.pdf --trust trust-root.json && echo pay
  piao verify 2026-11/ --trust trust-root.json --report 2026-11.xlsx
  piao verify --statements november.list --trust trust-root.json
  piao --json verify 26427000000000000001 old.proof --online --max-age 30d";

/// Arguments of `piao verify`.
#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct VerifyArgs {
    /// Proof files, PDFs that carry one, directories of them, or numbers of invoices to fetch from
    /// the node
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
    /// Statements are what is asked for: one that holds counts as 0, not as 6
    #[arg(long)]
    statements: bool,
    /// Write what was found of every file to FILE.csv, FILE.xlsx or FILE.json
    #[arg(long, value_name = "FILE", value_parser = ReportPath::parse)]
    report: Option<ReportPath>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &VerifyArgs) -> Result<Exit, CommandError> {
    let default = context.directories.trust_root.as_deref();
    let judge = Judge {
        root: trust::load(args.trust.as_deref(), default)?,
        now: clock::now(),
        max_age_ms: args.max_age,
    };
    let report = args.report.as_ref();
    let report = report.map(|to| ReportWriter::begin(to, context.output.language));
    let own = [
        args.trust.as_deref(),
        args.report.as_ref().map(|to| to.path.as_path()),
    ];
    let mut court = Court {
        context,
        judge,
        workers: Workers::for_subjects(1),
        node: None,
        online: args.online,
        statements: args.statements,
        many: false,
        report: report.transpose()?,
        tally: Tally::default(),
        worst: Exit::Ok,
    };
    let mut subjects = Vec::new();
    for given in &args.subjects {
        match expand(given) {
            Ok(found) => subjects.extend(found.into_iter().filter(|one| !is_own(one, &own))),
            Err(error) => court.fail(&error, &given.display().to_string())?,
        }
    }
    court.many = args.subjects.len() > 1 || subjects.len() > 1;
    court.judge_all(subjects)?;
    court.close()
}

/// What the user named: a number, every file of a directory, or a file.
fn expand(given: &Path) -> Result<Vec<Subject>, CommandError> {
    if let Some(number) = given
        .to_str()
        .and_then(|text| crate::cli::number(text).ok())
    {
        return Ok(vec![Subject::Number(number)]);
    }
    let metadata = std::fs::metadata(given).map_err(|source| input_error(given, source))?;
    if !metadata.is_dir() {
        return Ok(vec![Subject::File(given.to_owned())]);
    }
    let found = verification::files_below(given)?;
    Ok(found
        .into_iter()
        .map(|one| match one {
            Found::File(path) => Subject::Found(path),
            Found::Unreadable(path, source) => Subject::Unreadable(path, source),
        })
        .collect())
}

/// Whether a file of a directory is the trust root or the report of this very call.
fn is_own(subject: &Subject, own: &[Option<&Path>]) -> bool {
    let Subject::Found(path) = subject else {
        return false;
    };
    let mut own = own.iter().flatten();
    own.any(|one| {
        let same_name = one.file_name() == path.file_name();
        let real = |path: &Path| path.canonicalize().ok();
        same_name && real(one).is_some_and(|one| real(path) == Some(one))
    })
}

/// What every judgement of one call shares.
struct Court<'a> {
    context: &'a Context,
    judge: Judge,
    workers: Workers,
    node: Option<Node>,
    online: bool,
    /// Whether statements are asked for.
    statements: bool,
    many: bool,
    report: Option<ReportWriter>,
    tally: Tally,
    worst: Exit,
}

impl Court<'_> {
    /// Judges everything, in order and batch by batch. Only a lost stdout, a report that can not be
    /// written or the user ends the whole.
    fn judge_all(&mut self, mut subjects: Vec<Subject>) -> Result<(), CommandError> {
        let total = subjects.len();
        self.workers = Workers::for_subjects(total);
        let mut done = 0_usize;
        while !subjects.is_empty() {
            let batch: Vec<Subject> = subjects
                .drain(..self.workers.batch().min(subjects.len()))
                .collect();
            let outcomes = self.workers.files(&self.judge, &batch);
            for (subject, outcome) in batch.into_iter().zip(outcomes) {
                self.handle(subject, outcome)?;
                done = done.saturating_add(1);
            }
            if total > self.workers.batch() {
                self.context.output.progress(&format!("{done}/{total}"));
            }
        }
        self.context.output.progress("");
        Ok(())
    }

    /// Shows what came of one thing.
    fn handle(
        &mut self,
        subject: Subject,
        outcome: Option<Result<Judged, CommandError>>,
    ) -> Result<(), CommandError> {
        let name = subject.name();
        // A number's proof is today's already.
        let asks = self.online && subject.is_file();
        let path = match &subject {
            Subject::File(path) | Subject::Found(path) => Some(path.clone()),
            _ => None,
        };
        let outcome = match (outcome, subject) {
            (Some(outcome), _) => outcome,
            (None, Subject::Unreadable(path, source)) => Err(CommandError::File { path, source }),
            (None, _number) => self.fetch(&name),
        };
        let judged = match outcome {
            Ok(judged) => judged,
            Err(CommandError::Interrupted) => return Err(CommandError::Interrupted),
            Err(error) => return self.fail(&error, &name),
        };
        // A statement is a file of another version, so only such a file is looked at again.
        if judged.verdict.reason == Reason::UnknownVersion
            && let Some(path) = path
            && (self.handle_statement(&path, &name)? || self.handle_refusal(&path, &name)?)
        {
            return Ok(());
        }
        let (judged, missing) = if asks {
            self.ask_node(judged)?
        } else {
            (judged, Exit::Ok)
        };
        let exit = judged.exit().worse(missing);
        self.worst = self.worst.worse(exit);
        self.tally.verdict(exit);
        if let Some(report) = &mut self.report {
            report.judged(&judged, exit)?;
        }
        let (output, now) = (&self.context.output, self.judge.now);
        if output.json {
            output.json(&judged)?;
        } else if self.many {
            output.data(&verification::summary(output, &judged, now, exit))?;
        } else {
            verification::show(output, &judged, now, exit)?;
        }
        Ok(())
    }

    /// Judges a file that is a statement about a number or an account; whether it is one.
    fn handle_statement(&mut self, path: &Path, name: &str) -> Result<bool, CommandError> {
        let Ok(given) = verification::read_proof_file(path) else {
            return Ok(false);
        };
        let bytes = verification::proof_bytes(&given);
        if !is_statement(&bytes) {
            return Ok(false);
        }
        let judged = JudgedStatement::of(&self.judge, name, &bytes, self.statements);
        let output = &self.context.output;
        if output.json {
            output.json(&judged)?;
        } else if self.many {
            output.data(&verification::statement_summary(output, &judged))?;
        } else {
            verification::show_statement(output, &judged)?;
        }
        self.worst = self.worst.worse(judged.exit());
        self.tally.statement(&judged);
        if let Some(report) = &mut self.report {
            report.statement(&judged)?;
        }
        Ok(true)
    }

    /// Judges a file that shows a request to be refused; whether it is one.
    fn handle_refusal(&mut self, path: &Path, name: &str) -> Result<bool, CommandError> {
        let bytes = verification::read_proof_file(path);
        let Some(bytes) = bytes.ok().filter(|bytes| is_refusal(bytes)) else {
            return Ok(false);
        };
        let judged = JudgedRefusal::of(&self.judge, name, &bytes);
        let output = &self.context.output;
        if output.json {
            output.json(&judged)?;
        } else if self.many {
            output.data(&verification::refusal_summary(output, &judged))?;
        } else {
            verification::show_refusal(output, &judged)?;
        }
        self.worst = self.worst.worse(judged.exit());
        self.tally.verdict(judged.exit());
        if let Some(report) = &mut self.report {
            report.refusal(&judged)?;
        }
        Ok(true)
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
        let judged = self.workers.judge(&self.judge, number, &reply.bytes);
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

    /// Reports what nothing could be said of: on stderr, in the report and, as JSON, in the place of
    /// the verdict.
    fn fail(&mut self, error: &CommandError, subject: &str) -> Result<(), CommandError> {
        let exit = Self::exit_of(error);
        self.worst = self.worst.worse(exit);
        self.tally.unread();
        let output = &self.context.output;
        output.progress("");
        explain_error::report(output, error, exit, Some(subject));
        if let Some(report) = &mut self.report {
            report.failed(error, subject, exit)?;
        }
        Ok(())
    }

    /// Reports a failure on stderr alone: the verdict stands on stdout.
    fn complain(&self, error: &CommandError, subject: &str) -> Exit {
        explain_error::complain(&self.context.output, error, Some(subject));
        Self::exit_of(error)
    }

    /// A file that is there and cannot be read leaves its question undecided.
    fn exit_of(error: &CommandError) -> Exit {
        match error {
            CommandError::File { .. } => Exit::Undecided,
            other => other.exit(),
        }
    }

    /// Finishes the report and says what it all came to.
    fn close(self) -> Result<Exit, CommandError> {
        if let Some(report) = self.report {
            report.finish()?;
        }
        let output = &self.context.output;
        if self.many {
            let line = self.tally.line(output.language, self.worst);
            output.talk(&Line::of(&line));
        }
        Ok(self.worst)
    }
}
