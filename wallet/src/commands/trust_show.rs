//! `piao trust show`: the trust root in use, or one in a file.

use std::path::PathBuf;

use clap::Args;
use piao_chain::proof::TrustRoot;
use piao_chain::time::BlockTime;
use serde::Serialize;

use crate::clock;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::output::{Line, Output, Tone};
use crate::trust::{self, TrustError};

/// Arguments of `piao trust show`.
#[derive(Debug, Args)]
pub(crate) struct TrustShowArgs {
    /// A trust root (default: the one that `piao verify` uses)
    file: Option<PathBuf>,
}

/// A trust root, as `--json` prints it.
#[derive(Debug, Serialize)]
struct View {
    fingerprint: String,
    network: String,
    chain_id: String,
    checkpoint_height: u64,
    checkpoint_time: String,
    validators: usize,
    authority_keys: Vec<String>,
    threshold: u8,
    log_key: String,
    expires: String,
    stale: bool,
    previous_fingerprint: Option<String>,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &TrustShowArgs) -> Result<Exit, CommandError> {
    let default = context.directories.trust_root.as_deref();
    let root = trust::load(args.file.as_deref(), default)?;
    let root = root.ok_or(TrustError::None)?;
    show(&context.output, &root)?;
    Ok(if root.is_stale(clock::now()) {
        Exit::Undecided
    } else {
        Exit::Ok
    })
}

/// Shows a trust root.
pub(crate) fn show(output: &Output, root: &TrustRoot) -> Result<(), CommandError> {
    let body = root.body();
    let time = |ms| BlockTime::from_ms(ms).to_rfc3339().unwrap_or_default();
    let keys = body.authority_keys.iter().map(|key| key.id().to_string());
    let view = View {
        fingerprint: root.fingerprint(),
        network: body.genesis.network.as_str().to_owned(),
        chain_id: root.chain_id().to_string(),
        checkpoint_height: body.checkpoint.height,
        checkpoint_time: time(body.checkpoint.time_ms),
        validators: body.checkpoint.validators.members().len(),
        authority_keys: keys.collect(),
        threshold: body.threshold,
        log_key: hex::encode(body.log_key.as_bytes()),
        expires: time(body.expires_ms),
        stale: root.is_stale(clock::now()),
        previous_fingerprint: body.previous_fingerprint.map(hex::encode),
    };
    if output.json {
        output.json(&view)?;
        return Ok(());
    }
    let checkpoint = format!("#{} {}", view.checkpoint_height, view.checkpoint_time);
    let stale = output.pick(" STALE, get a new one", " 已过期，请取新的");
    let expires = format!("{}{}", view.expires, if view.stale { stale } else { "" });
    let authority = format!(
        "{}/{} {}",
        view.threshold,
        body.authority_keys.len(),
        view.authority_keys.join(" ")
    );
    let previous = view.previous_fingerprint.as_deref().unwrap_or("-");
    let rows = [
        (
            output.pick("fingerprint", "指纹"),
            view.fingerprint.as_str(),
        ),
        (output.pick("network", "网络"), &view.network),
        (output.pick("chain id", "链编号"), &view.chain_id),
        (output.pick("checkpoint", "检查点"), &checkpoint),
        (output.pick("authority", "主管方"), &authority),
        (output.pick("log key", "日志密钥"), &view.log_key),
        (output.pick("use until", "可用至"), &expires),
        (output.pick("replaces", "接替"), previous),
    ];
    for (label, value) in rows {
        let line = Line::new().column(Tone::Faint, label, 13);
        output.data(&line.add(Tone::Plain, value))?;
    }
    Ok(())
}
