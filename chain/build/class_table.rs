//! From the two files of classification codes to sorted arrays.
//!
//! Guards: every row has the shape that `data/README.md` says, codes ascend without a gap in their
//! levels, and what is in doubt is marked so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Rates as they are written, in the order of their bits in the flags.
const RATES: [&str; 4] = ["0.13", "0.09", "0.06", "0"];
/// Place of the certainty in the flags.
const CERTAINTY_SHIFT: u32 = 4;
/// Flag of a summary node.
const SUMMARY: u8 = 1 << 6;
/// Flag of a retired code.
const RETIRED: u8 = 1 << 7;
/// The certainty of a row that has no rates.
const NO_RATES: u8 = 3;
/// Bytes of a code.
const CODE_DIGITS: usize = 19;

/// Sorted arrays, one entry for each code.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Compiled {
    /// Ascending.
    pub(crate) codes: Vec<u64>,
    /// Rates, certainty, summary, retired.
    pub(crate) flags: Vec<u8>,
    /// Names, in the order of the codes.
    pub(crate) names: Vec<String>,
    /// Which of `short_names` a code has.
    pub(crate) short_name_of: Vec<u16>,
    /// Each once.
    pub(crate) short_names: Vec<String>,
}

struct Row {
    name: String,
    short_name: String,
    flags: u8,
}

/// Compiles the text of both files.
///
/// # Errors
/// The file, the line and what is wrong with it.
pub(crate) fn compile(listed: &str, retired: &str) -> Result<Compiled, String> {
    let mut rows = BTreeMap::new();
    let head = "code,name,short_name,rates,is_summary,basis,rate_basis";
    read("listed", listed, head, |fields| {
        let [code, name, short_name, rates, is_summary, basis, rate_basis] = fields else {
            return Err("it has not seven fields".into());
        };
        let flags = flags_of(code, rates, is_summary, basis, rate_basis)?;
        if short_name.is_empty() {
            return Err("it has no short name".into());
        }
        insert(&mut rows, code, name, short_name, flags)
    })?;
    let in_force: BTreeSet<String> = rows.keys().cloned().collect();
    check_levels(&rows)?;
    doubt_childless(&mut rows);
    let mut gone = BTreeSet::new();
    read("retired", retired, "code,name,short_name", |fields| {
        let [code, name, short_name] = fields else {
            return Err("it has not three fields".into());
        };
        if in_force.contains(*code) {
            return Err("it is in force".into());
        }
        gone.insert((*code).to_owned());
        insert(
            &mut rows,
            code,
            name,
            short_name,
            RETIRED | (NO_RATES << CERTAINTY_SHIFT),
        )
    })?;
    for parent in gone.iter().flat_map(|code| above(code)) {
        // In force the summary of retired codes may be a leaf; a retired one is a summary.
        if let Some(row) = rows.get_mut(&parent).filter(|_| gone.contains(&parent)) {
            row.flags |= SUMMARY;
        }
    }
    arrays(rows)
}

/// Hands the fields of each line to `row`; codes must ascend.
fn read(
    file: &str,
    text: &str,
    head: &str,
    mut row: impl FnMut(&[&str]) -> Result<(), String>,
) -> Result<(), String> {
    let mut lines = text.lines();
    if lines.next() != Some(head) {
        return Err(format!("{file}: the first line is not {head:?}"));
    }
    let mut before = "";
    for (number, line) in (2..).zip(lines) {
        let fields: Vec<&str> = line.split(',').collect();
        let code = fields.first().copied().unwrap_or_default();
        let ascends = before < code;
        before = code;
        let result = if ascends {
            row(&fields)
        } else {
            Err("codes do not ascend".into())
        };
        result.map_err(|what| format!("{file} line {number}: {what}: {line:?}"))?;
    }
    Ok(())
}

fn insert(
    rows: &mut BTreeMap<String, Row>,
    code: &str,
    name: &str,
    short_name: &str,
    flags: u8,
) -> Result<(), String> {
    let digits = code.len() == CODE_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || !(b'1'..=b'6').contains(code.as_bytes().first().unwrap_or(&0)) {
        return Err("its code is not 19 digits from 1 to 6".into());
    }
    for text in [name, short_name] {
        let odd = |c: char| c == '*' || c == '"' || c.is_control();
        if text.contains(odd) || text.trim() != text {
            return Err(
                "a name has a star, a quote, a control character or blanks around it".into(),
            );
        }
    }
    if name.is_empty() {
        return Err("it has no name".into());
    }
    let row = Row {
        name: name.to_owned(),
        short_name: short_name.to_owned(),
        flags,
    };
    rows.insert(code.to_owned(), row);
    Ok(())
}

/// Rates, certainty and summary of a code in force.
fn flags_of(
    code: &str,
    rates: &str,
    is_summary: &str,
    basis: &str,
    rate_basis: &str,
) -> Result<u8, String> {
    if !matches!(basis, "2017-12" | "2026-06") {
        return Err("its basis is not known".into());
    }
    match is_summary {
        "1" => return Ok(SUMMARY | (NO_RATES << CERTAINTY_SHIFT)),
        "0" => {}
        _ => return Err("is_summary is neither 0 nor 1".into()),
    }
    let certainty = match rate_basis {
        "2026-06" => 0,
        "default13" => 1,
        "law-unchecked" => 2,
        _ => return Err("its rate_basis is not known".into()),
    };
    let mut bits = 0;
    for rate in rates.split(';') {
        let Some(place) = RATES.iter().position(|known| *known == rate) else {
            return Err("it has a rate that is none".into());
        };
        if bits >> place != 0 {
            return Err("its rates do not descend".into());
        }
        bits |= 1 << place;
    }
    // Codes outside the tax have the rate 0 alone, and no other code has it.
    if (rates == "0") != code.starts_with('6') || (bits & 1 << 3 != 0) != (rates == "0") {
        return Err("the rate 0 belongs to the codes under 6".into());
    }
    Ok(bits | (certainty << CERTAINTY_SHIFT))
}

/// The codes above a code, from the nearest on: each level is two digits.
fn above(code: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for digits in (1..CODE_DIGITS).step_by(2).rev() {
        let parent = format!("{:0<CODE_DIGITS$}", code.get(..digits).unwrap_or_default());
        if parent != code && !found.contains(&parent) {
            found.push(parent);
        }
    }
    found
}

/// Every code above another is there, and is a summary.
fn check_levels(rows: &BTreeMap<String, Row>) -> Result<(), String> {
    for code in rows.keys() {
        for parent in above(code) {
            if rows.get(&parent).is_none_or(|row| row.flags & SUMMARY == 0) {
                return Err(format!("{parent}, above {code}, is no summary"));
            }
        }
    }
    Ok(())
}

/// A summary with nothing below it may have become a leaf: it is not called a summary.
fn doubt_childless(rows: &mut BTreeMap<String, Row>) {
    let parents: BTreeSet<String> = rows.keys().flat_map(|code| above(code)).collect();
    for (code, row) in rows.iter_mut() {
        if !parents.contains(code) {
            row.flags &= !SUMMARY;
        }
    }
}

fn arrays(rows: BTreeMap<String, Row>) -> Result<Compiled, String> {
    let names: BTreeSet<String> = rows.values().map(|row| row.short_name.clone()).collect();
    let short_names: Vec<String> = names.into_iter().collect();
    let mut table = Compiled {
        codes: Vec::new(),
        flags: Vec::new(),
        names: Vec::new(),
        short_name_of: Vec::new(),
        short_names,
    };
    for (code, row) in rows {
        let place = table.short_names.binary_search(&row.short_name);
        let place = place.map_err(|_place| "a short name is lost".to_owned())?;
        table.codes.push(
            code.parse()
                .map_err(|_source| format!("{code} is no number"))?,
        );
        table.flags.push(row.flags);
        table.names.push(row.name);
        table
            .short_name_of
            .push(u16::try_from(place).map_err(|_source| "too many short names")?);
    }
    Ok(table)
}

/// The arrays as Rust source.
pub(crate) fn render(table: &Compiled) -> String {
    let mut source = String::from("// Written by build.rs.\n");
    let numbers = |source: &mut String, name: &str, kind: &str, items: Vec<String>| {
        let (count, items) = (items.len(), items.join(", "));
        // Writing to a string can't fail.
        writeln!(source, "static {name}: [{kind}; {count}] = [{items}];").unwrap_or_default();
    };
    let texts = |list: &[String]| {
        let mut end = 0_usize;
        let ends = list.iter().map(|text| {
            end += text.len();
            end.to_string()
        });
        (ends.collect::<Vec<_>>(), list.concat())
    };
    let plain = |items: &[u64]| items.iter().map(u64::to_string).collect::<Vec<_>>();
    numbers(&mut source, "CODES", "u64", plain(&table.codes));
    let flags = table.flags.iter().map(u8::to_string).collect();
    numbers(&mut source, "FLAGS", "u8", flags);
    let places = table.short_name_of.iter().map(u16::to_string).collect();
    numbers(&mut source, "SHORT_NAME_OF", "u16", places);
    let (ends, text) = texts(&table.names);
    numbers(&mut source, "NAME_ENDS", "u32", ends);
    writeln!(source, "static NAMES: &str = {text:?};").unwrap_or_default();
    let (ends, text) = texts(&table.short_names);
    numbers(&mut source, "SHORT_NAME_ENDS", "u16", ends);
    writeln!(source, "static SHORT_NAMES: &str = {text:?};").unwrap_or_default();
    source
}
