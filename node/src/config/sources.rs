//! Reading the settings from their sources, and remembering which one gave each.

use std::path::{Path, PathBuf};

use figment::providers::{Env, Format as _, Serialized, Toml};
use figment::{Figment, Source};
use serde::Serialize;

use super::settings::Settings;

/// Prefix of environment variables.
const PREFIX: &str = "PIAO_";

/// Variables with the prefix that are not the node's: the client's and the scripts'.
const FOREIGN: [&str; 8] = [
    "PIAO_NODE",
    "PIAO_TRUST",
    "PIAO_API_KEY_FILE",
    "PIAO_PASSPHRASE_FILE",
    "PIAO_PROFILE",
    "PIAO_UPDATE_GOLDEN",
    "PIAO_LANG",
    "PIAO_STATE",
];

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
    /// A `PIAO_*` variable that is no setting.
    #[error("{name} is no setting of the node{hint}")]
    UnknownVariable {
        /// The variable.
        name: String,
        /// What may have been meant.
        hint: String,
    },
}

/// Loads the settings.
///
/// # Errors
/// [`SettingsError`]; each is one line.
pub fn load(flags: &Flags, file: Option<&Path>) -> Result<Loaded, SettingsError> {
    refuse_unknown_variables()?;
    let mut figment = Figment::from(Serialized::defaults(Settings::default()));
    if let Some(path) = file {
        // A missing file would count as an empty one.
        std::fs::File::open(path).map_err(|source| SettingsError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        figment = figment.merge(Toml::file_exact(path));
    }
    let known = Settings::KEYS;
    figment = figment.merge(Env::prefixed(PREFIX).only(&known));
    let given = Serialized::globals(flags);
    figment = figment.merge(given.clone());
    let settings: Settings = figment.extract().map_err(|error| wrong(&error))?;
    check(&settings)?;
    let flagged = Figment::from(given);
    let origins = known
        .into_iter()
        .map(|key| origin(&figment, &flagged, key))
        .collect();
    Ok(Loaded { settings, origins })
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
                _ if metadata.name.contains("environment") => {
                    format!("env {PREFIX}{}", key.to_uppercase())
                }
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
        line.push_str(&did_you_mean(name));
    }
    SettingsError::Wrong(line)
}

fn check(settings: &Settings) -> Result<(), SettingsError> {
    if !(1_000..=60_000).contains(&settings.heartbeat_ms) {
        let line = format!(
            "heartbeat_ms must be 1000 to 60000, not {}",
            settings.heartbeat_ms
        );
        return Err(SettingsError::Wrong(line));
    }
    if settings.mempool_transactions_max == 0 || settings.mempool_bytes_max == 0 {
        let line = "mempool_transactions_max and mempool_bytes_max must be at least 1";
        return Err(SettingsError::Wrong(line.to_owned()));
    }
    Ok(())
}

fn refuse_unknown_variables() -> Result<(), SettingsError> {
    for (name, _value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        let key = name.trim_start_matches(PREFIX).to_lowercase();
        if !FOREIGN.contains(&name) && !Settings::KEYS.contains(&key.as_str()) {
            return Err(SettingsError::UnknownVariable {
                hint: did_you_mean(&key),
                name: name.to_owned(),
            });
        }
    }
    Ok(())
}

/// The closest key, when one is close.
fn did_you_mean(name: &str) -> String {
    let closest = Settings::KEYS
        .into_iter()
        .map(|key| (distance(name, key), key))
        .min();
    match closest {
        Some((distance, key)) if distance <= 3 => format!("; did you mean {key}?"),
        _ => format!("; settings are {}", Settings::KEYS.join(", ")),
    }
}

/// Edits between two short words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let kept = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = kept.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
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
