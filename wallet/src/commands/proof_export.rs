//! `piao proof export --tlog`: shows tools of transparency logs that an invoice's block is in the
//! chain's log. Believes the node only after the log key's signature and the path hold.

use std::path::PathBuf;

use clap::Args;
use piao_chain::proof::Proof;
use piao_chain::transparency::{BlockInclusion, Origin};

use crate::commands::invoice_download::save;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::language::Text;
use crate::node::Node;
use crate::output::Line;
use crate::trust;
use crate::verification::{proof_bytes, read_proof_file};

/// Arguments of `piao proof export`.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// A proof file, binary or JSON
    file: PathBuf,
    /// As a C2SP tlog-proof of the invoice's block
    #[arg(long, required = true)]
    tlog: bool,
    /// Where to put it, in place of any old one; - is standard output
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Trust root, which names the log key (default: as for `piao verify`)
    #[arg(long, value_name = "FILE", env = "PIAO_TRUST")]
    trust: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &ExportArgs) -> Result<Exit, CommandError> {
    let default = context.directories.trust_root.as_deref();
    let root = trust::load(args.trust.as_deref(), default)?;
    let root = root.ok_or_else(|| {
        CommandError::Usage(Text::new(
            "the log key stands in the trust root: give it with --trust FILE",
            "日志密钥在信任根中，请用 --trust 文件 给出",
        ))
    })?;
    let bytes = read_proof_file(&args.file)?;
    let not_a_proof = |why: String| CommandError::NotAProof {
        path: args.file.clone(),
        why,
    };
    let proof = Proof::decode(&proof_bytes(&bytes));
    let proof = proof.map_err(|error| not_a_proof(error.to_string()))?;
    let node = Node::open(&context.globals)?;
    let text = node.wait(node.client.tlog_proof(proof.header.height))?;
    let shown = BlockInclusion::parse(&text).map_err(|error| not_a_proof(error.to_string()))?;
    let body = root.body();
    let log = Origin(body.genesis.chain_id());
    let checkpoint = shown.verify(&proof.header.id(), log, body.log_key);
    let checkpoint = checkpoint.map_err(|error| not_a_proof(error.to_string()))?;
    let output = &context.output;
    save(output, &args.output, text.as_bytes())?;
    let key = log.key(body.log_key).verifier();
    let (height, size) = (shown.height, checkpoint.size);
    output.talk(&Line::of(output.pick(
        &format!("block {height} is in the log of {size} blocks; log key {key}"),
        &format!("区块 {height} 在 {size} 个区块的日志中；日志密钥 {key}"),
    )));
    Ok(Exit::Ok)
}
