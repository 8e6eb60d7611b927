//! `piao invoice download`: an invoice as a file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use piao_api::backend::{ProofForm, Show};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::cli;
use crate::context::Context;
use crate::disk;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::language::Text;
use crate::node::Node;
use crate::output::{Line, Output, Tone};

/// Arguments of `piao invoice download`.
#[derive(Debug, Args)]
pub(crate) struct DownloadArgs {
    /// Number of the invoice, 20 digits
    #[arg(value_parser = cli::number)]
    number: String,
    /// Which file
    #[arg(long)]
    format: Format,
    /// Where to put it, in place of any old one (default: NUMBER.FORMAT here); - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The files there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The document, for programs
    Json,
    /// The proof, to verify it anywhere
    Proof,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &DownloadArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let (bytes, ending) = match args.format {
        Format::Json => (node.wait(node.client.invoice_json(&args.number))?, "json"),
        Format::Proof => {
            let reply = node
                .client
                .proof(&args.number, ProofForm::Binary, &Show::Nothing);
            (node.wait(reply)?.bytes, "proof")
        }
    };
    let path = args
        .output
        .clone()
        .unwrap_or_else(|| format!("{}.{ending}", args.number).into());
    save(&context.output, &path, &bytes)?;
    Ok(Exit::Ok)
}

/// What `--json` prints of a saved file.
#[derive(Debug, Serialize)]
struct Saved<'a> {
    file: &'a str,
    bytes: usize,
    sha256: String,
}

/// Writes a file, readable by its owner alone, and says so; `-` is standard output.
///
/// # Errors
/// [`CommandError::File`]; [`CommandError::Usage`] for bytes on a terminal.
pub(crate) fn save(output: &Output, path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    if path == Path::new("-") {
        if output.is_terminal() && bytes.iter().any(|byte| *byte < b'\n') {
            return Err(CommandError::Usage(Text::new(
                "will not write a binary file to a terminal; give -o FILE",
                "不向终端输出二进制文件，请用 -o 文件",
            )));
        }
        output.bytes(bytes)?;
        return Ok(());
    }
    disk::replace(path, bytes).map_err(|source| CommandError::File {
        path: path.to_owned(),
        source,
    })?;
    let file = path.display().to_string();
    if output.json {
        let sha256 = hex::encode(Sha256::digest(bytes));
        output.json(&Saved {
            file: &file,
            bytes: bytes.len(),
            sha256,
        })?;
    } else {
        let text = output.pick("saved ", "已保存 ");
        output.talk(&Line::new().add(Tone::Plain, text).add(Tone::Strong, &file));
    }
    Ok(())
}
