//! The table against the lock file and the exceptions.

use std::collections::BTreeMap;

use semver::Version;

use crate::table::{Advisory, Table};

/// What is said of a lock file.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// Vulnerabilities without an exception that still holds.
    pub(crate) vulnerable: Vec<String>,
    /// Unmaintained or unsound: to be known, not to be failed for.
    pub(crate) notices: Vec<String>,
    /// Exceptions of advisories that affect nothing that is locked.
    pub(crate) needless: Vec<String>,
}

/// Name and version of every locked package.
pub(crate) fn locked(lock: &str) -> Vec<(String, Version)> {
    let lock: toml::Table = lock.parse().unwrap();
    let packages = lock["package"].as_array().unwrap();
    let text = |package: &toml::Value, name: &str| package[name].as_str().unwrap().to_owned();
    packages
        .iter()
        .map(|package| {
            let version = Version::parse(&text(package, "version")).unwrap();
            (text(package, "name"), version)
        })
        .collect()
}

/// What `deny.toml` accepts, by id, with its reason.
pub(crate) struct Exceptions(BTreeMap<String, String>);

impl Exceptions {
    pub(crate) fn parse(deny: &str) -> Self {
        let deny: toml::Table = deny.parse().unwrap();
        let ignored = deny
            .get("advisories")
            .and_then(|advisories| advisories.get("ignore"))
            .and_then(toml::Value::as_array);
        let text = |entry: &toml::Value, name: &str| entry[name].as_str().unwrap().to_owned();
        let entries = ignored.into_iter().flatten();
        Self(
            entries
                .map(|entry| (text(entry, "id"), text(entry, "reason")))
                .collect(),
        )
    }

    /// Why a vulnerability is not accepted as of a day; `None` when it is.
    fn refusal(&self, advisory: &Advisory, dated: &str) -> Option<String> {
        let Some(reason) = self.0.get(&advisory.id) else {
            let patched = Some(advisory.patched.as_str()).filter(|list| !list.is_empty());
            return Some(format!("patched in {}", patched.unwrap_or("no version")));
        };
        match until(reason) {
            None => Some("its exception names no day: write `until YYYY-MM-DD`".to_owned()),
            Some(day) if day < dated => Some(format!("its exception ended on {day}")),
            Some(_day) => None,
        }
    }
}

/// The day after the word "until" in a reason.
fn until(reason: &str) -> Option<&str> {
    let day = reason.rsplit_once("until ")?.1.get(..10)?;
    let digits = day.bytes().filter(u8::is_ascii_digit).count();
    (digits == 8 && day.split('-').count() == 3).then_some(day)
}

pub(crate) fn judge(
    locked: &[(String, Version)],
    table: &Table,
    exceptions: &Exceptions,
) -> Judgement {
    let mut found = Judgement::default();
    let affected = |advisory: &Advisory| -> Vec<Version> {
        let of_package = locked.iter().filter(|(name, _)| *name == advisory.package);
        let versions = of_package.map(|(_, version)| version);
        versions
            .filter(|version| advisory.affects(version))
            .cloned()
            .collect()
    };
    for advisory in &table.rows {
        let Advisory {
            id, package, kind, ..
        } = advisory;
        let versions = affected(advisory);
        if versions.is_empty() && exceptions.0.contains_key(id) {
            found.needless.push(id.clone());
        }
        for version in versions {
            if kind != "vulnerability" {
                found
                    .notices
                    .push(format!("{id}: {package} {version} is {kind}"));
            } else if let Some(why) = exceptions.refusal(advisory, &table.dated) {
                found
                    .vulnerable
                    .push(format!("{id}: {package} {version}, {why}"));
            }
        }
    }
    found
}
