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
            let head = head_of(&text);
            rows.extend((!is_withdrawn(&head)).then(|| facts(&head)));
        }
    }
    rows.sort();
    rows
}

/// The table at the head of an advisory. What is none ends the refresh: nothing is passed over.
fn head_of(text: &str) -> toml::Table {
    let head = text.split("```").nth(1);
    let head = head.and_then(|head| head.strip_prefix("toml")).unwrap();
    head.parse().unwrap()
}

fn is_withdrawn(head: &toml::Table) -> bool {
    head["advisory"].get("withdrawn").is_some()
}

fn facts(head: &toml::Table) -> Advisory {
    let about = &head["advisory"];
    let text = |name: &str| about[name].as_str().unwrap().to_owned();
    let ranges = |name: &str| {
        let found = head.get("versions").and_then(|versions| versions.get(name));
        let items = found.and_then(toml::Value::as_array).into_iter().flatten();
        let items: Vec<String> = items
            .map(|item| item.as_str().unwrap().to_owned())
            .collect();
        list(&items)
    };
    let informs = about.get("informational").is_some();
    Advisory {
        id: text("id"),
        package: text("package"),
        kind: if informs {
            text("informational")
        } else {
            "vulnerability".to_owned()
        },
        patched: ranges("patched"),
        unaffected: ranges("unaffected"),
        date: text("date"),
    }
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
    let row = facts(&head_of(SAMPLE));
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
    assert!(is_withdrawn(&head_of(&withdrawn)) && !is_withdrawn(&head_of(SAMPLE)));
    let informs = SAMPLE.replace(dated, &format!("{dated}\ninformational = \"unmaintained\""));
    assert_eq!(facts(&head_of(&informs)).kind, "unmaintained");
}
