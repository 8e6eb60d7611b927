//! Taking what a check suggests into a draft, as text in and text out.
//!
//! Guards: a suggestion stands at the pointer of its failure and nothing else is touched: members
//! keep their order, numbers their digits. An empty suggestion leaves the member out.

use piao_api::strict_json::Json;
use piao_api::wire::Failure;

/// How often a draft is checked and repaired again at most: a line must be right before the sums
/// over lines can be, and a sum before its capitals.
pub(crate) const ROUNDS_MAX: usize = 6;

/// One member that was changed.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Fix {
    /// The code that asked for it.
    pub(crate) code: String,
    /// The member.
    pub(crate) pointer: String,
    /// What it said; null if it was no text.
    pub(crate) from: Option<String>,
    /// What it says now; empty if it was left out.
    pub(crate) to: String,
}

/// Applies every suggestion there is a place for, the first of each place; says which.
pub(crate) fn apply(draft: &mut Json, failures: &[Failure]) -> Vec<Fix> {
    let mut fixed: Vec<Fix> = Vec::new();
    for failure in failures {
        let (Some(pointer), Some(to)) = (&failure.pointer, &failure.suggested) else {
            continue;
        };
        if fixed.iter().any(|done| done.pointer == *pointer) {
            continue;
        }
        if let Some(from) = put(draft, pointer, to) {
            fixed.push(Fix {
                code: failure.code.clone(),
                pointer: pointer.clone(),
                from,
                to: to.clone(),
            });
        }
    }
    fixed
}

/// Puts a text at a pointer and returns what was there; `None` if it has no place or would change
/// nothing. An object that is missing above it is made.
#[expect(
    clippy::option_option,
    reason = "outer: no place; inner: no text was there"
)]
fn put(draft: &mut Json, pointer: &str, text: &str) -> Option<Option<String>> {
    let (parents, name) = pointer.strip_prefix('/')?.rsplit_once('/').map_or_else(
        || (None, pointer.strip_prefix('/').unwrap_or_default()),
        |(parents, name)| (Some(parents), name),
    );
    let mut place = draft;
    for part in parents.into_iter().flat_map(|parents| parents.split('/')) {
        place = step(place, part)?;
    }
    let old = match place {
        Json::Object(members) => {
            let name = unescaped(name);
            let index = members.iter().position(|(given, _)| *given == name);
            match (index, text.is_empty()) {
                (Some(index), true) => members.remove(index).1,
                (None, true) => return None,
                (Some(index), false) => {
                    let (_, value) = members.get_mut(index)?;
                    core::mem::replace(value, Json::Text(text.to_owned()))
                }
                (None, false) => {
                    members.push((name, Json::Text(text.to_owned())));
                    Json::Null
                }
            }
        }
        Json::Array(items) => {
            let item = items.get_mut(name.parse::<usize>().ok()?)?;
            core::mem::replace(item, Json::Text(text.to_owned()))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => return None,
    };
    match old {
        Json::Text(old) if old == text => None,
        Json::Text(old) | Json::Number(old) => Some(Some(old)),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => Some(None),
    }
}

/// One step down a pointer.
fn step<'a>(place: &'a mut Json, part: &str) -> Option<&'a mut Json> {
    match place {
        Json::Object(members) => {
            let name = unescaped(part);
            let index = members.iter().position(|(given, _)| *given == name);
            let index = index.unwrap_or_else(|| {
                members.push((name, Json::Object(Vec::new())));
                members.len().saturating_sub(1)
            });
            members.get_mut(index).map(|(_, value)| value)
        }
        Json::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => None,
    }
}

/// A part of a pointer as the name it stands for (RFC 6901).
fn unescaped(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// A draft as text, indented by two, with a newline at its end.
pub(crate) fn text_of(draft: &Json) -> String {
    let mut text = String::new();
    write(draft, 0, &mut text);
    text.push('\n');
    text
}

/// Depth is bounded by the reader, which refuses deep nesting.
fn write(value: &Json, depth: usize, text: &mut String) {
    match value {
        Json::Null => text.push_str("null"),
        Json::Bool(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Json::Number(number) => text.push_str(number),
        Json::Text(string) => text.push_str(&quoted(string)),
        Json::Array(items) => {
            let items = items.iter().map(|item| (None, item));
            write_all(('[', ']'), items, depth, text);
        }
        Json::Object(members) => {
            let members = members.iter().map(|(name, value)| (Some(name), value));
            write_all(('{', '}'), members, depth, text);
        }
    }
}

fn write_all<'a>(
    (open, close): (char, char),
    values: impl ExactSizeIterator<Item = (Option<&'a String>, &'a Json)>,
    depth: usize,
    text: &mut String,
) {
    let count = values.len();
    text.push(open);
    for (index, (name, value)) in values.enumerate() {
        text.push('\n');
        text.push_str(&"  ".repeat(depth.saturating_add(1)));
        if let Some(name) = name {
            text.push_str(&quoted(name));
            text.push_str(": ");
        }
        write(value, depth.saturating_add(1), text);
        if index.saturating_add(1) < count {
            text.push(',');
        }
    }
    if count > 0 {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    }
    text.push(close);
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_api::strict_json;
    use piao_chain::failure::FailureCode;
    use piao_chain::fault::Fault;

    fn suggest(pointer: &str, to: &str) -> Failure {
        let fault = Fault::at(FailureCode::LineTaxMismatch, pointer).suggested(to);
        Failure::from_fault(&fault, None)
    }

    fn fixed(draft: &str, failures: &[Failure]) -> (String, Vec<Fix>) {
        let mut json = strict_json::read(draft.as_bytes()).unwrap();
        let fixes = apply(&mut json, failures);
        let text: String = text_of(&json).split_whitespace().collect();
        (text, fixes)
    }

    #[test]
    fn a_suggestion_changes_its_member_and_nothing_else() {
        let draft = r#"{"z":1.50,"lines":[{"tax":"7.00","x":[]},{"rate":0.06}],"a":null}"#;
        let failures = [
            suggest("/lines/0/tax", "6.00"),
            suggest("/lines/0/tax", "5.00"),
            suggest("/lines/1/rate", "0.06"),
            suggest("/totals/gross", "106.00"),
            suggest("/a", ""),
            suggest("/lines/9/tax", "1.00"),
            suggest("/z/deep", "1.00"),
        ];
        let (text, fixes) = fixed(draft, &failures);
        assert_eq!(
            text,
            r#"{"z":1.50,"lines":[{"tax":"6.00","x":[]},{"rate":"0.06"}],"totals":{"gross":"106.00"}}"#
        );
        let told: Vec<_> = fixes
            .iter()
            .map(|fix| (fix.pointer.as_str(), fix.from.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("/lines/0/tax", Some("7.00")),
                ("/lines/1/rate", Some("0.06")),
                ("/totals/gross", None),
                ("/a", None)
            ]
        );
    }

    #[test]
    fn what_stands_there_already_is_no_fix() {
        let (_, fixes) = fixed(
            r#"{"kind":"general"}"#,
            &[suggest("/kind", "general"), suggest("/x", "")],
        );
        assert_eq!(fixes, []);
    }

    #[test]
    fn a_draft_reads_back_as_it_was_written() {
        let draft = r#"{"a~/\"\n\u0007":"字","list":[1,-0.0,[],{}],"t":true,"f":false,"n":null}"#;
        let json = strict_json::read(draft.as_bytes()).unwrap();
        let text = text_of(&json);
        assert_eq!(strict_json::read(text.as_bytes()).unwrap(), json);
    }
}
