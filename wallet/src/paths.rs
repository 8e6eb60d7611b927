//! Where this program keeps its files (XDG base directories).

use std::path::PathBuf;

/// The directories of this user. Each is `None` when neither its variable nor `HOME` is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Directories {
    /// Keys: `$XDG_DATA_HOME/piao/keys`.
    pub(crate) keys: Option<PathBuf>,
    /// The journal of requests: `$XDG_STATE_HOME/piao`.
    pub(crate) state: Option<PathBuf>,
    /// The default trust root: `$XDG_CONFIG_HOME/piao/trust-root.json`.
    pub(crate) trust_root: Option<PathBuf>,
}

impl Directories {
    /// The directories the environment names.
    #[must_use]
    pub(crate) fn of_environment() -> Self {
        Self::of(|name| std::env::var_os(name).map(PathBuf::from))
    }

    fn of(variable: impl Fn(&str) -> Option<PathBuf>) -> Self {
        let home = variable("HOME").filter(|path| path.is_absolute());
        let base = |name: &str, below_home: &str| {
            // A relative path in these variables is to be ignored (XDG base directories 0.8).
            let given = variable(name).filter(|path| path.is_absolute());
            let base = given.or_else(|| home.as_ref().map(|home| home.join(below_home)));
            base.map(|base| base.join("piao"))
        };
        Self {
            keys: base("XDG_DATA_HOME", ".local/share").map(|dir| dir.join("keys")),
            state: base("XDG_STATE_HOME", ".local/state"),
            trust_root: base("XDG_CONFIG_HOME", ".config").map(|dir| dir.join("trust-root.json")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_win_over_home_and_relative_ones_are_ignored() {
        let directories = Directories::of(|name| match name {
            "HOME" => Some("/home/u".into()),
            "XDG_STATE_HOME" => Some("/var/s".into()),
            "XDG_DATA_HOME" => Some("relative".into()),
            _ => None,
        });
        assert_eq!(
            directories.keys,
            Some("/home/u/.local/share/piao/keys".into())
        );
        assert_eq!(directories.state, Some("/var/s/piao".into()));
        assert_eq!(Directories::of(|_| None), Directories::default());
    }
}
