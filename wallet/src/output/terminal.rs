//! The two streams and how they are used.
//!
//! Guards: stdout carries data and nothing else, so that it can be piped; with `--json` it carries
//! JSON and nothing else. A reader that went away (`| head`) ends the command without a panic.

use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use serde::Serialize;

use super::plain::escaped;
use super::{Line, plain};
use crate::language::Language;

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    fn is_on(self, terminal: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => {
                let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                terminal && !refused
            }
        }
    }
}

/// Where a command's words go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// Language for people.
    pub(crate) language: Language,
    /// Whether stdout carries JSON.
    pub(crate) json: bool,
    /// Whether talk is left out.
    pub(crate) quiet: bool,
    colour: ColourOf,
}

/// Which streams carry colour.
#[derive(Clone, Copy, Debug)]
struct ColourOf {
    out: bool,
    err: bool,
}

impl Output {
    /// Looks at the streams once.
    #[must_use]
    pub(crate) fn new(language: Language, json: bool, quiet: bool, colour: Colour) -> Self {
        Self {
            language,
            json,
            quiet,
            colour: ColourOf {
                out: colour.is_on(io::stdout().is_terminal()),
                err: colour.is_on(io::stderr().is_terminal()),
            },
        }
    }

    /// Picks one of two texts by language.
    #[must_use]
    pub(crate) fn pick<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        self.language.pick(en, zh)
    }

    /// Writes a line of data.
    ///
    /// # Errors
    /// When stdout is closed or full.
    pub(crate) fn data(&self, line: &Line) -> io::Result<()> {
        writeln!(io::stdout().lock(), "{}", line.render(self.colour.out))
    }

    /// Writes one JSON value on one line.
    ///
    /// # Errors
    /// When stdout is closed or full.
    pub(crate) fn json(&self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        writeln!(io::stdout().lock(), "{}", escaped(&text))
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// When stdout is closed or full.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// Whether stdout is a terminal, where bytes of a file would be noise.
    #[must_use]
    pub(crate) fn is_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Says something to people; left out with `--quiet`.
    pub(crate) fn talk(&self, line: &Line) {
        if !self.quiet {
            self.complain(line);
        }
    }

    /// Shows how far a long work is, on a line of stderr that the next one overwrites; an empty text
    /// takes it away. Nothing unless people watch stderr, and not stdout itself.
    pub(crate) fn progress(&self, text: &str) {
        let watched = io::stderr().is_terminal() && !io::stdout().is_terminal();
        if watched && !self.quiet && !self.json {
            // Nobody is left to tell when stderr is closed.
            let _closed = write!(io::stderr().lock(), "\r\u{1b}[K{}", plain(text));
        }
    }

    /// Says something to people even with `--quiet`: a failure or a danger.
    pub(crate) fn complain(&self, line: &Line) {
        // Nobody is left to tell when stderr is closed; the exit code still speaks.
        let _closed = writeln!(io::stderr().lock(), "{}", line.render(self.colour.err));
    }
}
