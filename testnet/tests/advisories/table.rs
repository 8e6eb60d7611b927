//! The table of facts: one advisory a line, and the day of the database they were taken from.
//!
//! In a range list `|` stands between ranges of which one has to hold, `&` between the conditions
//! of one range.

use semver::{Version, VersionReq};

/// First line, before the database's day.
pub(crate) const DATED: &str = "# database of ";

/// The columns.
pub(crate) const COLUMNS: &str = "id,crate,kind,patched,unaffected,date";

/// A table.
pub(crate) struct Table {
    /// Day of the database, `YYYY-MM-DD`.
    pub(crate) dated: String,
    pub(crate) rows: Vec<Advisory>,
}

/// One advisory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Advisory {
    pub(crate) id: String,
    pub(crate) package: String,
    /// `vulnerability`, `unsound`, `unmaintained` or `notice`.
    pub(crate) kind: String,
    /// Versions that are mended; none for what has no cure.
    pub(crate) patched: String,
    /// Versions that never had it.
    pub(crate) unaffected: String,
    pub(crate) date: String,
}

impl Table {
    pub(crate) fn parse(text: &str) -> Self {
        let mut lines = text.lines();
        let dated = lines.next().and_then(|line| line.strip_prefix(DATED));
        let dated = dated
            .and_then(|rest| rest.get(..10))
            .expect("the day of the database");
        let mut lines = lines.filter(|line| !line.starts_with('#'));
        assert_eq!(lines.next(), Some(COLUMNS));
        Self {
            dated: dated.to_owned(),
            rows: lines.map(Advisory::parse).collect(),
        }
    }
}

impl Advisory {
    fn parse(line: &str) -> Self {
        let fields: Vec<&str> = line.split(',').collect();
        let [id, package, kind, patched, unaffected, date] = fields[..] else {
            panic!("six columns in {line:?}");
        };
        let kinds = ["vulnerability", "unsound", "unmaintained", "notice"];
        assert!(kinds.contains(&kind), "{line:?}");
        ranges(patched);
        ranges(unaffected);
        Self {
            id: id.to_owned(),
            package: package.to_owned(),
            kind: kind.to_owned(),
            patched: patched.to_owned(),
            unaffected: unaffected.to_owned(),
            date: date.to_owned(),
        }
    }

    pub(crate) fn line(&self) -> String {
        let Self {
            id,
            package,
            kind,
            patched,
            unaffected,
            date,
        } = self;
        format!("{id},{package},{kind},{patched},{unaffected},{date}")
    }

    /// Whether it applies to a version.
    pub(crate) fn affects(&self, version: &Version) -> bool {
        let is_safe = |list: &str| ranges(list).iter().any(|range| range.matches(version));
        !is_safe(&self.patched) && !is_safe(&self.unaffected)
    }
}

fn ranges(list: &str) -> Vec<VersionReq> {
    let range = |text: &str| VersionReq::parse(&text.replace('&', ",")).unwrap();
    list.split('|')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(range)
        .collect()
}

/// A range list of the database, where commas stand between conditions.
pub(crate) fn list(ranges: &[String]) -> String {
    let one = |range: &String| range.replace(", ", " & ").replace(',', " & ");
    let all: Vec<String> = ranges.iter().map(one).collect();
    all.join(" | ")
}
