//! What a replacement says otherwise than the invoice in whose place it stands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::InvoiceDocument;

/// Members that two invoices never share: where the chain keeps one, and when it was issued.
const PLACE: [&str; 9] = [
    "number",
    "counter",
    "invoice_id",
    "issued_at",
    "fee",
    "txid",
    "height",
    "block_id",
    "final_at",
];

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(utoipa::ToSchema))]
pub struct Change {
    /// JSON pointer into both invoices, as `/lines/0/amount`.
    pub pointer: String,
    /// What the old one says; null where it says nothing.
    pub before: Option<String>,
    /// What the new one says; null where it says nothing.
    pub after: Option<String>,
}

/// A path into a document: names, and places in a list by their number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Place(usize),
    Name(String),
}

/// Every field in which two documents differ, by name and then by line; their place on the chain
/// does not count. As many at most as the two have fields.
///
/// A line is compared with the one at its own place: one that was put in shows as changes of all
/// that follow.
#[must_use]
pub fn changes(before: &InvoiceDocument, after: &InvoiceDocument) -> Vec<Change> {
    let (before, after) = (fields(before), fields(after));
    let mut paths: Vec<&Vec<Step>> = before.keys().chain(after.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    let differ = paths
        .into_iter()
        .filter(|path| before.get(*path) != after.get(*path));
    differ
        .map(|path| Change {
            pointer: pointer(path),
            before: before.get(path).cloned(),
            after: after.get(path).cloned(),
        })
        .collect()
}

fn fields(document: &InvoiceDocument) -> BTreeMap<Vec<Step>, String> {
    let mut fields = BTreeMap::new();
    // A document of strings, numbers and lists always becomes JSON.
    let mut value = serde_json::to_value(document).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        for name in PLACE {
            members.remove(name);
        }
    }
    gather(&value, &mut Vec::new(), &mut fields);
    fields
}

/// The recursion is as deep as the type: three levels.
fn gather(value: &Value, path: &mut Vec<Step>, fields: &mut BTreeMap<Vec<Step>, String>) {
    let text = match value {
        Value::Null => return,
        Value::Object(members) => {
            for (name, value) in members {
                path.push(Step::Name(name.clone()));
                gather(value, path, fields);
                path.pop();
            }
            return;
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                path.push(Step::Place(at));
                gather(value, path, fields);
                path.pop();
            }
            return;
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    fields.insert(path.clone(), text);
}

fn pointer(path: &[Step]) -> String {
    let mut pointer = String::new();
    for step in path {
        pointer.push('/');
        match step {
            Step::Place(at) => pointer.push_str(&at.to_string()),
            // No member's name holds a character that a pointer escapes.
            Step::Name(name) => pointer.push_str(name),
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document(lines: usize) -> InvoiceDocument {
        let line = json!({ "name": "a", "amount": "1.00", "discount": false });
        let value = json!({
            "number": "1", "counter": 1, "invoice_id": "", "network": "test", "account": 1,
            "kind": "general", "currency": "CNY", "issued_at": "", "seller": {}, "fee": "",
            "buyer": { "name": "right" }, "lines": vec![line; lines],
            "totals": { "amount": "1.00", "tax": "0.00", "gross": "1.00" },
            "txid": "", "height": 1, "block_id": "", "final_at": "",
        });
        serde_json::from_value(value).unwrap()
    }

    fn change(pointer: &str, before: Option<&str>, after: Option<&str>) -> Change {
        Change {
            pointer: pointer.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn what_was_changed_added_and_left_out_is_named_and_nothing_else() {
        let before = document(11);
        let mut after = document(11);
        after.number = "2".to_owned();
        after.height = 7;
        assert_eq!(changes(&before, &after), []);
        after.buyer.name = None;
        after.buyer.email = Some("a@b.cn".to_owned());
        after.lines[10].amount = Some("2.00".to_owned());
        after.lines[9].amount = Some("3.00".to_owned());
        let expected = [
            change("/buyer/email", None, Some("a@b.cn")),
            change("/buyer/name", Some("right"), None),
            change("/lines/9/amount", Some("1.00"), Some("3.00")),
            change("/lines/10/amount", Some("1.00"), Some("2.00")),
        ];
        assert_eq!(changes(&before, &after), expected);
    }

    #[test]
    fn a_line_more_is_its_fields_out_of_nothing() {
        let found = changes(&document(1), &document(2));
        let pointers: Vec<&str> = found.iter().map(|one| one.pointer.as_str()).collect();
        let expected = ["/lines/1/amount", "/lines/1/discount", "/lines/1/name"];
        assert_eq!(pointers, expected);
        assert!(found.iter().all(|one| one.before.is_none()));
    }
}
