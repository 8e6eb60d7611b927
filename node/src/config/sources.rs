//! Reading the settings from their sources, and remembering which one gave each.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

use figment::providers::{Format as _, Serialized, Toml};
use figment::{Figment, Source};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use super::environment::{Environment, variable};
use super::settings::Settings;
use super::spelling::did_you_mean;

/// What was given on the command line; the strongest source.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Flags {
    /// `--data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// `--listen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<String>,
    /// `--log`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
    /// `--unlock-file`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unlock_file: Option<PathBuf>,
    /// `--clock-offset`, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_offset_ms: Option<i64>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The key.
    pub key: &'static str,
    /// Its value as text.
    pub value: String,
    /// `flag`, `env PIAO_…`, `file PATH` or `default`.
    pub origin: String,
}

/// Settings and where they came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// One for each key, in their order.
    pub origins: Vec<Origin>,
    /// What the operator should be told: variables that look like settings and are none.
    pub warnings: Vec<String>,
}

/// Why settings can't be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The file can't be read.
    #[error("{path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A value or key is wrong; one line.
    #[error("{0}")]
    Wrong(String),
}

/// Loads the settings.
///
/// # Errors
/// [`SettingsError`]; each is one line.
pub fn load(flags: &Flags, file: Option<&Path>) -> Result<Loaded, SettingsError> {
    // What is not UTF-8 is neither the name nor the value of a setting.
    let variables = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    load_with(flags, Environment::of(variables), file)
}

fn load_with(
    flags: &Flags,
    mut environment: Environment,
    file: Option<&Path>,
) -> Result<Loaded, SettingsError> {
    let warnings = std::mem::take(&mut environment.warnings);
    let mut figment = Figment::from(Serialized::defaults(Settings::default()));
    if let Some(path) = file {
        // A missing file would count as an empty one.
        std::fs::File::open(path).map_err(|source| SettingsError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        figment = figment.merge(Toml::file_exact(path));
    }
    figment = figment.merge(environment);
    let given = Serialized::globals(flags);
    figment = figment.merge(given.clone());
    let settings: Settings = figment.extract().map_err(|error| wrong(&error))?;
    check(&settings)?;
    let flagged = Figment::from(given);
    let origins = Settings::KEYS
        .into_iter()
        .map(|key| origin(&figment, &flagged, key))
        .collect();
    Ok(Loaded {
        settings,
        origins,
        warnings,
    })
}

fn origin(figment: &Figment, flagged: &Figment, key: &'static str) -> Origin {
    let value = figment
        .find_value(key)
        .ok()
        .and_then(|value| serde_json::to_string(&value).ok())
        .unwrap_or_else(|| "null".to_owned());
    let origin = if flagged.contains(key) {
        "flag".to_owned()
    } else {
        figment.find_metadata(key).map_or_else(
            || "default".to_owned(),
            |metadata| match &metadata.source {
                Some(Source::File(path)) => format!("file {}", path.display()),
                _ if metadata.name == "environment" => format!("env {}", variable(key)),
                _ => "default".to_owned(),
            },
        )
    };
    Origin { key, value, origin }
}

/// The first error as one line, with what may have been meant.
fn wrong(error: &figment::Error) -> SettingsError {
    let mut line = error.to_string().replace('\n', " ");
    if let figment::error::Kind::UnknownField(name, _known) = &error.kind {
        line.push_str(&did_you_mean(name, str::to_owned));
    }
    SettingsError::Wrong(line)
}

/// Refuses values that are of the right kind and can not work.
fn check(settings: &Settings) -> Result<(), SettingsError> {
    let heartbeat_ms = settings.heartbeat_ms;
    let peers = &settings.persistent_peers;
    let rules = [
        (
            (1_000..=60_000).contains(&heartbeat_ms),
            format!("heartbeat_ms must be 1000 to 60000, not {heartbeat_ms}"),
        ),
        (
            settings.mempool_transactions_max > 0 && settings.mempool_bytes_max > 0,
            "mempool_transactions_max and mempool_bytes_max must be at least 1".to_owned(),
        ),
        (
            has_port(&settings.listen),
            format!("listen must be ADDR:PORT, not {:?}", settings.listen),
        ),
        (
            peers
                .iter()
                .chain(&settings.p2p_listen)
                .chain(&settings.gossip_listen)
                .all(|address| is_tcp_address(address)),
            "p2p_listen, gossip_listen and persistent_peers must be /ip4/ADDR/tcp/PORT or /ip6/ADDR/tcp/PORT"
                .to_owned(),
        ),
        (
            settings.log.parse::<EnvFilter>().is_ok(),
            format!(
                "log must be a filter as info or piao_node=debug, not {:?}",
                settings.log
            ),
        ),
    ];
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, line)) => Err(SettingsError::Wrong(line)),
        None => Ok(()),
    }
}

fn has_port(listen: &str) -> bool {
    listen
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
}

/// Names are not looked up: an address that changes under a validator is a way to cut it off.
fn is_tcp_address(address: &str) -> bool {
    let mut parts = address.split('/').skip(1);
    let is_ip = match (parts.next(), parts.next()) {
        (Some("ip4"), Some(ip)) => ip.parse::<Ipv4Addr>().is_ok(),
        (Some("ip6"), Some(ip)) => ip.parse::<Ipv6Addr>().is_ok(),
        _ => false,
    };
    let is_tcp =
        parts.next() == Some("tcp") && parts.next().is_some_and(|port| port.parse::<u16>().is_ok());
    address.starts_with('/') && is_ip && is_tcp
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    fn from(loaded: &Loaded, key: &str) -> String {
        let found = loaded.origins.iter().find(|origin| origin.key == key);
        found.unwrap().origin.clone()
    }

    #[test]
    fn a_flag_beats_the_file_and_each_value_tells_where_it_came_from() {
        let file = file("listen = \"127.0.0.1:1\"\nheartbeat_ms = 5000\n");
        let flags = Flags {
            listen: Some("127.0.0.1:2".into()),
            ..Flags::default()
        };
        let loaded = load(&flags, Some(file.path())).unwrap();
        assert_eq!(loaded.settings.listen, "127.0.0.1:2");
        assert_eq!(loaded.settings.heartbeat_ms, 5_000);
        assert_eq!(from(&loaded, "listen"), "flag");
        assert!(from(&loaded, "heartbeat_ms").starts_with("file "));
        assert_eq!(from(&loaded, "log"), "default");
        assert_eq!(loaded.origins.len(), Settings::KEYS.len());
    }

    #[test]
    fn an_unknown_key_is_refused_with_what_was_meant() {
        let file = file("hartbeat_ms = 5000\n");
        let error = load(&Flags::default(), Some(file.path())).unwrap_err();
        assert!(
            error.to_string().contains("did you mean heartbeat_ms?"),
            "{error}"
        );
        assert!(!error.to_string().contains('\n'));
    }

    #[test]
    fn a_value_of_the_wrong_kind_or_out_of_range_is_refused() {
        let wrong = file("heartbeat_ms = \"soon\"\n");
        assert!(load(&Flags::default(), Some(wrong.path())).is_err());
        let range = file("heartbeat_ms = 10\n");
        let error = load(&Flags::default(), Some(range.path())).unwrap_err();
        assert!(error.to_string().contains("1000 to 60000"), "{error}");
    }

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let owned = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Environment::of(owned)
    }

    fn from_environment(variables: &[(&str, &str)]) -> Result<Loaded, SettingsError> {
        load_with(&Flags::default(), environment(variables), None)
    }

    #[test]
    fn texts_of_the_environment_stay_texts_and_lists_take_commas() {
        let loaded = from_environment(&[
            ("PIAO_DATA", "123"),
            ("PIAO_HEARTBEAT_MS", "2000"),
            ("PIAO_UNLOCK_FILE", "true"),
            (
                "PIAO_PERSISTENT_PEERS",
                "/ip4/10.0.0.1/tcp/1, /ip6/::1/tcp/2",
            ),
        ])
        .unwrap();
        assert_eq!(loaded.settings.data, Path::new("123"));
        assert_eq!(loaded.settings.heartbeat_ms, 2_000);
        assert_eq!(loaded.settings.unlock_path(), Path::new("true"));
        assert_eq!(loaded.settings.persistent_peers.len(), 2);
        assert_eq!(from(&loaded, "data"), "env PIAO_DATA");
        assert!(loaded.warnings.is_empty());
    }

    #[test]
    fn a_wrong_number_in_the_environment_is_refused_by_its_variable() {
        let error = from_environment(&[("PIAO_HEARTBEAT_MS", "soon")]).unwrap_err();
        assert!(error.to_string().contains("PIAO_HEARTBEAT_MS"), "{error}");
    }

    #[test]
    fn unknown_variables_are_told_and_those_of_the_client_are_not() {
        let loaded = from_environment(&[
            ("PIAO_LISEN", "x"),
            ("PIAO_NODE", "http://127.0.0.1:1"),
            ("PIAO_SERVICE_HOST", "10.0.0.1"),
            ("PATH", "/bin"),
        ])
        .unwrap();
        assert_eq!(loaded.warnings.len(), 2);
        assert!(loaded.warnings[0].contains("did you mean PIAO_LISTEN?"));
    }

    #[test]
    fn addresses_and_filters_that_can_not_work_are_refused() {
        for (name, value) in [
            ("PIAO_LISTEN", "8080"),
            ("PIAO_LISTEN", "127.0.0.1:http"),
            ("PIAO_P2P_LISTEN", "/dns/example.org/tcp/1"),
            ("PIAO_P2P_LISTEN", "/ip4/127.0.0.1/udp/1"),
            ("PIAO_PERSISTENT_PEERS", "/ip4/127.0.0.1"),
            ("PIAO_LOG", "piao_node=loud"),
        ] {
            assert!(
                from_environment(&[(name, value)]).is_err(),
                "{name}={value}"
            );
        }
    }

    #[test]
    fn the_list_of_keys_is_complete() {
        let json = serde_json::to_value(Settings::default()).unwrap();
        let mut keys: Vec<&str> = json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut listed = Settings::KEYS.to_vec();
        keys.sort_unstable();
        listed.sort_unstable();
        assert_eq!(keys, listed);
    }
}
