//! One finding is one line: how bad, where, what, and the way out as a command.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::language::{Language, Text};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The next start sees to it by itself; no finding for the exit code.
    Note,
    /// The node runs, but an operator should know.
    Warning,
    /// The node does not start, or would refuse to serve this.
    Damage,
}

impl Severity {
    fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Note, Language::En) => "note",
            (Self::Note, Language::Zh) => "提示",
            (Self::Warning, Language::En) => "warning",
            (Self::Warning, Language::Zh) => "警告",
            (Self::Damage, Language::En) => "damage",
            (Self::Damage, Language::Zh) => "损坏",
        }
    }
}

/// What an operator can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayOut {
    /// Put copies of these back, from a backup.
    PutBack(Vec<PathBuf>),
    /// `piaod reindex`.
    Reindex,
    /// `piaod run --accept-loss`, which gives up these heights; none when `from` is above `to`.
    AcceptLoss {
        /// First height.
        from: u64,
        /// Last height.
        to: u64,
    },
    /// Start the node: it sees to it.
    Start,
    /// Let nobody but the owner read a file.
    Chmod(PathBuf),
    /// Give the right unlock secret.
    Unlock,
    /// Make room on the disk of a folder.
    FreeSpace(PathBuf),
}

impl WayOut {
    /// Its name for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PutBack(_) => "put_back",
            Self::Reindex => "reindex",
            Self::AcceptLoss { .. } => "accept_loss",
            Self::Start => "start",
            Self::Chmod(_) => "chmod",
            Self::Unlock => "unlock",
            Self::FreeSpace(_) => "free_space",
        }
    }

    fn text(&self, data: &Path, language: Language) -> String {
        let data = data.display();
        let is_en = language == Language::En;
        match self {
            Self::PutBack(files) => {
                let names: Vec<String> = files.iter().map(|f| f.display().to_string()).collect();
                let names = names.join(", ");
                if is_en {
                    format!("put back a copy of {names} from a backup")
                } else {
                    format!("从备份放回 {names} 的副本")
                }
            }
            Self::Reindex if is_en => format!("run `piaod reindex --data {data}`"),
            Self::Reindex => format!("执行 `piaod reindex --data {data}`"),
            Self::AcceptLoss { from, to } => {
                let command = format!("piaod run --data {data} --accept-loss");
                match (is_en, to < from) {
                    (true, true) => format!(
                        "run `{command}`, which gives up what can't be read, but no decided height"
                    ),
                    (true, false) => {
                        format!("run `{command}`, which gives up heights {from}–{to} for good")
                    }
                    (false, true) => {
                        format!("执行 `{command}`，放弃无法读取的内容，但不放弃任何已确定的高度")
                    }
                    (false, false) => format!("执行 `{command}`，永久放弃高度 {from}–{to}"),
                }
            }
            Self::Start if is_en => "start the node, which sees to it".to_owned(),
            Self::Start => "启动节点即可自行处理".to_owned(),
            Self::Chmod(file) if is_en => format!("run `chmod 600 {}`", file.display()),
            Self::Chmod(file) => format!("执行 `chmod 600 {}`", file.display()),
            Self::Unlock if is_en => "give the right secret with --unlock-file FILE".to_owned(),
            Self::Unlock => "用 --unlock-file FILE 给出正确的解锁密钥".to_owned(),
            Self::FreeSpace(folder) if is_en => {
                format!("free some space on the disk of {}", folder.display())
            }
            Self::FreeSpace(folder) => format!("在 {} 所在磁盘上腾出空间", folder.display()),
        }
    }

    fn json(&self, data: &Path) -> Value {
        let mut value = json!({ "way_out": self.name(), "text": self.text(data, Language::En) });
        match self {
            Self::PutBack(files) => value["files"] = json!(files),
            Self::AcceptLoss { from, to } if from <= to => {
                value["from"] = json!(from);
                value["to"] = json!(to);
            }
            Self::Chmod(file) | Self::FreeSpace(file) => value["file"] = json!(file),
            _ => {}
        }
        value
    }
}

/// Something an operator should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What was examined: `keys`, `genesis`, `blocks`, `log`, `state`, `desk`, `space`.
    pub part: &'static str,
    /// In which file.
    pub file: Option<PathBuf>,
    /// At which byte.
    pub offset: Option<u64>,
    /// After which height.
    pub height: Option<u64>,
    /// What.
    pub what: Text,
    /// What can be done; the first is the best.
    pub ways_out: Vec<WayOut>,
}

impl Finding {
    /// A finding without a place.
    pub(super) fn new(severity: Severity, part: &'static str, what: Text) -> Self {
        Self {
            severity,
            part,
            file: None,
            offset: None,
            height: None,
            what,
            ways_out: Vec::new(),
        }
    }

    /// In a file.
    pub(super) fn file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }

    /// At a byte.
    pub(super) fn offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// After a height.
    pub(super) fn height(mut self, height: u64) -> Self {
        self.height = Some(height);
        self
    }

    /// With a way out, after those it has.
    pub(super) fn way(mut self, way_out: WayOut) -> Self {
        self.ways_out.push(way_out);
        self
    }

    /// The line.
    #[must_use]
    pub fn line(&self, data: &Path, language: Language) -> String {
        let is_en = language == Language::En;
        let (colon, stop, or) = if is_en {
            (": ", "; ", ", or ")
        } else {
            ("：", "；", "，或者")
        };
        let mut line = self.severity.text(language).to_owned();
        line.push_str(colon);
        if let Some(file) = &self.file {
            line.push_str(&file.display().to_string());
            if let Some(offset) = self.offset {
                line.push_str(&format!(":{offset}"));
            }
            if let Some(height) = self.height {
                line.push_str(&if is_en {
                    format!(" (after height {height})")
                } else {
                    format!("（高度 {height} 之后）")
                });
            }
            line.push_str(colon);
        }
        line.push_str(self.what.pick(language));
        let ways: Vec<String> = self
            .ways_out
            .iter()
            .map(|way| way.text(data, language))
            .collect();
        if !ways.is_empty() {
            line.push_str(stop);
            line.push_str(&ways.join(or));
        }
        line.replace('\n', " ")
    }

    /// For programs.
    pub(super) fn json(&self, data: &Path) -> Value {
        let ways: Vec<Value> = self.ways_out.iter().map(|way| way.json(data)).collect();
        json!({
            "severity": self.severity.text(Language::En),
            "part": self.part,
            "file": self.file,
            "offset": self.offset,
            "height": self.height,
            "what": { "en": self.what.en, "zh": self.what.zh },
            "line": self.line(data, Language::En),
            "ways_out": ways,
        })
    }
}
