//! `piaod doctor`: looks at a stopped node's data and says in one line each what is wrong and the
//! way out.
//!
//! Guards: it changes nothing on disk, and it keeps a node from starting while it looks. `--deep`
//! reads everything: every record, every block executed again to what was journalled, every value of
//! the state, every document.
//!
//! | file | what it examines |
//! |---|---|
//! | `network` | unlock secret, keys, genesis, trust root |
//! | `blocks`, `replay` | the block journal; executing it again |
//! | `log` | the engine's log against the journal |
//! | `state` | the state store, on a copy |
//! | `desk` | desk journal and documents |
//! | `space` | room on the disk |
//! | `finding`, `language` | what a finding is, and how it is said |

mod blocks;
mod desk;
mod finding;
mod language;
mod log;
mod network;
mod replay;
mod space;
mod state;

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::config::Settings;
use crate::journal::{self, JournalError};
pub use finding::{Finding, Severity, WayOut};
pub use language::{Language, Text};
pub use state::probe;

/// How to examine.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Everything, not only what a start looks at.
    pub deep: bool,
    /// The program that opens a copy of the state in a process of its own, where a panic ends the
    /// process. Without it the copy is opened here.
    pub program: Option<PathBuf>,
}

/// Why nothing could be examined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DoctorError {
    /// There is nothing.
    #[error("{0} holds no network: name the data directory with --data")]
    NoNetwork(String),
    /// A node runs on it.
    #[error("a node is running on {0}: stop it first")]
    Running(String),
    /// The journal's folder can't be read at all.
    #[error(transparent)]
    Journal(JournalError),
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The data directory.
    pub data: PathBuf,
    /// Findings, in the order of the parts.
    pub findings: Vec<Finding>,
    /// Height of the block journal up to which everything is whole.
    pub height: u64,
    /// Records of the desk that hold.
    pub desk_records: u64,
    /// Whether everything was read.
    pub is_deep: bool,
}

impl Report {
    /// Findings that count: notes do not.
    #[must_use]
    pub fn count(&self) -> usize {
        let counts = |finding: &&Finding| finding.severity > Severity::Note;
        self.findings.iter().filter(counts).count()
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| finding.json(&self.data))
            .collect();
        json!({
            "healthy": self.count() == 0,
            "deep": self.is_deep,
            "height": self.height,
            "desk_records": self.desk_records,
            "findings": findings,
        })
    }

    /// The lines, the last one says what it comes to.
    #[must_use]
    pub fn lines(&self, language: Language) -> Vec<String> {
        let mut lines: Vec<String> = self
            .findings
            .iter()
            .map(|finding| finding.line(&self.data, language))
            .collect();
        let (height, records) = (self.height, self.desk_records);
        let count = self.count();
        let depth = Text::new(
            if self.is_deep {
                "everything was read"
            } else {
                "--deep reads everything"
            },
            if self.is_deep {
                "已全部读取"
            } else {
                "用 --deep 读取全部内容"
            },
        );
        let verdict = if count == 0 {
            Text::new("healthy".to_owned(), "健康".to_owned())
        } else {
            Text::new(format!("{count} findings"), format!("发现 {count} 处问题"))
        };
        lines.push(match language {
            Language::En => format!(
                "{}: height {height}, {records} desk records; {}",
                verdict.en, depth.en
            ),
            Language::Zh => format!(
                "{}：高度 {height}，柜台记录 {records} 条；{}",
                verdict.zh, depth.zh
            ),
        });
        lines
    }
}

/// Examines a stopped node's data. `progress` is told the height reached and the one to reach.
///
/// # Errors
/// [`DoctorError`]; whatever is wrong with the data is no error but a finding.
pub fn examine(
    settings: &Settings,
    options: &Options,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, DoctorError> {
    let data = &settings.data;
    let name = || data.display().to_string();
    if !data.join("genesis").exists() && !data.join("blocks").exists() {
        return Err(DoctorError::NoNetwork(name()));
    }
    let _held = match journal::hold(&data.join("blocks")) {
        Err(JournalError::Locked { .. }) => return Err(DoctorError::Running(name())),
        held => held.map_err(DoctorError::Journal)?,
    };
    let mut report = Report {
        data: data.clone(),
        is_deep: options.deep,
        ..Report::default()
    };
    let findings = &mut report.findings;
    space::examine(settings, findings);
    let network = network::examine(settings, findings);
    if let Some(genesis) = &network.genesis {
        // First, because the blocks are compared with what it holds.
        let state = state::examine(settings, genesis, options, findings);
        let blocks = blocks::examine(settings, genesis, options.deep, state, progress, findings);
        if let Some(blocks) = &blocks {
            report.height = blocks.tip;
            if let Some(me) = &network.me {
                log::examine(settings, genesis, me, blocks, findings);
            }
        }
    }
    if let Some(master) = &network.master {
        report.desk_records = desk::examine(settings, master, options.deep, findings);
    }
    Ok(report)
}
