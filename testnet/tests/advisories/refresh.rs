//! Making the table anew from a copy of the public database (`scripts/refresh-advisories`).
//!
//! Facts alone are taken: id, package, kind, ranges, day. Of packages that are not locked, of
//! withdrawn advisories and of prose nothing is kept.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::judge::locked;
use crate::table::{Advisory, COLUMNS, DATED, Table, list};
use crate::{TABLE, read, root};

/// Names the folder with `crates/<package>/<id>.md`; set by the script alone.
const FROM: &str = "PIAO_ADVISORY_DB";
/// Day of the database.
const DAY: &str = "PIAO_ADVISORY_DB_DATE";

#[test]
fn the_table_is_made_anew_when_a_database_is_named() {
    let Ok(from) = std::env::var(FROM) else {
        return;
    };
    let day = std::env::var(DAY).unwrap();
    let kept = Table::parse(&read(TABLE));
    assert!(
        kept.dated <= day,
        "the table is of {}, the database of {day}: an older one would forget advisories",
        kept.dated
    );
    let names = locked(&read("Cargo.lock"))
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let rows = collect(Path::new(&from), &names);
    assert!(
        !rows.is_empty(),
        "{from} holds no advisory of a locked package"
    );
    fs::write(root().join(TABLE), written(&day, &rows)).unwrap();
}

fn collect(from: &Path, names: &BTreeSet<String>) -> Vec<Advisory> {
    let mut rows = Vec::new();
    for name in names {
        let Ok(folder) = fs::read_dir(from.join("crates").join(name)) else {
            continue;
        };
        for entry in folder {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            rows.extend(advisory(&text));
        }
    }
    rows.sort();
    rows
}

/// The facts at the head of an advisory; `None` when it was withdrawn.
fn advisory(text: &str) -> Option<Advisory> {
    let head = text
        .split("```")
        .nth(1)
        .and_then(|head| head.strip_prefix("toml"));
    let head: toml::Table = head.unwrap().parse().unwrap();
    let about = &head["advisory"];
    let text = |name: &str| {
        about
            .get(name)
            .and_then(toml::Value::as_str)
            .map(str::to_owned)
    };
    if text("withdrawn").is_some() {
        return None;
    }
    let ranges = |name: &str| {
        let list_of = head.get("versions").and_then(|versions| versions.get(name));
        let items = list_of
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten();
        let items: Vec<String> = items
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect();
        list(&items)
    };
    Some(Advisory {
        id: text("id").unwrap(),
        package: text("package").unwrap(),
        kind: text("informational").unwrap_or_else(|| "vulnerability".to_owned()),
        patched: ranges("patched"),
        unaffected: ranges("unaffected"),
        date: text("date").unwrap(),
    })
}

fn written(day: &str, rows: &[Advisory]) -> String {
    let mut text = format!(
        "{DATED}{day}: the RustSec advisory database (CC0-1.0), facts alone, locked packages alone.\n\
         # Made by scripts/refresh-advisories, read by testnet/tests/advisories.\n\
         {COLUMNS}\n"
    );
    for row in rows {
        text.push_str(&row.line());
        text.push('\n');
    }
    text
}

const SAMPLE: &str = r#"```toml
[advisory]
id = "RUSTSEC-2026-9001"
package = "bad"
date = "2026-01-02"

[versions]
patched = [
    "^1.2.3",
    ">= 2.0.1, < 3",
]
unaffected = ["< 1.0.0"]
```

# Words

That are not kept.
"#;

#[test]
fn facts_are_taken_from_an_advisory_and_words_are_not() {
    let row = advisory(SAMPLE).unwrap();
    let line = "RUSTSEC-2026-9001,bad,vulnerability,^1.2.3 | >= 2.0.1 & < 3,< 1.0.0,2026-01-02";
    assert_eq!(row.line(), line);
    let table = Table::parse(&written("2026-11-21", std::slice::from_ref(&row)));
    assert_eq!(
        (table.dated.as_str(), table.rows),
        ("2026-11-21", vec![row])
    );
}

#[test]
fn what_was_withdrawn_is_left_out_and_what_informs_is_no_vulnerability() {
    let dated = "date = \"2026-01-02\"";
    let withdrawn = SAMPLE.replace(dated, &format!("{dated}\nwithdrawn = \"2026-02-01\""));
    assert_eq!(advisory(&withdrawn), None);
    let informs = SAMPLE.replace(dated, &format!("{dated}\ninformational = \"unmaintained\""));
    assert_eq!(advisory(&informs).unwrap().kind, "unmaintained");
}
