//! Where a passphrase comes from: a file, or a person at a terminal. Never the command line, which
//! every process on the machine can read.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::disk;
use crate::hardening;
use crate::language::{Language, Text};

/// Characters of a new passphrase, at least.
pub(crate) const PASSPHRASE_CHARS_MIN: usize = 8;
/// Bytes of a passphrase, at most.
const PASSPHRASE_BYTES_MAX: usize = 1024;

/// Why there is no passphrase.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum PassphraseError {
    /// Nobody to ask and no file.
    #[error("no passphrase: there is no terminal to ask at")]
    NobodyToAsk,
    /// Too short for a new key.
    #[error("the passphrase has fewer than {PASSPHRASE_CHARS_MIN} characters")]
    TooShort,
    /// Typed differently the second time.
    #[error("the two passphrases differ")]
    Differ,
    /// Not text.
    #[error("the passphrase is not UTF-8 text")]
    NotText,
    /// The file cannot be read.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The terminal cannot be read.
    #[error("terminal: {0}")]
    Terminal(#[source] io::Error),
}

impl PassphraseError {
    /// The same for people, in both languages.
    #[must_use]
    pub(crate) fn text(&self) -> Text {
        let zh = match self {
            Self::NobodyToAsk => "没有口令，也没有终端可以询问".to_owned(),
            Self::TooShort => format!("口令少于 {PASSPHRASE_CHARS_MIN} 个字符"),
            Self::Differ => "两次输入的口令不一致".to_owned(),
            Self::NotText => "口令不是 UTF-8 文本".to_owned(),
            Self::File { path, source } => format!("{}：{source}", path.display()),
            Self::Terminal(source) => format!("终端：{source}"),
        };
        Text::new(self.to_string(), zh)
    }

    /// What to do about it, in both languages.
    #[must_use]
    pub(crate) fn advice(&self) -> Text {
        Text::new(
            "give --passphrase-file FILE or set PIAO_PASSPHRASE_FILE",
            "请给出 --passphrase-file 文件，或设置 PIAO_PASSPHRASE_FILE",
        )
    }
}

/// What the passphrase is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A new key: asked twice, and not too short.
    New,
    /// A key that exists.
    Open,
}

/// Reads a passphrase from the file, or asks for it at the terminal.
///
/// # Errors
/// [`PassphraseError`]; see its variants.
pub(crate) fn read(
    file: Option<&Path>,
    purpose: Purpose,
    language: Language,
) -> Result<Zeroizing<String>, PassphraseError> {
    let passphrase = match file {
        Some(path) => from_file(path)?,
        None => ask(purpose, language)?,
    };
    hardening::forbid_core_dumps();
    if purpose == Purpose::New && passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(PassphraseError::TooShort);
    }
    Ok(passphrase)
}

/// The first line of a file is not enough: the whole content counts, less one line end.
fn from_file(path: &Path) -> Result<Zeroizing<String>, PassphraseError> {
    let bytes = disk::read_bounded(path, PASSPHRASE_BYTES_MAX)
        .map(Zeroizing::new)
        .map_err(|source| PassphraseError::File {
            path: path.to_owned(),
            source,
        })?;
    let text = std::str::from_utf8(&bytes).map_err(|_utf8| PassphraseError::NotText)?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(Zeroizing::new(text.to_owned()))
}

fn ask(purpose: Purpose, language: Language) -> Result<Zeroizing<String>, PassphraseError> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(PassphraseError::NobodyToAsk);
    }
    let prompt = |text: &str| {
        rpassword::prompt_password(text)
            .map(Zeroizing::new)
            .map_err(PassphraseError::Terminal)
    };
    let passphrase = prompt(language.pick("Passphrase: ", "口令："))?;
    if purpose == Purpose::New {
        let again = prompt(language.pick("Once more: ", "再输一次："))?;
        if *again != *passphrase {
            return Err(PassphraseError::Differ);
        }
    }
    Ok(passphrase)
}
