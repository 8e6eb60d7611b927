//! `piao witness`: looks at a log's newest checkpoint and cosigns it, if it goes on from the one that
//! was seen before (C2SP `tlog-witness`, `tlog-cosignature`).
//!
//! Guards: the log key is that of the trust root; the first checkpoint must hold the trust root's own
//! block; what was seen is on disk before the cosignature exists. Once run, it is done: a timer runs
//! it again.

use std::path::PathBuf;

use clap::Args;
use piao_chain::digest::Digest;
use piao_chain::proof::TrustRoot;
use piao_chain::transparency::{
    BlockInclusion, LogCheckpoint, Note, NoteKey, Origin, is_consistent,
};
use serde::Serialize;

use super::invoice_download::save;
use super::key_show::key_of;
use crate::clock;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::language::Text;
use crate::node::Node;
use crate::output::Line;
use crate::passphrase::{self, Purpose};
use crate::trust;
use crate::witness_state::{Seen, WitnessError, WitnessState};

/// Arguments of `piao witness`.
#[derive(Debug, Args)]
pub(crate) struct WitnessArgs {
    /// Name this witness signs under, for instance witness.example.org/piao
    #[arg(long, value_parser = witness_name)]
    name: String,
    /// Name, id, or beginning of the id of the key (default: the only key)
    #[arg(long, value_name = "KEY", conflicts_with = "key")]
    with: Option<String>,
    /// File with the passphrase (asked for at a terminal otherwise)
    #[arg(long, value_name = "FILE", env = "PIAO_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
    /// Trust root, which names the log key (default: as for `piao verify`)
    #[arg(long, value_name = "FILE", env = "PIAO_TRUST")]
    trust: Option<PathBuf>,
    /// Where to put the cosigned checkpoint, in place of any old one (default: standard output)
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Cosigned {
    origin: String,
    size: u64,
    root: String,
    /// Seconds since 1970.
    time: u64,
    /// The witness's key, as tools of transparency logs take it.
    verifier: String,
    note: String,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &WitnessArgs) -> Result<Exit, CommandError> {
    let default = context.directories.trust_root.as_deref();
    let root = trust::load(args.trust.as_deref(), default)?;
    let root = root.ok_or_else(|| {
        CommandError::Usage(Text::new(
            "the log key stands in the trust root: give it with --trust FILE",
            "日志密钥在信任根中，请用 --trust 文件 给出",
        ))
    })?;
    let stored = key_of(context, args.with.as_deref())?;
    let file = args.passphrase_file.as_deref();
    let passphrase = passphrase::read(file, Purpose::Open, context.output.language)?;
    let secret = stored.open(&passphrase)?;
    let key = NoteKey::witness(&args.name, secret.public_key());
    let key = key.ok_or_else(|| CommandError::System("no name for a witness".to_owned()))?;

    let log = Origin(*root.chain_id());
    let state = WitnessState::open(&context.state_dir()?, log)?;
    let node = Node::open(&context.globals)?;
    let (checkpoint, mut note) = match state.seen()? {
        None => first(&node, &root, log)?,
        Some(seen) => next(&node, &root, log, &seen, &state)?,
    };
    state.keep(&checkpoint, &note)?;
    let time = clock::now().ms() / 1000;
    note.cosign(&key, &secret, time);
    show(context, args, &checkpoint, &note, (time, &key))?;
    Ok(Exit::Ok)
}

/// The first checkpoint: the block that the trust root vouches for must be in it.
fn first(
    node: &Node,
    root: &TrustRoot,
    log: Origin,
) -> Result<(LogCheckpoint, Note), CommandError> {
    let body = root.body();
    let text = node.wait(node.client.tlog_proof(body.checkpoint.height))?;
    let shown = BlockInclusion::parse(&text).map_err(|error| not_the_logs(&error))?;
    if shown.height != body.checkpoint.height {
        return Err(not_the_logs(
            &"it shows another block than the trust root's",
        ));
    }
    let checkpoint = shown.verify(&body.checkpoint.block_id, log, body.log_key);
    let checkpoint = checkpoint.map_err(|error| not_the_logs(&error))?;
    Ok((checkpoint, shown.note))
}

/// A later checkpoint: it must go on from the one before.
fn next(
    node: &Node,
    root: &TrustRoot,
    log: Origin,
    seen: &Seen,
    state: &WitnessState,
) -> Result<(LogCheckpoint, Note), CommandError> {
    let text = node.wait(node.client.checkpoint())?;
    let note = Note::parse(&text).map_err(|error| not_the_logs(&error))?;
    let checkpoint = LogCheckpoint::open(&note, log, root.body().log_key);
    let checkpoint = checkpoint.map_err(|error| not_the_logs(&error))?;
    if checkpoint.size < seen.size {
        let (seen, now) = (seen.size, checkpoint.size);
        return Err(WitnessError::Behind { seen, now }.into());
    }
    let path = if checkpoint.size == seen.size {
        Vec::new()
    } else {
        let reply = node.wait(node.client.consistency(seen.size, checkpoint.size))?;
        digests(&reply.path).ok_or_else(|| not_the_logs(&"no path between the checkpoints"))?
    };
    let before = (seen.size, &seen.root);
    if is_consistent(before, (checkpoint.size, &checkpoint.root), &path) {
        Ok((checkpoint, note))
    } else {
        Err(state.accuse(seen, &note).into())
    }
}

fn digests(path: &[String]) -> Option<Vec<Digest>> {
    let digest = |text: &String| {
        let mut digest = Digest::default();
        hex::decode_to_slice(text, &mut digest).ok()?;
        Some(digest)
    };
    path.iter().map(digest).collect()
}

fn not_the_logs(why: &impl ToString) -> CommandError {
    WitnessError::NotTheLogs(why.to_string()).into()
}

fn show(
    context: &Context,
    args: &WitnessArgs,
    checkpoint: &LogCheckpoint,
    note: &Note,
    (time, key): (u64, &NoteKey),
) -> Result<(), CommandError> {
    let output = &context.output;
    if let Some(path) = &args.output {
        let mut quiet = *output;
        quiet.json = false;
        save(&quiet, path, note.to_text().as_bytes())?;
    } else if !output.json {
        output.bytes(note.to_text().as_bytes())?;
    }
    if output.json {
        output.json(&Cosigned {
            origin: checkpoint.origin.to_string(),
            size: checkpoint.size,
            root: hex::encode(checkpoint.root),
            time,
            verifier: key.verifier(),
            note: note.to_text(),
        })?;
    }
    let (size, verifier) = (checkpoint.size, key.verifier());
    output.talk(&Line::of(output.pick(
        &format!("cosigned the log of {size} blocks; witness key {verifier}"),
        &format!("已见证签名：日志含 {size} 个区块；见证密钥 {verifier}"),
    )));
    Ok(())
}

/// Reads the name of a witness.
fn witness_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_graphic() && c != '+';
    if !text.is_empty() && text.len() <= 100 && text.chars().all(plain) {
        Ok(text.to_owned())
    } else {
        Err("1 to 100 visible ASCII characters without +".to_owned())
    }
}
