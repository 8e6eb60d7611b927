//! `piao key list`: the keys of this machine, without opening them.

use clap::Args;
use serde::Serialize;

use crate::commands::key_show::KeyView;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Line, Tone};

/// Arguments of `piao key list`.
#[derive(Debug, Args)]
pub(crate) struct KeyListArgs {}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct KeyList {
    data: Vec<KeyView>,
}

/// Runs the command.
pub(crate) fn run(context: &Context) -> Result<Exit, CommandError> {
    let output = &context.output;
    let keys = context.keystore()?.list()?;
    let data: Vec<KeyView> = keys.iter().map(|key| KeyView::of(key, None)).collect();
    if output.json {
        output.json(&KeyList { data })?;
        return Ok(Exit::Ok);
    }
    for key in &data {
        let line = Line::new()
            .add(Tone::Strong, &key.id)
            .add(Tone::Plain, "  ")
            .add(Tone::Plain, &key.public_key)
            .add(Tone::Plain, "  ")
            .add(Tone::Plain, &key.created)
            .add(Tone::Plain, "  ")
            .add(Tone::Faint, &key.file);
        output.data(&line)?;
    }
    if data.is_empty() {
        output.talk(&Line::of(output.pick(
            "no keys yet; make one with `piao key new`",
            "还没有密钥，请用 piao key new 生成",
        )));
    }
    Ok(Exit::Ok)
}
