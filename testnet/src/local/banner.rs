//! What a developer wants to know when the network is up.

use std::fmt::Write as _;

use super::layout::{Layout, NodeRole};

/// The banner, several lines.
pub(super) fn banner(layout: &Layout, dashboard: Option<&str>, took_ms: u128) -> String {
    let mut text = String::new();
    let validators = layout
        .nodes
        .iter()
        .filter(|node| node.role == NodeRole::Validator);
    // Writing to a string can't fail.
    let _ok = writeln!(
        text,
        "Piao test network: {} validators, {} merchant nodes, ready in {took_ms} ms\n",
        validators.count(),
        layout
            .nodes
            .iter()
            .filter(|node| node.role == NodeRole::Merchant)
            .count(),
    );
    for node in &layout.nodes {
        let _ok = writeln!(
            text,
            "  {:<12} {:<28} consensus {} gossip {} process {}",
            node.name,
            node.url(),
            node.consensus,
            node.gossip,
            node.pid.unwrap_or_default(),
        );
    }
    if let Some(faucet) = layout.faucet() {
        let data = layout.data(faucet);
        let key = std::fs::read_to_string(data.join("api-key")).unwrap_or_default();
        let _ok = writeln!(
            text,
            "\n  issue at     {url}  (PIAO_NODE={url})\n  faucet       POST {url}/v1/top-ups\n  \
             API key      {key} (calls from this machine need none)\n  keys         {keys}\n  trust root   {root}",
            url = faucet.url(),
            key = key.trim(),
            keys = data.join("keys").display(),
            root = layout.shared().join("trust-root.json").display(),
        );
    }
    if let Some(dashboard) = dashboard {
        let _ok = writeln!(text, "  dashboard    {dashboard}");
    }
    text
}
