//! Making a network: the ceremony, by the node's own commands.

use std::ffi::OsStr;
use std::path::Path;

use tokio::process::Command;

use super::error::LocalError;
use super::layout::{Layout, NodeEntry, NodeRole};

/// Makes the keys of every node, puts the network together, and has every node join it.
pub(crate) async fn make(
    piaod: &Path,
    layout: &Layout,
    seed: Option<u64>,
) -> Result<(), LocalError> {
    std::fs::create_dir_all(&layout.dir).map_err(LocalError::io(&layout.dir))?;
    for (number, node) in (0_u64..).zip(&layout.nodes) {
        init(
            piaod,
            layout,
            node,
            seed.map(|seed| seed.wrapping_add(number)),
        )
        .await?;
    }
    let shared = layout.shared();
    let mut create = command(piaod, ["network", "create", "--out"]);
    create.arg(&shared);
    for node in &layout.nodes {
        create
            .arg("--member")
            .arg(layout.data(node).join("member.json"));
    }
    if let Some(seed) = seed {
        create.args(["--seed", &seed.to_string()]);
    }
    finish(create, "the network could not be put together").await?;
    if let Some(authority) = layout.faucet() {
        let mut sign = command(piaod, ["network", "sign", "--data"]);
        sign.arg(layout.data(authority))
            .arg("--network")
            .arg(&shared);
        finish(sign, "the trust root could not be signed").await?;
    }
    for node in &layout.nodes {
        let mut join = command(piaod, ["join", "--data"]);
        join.arg(layout.data(node)).arg("--network").arg(&shared);
        finish(join, &format!("{} could not join", node.name)).await?;
    }
    layout.write()
}

async fn init(
    piaod: &Path,
    layout: &Layout,
    node: &NodeEntry,
    seed: Option<u64>,
) -> Result<(), LocalError> {
    let mut init = command(piaod, ["init", "--data"]);
    init.arg(layout.data(node)).args(["--moniker", &node.name]);
    let address = |port: u16| format!("/ip4/127.0.0.1/tcp/{port}");
    init.args(["--consensus", &address(node.consensus)]);
    init.args(["--gossip", &address(node.gossip)]);
    match node.role {
        NodeRole::Validator => {
            init.arg("--validator");
        }
        NodeRole::Merchant if layout.faucet() == Some(node) => {
            init.args(["--authority", "--sample-merchants"]);
        }
        NodeRole::Merchant => {}
    }
    if let Some(seed) = seed {
        init.args(["--seed", &seed.to_string()]);
    }
    finish(
        init,
        &format!("the keys of {} could not be made", node.name),
    )
    .await
}

fn command<const N: usize>(piaod: &Path, words: [&str; N]) -> Command {
    let mut command = Command::new(piaod);
    command.args(words.map(OsStr::new)).kill_on_drop(true);
    command
}

async fn finish(mut command: Command, what: &str) -> Result<(), LocalError> {
    let failed = |said: String| LocalError::Piaod {
        what: what.to_owned(),
        said,
    };
    let output = command.output().await;
    let output = output.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(failed(said))
}
