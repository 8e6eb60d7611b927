//! The name of an item: `*short name*item`, with the short name of its classification code.
//!
//! Guards: what is printed between the stars is the code's own short name (E1311), or an older one
//! of it, which is a warning. A name without stars is what a merchant types; the short name is put
//! before it, and the result is what the document holds, what is shown, and what the limit of
//! length counts. Where the code is not in the table, or the rule set has none, only the shape can
//! be judged, and without a table not even that is refused.

use super::bounds::NAME_CHARS_MAX;
use super::pointer::Pointer;
use super::report::{Report, excerpt};
use super::texts::{is_blank, required};
use crate::failure::{FailureCode, WarningCode};
use crate::fault::{Fault, Warning};
use crate::tax::{ClassRow, ClassTable, RuleSet};

/// Stars as they are typed; the second is full-width, and never right.
const STARS: [char; 2] = ['*', '＊'];

/// How a name is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape<'a> {
    /// No star in front.
    Plain,
    /// `*short name*item`.
    Marked { short_name: &'a str },
    /// Stars, but not so; with what could be the item, which may be empty.
    Malformed { item: &'a str },
}

/// Reads the name of a line with this code, as the document shall hold it.
pub(super) fn read(
    text: Option<&str>,
    class_code: Option<u64>,
    rules: &RuleSet,
    pointer: Pointer<'_>,
    report: &mut Report,
) -> Option<String> {
    let name = text.filter(|text| !is_blank(text)).map(str::to_owned);
    let row = rules.classes.zip(class_code);
    let row = row.and_then(|(table, code)| table.get(code));
    let row = row.filter(|row| !row.short_name.is_empty());
    let whole = match (&name, row) {
        (Some(name), Some(row)) if shape(name) == Shape::Plain => Some(marked(row, name)),
        _ => None,
    };
    // What is put before the name counts, and what is refused of the name is refused of the whole.
    let before = report.faults.len();
    let read = required(report, pointer, whole.as_deref().or(text), NAME_CHARS_MAX)?;
    let name = name?;
    let mut found = report.faults.iter().skip(before);
    if found.any(|fault| fault.code == FailureCode::FieldBadCharacter) {
        // It may stand in the short name, which then is no other one.
        return Some(read);
    }
    match shape(&name) {
        Shape::Plain => {
            let mut warning = Warning::at(WarningCode::ItemNameWithoutShortName, pointer, name);
            warning.suggested = whole;
            report.warnings.push(warning);
        }
        Shape::Marked { short_name } => {
            if let (Some(row), Some(table)) = (row, rules.classes) {
                return Some(judge_short_name(
                    short_name,
                    row,
                    table,
                    (pointer, &name),
                    report,
                ));
            }
        }
        Shape::Malformed { .. } if rules.classes.is_none() => {
            let code = WarningCode::ItemNameWithoutShortName;
            report.warnings.push(Warning::at(code, pointer, name));
        }
        Shape::Malformed { item } => return Some(refuse(item, row, (pointer, &name), report)),
    }
    Some(read)
}

/// Compares the short name with the code's; gives back the name as it should be.
fn judge_short_name(
    short_name: &str,
    row: ClassRow,
    table: &ClassTable,
    (pointer, name): (Pointer<'_>, &str),
    report: &mut Report,
) -> String {
    if short_name == row.short_name {
        return name.to_owned();
    }
    let item = item_of(name);
    let mut known = core::iter::once(row).chain(table.above(row.code));
    if known.any(|row| [row.name, row.short_name].contains(&short_name)) {
        let code = WarningCode::ItemNameOlderShortName;
        let warning = Warning::at(code, pointer, name);
        report.warnings.push(warning.suggested(marked(row, item)));
        return name.to_owned();
    }
    refuse(item, Some(row), (pointer, name), report)
}

/// Refuses a name and suggests one; gives back the suggestion, so that what is compared with this
/// name is compared with what it should be.
fn refuse(
    item: &str,
    row: Option<ClassRow>,
    (pointer, name): (Pointer<'_>, &str),
    report: &mut Report,
) -> String {
    let fault = Fault::at(FailureCode::ItemNameShortName, pointer).got(excerpt(name));
    let Some(row) = row else {
        report.refuse(fault.expected("*short name*item, or an item without a star in front"));
        return name.to_owned();
    };
    let item = if item.is_empty() { row.name } else { item };
    let suggested = marked(row, item);
    let expected = format!("*{}*item", row.short_name);
    report.refuse(fault.expected(expected).suggested(suggested.clone()));
    suggested
}

/// An item with its short name.
fn marked(row: ClassRow, item: &str) -> String {
    format!("*{}*{item}", row.short_name)
}

/// Reads the stars. An item may hold stars too (`10*20`), but not start with one.
fn shape(name: &str) -> Shape<'_> {
    if !name.trim_start().starts_with(STARS) {
        return Shape::Plain;
    }
    let parts = name.strip_prefix('*').and_then(|rest| rest.split_once('*'));
    match parts {
        Some((short_name, item))
            if !is_blank(short_name)
                && !is_blank(item)
                && !item.trim_start().starts_with(STARS) =>
        {
            Shape::Marked { short_name }
        }
        _ => Shape::Malformed {
            item: item_of(name),
        },
    }
}

/// What stands after the second star, or after the first where there is no second one or nothing
/// after it, without stars and blanks around it.
fn item_of(name: &str) -> &str {
    let around = |c: char| STARS.contains(&c) || c.is_whitespace();
    let first = name.trim_start().trim_start_matches(STARS);
    let second = first.split_once(STARS).map_or("", |(_short, item)| item);
    let second = second.trim_matches(around);
    if second.is_empty() {
        first.trim_matches(around)
    } else {
        second
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_of_a_name_is_told_by_its_first_two_stars() {
        for plain in ["餐费", "螺丝 M8*20", "10*20", "a"] {
            assert_eq!(shape(plain), Shape::Plain, "{plain}");
        }
        for (name, short_name) in [("*餐饮*餐费", "餐饮"), ("*a*10*20", "a"), ("* a *b", " a ")]
        {
            assert_eq!(shape(name), Shape::Marked { short_name }, "{name}");
        }
        for (name, item) in [
            ("*餐费", "餐费"),
            ("**餐费", "餐费"),
            ("*餐饮*", "餐饮"),
            ("*餐饮**餐费", "餐费"),
            ("＊餐饮＊餐费", "餐费"),
            (" *餐饮*餐费", "餐费"),
            ("*餐饮* ", "餐饮"),
            ("*", ""),
            ("***", ""),
            ("* *", ""),
        ] {
            assert_eq!(shape(name), Shape::Malformed { item }, "{name}");
        }
    }
}
