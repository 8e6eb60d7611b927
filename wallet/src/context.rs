//! What a command works with.

use std::path::{Path, PathBuf};

use crate::cli::Globals;
use crate::error::CommandError;
use crate::keystore::Keystore;
use crate::language::Language;
use crate::output::Output;
use crate::paths::Directories;

/// The options every command understands, and what follows from them.
#[derive(Debug)]
pub(crate) struct Context {
    /// As given.
    pub(crate) globals: Globals,
    /// Where words go.
    pub(crate) output: Output,
    /// Where files lie.
    pub(crate) directories: Directories,
}

impl Context {
    /// Looks at the environment once.
    #[must_use]
    pub(crate) fn new(globals: Globals) -> Self {
        let language = globals.lang.unwrap_or_else(Language::of_environment);
        let output = Output::new(language, globals.json, globals.quiet, globals.color);
        Self {
            globals,
            output,
            directories: Directories::of_environment(),
        }
    }

    /// The store of this user's keys.
    ///
    /// # Errors
    /// [`CommandError::NoDirectory`].
    pub(crate) fn keystore(&self) -> Result<Keystore, CommandError> {
        let dir = self.directories.keys.clone();
        dir.map(Keystore::new)
            .ok_or(CommandError::NoDirectory("--key FILE"))
    }

    /// The directory of the journal.
    ///
    /// # Errors
    /// [`CommandError::NoDirectory`].
    pub(crate) fn state_dir(&self) -> Result<PathBuf, CommandError> {
        let dir = self
            .globals
            .state
            .clone()
            .or_else(|| self.directories.state.clone());
        dir.ok_or(CommandError::NoDirectory("--state DIR"))
    }
}

/// The error of a file that was named as input.
#[must_use]
pub(crate) fn input_error(path: &Path, source: std::io::Error) -> CommandError {
    if source.kind() == std::io::ErrorKind::NotFound {
        CommandError::NoSuchFile(path.to_owned())
    } else {
        CommandError::File {
            path: path.to_owned(),
            source,
        }
    }
}
