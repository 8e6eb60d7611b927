//! How every node of a network is.

use std::time::Duration;

use piao_api::client::Client;
use piao_api::wire::ChainStatus;
use serde::Serialize;
use tokio::time::timeout;

use super::error::LocalError;
use super::layout::{Layout, NodeEntry, NodeRole};

/// How long one may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// `piao-testnet status --json`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Status {
    /// Every node.
    pub(crate) nodes: Vec<NodeStatus>,
    /// Where fees can be had: the URL of the authority's node.
    pub(crate) faucet: Option<String>,
}

/// One node. `height` and `block_id` are null while it does not answer.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NodeStatus {
    pub(crate) name: String,
    pub(crate) role: NodeRole,
    pub(crate) url: String,
    pub(crate) pid: Option<u32>,
    pub(crate) height: Option<u64>,
    pub(crate) block_id: Option<String>,
    pub(crate) peers: Option<u32>,
    /// Transactions that wait.
    pub(crate) mempool: Option<u64>,
    /// Invoices ever issued, as this node knows.
    pub(crate) invoices: Option<u64>,
}

/// Asks every node, all at once.
pub(crate) async fn status(layout: &Layout) -> Result<Status, LocalError> {
    let asked: Vec<_> = layout
        .nodes
        .iter()
        .map(|node| tokio::spawn(ask(node.clone())))
        .collect();
    let alive: Vec<String> = layout
        .alive()
        .iter()
        .map(|node| node.name.clone())
        .collect();
    let mut nodes = Vec::new();
    for (node, answer) in layout.nodes.iter().zip(asked) {
        let (chain, metrics) = answer.await.unwrap_or_default();
        nodes.push(NodeStatus {
            name: node.name.clone(),
            role: node.role,
            url: node.url(),
            pid: node.pid.filter(|_pid| alive.contains(&node.name)),
            height: chain.as_ref().map(|chain| chain.height),
            block_id: chain.as_ref().map(|chain| chain.block_id.clone()),
            peers: chain.as_ref().map(|chain| chain.peers),
            mempool: metrics
                .as_deref()
                .and_then(|text| metric(text, "piao_mempool_transactions")),
            invoices: metrics
                .as_deref()
                .and_then(|text| metric(text, "piao_invoices_issued")),
        });
    }
    Ok(Status {
        nodes,
        faucet: layout.faucet().map(NodeEntry::url),
    })
}

async fn ask(node: NodeEntry) -> (Option<ChainStatus>, Option<String>) {
    let Ok(client) = Client::new(&node.url(), None) else {
        return (None, None);
    };
    let chain = timeout(ANSWER_WITHIN, client.chain()).await;
    let metrics = timeout(ANSWER_WITHIN, client.metrics()).await;
    let metrics = metrics.ok().and_then(Result::ok);
    let text = metrics.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    (chain.ok().and_then(Result::ok), text)
}

/// A counter or gauge without labels, in the Prometheus text format. Whole numbers only.
fn metric(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| {
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(' '))
    })?;
    let value = line.rsplit(' ').next()?;
    value.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_read_by_its_whole_name() {
        let text = "# HELP a b\na_total 3\na 4\nb{x=\"1\"} 5\nc 6.5\n";
        assert_eq!(metric(text, "a"), Some(4));
        assert_eq!(metric(text, "a_total"), Some(3));
        assert_eq!(metric(text, "b"), None);
        assert_eq!(metric(text, "c"), Some(6));
    }
}
