//! Logs: to stderr, for people on a terminal, one JSON object a line elsewhere.

use std::io::IsTerminal as _;

use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

use crate::config::LogFormat;
use crate::storage::LOG_FILTER_QUIET;

/// Starts logging. `RUST_LOG`, unless empty, beats the setting.
pub fn install(filter: &str, format: LogFormat) {
    let wanted = std::env::var("RUST_LOG")
        .ok()
        .filter(|given| !given.is_empty())
        .unwrap_or_else(|| filter.to_owned());
    let filter = EnvFilter::builder().parse_lossy(format!(
        "{},{},{wanted}",
        piao_engine::LOG_FILTER_QUIET,
        LOG_FILTER_QUIET
    ));
    let json = match format {
        LogFormat::Json => true,
        LogFormat::Human => false,
        LogFormat::Auto => !std::io::stderr().is_terminal(),
    };
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(NobodyListens);
    let installed = if json {
        let layer = fmt::layer().json().with_writer(std::io::stderr);
        registry.with(layer).try_init()
    } else {
        let layer = fmt::layer().with_writer(std::io::stderr);
        registry.with(layer).try_init()
    };
    // A second start in one process, as tests do, keeps the first one's subscriber.
    drop(installed);
}

/// Drops the engine's complaint, for each message, that nobody else is on the network.
struct NobodyListens;

impl<S: tracing::Subscriber> Layer<S> for NobodyListens {
    fn event_enabled(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) -> bool {
        !piao_engine::is_no_peers_event(event)
    }
}
