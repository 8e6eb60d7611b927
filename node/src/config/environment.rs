//! The settings that `PIAO_*` variables give.
//!
//! Guards: a text stays a text, whatever it looks like (`PIAO_DATA=123` is a folder), and a
//! variable that is no setting is told, not obeyed and not refused: container platforms add
//! variables that nobody asked for.

use std::collections::BTreeMap;

use figment::value::{Dict, Map, Value};
use figment::{Error, Metadata, Profile, Provider};

use super::settings::Settings;
use super::spelling::did_you_mean;
use crate::crash_point;

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

/// The name of a setting's variable.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase())
}

/// The variables of this process with the node's prefix.
pub(super) struct Environment {
    /// By key, as it stands in a file.
    given: BTreeMap<&'static str, String>,
    /// One line for each variable that is no setting.
    pub(super) warnings: Vec<String>,
}

impl Environment {
    /// Sorts variables into settings, the client's, and unknown ones.
    pub(super) fn of(variables: impl Iterator<Item = (String, String)>) -> Self {
        let mut environment = Self {
            given: BTreeMap::new(),
            warnings: Vec::new(),
        };
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX).map(str::to_lowercase) else {
                continue;
            };
            let known = Settings::KEYS.into_iter().find(|known| *known == key);
            if let Some(known) = known.filter(|known| variable(known) == name) {
                environment.given.insert(known, value);
            } else if !FOREIGN.contains(&name.as_str()) && !crash_point::is_variable(&name) {
                let hint = did_you_mean(&key, variable);
                let line = format!("{name} is no setting of the node and is ignored{hint}");
                environment.warnings.push(line);
            }
        }
        environment.warnings.sort_unstable();
        environment
    }
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("environment").interpolater(|_profile, keys| {
            keys.last().map_or_else(String::new, |key| variable(key))
        })
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let defaults = serde_json::to_value(Settings::default()).unwrap_or_default();
        let values = self
            .given
            .iter()
            .map(|(&key, text)| (key.to_owned(), value_like(&defaults[key], text)));
        Ok(Profile::Default.collect(values.collect()))
    }
}

/// A text read as the kind of value that the default is.
fn value_like(default: &serde_json::Value, text: &str) -> Value {
    if default.is_number() {
        // A text that is no number is left to the settings to refuse, by name.
        return text
            .parse::<i64>()
            .map_or_else(|_not_a_number| Value::from(text), Value::from);
    }
    if default.is_array() {
        let parts: Vec<Value> = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(Value::from)
            .collect();
        return Value::from(parts);
    }
    Value::from(text)
}
