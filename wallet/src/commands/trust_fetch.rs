//! `piao trust fetch`: saves the trust root that a node serves. It is not used for anything until it
//! is accepted: a node must not vouch for its own proofs.

use std::path::PathBuf;

use clap::Args;

use super::invoice_download::save;
use super::trust_show::show;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::node::Node;
use crate::output::{Line, Tone};
use crate::trust;

/// Arguments of `piao trust fetch`.
#[derive(Debug, Args)]
pub(crate) struct TrustFetchArgs {
    /// Where to put it, in place of any old one
    #[arg(long, short, value_name = "FILE", default_value = "trust-root.json")]
    output: PathBuf,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &TrustFetchArgs) -> Result<Exit, CommandError> {
    let node = Node::open(&context.globals)?;
    let bytes = node.wait(node.client.trust_root())?;
    let (root, _envelope) = trust::open(&args.output, &bytes)?;
    let output = &context.output;
    let mut talk = *output;
    talk.json = false;
    save(&talk, &args.output, &bytes)?;
    show(output, &root)?;
    let words = output.pick(
        "not trusted yet: compare the fingerprint with a source you trust, then: piao trust accept ",
        "尚未采用：请与可信来源核对指纹，然后运行 piao trust accept ",
    );
    let file = args.output.display().to_string();
    output.talk(
        &Line::new()
            .add(Tone::Careful, words)
            .add(Tone::Strong, &file),
    );
    Ok(Exit::Ok)
}
