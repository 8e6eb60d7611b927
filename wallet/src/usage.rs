//! What happens when the command line does not parse, and when it asks for help.

use std::io::Write as _;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::language::Text;

/// Prints what the parser has to say, as JSON too where that was asked for.
pub(crate) fn answer(error: &clap::Error) -> Exit {
    // Nobody is left to tell when the stream is closed; the exit code still speaks.
    let _closed = error.print();
    if !error.use_stderr() {
        return Exit::Ok;
    }
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    if wants_json {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        let problem = CommandError::Usage(Text::new(first, first)).problem();
        if let Ok(json) = serde_json::to_value(&problem) {
            let mut json = json;
            json["exit_code"] = Exit::Usage.code().into();
            let _closed = writeln!(std::io::stdout().lock(), "{json}");
        }
    }
    Exit::Usage
}
