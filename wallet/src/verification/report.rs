//! `--report FILE`: what was found of every subject, as a file for spreadsheets or programs.
//!
//! Guards: every subject has its row, those that could not be read as well; the old file stays until
//! the new one is whole.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use piao_chain::proof::{Freshness, Verdict};
use serde::Serialize;

use super::judge::Judged;
use super::refusal::JudgedRefusal;
use super::spreadsheet::{self, Sheet};
use super::statement::JudgedStatement;
use super::words;
use crate::disk::Replacement;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::explain_error::{Report, sentence};
use crate::language::Language;
use crate::output::plain;

/// Where a report goes, and as what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportPath {
    /// The file.
    pub(crate) path: PathBuf,
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Xlsx,
    Json,
}

impl ReportPath {
    /// Reads the path; its ending says the format.
    ///
    /// # Errors
    /// A text for the usage message.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let ending = path.extension().and_then(|ending| ending.to_str());
        let format = match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("csv") => Format::Csv,
            Some("xlsx") => Format::Xlsx,
            Some("json") => Format::Json,
            _ => return Err("a name that ends with .csv, .xlsx or .json".to_owned()),
        };
        Ok(Self { path, format })
    }
}

/// The columns: for programs, and in Chinese for the heading of a spreadsheet.
pub(super) const COLUMNS: [(&str, &str); 21] = [
    ("file", "文件"),
    ("verdict", "结论"),
    ("exit_code", "退出码"),
    ("reason", "原因代码"),
    ("sentence", "说明"),
    ("number", "发票号码"),
    ("account", "销售方账户"),
    ("seller", "销售方名称"),
    ("seller_tax_id", "销售方税号"),
    ("amount", "金额"),
    ("tax", "税额"),
    ("gross", "价税合计"),
    ("issued_on", "开票日期"),
    ("status", "状态"),
    ("original", "所红冲发票"),
    ("red_letter", "最近红字发票"),
    ("red_letter_time", "红冲时间"),
    ("as_of_height", "截至区块"),
    ("as_of_time", "截至时间"),
    ("freshness", "新旧"),
    ("trust_root", "信任根指纹"),
];

/// One row, in the order of [`COLUMNS`].
pub(super) type Row = [String; COLUMNS.len()];

/// A report in the making.
pub(crate) struct ReportWriter {
    path: PathBuf,
    language: Language,
    body: Body,
}

enum Body {
    Csv(Replacement),
    Json {
        file: Replacement,
        first: bool,
    },
    Xlsx {
        file: Replacement,
        sheet: Box<Sheet>,
    },
}

impl ReportWriter {
    /// Begins one.
    ///
    /// # Errors
    /// [`CommandError::File`].
    pub(crate) fn begin(to: &ReportPath, language: Language) -> Result<Self, CommandError> {
        let failed = |source| file_error(&to.path, source);
        let mut file = Replacement::begin(&to.path).map_err(failed)?;
        let body = match to.format {
            Format::Csv => {
                spreadsheet::write_csv_head(&mut file).map_err(failed)?;
                Body::Csv(file)
            }
            Format::Json => Body::Json { file, first: true },
            Format::Xlsx => {
                let sheet = Box::new(Sheet::new(language).map_err(failed)?);
                Body::Xlsx { file, sheet }
            }
        };
        Ok(Self {
            path: to.path.clone(),
            language,
            body,
        })
    }

    /// Adds what was judged.
    ///
    /// # Errors
    /// [`CommandError::File`].
    pub(crate) fn judged(&mut self, judged: &Judged, exit: Exit) -> Result<(), CommandError> {
        self.add(judged, |language| row_of(judged, exit, language))
    }

    /// Adds what a statement came to.
    ///
    /// # Errors
    /// [`CommandError::File`].
    pub(crate) fn statement(&mut self, judged: &JudgedStatement) -> Result<(), CommandError> {
        self.add(judged, |language| statement_row(judged, language))
    }

    /// Adds what a refusal came to.
    ///
    /// # Errors
    /// [`CommandError::File`].
    pub(crate) fn refusal(&mut self, judged: &JudgedRefusal) -> Result<(), CommandError> {
        self.add(judged, |language| refusal_row(judged, language))
    }

    /// Adds what nothing could be said of.
    ///
    /// # Errors
    /// [`CommandError::File`].
    pub(crate) fn failed(
        &mut self,
        error: &CommandError,
        subject: &str,
        exit: Exit,
    ) -> Result<(), CommandError> {
        self.add(&Report::of(error, exit, Some(subject)), |language| {
            failure_row(error, subject, exit, language)
        })
    }

    /// Adds one as the report has it: a value of JSON, or a row of a table.
    fn add(
        &mut self,
        value: &impl Serialize,
        row: impl FnOnce(Language) -> Row,
    ) -> Result<(), CommandError> {
        let added = match &mut self.body {
            Body::Csv(file) => spreadsheet::write_csv_row(file, &row(self.language)),
            Body::Xlsx { sheet, .. } => sheet.add(&row(self.language)),
            Body::Json { file, first } => write_json(file, first, value),
        };
        added.map_err(|source| file_error(&self.path, source))
    }

    /// Puts the report in its place.
    ///
    /// # Errors
    /// [`CommandError::File`].
    pub(crate) fn finish(self) -> Result<(), CommandError> {
        let Self { path, body, .. } = self;
        let finished = match body {
            Body::Csv(file) => file.commit(),
            Body::Json { mut file, first } => {
                let end: &[u8] = if first { b"[]\n" } else { b"\n]\n" };
                file.write_all(end).and_then(|()| file.commit())
            }
            Body::Xlsx { mut file, sheet } => {
                sheet.write_to(&mut file).and_then(|()| file.commit())
            }
        };
        finished.map_err(|source| file_error(&path, source))
    }
}

fn file_error(path: &Path, source: std::io::Error) -> CommandError {
    CommandError::File {
        path: path.to_owned(),
        source,
    }
}

fn write_json(
    file: &mut Replacement,
    first: &mut bool,
    value: &impl Serialize,
) -> std::io::Result<()> {
    file.write_all(if *first { b"[\n" } else { b",\n" })?;
    *first = false;
    serde_json::to_writer(file, value)?;
    Ok(())
}

fn row_of(judged: &Judged, exit: Exit, language: Language) -> Row {
    let verdict: &Verdict = judged.decisive();
    let seller = verdict.seller.as_ref();
    let totals = verdict.totals.as_ref();
    let red = verdict.red_letter.as_ref();
    let as_of = verdict.as_of.as_ref();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    harmless([
        judged.subject.clone(),
        word_of(&verdict.verdict),
        exit.code().to_string(),
        word_of(&verdict.reason),
        words::conclusion(verdict).pick(language).to_owned(),
        text(verdict.number.as_ref()),
        verdict
            .account
            .map_or_else(String::new, |account| account.to_string()),
        text(seller.map(|seller| &seller.name)),
        text(seller.and_then(|seller| seller.tax_id.as_ref())),
        text(totals.map(|totals| &totals.amount)),
        text(totals.map(|totals| &totals.tax)),
        text(totals.map(|totals| &totals.gross)),
        text(verdict.issued_at.as_ref()),
        verdict.status.unwrap_or_default().to_owned(),
        text(verdict.original.as_ref()),
        text(red.map(|red| &red.number)),
        text(red.map(|red| &red.time)),
        as_of.map_or_else(String::new, |as_of| as_of.height.to_string()),
        text(as_of.map(|as_of| &as_of.time)),
        as_of.map_or_else(String::new, |as_of| word_of::<Freshness>(&as_of.freshness)),
        text(verdict.trust_root.as_ref()),
    ])
}

fn statement_row(judged: &JudgedStatement, language: Language) -> Row {
    let verdict = &judged.verdict;
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let (en, zh) = verdict.reason.text();
    let as_of = verdict.as_of.as_ref();
    let account = verdict.account.map(|account| account.to_string());
    let height = as_of.map(|as_of| as_of.height.to_string());
    let mut row = Row::default();
    for (name, cell) in [
        ("file", judged.subject.clone()),
        ("verdict", word_of(&verdict.verdict)),
        ("exit_code", judged.exit().code().to_string()),
        ("reason", word_of(&verdict.reason)),
        ("sentence", language.pick(en, zh).to_owned()),
        ("number", text(verdict.number.as_ref())),
        ("account", account.unwrap_or_default()),
        ("seller_tax_id", text(verdict.tax_id.as_ref())),
        ("as_of_height", height.unwrap_or_default()),
        ("as_of_time", text(as_of.map(|as_of| &as_of.time))),
        ("trust_root", text(verdict.trust_root.as_ref())),
    ] {
        let at = COLUMNS.iter().position(|(column, _)| *column == name);
        if let Some(place) = at.and_then(|at| row.get_mut(at)) {
            *place = cell;
        }
    }
    harmless(row)
}

fn refusal_row(judged: &JudgedRefusal, language: Language) -> Row {
    let verdict = &judged.verdict;
    let as_of = verdict.as_of.as_ref();
    let account = verdict.account.map(|account| account.to_string());
    let height = as_of.map(|as_of| as_of.height.to_string());
    let mut row = Row::default();
    for (name, cell) in [
        ("file", judged.subject.clone()),
        ("verdict", word_of(&verdict.verdict)),
        ("exit_code", judged.exit().code().to_string()),
        ("reason", word_of(&verdict.reason)),
        ("sentence", judged.sentence().pick(language).to_owned()),
        ("account", account.unwrap_or_default()),
        ("as_of_height", height.unwrap_or_default()),
        (
            "as_of_time",
            as_of.map_or_else(String::new, |as_of| as_of.time.clone()),
        ),
        ("trust_root", verdict.trust_root.clone().unwrap_or_default()),
    ] {
        let at = COLUMNS.iter().position(|(column, _)| *column == name);
        if let Some(place) = at.and_then(|at| row.get_mut(at)) {
            *place = cell;
        }
    }
    harmless(row)
}

fn failure_row(error: &CommandError, subject: &str, exit: Exit, language: Language) -> Row {
    let mut row = Row::default();
    row[0] = subject.to_owned();
    // No verdict was reached, which is less than an undecided one.
    row[2] = exit.code().to_string();
    row[3] = error.code().to_owned();
    row[4] = sentence(error).pick(language).to_owned();
    harmless(row)
}

/// Cells without characters that steer whoever shows them.
fn harmless(row: Row) -> Row {
    row.map(|cell| plain(&cell).into_owned())
}

/// The word that JSON has for a value.
fn word_of<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_format() {
        for (name, format) in [
            ("a.csv", Format::Csv),
            ("b/A.XLSX", Format::Xlsx),
            ("c.json", Format::Json),
        ] {
            assert_eq!(ReportPath::parse(name).unwrap().format, format, "{name}");
        }
        for name in ["a", "a.xls", "csv", ".csv", ""] {
            assert!(ReportPath::parse(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_report_of_nothing_is_an_empty_list_and_an_unfinished_one_leaves_the_old() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.json");
        std::fs::write(&path, "old").unwrap();
        let to = ReportPath::parse(path.to_str().unwrap()).unwrap();
        drop(ReportWriter::begin(&to, Language::En).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        ReportWriter::begin(&to, Language::En)
            .unwrap()
            .finish()
            .unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "[]\n");
    }
}
