//! A page that shows how every node is, made anew every second.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::response::Html;
use axum::routing::get;
use maud::{DOCTYPE, html};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::error::LocalError;
use super::layout::{Layout, NodeRole};
use super::rate::Rates;
use super::status::{NodeStatus, status};

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:60rem}\
table{border-collapse:collapse;width:100%}td,th{padding:.4rem .8rem;text-align:right;\
border-bottom:1px solid #ccc}td:first-child,th:first-child,td:nth-child(2),th:nth-child(2)\
{text-align:left}.behind{background:#fff3c4}.gone{background:#ffd6d6}";

/// The page's state: the network, and what was seen last.
struct Page {
    layout: Layout,
    rates: Mutex<Rates>,
}

/// Serves the page on a free port; where, and the task that does.
pub(super) async fn serve(layout: &Layout) -> Result<(String, JoinHandle<()>), LocalError> {
    let failed = |error: std::io::Error| LocalError::Other(format!("the dashboard: {error}"));
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let page = Arc::new(Page {
        layout: layout.clone(),
        rates: Mutex::default(),
    });
    let router = Router::new().route("/", get(show)).with_state(page);
    let task = tokio::spawn(async move {
        // It ends with the program; a page that can't be served is no reason to stop a network.
        drop(axum::serve(listener, router).await);
    });
    Ok((format!("http://{address}/"), task))
}

async fn show(State(page): State<Arc<Page>>) -> Html<String> {
    let Ok(seen) = status(&page.layout).await else {
        return Html("no answer".to_owned());
    };
    let top = seen.nodes.iter().filter_map(|node| node.height).max();
    let now = Instant::now();
    let mut rates = page.rates.lock().await;
    let rows: Vec<(NodeStatus, f64)> = seen
        .nodes
        .into_iter()
        .map(|node| {
            let rate = rates.take(&node.name, node.invoices.unwrap_or(0), now);
            (node, rate)
        })
        .collect();
    drop(rates);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content="1";
                title { "Piao test network" }
                style { (STYLE) }
            }
            body {
                h1 { "Piao test network" }
                p { "Height " (shown(top)) " · made anew every second" }
                table {
                    thead { tr {
                        th { "node" } th { "role" } th { "height" } th { "lag" } th { "peers" }
                        th { "mempool" } th { "invoices" } th { "invoices/s" }
                    } }
                    tbody { @for (node, rate) in &rows { (row(node, top, *rate)) } }
                }
            }
        }
    };
    Html(markup.into_string())
}

fn row(node: &NodeStatus, top: Option<u64>, rate: f64) -> maud::Markup {
    let lag = node.height.and_then(|height| top?.checked_sub(height));
    let class = match lag {
        None => "gone",
        Some(0 | 1) => "",
        Some(_) => "behind",
    };
    let role = match node.role {
        NodeRole::Validator => "validator",
        NodeRole::Merchant => "merchant",
    };
    html! {
        tr class=(class) {
            td { a href=(node.url) { (node.name) } } td { (role) }
            td { (shown(node.height)) } td { (shown(lag)) }
            td { (shown(node.peers)) } td { (shown(node.mempool)) } td { (shown(node.invoices)) }
            td { (format!("{rate:.0}")) }
        }
    }
}

fn shown<T: ToString>(figure: Option<T>) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| figure.to_string())
}
