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
    let data: Result<Vec<KeyView>, _> = keys.iter().map(|key| KeyView::of(key, None)).collect();
    let data = data?;
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
        let line = match key.end(output) {
            Some(end) => {
                let label = output.pick("  retired ", "  已停用 ");
                line.add(Tone::Careful, label).add(Tone::Plain, &end)
            }
            None => line,
        };
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
